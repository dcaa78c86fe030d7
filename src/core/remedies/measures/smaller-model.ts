import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A smaller model',
    summary: 'Fewer parameters need less of everything that stays.',
    how: 'Take a smaller model of the family, or a distilled one.',
    cost: 'Another experiment; quality.',
    nothing: 'No weights are held in this phase.',
  },
  zh: {
    title: '换更小的模型',
    summary: '参数越少，所有常驻部分都越小。',
    how: '选用同系列更小的模型，或蒸馏后的模型。',
    cost: '这是另一个实验；质量下降。',
    nothing: '这一阶段没有权重。',
  },
  ru: {
    title: 'Модель поменьше',
    summary: 'Меньше параметров — меньше всего, что остаётся в памяти.',
    how: 'Взять меньшую модель того же семейства или дистиллированную.',
    cost: 'Другой эксперимент; качество.',
    nothing: 'На этом этапе весов нет.',
  },
} as const;

export const smallerModel: Remedy = {
  id: 'smaller-model',
  code: 'UN355',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit'],
  domain: 'any',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['memory model 1.1'],
  roles: ['researcher', 'inference'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['weights', 'gradients', 'optimizer'] },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) && ['load', 'init', 'transfer', 'kv_alloc', 'optimizer'].includes(c.phase.value),
};
