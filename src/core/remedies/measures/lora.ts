import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'LoRA: train adapters only',
    summary:
      'Small adapters are trained beside frozen weights: no gradients and states for the rest.',
    how: 'Wrap the model with adapters on the attention (and MLP) projections.',
    cost: 'Another experiment: a small number of trained parameters.',
    nothing: 'No gradients and states are held in this phase.',
    'w-peft': 'Llama-3.2-3B: 2,300 → 6,770 tokens/s',
    'c-act':
      'Adapters in fp32 on all linear layers can save more activations than full fine-tuning does; checkpointing helps then.',
    'c-grad': 'With checkpointing the inputs need gradients: enable_input_require_grads.',
  },
  zh: {
    title: 'LoRA：只训练适配器',
    summary: '在冻结的权重旁训练小适配器，其余部分没有梯度和状态。',
    how: '在注意力（和 MLP）投影上加适配器。',
    cost: '这是另一个实验：可训练参数很少。',
    nothing: '这一阶段没有梯度和状态。',
    'w-peft': 'Llama-3.2-3B：2,300 → 6,770 token/s',
    'c-act':
      '在所有线性层上使用 fp32 适配器，保存的激活值可能比全量微调还多；此时应配合 checkpointing。',
    'c-grad': '配合 checkpointing 时输入需要梯度：enable_input_require_grads。',
  },
  ru: {
    title: 'LoRA: обучать только адаптеры',
    summary:
      'Рядом с замороженными весами учатся малые адаптеры: для остального нет градиентов и состояний.',
    how: 'Обернуть модель адаптерами на проекциях внимания (и MLP).',
    cost: 'Другой эксперимент: обучаемых параметров мало.',
    nothing: 'На этом этапе нет ни градиентов, ни состояний.',
    'w-peft': 'Llama-3.2-3B: 2 300 → 6 770 токенов/с',
    'c-act':
      'Адаптеры в fp32 на всех линейных слоях могут хранить больше активаций, чем полное дообучение; тогда помогает чекпойнтинг.',
    'c-grad': 'С чекпойнтингом входам нужны градиенты: enable_input_require_grads.',
  },
} as const;

export const lora: Remedy = {
  id: 'lora',
  code: 'UN350',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states', 'model-does-not-fit'],
  domain: 'training',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['memory model 1.5 and 2.4', 'PEFT method comparison'],
  roles: ['researcher'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['gradients', 'optimizer'] },
  changes: [{ setting: 'adapter', to: 'lora' }],
  shown_by: ['lora'],
  commands: [],
  costs: [
    {
      what: 'throughput',
      low: 194,
      high: 194,
      unit: '%',
      when: 'w-peft',
      source: 'PEFT method comparison, Llama-3.2-3B',
    },
  ],
  cautions: [
    { says: 'c-act' },
    { says: 'c-grad', applies: (c) => c.shows('checkpointing') !== undefined },
  ],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    (['optimizer', 'backward'].includes(c.phase.value) ||
      (c.phase.value === 'forward' && c.phase.turn === 'second')) &&
    c.frameworks.some((name) =>
      ['transformers', 'trl', 'diffusers', 'axolotl', 'llama-factory', 'peft'].includes(name),
    ),
};
