import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GiB, MiB } from '../base/bytes.ts';
import { findCatalogModel } from '../catalog/models.ts';
import type { Model } from '../workload/model/model.ts';
import { readModelConfig } from '../workload/model/read.ts';
import { parameterCount, weightsOf } from '../workload/model/weights.ts';
import { freshBlock } from './blocks.ts';
import { cacheBytes, elementsPerToken } from './cache.ts';
import { type Footprint, footprintOf, peakOf } from './footprint.ts';
import { passAt } from './inference.ts';
import { type Job, PLAIN_JOB } from './job.ts';
import { libraryDecides } from './library.ts';
import { packingOf } from './packing.ts';
import { placed } from './placed.ts';
import { poolOf } from './pool.ts';
import { Kind } from './rehearsal/rehearsal.ts';
import { baseWeights } from './static.ts';
import { trainingStep } from './step.ts';
import type { Moment } from './term.ts';

const NONE: ReadonlyMap<string, number> = new Map();

function modelOf(name: string): Model {
  const found = findCatalogModel(name);
  if (found === undefined) throw new Error(`${name} is not in the catalog`);
  const reading = readModelConfig(found.model.config, found.model.source);
  if (!reading.ok) throw new Error(`the config of ${name} cannot be read`);
  return reading.model;
}

function jobOf(name: string, over: Partial<Job> = {}): Job {
  const model = modelOf(name);
  return { ...PLAIN_JOB, model, weights: weightsOf(model), ...over };
}

const at = (whole: Footprint, point: Moment['point']): number =>
  whole.moments.find(({ moment }) => moment.point === point)?.allocated.at(NONE) ?? Number.NaN;

const term = (job: Job, point: Moment['point'], id: string): number =>
  footprintOf(job)
    .moments.find(({ moment }) => moment.point === point)
    ?.atoms.find((atom) => atom.term.id === id)
    ?.bytes.at(NONE) ?? 0;

const PREFILL: Moment = { point: 'prefill', turn: 'once' };

describe('blocks', () => {
  test.each([
    ['a matrix of 135 MiB lies in 136', 135 * MiB, 136 * MiB],
    ['of a segment of 26 MiB more than 1 MiB is left and cut off', 24.5 * MiB, 24.5 * MiB],
    ['a whole number of 2 MiB fits', 270 * MiB, 270 * MiB],
    ['thirteen of 1.5 MiB share 20 MiB', 1.5 * MiB, (20 * MiB) / 13],
    ['five of 3.5 MiB leave 2.5, which is cut off', 3.5 * MiB, 3.5 * MiB],
    ['small ones are whole pieces of 512 bytes', 100, 512],
  ])('%s', (_, bytes, block) => {
    expect(freshBlock(bytes)).toBe(block);
  });

  test('a block is never smaller than its tensor, nor larger by more than 1 MiB', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), (bytes) => {
        const more = freshBlock(bytes) - bytes;
        expect(more).toBeGreaterThanOrEqual(0);
        expect(more).toBeLessThanOrEqual(MiB);
      }),
    );
  });
});

