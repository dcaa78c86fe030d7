import { type Statement, say } from '../../base/texts.ts';
import { isShortage, isTorch, mayTrain, printedValue } from '../../diagnosis/case.ts';
import { isSplatting } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Mixed precision (autocast)',
    summary:
      'Matrix products and convolutions in 16 bit: their activations are half as large. Weights, gradients and optimizer states stay as they are.',
    how: 'bf16 autocast on cards of compute capability 8.0 and newer, fp16 with a gradient scaler on older ones.',
    cost: 'A 16-bit copy of each linear weight is held while gradients are on; fp16 needs loss scaling.',
    nothing: 'Autocast changes activations only; there are none in this phase.',
    model: 'Autocast does not change the weights that are being moved.',
    sixteen:
      'The weights are in 16 bit already, and so are the activations: autocast has nothing to halve.',
    half: 'It is on already, with fp16; bf16 takes as much memory.',
    'caution-card': 'bf16 needs compute capability 8.0 (Ampere).',
    'caution-states': 'It does not halve weights, gradients and states: they stay in fp32.',
    'caution-copies':
      'With many weights and few tokens the 16-bit copies, 2 bytes for each linear weight, can be more than activations shrink.',
  },
  zh: {
    title: '混合精度（autocast）',
    summary: '矩阵乘法和卷积用 16 位计算：其激活值减半。权重、梯度和优化器状态不变。',
    how: '计算能力 8.0 及以上用 bf16 autocast，更旧的显卡用 fp16 加梯度缩放。',
    cost: '启用梯度时会保留每个线性层权重的 16 位拷贝；fp16 需要损失缩放。',
    nothing: 'autocast 只改变激活值；这一阶段没有。',
    model: 'autocast 不改变正在移动的权重。',
    sixteen: '权重已经是 16 位，激活值也是：autocast 没有可减半的内容。',
    half: '已经启用，用的是 fp16；bf16 占用的显存相同。',
    'caution-card': 'bf16 需要计算能力 8.0（Ampere）。',
    'caution-states': '它不会让权重、梯度和状态减半：它们仍是 fp32。',
    'caution-copies':
      '权重多而 token 少时，16 位拷贝（每个线性层权重 2 字节）可能超过激活值减少的量。',
  },
  ru: {
    title: 'Смешанная точность (autocast)',
    summary:
      'Матричные произведения и свёртки в 16 битах: их активации вдвое меньше. Веса, градиенты и состояния оптимизатора не меняются.',
    how: 'bf16 autocast на картах с compute capability 8.0 и новее, на старых — fp16 с масштабированием градиентов.',
    cost: 'Пока включены градиенты, хранится 16-битная копия каждого линейного веса; fp16 требует масштабирования потерь.',
    nothing: 'Autocast меняет только активации; на этом этапе их нет.',
    model: 'Autocast не меняет переносимые веса.',
    sixteen: 'Веса уже в 16 битах, и активации тоже: autocast нечего уменьшать.',
    half: 'Уже включена, с fp16; bf16 занимает столько же памяти.',
    'caution-card': 'bf16 требует compute capability 8.0 (Ampere).',
    'caution-states': 'Веса, градиенты и состояния вдвое меньше не станут: они остаются в fp32.',
    'caution-copies':
      'Если весов много, а токенов мало, 16-битные копии (2 байта на каждый линейный вес) могут перевесить выигрыш на активациях.',
  },
} as const;

const SIXTEEN_BITS: readonly unknown[] = ['bf16', 'fp16'];

export const mixedPrecision: Remedy = {
  id: 'mixed-precision',
  code: 'UN306',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'any',
  category: 'precision',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.pytorch.org/docs/stable/amp.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation: torch.amp',
    'measured with saved-tensor hooks, torch 2.14: a cached 16-bit copy of every linear weight from its first use to its backward',
    'CUDA C++ Programming Guide: compute capabilities',
  ],
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
    { says: 'caution-copies' },
  ],
  concerns: (c) =>
    isShortage(c) && mayTrain(c) && isTorch(c) && c.backend !== 'mps' && !isSplatting(c),
  barred(c): Statement | undefined {
    if (c.phase.moves_model) return say(TEXTS, 'model');
    if (SIXTEEN_BITS.includes(printedValue(c, 'weights_dtype'))) return say(TEXTS, 'sixteen');
    return printedValue(c, 'compute_precision') === 'fp16' ? say(TEXTS, 'half') : undefined;
  },
};
