import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Freeze a part of the model',
    summary:
      'Frozen layers need no gradients, no states, and below the first trained layer no activations.',
    how: 'Set requires_grad to false for embeddings and lower layers before the optimizer is made.',
    cost: 'Another experiment.',
    nothing: 'No gradients and states are held in this phase.',
  },
  zh: {
    title: '冻结模型的一部分',
    summary: '冻结的层不需要梯度和状态；第一个训练层以下也不需要激活值。',
    how: '在创建优化器之前，把嵌入层和较低层的 requires_grad 设为 false。',
    cost: '这是另一个实验。',
    nothing: '这一阶段没有梯度和状态。',
  },
  ru: {
    title: 'Заморозить часть модели',
    summary:
      'Замороженным слоям не нужны ни градиенты, ни состояния, а ниже первого обучаемого — и активации.',
    how: 'До создания оптимизатора поставить requires_grad=False эмбеддингам и нижним слоям.',
    cost: 'Другой эксперимент.',
    nothing: 'На этом этапе нет ни градиентов, ни состояний.',
  },
} as const;

export const freezeLayers: Remedy = {
  id: 'freeze-layers',
  code: 'UN352',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states'],
  domain: 'training',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['memory model 1.3: no gradients for frozen parameters'],
  roles: ['researcher'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['gradients', 'optimizer', 'activations'] },
  changes: [{ setting: 'frozen', to: true }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    (['optimizer', 'backward'].includes(c.phase.value) ||
      (c.phase.value === 'forward' && c.phase.turn === 'second')),
};
