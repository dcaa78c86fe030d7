import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Attention slicing',
    summary:
      'Computes attention one slice of heads after another, so that fewer scores stand in memory at once.',
    how: 'Leave it off where scaled dot product or flash attention works. For the decoder use VAE tiling or slicing.',
    cost: 'Slower, and it replaces the fused kernel by one that keeps scores.',
    nothing:
      'It frees nothing: a fused attention keeps no matrix of scores that could be cut, and the VAE has no such attention.',
  },
  zh: {
    title: '注意力切片（attention slicing）',
    summary: '逐片计算各注意力头，减少同时存放的分数矩阵。',
    how: '已使用 scaled dot product 或 flash 注意力时保持关闭。解码器用 VAE 的 tiling 或 slicing。',
    cost: '变慢，并把融合 kernel 换成要保存分数矩阵的实现。',
    nothing: '它不释放任何显存：融合注意力不保存可切的分数矩阵，而 VAE 中没有这样的注意力。',
  },
  ru: {
    title: 'Нарезка внимания (attention slicing)',
    summary: 'Считает внимание по группам голов: одновременно в памяти меньше оценок.',
    how: 'Не включать там, где работает scaled dot product или flash-внимание. Для декодера — tiling или slicing VAE.',
    cost: 'Медленнее, и слитое ядро заменяется тем, что хранит оценки.',
    nothing:
      'Ничего не освобождает: слитое внимание не хранит матрицу оценок, которую можно нарезать, а в VAE такого внимания нет.',
  },
} as const;

export const attentionSlicing: Remedy = {
  id: 'attention-slicing',
  code: 'UN909',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: [],
  domain: 'inference',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: ['https://huggingface.co/docs/diffusers/main/en/optimization/memory'],
  shares: [],
  texts: TEXTS,
  sources: [
    'diffusers documentation: reduce memory usage (attention slicing; not with PyTorch 2 attention)',
  ],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    (c.frameworks.includes('diffusers') || c.shows('tried-attention-slicing') !== undefined) &&
    (c.shows('sdpa') !== undefined ||
      c.shows('flash-attention') !== undefined ||
      c.shows('vae') !== undefined) &&
    c.shows('attention-scores') === undefined,
};
