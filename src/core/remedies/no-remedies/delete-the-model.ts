import { isShortage, isTorch } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'del model alone',
    summary: 'Removes one name for the model.',
    how: 'Let everything go that refers to it: optimizer, trainer, pipeline, hooks, the traceback of a caught exception, a notebook’s Out and _. Then hand the cache back. Or load the second model in a new process.',
    cost: 'None, if the model is no longer needed.',
    nothing:
      'By itself it frees nothing while an optimizer, an exception, a notebook or another name still holds the tensors, and here they are still held.',
  },
  zh: {
    title: '只写 del model',
    summary: '去掉指向模型的一个名字。',
    how: '放开所有引用它的对象：优化器、trainer、pipeline、hook、捕获异常的 traceback、notebook 的 Out 和 _；然后归还缓存。或者在新进程中加载第二个模型。',
    cost: '如果不再需要该模型，则没有代价。',
    nothing:
      '只要优化器、异常、notebook 或别的名字还持有张量，单靠它不释放任何显存；这里它们仍被持有。',
  },
  ru: {
    title: 'Один del model',
    summary: 'Убирает одно имя модели.',
    how: 'Отпустить всё, что на неё ссылается: оптимизатор, trainer, pipeline, хуки, traceback пойманного исключения, Out и _ ноутбука. Затем вернуть кэш. Или загрузить вторую модель в новом процессе.',
    cost: 'Никакой, если модель больше не нужна.',
    nothing:
      'Само по себе ничего не освобождает, пока тензоры держит оптимизатор, исключение, ноутбук или другое имя, а здесь они всё ещё заняты.',
  },
} as const;

export const deleteTheModel: Remedy = {
  id: 'delete-the-model',
  code: 'UN907',
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
    'Python language reference: the del statement',
    'pytorch/pytorch#10348: a traceback holds tensors',
  ],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) => isShortage(c) && isTorch(c) && c.shows('tried-deletion') !== undefined,
};
