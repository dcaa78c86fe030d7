/**
 * What an engine printed of itself before it failed, held against the prediction: the weights that it loaded, and what
 * it measured for its cache when it had weighed all else.
 */
import { MiB } from '../../base/bytes.ts';
import { type Factor, plus, spread } from '../../base/factor.ts';
import type { Interval } from '../../base/interval.ts';
import type { Note } from '../../base/problem.ts';
import { say } from '../../base/texts.ts';
import { isUnknown } from '../../base/unknown.ts';
import type { Case } from '../../diagnosis/case.ts';
import type { Observed } from '../../diagnosis/observed.ts';
import type { KnownModel } from '../../footprint/decide.ts';
import { valueIn } from '../../ledger/observe.ts';
import type { Machine } from '../../workload/machine.ts';
import { cardsOf, type Priced } from '../price.ts';

const TEXTS = {
  en: {
    'engine-measured':
      'The engine measured {seen} for its cache, and the model has {modelled}: the difference is in use by something that is not in the model, and stands in what is planned here.',
    'engine-measured-more':
      'The engine measured {seen} for its cache, and the model has {modelled}: less is in use than predicted, and what is planned here counts on that.',
    'engine-apart':
      'The engine measured {seen} for its cache, and the job as it is described has {modelled}: its share of the card, the card or the model is another one, and what is planned here does not count on the measurement.',
    'other-weights':
      'The log has {seen} of weights on a card, and {model} as it is described has {modelled}: it may be another model, format or division among cards.',
  },
  zh: {
    'engine-measured':
      '引擎测得可用于缓存的是 {seen}，模型计算为 {modelled}：差额被模型之外的东西占用，这里的方案已计入。',
    'engine-measured-more':
      '引擎测得可用于缓存的是 {seen}，模型计算为 {modelled}：实际占用比预测少，这里的方案已计入。',
    'engine-apart':
      '引擎测得可用于缓存的是 {seen}，而按描述的任务应为 {modelled}：显存占比、显卡或模型与描述不同，这里的方案没有采用该测量值。',
    'other-weights':
      '日志中每张卡的权重是 {seen}，而按描述 {model} 应为 {modelled}：可能是另一个模型、另一种格式，或在显卡间的划分不同。',
  },
  ru: {
    'engine-measured':
      'Движок намерил для кэша {seen}, а по модели {modelled}: разницу занимает то, чего в модели нет, и планы здесь это учитывают.',
    'engine-measured-more':
      'Движок намерил для кэша {seen}, а по модели {modelled}: занято меньше, чем предсказано, и планы здесь это учитывают.',
    'engine-apart':
      'Движок намерил для кэша {seen}, а у описанной задачи {modelled}: доля карты, карта или модель там другие, и планы здесь на это измерение не опираются.',
    'other-weights':
      'В логе весов на карте {seen}, а у {model}, как она описана, — {modelled}: это может быть другая модель, другой формат или другое деление между картами.',
  },
} as const;

/** An engine that failed, with what it printed. */
interface FailedEngine {
  readonly case: Case;
  readonly observed: readonly Observed[];
}

/** What an engine measured for its cache on a card. */
export interface MeasuredCache {
  /** As printed; what its rounding allows is there at most. Bytes. */
  readonly seen: Interval;
  readonly modelled: number;
  /** What was measured is of another job than the described one. */
  readonly isApart: boolean;
  /** What they are the measurement has decided. */
  readonly factors: ReadonlyMap<string, Factor>;
}

/** Of a card: by so much at most a profile run and libraries are off, and by so much there can be less of them. */
const MOST_BEYOND = 0.1;
const MOST_LESS = 0.03;
/** A difference in the cache below this is within what the factors leave open. */
const SAME_CACHE = 64 * MiB;

/**
 * What vLLM measured for its cache on a card, and what the model has for it: the engine weighed all else on the way.
 * Nothing where the sequence itself needs another size than the model has it: that is another model or division.
 */
