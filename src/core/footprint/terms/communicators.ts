import { type Factor, ofFactor, plus, scaled } from '../../base/factor.ts';
import { count } from '../inputs.ts';
import type { Parallel } from '../job.ts';
import type { Term } from '../term.ts';

/** Assumed from reports of one communicator each; measured values may take its place. */
const BUFFERS: Factor = {
  name: 'nccl_buffers',
  low: 200e6,
  mid: 500e6,
  high: 750e6,
  unit: 'bytes',
  source:
    'reports of one communicator: 0.3-0.7 GB over NVLink (544 MB for a pair and 688 MB for four A100), 0.1-0.3 GB over PCIe',
};

/** All ranks send to all: buffers for every pair. */
const EXCHANGE: Factor = {
  name: 'nccl_exchange',
  low: 300e6,
  mid: 1000e6,
  high: 3300e6,
  unit: 'bytes',
  source: 'a report of the first all-to-all of eight H100: 3.3 GB; less with fewer channels',
};

/** Groups of ranks with a communicator of their own. */
function groupsOf({ data, tensor, pipeline, context, replicas = 1, stage }: Parallel): number {
  const stages = stage?.of ?? pipeline;
  const sizes = [data / replicas, replicas, tensor, stages, context];
  return sizes.filter((ranks) => ranks > 1).length;
}

export const communicators: Term = {
  id: 'communicators',
  code: 'UN516',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'NCCL',
      summary:
        "Buffers of communicators outside PyTorch's pool, made with the first collective of each group of ranks.",
    },
    zh: {
      title: 'NCCL',
      summary: '通信器的缓冲区，不在 PyTorch 内存池内；每个进程组首次集合通信时创建。',
    },
    ru: {
      title: 'NCCL',
      summary:
        'Буферы коммуникаторов вне пула PyTorch; появляются с первой коллективной операцией каждой группы рангов.',
    },
  },
  sources: [
    'a report of the first all-to-all of eight H100: 3.3 GB',
    'reports: 544 MB for a pair and 688 MB for four A100 over NVLink; 0.13 GiB with one rank and 0.54 GiB with two outside the pool in vLLM on H100',
  ],
  category: 'workspace',
  pool: 'outside-torch',
  basis: 'assumed',
  formula: 'groups × nccl_buffers + nccl_exchange',
  formulaAt: ({ job }) =>
    job.parallel.expert > 1 ? 'groups × nccl_buffers + nccl_exchange' : 'groups × nccl_buffers',
  inputs: ({ job }) => ({ groups: count(groupsOf(job.parallel)) }),
  at: ({ job, moment }) => {
    const groups = groupsOf(job.parallel);
    if (moment.point === 'load' || groups === 0) return undefined;
    const all = scaled(groups, BUFFERS);
    return job.parallel.expert > 1 ? plus(all, ofFactor(EXCHANGE)) : all;
  },
};
