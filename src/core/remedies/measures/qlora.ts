import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'QLoRA: adapters on 4-bit weights',
    summary:
      'The frozen weights are in 4 bit: about 0.52 bytes for each parameter of a linear layer.',
    how: 'Load the model in 4 bit (nf4, double quantisation) and train adapters.',
    cost: 'Slower than LoRA in 16 bit; a little quality.',
    nothing: 'No weights, gradients or states are held in this phase.',
    'w-slow': 'against LoRA in 16 bit; with compilation and checkpointing at the low end',
    'c-head': 'Embeddings and the head stay in 16 bit, or are cast to fp32.',
  },
  zh: {
    title: 'QLoRA：4 位权重上的适配器',
    summary: '冻结的权重以 4 位存放：线性层每个参数约 0.52 字节。',
    how: '以 4 位（nf4，双重量化）加载模型，只训练适配器。',
    cost: '比 16 位 LoRA 慢，质量略有损失。',
    nothing: '这一阶段没有权重、梯度或状态。',
    'w-slow': '与 16 位 LoRA 相比；配合编译和 checkpointing 时取下限',
    'c-head': '嵌入层和输出头仍是 16 位，或被转成 fp32。',
  },
  ru: {
    title: 'QLoRA: адаптеры на 4-битных весах',
    summary: 'Замороженные веса — в 4 бита: около 0,52 байта на параметр линейного слоя.',
    how: 'Загрузить модель в 4 бита (nf4, двойное квантование) и обучать адаптеры.',
    cost: 'Медленнее LoRA в 16 бит; немного качества.',
    nothing: 'На этом этапе нет ни весов, ни градиентов, ни состояний.',
    'w-slow': 'по сравнению с LoRA в 16 бит; с компиляцией и чекпойнтингом — нижний край',
    'c-head': 'Эмбеддинги и выходной слой остаются в 16 бит или переводятся в fp32.',
  },
} as const;

export const qlora: Remedy = {
  id: 'qlora',
  code: 'UN351',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'optimizer-states'],
  domain: 'training',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'memory model 1.2: nf4 with double quantisation 4.127 bits',
    'torchtune README: LoRA 8.5, QLoRA 4.6 GiB',
  ],
  roles: ['researcher'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['weights', 'gradients', 'optimizer'] },
  changes: [{ setting: 'adapter', to: 'qlora' }],
  shown_by: ['four-bit'],
  commands: [],
  costs: [
    {
      what: 'time',
      low: 2,
      high: 39,
      unit: '%',
      when: 'w-slow',
      source: 'torchtune README (2 %); S. Raschka, LoRA experiments (39 %)',
    },
  ],
  cautions: [{ says: 'c-head' }],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    (['load', 'transfer', 'init'].includes(c.phase.value) ||
      ['optimizer', 'backward'].includes(c.phase.value) ||
      (c.phase.value === 'forward' && c.phase.turn === 'second')) &&
    c.frameworks.some((name) =>
      ['transformers', 'trl', 'axolotl', 'llama-factory', 'peft'].includes(name),
    ),
};
