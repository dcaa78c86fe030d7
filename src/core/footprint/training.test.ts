import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns } from '../../../test/ring.ts';
import { readModelConfig } from '../workload/model/read.ts';
import { weightsOf } from '../workload/model/weights.ts';
import { footprintOf, peakOf } from './footprint.ts';
import { type Adapter, type Job, type OptimizerName, PLAIN_JOB } from './job.ts';
import { type Pool, poolOf } from './pool.ts';
import type { LossKernel } from './rehearsal/ends.ts';
import { gradientBytes, trained } from './static.ts';

const NONE: ReadonlyMap<string, number> = new Map();

const LLAMA = {
  model_type: 'llama',
  hidden_size: 512,
  intermediate_size: 1536,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  vocab_size: 8192,
  tie_word_embeddings: false,
};

const BERT = {
  model_type: 'bert',
  architectures: ['BertForSequenceClassification'],
  hidden_size: 512,
  intermediate_size: 2048,
  num_attention_heads: 8,
  vocab_size: 8192,
  max_position_embeddings: 512,
};

/** A job over a model of its own, so that nothing is known of it from before. */
function jobOf(over: Partial<Job>, config: object = LLAMA, layers = 6): Job {
  const reading = readModelConfig({ ...config, num_hidden_layers: layers }, 'a test');
  if (!reading.ok) throw new Error('the config of this test cannot be read');
  const { model } = reading;
  return {
    ...PLAIN_JOB,
    model,
    weights: weightsOf(model),
    purpose: 'training',
    trains: 'all',
    batch: 2,
    sequence: 256,
    ...over,
  };
}

const adapter = fc.record({
  rank: fc.constantFrom(4, 16),
  targets: fc.constantFrom<Adapter['targets']>(['q_proj', 'v_proj'], 'all-linear'),
  width: fc.constantFrom(2, 4),
  dropout: fc.boolean(),
  dora: fc.boolean(),
});

const optimizers: readonly OptimizerName[] = ['adamw', 'adamw-fused', 'sgd', 'adamw-8bit'];
const losses: readonly LossKernel[] = ['plain', 'upcast', 'upcast-output', 'chunked', 'split'];

/** Settings of a training job that change what a step allocates. */
const settings: fc.Arbitrary<Partial<Job>> = fc
  .record({
    batch: fc.integer({ min: 1, max: 4 }),
    sequence: fc.constantFrom(128, 256, 512),
    program: fc.constantFrom('transformers', 'litgpt'),
    attention: fc.constantFrom('flash', 'efficient', 'eager'),
    padded: fc.boolean(),
    checkpointing: fc.boolean(),
    loss: fc.constantFrom(...losses),
    keepsOutputs: fc.boolean(),
    optimizer: fc.constantFrom(...optimizers),
    accumulation: fc.constantFrom(1, 4),
    keepsGradients: fc.boolean(),
    autocast: fc.boolean(),
    adapter: fc.option(adapter, { nil: undefined }),
  })
  .map(
    ({ adapter: one, autocast, ...rest }): Partial<Job> => ({
      ...rest,
      ...(autocast ? { autocast: 2 } : {}),
      ...(one === undefined ? {} : { trains: 'adapter', adapter: one }),
    }),
  );

const totals = (job: Job): readonly (readonly number[])[] =>
  footprintOf(job, 8).moments.map(({ allocated, reserved, device }) =>
    [allocated, reserved, device].map((view) => view.at(NONE)),
  );

const allocated = (job: Job): number => peakOf(footprintOf(job), 'allocated').allocated.at(NONE);

test('what is kept from earlier jobs changes nothing', () => {
  const shared = jobOf({});
  fc.assert(
    fc.property(settings, (over) => {
      expect(totals({ ...shared, ...over })).toEqual(totals(jobOf(over)));
    }),
    { numRuns: numRuns(120) },
  );
});

/** Terms that a replayed program has too; others stand for what kernels and caches need beside it. */
const IN_PROGRAM: ReadonlySet<string> = new Set([
  'weights',
  'adapter-weights',
  'gradients',
  'optimizer-states',
  'optimizer-step',
  'activations',
  'logits',
  'weight-copies',
  'gathered-weights',
]);

