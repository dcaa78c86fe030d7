import { isShortage, isTorch, share } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'max_split_size_mb',
    summary: 'Blocks above this size are never cut, so that large requests find whole ones.',
    how: 'Set a value somewhat below the large requests; expandable segments are the better choice where they exist.',
    cost: 'Large cached blocks serve large requests only; too small a value wastes memory.',
    nothing: 'Nothing is idle inside PyTorch: there are no pieces to join.',
  },
  zh: {
    title: 'max_split_size_mb',
    summary: '超过该大小的块不再切分，大的申请就能找到整块。',
    how: '设为略小于大申请的值；支持 expandable segments 时优先用后者。',
    cost: '大的缓存块只服务大的申请；值太小会浪费显存。',
    nothing: 'PyTorch 内没有空闲缓存，没有碎片可合并。',
  },
  ru: {
    title: 'max_split_size_mb',
    summary: 'Блоки больше этого размера не режутся, и большие запросы находят целые.',
    how: 'Задать значение немного меньше больших запросов; где есть расширяемые сегменты, лучше они.',
    cost: 'Большие кэшированные блоки служат только большим запросам; слишком малое значение тратит память.',
    nothing: 'В PyTorch ничего не простаивает: соединять нечего.',
  },
} as const;

export const maxSplitSize: Remedy = {
  id: 'max-split-size',
  code: 'UN367',
  since: '0.1.0',
  status: 'preview',
  family: 'fragmentation',
  answers: ['fragmentation'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [{ package: 'torch', from: '1.10' }],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['pytorch@v2.6.0: CUDA semantics, max_split_size_mb'],
  roles: ['mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { idle: 'any' },
  changes: [{ setting: 'max_split_size', to: 512 }],

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
