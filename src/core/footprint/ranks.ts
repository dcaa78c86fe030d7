/** The roles that processes of a job have: ranks of one role hold the same bytes. */
import type { Cards } from '../workload/machine.ts';
import type { Card } from './engines/engine.ts';
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

export function predict(
  job: Job,
  card?: Pick<Cards, 'capability' | 'usable'> & Partial<Pick<Cards, 'name'>>,
): Prediction {
  const { data, tensor, pipeline, context } = job.parallel;
  const count = data * tensor * pipeline * context;
  if (job.purpose === 'serving') return { roles: stagesOf(job, cardOf(card), count / pipeline) };
  return { roles: [{ name: 'every', count, footprint: footprintOf(job, card?.capability) }] };
}

/** Stages of a pipeline differ in the ends of the model that they have. */
function stagesOf(job: Job, card: Card | undefined, count: number): readonly Role[] {
  const { pipeline } = job.parallel;
  const role = (name: string, times: number, isFirst: boolean, isLast: boolean): Role => ({
    name,
    count: times,
    footprint: footprintOf(job, card?.capability, card, { isFirst, isLast }),
  });
  if (pipeline === 1) return [role('every', count, true, true)];
  return [
    role('stage 0', count, true, false),
    ...(pipeline > 2 ? [role('inner stages', count * (pipeline - 2), false, false)] : []),
    role('last stage', count, false, true),
  ];
}

const cardOf = (
  card: (Pick<Cards, 'capability' | 'usable'> & Partial<Pick<Cards, 'name'>>) | undefined,
): Card | undefined =>
  card === undefined
    ? undefined
    : {
        name: card.name ?? '',
        usable: card.usable.mid,
        ...(card.capability === undefined ? {} : { capability: card.capability }),
      };
