/** The roles that processes of a job have: ranks of one role hold the same bytes. */
import type { Cards } from '../workload/machine.ts';
import { type Footprint, footprintOf } from './footprint.ts';
import type { Job } from './job.ts';

/** Ranks that hold the same. */
export interface Role {
  /** `every`, or what sets it apart: `stage 0`, `last stage`, `rank 0`. */
  readonly name: string;
  /** How many ranks. */
  readonly count: number;
  readonly footprint: Footprint;
}

/** What a job holds on each role of its ranks, over its phases. */
export interface Prediction {
  readonly roles: readonly Role[];
}

export function predict(job: Job, card?: Pick<Cards, 'capability' | 'usable'>): Prediction {
  const { data, tensor, pipeline, context } = job.parallel;
  const count = data * tensor * pipeline * context;
  return { roles: [{ name: 'every', count, footprint: footprintOf(job, card?.capability) }] };
}
