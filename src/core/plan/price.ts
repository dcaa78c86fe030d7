/**
 * What a workload needs on a machine, against every limit that it has there: the card of each role of its
 * ranks, the host, the conditions of an engine. A change is priced by asking again; nothing else counts savings.
 */
import {
  constant,
  endsOf,
  type Factor,
  type FactorValues,
  type Modelled,
  minus,
  overSample,
  plus,
  SAMPLES,
  spread,
  withFactors,
} from '../base/factor.ts';
import type { Interval } from '../base/interval.ts';
import { isUnknown } from '../base/unknown.ts';
import { decide, type KnownModel } from '../footprint/decide.ts';
import type { Capacity } from '../footprint/engines/engine.ts';
import type { Footprint, PredictedMoment } from '../footprint/footprint.ts';
import type { Job } from '../footprint/job.ts';
import { apartOf, basisOf, Memo } from '../footprint/memo.ts';
import { areStatesAway } from '../footprint/optimizers.ts';
import { pagesAt, pagesOf } from '../footprint/paged.ts';
import { placed } from '../footprint/placed.ts';
import {
  getsThrough,
  isReplayable,
  NOTHING_IDLE,
  poolOf,
  type RoomFor,
} from '../footprint/pool.ts';
import { hostBytes, type Prediction, predict } from '../footprint/ranks.ts';
import { rolloutConditions } from '../footprint/rollout.ts';
import { hostPages } from '../footprint/terms/host-pages.ts';
import { pagedStates } from '../footprint/terms/paged-states.ts';
import { residual } from '../footprint/terms/residual.ts';
import type { Cards, Machine } from '../workload/machine.ts';
import type { SettingName } from '../workload/settings.ts';
import type { Workload } from '../workload/workload.ts';
import { VERDICTS, type Verdict } from './words.ts';

/** What is to run where. */
export interface Question {
  readonly workload: Workload;
  readonly known: KnownModel;
  readonly machine: Machine;
  /** Bytes of each card that are to stay free. */
  readonly margin: number;
  /** What a failure of the job showed: the prediction is corrected by it. */
  readonly correction?: Correction;
  /** Of an engine that failed: the limit at which it did. What a measure by itself gives is told there. */
  readonly failedAt?: Room['limit'];
}

/** What a measurement says of a prediction. */
export interface Correction {
  /** Factors with the ranges that agree with it. */
  readonly factors: ReadonlyMap<string, Factor>;
  /** What no value of the factors accounts for, on each card. Signed bytes. */
  readonly residual: number;
  /** What an engine measured to be in use before its cache, beyond the prediction. Signed bytes of each card. */
  readonly beyond?: number;
}

/** The prediction with what is known better, and what nothing accounts for as a part of every moment. */
function corrected({ roles }: Prediction, { factors, residual: rest }: Correction): Prediction {
  const known = (value: Modelled): Modelled => withFactors(value, factors);
  const more = constant(rest);
  const atMoment = (moment: PredictedMoment): PredictedMoment => {
    const atoms = moment.atoms.map(({ term, bytes }) => ({ term, bytes: known(bytes) }));
    return {
      ...moment,
      atoms: rest === 0 ? atoms : [...atoms, { term: residual, bytes: more }],
      allocated: known(moment.allocated),
      reserved: plus(known(moment.reserved), more),
      device: plus(known(moment.device), more),
    };
  };
  const ofCapacity = (capacity: Capacity): Capacity => ({
    ...capacity,
    kvBytes: known(capacity.kvBytes),
    kvTokens: known(capacity.kvTokens),
    sequences: known(capacity.sequences),
    conditions: capacity.conditions.map(({ name, need, have }) => ({
      name,
      need: known(need),
      have: known(have),
    })),
  });
  return {
    roles: roles.map((role) => {
      const { moments, capacity } = role.footprint;
      return {
        ...role,
        footprint: {
          ...role.footprint,
          moments: moments.map(atMoment),
          ...(capacity !== undefined && { capacity: ofCapacity(capacity) }),
        },
      };
    }),
  };
}