const composedOf = (job: Job): number =>
  Math.max(
    ...footprintOf(job).moments.map(({ atoms }) =>
      atoms
        .filter(({ term }) => IN_PROGRAM.has(term.id))
        .reduce((sum, { bytes }) => sum + bytes.at(NONE), 0),
    ),
  );

test('equal layers rehearsed once give what the whole program gives, layer by layer', () => {
  fc.assert(
    fc.property(settings, fc.integer({ min: 2, max: 9 }), (over, layers) => {
      const job = jobOf({ ...over, optimizer: 'adamw-fused' }, LLAMA, layers);
      const whole = poolOf(job)?.allocated ?? Number.NaN;
      expect(Math.abs(composedOf(job) / whole - 1)).toBeLessThan(0.03);
    }),
    { numRuns: numRuns(60) },
  );
});

test('units of FSDP run as events need what their sums say, and its streams keep memory to themselves', () => {
  const base = {
    optimizer: 'adamw-fused',
    sharding: 'full',
    weightWidth: 4,
    wholeWidth: 4,
  } as const;
  const shared = { data: 8, tensor: 1, pipeline: 1, context: 1, expert: 1 } as const;
  for (const over of [
    { checkpointing: true },
    { checkpointing: false },
    { checkpointing: true, accumulation: 4 },
    { parallel: { ends: 'apart' as const } },
    { checkpointing: true, parallel: { tensor: 2, sequence: true, data: 4 } },
  ]) {
    const parallel = { ...shared, gatherWidth: 2, reduceWidth: 4, ...over.parallel };
    const job = jobOf({ ...base, gradientWidth: 4, ...over, parallel }, LLAMA, 12);
    const { allocated: whole, reserved } = poolOf(job) as Pool;
    expect(Math.abs(composedOf(job) / whole - 1)).toBeLessThan(0.08);
    const alone = poolOf(
      jobOf({ ...base, sharding: 'none', gradientWidth: 4, ...over, parallel: shared }, LLAMA, 12),
    ) as Pool;
    expect(reserved / whole).toBeGreaterThan(alone.reserved / alone.allocated);
  }
});

test('FSDP keeps whole gradients between micro-batches where only the last is reduced', () => {
  const parallel = { data: 8, tensor: 1, pipeline: 1, context: 1, expert: 1 } as const;
  const base = { checkpointing: true, sharding: 'full', optimizer: 'adamw-fused' } as const;
  const of = (over: Partial<Job>, defersReduction: boolean): Job =>
    jobOf(
      { ...base, ...over, parallel: { ...parallel, ...over.parallel, defersReduction } },
      LLAMA,
      12,
    );
  const whole = trained(of({}, false)).elements * 2;
  const more = (over: Partial<Job>): number =>
    allocated(of(over, true)) - allocated(of(over, false));
  // One micro-batch is the last.
  expect(more({})).toBe(0);
  expect(more({ accumulation: 4 })).toBeGreaterThan(0.6 * whole);
  const [late, soon] = [true, false].map(
    (defers) => poolOf(of({ accumulation: 4 }, defers)) as Pool,
  );
  expect((late as Pool).allocated - (soon as Pool).allocated).toBeGreaterThan(0.6 * whole);
});

test('FSDP 1 makes gradients of all weights of a unit that has an adapter', () => {
  const parallel = { data: 8, tensor: 1, pipeline: 1, context: 1, expert: 1 } as const;
  const lora = { rank: 8, targets: ['q_proj'], width: 2, dropout: false, dora: false };
  const of = (system: 'fsdp1' | 'fsdp2'): Job =>
    jobOf({
      trains: 'adapter',
      adapter: lora,
      sharding: 'full',
      parallel: { ...parallel, system },
    });
  expect(gradientBytes(of('fsdp1'))).toBeGreaterThan(20 * gradientBytes(of('fsdp2')));
});

test.each<readonly [string, Partial<Job>]>([
  ['every second product', { selective: 'operations' }],
  ['every second layer', { selective: 'second' }],
  ['inputs on the host', { activationOffload: true }],
])('a program that recomputes: %s', (_, over) => {
  const base = { checkpointing: true, optimizer: 'adamw-fused', batch: 8, sequence: 1024 } as const;
  const job = jobOf({ ...base, loss: 'fused-head', ...over }, LLAMA, 12);
  const whole = poolOf(job)?.allocated ?? Number.NaN;
  expect(Math.abs(composedOf(job) / whole - 1)).toBeLessThan(0.03);
  expect(whole).not.toBe(poolOf(jobOf({ ...base, loss: 'fused-head' }, LLAMA, 12))?.allocated);
});

