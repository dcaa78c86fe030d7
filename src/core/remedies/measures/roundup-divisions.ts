import { isShortage, isTorch, share } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'roundup_power2_divisions',
    summary:
      'Rounds requests up to parts of a power of two, so that blocks of changing sizes can be used again.',
    how: 'Set 4 or 8 for runs whose lengths change all the time.',
    cost: 'Each block is a little larger than it needs to be.',
    nothing: 'Nothing is idle inside PyTorch: there are no pieces to join.',
  },
  zh: {
    title: 'roundup_power2_divisions',
    summary: '把申请向上取整到 2 的幂的若干分之一，大小多变的块就能重复使用。',
    how: '长度总在变化的任务可设为 4 或 8。',
    cost: '每个块都比所需略大。',
    nothing: 'PyTorch 内没有空闲缓存，没有碎片可合并。',
  },
  ru: {
    title: 'roundup_power2_divisions',
    summary:
      'Округляет запросы до долей степени двойки, чтобы блоки меняющихся размеров шли в дело снова.',
    how: 'Для запусков с постоянно меняющимися длинами — 4 или 8.',
    cost: 'Каждый блок чуть больше нужного.',
    nothing: 'В PyTorch ничего не простаивает: соединять нечего.',
  },
} as const;

export const roundupDivisions: Remedy = {
  id: 'roundup-divisions',
  code: 'UN368',
  since: '0.1.0',
  status: 'preview',
  family: 'fragmentation',
  answers: ['fragmentation'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [{ package: 'torch', from: '1.12' }],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['pytorch@v2.6.0: CUDA semantics, roundup_power2_divisions'],
  roles: ['mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { idle: 'any' },
  changes: [{ setting: 'roundup_divisions', to: 8 }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    isTorch(c) &&
    (c.backend === 'cuda' || c.backend === 'hip') &&
    share(c.amounts.idle, c.amounts.reserved) >= 0.1 &&
    c.format !== 'torch-async',
};