/** One limit and what stands against it. */
export interface Room {
  readonly limit: 'card' | 'cap' | 'host' | 'budget' | 'longest-sequence' | 'all-layers';
  /** Of ranks that have a limit of their own. */
  readonly role?: string;
  readonly need: Modelled;
  readonly have: Modelled;
}

export interface Priced {
  readonly job: Job;
  /** Settings that the job depends on. */
  readonly considered: ReadonlySet<SettingName>;
  readonly prediction: Prediction;
  /** The same as it lies on the cards: pages that could be away stay where there is room. */
  readonly shown: Prediction;
  readonly rooms: readonly Room[];
}

/**
 * How what the allocator holds idle is found where a step of the job can be replayed: by that replay, or not at all,
 * which is at once and the least that the job can need. Of other jobs both give the same.
 */
export type Idle = 'replayed' | 'none';

/** The cards that the job runs on: the first kind of the machine. */
export function cardsOf(machine: Machine): Cards {
  const [first] = machine.cards;
  if (first === undefined) throw new Error('a machine has cards');
  return first;
}

const NONE: FactorValues = new Map();

/** The most of all moments, as one value: factors are shared, the highest is found for each of their values. */
export function needOf({ moments }: Footprint, view: 'device' | 'reserved' = 'device'): Modelled {
  const factors = new Map(
    moments.flatMap((moment) =>
      moment[view].factors.map((factor) => [factor.name, factor] as const),
    ),
  );
  return {
    factors: [...factors.values()],
    rises: moments.every((moment) => moment[view].rises === true),
    at: (values) => moments.reduce((most, moment) => Math.max(most, moment[view].at(values)), 0),
    over: (sample) => {
      const most = new Float64Array(SAMPLES);
      for (const value of highest(moments.map((moment) => moment[view]))) {
        const column = overSample(value, sample);
        for (let i = 0; i < SAMPLES; i += 1)
          if ((column[i] as number) > (most[i] as number)) most[i] = column[i] as number;
      }
      return most;
    },
  };
}

/** Without those that are below another whatever their factors are. */
function highest(values: readonly Modelled[]): readonly Modelled[] {
  const ends = values.map((value) => endsOf(value));
  const floor = Math.max(...ends.map((end) => end?.low ?? 0));
  return values.filter((_, i) => (ends[i]?.high ?? floor) >= floor);
}

export function price(question: Question, idle: Idle = 'replayed'): Priced {
  const { workload, machine, margin, correction } = question;
  const cards = cardsOf(machine);
  const { job: described, considered } = decide(workload, question.known, cards);
  const job = withBeyond(described, correction?.beyond);
  const free = freeOf(machine, margin);
  const room = free - (correction?.residual ?? 0);
  const predicted = predictionOf(job, cards, room, idle);
  const known = held.get(predicted);
  if (known?.machine === machine && known.margin === margin && known.correction === correction) {
    const { prediction, shown, rooms } = known;
    return { job, considered, prediction, shown, rooms };
  }
  const prediction = correction === undefined ? predicted : corrected(predicted, correction);
  const shown = withPages(prediction, job, free);
  const rooms = roomsOf(job, prediction, shown, machine, free);
  held.set(predicted, { machine, margin, correction, prediction, shown, rooms });
  return { job, considered, prediction, shown, rooms };
}

/** An engine plans its cache with what is left, so that what it holds more takes room there first. */
const withBeyond = (job: Job, beyond: number | undefined): Job =>
  beyond === undefined || job.serving === undefined
    ? job
    : { ...job, serving: { ...job.serving, beyond } };

/** What a prediction was last held against: many situations of a search are the same job. */
const held = new WeakMap<
  Prediction,
  Pick<Question, 'machine' | 'margin'> &
    Pick<Priced, 'prediction' | 'shown' | 'rooms'> & { readonly correction: Correction | undefined }
>();

