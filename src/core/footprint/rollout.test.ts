/** Preference and online training: what is compared with, and who makes the completions. */
import { expect, test } from 'vitest';
import { isMachine, readMachine } from '../workload/machine-reading.ts';
import { readModelConfig } from '../workload/model/read.ts';
import { weightsOf } from '../workload/model/weights.ts';
import { withDefaults } from '../workload/reading/with-defaults.ts';
import type { SettingName, SettingValue } from '../workload/settings.ts';
import { decide } from './decide.ts';
import { footprintOf, type PredictedMoment } from './footprint.ts';
import type { Job } from './job.ts';
import { heldWeights } from './static.ts';
import type { Moment } from './term.ts';

type Settings = Readonly<Partial<Record<SettingName, SettingValue>>>;

function jobOf(settings: Settings, trl = '1.8.0', dialects: readonly string[] = ['trl']): Job {
  const reading = readModelConfig(
    {
      model_type: 'llama',
      hidden_size: 1024,
      intermediate_size: 2816,
      num_hidden_layers: 8,
      num_attention_heads: 16,
      num_key_value_heads: 4,
      vocab_size: 32000,
      max_position_embeddings: 4096,
      torch_dtype: 'bfloat16',
    },
    'test',
  );
  const machine = readMachine('H100');
  if (!reading.ok || !isMachine(machine) || machine.cards[0] === undefined)
    throw new Error('the test is wrong');
  const { model } = reading;
  const workload = withDefaults({
    purpose: 'training',
    dialects,
    versions: new Map([['trl', { from: trl, to: trl }]]),
    settings: new Map(
      Object.entries({ micro_batch: 4, ...settings }).map(([name, value]) => [
        name as SettingName,
        { value, by: 'option' as const, source: 'test' },
      ]),
    ),
    unread: [],
  });
  return decide(workload, { model, weights: weightsOf(model) }, machine.cards[0]).job;
}

const MIDS = new Map<string, number>();

function at(job: Job, point: Moment['point'], turn: Moment['turn'] = 'later'): PredictedMoment {
  const found = footprintOf(job, 9).moments.find(
    ({ moment }) => moment.point === point && moment.turn === turn,
  );
  if (found === undefined) throw new Error(`no ${point}`);
  return found;
}

const held = (moment: PredictedMoment, id: string): number | undefined =>
  moment.atoms.find(({ term }) => term.id === id)?.bytes.at(MIDS);

const GRPO = { task: 'grpo', prompt_length: 256, new_tokens: 512 } as const;

test('GRPO holds a reference where the distance to it counts: before trl 0.19, or when told', () => {
  const hasOne = (settings: Settings, trl?: string): boolean =>
    jobOf({ ...GRPO, ...settings }, trl).reference;
  expect(hasOne({})).toBe(false);
  expect(hasOne({ reference_weight: 0.04 })).toBe(true);
  expect(hasOne({}, '0.18.0')).toBe(true);
  expect(hasOne({ reference_weight: 0 }, '0.18.0')).toBe(false);
  // The base stands behind the adapter.
  expect(hasOne({ reference_weight: 0.04, adapter: 'lora' })).toBe(false);
  const job = jobOf({ ...GRPO, reference_weight: 0.04 });
  expect(held(at(job, 'backward'), 'reference-model')).toBe(heldWeights(job));
});

test('figures of the reference that are computed before leave none in DPO and KTO', () => {
  for (const task of ['dpo', 'kto']) {
    expect(jobOf({ task }).reference).toBe(true);
    expect(jobOf({ task, adapter: 'lora' })).toMatchObject({ reference: false, compares: true });
    const before = jobOf({ task, reference_model: false });
    expect(before).toMatchObject({ reference: false, compares: false });
    const adapted = jobOf({ task, adapter: 'lora', reference_model: false });
    expect(adapted.compares).toBe(false);
  }
  expect(jobOf({ task: 'dpo' }).batch).toBe(8);
  expect(jobOf({ task: 'kto' }).batch).toBe(4);
});

test('the reference scores completions before the step, with no graph beside it', () => {
  const job = jobOf({ ...GRPO, reference_weight: 0.04 });
  const of = (over: Partial<Job>): number | undefined =>
    held(at({ ...job, ...over }, 'forward'), 'activations');
  expect(of({})).toBe(of({ reference: false }));
});

