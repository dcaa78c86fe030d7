import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns } from '../../../../test/ring.ts';
import { findCatalogModel } from '../../catalog/models.ts';
import { readModelConfig } from '../../workload/model/read.ts';
import { parameterCount, weightsOf } from '../../workload/model/weights.ts';
import { footprintOf } from '../footprint.ts';
import { type Job, PLAIN_JOB, type Serving } from '../job.ts';
import { Graph } from './ggml/allocator.ts';
import { ggufSizes, mixOf } from './ggml/types.ts';
import { buffersOf } from './llama-cpp.ts';
import { ollamaContext } from './ollama.ts';

const NONE: ReadonlyMap<string, number> = new Map();
const MiB = 2 ** 20;

function jobOf(name: string, serving: Partial<Serving>): Job {
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
      engine: 'llama.cpp',
      fraction: 1,
      context: 8192,
      sequences: 1,
      batchedTokens: 512,
      graphs: false,
      mix: 'Q4_K_M',
      flash: true,
      ...serving,
    },
  };
}

// llama.cpp's own table for Llama 3.1 8B: bits a weight of the whole file.
test.each([
  ['IQ1_S', 2.0],
  ['IQ1_M', 2.15],
  ['IQ2_XXS', 2.38],
  ['IQ2_XS', 2.59],
  ['IQ2_S', 2.74],
  ['IQ2_M', 2.93],
  ['IQ3_XXS', 3.25],
  ['IQ3_XS', 3.5],
  ['IQ3_S', 3.66],
  ['IQ3_M', 3.76],
  ['IQ4_XS', 4.46],
  ['IQ4_NL', 4.68],
  ['Q2_K_S', 2.97],
  ['Q2_K', 3.16],
  ['Q3_K_S', 3.64],
  ['Q3_K_L', 4.3],
  ['Q4_K_S', 4.67],
  ['Q4_K_M', 4.89],
  ['Q5_K_S', 5.57],
  ['Q5_K_M', 5.7],
  ['Q6_K', 6.56],
  ['Q8_0', 8.5],
  ['F16', 16.0],
])('a %s of Llama 3.1 8B has %d bits a weight', (mix, bits) => {
  const { model, weights } = jobOf('meta-llama/Llama-3.1-8B', {});
  const { input, layers, output } = ggufSizes(model, weights, mix);
  const bytes = input + output + layers.reduce((a, b) => a + b, 0);
  expect((bytes * 8) / parameterCount(model)).toBeCloseTo(bits, 1);
  expect(Math.abs((bytes * 8) / parameterCount(model) / bits - 1)).toBeLessThan(0.0035);
});

// Published logs: model buffer on the card, what stays on the host. MiB.
test.each([
  ['meta-llama/Llama-3.1-8B', 'Q4_K_M', 4403.49, 281.81],
  ['Qwen/Qwen2.5-0.5B', 'Q4_K_M', 373.73, 137.94],
  ['EleutherAI/pythia-2.8b', 'F16', 5049.71, 245.62],
  ['EleutherAI/pythia-2.8b', 'Q8_0', 2684.57, 130.49],
  ['EleutherAI/pythia-2.8b', 'Q4_0', 1454.83, 69.08],
  ['EleutherAI/pythia-2.8b', 'Q5_K_M', 1887.64, 84.43],
])('buffers of %s in %s are to the hundredth of a MiB', (name, mix, device, host) => {
  const buffers = buffersOf(jobOf(name, { mix }));
  expect(buffers.model / MiB).toBeCloseTo(device, 1);
  expect(buffers.hostModel / MiB).toBeCloseTo(host, 1);
});

// Published logs: the compute buffer, by what its highest instant is.
test.each<[string, string, Partial<Serving>, number]>([
  ['logits', 'meta-llama/Llama-3.1-8B', {}, 258.5],
  ['logits', 'Qwen/Qwen2.5-7B', { context: 65_536 }, 304],
  ['logits', 'Qwen/Qwen3-14B', { context: 32_768 }, 306.75],
  ['scores', 'meta-llama/Meta-Llama-3-8B', { flash: false, version: '3000' }, 560],
  ['scores', 'mistralai/Mistral-7B-v0.3', { flash: false, context: 4096 }, 300.01],
  [
    'scores',
    'microsoft/Phi-3-mini-4k-instruct',
    { flash: false, context: 4096, batchedTokens: 256, version: '5000' },
    150,
  ],
  [
    'scores beside a joined projection',
    'EleutherAI/pythia-2.8b',
    { flash: false, context: 2048, version: '4548' },
    162,
  ],
])('compute buffer by its %s: %s', (_, name, serving, expected) => {
  expect((buffersOf(jobOf(name, serving)).compute ?? 0) / MiB).toBeCloseTo(expected, 1);
});

