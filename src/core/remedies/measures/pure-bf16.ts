import { isShortage, mayTrain, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Weights, gradients and states in bf16',
    summary: 'Without a master copy in fp32 a parameter takes 8 bytes with Adam instead of 16.',
    how: 'Load the model in bf16 and train it without a scaler; use stochastic rounding or Kahan summation for long runs.',
    cost: 'Small updates are lost in rounding over long runs unless they are compensated.',
    nothing: 'No weights, gradients or states are held in this phase.',
    'c-card': 'bf16 needs compute capability 8.0 (Ampere).',
    'c-round':
      'Over long runs small updates vanish without stochastic rounding or Kahan summation.',
  },
  zh: {
    title: '权重、梯度和状态都用 bf16',
    summary: '没有 fp32 主副本时，配合 Adam 每个参数占 8 字节而不是 16 字节。',
    how: '以 bf16 加载模型，不用 scaler 训练；长时间训练应使用随机舍入或 Kahan 求和。',
    cost: '长时间训练中，小更新会因舍入丢失，除非加以补偿。',
    nothing: '这一阶段没有权重、梯度或状态。',
    'c-card': 'bf16 需要计算能力 8.0（Ampere）。',
    'c-round': '长时间训练若无随机舍入或 Kahan 求和，小更新会消失。',
  },
  ru: {
    title: 'Веса, градиенты и состояния в bf16',
    summary: 'Без основной копии в fp32 параметр с Adam занимает 8 байт вместо 16.',
    how: 'Загрузить модель в bf16 и обучать без scaler; для долгих запусков — стохастическое округление или суммирование Кэхэна.',
    cost: 'На долгих запусках мелкие обновления теряются при округлении, если их не компенсировать.',
    nothing: 'На этом этапе нет ни весов, ни градиентов, ни состояний.',
    'c-card': 'bf16 требует compute capability 8.0 (Ampere).',
    'c-round':
      'Без стохастического округления или суммирования Кэхэна на долгих запусках мелкие обновления исчезают.',
  },
} as const;

export const pureBf16: Remedy = {
  id: 'pure-bf16',
  code: 'UN339',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states', 'model-does-not-fit'],
  domain: 'training',
  category: 'precision',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'memory model 1.4: pure bf16 AdamW 2+2+4 bytes per parameter; fp32 16',
    'PEFT benchmark: 8.11 bytes per parameter at the end of a step',
  ],
  roles: ['researcher'],
  alters: 'mathematics',
  often_tried: false,
  touches: { contents: ['weights', 'gradients', 'optimizer'] },
  changes: [{ setting: 'weights_dtype', to: 'bf16' }],

  commands: [],
  costs: [],
  cautions: [{ says: 'c-card', applies: (c) => c.backend === 'cuda' }, { says: 'c-round' }],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    (['optimizer', 'backward'].includes(c.phase.value) ||
      (c.phase.value === 'forward' && c.phase.turn === 'second')) &&
    printedValue(c, 'weights_dtype') !== 'bf16',
};
