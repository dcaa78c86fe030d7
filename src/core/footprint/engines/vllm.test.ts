import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findCatalogModel } from '../../catalog/models.ts';
import { readModelConfig } from '../../workload/model/read.ts';
import { weightsOf } from '../../workload/model/weights.ts';
import { type Footprint, footprintOf } from '../footprint.ts';
import { type Job, type Packing, PLAIN_JOB, type Serving } from '../job.ts';
import { predict } from '../ranks.ts';
import { type Capacity, type Card, tightest } from './engine.ts';
import { sglangDefaults } from './sglang.ts';
import { isV1, vllmDefaults } from './vllm.ts';

const NONE: ReadonlyMap<string, number> = new Map();
const GiB = 2 ** 30;
const H100: Card = { name: 'NVIDIA H100 80GB HBM3', usable: 79.18 * GiB, capability: 9 };
const A100: Card = { name: 'NVIDIA A100-SXM4-40GB', usable: 39.5 * GiB, capability: 8 };
const T4: Card = { name: 'Tesla T4', usable: 14.56 * GiB, capability: 7.5 };

function jobOf(name: string, serving: Partial<Serving>, over: Partial<Job> = {}): Job {
  const found = findCatalogModel(name);
  if (found === undefined) throw new Error(`no such model: ${name}`);
  const reading = readModelConfig(found.model.config, found.model.source);
  if (!reading.ok) throw new Error(`cannot be read: ${name}`);
  return {
    ...PLAIN_JOB,
    model: reading.model,
    weights: weightsOf(reading.model),
    purpose: 'serving',
    serving: {
      engine: 'vllm',
      version: '0.11.0',
      fraction: 0.9,
      context: 16000,
      sequences: 1024,
      batchedTokens: 8192,
      graphs: true,
      ...serving,
    },
    ...over,
  };
}

/** GiB of some terms at a moment. */
function at(footprint: Footprint, point: string, ...ids: readonly string[]): number {
  const moment = footprint.moments.find(({ moment: of }) => of.point === point);
  const bytes = (moment?.atoms ?? [])
    .filter(({ term }) => ids.includes(term.id))
    .reduce((sum, { bytes: one }) => sum + one.at(NONE), 0);
  return bytes / GiB;
}

const mxfp4: Packing = { method: 'mxfp4', bits: 4.25, skipped: [] };
const pair = { data: 1, tensor: 2, pipeline: 1, context: 1, expert: 1 };

// Published for vLLM 0.11 (V1) on an H100: weights, activations, what is left for the cache. GiB.
describe.each<[string, Partial<Job>, number, number, number | undefined]>([
  ['openai/gpt-oss-20b', { packing: mxfp4 }, 13.47, 7.38, 50.28],
  ['meta-llama/Llama-3.1-8B', {}, 14.99, 4.76, 51.38],
  ['Qwen/Qwen3-0.6B', {}, 1.12, 5.56, 64.45],
  ['Qwen/Qwen3-32B', {}, 61.03, 5.64, 4.45],
  ['Qwen/Qwen3-32B', { parallel: pair }, 30.59, 5.64, 34.49],
])('%s on an H100', (name, over, weights, activations, cache) => {
  const footprint = footprintOf(jobOf(name, {}, over), 9, H100);

  test('weights within a hundredth', () => {
    expect(Math.abs(at(footprint, 'load', 'weights') / weights - 1)).toBeLessThan(0.01);
  });

  test('the profile run within a hundredth: the sampler, not the model', () => {
    const found = at(footprint, 'profile', 'profile-run', 'matmul-workspace');
    expect(Math.abs(found / activations - 1)).toBeLessThan(0.01);
  });

  test('the cache within a twentieth', () => {
    const found = at(footprint, 'kv_alloc', 'kv-pool');
    expect(Math.abs(found / (cache ?? 0) - 1)).toBeLessThan(0.05);
  });
});

// Logs of V0: the sampler where the batch is short, the MLP where it is long.
test.each<[string, Card, Partial<Serving>, number]>([
  ['meta-llama/Meta-Llama-3-8B', H100, { context: 8192, batchedTokens: 8192 }, 1.26],
  ['Qwen/Qwen2.5-1.5B', T4, { context: 32768, batchedTokens: 32768 }, 2.02],
  ['Qwen/Qwen3-4B', T4, { context: 10000, batchedTokens: 10000, sequences: 1 }, 0.74],
])('%s in V0: activations', (name, card, serving, activations) => {
  const job = jobOf(name, { version: '0.7.3', sequences: 256, ...serving });
  const footprint = footprintOf(job, card.capability, card);
  const found = at(footprint, 'profile', 'profile-run', 'matmul-workspace');
  expect(Math.abs(found / activations - 1)).toBeLessThan(0.01);
});

test('a cache of pages holds whole pages, and as many tokens as a log says', () => {
  // Published: 28.20 GiB for 184,832 tokens of 163,840 bytes.
  const job = jobOf('mistralai/Mistral-Small-24B-Instruct-2501', { kvBytes: 28.2 * GiB });
  const { capacity } = footprintOf(job, 9, H100);
  expect((capacity?.kvBytes.at(NONE) ?? 0) % (163_840 * 16)).toBe(0);
  expect(Math.abs((capacity?.kvTokens.at(NONE) ?? 0) / 184_832 - 1)).toBeLessThan(0.001);
});

