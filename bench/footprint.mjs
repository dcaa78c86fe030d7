// @ts-check
/** How long a footprint takes: of a new job, and after a change that no rehearsal depends on. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median, mostRow } from './lib/bench.mjs';

/** Llama 3 8B. */
const CONFIG = {
  model_type: 'llama',
  hidden_size: 4096,
  intermediate_size: 14336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  vocab_size: 128256,
  tie_word_embeddings: false,
  torch_dtype: 'bfloat16',
};

const OPTIMIZERS = /** @type {const} */ ([
  'adamw',
  'adamw-fused',
  'sgd',
  'adafactor',
  'adamw-8bit',
]);

const us = (/** @type {number} */ value) => `${value.toFixed(1)} µs`;

/**
 * @param {import('./lib/bench.mjs').Options} options
 * @returns {Promise<import('./lib/bench.mjs').Result>}
 */
export async function run(options) {
  const path = join(options.dist, 'footprints.js');
  /** @type {typeof import('../dist/types/core/footprints.d.ts')} */
  const { footprintOf, PLAIN_JOB, peakOf, poolOf, readModelConfig, weightsOf } = await import(
    pathToFileURL(path).href
  );
  const none = new Map();
  const jobOf = () => {
    const reading = readModelConfig(CONFIG, 'a benchmark');
    if (!reading.ok) throw new Error('the config of this benchmark cannot be read');
    const { model } = reading;
    /** @type {import('../dist/types/core/footprints.d.ts').Job} */
    const job = {
      ...PLAIN_JOB,
      model,
      weights: weightsOf(model),
      purpose: 'training',
      trains: 'all',
      batch: 2,
      sequence: 2048,
    };
    return job;
  };
  const bytesOf = (/** @type {ReturnType<typeof jobOf>} */ job) =>
    peakOf(footprintOf(job, 9), 'device').device.at(none);

  const runs = options.runs ?? 25;
  const cold = [];
  for (let i = 0; i < 4 * runs; i += 1) {
    const job = jobOf();
    const from = performance.now();
    bytesOf(job);
    cold.push((performance.now() - from) * 1000);
  }
  const job = jobOf();
  bytesOf(job);
  const warm = [];
  const each = 400;
  for (let i = 0; i < 4 * runs; i += 1) {
    const from = performance.now();
    for (let k = 0; k < each; k += 1)
      bytesOf({ ...job, optimizer: OPTIMIZERS[k % OPTIMIZERS.length] ?? 'sgd', ema: k % 3 === 0 });
    warm.push(((performance.now() - from) * 1000) / each);
  }
  const replay = [];
  for (let i = 0; i < runs; i += 1) {
    const from = performance.now();
    poolOf(jobOf());
    replay.push((performance.now() - from) * 1000);
  }
  // What is read in about so long: the ratio stays where a slow machine slows both.
  const text = JSON.stringify(CONFIG);
  const parsed = [];
  for (let i = 0; i < 4 * runs; i += 1) {
    const from = performance.now();
    for (let k = 0; k < each; k += 1) JSON.parse(text);
    parsed.push(((performance.now() - from) * 1000) / each);
  }
  const reference = Math.min(...parsed);
  const rows = [
    mostRow('a new job', median(cold), 2000, us),
    mostRow('another optimizer', median(warm), 20, us),
    {
      measure: 'the same / the JSON of its config read',
      value: `${(Math.min(...warm) / reference).toFixed(2)} ×`,
    },
    mostRow('a step replayed through the allocator', median(replay), 50_000, us),
  ];
  return { name: 'footprint of Llama 3 8B in training', rows };
}
