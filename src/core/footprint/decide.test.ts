/** Settings and versions become what memory depends on. */
import { expect, test } from 'vitest';
import { isMachine, readMachine } from '../workload/machine-reading.ts';
import { readModelConfig } from '../workload/model/read.ts';
import { weightsOf } from '../workload/model/weights.ts';
import { withDefaults } from '../workload/reading/with-defaults.ts';
import { SETTING_NAMES, type SettingName, type SettingValue } from '../workload/settings.ts';
import type { Purpose, Workload } from '../workload/workload.ts';
import { decide, type KnownModel } from './decide.ts';
import { footprintOf } from './footprint.ts';
import type { Job } from './job.ts';
import { trained as trainedElements } from './static.ts';

type Settings = Readonly<Partial<Record<SettingName, SettingValue>>>;

interface Given {
  readonly purpose?: Purpose;
  readonly settings?: Settings;
  readonly dialects?: readonly string[];
  readonly versions?: Readonly<Record<string, string>>;
  readonly on?: string;
  readonly model?: KnownModel;
}

function known(config: Readonly<Record<string, unknown>>): KnownModel {
  const reading = readModelConfig(config, 'test');
  if (!reading.ok) throw new Error('the config is not read');
  return { model: reading.model, weights: weightsOf(reading.model) };
}

const LLAMA = known({
  model_type: 'llama',
  hidden_size: 1024,
  intermediate_size: 2816,
  num_hidden_layers: 8,
  num_attention_heads: 16,
  num_key_value_heads: 4,
  vocab_size: 32000,
  max_position_embeddings: 4096,
  torch_dtype: 'bfloat16',
});

function workloadOf(given: Given): Workload {
  const { purpose = 'training', settings = {}, dialects = ['pytorch'], versions = {} } = given;
  return withDefaults({
    purpose,
    dialects,
    versions: new Map(Object.entries(versions).map(([name, to]) => [name, { from: to, to }])),
    settings: new Map(
      SETTING_NAMES.flatMap((name) => {
        const value = settings[name];
        return value === undefined
          ? []
          : [[name, { value, by: 'option' as const, source: 'test' }] as const];
      }),
    ),
    unread: [],
  });
}

function jobOf(given: Given): Job {
  const machine = readMachine(given.on ?? 'H100');
  if (!isMachine(machine) || machine.cards[0] === undefined) throw new Error('no machine');
  return decide(workloadOf(given), given.model ?? LLAMA, machine.cards[0]).job;
}

test('gradients stay where zero_grad sets them to zero: before PyTorch 2.0, or when told', () => {
  expect(jobOf({}).keepsGradients).toBe(false);
  expect(jobOf({ versions: { torch: '1.13.1' } }).keepsGradients).toBe(true);
  expect(jobOf({ settings: { grads_to_none: false } }).keepsGradients).toBe(true);
  const deepspeed = { dialects: ['deepspeed'], settings: { grads_to_none: false } };
  expect(jobOf(deepspeed).keepsGradients).toBe(false);
});

test('old versions have one kernel of attention, and keep its scores', () => {
  const old = { dialects: ['transformers'], versions: { transformers: '4.30.2', torch: '1.10.2' } };
  expect(jobOf(old)).toMatchObject({ attention: 'eager', keepsScores: true });
  const newer = {
    dialects: ['transformers'],
    versions: { transformers: '4.57.1' },
    settings: { weights_dtype: 'bf16' },
  } as const;
  expect(jobOf(newer)).toMatchObject({ attention: 'flash', keepsScores: false });
});

test('layers of old versions have tables of their own', () => {
  const versions = { transformers: '4.38.2' };
  expect(jobOf({ dialects: ['transformers'], versions }).rotaryTables).toBe(4096);
  const generation = jobOf({ purpose: 'generation', dialects: ['transformers'], versions });
  expect(generation).toMatchObject({
    rotaryTables: 4096,
    cacheGrowth: 'twice',
    prefillLogits: 'all-fp32',
  });
  expect(jobOf({ purpose: 'generation' })).toMatchObject({
    cacheGrowth: 'joined',
    prefillLogits: 'last',
  });
});

