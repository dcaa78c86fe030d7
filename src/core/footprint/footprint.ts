/** The predicted timeline of a job on one rank: a sum of terms for each moment that can be its highest. */
import { constant, type FactorValues, type Modelled, plus } from '../base/factor.ts';
import { generationMoments } from './diffusion/generation.ts';
import { type DiffusionJob, isDiffusion } from './diffusion/parts.ts';
import { diffusionStep, encodingPass } from './diffusion/training.ts';
import { type Capacity, type Card, type Stage, WHOLE } from './engines/engine.ts';
import { enginePlan } from './engines/plan.ts';
import { evaluationPass, passAt } from './inference.ts';
import type { Job } from './job.ts';
import { type Basis, basisOf, remembered, watched } from './memo.ts';
import type { Pool } from './pool.ts';
import type { ByKind } from './rehearsal/rehearsal.ts';
import { rolloutMoments, rolloutPass } from './rollout.ts';
import { holdsGradients } from './static.ts';
import { type Step, trainingStep } from './step.ts';
import type { Moment, Scene, Term } from './term.ts';
import { terms as registry } from './terms.gen.ts';

export interface PredictedAtom {
  readonly term: Term;
  readonly bytes: Modelled;
}

export interface PredictedMoment {
  readonly moment: Moment;
  /** What its terms were computed from. */
  readonly scene: Scene;
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

const WITH_EVALUATION: readonly Moment[] = [...TRAINING, { point: 'evaluate', turn: 'later' }];

const GENERATION: readonly Moment[] = [
  { point: 'load', turn: 'once' },
  { point: 'prefill', turn: 'once' },
  { point: 'decode', turn: 'once' },
];

/** One pass over images. */
const IMAGES: readonly Moment[] = [
  { point: 'load', turn: 'once' },
  { point: 'evaluate', turn: 'once' },
];

/** A call of the model that asks for no token more. */
const ONE_PASS = GENERATION.filter(({ point }) => point !== 'decode');

function passMoments({ model, newTokens }: Job): readonly Moment[] {
  if (model.network !== undefined) return IMAGES;
  return newTokens === 0 ? ONE_PASS : GENERATION;
}

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
  if (isDiffusion(job) && job.purpose === 'generation') return rendered(job, capability);
  const isTraining = job.purpose === 'training';
  // An optimizer inside the backward pass lets each gradient go at once: none is kept.
  const steps = isTraining
    ? {
        first: stepOf(job, job.optimizerInBackward),
        later: stepOf(job, job.optimizerInBackward || holdsGradients(job)),
      }
    : {};
  const moments = isTraining ? trainingMoments(job) : passMoments(job);
  const fixed = isTraining ? fixedParts(job, steps, capability) : [];
  return {
    moments: moments.map((moment, i) => {
      const pass = isTraining ? betweenSteps(job, moment) : passAt(job, moment);
      const scene: OpenScene = { job, moment, steps };
      if (pass !== undefined) scene.pass = pass;
      if (capability !== undefined) scene.capability = capability;
      if (pool !== undefined) scene.pool = pool;
      return predicted(scene, fixed[i] ?? OPEN);
    }),
  };
}

/** A batch is encoded before its step where parts for that lie on the card. */
const WITH_ENCODING: readonly Moment[] = [...TRAINING, { point: 'encode', turn: 'later' }];

function trainingMoments(job: Job): readonly Moment[] {
  if (isDiffusion(job)) return WITH_ENCODING;
  const moments = job.evaluation === undefined ? TRAINING : WITH_EVALUATION;
  return job.rollout === undefined ? moments : [...moments, ...rolloutMoments(job)];
}

const evaluated: (job: Job) => ByKind | undefined = remembered(evaluationPass);

const encoded: (job: Job) => ByKind | undefined = remembered((job) =>
  isDiffusion(job) ? encodingPass(job) : undefined,
);

/** The pass that runs at a moment between steps. */
function betweenSteps(job: Job, moment: Moment): ByKind | undefined {
  if (moment.point === 'evaluate') return evaluated(job);
  return moment.point === 'encode' ? encoded(job) : rolloutPass(job, moment);
}

/** A micro-step of whatever is trained. */
const stepOf = (job: Job, isLater: boolean): Step =>
  isDiffusion(job) ? diffusionStep(job, isLater) : trainingStep(alike(job), isLater);

const likeOthers = new WeakMap<Job, Job>();

/** In a step rank 0 does what all ranks do. */
function alike(job: Job): Job {
  const { isFirst, ...parallel } = job.parallel;
  if (isFirst !== true) return job;
  let other = likeOthers.get(job);
  if (other === undefined) {
    other = { ...job, parallel };
    likeOthers.set(job, other);
  }
  return other;
}

/** What is the same for all programs on a card: the pipeline says the rest. */
const COMMON: readonly Term[] = registry.filter(({ id }) =>
  ['cuda-context', 'matmul-workspace'].includes(id),
);

