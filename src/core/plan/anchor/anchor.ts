/**
 * Holds a prediction against what a failure measured: factors move within their ranges until the model reproduces
 * it, and what no value of them accounts for remains as a signed residual, with a name where one can be found.
 *
 * A failure is an instant on the way to a peak. So live tensors are held between what a phase holds from its
 * beginning and the highest that it comes to; the request that failed counts to what the run needed.
 */
import {
  type Factor,
  type FactorValues,
  largest,
  type Modelled,
  plus,
  spread,
  withFactors,
} from '../../base/factor.ts';
import { type Interval, ZERO } from '../../base/interval.ts';
import type { PredictedAtom, PredictedMoment } from '../../footprint/footprint.ts';
import type { Role } from '../../footprint/ranks.ts';
import type { Moment } from '../../footprint/term.ts';
import type { Category } from '../../ledger/ledger.ts';
import type { Correction, Priced } from '../price.ts';
import { type AnchoredKind, anchoredKinds } from './by-category.ts';
import type { Measured } from './measured.ts';

/** What is compared. */
export type PartName = 'live' | 'idle' | 'outside';

export interface AnchoredPart {
  readonly name: PartName;
  /** Live tensors with the request that failed. */
  readonly measured: Interval;
  /** What the model can come to. */
  readonly predicted: Interval;
  /** Signed; 0 where the measured value lies in the range. */
  readonly residual: number;
}

export type ResidualName =
  | 'leak'
  | 'fragmentation'
  | 'second-copy'
  | 'outside'
  /** The run held less than what is described holds at least. */
  | 'smaller-run';

export interface Anchor {
  /** The role of ranks that the failure is taken to be of. */
  readonly role: string;
  /** The moment of the prediction; absent where the phase is not known, or none of the prediction's. */
  readonly moment?: Moment;
  readonly parts: readonly AnchoredPart[];
  /** Of the live tensors, where a recording tells them apart. */
  readonly kinds?: readonly AnchoredKind[];
  readonly correction: Correction;
  /** Of what was measured, or of what the model has where that is more. */
  readonly share: number;
  readonly residualName?: ResidualName;
  /** The model accounts for what was measured, to a tenth. */
  readonly holds: boolean;
}

/** From here on the model does not describe what ran. */
const MOST_RESIDUAL = 0.1;
/** How near a residual is to a part that it is named after. */
const NEAR = 0.05;

/** @returns undefined where the failure printed nothing that a prediction has. */
export function anchorOf({ prediction, job }: Priced, measured: Measured): Anchor | undefined {
  const { live, requested = ZERO, idle, outside, byCategory: apart } = measured;
  if (live === undefined && outside === undefined) return undefined;
  const role = roleOf(prediction.roles, measured);
  const moments = momentsOf(role, measured);
  const named = nearest(moments, measured);
  const fullest = moments.reduce((a, b) => (b.allocated.at(MIDS) > a.allocated.at(MIDS) ? b : a));
  const factors = new Map<string, Factor>();
  const parts: AnchoredPart[] = [];
  const kinds =
    live === undefined || apart === undefined
      ? undefined
      : anchoredKinds(moments, apart, job, (point) => HELD[point]);
  if (live !== undefined) {
    parts.push(withKinds(livePart(moments, live, requested, factors), kinds ?? []));
    if (idle !== undefined) parts.push(idlePart(moments, idle));
  }
  if (outside !== undefined) parts.push(outsidePart(moments, outside, factors));
  const residual = parts.reduce((sum, part) => sum + part.residual, 0);
  const whole = parts.reduce((sum, part) => sum + part.measured.mid, 0);
  // What is lacking in one part does not make up for what is too much in another.
  const amiss = parts.reduce((sum, part) => {
    const ofKinds = part.name === 'live' ? (kinds ?? []) : [];
    const apart = ofKinds.reduce((n, kind) => n + Math.abs(kind.residual), 0);
    return sum + Math.max(Math.abs(part.residual), apart);
  }, 0);
  // What the model has too much is a share of what it has.
  const of = whole + Math.max(0, -residual);
  const share = of > 0 ? amiss / of : 0;
  const residualName = residual === 0 ? undefined : nameOf(parts, fullest, measured);
  return {
    role: role.name,
    ...(named !== undefined && { moment: named }),
    parts,
    ...(kinds !== undefined && { kinds }),
    correction: { factors, residual },
    share,
    ...(residualName !== undefined && { residualName }),
    holds: share <= MOST_RESIDUAL,
  };
}