test('products in 4 bits kept their input before bitsandbytes 0.44', () => {
  const settings = { adapter: 'qlora' } as const;
  expect(jobOf({ settings, versions: { bitsandbytes: '0.41.3' } }).packing?.keepsInput).toBe(true);
  expect(jobOf({ settings }).packing?.keepsInput).toBeUndefined();
});

test('the Trainer leaves the reduction of FSDP to the last micro-batch', () => {
  const settings = { sharding: 'full', accumulation_steps: 4 } as const;
  const of = (...dialects: string[]) => jobOf({ on: '8xH100', dialects, settings }).parallel;
  expect(of('fsdp', 'transformers').defersReduction).toBe(true);
  expect(of('deepspeed', 'transformers').defersReduction).toBeUndefined();
  expect(of('pytorch').defersReduction).toBeUndefined();
});

test('methods of PEFT other than LoRA have elements of their own', () => {
  const trained = (adapter_method: string, more: Settings): readonly unknown[] => {
    const job = jobOf({ settings: { adapter: 'other', adapter_method, ...more } });
    return [job.adapter?.method, trainedElements(job).elements, job.sequence];
  };
  const hidden = 1024;
  const [layers, pairs] = [8, 2 * 4 * 64];
  expect(trained('ia3', { adapter_targets: 'q_proj' })).toEqual(['ia3', layers * hidden, 2048]);
  expect(trained('vera', { adapter_targets: 'q_proj', adapter_rank: 8 })).toEqual([
    'vera',
    layers * (8 + hidden),
    2048,
  ]);
  expect(trained('prompt_tuning', { prompt_tokens: 10 })).toEqual([undefined, 10 * hidden, 2058]);
  expect(trained('p_tuning', { prompt_tokens: 10 })).toEqual([
    undefined,
    10 * hidden + 3 * (hidden ** 2 + hidden),
    2058,
  ]);
  expect(trained('prefix_tuning', { prompt_tokens: 10 })).toEqual([
    undefined,
    10 * layers * pairs,
    2048,
  ]);
});

test('outputs of evaluation stay on the card where somebody computes metrics', () => {
  const settings = { eval_batch: 8 } as const;
  expect(jobOf({ settings }).evaluation).toEqual({ batch: 8, kept: 0 });
  const metrics = { ...settings, eval_loss_only: false, eval_samples: 500 } as const;
  expect(jobOf({ settings: metrics }).evaluation?.kept).toBe(500);
  const moved = { ...metrics, eval_outputs_to_host: true };
  expect(jobOf({ settings: moved }).evaluation?.kept).toBe(0);
  // How many there are nobody said: it is noted.
  const job = jobOf({ settings: { ...settings, eval_loss_only: false } });
  expect(job.assumptions.map(({ setting }) => setting)).toContain('eval_samples');
});

test('buckets of DeepSpeed: by default, by number, by the square of the model', () => {
  const zero = (settings: Settings): Job =>
    jobOf({
      on: '8xH100',
      dialects: ['deepspeed'],
      settings: { sharding: 'gradients', ...settings },
    });
  expect(zero({})).toMatchObject({ bucket: 5e8, parallel: { overlap: false } });
  expect(zero({ communication_bucket: 2e8, overlap_communication: true })).toMatchObject({
    bucket: 2e8,
    parallel: { overlap: true },
  });
  expect(zero({ communication_bucket: 0 }).bucket).toBe(1024 ** 2);
  const third = zero({ sharding: 'full', gather_ahead: 0 });
  expect(third.parallel).toMatchObject({ overlap: true, prefetch: 0.9 * 1024 ** 2 });
  // A bucket of DDP is in MiB, and no bucket of ZeRO.
  expect(jobOf({ on: '8xH100', settings: { communication_bucket: 25 } }).bucket).toBeUndefined();
});

test('divided weights are gathered and reduced in the format of the computation', () => {
  const settings = { sharding: 'full', compute_precision: 'bf16', weights_dtype: 'fp32' } as const;
  const at = (dialects: readonly string[]): Job['parallel'] =>
    jobOf({ on: '8xH100', dialects, settings }).parallel;
  expect(at(['fsdp'])).toMatchObject({ gatherWidth: 2, reduceWidth: 2 });
  expect(at(['torchtitan'])).toMatchObject({ gatherWidth: 2, reduceWidth: 4 });
});

