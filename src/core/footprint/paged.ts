/**
 * States of bitsandbytes' paged optimizers. They lie in unified memory, beside PyTorch's pool: on the card while there is
 * room, and where something else needs it the driver moves their pages to the host. A step brings the two states of one
 * tensor after another to the card (bitsandbytes@0.50.2: optim/optimizer.py: get_state_buffer, prefetch_state;
 * functional.py: get_paged).
 */
import type { Job, OptimizerName } from './job.ts';
import { remembered } from './memo.ts';
import { adapterTensors, isTable, stateShards, weightTensors } from './static.ts';

export interface Pages {
  /** All states that are paged. Bytes. */
  readonly all: number;
  /** Of the largest tensor: what a step has on the card at least. Bytes. */
  readonly least: number;
}

/** Two states in fp32. */
const PAGED_WHOLE = 8;

/** Bytes a weight of the two states, without the scales of their blocks, which are tensors on the card. */
const PAGED: Readonly<Partial<Record<OptimizerName, number>>> = {
  'adamw-paged': 2,
  'adamw-paged-32bit': PAGED_WHOLE,
};

/** States of smaller tensors are none of the paged (bitsandbytes@0.50.2: optim/optimizer.py). Elements. */
const LEAST_PAGED = 1e5;

interface Large {
  /** Elements of all large tensors, and of the largest. */
  readonly all: number;
  readonly most: number;
}

/** Large tensors that are trained, tables and others. The optimizer is not looked at. */
const largeTensors = remembered((job): { readonly tables: Large; readonly others: Large } => {
  const isAdapter = job.trains === 'adapter';
  const shards = stateShards(job);
  const tables = { all: 0, most: 0 };
  const others = { all: 0, most: 0 };
  for (const [at, { elements, count }] of (isAdapter
    ? adapterTensors(job)
    : weightTensors(job)
  ).entries()) {
    const here = elements / shards;
    if (here < LEAST_PAGED) continue;
    const weight = isAdapter ? undefined : job.weights[at];
    const of = weight !== undefined && isTable(weight) ? tables : others;
    of.all += here * count;
    of.most = Math.max(of.most, here);
  }
  return { tables, others };
});

/** Nothing for other optimizers. */
export function pagesOf(job: Job): Pages | undefined {
  const width = PAGED[job.optimizer];
  if (width === undefined || job.trains === 'none') return undefined;
  const { tables, others } = largeTensors(job);
  const ofTables = job.tableStates === 'fp32' ? PAGED_WHOLE : width;
  const all = tables.all * ofTables + others.all * width;
  if (all === 0) return undefined;
  return { all, least: Math.max(tables.most * ofTables, others.most * width) };
}

/** Pages that cannot be away at a moment, and those that can; none before the first step. */
export function pagesAt(
  job: Job,
  { point, turn }: { readonly point: string; readonly turn: string },
): { readonly stay: number; readonly leave: number } | undefined {
  const pages = pagesOf(job);
  if (pages === undefined || (turn !== 'later' && point !== 'optimizer')) return undefined;
  const stay = point === 'optimizer' ? pages.least : 0;
  return { stay, leave: pages.all - stay };
}