describe('packing', () => {
  const bits = (method: string, width: number, more: object = {}): number =>
    packingOf({ method, bits: width, skipped: [], ...more }).bits;

  test.each([
    ['gptq', 4, { group: 128 }, 4.15625],
    ['gptq', 8, { group: 128 }, 8.1875],
    ['awq', 4, { group: 128 }, 4.15625],
    ['bitsandbytes', 4, {}, 4.5],
    ['bitsandbytes', 4, { double_quant: true }, 4 + 8 / 64 + 32 / 16384],
    ['bitsandbytes', 8, {}, 8],
    ['fp8', 8, { group: 16384 }, 8 + 32 / 16384],
    ['mxfp4', 4, {}, 4.25],
    ['nvfp4', 4, {}, 4.5],
    ['torchao', 4, { group: 32 }, 5],
  ])('%s in %d bits %j: %d', (method, width, more, expected) => {
    expect(bits(method, width, more)).toBe(expected);
  });

  test('table, head and norms stay in 16 bits, so a packed model is heavier than its nominal width', () => {
    const whole = jobOf('Qwen/Qwen2.5-7B-Instruct');
    const packing = packingOf({ method: 'awq', bits: 4, group: 128, skipped: [] });
    const packed = { ...whole, packing };
    const ends = 2 * 152_064 * 3584;
    const linear = parameterCount(whole.model) - ends;
    expect(baseWeights(packed) / ((linear * packing.bits) / 8 + ends * 2)).toBeCloseTo(1, 2);
    expect(baseWeights({ ...packed, packing: { ...packing, packsHead: true } })).toBeLessThan(
      baseWeights(packed),
    );
  });

  test('exllama keeps the largest layer in 16 bits; AWQ unpacks a layer for long prompts alone', () => {
    const of = (method: string, sequence: number): Job => ({
      ...jobOf('Qwen/Qwen2.5-7B-Instruct', { sequence }),
      packing: packingOf({ method, bits: 4, group: 128, skipped: [] }),
    });
    const largest = 3584 * 18_944 * 2;
    const kept = term(of('gptq', 8), 'prefill', 'kernel-scratch');
    expect(kept - term(of('awq', 8), 'prefill', 'kernel-scratch')).toBe(largest);
    expect(passAt(of('awq', 1023), PREFILL)?.[Kind.copy]).toBe(0);
    expect(passAt(of('awq', 1024), PREFILL)?.[Kind.copy]).toBe(largest);
  });

  test('a packed head of a tied model may be there while the model is loaded', () => {
    const job = jobOf('Qwen/Qwen2.5-0.5B-Instruct', { loadsHead: true });
    const loading = footprintOf(job).moments[0]?.atoms.find(({ term: { id } }) => id === 'loading');
    expect(loading?.bytes.at(new Map([['head_stored', 1]]))).toBe(151_936 * 896 * 2);
    expect(loading?.bytes.at(NONE)).toBe(0);
  });
});