function rendered(job: DiffusionJob, capability: number | undefined): Footprint {
  return {
    moments: generationMoments(job).map(({ moment, bytes }) => {
      const scene = { job, moment, steps: {}, ...(capability === undefined ? {} : { capability }) };
      const engine = new Map(bytes);
      for (const term of COMMON) {
        const of = term.at(scene);
        if (of !== undefined) engine.set(term.id, of);
      }
      return predicted({ ...scene, engine }, OPEN);
    }),
  };
}

function served(job: Job, card: Card | undefined, stage: Stage): Footprint {
  if (card === undefined) throw new Error('an engine plans for a card: give its memory');
  const { moments, capacity, worked } = enginePlan(job, card, stage);
  return {
    moments: moments.map(({ moment, bytes }) =>
      predicted({ job, moment, steps: {}, engine: bytes, ...(worked && { worked }) }, OPEN),
    ),
    capacity,
  };
}

/** Terms that follow from the sum of all others in PyTorch's pool come last. */
const ORDINARY: readonly Term[] = registry.filter(({ category }) => category !== 'idle');
const IDLE: readonly Term[] = registry.filter(({ category }) => category === 'idle');

/** What is the same at a moment for all jobs that differ in settings apart only, and the terms that are not. */
interface Fixed {
  readonly atoms: readonly PredictedAtom[];
  readonly inPool: Modelled;
  readonly outside: Modelled;
  readonly onHost: Modelled;
  readonly open: readonly Term[];
}

const NO_VALUES: FactorValues = new Map();
const NOTHING = constant(0);
const OPEN: Fixed = {
  atoms: [],
  inPool: NOTHING,
  outside: NOTHING,
  onHost: NOTHING,
  open: ORDINARY,
};

const fixedOf = new WeakMap<Basis, Map<string, readonly Fixed[]>>();

/**
 * A term that looked at no setting apart gives the same for every job of the same basis: what it looked at is equal there.
 */
function fixedParts(
  job: Job,
  steps: Scene['steps'],
  capability: number | undefined,
): readonly Fixed[] {
  const basis = basisOf(job);
  const entries = fixedOf.get(basis) ?? new Map<string, readonly Fixed[]>();
  fixedOf.set(basis, entries);
  // Which rehearsals a scene carries hangs on settings apart.
  const key = `${capability} ${holdsGradients(job)} ${job.optimizerInBackward}`;
  const known = entries.get(key);
  if (known !== undefined) return known;
  const { job: seen, sawApart } = watched(job);
  const made = trainingMoments(job).map((moment): Fixed => {
    const pass = betweenSteps(job, moment);
    const scene: Scene = {
      job: seen,
      moment,
      steps,
      ...(pass === undefined ? {} : { pass }),
      ...(capability === undefined ? {} : { capability }),
    };
    const atoms: PredictedAtom[] = [];
    const open: Term[] = [];
    for (const term of ORDINARY) {
      const bytes = term.at(scene);
      bytes?.at(NO_VALUES);
      if (sawApart()) open.push(term);
      else if (bytes !== undefined) atoms.push({ term, bytes });
    }
    const sums = sumsOf(atoms);
    return { atoms, open, ...sums };
  });
  entries.set(key, made);
  return made;
}

/** By where the bytes lie. */
function sumsOf(atoms: readonly PredictedAtom[]): Pick<Fixed, 'inPool' | 'outside' | 'onHost'> {
  const of = (which: (pool: Term['pool']) => boolean): Modelled =>
    plus(...atoms.filter(({ term }) => which(term.pool)).map(({ bytes }) => bytes));
  return {
    inPool: of((pool) => pool === 'torch'),
    outside: of((pool) => pool !== 'torch' && pool !== 'host'),
    onHost: of((pool) => pool === 'host'),
  };
}

/** A scene under way: what follows from the sum of the others is told it at the end. */
type OpenScene = { -readonly [K in keyof Scene]: Scene[K] };

function predicted(scene: OpenScene, fixed: Fixed): PredictedMoment {
  const atoms = fixed.atoms.slice();
  const inPool = [fixed.inPool];
  const outside = [fixed.outside];
  const onHost = [fixed.onHost];
  const put = (term: Term): void => {
    // An engine says for each term what it holds; others are computed from the job.
    const bytes = scene.engine === undefined ? term.at(scene) : scene.engine.get(term.id);
    if (bytes === undefined) return;
    atoms.push({ term, bytes });
    (term.pool === 'torch' ? inPool : term.pool === 'host' ? onHost : outside).push(bytes);
  };
  for (const term of fixed.open) put(term);
  const allocated = plus(...inPool);
  scene.allocated = allocated;
  for (const term of IDLE) put(term);
  return {
    moment: scene.moment,
    scene,
    atoms,
    allocated,
    reserved: plus(...inPool),
    device: plus(...inPool, ...outside),
    host: plus(...onHost),
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
