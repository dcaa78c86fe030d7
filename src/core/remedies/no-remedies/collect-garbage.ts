import { isShortage, isTorch } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'gc.collect() alone',
    summary: 'Lets Python look for objects that only refer to each other.',
    how: 'Find who still refers to the tensors: lists, an exception, a notebook’s outputs, an optimizer.',
    cost: 'A pause at each call.',
    nothing:
      'It frees nothing that anybody still refers to, and PyTorch returns its cache by itself before it gives up. Only tensors in reference cycles go.',
  },
  zh: {
    title: '只调用 gc.collect()',
    summary: '让 Python 查找只相互引用的对象。',
    how: '找出谁还引用着张量：列表、异常、notebook 的输出、优化器。',
    cost: '每次调用都会停顿。',
    nothing:
      '仍被引用的对象它都不释放，而 PyTorch 在报错前会自行归还缓存。它只清除循环引用中的张量。',
  },
  ru: {
    title: 'Один gc.collect()',
    summary: 'Python ищет объекты, которые ссылаются лишь друг на друга.',
    how: 'Найти, кто ещё ссылается на тензоры: списки, исключение, выводы ноутбука, оптимизатор.',
    cost: 'Пауза при каждом вызове.',
    nothing:
      'Не освобождает ничего, на что ещё есть ссылка, а кэш PyTorch возвращает сам, прежде чем отказать. Уходят лишь тензоры из циклов ссылок.',
  },
} as const;

export const collectGarbage: Remedy = {
  id: 'collect-garbage',
  code: 'UN906',
  since: '0.1.0',
  status: 'preview',
  family: 'leak',
  answers: [],
  domain: 'any',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'Python documentation: gc',
    'pytorch@v2.6.0:c10/cuda/CUDACachingAllocator.cpp (release_cached_blocks)',
  ],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    isTorch(c) &&
    c.shows('tried-collection') !== undefined &&
    c.shows('retry-after-failure') === undefined,
};