test('ranks that share sequences divide the weights among them', () => {
  const settings = { sharding: 'full', sequence_parallel: 8 } as const;
  const { sharding, parallel } = jobOf({ on: '8xH100', dialects: ['fsdp'], settings });
  expect({ sharding, data: parallel.data }).toEqual({ sharding: 'full', data: 1 });
});

test('accelerate holds what FSDP divides in fp32 under mixed precision', () => {
  const settings = { sharding: 'full', compute_precision: 'bf16' } as const;
  const of = (more: Partial<Given>): Job =>
    jobOf({ on: '8xH100', dialects: ['fsdp', 'transformers'], settings, ...more });
  const raised = { weightWidth: 4, loadedWidth: 2, width: 2, gradientWidth: 4, autocast: 2 };
  expect(of({})).toMatchObject({ ...raised, masterWeights: false });
  expect(of({}).parallel).toMatchObject({ gatherWidth: 2 });
  expect(of({ versions: { accelerate: '1.10.1' } })).toMatchObject(raised);
  const plain = { weightWidth: 2, gradientWidth: 2 };
  expect(of({ versions: { accelerate: '0.29.3' } })).toMatchObject(plain);
  expect(of({ settings: { sharding: 'full', compute_precision: 'fp32' } })).toMatchObject(plain);
  expect(of({ on: 'H100' })).toMatchObject(plain);
  expect(of({ dialects: ['torchtitan'] }).loadedWidth).toBeUndefined();
  expect(of({ settings: { ...settings, adapter: 'lora' } })).toMatchObject({ weightWidth: 2 });
  // Whole weights in 16 bits, with divided fp32 ones beside them.
  expect(of({ settings: { ...settings, sharding: 'gradients' } })).toMatchObject({
    weightWidth: 2,
    gradientWidth: 4,
    masterWeights: true,
  });
});

test('rank 0 alone reads where FSDP is told so', () => {
  const given = { on: '8xH100', dialects: ['fsdp'], settings: { sharding: 'full' } } as const;
  expect(jobOf(given).parallel.wholeLoad).toBeUndefined();
  const efficient = { ...given, settings: { ...given.settings, load_to_host: true } };
  expect(jobOf(efficient).parallel.wholeLoad).toBe(true);
});

test('the allocator is as its variable says', () => {
  expect(jobOf({}).allocator).toBeUndefined();
  const settings = { max_split_size: 128, gc_threshold: 0.8, memory_fraction: 0.5 };
  const { allocator } = jobOf({ settings });
  expect(allocator).toMatchObject({ expandable: false, maxSplit: 2 ** 27, threshold: 0.8 });
  expect(allocator?.cap).toBeGreaterThan(2 ** 35);
});

const highest = (job: Job, view: 'device' | 'host' = 'device'): number =>
  Math.max(...footprintOf(job).moments.map((moment) => moment[view].at(new Map())));

test('recomputation: of all, of the cheap, of every second layer; and kept on the host', () => {
  const base = { micro_batch: 8, sequence_length: 2048, fused_loss: true } as const;
  const at = (settings: Settings, dialects?: readonly string[]): Job =>
    jobOf({ settings: { ...base, ...settings }, ...(dialects === undefined ? {} : { dialects }) });
  const none = at({});
  const full = at({ checkpointing: true });
  const some = at({ selective_checkpointing: true });
  expect(some).toMatchObject({ checkpointing: true, selective: 'operations' });
  expect(at({ selective_checkpointing: true }, ['torchtune']).selective).toBe('second');
  expect(at({ selective_checkpointing: true }, ['megatron']).checkpointing).toBe(false);
  expect(highest(some)).toBeLessThan(highest(none));
  expect(highest(full)).toBeLessThan(highest(some));
  const moved = at({ checkpointing: true, activation_offload: true });
  expect(highest(moved)).toBeLessThan(highest(full));
  // The inputs of all layers in 16 bits.
  expect(highest(moved, 'host') - highest(none, 'host')).toBeCloseTo(
    Math.max(0, 8 * 8 * 2048 * 1024 * 2 - highest(none, 'host')),
    -6,
  );
});

