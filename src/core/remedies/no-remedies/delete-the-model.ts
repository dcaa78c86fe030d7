import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'del model alone',
    summary: 'Removes one name of the model.',
    how: 'Delete everything that refers to it (release-previous-model).',
    cost: 'None.',
    nothing:
      'Optimizer, outputs with a graph, exceptions and notebooks still refer to the parameters.',
  },
  zh: {
    title: '单独 del model',
    summary: '只是删除模型的一个名字。',
    how: '删除所有引用它的对象（release-previous-model）。',
    cost: '没有代价。',
    nothing: '优化器、带计算图的输出、异常和 notebook 仍引用着参数。',
  },
  ru: {
    title: 'Один del model',
    summary: 'Убирает одно имя модели.',
    how: 'Удалить всё, что на неё ссылается (release-previous-model).',
    cost: 'Ничего не стоит.',
    nothing: 'Оптимизатор, выходы с графом, исключения и ноутбуки всё ещё ссылаются на параметры.',
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
  sources: ['pytorch/pytorch#70431: del model alone did not help'],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) && c.mayBeTorch && !c.isEngine && ['load', 'transfer'].includes(c.phase.value),
};