function roomsOf(
  job: Job,
  prediction: Prediction,
  shown: Prediction,
  machine: Machine,
  free: number,
): readonly Room[] {
  const rooms: Room[] = [];
  const { cap } = job.allocator ?? {};
  for (const { name, footprint } of prediction.roles) {
    rooms.push({ limit: 'card', role: name, need: needOf(footprint), have: constant(free) });
    if (cap !== undefined) {
      const need = needOf(footprint, 'reserved');
      rooms.push({ limit: 'cap', role: name, need, have: constant(cap) });
    }
    for (const { name: limit, ...condition } of footprint.capacity?.conditions ?? []) {
      if (limit !== 'card') rooms.push({ limit, role: name, ...condition });
    }
  }
  for (const { name: limit, ...condition } of rolloutConditions(job)) {
    if (limit !== 'card') rooms.push({ limit, ...condition });
  }
  if (!isUnknown(machine.host)) {
    const need = constant(hostBytes(shown, cardsOf(machine).count));
    rooms.push({ limit: 'host', need, have: constant(machine.host.mid) });
  }
  return rooms;
}

/** Predictions of jobs that differ in nothing they depend on. */
const predictions: Memo<Prediction> = new Memo();

function predictionOf(job: Job, cards: Cards, free: number, idle: Idle): Prediction {
  // What engines plan and pipelines do hangs on more than a basis and what is apart from it.
  if (job.purpose === 'serving' || job.pipeline !== undefined)
    return newPrediction(job, cards, free, idle);
  const { capability, count } = cards;
  const room = idle === 'none' ? '' : free;
  const key = `${capability} ${count} ${idle} ${room}${apartOf(job)}`;
  return predictions.get(basisOf(job), key, () => newPrediction(job, cards, free, idle));
}

/** Generation over several cards is one process whose layers are divided between them. */
const isSpread = (job: Job, cards: Cards): boolean =>
  job.purpose === 'generation' && cards.count > 1 && job.pipeline === undefined;

function newPrediction(job: Job, cards: Cards, free: number, idle: Idle): Prediction {
  if (!isSpread(job, cards) && isReplayable(job)) {
    if (idle === 'none') return predict(job, cards, NOTHING_IDLE);
    return replayed(job, cards, free, predictionOf(job, cards, free, 'none'));
  }
  if (!isSpread(job, cards)) return predict(job, cards);
  const roles = placed(job, cards.count).flatMap((part, index) =>
    predict(part, cards).roles.map(({ footprint }) => ({
      name: `card ${index}`,
      count: 1,
      footprint,
    })),
  );
  return { roles };
}

/** @param least the same job with nothing idle */
function replayed(job: Job, cards: Cards, free: number, least: Prediction): Prediction {
  const pool = poolOf(job, roomOf(job, free, least));
  return pool === undefined ? least : predict(job, cards, pool);
}

/** Pages of optimizer states fill what is left of the card. They are nothing that a job needs there, and take nothing from it. */
function withPages(prediction: Prediction, job: Job, free: number): Prediction {
  if (pagesOf(job) === undefined || areStatesAway(job)) return prediction;
  const atMoment = (moment: PredictedMoment): PredictedMoment => {
    const { stay, leave } = pagesAt(job, moment.moment) ?? { stay: 0, leave: 0 };
    const more = Math.min(leave, Math.max(0, free - moment.device.at(NONE)));
    if (more === 0) return moment;
    const others = moment.atoms.filter(({ term }) => term !== pagedStates && term !== hostPages);
    const away = leave - more;
    return {
      ...moment,
      atoms: [
        ...others,
        { term: pagedStates, bytes: constant(stay + more) },
        ...(away > 0 ? [{ term: hostPages, bytes: constant(away) }] : []),
      ],
      device: plus(moment.device, constant(more)),
      host: plus(moment.host, constant(-more)),
    };
  };
  return {
    roles: prediction.roles.map((role) => ({
      ...role,
      footprint: { ...role.footprint, moments: role.footprint.moments.map(atMoment) },
    })),
  };
}

/** What the allocator has for a replayed program: what lies outside of both takes its room first. */
function roomOf(job: Job, free: number, least: Prediction): RoomFor {
  const { cap = Number.POSITIVE_INFINITY } = job.allocator ?? {};
  const peak = peakMomentOf(least).moment;
  const allocated = peak.allocated.at(NONE);
  const outside = peak.device.at(NONE) - peak.reserved.at(NONE);
  const room = Math.min(free - outside, cap);
  return (live) => room - Math.max(0, allocated - live);
}

