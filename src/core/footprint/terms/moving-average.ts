import { constant } from '../../base/factor.ts';
import { count } from '../inputs.ts';
import { trained } from '../static.ts';
import type { Term } from '../term.ts';

export const movingAverage: Term = {
  id: 'moving-average',
  code: 'UN512',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Moving average of weights',
      summary: 'A second set of weights in fp32 that follows the trained ones (EMA).',
    },
    zh: { title: '权重滑动平均', summary: '跟随训练权重的第二份 fp32 权重（EMA）。' },
    ru: {
      title: 'Скользящее среднее весов',
      summary: 'Второй набор весов в fp32, следующий за обучаемыми (EMA).',
    },
  },
  sources: ['diffusers@0.35: training_utils.py, EMAModel'],
  category: 'weights',
  pool: 'torch',
  basis: 'modelled',
  formula: 'elements × 4',
  inputs: (_, size) => ({ elements: count(size / 4) }),
  at: ({ job }) => (job.ema ? constant(trained(job).elements * 4) : undefined),
};