test('the condition with the least room is named', () => {
  const tight = footprintOf(jobOf('Qwen/Qwen3-32B', {}), 8, A100).capacity;
  expect(tight === undefined ? undefined : tightest(tight)?.condition.name).toBe(
    'longest-sequence',
  );
  expect(tight === undefined ? 0 : (tightest(tight)?.room ?? 0)).toBeLessThan(0);
  const long = footprintOf(jobOf('Qwen/Qwen3-32B', { context: 40_000 }), 9, H100).capacity;
  const found = long === undefined ? undefined : tightest(long);
  expect(found?.condition.name).toBe('longest-sequence');
  const wide = footprintOf(jobOf('Qwen/Qwen3-0.6B', {}), 9, H100).capacity;
  expect(wide === undefined ? -1 : (tightest(wide)?.room ?? -1)).toBeGreaterThan(0);
});

test('windows leave room for more sequences, where the engine knows them', () => {
  const of = (generation: 'v0' | 'v1'): number =>
    footprintOf(
      jobOf('google/gemma-3-12b-it', { version: '0.8.5', generation, context: 32768 }),
      9,
      H100,
    ).capacity?.sequences.at(NONE) ?? 0;
  expect(of('v1')).toBeGreaterThan(2 * of('v0'));
});

test('the latent of DeepSeek is kept whole on each rank', () => {
  const token = (tensor: number): number => {
    const job = jobOf(
      'deepseek-ai/DeepSeek-V3',
      { kvBytes: 10 * GiB },
      { parallel: { ...pair, tensor }, packing: { method: 'fp8', bits: 8, skipped: [] } },
    );
    const { capacity } = footprintOf(job, 9, H100);
    return (10 * GiB) / (capacity?.kvTokens.at(NONE) ?? 1);
  };
  // 61 layers of 576 elements of 2 bytes.
  expect(Math.abs(token(8) / (61 * 576 * 2) - 1)).toBeLessThan(0.01);
  expect(token(16)).toBeCloseTo(token(8), 0);
});

test('places for adapters are held from the start', () => {
  const plain = footprintOf(jobOf('meta-llama/Llama-3.1-8B', {}), 9, H100);
  const adapted = footprintOf(
    jobOf('meta-llama/Llama-3.1-8B', { adapters: { slots: 4, rank: 16 } }),
    9,
    H100,
  );
  // 2 bytes × 4 slots × 16 × (inputs + outputs) of seven matrices in 32 layers.
  const each = 3 * (4096 + 14336) + 2 * (4096 + 4096) + 2 * (4096 + 1024);
  const bytes = (2 * 4 * 16 * each * 32) / GiB;
  expect(at(adapted, 'load', 'adapter-slots')).toBeCloseTo(bytes, 6);
  expect(at(plain, 'kv_alloc', 'kv-pool') - at(adapted, 'kv_alloc', 'kv-pool')).toBeGreaterThan(
    bytes * 0.99,
  );
});

test('stages of a pipeline hold their ends', () => {
  const parallel = { ...pair, tensor: 1, pipeline: 3 };
  const { roles } = predict(jobOf('meta-llama/Llama-3.1-8B', {}, { parallel }), {
    name: 'H100',
    capability: 9,
    usable: { low: H100.usable, mid: H100.usable, high: H100.usable, kind: 'bound' },
  });
  expect(roles.map(({ name, count }) => [name, count])).toEqual([
    ['stage 0', 1],
    ['inner stages', 1],
    ['last stage', 1],
  ]);
  const [first, inner, last] = roles.map(({ footprint }) => at(footprint, 'load', 'weights'));
  expect(first).toBeGreaterThan(inner ?? Number.NaN);
  expect(last).toBeCloseTo(first ?? Number.NaN, 1);
  // Only the last one samples.
  const [, middle, end] = roles.map(({ footprint }) => at(footprint, 'profile', 'profile-run'));
  expect(end).toBeGreaterThan(3 * (middle ?? Number.NaN));
});

test('more sequences, tokens or context never leave more cache', () => {
  const room = (serving: Partial<Serving>): number =>
    footprintOf(jobOf('Qwen/Qwen3-0.6B', serving), 9, H100).capacity?.kvBytes.at(NONE) ?? 0;
  const size = fc.integer({ min: 1, max: 16 });
  fc.assert(
    fc.property(
      size,
      size,
      fc.constantFrom('0.6.6', '0.8.5', '0.11.0', '0.33.0'),
      (a, b, version) => {
        const base = { sequences: a * 64, batchedTokens: b * 2048, version };
        const least = room(base);
        expect(room({ ...base, sequences: base.sequences * 2 })).toBeLessThanOrEqual(least);
        expect(room({ ...base, batchedTokens: base.batchedTokens * 2 })).toBeLessThanOrEqual(least);
      },
    ),
    { numRuns: 30 },
  );
});