test('a compiled step keeps less, within a range', () => {
  const settings = { micro_batch: 8, sequence_length: 2048 } as const;
  const plain = jobOf({ settings });
  const compiled = jobOf({ settings: { ...settings, compiled: true } });
  expect(compiled).toMatchObject({ loss: 'compiled', fusedNorms: true, compiled: true });
  expect(highest(compiled)).toBeLessThan(highest(plain));
  const factors = footprintOf(compiled).moments.flatMap(({ device }) => device.factors);
  expect(factors.map(({ name }) => name)).toContain('compiled_scale');
});

test('pipelines, whole copies and divided logits are as they are set', () => {
  const at = (settings: Settings, dialects: readonly string[] = ['torchtitan']): Job['parallel'] =>
    jobOf({ on: '8xH100', dialects, settings }).parallel;
  const staged = { pipeline_parallel: 2 } as const;
  expect(at({ ...staged, pipeline_schedule: 'interleaved' })).toMatchObject({ chunks: 2 });
  expect(at({ ...staged, pipeline_schedule: 'gpipe' })).toMatchObject({ schedule: 'gpipe' });
  expect(at({ ...staged, pipeline_chunks: 4 }, ['megatron'])).toMatchObject({ chunks: 4 });
  expect(at({ sharding: 'full', replicas: 2 })).toMatchObject({ data: 8, replicas: 2 });
  expect(at({ tensor_parallel: 4 }).lossParallel).toBeUndefined();
  expect(at({ tensor_parallel: 4 }, ['transformers']).lossParallel).toBe(false);
});

test('one process over all cards has no ranks', () => {
  const { parallel } = jobOf({ on: '4x24GB', settings: { spread: true } });
  expect(parallel).toMatchObject({ data: 1, cards: 4 });
});

test('an engine has the pages, the cache and the places for adapters that it is told', () => {
  const serving = (settings: Settings, dialects: readonly string[] = ['vllm']): Job['serving'] =>
    jobOf({ purpose: 'serving', dialects, settings }).serving;
  expect(serving({ page_size: 32, kv_bytes: 2 ** 33 })).toMatchObject({
    page: 32,
    kvBytes: 2 ** 33,
  });
  expect(serving({ adapter: 'lora', adapter_slots: 4 })?.adapters).toEqual({ slots: 4, rank: 16 });
  const cache = { shared_cache: true, full_windows: true } as const;
  expect(serving(cache, ['llama-cpp'])).toMatchObject({ sharedCache: true, fullWindows: true });
});

test('what stays whole beside four bits is fp32 only where PEFT prepares the model', () => {
  const at = (dialects: readonly string[], settings: Settings = {}): Job =>
    jobOf({ dialects, settings: { adapter: 'qlora', quantization: '4bit', ...settings } });
  const width = (...dialects: string[]): number => at(dialects).wholeWidth;
  expect(width('transformers', 'peft')).toBe(4);
  const trl = (version: string): Job =>
    jobOf({
      dialects: ['trl', 'peft', 'transformers'],
      versions: { trl: version },
      settings: { adapter: 'qlora', quantization: '4bit' },
    });
  expect([trl('0.19.1'), trl('1.16.0')].map(({ wholeWidth }) => wholeWidth)).toEqual([4, 2]);
  // Adapters beside packed weights are in bf16 from 0.26 on.
  expect([trl('0.19.1'), trl('0.26.0')].map(({ adapter }) => adapter?.width)).toEqual([4, 2]);
  for (const own of ['axolotl', 'llama-factory', 'unsloth', 'torchtune']) {
    expect(width(own), own).toBe(2);
  }
  // 32 bits of scale for 64 weights, or 8 bits and their own scales.
  const bits = (dialect: string, settings: Settings = {}): number =>
    at([dialect], settings).packing?.bits ?? Number.NaN;
  expect(bits('transformers')).toBeCloseTo(4.5, 6);
  expect(bits('transformers', { double_quantization: true })).toBeCloseTo(4.127, 3);
  expect(bits('axolotl')).toBeCloseTo(4.127, 3);
  expect(bits('llama-factory')).toBeCloseTo(4.127, 3);
  expect(bits('llama-factory', { double_quantization: false })).toBeCloseTo(4.5, 6);
});

test('a family that was published in fp32 is loaded so, and 16 bits are autocast then', () => {
  const job = jobOf({
    model: known({ model_type: 'vit' }),
    settings: { compute_precision: 'fp16' },
  });
  expect(job).toMatchObject({ weightWidth: 4, autocast: 2 });
});

