import { printedValue } from '../../diagnosis/case.ts';
import { isAboutStates, trainsShort } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Weights, gradients and states in bf16',
    summary:
      'Without a copy in fp32 a parameter takes 8 bytes with Adam instead of 16: weight, gradient and both states are in bf16.',
    how: 'Load or cast the model to bf16 before the optimizer is made; train without autocast and without a scaler. For long runs take an optimizer with stochastic rounding or Kahan summation.',
    cost: 'bf16 has 8 bits of precision: an update much smaller than its weight is rounded away unless something compensates for it.',
    nothing: 'No weights, gradients or states are held in this phase.',
    'caution-card':
      'bf16 needs compute capability 8.0 (Ampere). fp16 is no substitute here: without fp32 weights small updates and gradients underflow.',
    'caution-rounding':
      'Small learning rates and long runs suffer first: compare the loss of a short run with one that keeps fp32 weights.',
    'caution-kahan': 'Kahan summation takes 2 of the saved bytes per parameter back.',
  },
  zh: {
    title: '权重、梯度和状态都用 bf16',
    summary:
      '不保留 fp32 副本时，使用 Adam 的每个参数占 8 字节而不是 16：权重、梯度和两份状态都是 bf16。',
    how: '在创建优化器之前以 bf16 加载或转换模型；训练时不用 autocast，也不用梯度缩放。长时间训练应选用带随机舍入或 Kahan 求和的优化器。',
    cost: 'bf16 只有 8 位精度：远小于权重的更新会被舍入掉，除非有补偿。',
    nothing: '这一阶段没有权重、梯度或状态。',
    'caution-card':
      'bf16 需要计算能力 8.0（Ampere）。fp16 不能替代：没有 fp32 权重时，小的更新和梯度会下溢。',
    'caution-rounding': '小学习率和长时间训练最先受影响：用一次短训练与保留 fp32 权重的损失对比。',
    'caution-kahan': 'Kahan 求和会占回节省量中的每个参数 2 字节。',
  },
  ru: {
    title: 'Веса, градиенты и состояния в bf16',
    summary:
      'Без копии в fp32 параметр с Adam занимает 8 байт вместо 16: вес, градиент и оба состояния — в bf16.',
    how: 'Загрузить модель в bf16 или перевести в него до создания оптимизатора; обучать без autocast и без масштабирования градиентов. Для долгих запусков — оптимизатор со стохастическим округлением или суммированием Кэхэна.',
    cost: 'Точность bf16 — 8 бит: обновление, намного меньшее веса, теряется при округлении, если его не компенсировать.',
    nothing: 'На этом этапе нет ни весов, ни градиентов, ни состояний.',
    'caution-card':
      'bf16 требует compute capability 8.0 (Ampere). fp16 здесь не замена: без весов в fp32 малые обновления и градиенты обнуляются.',
    'caution-rounding':
      'Первыми страдают малые скорости обучения и долгие запуски: сравнить потери короткого запуска с запуском на весах в fp32.',
    'caution-kahan': 'Суммирование Кэхэна забирает обратно 2 из сэкономленных байт на параметр.',
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
  docs: ['https://arxiv.org/abs/2010.06192'],
  shares: [],
  texts: TEXTS,
  sources: [
    'measured with a storage tracker, torch 2.14: states of torch.optim have the format of their parameters, AdamW in bf16 2+2+4 bytes per parameter',
    'PEFT method comparison, Llama-3.2-3B, full fine-tuning in bf16: 8.1 bytes per parameter at the end of a step',
    'arXiv 2010.06192 (Revisiting BFloat16 Training): stochastic rounding and Kahan summation',
    'CUDA C++ Programming Guide: compute capabilities',
  ],
  roles: ['researcher'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['weights', 'gradients', 'optimizer'] },
  changes: [{ setting: 'weights_dtype', to: 'bf16' }],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-card', applies: (c) => c.backend === 'cuda' },
    { says: 'caution-rounding' },
    { says: 'caution-kahan' },
  ],
  // DeepSpeed and Megatron keep fp32 weights of their own, whatever the model is loaded in.
  concerns: (c) =>
    trainsShort(c) &&
    isAboutStates(c) &&
    c.shows('zero') === undefined &&
    !c.frameworks.includes('megatron') &&
    printedValue(c, 'weights_dtype') !== 'fp16',
};