test('an encoder is trained with its table and its labels', () => {
  const job = jobOf({ attention: 'eager', loss: 'plain', hiddenDropout: true }, BERT);
  const whole = poolOf(job)?.allocated ?? Number.NaN;
  expect(Math.abs(composedOf(job) / whole - 1)).toBeLessThan(0.03);
  expect(allocated(jobOf({ attention: 'eager' }, BERT, 12))).toBeGreaterThan(allocated(job));
});

test('more sequences or tokens never need less, whatever else is set', () => {
  fc.assert(
    fc.property(settings, (over) => {
      const job = jobOf(over);
      expect(allocated({ ...job, batch: job.batch + 1 })).toBeGreaterThanOrEqual(allocated(job));
      const longer = { ...job, sequence: job.sequence + 128 };
      expect(allocated(longer)).toBeGreaterThanOrEqual(allocated(job));
    }),
    { numRuns: numRuns(60) },
  );
});

test('a replay reserves at least what is live', () => {
  fc.assert(
    fc.property(settings, (over) => {
      const pool = poolOf(jobOf(over));
      expect(pool?.reserved).toBeGreaterThanOrEqual(pool?.allocated ?? Number.NaN);
    }),
    { numRuns: numRuns(30) },
  );
});

test('gradients that are set to zero instead of let go are there in the next forward pass', () => {
  const forward = (over: Partial<Job>): number =>
    footprintOf(jobOf(over))
      .moments.find(({ moment }) => moment.point === 'forward' && moment.turn === 'later')
      ?.allocated.at(NONE) ?? Number.NaN;
  const parameters = jobOf({}).weights.reduce(
    (sum, { shape, count }) => sum + shape.reduce((a, b) => a * b, 1) * count,
    0,
  );
  expect(forward({ keepsGradients: true }) - forward({})).toBe(parameters * 2);
});

test('outputs that stay in evaluation add up, and only then', () => {
  const at = (over: Partial<Job>): number | undefined =>
    footprintOf(jobOf(over))
      .moments.find(({ moment }) => moment.point === 'evaluate')
      ?.allocated.at(NONE);
  const some = at({ evaluation: { batch: 4, kept: 10 } });
  const more = at({ evaluation: { batch: 4, kept: 30 } });
  expect((more ?? 0) - (some ?? 0)).toBe(20 * 256 * 8192 * 2);
  expect(at({})).toBeUndefined();
});

test('table and head that are trained beside an adapter have copies, gradients and states', () => {
  const lora: Adapter = { rank: 4, targets: ['q_proj'], width: 4, dropout: false, dora: false };
  const at = (ends: boolean): number => {
    const job = jobOf({ trains: 'adapter', adapter: { ...lora, ends }, gradientWidth: 4 });
    const { moments } = footprintOf({ ...job, optimizer: 'adamw-fused' });
    const last = moments.find(
      ({ moment: { point, turn } }) => point === 'save' && turn === 'later',
    );
    return last?.allocated.at(NONE) ?? 0;
  };
  // A copy in 16 bits and two states like it; gradients are gone when the model is saved.
  expect(at(true) - at(false)).toBe(2 * 8192 * 512 * (2 + 2 * 2));
});

test('an optimizer inside the backward pass keeps no gradients', () => {
  const plain = jobOf({ optimizer: 'adamw-fused', checkpointing: true });
  const inside = { ...plain, optimizerInBackward: true };
  expect(allocated(inside)).toBeLessThan(allocated(plain));
});

test('a comparison needs more in the forward pass, a copy its weights as well', () => {
  const forward = (over: Partial<Job>): number =>
    footprintOf(jobOf({ checkpointing: true, loss: 'fused-head', ...over }))
      .moments.find(({ moment }) => moment.point === 'forward' && moment.turn === 'later')
      ?.allocated.at(NONE) ?? Number.NaN;
  const plain = forward({});
  expect(forward({ compares: true })).toBeGreaterThan(plain);
  expect(forward({ reference: true })).toBeGreaterThan(forward({ compares: true }));
});