const MIDS: FactorValues = new Map();

/** Rank 0 where it differs, else the role that holds most. */
function roleOf(roles: readonly Role[], { rank, device }: Measured): Role {
  const own = roles.filter(({ name }) => {
    if (/^card \d+$/.test(name)) return device === undefined || name === `card ${device}`;
    if (rank === undefined || !/rank/.test(name)) return true;
    return /\brank 0$/.test(name) === (rank === 0);
  });
  const [first, ...rest] = own.length > 0 ? own : roles;
  if (first === undefined) throw new Error('a prediction has roles');
  const most = ({ footprint }: Role): number =>
    Math.max(...footprint.moments.map(({ allocated }) => allocated.at(MIDS)));
  return rest.reduce((best, next) => (most(next) > most(best) ? next : best), first);
}

/** The predicted moments that it can be; all of them where the phase is none of the prediction's. */
function momentsOf({ footprint }: Role, { points, turn }: Measured): readonly PredictedMoment[] {
  const first = points.find((point) =>
    footprint.moments.some(({ moment }) => moment.point === point),
  );
  // Of several readings of a phase those that this kind of job has: prefill and decode, or forward.
  const of = footprint.moments.filter(({ moment }) =>
    first === undefined ? true : points.includes(moment.point),
  );
  const turned = of.filter(({ moment }) => moment.turn === 'once' || moment.turn === turn);
  return turn === undefined || turned.length === 0 ? of : turned;
}

/** The moment that a phase most often is; of its turns the fullest. */
function nearest(moments: readonly PredictedMoment[], { points }: Measured): Moment | undefined {
  const point = points.find((one) => moments.some(({ moment }) => moment.point === one));
  const own = moments.filter(({ moment }) => moment.point === point);
  const [first, ...rest] = own;
  if (first === undefined) return undefined;
  return rest.reduce((a, b) => (b.allocated.at(MIDS) > a.allocated.at(MIDS) ? b : a), first).moment;
}

/** What is there from the beginning of a moment to its end. */
const HELD: Readonly<Record<Moment['point'], readonly Category[]>> = {
  load: [],
  forward: ['weights', 'optimizer', 'gradients'],
  // Gradients come one by one, in the first step states do.
  backward: ['weights', 'optimizer'],
  optimizer: ['weights', 'gradients'],
  evaluate: ['weights', 'optimizer', 'gradients'],
  save: ['weights', 'optimizer'],
  prefill: ['weights'],
  decode: ['weights'],
  encode: ['weights'],
  denoise: ['weights'],
  render: ['weights'],
  profile: ['weights'],
  kv_alloc: ['weights'],
  capture: ['weights', 'kv_cache'],
  serve: ['weights', 'kv_cache'],
};

const sumWhere = ({ atoms }: PredictedMoment, takes: (atom: PredictedAtom) => boolean): Modelled =>
  plus(...atoms.filter(takes).map(({ bytes }) => bytes));

const heldAtLeast = (predicted: PredictedMoment): Modelled =>
  sumWhere(
    predicted,
    ({ term }) => term.pool === 'torch' && HELD[predicted.moment.point].includes(term.category),
  );

function livePart(
  moments: readonly PredictedMoment[],
  live: Interval,
  requested: Interval,
  factors: Map<string, Factor>,
): AnchoredPart {
  const floors = moments.map((moment) => spread(heldAtLeast(moment)));
  const ceiling = largest(...moments.map(({ allocated }) => allocated));
  const top = spread(ceiling);
  const low = Math.min(...floors.map((floor) => floor.low));
  // The request is that of a segment: up to 2 MiB more than the tensor.
  const reached = live.mid + requested.mid;
  if (reached > ceiling.at(MIDS)) {
    for (const factor of reaching(ceiling, reached)) factors.set(factor.name, factor);
  }
  const residual =
    reached > top.high ? reached - highestOf(ceiling) : live.high < low ? live.high - low : 0;
  return {
    name: 'live',
    measured: {
      ...live,
      low: live.low + requested.low,
      mid: reached,
      high: live.high + requested.high,
    },
    predicted: { low, mid: top.mid, high: top.high, kind: 'p90' },
    residual: Math.abs(residual) < 1 ? 0 : residual,
  };
}

