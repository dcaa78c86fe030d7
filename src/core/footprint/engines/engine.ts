/** What all engines share: the moments of a start, what can be served then, and what stands against it. */
import {
  constant,
  type FactorValues,
  type Modelled,
  minus,
  overSample,
} from '../../base/factor.ts';
import { isBefore } from '../../base/unit.ts';
import type { Worked } from '../inputs.ts';
import type { Job, Serving } from '../job.ts';
import type { Moment } from '../term.ts';

export const MiB: number = 2 ** 20;
export const GiB: number = 2 ** 30;

/** The card that an engine starts on. Bytes. */
export interface Card {
  /** As people call it; engines look for names in it. */
  readonly name: string;
  /** What cudaMemGetInfo calls total. */
  readonly usable: number;
  readonly capability?: number;
}

/** Which part of a pipeline a process has. */
export interface Stage {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

export const WHOLE: Stage = { isFirst: true, isLast: true };

/** A condition of the engine: it starts only if what is needed is there. */
export interface Condition {
  readonly name: /** Weights, profile run and what lies outside the pool leave room for a cache in the engine's share. */
    | 'budget'
    /** One sequence of the longest length finds its pages. */
    | 'longest-sequence'
    /** All of it lies on the card. */
    | 'card'
    /** Every layer finds room on the card; the engine runs without, more slowly. */
    | 'all-layers';
  readonly need: Modelled;
  readonly have: Modelled;
}

/** What an engine can serve. */
export interface Capacity {
  readonly kvBytes: Modelled;
  /** Tokens that the cache holds, as the engine counts them. */
  readonly kvTokens: Modelled;
  /** Sequences of the longest length at once. */
  readonly sequences: Modelled;
  /** Tokens of the longest request, where the engine starts with a cache that is too small and cuts requests to it. */
  readonly longestRequest?: Modelled;
  /** Where an engine divides layers between the card and the host. */
  readonly layers?: PlacedLayers;
  readonly conditions: readonly Condition[];
}

export interface PlacedLayers {
  readonly onCard: number;
  /** The head counts as one. */
  readonly of: number;
  /** What lies in the host's memory: bytes. */
  readonly host: Modelled;
}

export interface EngineMoment {
  readonly moment: Moment;
  /** Bytes by the id of the term. */
  readonly bytes: ReadonlyMap<string, Modelled>;
}

export interface EnginePlan {
  readonly moments: readonly EngineMoment[];
  readonly capacity: Capacity;
  /** How terms come to their bytes in this engine, by their ids: a formula and what its symbols are. */
  readonly worked?: ReadonlyMap<string, Worked>;
}

/** The condition with the least room, all factors at their mids; below 0 the engine does not start. */
export function tightest(capacity: Capacity): { condition: Condition; room: number } | undefined {
  const mids: FactorValues = new Map();
  let found: { condition: Condition; room: number } | undefined;
  for (const condition of capacity.conditions) {
    const room = minus(condition.have, condition.need).at(mids);
    if (found === undefined || room < found.room) found = { condition, room };
  }
  return found;
}

/** The serving part of a job that is known to serve. */
export function servingOf(job: Job): Serving {
  if (job.serving === undefined)
    throw new Error('a job that serves says what its engine plans with');
  return job.serving;
}

/** True where the version is told and not before `than`; a version that is not told is a recent one. */
export const isFrom = (version: string | undefined, than: string): boolean =>
  version === undefined || !isBefore(version, than);

/** A value of a value. */
export const mapped = (value: Modelled, of: (bytes: number) => number): Modelled => ({
  factors: value.factors,
  at: (values) => of(value.at(values)),
  over: (sample) => overSample(value, sample).map(of),
});

export const NONE: Modelled = constant(0);
