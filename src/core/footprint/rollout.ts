/**
 * Completions that online training (GRPO) makes on the devices on which it trains: by `generate` of the model itself, with a
 * KV cache of all of them; or by an engine in the same process, which plans with its share of the card.
 *
 * Sources: trl@1.16.0 trainer/grpo_trainer.py (completions of `steps_per_generation` micro-batches at once, before the first of
 * them; gradients are gone by then), generation/vllm_generation.py (the `LLM` and what it is given, sleep and wake_up).
 */
import type { FactorValues, Modelled } from '../base/factor.ts';
import { systemOf } from './buffers.ts';
import { type Condition, type EnginePlan, WHOLE } from './engines/engine.ts';
import { vllm } from './engines/vllm.ts';
import { passAt } from './inference.ts';
import type { Job } from './job.ts';
import { PLAIN_JOB } from './job.ts';
import { remembered } from './memo.ts';
import { type ByKind, Kind } from './rehearsal/rehearsal.ts';
import { shardsOf, wholeWeights } from './static.ts';
import { kindOf } from './step.ts';
import type { Moment } from './term.ts';

/** The moments at which completions are made. */
export function rolloutMoments({ rollout }: Job): readonly Moment[] {
  if (rollout === undefined) return [];
  if (rollout.engine !== undefined) return [{ point: 'serve', turn: 'later' }];
  return [
    { point: 'prefill', turn: 'later' },
    { point: 'decode', turn: 'later' },
  ];
}

/** What the model does when it makes completions itself; undefined where it does not. */
export function generatingJob(job: Job): Job | undefined {
  const { rollout } = job;
  if (rollout === undefined || rollout.engine !== undefined) return undefined;
  const width = job.autocast ?? job.width;
  return {
    ...job,
    purpose: 'generation',
    batch: rollout.sequences,
    sequence: rollout.prompt,
    newTokens: rollout.newTokens,
    beams: 1,
    // Under autocast keys and values come out of matrix products.
    cacheWidth: width,
    padded: rollout.sequences > 1,
    prefillLogits: 'last',
  };
}

/** Passing tensors while completions are made. */
export function rolloutPass(job: Job, moment: Moment): ByKind | undefined {
  if (moment.point === 'prefill') return prefilled(job);
  if (moment.point === 'decode') return decoded(job);
  return moment.point === 'serve' ? worked(job) : undefined;
}

const passOf = (job: Job, point: 'prefill' | 'decode'): ByKind | undefined => {
  const own = generatingJob(job);
  const pass = own && passAt(own, { point, turn: 'later' })?.slice();
  // ZeRO 3 gathers the whole model for as long as it generates (ds3_gather_for_generation).
  if (pass !== undefined && shardsOf(job) > 1 && systemOf(job) === 'deepspeed')
    (pass[Kind.gathered] as number) += wholeWeights(job);
  return pass;
};

const prefilled: (job: Job) => ByKind | undefined = remembered((job) => passOf(job, 'prefill'));
const decoded: (job: Job) => ByKind | undefined = remembered((job) => passOf(job, 'decode'));

const MIDS: FactorValues = new Map();

/** A pass of the engine needs no more than its profile run, which found that out. */
const worked: (job: Job) => ByKind | undefined = remembered((job) => {
  const profile = planned(job)?.moments.find(({ moment }) => moment.point === 'profile');
  return kindOf(Kind.activation, profile?.bytes.get('profile-run')?.at(MIDS) ?? 0);
});

const planned: (job: Job) => EnginePlan | undefined = remembered((job) => {
  const engine = job.rollout?.engine;
  if (engine === undefined) return undefined;
  const { adapter: _, autocast: __, ...rest } = job;
  const served: Job = {
    ...rest,
    purpose: 'serving',
    trains: 'none',
    serving: engine.serving,
    // The checkpoint in 16 bits, whatever format the model is trained in.
    weightWidth: 2,
    wholeWidth: 2,
    width: 2,
    cacheWidth: 2,
    parallel: { ...PLAIN_JOB.parallel, tensor: engine.tensor },
  };
  return vllm(served, engine.card, WHOLE);
});

/** What the engine checks when it starts, beside what the card has: its budget and the cache of a whole sequence. */
export const rolloutConditions = (job: Job): readonly Condition[] =>
  planned(job)?.capacity.conditions.filter(({ name }) => name !== 'card') ?? [];

/** What the engine holds at a moment, by the id of its own term; nothing before it is started. */
export function engineHolds(job: Job, id: string, { point }: Moment): Modelled | undefined {
  const engine = job.rollout?.engine;
  if (engine === undefined || point === 'load') return undefined;
  const isAway = engine.sleeps && point !== 'serve' && (id === 'weights' || id === 'kv-pool');
  if (isAway) return undefined;
  const serving = planned(job)?.moments.find(({ moment }) => moment.point === 'serve');
  return serving?.bytes.get(id);
}
