import { isShortage, isTorch } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'gc.collect() alone',
    summary: 'Frees Python objects that refer to each other in circles.',
    how: 'Use it after the last reference is gone, before empty_cache().',
    cost: 'A pause.',
    nothing:
      'Tensors that something still refers to stay; those that nothing refers to were free already.',
  },
  zh: {
    title: '单独调用 gc.collect()',
    summary: '释放互相循环引用的 Python 对象。',
    how: '在最后一个引用消失之后、empty_cache() 之前使用。',
    cost: '一次停顿。',
    nothing: '仍被引用的张量不会释放；没有引用的早已释放。',
  },
  ru: {
    title: 'Один gc.collect()',
    summary: 'Освобождает объекты Python, которые ссылаются друг на друга по кругу.',
    how: 'Вызывать, когда ушла последняя ссылка, перед empty_cache().',
    cost: 'Пауза.',
    nothing: 'Тензоры, на которые есть ссылки, останутся; без ссылок они были свободны и так.',
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
  sources: ['Python documentation: gc'],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) && isTorch(c) && ['forward', 'backward', 'optimizer'].includes(c.phase.value),
};
