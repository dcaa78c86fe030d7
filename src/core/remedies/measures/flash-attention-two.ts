import { type Case, isShortage, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'FlashAttention 2, for scores that are limited',
    summary:
      'A model that limits its attention scores (soft-capping) falls back to attention written out, whatever PyTorch’s own kernel is told. FlashAttention 2 limits them inside its kernel.',
    how: 'Install flash-attn 2.6.3 or later and choose it where the model is loaded.',
    cost: 'None in time. Results differ by rounding.',
    nothing: 'No attention scores are alive in this phase.',
    'caution-card':
      'It needs compute capability 8.0 (Ampere) or higher, and weights or autocast in 16 bit.',
  },
  zh: {
    title: '对有上限的分数使用 FlashAttention 2',
    summary:
      '限制注意力分数（soft-capping）的模型会退回手写的注意力，无论怎样设置 PyTorch 自带的 kernel。FlashAttention 2 在 kernel 内部限制分数。',
    how: '安装 flash-attn 2.6.3 或更新版本，并在加载模型时选择它。',
    cost: '不耗时。结果只有舍入差异。',
    nothing: '这一阶段没有注意力分数。',
    'caution-card': '需要计算能力 8.0（Ampere）或更高，以及 16 位的权重或 autocast。',
  },
  ru: {
    title: 'FlashAttention 2 для ограниченных оценок',
    summary:
      'Модель, которая ограничивает оценки внимания (soft-capping), возвращается к расписанному вниманию, что ни задай собственному ядру PyTorch. FlashAttention 2 ограничивает их внутри ядра.',
    how: 'Установить flash-attn 2.6.3 или новее и выбрать его при загрузке модели.',
    cost: 'По времени — ничего. Результаты отличаются округлением.',
    nothing: 'На этом этапе оценок внимания в памяти нет.',
    'caution-card':
      'Нужны compute capability 8.0 (Ampere) или выше и веса или autocast в 16 битах.',
  },
} as const;

/** Frames of a model whose scores are limited. */
function limitsScores(c: Case): boolean {
  const place = c.shows('attention-scores');
  if (place === undefined || !('frame' in place)) return false;
  return /gemma2/.test(place.frame.file) || /softcap/i.test(place.frame.code ?? '');
}

export const flashAttentionTwo: Remedy = {
  id: 'flash-attention-two',
  code: 'UN396',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://github.com/Dao-AILab/flash-attention'],
  shares: [],
  texts: TEXTS,
  sources: [
    'transformers@5.24.0: models/gemma2/modeling_gemma2.py, integrations/sdpa_attention.py',
    'flash-attention README: soft-capping since 2.6.0; Ampere or newer, fp16 and bf16',
  ],
  roles: ['researcher', 'inference'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['activations'] },
  changes: [{ setting: 'attention', to: 'flash' }],
  shown_by: ['flash-attention'],
  commands: [],
  costs: [],
  cautions: [{ says: 'caution-card', applies: (c) => c.backend === 'cuda' }],
  concerns: (c) =>
    isShortage(c) && c.mayBeTorch && printedValue(c, 'attention') !== 'flash' && limitsScores(c),
};
