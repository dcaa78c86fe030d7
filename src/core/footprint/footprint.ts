/** The predicted timeline of a job on one rank: a sum of terms for each moment that can be its highest. */
import { type FactorValues, type Modelled, plus } from '../base/factor.ts';
import type { Job } from './job.ts';
import { holdsGradients } from './static.ts';
import { inferencePass, trainingStep } from './step.ts';
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
  /** With what lies outside PyTorch: what nvidia-smi shows for the process. */
  readonly device: Modelled;
}

export interface Footprint {
  readonly moments: readonly PredictedMoment[];
}

const TRAINING: readonly Moment[] = [
  { point: 'load', turn: 'once' },
  { point: 'forward', turn: 'first' },
  { point: 'backward', turn: 'first' },
  { point: 'optimizer', turn: 'first' },
  { point: 'forward', turn: 'later' },
  { point: 'backward', turn: 'later' },
  { point: 'optimizer', turn: 'later' },
];

const GENERATION: readonly Moment[] = [
  { point: 'load', turn: 'once' },
  { point: 'prefill', turn: 'once' },
  { point: 'decode', turn: 'once' },
];

export function footprintOf(job: Job, capability?: number): Footprint {
  const isTraining = job.purpose === 'training';
  const steps = isTraining
    ? { first: trainingStep(job, false), later: trainingStep(job, holdsGradients(job)) }
    : {};
  const moments = isTraining ? TRAINING : GENERATION;
  return {
    moments: moments.map((moment) => {
      const pass =
        moment.point === 'prefill'
          ? inferencePass(job, job.sequence, job.prefillLogits)
          : moment.point === 'decode'
            ? inferencePass(job, 1, 'last')
            : undefined;
      const scene: Scene = {
        job,
        moment,
        steps,
        ...(pass === undefined ? {} : { pass }),
        ...(capability === undefined ? {} : { capability }),
      };
      return predicted(scene);
    }),
  };
}

function predicted(scene: Scene): PredictedMoment {
  const atoms: PredictedAtom[] = [];
  const put = (at: Scene, which: (term: Term) => boolean): void => {
    for (const term of registry) {
      if (!which(term)) continue;
      const bytes = term.at(at);
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
    device: sumOf(() => true),
  };
}

/** The highest of the moments by a view, with all factors at their mids. */
export function peakOf(
  footprint: Footprint,
  view: 'allocated' | 'reserved' | 'device',
): PredictedMoment {
  const none: FactorValues = new Map();
  const [first, ...rest] = footprint.moments;
  if (first === undefined) throw new Error('a footprint has at least one moment');
  return rest.reduce(
    (best, next) => (next[view].at(none) > best[view].at(none) ? next : best),
    first,
  );
}