test('the head of GRPO sees the completion only', () => {
  const job = jobOf({ ...GRPO, fused_loss: false });
  expect(job).toMatchObject({ sequence: 768, scored: 513 });
  const { scored: _, ...all } = job;
  const [some, every] = [job, all].map((one) => held(at(one, 'backward'), 'logits') ?? 0);
  expect((some as number) / (every as number)).toBeCloseTo(513 / 768, 6);
});

test('completions of all micro-batches are made at once, each with its keys and values', () => {
  const one = jobOf(GRPO);
  const four = jobOf({ ...GRPO, accumulation_steps: 4 });
  const two = jobOf({ ...GRPO, accumulation_steps: 4, rollout_steps: 2 });
  const old = jobOf({ ...GRPO, accumulation_steps: 4 }, '0.16.1');
  expect([one, four, two, old].map(({ rollout }) => rollout?.sequences)).toEqual([4, 16, 8, 4]);
  const cache = held(at(one, 'decode'), 'kv-cache') ?? Number.NaN;
  // Keys and values of 8 layers, and one of the two of a layer once more while it is joined; 2 bytes under autocast.
  expect(cache).toBe(4 * 768 * (8 * 2 + 1) * 4 * 64 * 2);
  expect(held(at(four, 'decode'), 'kv-cache')).toBe(4 * cache);
  // States of the optimizer are there, gradients are not.
  expect(held(at(one, 'decode'), 'optimizer-states')).toBe(
    held(at(one, 'forward'), 'optimizer-states'),
  );
  expect(held(at(one, 'decode'), 'gradients')).toBeUndefined();
});

test('ZeRO 3 gathers the whole model for as long as it generates', () => {
  const job = jobOf(
    { ...GRPO, sharding: 'full', world_size: 4, compute_precision: 'bf16' },
    '1.8.0',
    ['trl', 'deepspeed'],
  );
  const elements = job.weights.reduce(
    (n, { shape, count }) => n + shape.reduce((a, b) => a * b, count),
    0,
  );
  expect(held(at(job, 'decode'), 'gathered-weights')).toBe(elements * 2);
});

test('a colocated engine takes its share of the card from the first step on', () => {
  const job = jobOf({ ...GRPO, rollout_engine: true, engine_fraction: 0.3 });
  const step = at(job, 'backward');
  const [weights = 0, cache = 0] = ['rollout-weights', 'rollout-cache'].map((id) => held(step, id));
  const share = 0.3 * (job.rollout?.engine?.card.usable ?? 0);
  const serving = at(job, 'serve');
  // What a pass needs and what lies outside is the rest.
  const rest = (held(serving, 'activations') ?? 0) + (held(serving, 'rollout-outside') ?? 0);
  expect(weights + cache + rest).toBeGreaterThan(0.97 * share);
  expect(weights + cache + rest).toBeLessThan(1.01 * share);
  expect(held(at(job, 'load', 'once'), 'rollout-weights')).toBeUndefined();
  const without = at(jobOf(GRPO), 'backward').allocated.at(MIDS);
  expect(step.allocated.at(MIDS) - without).toBeCloseTo(weights + cache, -3);
});

test('an engine that sleeps gives weights and cache back while the model is trained', () => {
  const job = jobOf({ ...GRPO, rollout_engine: true, engine_sleep: true });
  expect(held(at(job, 'backward'), 'rollout-weights')).toBeUndefined();
  expect(held(at(job, 'backward'), 'rollout-cache')).toBeUndefined();
  expect(held(at(job, 'backward'), 'rollout-outside')).toBeGreaterThan(0);
  expect(held(at(job, 'serve'), 'rollout-cache')).toBeGreaterThan(0);
  const awake = jobOf({ ...GRPO, rollout_engine: true });
  expect(at(awake, 'serve').allocated.at(MIDS)).toBe(at(job, 'serve').allocated.at(MIDS));
});

test('an engine on devices of its own takes nothing here; its ranks divide no layer that is trained', () => {
  const apart = jobOf({ ...GRPO, rollout_engine: true, rollout_apart: true, tensor_parallel: 4 });
  expect(apart.rollout).toBeUndefined();
  expect(apart.parallel.tensor).toBe(1);
  expect(jobOf({ ...GRPO, rollout_engine: true }, '0.23.0').rollout).toBeUndefined();
  const shared = jobOf({ ...GRPO, rollout_engine: true, tensor_parallel: 4 });
  expect(shared.rollout?.engine?.tensor).toBe(4);
  const whole = jobOf({ ...GRPO, rollout_engine: true });
  const [part, all] = [shared, whole].map((job) => held(at(job, 'backward'), 'rollout-weights'));
  expect(part as number).toBeLessThan(0.35 * (all as number));
});
