import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns } from '../../../test/ring.ts';
import { findCatalogModel } from '../catalog/models.ts';
import { readModelConfig } from '../workload/model/read.ts';
import { weightsOf } from '../workload/model/weights.ts';
import { type Footprint, footprintOf, peakOf } from './footprint.ts';
import { type Job, type Parallel, PLAIN_JOB } from './job.ts';
import { hostBytes, type Prediction, predict, stagesOf } from './ranks.ts';
import { baseWeights } from './static.ts';

const NONE: ReadonlyMap<string, number> = new Map();
const GIB = 2 ** 30;

function known(name: string): Pick<Job, 'model' | 'weights'> {
  const found = findCatalogModel(name);
  if (found === undefined) throw new Error(`${name} is not in the catalog`);
  const reading = readModelConfig(found.model.config, found.model.source);
  if (!reading.ok) throw new Error(`${name} cannot be read`);
  return { model: reading.model, weights: weightsOf(reading.model) };
}

const SMALL = known('Qwen/Qwen2.5-0.5B');
const LLAMA = known('meta-llama/Llama-3.1-8B');

const parallel = (over: Partial<Parallel>): Parallel => ({ ...PLAIN_JOB.parallel, ...over });

const training = (of: Pick<Job, 'model' | 'weights'>, over: Partial<Job>): Job => ({
  ...PLAIN_JOB,
  ...of,
  purpose: 'training',
  trains: 'all',
  batch: 1,
  sequence: 512,
  ...over,
});

/** torchtitan: fp32 shards and states, 16-bit computation, fp32 reductions. */
const titan = (of: Pick<Job, 'model' | 'weights'>, over: Partial<Job>): Job =>
  training(of, {
    weightWidth: 4,
    wholeWidth: 4,
    gradientWidth: 4,
    checkpointing: true,
    fusedNorms: true,
    sharding: 'full',
    ...over,
  });

const peak = (footprint: Footprint, view: 'allocated' | 'reserved'): number =>
  peakOf(footprint, view)[view].at(NONE);

const highest = (prediction: Prediction, view: 'allocated' | 'reserved'): number =>
  Math.max(...prediction.roles.map(({ footprint }) => peak(footprint, view)));

/** A term's bytes at a moment of later steps. */
function term(job: Job, id: string, point: string): number {
  const at = footprintOf(job).moments.find(
    ({ moment }) => moment.point === point && moment.turn !== 'first',
  );
  return at?.atoms.find((atom) => atom.term.id === id)?.bytes.at(NONE) ?? 0;
}

const elements = (job: Job): number => baseWeights({ ...job, weightWidth: 1 });

test('stages of a pipeline hold the model once, a tied table twice', () => {
  for (const [of, twice] of [
    [SMALL, 896 * 151_936],
    [LLAMA, 0],
  ] as const) {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 1, max: 2 }),
        (pipeline, chunks) => {
          const job = training(of, { parallel: parallel({ pipeline, chunks }), accumulation: 8 });
          const whole = baseWeights({ ...job, parallel: PLAIN_JOB.parallel });
          const sum = stagesOf(job).reduce((bytes, stage) => bytes + baseWeights(stage), 0);
          expect(sum).toBeCloseTo(whole + twice * 2, 0);
        },
      ),
      { numRuns: numRuns(20) },
    );
  }
});

test('roles have names that stay', () => {
  const names = (job: Job): readonly string[] => predict(job).roles.map(({ name }) => name);
  expect(names(training(SMALL, {}))).toEqual(['every']);
  expect(names(training(SMALL, { parallel: parallel({ pipeline: 3 }) }))).toEqual([
    'stage 0',
    'stage 1',
    'last stage',
  ]);
  const saved = parallel({ data: 4, wholeSave: true, wholeLoad: true });
  const { roles } = predict(training(SMALL, { parallel: saved, sharding: 'full' }));
  expect(roles.map(({ name, count }) => `${name} ${count}`)).toEqual(['rank 0 1', 'other ranks 3']);
  expect(predict(training(SMALL, { parallel: parallel({ cards: 2 }) })).roles.length).toBe(2);
});

