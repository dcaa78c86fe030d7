import { isShortage, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A fused attention kernel',
    summary:
      'Computes attention block by block, so that no matrix of scores (tokens × tokens) is kept.',
    how: 'Use scaled_dot_product_attention, FlashAttention or xformers in place of attention written out as matmul, softmax, matmul.',
    cost: 'None in memory or time: it is faster as well.',
    nothing: 'No attention scores are kept in this phase.',
    'c-card': 'FlashAttention-2 needs compute capability 8.0 (Ampere) and 16-bit inputs.',
    'c-eager':
      'output_attentions, soft-capping and some masks force the written-out attention again.',
  },
  zh: {
    title: '融合的注意力 kernel',
    summary: '分块计算注意力，不再保存 token × token 的分数矩阵。',
    how: '用 scaled_dot_product_attention、FlashAttention 或 xformers 代替手写的 matmul、softmax、matmul。',
    cost: '显存和时间上都没有代价，而且更快。',
    nothing: '这一阶段不保存注意力分数。',
    'c-card': 'FlashAttention-2 需要计算能力 8.0（Ampere）及 16 位输入。',
    'c-eager': 'output_attentions、soft-capping 和某些掩码会退回到手写的注意力。',
  },
  ru: {
    title: 'Слитое ядро внимания',
    summary: 'Считает внимание блоками: матрица оценок (токены × токены) не хранится.',
    how: 'Вместо внимания, расписанного как matmul, softmax, matmul, взять scaled_dot_product_attention, FlashAttention или xformers.',
    cost: 'Ни памяти, ни времени не стоит: ещё и быстрее.',
    nothing: 'На этом этапе оценки внимания не хранятся.',
    'c-card': 'FlashAttention-2 требует compute capability 8.0 (Ampere) и 16-битных входов.',
    'c-eager': 'output_attentions, soft-capping и некоторые маски возвращают расписанное внимание.',
  },
} as const;

export const fusedAttention: Remedy = {
  id: 'fused-attention',
  code: 'UN320',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [
    'https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'memory model 2.1: eager attention keeps 6 bytes × batch × heads × sequence², fused kernels a row of 4 bytes',
  ],
  roles: ['researcher', 'inference'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['activations'] },
  changes: [{ setting: 'attention', to: 'sdpa' }],
  shown_by: ['flash-attention', 'sdpa'],
  commands: [],
  costs: [],
  cautions: [{ says: 'c-card' }, { says: 'c-eager' }],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    (c.shows('attention-scores') !== undefined || printedValue(c, 'attention') === 'eager'),
};
