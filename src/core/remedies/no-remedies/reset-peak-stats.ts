import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'reset_peak_memory_stats()',
    summary: 'Sets the counters of the highest use back to the present use.',
    how: 'Use it to measure one part of a program at a time.',
    cost: 'The peak of the whole run is no longer known.',
    nothing: 'It frees nothing: it changes counters, not memory.',
  },
  zh: {
    title: 'reset_peak_memory_stats()',
    summary: '把峰值计数器重置为当前用量。',
    how: '用它逐段测量程序的显存。',
    cost: '此后不再知道整个运行的峰值。',
    nothing: '它不释放任何显存：改变的是计数器，不是显存。',
  },
  ru: {
    title: 'reset_peak_memory_stats()',
    summary: 'Сбрасывает счётчики наибольшего расхода до текущего.',
    how: 'Использовать для измерения программы по частям.',
    cost: 'Пик всего запуска больше не узнать.',
    nothing: 'Ничего не освобождает: меняются счётчики, а не память.',
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
  concerns: (c) => isShortage(c) && c.mayBeTorch && c.shows('tried-counter-reset') !== undefined,
};
