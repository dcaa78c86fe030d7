import { type Statement, say } from '../../base/texts.ts';
import { isShortage, isTorch, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Mixed precision (autocast)',
    summary: 'Activations in 16 bit; weights and optimizer states stay as they are.',
    how: 'bf16 autocast (bf16=True) on cards of compute capability 8.0 and newer, fp16 with a gradient scaler on older ones.',
    cost: 'A cached 16-bit copy of each linear weight is added; fp16 needs loss scaling.',
    nothing: 'Autocast changes activations only; there are none in this phase.',
    model: 'Autocast does not change the weights that are being moved.',
    'caution-card': 'bf16 needs compute capability 8.0 (Ampere).',
    'caution-states': 'It does not halve weights, gradients and states: they stay in fp32.',
  },
  zh: {
    title: '混合精度（autocast）',
    summary: '激活值用 16 位，权重和优化器状态不变。',
    how: '计算能力 8.0 及以上的卡用 bf16 autocast，较旧的卡用 fp16 加梯度缩放。',
    cost: '每个线性层权重会多一份缓存的 16 位拷贝；fp16 需要损失缩放。',
    nothing: 'autocast 只改变激活值，而这一阶段没有激活值。',
    model: 'autocast 不会改变正在移动的权重。',
    'caution-card': 'bf16 需要计算能力 8.0（Ampere）。',
    'caution-states': '它不会让权重、梯度和优化器状态减半：它们仍是 fp32。',
  },
  ru: {
    title: 'Смешанная точность (autocast)',
    summary: 'Активации в 16 бит; веса и состояния оптимизатора не меняются.',
    how: 'bf16 autocast на картах с compute capability 8.0 и новее, fp16 со scaler — на старых.',
    cost: 'Добавляется кэшированная 16-битная копия каждого линейного веса; fp16 требует масштабирования потерь.',
    nothing: 'Autocast меняет только активации, а их на этом этапе нет.',
    model: 'Autocast не меняет веса, которые переносятся.',
    'caution-card': 'bf16 требует compute capability 8.0 (Ampere).',
    'caution-states': 'Веса, градиенты и состояния вдвое не уменьшатся: они остаются в fp32.',
  },
} as const;

export const mixedPrecision: Remedy = {
  id: 'mixed-precision',
  code: 'UN306',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  domain: 'any',
  answers: ['activations-too-large'],
  category: 'precision',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.amp; memory model: AMP keeps fp32 weights, gradients and states'],
  roles: ['researcher'],
  alters: 'rounding',
  often_tried: true,
  touches: { contents: ['activations', 'outputs'] },
  changes: [{ setting: 'compute_precision', to: 'bf16' }],
  shown_by: ['autocast'],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-card', applies: (c) => c.backend === 'cuda' },
    { says: 'caution-states' },
  ],
  concerns: (c) => isShortage(c) && mayTrain(c) && isTorch(c) && c.backend !== 'mps',
  barred(c): Statement | undefined {
    return c.phase.moves_model ? say(TEXTS, 'model') : undefined;
  },
};
