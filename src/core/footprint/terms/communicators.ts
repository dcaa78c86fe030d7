import { type Factor, ofFactor } from '../../base/factor.ts';
import type { Term } from '../term.ts';

/** Assumed from reports; measured values may take its place. */
const BUFFERS: Factor = {
  name: 'nccl_buffers',
  low: 300e6,
  mid: 600e6,
  high: 1500e6,
  unit: 'bytes',
  source: 'reports of communicators over NVLink and PCIe, 0.3-0.7 GB each',
};

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
    'reports: 544 MB for a pair and 688 MB for four A100 over NVLink; 0.13 GiB with one rank and 0.54 GiB with two outside the pool in vLLM on H100',
  ],
  category: 'workspace',
  pool: 'outside-torch',
  basis: 'assumed',
  formula: 'nccl_buffers',
  at: ({ job, moment }) => {
    const { data, tensor, pipeline, context, expert } = job.parallel;
    const isAlone = data * tensor * pipeline * context * expert === 1;
    return isAlone || moment.point === 'load' ? undefined : ofFactor(BUFFERS);
  },
};