test('a model of images is asked for their size, and not for the length of a text', () => {
  const vit = known({ model_type: 'vit', architectures: ['ViTForImageClassification'] });
  const plain = jobOf({ model: vit, settings: { micro_batch: 64 } });
  expect(plain.image).toEqual({ height: 224, width: 224 });
  expect(plain.model.stacks[0]?.tokens).toBe(197);
  const asked = plain.assumptions.map(({ setting }) => setting);
  expect(asked).toContain('resolution');
  expect(asked).not.toContain('sequence_length');
  const larger = jobOf({ model: vit, settings: { micro_batch: 64, resolution: 384, aspect: 0.5 } });
  expect(larger.model.stacks[0]?.tokens).toBe(12 * 24 + 1);
  const peak = (job: Job): number =>
    Math.max(...footprintOf(job).moments.map(({ allocated }) => allocated.at(new Map())));
  expect(peak(larger)).toBeGreaterThan(peak(plain));
});

test('a text is not longer than the model allows', () => {
  const bert = known({ model_type: 'bert' });
  expect(jobOf({ model: bert }).sequence).toBe(512);
});

test('ranks that share sequences exchange tokens for heads in verl and DeepSpeed, and gather in PyTorch', () => {
  const of = (...dialects: readonly string[]): boolean =>
    jobOf({ dialects, on: '8xH100', settings: { sequence_parallel: 4 } }).parallel.byHeads === true;
  expect([of('verl'), of('transformers', 'deepspeed')]).toEqual([true, true]);
  expect([of('torchtitan'), of('accelerate')]).toEqual([false, false]);
});

test('a checkpoint that is packed is assumed as packed, and its format said with where it is known from', () => {
  const machine = readMachine('H100');
  if (!isMachine(machine) || machine.cards[0] === undefined) throw new Error('no machine');
  const quantization = { method: 'fp8', bits: 8, skipped: [] } as const;
  const model = (said_by?: 'name' | 'recall'): KnownModel => ({
    ...LLAMA,
    model: {
      ...LLAMA.model,
      quantization: { ...quantization, ...(said_by === undefined ? {} : { said_by }) },
    },
  });
  const noted = (one: KnownModel, settings: Settings = {}) =>
    decide(
      workloadOf({ purpose: 'serving', dialects: ['vllm'], settings }),
      one,
      machine.cards[0] as (typeof machine.cards)[number],
    ).job.assumptions.find(({ setting }) => setting === 'quantization');
  expect(noted(model())).toMatchObject({ value: 'fp8', why: { key: 'packed' } });
  expect(noted(model('name'))?.why.key).toBe('named');
  expect(noted(model('recall'))?.why.key).toBe('recalled');
  expect(noted(LLAMA)).toBeUndefined();
  expect(noted(model(), { quantization: 'none' })).toBeUndefined();
});

test('scores that are limited fall back to eager attention, and flash has none', () => {
  const model = known({
    model_type: 'gemma2',
    hidden_size: 1024,
    intermediate_size: 2816,
    num_hidden_layers: 4,
    num_attention_heads: 16,
    num_key_value_heads: 4,
    head_dim: 64,
    vocab_size: 32000,
    max_position_embeddings: 4096,
  });
  const of = (settings: Settings, transformers?: string) =>
    jobOf({
      model,
      settings,
      dialects: ['transformers'],
      ...(transformers === undefined ? {} : { versions: { transformers } }),
    });
  expect(of({}).attention).toBe('eager');
  const noted = of({ attention: 'sdpa' }).assumptions.find(
    ({ setting }) => setting === 'attention',
  );
  expect(noted).toMatchObject({ value: 'eager', why: { key: 'capped' } });
  expect(of({ attention: 'flash' }).attention).toBe('flash');
  expect(of({ attention: 'sdpa' }, '4.57.1').attention).toBe('efficient');
  const peak = (job: Job): number =>
    Math.max(...footprintOf(job).moments.map(({ allocated }) => allocated.at(new Map())));
  const long = { sequence_length: 4096 };
  expect(peak(of({ ...long, attention: 'flash' }))).toBeLessThan(peak(of(long)) / 1.5);
});