describe('prefill', () => {
  const name = 'meta-llama/Llama-3.1-8B';

  test('the MLP is the highest instant with a fused kernel: three tensors of its width and the stream', () => {
    const [rows, hidden, inner] = [8192, 4096, 14_336];
    const pass = passAt(jobOf(name, { sequence: rows }), PREFILL);
    const bytes = pass?.[Kind.activation] ?? 0;
    expect(bytes).toBeGreaterThanOrEqual(2 * rows * 3 * inner);
    expect(bytes).toBeLessThanOrEqual(2 * rows * (3 * inner + 5 * hidden));
  });

  test('eager attention has ten bytes for each score', () => {
    const sequence = 8192;
    const pass = passAt(jobOf(name, { sequence, attention: 'eager' }), PREFILL);
    const scores = 32 * sequence ** 2;
    expect((pass?.[Kind.activation] ?? 0) / scores).toBeGreaterThan(10);
    expect((pass?.[Kind.activation] ?? 0) / scores).toBeLessThan(11);
  });

  test('logits of all positions, and in fp32 beside them', () => {
    const cells = 16_384 * 128_256;
    const of = (prefillLogits: Job['prefillLogits']): number =>
      passAt(jobOf(name, { sequence: 16_384, prefillLogits }), PREFILL)?.[Kind.logits] ?? 0;
    expect(of('all-fp32')).toBe(6 * cells);
    expect(of('last')).toBeLessThan(MiB);
  });

  test('chunks make what a pass needs a share of it, never more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 64, max: 4096 }), (prefillChunk) => {
        const whole = at(footprintOf(jobOf(name, { sequence: 4096 })), 'prefill');
        const chunked = at(footprintOf(jobOf(name, { sequence: 4096, prefillChunk })), 'prefill');
        expect(chunked).toBeLessThanOrEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  test('more of prompt, answer, batch or beams never needs less', () => {
    const size = fc.integer({ min: 1, max: 2048 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 4 }), (sequence, newTokens, batch) => {
        const base = { sequence, newTokens, batch };
        const least = peakOf(footprintOf(jobOf(name, base)), 'reserved').reserved.at(NONE);
        for (const more of [
          { sequence: sequence + 64 },
          { newTokens: newTokens + 64 },
          { batch: batch + 1 },
          { beams: 2 },
        ]) {
          const whole = footprintOf(jobOf(name, { ...base, ...more }));
          expect(peakOf(whole, 'reserved').reserved.at(NONE)).toBeGreaterThanOrEqual(least);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('other architectures', () => {
  test('a decoder behind an encoder begins with one token and keeps the keys of the encoder', () => {
    const job = jobOf('google-t5/t5-large', {
      sequence: 512,
      newTokens: 16,
      width: 4,
      cacheWidth: 4,
    });
    // 24 layers, 16 heads of 64, keys and values of 4 bytes.
    const token = 24 * 2 * 16 * 64 * 4;
    expect(cacheBytes(job, 'prefill')).toBe((512 + 1) * token);
    expect(cacheBytes(job, 'decode')).toBe((512 + 17) * token + 17 * 16 * 64 * 4);
  });

  test('Whisper keeps 1500 frames for each layer, whatever is spoken', () => {
    const job = jobOf('openai/whisper-large-v2', { sequence: 3000, newTokens: 0 });
    const token = 32 * 2 * 20 * 64 * 2;
    expect(cacheBytes(job, 'prefill')).toBe((1500 + 1) * token);
  });

  test('an encoder alone keeps no cache and makes one pass', () => {
    const job = jobOf('google-bert/bert-base-uncased', {
      sequence: 128,
      batch: 8,
      width: 4,
      weightWidth: 4,
      wholeWidth: 4,
    });
    const whole = footprintOf(job);
    expect(cacheBytes(job, 'prefill')).toBe(0);
    expect(at(whole, 'prefill')).toBeGreaterThan(at(whole, 'load'));
  });

  test('experts run one after another: their number changes no pass', () => {
    const one = passAt(jobOf('mistralai/Mixtral-8x7B-v0.1', { sequence: 4096 }), PREFILL);
    const dense = passAt(jobOf('mistralai/Mistral-7B-v0.1', { sequence: 4096 }), PREFILL);
    expect(one?.[Kind.activation]).toBe(dense?.[Kind.activation]);
  });
});

describe('what versions of transformers decide', () => {
  const ways = { isPacked: false, isMapped: true };

  test('before 4.42 the old cache has a name while the new one is made', () => {
    const model = modelOf('Qwen/Qwen2-7B-Instruct');
    expect(libraryDecides(model, [4, 38], ways)).toMatchObject({
      prefillLogits: 'all-fp32',
      cacheGrowth: 'twice',
      rotaryTables: 32_768,
      loadsReserved: 0,
    });
    expect(libraryDecides(model, [4, 46], ways)).toMatchObject({
      prefillLogits: 'last',
      cacheGrowth: 'joined',
      ignoresWindows: true,
    });
    expect(libraryDecides(model, [4, 46], ways).rotaryTables).toBeUndefined();
    expect(libraryDecides(model, [5, 0], ways).loadsReserved).toBe(1);
    expect(libraryDecides(model, [4, 57], { ...ways, isPacked: true }).loadsReserved).toBe(0.5);
    expect(libraryDecides(model, [4, 57], { ...ways, isMapped: false }).loadsReserved).toBe(0);
  });

  test('tables of sine and cosine: 28 layers of 32,768 positions are 448 MiB', () => {
    const job = jobOf('Qwen/Qwen2-7B-Instruct', { rotaryTables: 32_768 });
    expect(term(job, 'load', 'rotary-tables')).toBe(448 * MiB);
  });

  test('a cache of Gemma was made for the whole answer before windows were known', () => {
    const model = modelOf('google/gemma-2-9b');
    expect(libraryDecides(model, [4, 50], ways)).toMatchObject({
      cacheGrowth: 'static',
      ignoresWindows: false,
    });
    expect(libraryDecides(model, [4, 57], ways).cacheGrowth).toBe('joined');
  });

  test('values that are a view keep what was made with them', () => {
    const job = jobOf('microsoft/Phi-4-mini-instruct', { sequence: 1000, newTokens: 8 });
    // 24 heads of queries, 8 of keys and of values, of 128 elements.
    const token = 32 * 128 * 2;
    expect(cacheBytes(job, 'prefill')).toBe(1000 * token * 16);
    const old = { ...job, holdsProjections: true };
    expect(cacheBytes(old, 'prefill')).toBe(1000 * token * (16 + 24 + 8));
    expect(cacheBytes(old, 'decode')).toBe(cacheBytes(job, 'decode'));
  });
});

describe('one process on several cards', () => {
  test('cards share layers and cache; the ends are on the first and the last', () => {
    const job = jobOf('Qwen/Qwen2.5-72B-Instruct', { sequence: 4096, newTokens: 8 });
    for (const count of [1, 2, 3, 8]) {
      const cards = placed(job, count);
      const sum = (of: (one: Job) => number): number => cards.reduce((a, one) => a + of(one), 0);
      expect(cards).toHaveLength(count);
      expect(sum(baseWeights)).toBeCloseTo(baseWeights(job), -3);
      expect(sum((one) => cacheBytes(one, 'prefill'))).toBe(cacheBytes(job, 'prefill'));
      expect(sum((one) => (one.model.head === 'vocab' ? 1 : 0))).toBe(1);
      const most = Math.max(...cards.map(baseWeights));
      expect(most / (baseWeights(job) / count)).toBeLessThan(1.1);
    }
  });

  test('each card has the passing tensors of its layers', () => {
    const job = jobOf('Qwen/Qwen2.5-72B-Instruct', { sequence: 16_384 });
    const passes = placed(job, 4).map((one) => passAt(one, PREFILL)?.[Kind.activation]);
    expect(new Set(passes).size).toBe(1);
    expect(passes[0]).toBe(passAt(job, PREFILL)?.[Kind.activation]);
  });
});

// Figures of other tools with all of their inputs given; what they leave out is what the model must have.
describe('where others are wrong', () => {
  const llama = (): Job => jobOf('meta-llama/Llama-3.1-8B', { sequence: 8192 });

  test('a cache without grouped heads is four times too large, without one of K and V half', () => {
    const [layers, hidden] = [32, 4096];
    expect(cacheBytes(llama(), 'prefill')).toBe(GiB);
    expect((2 * layers * hidden * 8192 * 2) / cacheBytes(llama(), 'prefill')).toBe(4);
    expect((layers * hidden * 8192 * 2) / cacheBytes(llama(), 'prefill')).toBe(2);
    // Llama 2 7B has no groups: bytes × hidden × layers × tokens is half of it.
    const old = jobOf('meta-llama/Llama-2-7b-hf', { sequence: 4096 });
    expect(cacheBytes(old, 'prefill')).toBe(2 * GiB);
  });

  test('latent attention is 2.14 GiB at 32,768 tokens where it is cached as it comes, not 53.4', () => {
    const model = modelOf('deepseek-ai/DeepSeek-V3');
    expect((elementsPerToken(model, 'packed') * 2 * 32_768) / GiB).toBeCloseTo(2.14, 2);
  });

  test('layers of linear attention keep nothing a token: 0.75 GiB of Qwen3-Next, not 3', () => {
    const model = modelOf('Qwen/Qwen3-Next-80B-A3B-Instruct');
    expect((elementsPerToken(model, 'packed') * 2 * 32_768) / GiB).toBe(0.75);
  });

  test('gpt-oss 120B has 73,728 bytes a token', () => {
    expect(elementsPerToken(modelOf('openai/gpt-oss-120b'), 'packed') * 2).toBe(73_728);
  });

  test('a packed model times its nominal bits leaves out 2 GiB of table and head', () => {
    const job = jobOf('Qwen/Qwen2.5-7B-Instruct');
    const packing = packingOf({ method: 'gptq', bits: 4, group: 128, skipped: [] });
    const nominal = parameterCount(job.model) / 2;
    expect(baseWeights({ ...job, packing }) - nominal).toBeGreaterThan(1.5 * GiB);
  });

  test('weights and cache alone leave out a quarter at long prompts; 1.2 times the weights a third', () => {
    const sequence = 30_720;
    const job = jobOf('Qwen/Qwen2.5-0.5B-Instruct', { sequence, newTokens: 2048 });
    const peak = peakOf(footprintOf(job), 'allocated').allocated.at(NONE);
    expect(baseWeights(job) + cacheBytes(job, 'prefill')).toBeLessThan(0.75 * peak);
    expect(1.2 * baseWeights(job)).toBeLessThan(0.67 * peak);
  });

  test('a tied head is no weight of its own', () => {
    const job = jobOf('Qwen/Qwen2.5-0.5B-Instruct');
    expect(baseWeights(job)).toBe(parameterCount(job.model) * 2);
    expect(job.weights.some(({ role }) => role === 'head')).toBe(false);
  });

  test('states of AdamW have the format of the weights: 29.9 GiB for 8 billion in bf16, not 59.8', () => {
    const job: Job = {
      ...jobOf('meta-llama/Meta-Llama-3-8B', { sequence: 2048 }),
      purpose: 'training',
      trains: 'all',
      optimizer: 'adamw',
    };
    expect(term(job, 'optimizer', 'optimizer-states') / GiB).toBeCloseTo(29.92, 1);
  });
});

describe('generation as one program', () => {
  const PARTS: ReadonlySet<string> = new Set(['weights', 'kv-cache', 'activations', 'logits']);
  const composed = (job: Job): number =>
    Math.max(
      ...footprintOf(job).moments.map(({ atoms }) =>
        atoms
          .filter((atom) => PARTS.has(atom.term.id))
          .reduce((sum, { bytes }) => sum + bytes.at(NONE), 0),
      ),
    );

  test.each([
    ['meta-llama/Llama-3.2-1B', { batch: 1, sequence: 4096, newTokens: 64 }],
    ['meta-llama/Llama-3.2-1B', { batch: 32, sequence: 128, newTokens: 300 }],
    ['Qwen/Qwen2.5-7B', { batch: 16, sequence: 1024, newTokens: 256 }],
  ])('comes to what its parts do: %s, %j', (name, over) => {
    const job = jobOf(name, { ...over, cacheGrowth: 'joined' });
    const pool = poolOf(job);
    expect(Math.abs(composed(job) / (pool?.allocated ?? Number.NaN) - 1)).toBeLessThan(0.03);
    expect(pool?.reserved).toBeGreaterThanOrEqual(pool?.allocated ?? Number.NaN);
    const grown = poolOf({ ...job, allocator: { expandable: true } });
    expect(grown?.reserved).toBeLessThanOrEqual(1.01 * (pool?.reserved ?? Number.NaN));
  });

  test('is none where caches are made at once, have windows, or are searched by beams', () => {
    const job = jobOf('meta-llama/Llama-3.2-1B', { sequence: 64, newTokens: 8 });
    expect(poolOf({ ...job, cacheGrowth: 'static' })).toBeUndefined();
    expect(poolOf({ ...job, beams: 4 })).toBeUndefined();
    expect(poolOf(jobOf('google/gemma-2-2b', { sequence: 64, newTokens: 8 }))).toBeUndefined();
  });

  test('shows what the allocator holds when tokens make it reserve more than the prompt did', () => {
    const job = jobOf('meta-llama/Llama-3.2-1B', { batch: 32, sequence: 128, newTokens: 300 });
    const pool = poolOf(job);
    const footprint = footprintOf(job, undefined, undefined, undefined, pool);
    const reserved = peakOf(footprint, 'reserved').reserved.at(NONE);
    expect(Math.abs(reserved / (pool?.reserved ?? Number.NaN) - 1)).toBeLessThan(0.05);
  });
});

describe('a pass that autograd looks on at', () => {
  const plain = jobOf('Qwen/Qwen2.5-0.5B', { batch: 2, sequence: 512, newTokens: 0 });
  const recorded: Job = { ...plain, recordsGraph: true };

  test('keeps of each layer what a training step would', () => {
    const more = at(footprintOf(recorded), 'prefill') - at(footprintOf(plain), 'prefill');
    const { forward } = trainingStep({ ...plain, purpose: 'training', trains: 'all' }, false);
    const step = forward[Kind.activation] ?? Number.NaN;
    // A step has its loss as well, and here a cache is kept that the graph holds too.
    expect(more).toBeGreaterThan(0.7 * step);
    expect(more).toBeLessThan(1.1 * step);
  });

  test('has no token after it', () => {
    const points = footprintOf(plain).moments.map(({ moment }) => moment.point);
    expect(points).toEqual(['load', 'prefill']);
  });
});