test('the cache: formats, windows, sequences', () => {
  const cache = (name: string, serving: Partial<Serving>): number =>
    buffersOf(jobOf(name, serving)).cache / MiB;
  expect(cache('meta-llama/Llama-3.1-8B', { context: 512 })).toBe(64);
  expect(cache('Qwen/Qwen3-14B', { context: 32_768, keyType: 'q8_0', valueType: 'q8_0' })).toBe(
    2720,
  );
  expect(cache('meta-llama/Llama-3.1-8B', { context: 8192, sequences: 4 })).toBe(4096);
  expect(cache('meta-llama/Llama-3.1-8B', { context: 8192, sequences: 4, sharedCache: true })).toBe(
    1024,
  );
  // A published log: Gemma 2 2B with the whole context in layers with a window, two sequences.
  const gemma = { context: 8192, sequences: 2, fullWindows: true };
  expect(cache('google/gemma-2-2b', gemma)).toBe(2 * 832);
  expect(cache('google/gemma-2-2b', { ...gemma, fullWindows: false })).toBeLessThan(2 * 832);
});

test('cards of one process hold runs of layers with their cache, and together what one would', () => {
  const of = (serving: Partial<Serving>) =>
    buffersOf(jobOf('meta-llama/Llama-3.1-8B', { gpuLayers: 33, ...serving }));
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  for (const by of ['layer', 'row'] as const) {
    for (const gpuLayers of [5, 20, 33]) {
      const one = of({ gpuLayers });
      const cards = [0, 1, 2].map((card) => of({ gpuLayers, split: { by, cards: 3, card } }));
      expect(sum(cards.map(({ model }) => model))).toBeCloseTo(one.model, 3);
      for (const part of ['cache', 'hostModel', 'hostCache', 'output'] as const)
        expect(sum(cards.map((card) => card[part])), part).toBe(one[part]);
      for (const { allCache } of cards) expect(allCache).toBe(one.allCache);
      // Divided as somebody says, nothing is lost either; a card without a share has nothing.
      const shares = [0.75, 0, 0.25];
      const told = [0, 1, 2].map((card) =>
        of({ gpuLayers, split: { by, cards: 3, card, shares } }),
      );
      expect(sum(told.map(({ model }) => model))).toBeCloseTo(one.model, 3);
      expect(sum(told.map(({ cache }) => cache))).toBe(one.cache);
      expect(told[1]).toMatchObject({ model: 0, ...(by === 'layer' && { cache: 0 }) });
    }
  }
  // 33 of two cards: layers 0 to 16, and 17 to 31 with the head.
  const [first, second] = [0, 1].map((card) => of({ split: { by: 'layer', cards: 2, card } }));
  expect((first?.cache ?? 0) / (second?.cache ?? 1)).toBeCloseTo(17 / 15, 9);
  // Inputs of four batches lie on each card where all layers do, and those of one where rows are divided.
  const rows = of({ split: { by: 'row', cards: 2, card: 0 } });
  expect(first?.compute).toBeGreaterThan(rows.compute ?? 0);
});

test('layers move between card and host, and the head goes last', () => {
  const of = (gpuLayers: number) => buffersOf(jobOf('meta-llama/Llama-3.1-8B', { gpuLayers }));
  const all = of(33);
  expect(of(99)).toEqual(all);
  expect(of(0)).toMatchObject({ model: 0, cache: 0, compute: 0 });
  for (const count of [0, 8, 31, 32]) {
    const some = of(count);
    expect(some.model + some.hostModel).toBe(all.model + all.hostModel);
    expect(some.cache + some.hostCache).toBe(all.cache);
  }
  expect(of(33).model - of(32).model).toBeGreaterThan(of(32).model - of(31).model);
});

