// What record.py asks of a card is covered, whatever it measures: rows as it writes them, without the figures.
import { expect, test } from 'vitest';
import { footprintOf, peakOf } from '../src/core/footprint/footprint.ts';
import { PLAIN_JOB } from '../src/core/footprint/job.ts';
import { libraryDecides } from '../src/core/footprint/library.ts';
import { packingOf } from '../src/core/footprint/packing.ts';
import { placed } from '../src/core/footprint/placed.ts';
import { stagesOf } from '../src/core/footprint/ranks.ts';
import { detectorNetwork } from '../src/core/workload/graph/nets/detector.ts';
import { segmenterNetwork } from '../src/core/workload/graph/nets/segmenter.ts';
import { networkModel, networkNamed } from '../src/core/workload/graph/networks.ts';
import { readModelConfig } from '../src/core/workload/model/read.ts';
import { weightsOf } from '../src/core/workload/model/weights.ts';
import { jobOf } from '../truth/jobs.mjs';
import { usable } from '../truth/usable.mjs';

type Row = Parameters<typeof jobOf>[0] & Readonly<Record<string, unknown>>;

interface Case {
  readonly name: string;
  readonly model: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

const LLAMA = {
  kind: 'llama',
  vocab: 32000,
  hidden: 1024,
  inter: 2816,
  layers: 12,
  heads: 16,
  kv: 4,
  tie: false,
};
const QWEN = {
  kind: 'qwen2',
  vocab: 151936,
  hidden: 896,
  inter: 4864,
  layers: 12,
  heads: 14,
  kv: 2,
  tie: true,
};
const GPT2 = {
  kind: 'gpt2',
  vocab: 50257,
  hidden: 768,
  inter: 3072,
  layers: 12,
  heads: 12,
  kv: 12,
  tie: true,
};
const BERT = {
  kind: 'bert',
  vocab: 30522,
  hidden: 768,
  inter: 3072,
  layers: 12,
  heads: 12,
  kv: 12,
  tie: true,
};
const LLAMA1B = {
  kind: 'llama',
  vocab: 128256,
  hidden: 2048,
  inter: 8192,
  layers: 16,
  heads: 32,
  kv: 8,
  tie: true,
};
const VIT = { kind: 'vit', hidden: 768, inter: 3072, layers: 12, heads: 12, image: 224 };
const CNNS = [
  'resnet18',
  'resnet50',
  'mobilenet_v3_large',
  'efficientnet_b0',
  'convnext_tiny',
  'densenet121',
  'vgg16',
];

/** What each case has unless it says otherwise, and what the card adds to its row. */
const PLAIN = {
  section: 'peaks',
  task: 'train',
  batch: 2,
  seq: 512,
  precision: 'bf16',
  optimizer: 'adamw_fused',
  checkpointing: false,
  attention: 'sdpa',
  accumulate: 1,
  lora: null,
  torch: '2.9.1+cu128',
  dry_run: false,
  gpu: 'NVIDIA H100 80GB HBM3',
  total_bytes: 84929347584,
  cc: '9.0',
  driver: '580.82.07, 81559 MiB',
  versions: { transformers: '5.1.0', peft: '0.18.0', accelerate: '1.12.0', torchvision: '0.24.1' },
};

/** The cases of its section `peaks`, in its order. */
function peaks(): readonly Case[] {
  const cases: Case[] = [];
  const add = (model: object, name: string, over: object): void => {
    cases.push({ ...PLAIN, name, model: { ...model }, ...over });
  };
  const models = [
    [LLAMA, 'llama-small'],
    [QWEN, 'qwen2-small'],
    [GPT2, 'gpt2'],
    [LLAMA1B, 'llama-1b'],
    [BERT, 'bert-base'],
  ] as const;
  for (const [model, name] of models) {
    const isShort = name === 'bert-base' || name === 'gpt2';
    add(model, name, { batch: 1 });
    add(model, name, { batch: 4 });
    add(model, name, isShort ? { batch: 8, seq: 256 } : { batch: 2, seq: 2048 });
    add(model, name, { checkpointing: true, batch: 4 });
    for (const precision of ['fp32', 'amp_bf16', 'amp_fp16']) add(model, name, { precision });
    for (const optimizer of ['adamw_foreach', 'adamw_loop', 'sgd', 'sgd_momentum', 'adafactor'])
      add(model, name, { optimizer });
    add(model, name, { attention: 'eager' });
    add(model, name, { accumulate: 2 });
    add(model, name, { task: 'forward', batch: 4, seq: name === 'bert-base' ? 512 : 1024 });
    add(model, name, { task: 'eval_with_grad', batch: 4 });
    if (isShort) continue;
    for (const lora of ['q_proj,v_proj', 'all-linear']) add(model, name, { lora, batch: 4 });
    add(model, name, { task: 'generate', batch: 4, seq: 1024 });
    add(model, name, { task: 'generate', batch: 1, seq: 8192 });
  }
  for (const batch of [8, 32]) {
    add(VIT, 'vit-base', { batch, seq: 0 });
    add(VIT, 'vit-base', { batch, seq: 0, precision: 'amp_fp16' });
  }
  for (const name of CNNS) {
    const common = { seq: 0, optimizer: 'sgd_momentum', attention: 'none' };
    const model = { kind: 'cnn', name, image: 224 };
    for (const batch of [8, 32]) add(model, name, { ...common, batch, precision: 'fp32' });
    add(model, name, { ...common, batch: 32, precision: 'amp_fp16' });
  }
  return cases;
}

const rowOf = (one: Case, index: number): Row =>
  ({ ...one, id: `peak-${index}` }) as unknown as Row;

/** Allocated bytes that are predicted for a row. */
function predictedOf(row: Row): number {
  const covered = jobOf(row);
  if (typeof covered === 'string' || 'read' in covered) throw new Error(`${covered}`);
  const { name = '', config, job, moments, complete = (one) => [one] } = covered;
  const network = covered.network?.({ detectorNetwork, segmenterNetwork, networkNamed });
  const reading = readModelConfig({ ...config?.[name] }, 'a test');
  const known =
    network === undefined && reading.ok
      ? { model: reading.model, weights: weightsOf(reading.model) }
      : network === undefined
        ? undefined
        : networkModel(network);
  if (known === undefined) throw new Error(`${name} is not read`);
  const [whole] = complete(
    { ...PLAIN_JOB, ...job, ...known },
    { libraryDecides, packingOf, placed, stagesOf },
  );
  if (whole === undefined) throw new Error(`${name} has no job`);
  const footprint = footprintOf(whole, Number(row['cc']));
  const of = footprint.moments.filter(({ moment }) => moments.includes(moment.point));
  return peakOf({ moments: of }, covered.view)[covered.view].at(new Map());
}

test('every peak that record.py records is covered', () => {
  const rows = peaks().map(rowOf);
  expect(rows.length).toBe(117);
  for (const row of rows) {
    expect(typeof jobOf(row), row.id).not.toBe('string');
    expect(predictedOf(row), row.id).toBeGreaterThan(100 * 2 ** 20);
  }
  expect(rows.filter((row) => usable(row) === true).length).toBe(92);
});

test('what record.py varies moves a prediction as it must', () => {
  const bytes = (model: object, over: object): number =>
    predictedOf(rowOf({ ...PLAIN, name: 'a', model: { ...model }, ...over }, 0));
  expect(bytes(LLAMA, { batch: 4 })).toBeGreaterThan(bytes(LLAMA, { batch: 1 }));
  expect(bytes(LLAMA, { batch: 4, checkpointing: true })).toBeLessThan(bytes(LLAMA, { batch: 4 }));
  expect(bytes(LLAMA, { attention: 'eager' })).toBeGreaterThan(bytes(LLAMA, {}));
  expect(bytes(LLAMA, { accumulate: 2 })).toBeGreaterThan(bytes(LLAMA, {}));
  expect(bytes(LLAMA, { precision: 'fp32' })).toBeGreaterThan(bytes(LLAMA, {}));
  expect(bytes(LLAMA1B, { lora: 'q_proj,v_proj' })).toBeLessThan(bytes(LLAMA1B, {}));
  expect(bytes(LLAMA, { task: 'forward', batch: 4 })).toBeLessThan(
    bytes(LLAMA, { task: 'eval_with_grad', batch: 4 }),
  );
  // Adafactor makes fp32 copies of the largest tensor in 16 bits: here that is the table.
  expect(bytes(QWEN, { optimizer: 'adafactor' })).toBeGreaterThan(
    bytes(QWEN, { optimizer: 'sgd' }) + 100 * 2 ** 20,
  );
});