test('under full sharding more ranks never need more each', () => {
  for (const system of ['fsdp1', 'fsdp2', 'deepspeed'] as const) {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 64 }),
        fc.integer({ min: 1, max: 64 }),
        (data, more) => {
          const of = (ranks: number): number =>
            highest(
              predict(
                titan(SMALL, {
                  parallel: parallel({ data: ranks, system }),
                }),
              ),
              'allocated',
            );
          expect(of(data + more)).toBeLessThanOrEqual(of(data));
        },
      ),
      { numRuns: numRuns(12) },
    );
  }
});

test('each stage of ZeRO holds no more than the one before', () => {
  const held = (sharding: Job['sharding'], data: number): number => {
    const job = training(SMALL, {
      sharding,
      masterWeights: true,
      parallel: parallel({ data, system: 'deepspeed' }),
    });
    return ['weights', 'gradients', 'optimizer-states'].reduce(
      (sum, id) => sum + term(job, id, 'optimizer'),
      0,
    );
  };
  for (const data of [2, 8, 64]) {
    const all = (['none', 'optimizer', 'gradients', 'full'] as const).map((at) => held(at, data));
    expect([...all].sort((a, b) => b - a)).toEqual(all);
    expect(new Set(all).size).toBeGreaterThan(2);
  }
});

/** deepspeed@0.16 estimate_zero2_model_states_mem_needs: 2 P + 18 P / N on the card, 16 P on the host with offload. */
test('what DeepSpeed estimates for its stage 2, and the copy that it leaves out', () => {
  const data = 8;
  const job = training(LLAMA, {
    sharding: 'gradients',
    masterWeights: true,
    checkpointing: true,
    parallel: parallel({ data, system: 'deepspeed' }),
  });
  const all = elements(job);
  const ids = ['weights', 'gradients', 'optimizer-states', 'optimizer-step'];
  const held = ids.reduce((sum, id) => sum + term(job, id, 'optimizer'), 0);
  // Gradients of the part are put together in 16 bits before they become fp32.
  expect(held).toBeCloseTo(2 * all + ((18 + 2) * all) / data, -3);
  const away = { ...job, optimizerOffload: true };
  expect(ids.reduce((sum, id) => sum + term(away, id, 'optimizer'), 0)).toBeCloseTo(2 * all, -3);
  expect(data * term(away, 'host-states', 'optimizer')).toBeCloseTo(16 * all, -3);
  // Loading is dearer: each process reads the whole model.
  expect(hostBytes(predict(away), data)).toBeCloseTo(16 * all, -3);
});

/** deepspeed@0.16 estimate_zero3_model_states_mem_needs with both offloads: 18 P on the host. */
test('stage 3 with everything offloaded leaves gathered weights on the card', () => {
  const job = training(LLAMA, {
    sharding: 'full',
    masterWeights: true,
    optimizerOffload: true,
    parallel: parallel({ data: 8, system: 'deepspeed', parameterOffload: true }),
  });
  expect(term(job, 'weights', 'forward')).toBe(0);
  expect(term(job, 'gathered-weights', 'forward')).toBeGreaterThan(0);
  const host = term(job, 'host-states', 'forward') + term(job, 'host-weights', 'forward');
  expect(8 * host).toBeCloseTo(18 * elements(job), -3);
});

/** torchtitan reports 49.4 and 62.2 GiB for an 8B model on 8 GPUs: 12.8 GiB for units that stay gathered. */
test('units that stay gathered cost their weights in 16 bits', () => {
  const of = (reshard: boolean): number =>
    highest(
      predict(
        titan(LLAMA, {
          sequence: 8192,
          selective: 'operations',
          reshard,
          parallel: parallel({ data: 8, ends: 'apart', reduceWidth: 4 }),
        }),
      ),
      'allocated',
    );
  expect((of(false) - of(true)) / GIB).toBeGreaterThan(12.8 * 0.95);
  expect((of(false) - of(true)) / GIB).toBeLessThan(12.8 * 1.05);
});

