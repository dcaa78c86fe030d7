/**
 * Where a recording tells tensors apart, each kind of them is held against what the model has of it: totals can agree
 * while weights are too many and activations have not come yet.
 */
import { type Modelled, plus, spread } from '../../base/factor.ts';
import { bound, type Interval } from '../../base/interval.ts';
import { isUnknown } from '../../base/unknown.ts';
import type { PredictedMoment } from '../../footprint/footprint.ts';
import type { Job } from '../../footprint/job.ts';
import type { Moment } from '../../footprint/term.ts';
import { type Atom, type Category, isLive } from '../../ledger/ledger.ts';

/** Kinds that are compared. What a pass makes and lets go is one: frames do not part it as a prediction does. */
export type Kind = 'weights' | 'gradients' | 'optimizer' | 'kv_cache' | 'states' | 'passing';

const KIND_OF: Readonly<Partial<Record<Category, Kind>>> = {
  weights: 'weights',
  gradients: 'gradients',
  optimizer: 'optimizer',
  kv_cache: 'kv_cache',
  copies: 'passing',
  communication: 'passing',
  activations: 'passing',
  logits: 'passing',
  outputs: 'passing',
  temporaries: 'passing',
  inputs: 'passing',
  workspace: 'passing',
};

/** Flat buffers of sharding and fp32 copies of the weights are the one or the other, as frames have it. */
const MIXED: readonly Category[] = ['weights', 'gradients', 'optimizer', 'copies', 'communication'];

/** What a recording has of live tensors at a moment, by category. Bytes. */
export interface ByCategory {
  /** Told apart by stacks or by a profiler. */
  readonly sure: ReadonlyMap<Category, number>;
  /** By how long they lived alone: they can be of another kind. */
  readonly weak: ReadonlyMap<Category, number>;
  /** Of no kind that anything shows. */
  readonly unknown: number;
}

/** @returns undefined where less than half of the live bytes are told apart. */
export function byCategory(atoms: readonly Atom[]): ByCategory | undefined {
  const sure = new Map<Category, number>();
  const weak = new Map<Category, number>();
  let [unknown, all] = [0, 0];
  for (const { category, bytes, basis } of atoms) {
    if (!isLive(category) || isUnknown(bytes)) continue;
    all += bytes.mid;
    if (KIND_OF[category] === undefined) {
      unknown += bytes.mid;
      continue;
    }
    const into = basis === 'exact' ? sure : weak;
    into.set(category, (into.get(category) ?? 0) + bytes.mid);
  }
  return all === 0 || 2 * unknown > all ? undefined : { sure, weak, unknown };
}

export interface AnchoredKind {
  readonly kind: Kind;
  /** From what is surely of this kind to all that can be. */
  readonly measured: Interval;
  readonly predicted: Interval;
  /** Signed; 0 where both have a value in common. */
  readonly residual: number;
}

/** @param held categories that are there from the beginning of a moment to its end */
export function anchoredKinds(
  moments: readonly PredictedMoment[],
  measured: ByCategory,
  job: Pick<Job, 'masterWeights' | 'sharding'>,
  held: (point: Moment['point']) => readonly Category[],
): readonly AnchoredKind[] {
  const isMixed = job.masterWeights || job.sharding !== 'none';
  const kindOf = (category: Category): Kind | undefined =>
    isMixed && MIXED.includes(category) ? 'states' : KIND_OF[category];
  const bytesOf = (of: ReadonlyMap<Category, number>, kind?: Kind): number =>
    [...of].reduce((n, [category, bytes]) => {
      const isIt = kind === undefined || kindOf(category) === kind;
      return isIt ? n + bytes : n;
    }, 0);
  const inModel = ({ atoms }: PredictedMoment, kind: Kind, of?: readonly Category[]): Modelled =>
    plus(
      ...atoms
        .filter(
          ({ term: { pool, category } }) =>
            pool === 'torch' && kindOf(category) === kind && of?.includes(category) !== false,
        )
        .map(({ bytes }) => bytes),
    );
  const anyKind = bytesOf(measured.weak) + measured.unknown;
  const kinds: readonly Kind[] = [
    'weights',
    'gradients',
    'optimizer',
    'states',
    'kv_cache',
    'passing',
  ];
  return kinds.flatMap((kind): AnchoredKind[] => {
    const surely = bytesOf(measured.sure, kind);
    const seen: Interval = {
      ...bound(surely + bytesOf(measured.weak, kind)),
      low: surely,
      high: surely + anyKind,
    };
    const tops = moments.map((moment) => spread(inModel(moment, kind)));
    const floors = moments.map((moment) =>
      spread(inModel(moment, kind, held(moment.moment.point))),
    );
    const predicted: Interval = {
      low: Math.min(...floors.map(({ low }) => low)),
      mid: Math.max(...tops.map(({ mid }) => mid)),
      high: Math.max(...tops.map(({ high }) => high)),
      kind: 'p90',
    };
    if (seen.mid === 0 && predicted.high <= 0) return [];
    const residual =
      seen.low > predicted.high
        ? seen.low - predicted.high
        : seen.high < predicted.low
          ? seen.high - predicted.low
          : 0;
    return [{ kind, measured: seen, predicted, residual: Math.abs(residual) < 1 ? 0 : residual }];
  });
}