export function measuredCache(
  failed: FailedEngine,
  priced: Priced,
  machine: Machine,
): MeasuredCache | undefined {
  const { case: c } = failed;
  if (c.format !== 'vllm' || priced.job.serving?.kvBytes !== undefined) return undefined;
  const room = priced.rooms.find(({ limit }) => limit === 'longest-sequence');
  const there = valueIn(c.facts, 'kv_available');
  const needed = valueIn(c.facts, 'kv_needed');
  if (room === undefined || there === undefined) return undefined;
  const need = spread(room.need);
  if (needed !== undefined && Math.abs(needed.mid - need.mid) > 0.05 * need.mid) return undefined;
  const modelled = room.have.at(new Map());
  // A share of the card that is assumed can be another one; what is far off is another card or another model.
  const [less, more] = [modelled - there.mid, there.mid - modelled].map(
    (bytes) => bytes / cardsOf(machine).usable.mid,
  ) as [number, number];
  const isApart =
    less > MOST_BEYOND || more > MOST_LESS || weightsApart(failed, priced) !== undefined;
  const pinned = room.have.factors.map((factor): [string, Factor] => {
    const { name, mid } = factor;
    return [name, { ...factor, low: mid, high: mid }];
  });
  return { seen: there, modelled, isApart, factors: new Map(pinned) };
}

export function cacheNotes(cache: MeasuredCache | undefined): readonly Note[] {
  if (cache === undefined) return [];
  const { seen, modelled, isApart } = cache;
  if (Math.abs(seen.mid - modelled) < SAME_CACHE) return [];
  const isLess = seen.mid < modelled;
  const key = isApart ? 'engine-apart' : isLess ? 'engine-measured' : 'engine-measured-more';
  const text = say(TEXTS, key, {
    seen: { size: seen.mid },
    modelled: { size: modelled },
  });
  return [{ code: 'engine-measured', text }];
}

/** Weights that a log counts and a model has agree within so much, and so many bytes. */
const SAME_WEIGHTS = 0.06;
const SAME_BYTES = 256 * MiB;

interface Weights {
  readonly seen: number;
  readonly modelled: number;
}

/** What an engine printed of its weights, where the model that was named has others. */
function weightsApart(
  { case: c, observed }: FailedEngine,
  { prediction }: Priced,
): Weights | undefined {
  if (!c.isEngine) return undefined;
  const printed = observed.flatMap(({ sighted: { facts = [] } }) =>
    facts.flatMap(({ quantity, value }) =>
      quantity === 'weights' && !isUnknown(value) ? [value.mid] : [],
    ),
  );
  const modelled = prediction.roles.map(({ footprint: { moments } }) =>
    spread(
      plus(
        ...(moments[0]?.atoms ?? [])
          .filter(({ term: { category, pool } }) => category === 'weights' && pool !== 'host')
          .map(({ bytes }) => bytes),
      ),
    ),
  );
  if (printed.length === 0 || modelled.length === 0) return undefined;
  const agrees = printed.some((seen) =>
    modelled.some(
      ({ low, high }) =>
        seen >= low - Math.max(SAME_BYTES, SAME_WEIGHTS * low) &&
        seen <= high + Math.max(SAME_BYTES, SAME_WEIGHTS * high),
    ),
  );
  if (agrees) return undefined;
  return { seen: Math.max(...printed), modelled: Math.max(...modelled.map(({ mid }) => mid)) };
}

export function weightsNotes(
  failed: FailedEngine,
  priced: Priced,
  { model }: KnownModel,
): readonly Note[] {
  const apart = weightsApart(failed, priced);
  if (apart === undefined) return [];
  const text = say(TEXTS, 'other-weights', {
    seen: { size: apart.seen },
    modelled: { size: apart.modelled },
    model: model.name,
  });
  return [{ code: 'other-weights', text }];
}