test('an engine without the sort needs less for its sampler', () => {
  const peak = (version: string): number =>
    at(
      footprintOf(jobOf('meta-llama/Llama-3.1-8B', { version }), 9, H100),
      'profile',
      'profile-run',
    );
  expect(peak('0.33.0')).toBeLessThan(peak('0.11.0') / 2);
});

test('defaults follow the card, the version and who starts the engine', () => {
  const of = (card: Card, version: string, context = 8192) =>
    vllmDefaults(card, { version, usage: 'server', context });
  expect(of(H100, '0.11.0')).toMatchObject({ batchedTokens: 8192, sequences: 1024, fraction: 0.9 });
  expect(of(A100, '0.11.0')).toMatchObject({ batchedTokens: 2048, sequences: 256 });
  const big: Card = { name: 'NVIDIA A100-SXM4-80GB', usable: 79.2 * GiB, capability: 8 };
  expect(of(big, '0.8.5').sequences).toBe(1024);
  expect(of(big, '0.11.0').sequences).toBe(256);
  expect(of(H100, '0.33.0').fraction).toBe(0.92);
  expect(of(H100, '0.6.6')).toMatchObject({ batchedTokens: 8192, sequences: 256 });
  expect(of(H100, '0.6.6', 131072).batchedTokens).toBe(2048);
  expect(
    vllmDefaults(H100, { version: '0.11.0', usage: 'library', context: 8192 }).batchedTokens,
  ).toBe(16384);
  const serving = { ...jobOf('Qwen/Qwen3-0.6B', {}).serving } as Serving;
  expect(isV1({ ...serving, version: '0.8.5' }, 7.5)).toBe(false);
  expect(isV1({ ...serving, version: '0.8.5' }, 8)).toBe(true);
});

test('SGLang sets aside what its rule says, and the rest is weights and cache', () => {
  // 512 + 1.5 × 2048 + 2 × 24 + 128 MiB of 24,000.
  const card: Card = { name: 'RTX 4090', usable: 24_000 * 2 ** 20, capability: 8.9 };
  const usual = sglangDefaults(card, { tensor: 1, pipeline: 1 });
  expect(usual).toMatchObject({ batchedTokens: 2048, sequences: 24 });
  expect(usual.fraction).toBeCloseTo((24_000 - (512 + 3072 + 48 + 128)) / 24_000, 3);
  const job = jobOf('meta-llama/Llama-3.1-8B', { engine: 'sglang', ...usual, context: 8192 });
  const footprint = footprintOf(job, 8.9, card);
  const held = at(footprint, 'kv_alloc', 'weights', 'kv-pool');
  const context = at(footprint, 'kv_alloc', 'cuda-context', 'engine-outside');
  expect(held).toBeCloseTo(usual.fraction * (card.usable / GiB - context), 2);
  const table = (over: Partial<Serving>): number =>
    at(
      footprintOf(
        jobOf('meta-llama/Llama-3.1-8B', { engine: 'sglang', ...usual, ...over }),
        8.9,
        card,
      ),
      'serve',
      'request-table',
    );
  // At least 2048 requests, each with a row of the whole context.
  expect(table({ context: 131_072 })).toBeCloseTo((2049 * 131_076 * 4) / GiB, 6);
  expect(table({ context: 8192, requests: 64 })).toBeCloseTo((65 * 8196 * 4) / GiB, 6);
});

test('SGLang starts with a cache that is too small for the longest sequence, and cuts requests', () => {
  const card: Card = { name: 'RTX 4090', usable: 24_000 * 2 ** 20, capability: 8.9 };
  const usual = sglangDefaults(card, { tensor: 1, pipeline: 1 });
  const capacityOf = (context: number): Capacity | undefined =>
    footprintOf(jobOf('Qwen/Qwen3-8B', { engine: 'sglang', ...usual, context }), 8.9, card)
      .capacity;
  const long = capacityOf(131_072);
  expect(long?.sequences.at(NONE)).toBeLessThan(1);
  expect(long?.conditions.map(({ name }) => name)).toEqual(['budget', 'card']);
  expect(long === undefined ? -1 : tightest(long)?.room).toBeGreaterThan(0);
  expect(long?.longestRequest?.at(NONE)).toBe((long?.kvTokens.at(NONE) ?? 0) - 1);
  expect(capacityOf(4096)?.longestRequest?.at(NONE)).toBe(4095);
});

test('TGI takes its blocks from what a prefill leaves', () => {
  const job = jobOf('meta-llama/Llama-3.1-8B', {
    engine: 'tgi',
    fraction: 1,
    sequences: 32,
    batchedTokens: 4096,
    context: 4096,
  });
  const footprint = footprintOf(job, 8, A100);
  const kv = at(footprint, 'serve', 'kv-pool');
  const others = (footprint.moments.at(-1)?.device.at(NONE) ?? 0) / GiB - kv;
  // The cache of the batch itself, 128 KiB a token, and 95 % of what is free beside it.
  const batch = (4096 * 131_072) / GiB;
  expect(kv).toBeCloseTo(batch + 0.95 * (39.5 - others - batch), 2);
});
