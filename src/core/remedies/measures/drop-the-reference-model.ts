import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'No reference model beside the policy',
    summary:
      'The reference’s log-probabilities can be computed before training, or with the adapters turned off.',
    how: 'Precompute the reference log-probabilities; with LoRA pass no reference model at all.',
    cost: 'One pass over the data before training.',
    nothing: 'No second model is held in this phase.',
  },
  zh: {
    title: '不再同时保留参考模型',
    summary: '参考模型的对数概率可以在训练前算好，或关闭适配器来计算。',
    how: '预先计算参考对数概率；用 LoRA 时不传参考模型。',
    cost: '训练前要遍历一次数据。',
    nothing: '这一阶段没有第二个模型。',
  },
  ru: {
    title: 'Без эталонной модели рядом',
    summary:
      'Логарифмы вероятностей эталона можно посчитать до обучения или с выключенными адаптерами.',
    how: 'Посчитать их заранее; с LoRA не передавать эталонную модель вовсе.',
    cost: 'Один проход по данным до обучения.',
    nothing: 'На этом этапе второй модели нет.',
  },
} as const;

export const dropTheReferenceModel: Remedy = {
  id: 'drop-the-reference-model',
  code: 'UN361',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit'],
  domain: 'training',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['trl: precompute_ref_log_probs; DPO with PEFT needs no ref_model'],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['weights', 'copies', 'outputs'] },
  changes: [{ setting: 'reference_model', to: false }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    c.shows('reference-model') !== undefined,
};
