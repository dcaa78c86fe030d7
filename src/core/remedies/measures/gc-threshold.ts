import { isShortage, isTorch, share } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'garbage_collection_threshold',
    summary: 'Hands old idle blocks back before the card is full, which leaves room for others.',
    how: 'Set a threshold such as 0.8 together with a memory fraction.',
    cost: 'Some returns to the driver, each of which waits.',
    nothing: 'Nothing is idle inside PyTorch: there is nothing to hand back.',
    'c-exp': 'It does not work together with expandable segments or the asynchronous allocator.',
  },
  zh: {
    title: 'garbage_collection_threshold',
    summary: '在显存占满之前归还较旧的空闲块，为其他用途留出空间。',
    how: '设置阈值（如 0.8），并同时设置显存比例。',
    cost: '会有一些向驱动归还的操作，每次都要等待。',
    nothing: 'PyTorch 内没有空闲缓存，没有可归还的。',
    'c-exp': '不能与 expandable segments 或异步分配器同用。',
  },
  ru: {
    title: 'garbage_collection_threshold',
    summary:
      'Возвращает старые простаивающие блоки до того, как карта заполнится, и оставляет место другим.',
    how: 'Задать порог, например 0.8, вместе с долей памяти.',
    cost: 'Иногда возврат драйверу, и каждый раз с ожиданием.',
    nothing: 'В PyTorch ничего не простаивает: возвращать нечего.',
    'c-exp': 'Не работает вместе с расширяемыми сегментами и асинхронным аллокатором.',
  },
} as const;

export const gcThreshold: Remedy = {
  id: 'gc-threshold',
  code: 'UN369',
  since: '0.1.0',
  status: 'preview',
  family: 'fragmentation',
  answers: ['fragmentation', 'outside-the-pool'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [{ package: 'torch', from: '1.12' }],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['pytorch@v2.6.0: CUDA semantics, garbage_collection_threshold'],
  roles: ['mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { idle: 'any' },
  changes: [{ setting: 'gc_threshold', to: 0.8 }],

  commands: [],
  costs: [],
  cautions: [{ says: 'c-exp' }],
  concerns: (c) =>
    isShortage(c) &&
    isTorch(c) &&
    (c.backend === 'cuda' || c.backend === 'hip') &&
    share(c.amounts.idle, c.amounts.reserved) >= 0.1 &&
    c.format !== 'torch-async' &&
    c.has('library-workspace'),
};
