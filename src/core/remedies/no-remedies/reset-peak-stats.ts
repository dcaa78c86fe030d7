import { isShortage, isTorch } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'torch.cuda.reset_peak_memory_stats()',
    summary: 'Sets the counters of peaks back.',
    how: 'Use it to measure one part of a program.',
    cost: 'None.',
    nothing: 'It changes counters, not memory.',
  },
  zh: {
    title: 'torch.cuda.reset_peak_memory_stats()',
    summary: '把峰值计数器清零。',
    how: '用于测量程序的某一部分。',
    cost: '没有代价。',
    nothing: '它改变的是计数器，不是显存。',
  },
  ru: {
    title: 'torch.cuda.reset_peak_memory_stats()',
    summary: 'Обнуляет счётчики пиков.',
    how: 'Пригодится, чтобы измерить часть программы.',
    cost: 'Ничего не стоит.',
    nothing: 'Меняет счётчики, а не память.',
  },
} as const;

export const resetPeakStats: Remedy = {
  id: 'reset-peak-stats',
  code: 'UN902',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: [],
  domain: 'any',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['PyTorch documentation: torch.cuda.reset_peak_memory_stats'],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) => isShortage(c) && isTorch(c),
};
