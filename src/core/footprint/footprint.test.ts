import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns } from '../../../test/ring.ts';
import { readModelConfig } from '../workload/model/read.ts';
import { weightsOf } from '../workload/model/weights.ts';
import { footprintOf, peakOf } from './footprint.ts';
import { type Job, PLAIN_JOB } from './job.ts';

const NONE: ReadonlyMap<string, number> = new Map();

function jobOf(over: Partial<Job> & { layers?: number } = {}): Job {
  const { layers = 16, ...rest } = over;
  const reading = readModelConfig(
    {
      model_type: 'llama',
      hidden_size: 2048,
      intermediate_size: 8192,
      num_hidden_layers: layers,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      vocab_size: 128256,
      tie_word_embeddings: true,
      torch_dtype: 'bfloat16',
    },
    'a test',
  );
  if (!reading.ok) throw new Error('the config of this test cannot be read');
  return {
    model: reading.model,
    weights: weightsOf(reading.model),
    ...PLAIN_JOB,
    purpose: 'training',
    trains: 'all',
    batch: 2,
    sequence: 1024,
    ...rest,
  };
}

const allocated = (job: Job): number => peakOf(footprintOf(job), 'allocated').allocated.at(NONE);

test('more of anything never needs less', () => {
  const size = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(
      size,
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 24 }),
      fc.boolean(),
      (batch, blocks, layers, checkpointing) => {
        const base = { batch, sequence: blocks * 128, layers, checkpointing };
        const least = allocated(jobOf(base));
        expect(allocated(jobOf({ ...base, batch: batch + 1 }))).toBeGreaterThanOrEqual(least);
        expect(allocated(jobOf({ ...base, sequence: (blocks + 1) * 128 }))).toBeGreaterThanOrEqual(
          least,
        );
        expect(allocated(jobOf({ ...base, layers: layers + 1 }))).toBeGreaterThan(least);
      },
    ),
    { numRuns: numRuns(40) },
  );
});

test('a view holds what it is a view of: device over reserved over allocated', () => {
  for (const { allocated: live, reserved, device } of footprintOf(jobOf()).moments) {
    expect(reserved.at(NONE)).toBeGreaterThanOrEqual(live.at(NONE));
    expect(device.at(NONE)).toBeGreaterThan(reserved.at(NONE));
  }
});

test.each<[string, Partial<Job>]>([
  ['recomputation', { checkpointing: true }],
  ['a fused loss', { loss: 'fused-head' }],
  ['the fused optimizer', { optimizer: 'adamw-fused' }],
  ['an optimizer in 8 bits', { optimizer: 'adamw-8bit' }],
  ['fused norms', { fusedNorms: true }],
])('%s never needs more', (_, change) => {
  for (const sequence of [128, 1024, 4096]) {
    const plain = jobOf({ sequence, optimizer: 'adamw' });
    expect(allocated({ ...plain, ...change })).toBeLessThanOrEqual(allocated(plain));
  }
});

test('states come with the first step, so later steps need more', () => {
  const moments = footprintOf(jobOf()).moments;
  const at = (turn: string): number =>
    moments
      .find(({ moment }) => moment.point === 'backward' && moment.turn === turn)
      ?.allocated.at(NONE) ?? Number.NaN;
  const { model } = jobOf();
  const parameters = weightsOf(model).reduce(
    (sum, { shape, count }) => sum + shape.reduce((a, b) => a * b, 1) * count,
    0,
  );
  expect(at('later') - at('first')).toBe(parameters * 2 * 2);
});

test('sharding divides what it says it divides', () => {
  const parallel = { data: 8, tensor: 1, pipeline: 1, context: 1, expert: 1 };
  const of = (sharding: Job['sharding'], id: string): number => {
    const last = footprintOf(jobOf({ parallel, sharding })).moments.find(
      ({ moment }) => moment.point === 'optimizer' && moment.turn === 'later',
    );
    return last?.atoms.find(({ term }) => term.id === id)?.bytes.at(NONE) ?? Number.NaN;
  };
  expect(of('optimizer', 'optimizer-states') * 8).toBe(of('none', 'optimizer-states'));
  expect(of('gradients', 'gradients') * 8).toBe(of('none', 'gradients'));
  expect(of('full', 'weights') * 8).toBe(of('none', 'weights'));
});

test('generation: the cache grows with the answer, the prefill with the prompt', () => {
  const generation = { purpose: 'generation', trains: 'none', batch: 1 } as const;
  const short = footprintOf(jobOf({ ...generation, sequence: 512, newTokens: 128 }));
  const long = footprintOf(jobOf({ ...generation, sequence: 512, newTokens: 8320 }));
  const at = (point: string, whole: typeof short): number =>
    whole.moments.find(({ moment }) => moment.point === point)?.allocated.at(NONE) ?? Number.NaN;
  expect(at('prefill', long)).toBe(at('prefill', short));
  // 16 layers, keys and values, 8 heads of 64 elements of 2 bytes.
  // One tensor of one layer is there twice while it is joined.
  expect(at('decode', long) - at('decode', short)).toBe((16 * 2 + 1) * 8 * 64 * 2 * 8192);
});