test('a layer whose graph is not known gives a range, not a number', () => {
  const job = jobOf('Qwen/Qwen3-Next-80B-A3B-Instruct', {});
  expect(buffersOf(job).compute).toBeUndefined();
  const last = footprintOf(job, 8, { name: '', usable: 80 * 2 ** 30 }).moments.at(-1);
  const compute = last?.atoms.find(({ term }) => term.id === 'ggml-compute');
  expect(compute?.bytes.factors.map(({ name }) => name)).toEqual(['ggml_unknown_graph']);
});

test('host memory is no part of what the device holds', () => {
  const last = footprintOf(jobOf('meta-llama/Llama-3.1-8B', {}), 8, {
    name: '',
    usable: 24 * 2 ** 30,
  }).moments.at(-1);
  const device = (last?.atoms ?? [])
    .filter(({ term }) => term.id !== 'ggml-host')
    .reduce((sum, { bytes }) => sum + bytes.at(NONE), 0);
  expect(last?.device.at(NONE)).toBe(device);
  expect(last?.allocated.at(NONE)).toBe(0);
});

test('ollama gives a context by its version and the memory of the cards', () => {
  const card = (size: number, version?: string): number => ollamaContext(size * 2 ** 30, version);
  expect([card(80, '0.5.4'), card(80, '0.6.7'), card(80, '0.15.4')]).toEqual([2048, 4096, 4096]);
  expect([card(11.6), card(23.6), card(47.4, '0.15.5')]).toEqual([4096, 32_768, 262_144]);
});

test('ollama puts as many layers on the card as find room', () => {
  const device = (usable: number, sequences = 1): number => {
    const job = jobOf('meta-llama/Llama-3.1-8B', { engine: 'ollama', sequences, context: 4096 });
    return footprintOf(job, 8, { name: '', usable }).moments.at(-1)?.device.at(NONE) ?? 0;
  };
  let before = 0;
  for (const gib of [1, 2, 4, 6, 8]) {
    const found = device(gib * 2 ** 30);
    expect(found).toBeGreaterThanOrEqual(before);
    before = found;
  }
  expect(device(8 * 2 ** 30)).toBe(device(24 * 2 ** 30));
  // Each parallel request has a context of its own.
  expect(device(24 * 2 ** 30, 4) - device(24 * 2 ** 30)).toBeGreaterThanOrEqual(3 * 512 * MiB);
});

test('names of mixes', () => {
  expect(mixOf('q4_k_m')).toBe('Q4_K_M');
  expect(mixOf('Q4_K')).toBe('Q4_K_M');
  expect(mixOf('fp16')).toBe('F16');
  expect(mixOf('Q9_X')).toBeUndefined();
});

test('more context, sequences or tokens never need less', () => {
  const total = (serving: Partial<Serving>): number => {
    const { model, cache, compute = 0 } = buffersOf(jobOf('google/gemma-2-2b', serving));
    return model + cache + compute;
  };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 16 }),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      (blocks, sequences, flash) => {
        const base = { context: blocks * 512, sequences, flash };
        const least = total(base);
        expect(total({ ...base, context: base.context + 512 })).toBeGreaterThanOrEqual(least);
        expect(total({ ...base, sequences: sequences + 1 })).toBeGreaterThanOrEqual(least);
      },
    ),
    { numRuns: numRuns(25) },
  );
});

test('a buffer is at least what lives at once, and never more than all results', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 2, maxLength: 30 }),
      (sizes) => {
        const graph = new Graph();
        let last = graph.input(sizes[0] ?? 1);
        let pair = 0;
        let all = last.bytes;
        for (const size of sizes.slice(1)) {
          pair = Math.max(pair, last.bytes + size);
          all += Math.ceil(size / 128) * 128;
          last = graph.result(size, last);
        }
        const found = graph.size();
        expect(found).toBeGreaterThanOrEqual(pair);
        expect(found).toBeLessThanOrEqual(all + 128 * sizes.length);
      },
    ),
  );
});

test('an operand that nobody else needs gives its place', () => {
  const of = (isShared: boolean): number => {
    const graph = new Graph();
    const x = graph.input(1024);
    const y = graph.inPlace(1024, x);
    if (isShared) graph.result(1024, y, x);
    return graph.size();
  };
  expect(of(false)).toBe(1024);
  expect(of(true)).toBe(3 * 1024);
});
