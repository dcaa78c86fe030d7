import { printedValue } from '../../diagnosis/case.ts';
import { isLoadingModel, trainsAdapters, trainsShort } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'No reference model beside the policy',
    summary:
      'Preference training keeps a frozen copy of the model for its log-probabilities: 2 bytes for each parameter, and logits of its own. For fixed data they can be computed once, before training.',
    how: 'With adapters give no reference model: the base with its adapters off is the reference. Else compute the reference’s log-probabilities in a pass before training.',
    cost: 'One pass over the data before training; with adapters off nothing but a second forward pass, as before.',
    nothing: 'No second model is held in this phase.',
    'caution-online':
      'Only for fixed data (DPO and its kin). Where completions are sampled in training (PPO, GRPO) the reference is needed while it runs, unless its weight in the loss is 0.',
    'caution-start':
      'With adapters off the reference is the base model: where training starts from other adapters, merge those first.',
    'caution-sync': 'Not where the reference is updated while training.',
    'caution-eval': 'The evaluation set needs its log-probabilities too.',
  },
  zh: {
    title: '不在策略模型旁另放参考模型',
    summary:
      '偏好训练为计算对数概率而保留一份冻结的模型：每个参数 2 字节，另有自己的 logits。数据固定时，可以在训练前一次算好。',
    how: '使用适配器时，不传参考模型：关闭适配器的底座就是参考。否则在训练前先过一遍数据，算出参考的对数概率。',
    cost: '训练前要过一遍数据；使用适配器时只是和以前一样多一次前向传播。',
    nothing: '这一阶段没有第二个模型。',
    'caution-online':
      '只适用于固定的数据（DPO 及同类）。训练中要采样回答时（PPO、GRPO），运行期间就需要参考模型，除非它在损失中的权重为 0。',
    'caution-start':
      '关闭适配器时，参考就是底座模型：如果训练从已有的适配器开始，先把它们合并进去。',
    'caution-sync': '参考模型在训练中更新时不适用。',
    'caution-eval': '评估集也需要参考的对数概率。',
  },
  ru: {
    title: 'Без эталонной модели рядом с обучаемой',
    summary:
      'Обучение на предпочтениях держит замороженную копию модели ради её логарифмов вероятностей: 2 байта на параметр и свои логиты. Если данные постоянны, их можно посчитать один раз, до обучения.',
    how: 'С адаптерами эталонную модель не передавать: эталон — базовая модель с выключенными адаптерами. Иначе посчитать логарифмы вероятностей эталона одним проходом до обучения.',
    cost: 'Один проход по данным до обучения; с адаптерами — лишь второй прямой проход, как и прежде.',
    nothing: 'На этом этапе второй модели нет.',
    'caution-online':
      'Только для постоянных данных (DPO и подобные). Если ответы порождаются при обучении (PPO, GRPO), эталон нужен всё время, если только его вес в функции потерь не 0.',
    'caution-start':
      'При выключенных адаптерах эталон — базовая модель: если обучение начинается с других адаптеров, сначала слить их с ней.',
    'caution-sync': 'Не годится, если эталон обновляется в ходе обучения.',
    'caution-eval': 'Логарифмы вероятностей нужны и для оценочного набора.',
  },
} as const;

export const dropTheReferenceModel: Remedy = {
  id: 'drop-the-reference-model',
  code: 'UN361',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'optimizer-states', 'activations-too-large'],
  domain: 'training',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://huggingface.co/docs/trl/dpo_trainer'],
  shares: [],
  texts: TEXTS,
  sources: [
    'TRL documentation, DPOTrainer: precompute_ref_log_probs; with PEFT no reference model is needed',
    'TRL documentation, GRPOConfig: beta 0 loads no reference model',
    'mlabonne/llm-course#44: a DPO run that fitted without the reference model',
  ],
  roles: ['researcher'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['weights', 'copies', 'outputs'] },
  changes: [{ setting: 'reference_model', to: false }],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-online', applies: (c) => c.shows('rollout') !== undefined },
    { says: 'caution-start', applies: trainsAdapters },
    { says: 'caution-sync' },
    { says: 'caution-eval' },
  ],
  concerns: (c) =>
    trainsShort(c) &&
    c.shows('reference-model') !== undefined &&
    printedValue(c, 'reference_model') !== false &&
    (isLoadingModel(c) ||
      ['forward', 'backward', 'optimizer', 'eval', 'transfer'].includes(c.phase.value)),
};
