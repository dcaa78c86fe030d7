/** Buffers of communication that a job keeps, and whose they are. Bytes on one device. */
import type { Job, Parallel } from './job.ts';
import type { Moment } from './term.ts';

/** Whose buffers and copies a job has. */
export function systemOf(job: Job): NonNullable<Parallel['system']> {
  if (job.parallel.system !== undefined) return job.parallel.system;
  if (job.bucket !== undefined) return 'deepspeed';
  if (job.sharding === 'full') return 'fsdp2';
  return job.sharding === 'none' ? 'ddp' : 'deepspeed';
}

/** Elements of a bucket of DeepSpeed unless its config says otherwise (zero/config.py). */
const BUCKET = 5e8;

/**
 * DeepSpeed's buckets for the reduction of gradients (deepspeed@0.16 zero/stage_1_and_2.py, stage3.py): stages 1
 * and 2 make them for each backward pass, a second one where the reduction overlaps with it; stage 3 has one
 * from its start on.
 */
export function zeroBuckets(job: Job, width: number, point: Moment['point']): number {
  return (job.bucket ?? BUCKET) * width * zeroCopies(job, point);
}

/** How many buckets there are at a moment. */
export function zeroCopies(job: Job, point: Moment['point']): number {
  if (job.sharding === 'full') return 1;
  if (point !== 'backward') return 0;
  return job.parallel.overlap === true ? 2 : 1;
}

/** Elements that stage 3 steps at once (`sub_group_size`). */
const SUB_GROUP = 1e9;

/** Elements that one step of ZeRO steps at once. */
export const zeroGroup = (job: Job, elements: number): number =>
  job.sharding === 'full' ? Math.min(elements, SUB_GROUP) : elements;

/**
 * Scratch of a step of ZeRO: the gradients of this rank's part, put together in their own width and then in
 * fp32. Stage 3 does so for a group of weights at a time.
 */
export function zeroStepScratch(job: Job, elements: number): number {
  const group = zeroGroup(job, elements);
  return job.sharding === 'full' ? group * 4 : group * (job.gradientWidth + 4);
}
