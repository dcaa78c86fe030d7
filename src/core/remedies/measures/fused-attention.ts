import { isShortage, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A fused attention kernel',
    summary:
      'Computes attention block by block: the matrix of scores (tokens × tokens for each head) never stands in memory.',
    how: 'Use SDPA (scaled_dot_product_attention), FlashAttention or xformers in place of attention written out as matmul, softmax, matmul. Choose it where the model is loaded, or call it in the layer itself.',
    cost: 'None, and it is faster. Results differ by rounding.',
    nothing: 'No attention scores are alive in this phase.',
    'caution-card':
      'FlashAttention-2 needs compute capability 8.0 (Ampere) and 16-bit inputs. On older cards SDPA has a memory-efficient kernel that keeps no matrix either.',
    'caution-eager':
      'Asking for attention weights (output_attentions) and soft-capping can force the written-out attention again.',
    'caution-mask':
      'With a padding or bias mask SDPA leaves its flash kernel. Make sure that it does not end in the plain one, which keeps the scores in fp32.',
  },
  zh: {
    title: '融合的注意力 kernel',
    summary: '分块计算注意力：分数矩阵（每个头 token × token）不会出现在显存里。',
    how: '用 SDPA（scaled_dot_product_attention）、FlashAttention 或 xformers 代替手写的 matmul、softmax、matmul。在加载模型处选择，或在层内直接调用。',
    cost: '没有代价，而且更快。结果只有舍入差异。',
    nothing: '这一阶段没有注意力分数。',
    'caution-card':
      'FlashAttention-2 需要计算能力 8.0（Ampere）和 16 位输入。较旧的显卡上，SDPA 的 memory-efficient kernel 同样不保存矩阵。',
    'caution-eager':
      '要求返回注意力权重（output_attentions）或使用 soft-capping，可能会退回手写的注意力。',
    'caution-mask':
      '带 padding 或 bias 掩码时，SDPA 不再使用 flash kernel。确认没有落到普通实现：它以 fp32 保存分数。',
  },
  ru: {
    title: 'Слитое ядро внимания',
    summary:
      'Считает внимание блоками: матрица оценок (токены × токены на каждую голову) в памяти не появляется.',
    how: 'Вместо внимания, расписанного как matmul, softmax, matmul, взять SDPA (scaled_dot_product_attention), FlashAttention или xformers. Выбрать при загрузке модели или вызвать в самом слое.',
    cost: 'Ничего не стоит и быстрее. Результаты отличаются округлением.',
    nothing: 'На этом этапе оценок внимания в памяти нет.',
    'caution-card':
      'FlashAttention-2 требует compute capability 8.0 (Ampere) и 16-битных входов. На старых картах у SDPA есть экономное ядро, которое матрицу тоже не хранит.',
    'caution-eager':
      'Запрос весов внимания (output_attentions) и soft-capping могут вернуть расписанное внимание.',
    'caution-mask':
      'С маской дополнения или смещения SDPA уходит с ядра flash. Проверить, что не выбрано простое ядро: оно хранит оценки в fp32.',
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
    'https://github.com/Dao-AILab/flash-attention',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'arXiv 2205.14135 (FlashAttention)',
    'flash-attention README: Ampere or newer, fp16 and bf16',
    'transformers@4.57.0:src/transformers/configuration_utils.py (output_attentions only with eager)',
    'measured with saved-tensor hooks, torch 2.14, transformers 5.18.0: eager attention in bf16 keeps 6 bytes × batch × heads × sequence², a fused kernel 4 bytes per token and head',
  ],
  roles: ['researcher', 'inference'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['activations'] },
  changes: [{ setting: 'attention', to: 'sdpa' }],
  shown_by: ['flash-attention', 'sdpa'],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-card', applies: (c) => c.backend === 'cuda' },
    { says: 'caution-eager', applies: (c) => c.frameworks.includes('transformers') },
    { says: 'caution-mask' },
  ],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    c.backend !== 'mps' &&
    printedValue(c, 'attention') !== 'flash' &&
    (c.shows('attention-scores') !== undefined || printedValue(c, 'attention') === 'eager'),
};
