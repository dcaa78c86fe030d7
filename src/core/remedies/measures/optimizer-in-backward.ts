import { isSharded, isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'The optimizer step inside the backward pass',
    summary:
      'Each gradient is used and freed as soon as it is there, so that never all gradients are held.',
    how: 'Register the step as a hook on each parameter, or use the framework’s option.',
    cost: 'About none; norms over all gradients (clipping) and accumulation are not possible.',
    nothing: 'No gradients are held in this phase.',
    'w-ladder': 'Llama-3.2-3B on an A100: 24.9 → 23.1 GiB',
    'c-clip':
      'Gradient clipping by global norm and gradient accumulation cannot be combined with it.',
  },
  zh: {
    title: '在反向传播中更新参数',
    summary: '每个梯度一算出就使用并释放，不会同时保留全部梯度。',
    how: '把更新注册为每个参数的 hook，或使用框架的相应选项。',
    cost: '几乎没有代价；但无法对全部梯度求范数（裁剪），也无法梯度累积。',
    nothing: '这一阶段没有梯度。',
    'w-ladder': 'A100 上的 Llama-3.2-3B：24.9 → 23.1 GiB',
    'c-clip': '不能与全局范数裁剪和梯度累积同用。',
  },
  ru: {
    title: 'Шаг оптимизатора внутри обратного прохода',
    summary:
      'Каждый градиент используется и освобождается сразу, все вместе они никогда не хранятся.',
    how: 'Повесить шаг как хук на каждый параметр или включить опцию фреймворка.',
    cost: 'Почти ничего; норма по всем градиентам (клиппинг) и накопление невозможны.',
    nothing: 'На этом этапе градиентов нет.',
    'w-ladder': 'Llama-3.2-3B на A100: 24.9 → 23.1 GiB',
    'c-clip': 'Не сочетается с клиппингом по общей норме и с накоплением градиентов.',
  },
} as const;

export const optimizerInBackward: Remedy = {
  id: 'optimizer-in-backward',
  code: 'UN333',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states'],
  domain: 'training',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torchtune README: 24.9 → 23.1 GiB, +1.4 % tokens/s', 'memory model 1.3'],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['gradients'] },
  changes: [{ setting: 'optimizer_in_backward', to: true }],

  commands: [],
  costs: [
    {
      what: 'throughput',
      low: 0,
      high: 1.4,
      unit: '%',
      when: 'w-ladder',
      source: 'torchtune README',
    },
  ],
  cautions: [{ says: 'c-clip' }],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    ['backward', 'optimizer'].includes(c.phase.value) &&
    !isSharded(c) &&
    c.shows('ddp') === undefined,
};
