import { expect, test } from 'vitest';
import { GiB } from '../base/bytes.ts';
import { findCatalogModel } from '../catalog/models.ts';
import type { Model } from '../workload/model/model.ts';
import { readModelConfig } from '../workload/model/read.ts';
import { weightsOf } from '../workload/model/weights.ts';
import { cacheBytes, elementsPerToken, keptLayers } from './cache.ts';
import { type Job, PLAIN_JOB } from './job.ts';

function modelOf(name: string): Model {
  const found = findCatalogModel(name);
  if (found === undefined) throw new Error(`${name} is not in the catalog`);
  const reading = readModelConfig(found.model.config, found.model.source);
  if (!reading.ok) throw new Error(`the config of ${name} cannot be read`);
  return reading.model;
}

const jobOf = (name: string, over: Partial<Job> = {}): Job => {
  const model = modelOf(name);
  return { ...PLAIN_JOB, model, weights: weightsOf(model), ...over };
};

test('Llama 3.1 8B: 8192 tokens are a gibibyte, as grouped heads make it', () => {
  expect(cacheBytes(jobOf('meta-llama/Llama-3.1-8B', { sequence: 8192 }), 'prefill')).toBe(GiB);
});

test('latent attention: 576 elements a token and layer as it comes, 40,960 unpacked', () => {
  const model = modelOf('deepseek-ai/DeepSeek-V3');
  const layers = model.stacks.reduce((sum, { pattern }) => sum + pattern.length, 0);
  expect(elementsPerToken(model, 'packed') / layers).toBe(576);
  expect(elementsPerToken(model, 'unpacked') / layers).toBe(128 * (192 + 128));
  // A rank of tensor parallelism has the whole latent, and its share of what is unpacked.
  expect(elementsPerToken(model, 'packed', 8)).toBe(elementsPerToken(model, 'packed'));
  expect(elementsPerToken(model, 'unpacked', 8) * 8).toBe(elementsPerToken(model, 'unpacked'));
});

test('a cache never falls below one head of keys and values on each rank', () => {
  const model = modelOf('Qwen/Qwen2.5-7B-Instruct');
  expect(elementsPerToken(model, 'packed', 4)).toBe(elementsPerToken(model, 'packed') / 4);
  expect(elementsPerToken(model, 'packed', 8)).toBe(elementsPerToken(model, 'packed') / 4);
});

test.each([
  ['google/gemma-3-27b-it', 1024, 52, 10],
  ['openai/gpt-oss-20b', 128, 12, 12],
])('%s: windows of %d tokens in %d layers, all tokens in %d', (name, window, narrow, full) => {
  const counts = { narrow: 0, full: 0 };
  for (const { kept, count } of keptLayers(modelOf(name), 'unpacked')) {
    expect(kept[0]?.window).toSatisfy((of) => of === undefined || of === window);
    counts[kept[0]?.window === undefined ? 'full' : 'narrow'] += count;
  }
  expect(counts).toEqual({ narrow, full });
});

test('states of hybrids stay as they are while the sequence grows', () => {
  // 4 of 32 layers of Jamba attend, with 8 heads of 128; the others keep 8192 × (16 + 4) elements.
  const constant = 28 * 8192 * (16 + 4) * 2;
  for (const sequence of [1, 1000, 100_000]) {
    const job = jobOf('ai21labs/AI21-Jamba-1.5-Mini', { sequence });
    expect(cacheBytes(job, 'prefill')).toBe(constant + sequence * 4 * 2 * 8 * 128 * 2);
  }
});

test('growth: one layer twice, all layers twice, or everything from the first token', () => {
  const base = { sequence: 1000, newTokens: 24 } as const;
  const of = (over: Partial<Job>, point: 'prefill' | 'decode'): number =>
    cacheBytes(jobOf('meta-llama/Llama-3.1-8B', { ...base, ...over }), point);
  const token = 131_072;
  expect(of({}, 'decode')).toBe(1024 * token + (1024 * token) / 64);
  expect(of({ cacheGrowth: 'twice' }, 'decode')).toBe(2 * 1024 * token);
  expect(of({ cacheGrowth: 'static', cacheLength: 2048 }, 'prefill')).toBe(2048 * token);
  expect(of({ cacheGrowth: 'static', cacheLength: 2048 }, 'decode')).toBe(2048 * token);
});

test('a window limits the cache once the prompt is behind it', () => {
  const job = jobOf('google/gemma-3-27b-it', { sequence: 8192, newTokens: 1 });
  const token = 2 * 16 * 128 * 2;
  expect(cacheBytes(job, 'prefill')).toBe(62 * 8192 * token);
  expect(cacheBytes(job, 'decode')).toBe((10 * 8193 + 52 * 1024) * token + (8193 * token) / 2);
  const old = { ...job, ignoresWindows: true };
  expect(cacheBytes(old, 'decode')).toBe(62 * 8193 * token + (8193 * token) / 2);
});