/**
 * Whether what was priced with nothing idle also gets through the allocator: one replay, and a short one where it
 * does not.
 */
export function isThrough(
  { job, prediction }: Priced,
  { machine, margin, correction }: Question,
): boolean {
  // A correction moves live tensors, and a replay does not know by how much; a replay is one of one card.
  if (correction !== undefined || isSpread(job, cardsOf(machine))) return true;
  return getsThrough(job, roomOf(job, freeOf(machine, margin), prediction));
}

/** Bytes of a card that the job may take. */
function freeOf(machine: Machine, margin: number): number {
  const { usable, taken } = cardsOf(machine);
  return Math.max(0, usable.mid - taken.mid - margin);
}

/** What is left at the mids of all factors; below 0 where it does not fit. Bytes. */
export function roomAt(room: Room): number {
  let left = lefts.get(room);
  if (left === undefined) {
    left = room.have.at(NONE) - room.need.at(NONE);
    lefts.set(room, left);
  }
  return left;
}

const lefts = new WeakMap<Room, number>();

/** The limit that is nearest, or most exceeded. */
export function tightest({ rooms }: Priced): Room {
  const [first, ...rest] = rooms;
  if (first === undefined) throw new Error('every job has a limit');
  return rest.reduce((worst, room) => (roomAt(room) < roomAt(worst) ? room : worst), first);
}

/** Between the middle and the 95th percentile, from where "probably" holds. */
const PROBABLY = 0.5;

/**
 * yes: the 95th percentile of the need fits. probably: what fits lies above the middle of the upper half of the range.
 * borderline: the range reaches over the limit. no: all of it is above.
 */
export function verdictOfRoom(room: Room): Verdict {
  const verdict = heldAgainst(room);
  // With some of its layers on the host it runs.
  return room.limit === 'all-layers' && verdict === 'no' ? 'borderline' : verdict;
}

function heldAgainst(room: Room): Verdict {
  const ends = room.have.factors.length === 0 ? endsOf(room.need) : undefined;
  if (ends !== undefined) {
    // Most situations are far from their limit on either side.
    const have = room.have.at(NONE);
    if (ends.high <= have) return 'yes';
    if (Math.round(ends.low) > Math.round(have)) return 'no';
  }
  const left: Interval = spread(minus(room.have, room.need));
  if (left.low >= 0) return 'yes';
  if (left.mid - PROBABLY * (left.mid - left.low) >= 0) return 'probably';
  return left.high >= 0 ? 'borderline' : 'no';
}

const worse = (a: Verdict, b: Verdict): Verdict =>
  VERDICTS.indexOf(a) >= VERDICTS.indexOf(b) ? a : b;

const verdicts = new WeakMap<readonly Room[], Verdict>();

export function verdictOf({ rooms }: Pick<Priced, 'rooms'>): Verdict {
  const known = verdicts.get(rooms);
  if (known !== undefined) return known;
  let worst: Verdict = 'yes';
  for (const room of rooms) worst = worse(worst, verdictOfRoom(room));
  verdicts.set(rooms, worst);
  return worst;
}

/** Whether a verdict is at least as good as another. */
export const isAtLeast = (verdict: Verdict, least: Verdict): boolean =>
  VERDICTS.indexOf(verdict) <= VERDICTS.indexOf(least);

/** The highest moment of the fullest role, by the device's view. */
function peakMomentOf(prediction: Prediction): {
  readonly role: string;
  readonly moment: PredictedMoment;
} {
  let found: { role: string; moment: PredictedMoment } | undefined;
  for (const { name, footprint } of prediction.roles) {
    for (const moment of footprint.moments) {
      if (found === undefined || moment.device.at(NONE) > found.moment.device.at(NONE)) {
        found = { role: name, moment };
      }
    }
  }
  if (found === undefined) throw new Error('a prediction has moments');
  return found;
}

/** The need of the fullest card at the mids. Bytes. */
export const peakBytes = (priced: Priced): number =>
  peakMomentOf(priced.prediction).moment.device.at(NONE);