/** torchtitan reports 82.5 GiB for 405B with 1F1B and 72.7 interleaved, with a micro-batch a part of the pipeline. */
test('an interleaved pipeline of 405B needs about 10 GiB less', () => {
  const of = (chunks: number): number =>
    highest(
      predict(
        titan(known('meta-llama/Llama-3.1-405B'), {
          batch: 4 / chunks,
          accumulation: 8 * chunks,
          sequence: 8192,
          parallel: parallel({
            data: 8,
            tensor: 8,
            pipeline: 8,
            chunks,
            sequence: true,
            reduceWidth: 4,
          }),
        }),
      ),
      'allocated',
    ) / GIB;
  expect(of(1) - of(2)).toBeGreaterThan(9.8 * 0.85);
  expect(of(1) - of(2)).toBeLessThan(9.8 * 1.15);
});

/** torchtitan reports 83.9 to 84.5 GiB for 8B with 1 to 8 context-parallel ranks and as many tokens each. */
test('context parallelism with as many tokens a rank is flat', () => {
  const of = (context: number): number =>
    highest(
      predict(
        titan(LLAMA, {
          sequence: 32_768 * context,
          parallel: parallel({ data: 8 / context, context, reduceWidth: 4 }),
        }),
      ),
      'reserved',
    );
  for (const context of [2, 4, 8]) expect(Math.abs(of(context) / of(1) - 1)).toBeLessThan(0.01);
});

test('tensor-parallel ranks that divide the stream need less than ranks that do not', () => {
  for (const tensor of [2, 4]) {
    const of = (sequence: boolean): number =>
      highest(
        predict(
          training(LLAMA, {
            sequence: 4096,
            fusedNorms: true,
            parallel: parallel({ tensor, sequence }),
          }),
        ),
        'allocated',
      );
    expect(of(true)).toBeLessThan(of(false));
  }
});

test('the first stage of a pipeline keeps a micro-batch for each stage, the last one', () => {
  const job = training(LLAMA, {
    sequence: 2048,
    accumulation: 16,
    parallel: parallel({ pipeline: 4 }),
  });
  const inFlight = stagesOf(job).map(({ parallel: { stage } }) => stage?.inFlight);
  expect(inFlight).toEqual([4, 3, 2, 1]);
  const few = stagesOf({ ...job, accumulation: 2 });
  expect(few.map(({ parallel: { stage } }) => stage?.inFlight)).toEqual([2, 2, 2, 1]);
});

test('rank 0 alone holds the whole model in host memory when it is saved', () => {
  const job = training(LLAMA, {
    sharding: 'full',
    parallel: parallel({ data: 8, wholeSave: true, wholeLoad: true }),
  });
  const host = predict(job).roles.map(({ footprint }) => peakOf(footprint, 'host').host.at(NONE));
  expect(host).toEqual([baseWeights(job), 0]);
  // Without that, every process reads the model for itself.
  const each = { ...job, parallel: parallel({ data: 8 }) };
  expect(hostBytes(predict(each), 8)).toBe(8 * baseWeights(job));
});

test('what is kept from earlier jobs changes nothing, on several ranks either', () => {
  const settings = fc.record({
    sharding: fc.constantFrom('none', 'optimizer', 'gradients', 'full'),
    reshard: fc.boolean(),
    bucketCopies: fc.boolean(),
    masterWeights: fc.boolean(),
    gradientWidth: fc.constantFrom(2, 4),
    optimizerOffload: fc.boolean(),
    accumulation: fc.constantFrom(1, 4),
    checkpointing: fc.boolean(),
    parallel: fc
      .record({
        data: fc.constantFrom(1, 2, 8),
        tensor: fc.constantFrom(1, 2),
        pipeline: fc.constantFrom(1, 3),
        context: fc.constantFrom(1, 2),
        sequence: fc.boolean(),
        system: fc.constantFrom('fsdp1', 'fsdp2', 'deepspeed', 'megatron'),
        parameterOffload: fc.boolean(),
        wholeSave: fc.boolean(),
      })
      .map(parallel),
  });
  const totals = (job: Job): unknown =>
    predict(job).roles.map(({ name, footprint }) => [
      name,
      ...footprint.moments.flatMap(({ allocated, reserved, device, host }) =>
        [allocated, reserved, device, host].map((view) => view.at(NONE)),
      ),
    ]);
  fc.assert(
    fc.property(settings, (over) => {
      const of = { model: SMALL.model, weights: weightsOf(SMALL.model) };
      expect(totals(training(SMALL, over))).toEqual(totals(training(of, over)));
    }),
    { numRuns: numRuns(60) },
  );
});
