import { constant } from '../../base/factor.ts';
import { bytes } from '../inputs.ts';
import { areStatesAway, stepBytes } from '../optimizers.ts';
import type { Term } from '../term.ts';

export const optimizerStep: Term = {
  id: 'optimizer-step',
  code: 'UN506',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Optimizer step',
      summary:
        'Scratch of the step: the foreach implementation of Adam holds one more copy of all trained weights for a moment, the fused one nothing.',
    },
    zh: {
      title: '优化器 step 临时量',
      summary:
        'step 期间的临时显存：foreach 实现的 Adam 会暂时多占一份全部可训练权重，fused 实现不需要。',
    },
    ru: {
      title: 'Шаг оптимизатора',
      summary:
        'Временная память шага: foreach-реализация Adam на миг держит ещё одну копию всех обучаемых весов, fused — ничего.',
    },
  },
  sources: ['torch@2.8: torch/optim/adam.py, measured with a storage tracker'],
  category: 'workspace',
  pool: 'torch',
  basis: 'modelled',
  formula: 'scratch(step)',
  inputs: (_, size) => ({ 'scratch(step)': bytes(size) }),
  at: ({ job, moment }) =>
    job.trains === 'none' || moment.point !== 'optimizer' || areStatesAway(job)
      ? undefined
      : constant(stepBytes(job)),
};
