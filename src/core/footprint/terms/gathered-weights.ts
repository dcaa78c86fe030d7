import { constant } from '../../base/factor.ts';
import { gatheredBytes } from '../static.ts';
import type { Term } from '../term.ts';

export const gatheredWeights: Term = {
  id: 'gathered-weights',
  code: 'UN510',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Gathered weights',
      summary:
        'With full sharding: the whole weights of the layer at work and of the next one, gathered from all ranks, and the gradient before it is divided.',
    },
    zh: {
      title: '聚合的权重',
      summary: '完全切分时：当前层与下一层从所有 rank 聚合来的完整权重，以及切分前的梯度。',
    },
    ru: {
      title: 'Собранные веса',
      summary:
        'При полном шардировании: целые веса текущего и следующего слоя, собранные со всех рангов, и градиент до разделения.',
    },
  },
  sources: ['torch@2.8: distributed/fsdp/_fully_shard (prefetch of one unit)'],
  category: 'copies',
  pool: 'torch',
  basis: 'modelled',
  formula: 'unit × width × units_in_flight',
  at: ({ job, moment }) => {
    const isWorking = moment.point === 'forward' || moment.point === 'backward';
    if (job.sharding !== 'full' || !isWorking) return undefined;
    return constant(gatheredBytes(job, moment.point === 'backward'));
  },
};