/** What is idle beyond any share that the model knows is lost to pieces. */
function idlePart(moments: readonly PredictedMoment[], idle: Interval): AnchoredPart {
  const parts = moments.map((moment) =>
    spread(sumWhere(moment, ({ term }) => term.category === 'idle')),
  );
  const predicted = parts.reduce((a, b) => (b.high > a.high ? b : a));
  const residual = Math.max(0, idle.low - predicted.high);
  return { name: 'idle', measured: idle, predicted: { ...predicted, low: 0 }, residual };
}

function outsidePart(
  moments: readonly PredictedMoment[],
  outside: Interval,
  factors: Map<string, Factor>,
): AnchoredPart {
  const beside = largest(
    ...moments.map((moment) => sumWhere(moment, ({ term }) => /^outside-/.test(term.pool))),
  );
  const predicted = spread(beside);
  for (const factor of reaching(beside, outside.mid)) {
    // Measured, so a range no more.
    factors.set(factor.name, { ...factor, low: factor.mid, high: factor.mid });
  }
  const now = withFactors(beside, factors).at(MIDS);
  return { name: 'outside', measured: outside, predicted, residual: outside.mid - now };
}

/**
 * What kinds of tensors have too much or too little by themselves, where that is more than their sum shows: a total can lie
 * below the peak of the model, while what is there already is not what the model has.
 */
function withKinds(live: AnchoredPart, kinds: readonly AnchoredKind[]): AnchoredPart {
  const residual = kinds.reduce((sum, kind) => sum + kind.residual, 0);
  return Math.abs(residual) > Math.abs(live.residual) ? { ...live, residual } : live;
}

const highestOf = (value: Modelled): number => value.at(along(value, 1));

/** All factors as far as the share `t` of their ranges, each in the direction in which the value grows. */
function along(value: Modelled, t: number): FactorValues {
  return new Map(
    value.factors.map((factor): [string, number] => {
      const { name, low, high } = factor;
      const falls =
        value.at(new Map([[name, low]])) > value.at(new Map([[name, high]])) ? 1 - t : t;
      return [name, low + falls * (high - low)];
    }),
  );
}

const HALVINGS = 24;

/**
 * Factors moved together until the value is what was measured, or as near as their ranges let it come: that is
 * their mid, and what lies below it their low end no more.
 */
function reaching(value: Modelled, measured: number): readonly Factor[] {
  if (value.factors.length === 0) return [];
  let [low, high] = [0, 1];
  for (let i = 0; i < HALVINGS; i += 1) {
    const middle = (low + high) / 2;
    if (value.at(along(value, middle)) < measured) low = middle;
    else high = middle;
  }
  const values = along(value, high);
  return value.factors.map((factor) => {
    const mid = values.get(factor.name) ?? factor.mid;
    const rises = mid >= factor.mid;
    return {
      ...factor,
      low: rises ? mid : factor.low,
      mid,
      high: rises ? factor.high : mid,
    };
  });
}

/** What the residual is, where something of its size or the diagnosis says so. */
function nameOf(
  parts: readonly AnchoredPart[],
  moment: PredictedMoment,
  { isLeaking }: Measured,
): ResidualName | undefined {
  const most = parts.reduce((a, b) => (Math.abs(b.residual) > Math.abs(a.residual) ? b : a));
  if (most.name === 'idle') return 'fragmentation';
  if (most.name === 'outside') return 'outside';
  if (most.residual < 0) return 'smaller-run';
  if (isLeaking) return 'leak';
  const weights = sumWhere(moment, ({ term }) => term.category === 'weights').at(MIDS);
  const isCopy = weights > 0 && Math.abs(most.residual - weights) <= NEAR * weights;
  return isCopy ? 'second-copy' : undefined;
}
