/** Experts that ranks divide, and the tokens that go to them. */
import { expect, test } from 'vitest';
import { readModelConfig } from '../workload/model/read.ts';
import { weightsOf } from '../workload/model/weights.ts';
import { type Job, PLAIN_JOB } from './job.ts';
import { Kind } from './rehearsal/rehearsal.ts';
import { trainingStep } from './step.ts';

const [HIDDEN, LAYERS, EXPERTS, USED] = [512, 4, 16, 2];

function jobOf(expert: number, tensor = 1): Job {
  const reading = readModelConfig(
    {
      model_type: 'mixtral',
      hidden_size: HIDDEN,
      intermediate_size: 1024,
      num_hidden_layers: LAYERS,
      num_attention_heads: 8,
      num_key_value_heads: 8,
      num_local_experts: EXPERTS,
      num_experts_per_tok: USED,
      vocab_size: 1024,
      max_position_embeddings: 4096,
    },
    'test',
  );
  if (!reading.ok) throw new Error('the config is not read');
  const { model } = reading;
  const parallel = { ...PLAIN_JOB.parallel, data: 16 / tensor, tensor, expert };
  const weights = weightsOf(model);
  return {
    ...PLAIN_JOB,
    // Gradients that are no views of DDP's buckets.
    bucketCopies: true,
    model,
    weights,
    purpose: 'training',
    trains: 'all',
    sequence: 2048,
    parallel,
  };
}

const gradients = (job: Job): number => trainingStep(job, false).after[Kind.gradient] as number;
const kept = (job: Job): number => trainingStep(job, false).forward[Kind.activation] as number;

const EXPERT_BYTES = LAYERS * EXPERTS * 3 * HIDDEN * 1024 * 2;

test('a rank makes the gradients of its own experts', () => {
  const whole = gradients(jobOf(1));
  for (const ranks of [2, 4, 16]) {
    expect(whole - gradients(jobOf(ranks))).toBeCloseTo(EXPERT_BYTES * (1 - 1 / ranks), -1);
  }
  // Ranks that divide each expert count for as many.
  expect(gradients(jobOf(8, 4))).toBeCloseTo(gradients(jobOf(4, 4)) - EXPERT_BYTES / 8, -1);
});

test('dispatch is of tensors that come and go: the graph keeps what it kept', () => {
  const [alone, divided] = [kept(jobOf(1)), kept(jobOf(4))];
  const rows = 2048 * USED * HIDDEN * 2;
  expect(divided).toBeGreaterThanOrEqual(alone);
  expect(divided - alone).toBeLessThanOrEqual(2 * rows);
});
