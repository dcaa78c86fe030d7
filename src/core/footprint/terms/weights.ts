import { constant } from '../../base/factor.ts';
import { count, ratio } from '../inputs.ts';
import { heldElements, heldWeights } from '../static.ts';
import type { Term } from '../term.ts';

export const weights: Term = {
  id: 'weights',
  code: 'UN502',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Weights',
      summary:
        'The weights of the model as they are stored: whole, or linear layers packed in fewer bits. With full sharding each rank holds its part.',
    },
    zh: {
      title: '权重',
      summary:
        '模型权重按存储格式占用的显存：完整精度，或线性层打包为更少比特。完全切分时每个 rank 只保留自己的一份。',
    },
    ru: {
      title: 'Веса',
      summary:
        'Веса модели в том виде, в каком они хранятся: целиком или с линейными слоями, упакованными в меньшее число бит. При полном шардировании каждый ранг держит свою часть.',
    },
  },
  sources: [
    'transformers@4.57.1: modules of each architecture',
    'bitsandbytes@0.48: functional.py (nf4 with nested scales: 4.127 bits)',
  ],
  category: 'weights',
  pool: 'torch',
  basis: 'modelled',
  formula: 'sum(elements × bits / 8)',
  inputs: ({ job }, size) => {
    const elements = heldElements(job);
    return { elements: count(elements), bits: ratio((8 * size) / elements) };
  },
  at: ({ job, moment }) => {
    // Offloaded weights are on the card only while they are gathered.
    const isAway = job.parallel.parameterOffload === true && moment.point !== 'load';
    return isAway ? undefined : constant(heldWeights(job));
  },
};
