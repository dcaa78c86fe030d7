import { type Factor, type Modelled, scaled } from '../../base/factor.ts';
import type { Term } from '../term.ts';

/** Where no step was replayed. */
const SHARE: Factor = {
  name: 'idle_share',
  low: 0.005,
  mid: 0.03,
  high: 0.09,
  unit: 'ratio',
  source: 'replayed steps of published jobs, and published pairs of reserved and allocated',
};

const CHANGING: Factor = {
  name: 'idle_share_changing',
  low: 0.01,
  mid: 0.05,
  high: 0.15,
  unit: 'ratio',
  source: 'published pairs of reserved and allocated with changing lengths',
};

/** Of a replay, which knows the order of allocations but not all of what kernels ask for. */
const REPLAYED: Factor = {
  name: 'idle_of_replay',
  low: 0.3,
  mid: 1,
  high: 2.5,
  unit: 'ratio',
  source: 'the same steps in other orders and with other lengths',
};

const shareOf = (of: Modelled, share: Factor): Modelled => ({
  factors: [...of.factors, share],
  at: (values) => of.at(values) * (values.get(share.name) ?? share.mid),
});

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
    'published pairs of reserved and allocated: 2.4 % steady, 5-20 % with changing lengths',
  ],
  category: 'idle',
  pool: 'torch',
  basis: 'modelled',
  formula: 'replay(step) × idle_of_replay',
  at: ({ allocated, job, pool, moment }) => {
    if (allocated === undefined) return undefined;
    if (pool !== undefined && moment.point !== 'load') {
      return scaled(Math.max(0, pool.reserved - pool.allocated), REPLAYED);
    }
    const share = job.purpose === 'training' && job.padded ? CHANGING : SHARE;
    return shareOf(allocated, share);
  },
};
