/** What a failure measured of a job, in the words of a prediction. */
import type { Interval } from '../../base/interval.ts';
import type { Phase } from '../../base/phase.ts';
import { type Case, growthOfRun } from '../../diagnosis/case.ts';
import type { WeighedCause } from '../../diagnosis/weigh.ts';
import type { Moment } from '../../footprint/term.ts';
import { type ByCategory, byCategory } from './by-category.ts';

/** A part of what the process held, as printed or recorded. Bytes. */
export interface Measured {
  /** Moments of the prediction in which it can have failed; empty where the phase is not known. */
  readonly points: readonly Moment['point'][];
  readonly turn?: 'first' | 'later';
  readonly rank?: number;
  readonly device?: number;
  readonly requested?: Interval;
  /** Live tensors. */
  readonly live?: Interval;
  /** Cached by PyTorch and not in use. */
  readonly idle?: Interval;
  /** Of this process beside PyTorch's pool: context, libraries, NCCL. */
  readonly outside?: Interval;
  /** Of the live tensors, without the request: where a recording tells them apart. */
  readonly byCategory?: ByCategory;
  /** The diagnosis has found that something grows with the steps. */
  readonly isLeaking: boolean;
}

/** In which predicted moments a phase of a diagnosis can lie. */
const POINTS: Readonly<Record<Phase, readonly Moment['point'][]>> = {
  load: ['load'],
  init: ['load', 'profile'],
  transfer: ['load', 'forward', 'prefill'],
  forward: ['forward', 'prefill', 'profile', 'serve', 'denoise', 'render', 'encode'],
  backward: ['backward'],
  optimizer: ['optimizer'],
  eval: ['evaluate', 'prefill', 'forward'],
  generate: ['prefill', 'decode', 'serve', 'denoise', 'render'],
  prefill: ['prefill', 'profile', 'serve'],
  kv_alloc: ['kv_alloc', 'profile'],
  save: ['save'],
  capture: ['capture'],
  compile: ['forward', 'profile', 'capture'],
  unknown: [],
};

/** An engine that makes the states of the optimizer in its set-up is on its way to what a step holds. */
const pointsOf = (c: Case): readonly Moment['point'][] =>
  c.phase.value === 'init' && c.shows('optimizer-states') !== undefined
    ? ['load', 'optimizer']
    : POINTS[c.phase.value];

export function measuredOf(c: Case, causes: readonly WeighedCause[]): Measured {
  const { amounts, phase } = c;
  const { turn } = phase;
  // What the text tells of no process is own context and others together: no figure of either.
  const { requested, live, idle, outside } = amounts;
  const isLeaking =
    growthOfRun(c).length > 0 ||
    causes.some(({ cause, strength }) => cause.family === 'leak' && strength !== 'possible');
  const apart = c.isExact ? byCategory(c.ledger.atoms) : undefined;
  return {
    points: pointsOf(c),
    ...(turn !== undefined && { turn: turn === 'first' ? 'first' : 'later' }),
    ...(c.rank !== undefined && { rank: c.rank }),
    ...(c.device !== undefined && { device: c.device }),
    ...(requested !== undefined && { requested }),
    ...(live !== undefined && { live }),
    ...(idle !== undefined && { idle }),
    ...(outside !== undefined && { outside }),
    ...(apart !== undefined && { byCategory: apart }),
    isLeaking,
  };
}
