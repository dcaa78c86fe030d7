import { constant } from '../../base/factor.ts';
import { count, ratio } from '../inputs.ts';
import { areStatesAway, stateBytes } from '../optimizers.ts';
import { stateShards, trainedHere } from '../static.ts';
import type { Term } from '../term.ts';

export const optimizerStates: Term = {
  id: 'optimizer-states',
  code: 'UN505',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Optimizer states',
      summary:
        'What the optimizer keeps for each trained weight. It appears in the first step, after the first backward pass.',
    },
    zh: {
      title: '优化器状态',
      summary: '优化器为每个被训练的权重保存的状态。在第一次 step 时才出现，即第一次反向传播之后。',
    },
    ru: {
      title: 'Состояния оптимизатора',
      summary:
        'То, что оптимизатор хранит для каждого обучаемого веса. Появляется на первом шаге, после первого обратного прохода.',
    },
  },
  sources: ['torch@2.8: torch/optim', 'bitsandbytes@0.48: optim/optimizer.py (blocks of 256)'],
  category: 'optimizer',
  pool: 'torch',
  basis: 'modelled',
  formula: 'elements × state_bytes',
  inputs: ({ job }, size) => {
    const elements = trainedHere(job, stateShards(job) > 1);
    return { elements: count(elements), state_bytes: ratio(size / elements) };
  },
  at: ({ job, moment }) => {
    const isThere = moment.turn === 'later' || moment.point === 'optimizer';
    if (job.trains === 'none' || areStatesAway(job) || !isThere) return undefined;
    return constant(stateBytes(job));
  },
};
