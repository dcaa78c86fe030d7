import type { Factor, Modelled } from '../../base/factor.ts';
import { reducesOnStream } from '../static.ts';
import type { Term } from '../term.ts';

const STEADY: Factor = {
  name: 'idle_share',
  low: 0.01,
  mid: 0.025,
  high: 0.06,
  unit: 'ratio',
  source: 'published pairs of reserved and allocated with fixed shapes',
};

const CHANGING: Factor = {
  name: 'idle_share_changing',
  low: 0.03,
  mid: 0.08,
  high: 0.2,
  unit: 'ratio',
  source: 'published pairs of reserved and allocated with changing lengths',
};

const SHARDED: Factor = {
  name: 'idle_share_sharded',
  low: 0.03,
  mid: 0.09,
  high: 0.19,
  unit: 'ratio',
  source: 'published pairs of reserved and allocated of FSDP runs, less what other streams keep',
};

export const idleSegments: Term = {
  id: 'idle-segments',
  code: 'UN517',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Idle segments',
      summary:
        'What the allocator holds beyond live tensors: rounding, pieces of segments too small for the next request.',
    },
    zh: {
      title: '空闲段',
      summary: '分配器持有但没有存活张量的部分：取整，以及放不下下一次请求的碎块。',
    },
    ru: {
      title: 'Простаивающие сегменты',
      summary:
        'То, что аллокатор держит сверх живых тензоров: округление и куски сегментов, слишком малые для следующего запроса.',
    },
  },
  sources: [
    'torch@2.8: c10/cuda/CUDACachingAllocator.cpp',
    'published pairs of reserved and allocated: 2.4 % steady, 5-20 % with changing lengths, 4-19 % with FSDP',
  ],
  category: 'idle',
  pool: 'torch',
  basis: 'modelled',
  formula: 'allocated × idle_share',
  at: ({ allocated, job }) => {
    if (allocated === undefined) return undefined;
    const isPadded = job.purpose === 'training' && job.padded;
    const share = isPadded ? CHANGING : reducesOnStream(job) ? SHARDED : STEADY;
    const result: Modelled = {
      factors: [...allocated.factors, share],
      at: (values) => allocated.at(values) * (values.get(share.name) ?? share.mid),
    };
    return result;
  },
};
