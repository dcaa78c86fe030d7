/** The predicted timeline of a job on one rank: a sum of terms for each moment that can be its highest. */
import { type FactorValues, type Modelled, plus } from '../base/factor.ts';
import { type Capacity, type Card, type Stage, WHOLE } from './engines/engine.ts';
import { enginePlan } from './engines/plan.ts';
import { passAt } from './inference.ts';
import type { Job } from './job.ts';
import type { Pool } from './pool.ts';
import { holdsGradients } from './static.ts';
import { trainingStep } from './step.ts';
import type { Moment, Scene, Term } from './term.ts';
import { terms as registry } from './terms.gen.ts';

export interface PredictedAtom {
  readonly term: Term;
  readonly bytes: Modelled;
}

export interface PredictedMoment {
  readonly moment: Moment;
  readonly atoms: readonly PredictedAtom[];
  /** Live tensors: max_memory_allocated. */
  readonly allocated: Modelled;
  /** With what the allocator holds idle: max_memory_reserved. */
  readonly reserved: Modelled;
  /** With what lies outside PyTorch's pool: what nvidia-smi shows for the process. */
  readonly device: Modelled;
  /** What the process holds in the host's memory for the job; its own code and data loaders are not in it. */
  readonly host: Modelled;
}

export interface Footprint {
  readonly moments: readonly PredictedMoment[];
  /** What an engine can serve; for jobs that serve. */
  readonly capacity?: Capacity;
}

const TRAINING: readonly Moment[] = [
  { point: 'load', turn: 'once' },
  { point: 'forward', turn: 'first' },
  { point: 'backward', turn: 'first' },
  { point: 'optimizer', turn: 'first' },
  { point: 'forward', turn: 'later' },
  { point: 'backward', turn: 'later' },
  { point: 'optimizer', turn: 'later' },
  { point: 'save', turn: 'later' },
];

const GENERATION: readonly Moment[] = [
  { point: 'load', turn: 'once' },
  { point: 'prefill', turn: 'once' },
  { point: 'decode', turn: 'once' },
];

/**
 * The timeline of a job. With `pool` (a step replayed by `poolOf`, some milliseconds) what the allocator holds idle is
 * that of the replay; without, an assumed share.
 * @param card what an engine plans for; asked for by jobs that serve.
 */
export function footprintOf(
  job: Job,
  capability?: number,
  card?: Card,
  stage: Stage = WHOLE,
  pool?: Pool,
): Footprint {
  if (job.purpose === 'serving') return served(job, card, stage);
  const isTraining = job.purpose === 'training';
  const steps = isTraining
    ? { first: trainingStep(job, false), later: trainingStep(job, holdsGradients(job)) }
    : {};
  const moments = isTraining ? TRAINING : GENERATION;
  return {
    moments: moments.map((moment) => {
      const pass = isTraining ? undefined : passAt(job, moment);
      const scene: Scene = {
        job,
        moment,
        steps,
        ...(pass === undefined ? {} : { pass }),
        ...(capability === undefined ? {} : { capability }),
        ...(pool === undefined ? {} : { pool }),
      };
      return predicted(scene);
    }),
  };
}

function served(job: Job, card: Card | undefined, stage: Stage): Footprint {
  if (card === undefined) throw new Error('an engine plans for a card: give its memory');
  const { moments, capacity } = enginePlan(job, card, stage);
  return {
    moments: moments.map(({ moment, bytes }) =>
      predicted({ job, moment, steps: {}, engine: bytes }),
    ),
    capacity,
  };
}

function predicted(scene: Scene): PredictedMoment {
  const atoms: PredictedAtom[] = [];
  const put = (at: Scene, which: (term: Term) => boolean): void => {
    for (const term of registry) {
      if (!which(term)) continue;
      // An engine says for each term what it holds; others are computed from the job.
      const bytes = at.engine === undefined ? term.at(at) : at.engine.get(term.id);
      if (bytes !== undefined) atoms.push({ term, bytes });
    }
  };
  const sumOf = (which: (term: Term) => boolean): Modelled =>
    plus(...atoms.filter(({ term }) => which(term)).map(({ bytes }) => bytes));
  put(scene, (term) => term.category !== 'idle');
  const allocated = sumOf((term) => term.pool === 'torch');
  put({ ...scene, allocated }, (term) => term.category === 'idle');
  return {
    moment: scene.moment,
    atoms,
    allocated,
    reserved: sumOf((term) => term.pool === 'torch'),
    device: sumOf((term) => term.pool !== 'host'),
    host: sumOf((term) => term.pool === 'host'),
  };
}

/** The highest of the moments by a view, with all factors at their mids. */
export function peakOf(
  footprint: Footprint,
  view: 'allocated' | 'reserved' | 'device' | 'host',
): PredictedMoment {
  const none: FactorValues = new Map();
  const [first, ...rest] = footprint.moments;
  if (first === undefined) throw new Error('a footprint has at least one moment');
  return rest.reduce(
    (best, next) => (next[view].at(none) > best[view].at(none) ? next : best),
    first,
  );
}
