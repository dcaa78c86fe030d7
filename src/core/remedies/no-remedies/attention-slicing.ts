import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Attention slicing under fused attention',
    summary: 'Computes attention head by head.',
    how: 'Use it only where attention is written out.',
    cost: 'Slower.',
    nothing: 'A fused kernel keeps no matrix of scores that slices could make smaller.',
  },
  zh: {
    title: '融合注意力下的 attention slicing',
    summary: '逐头计算注意力。',
    how: '仅在手写注意力时使用。',
    cost: '变慢。',
    nothing: '融合 kernel 不保存分数矩阵，没有什么可切小的。',
  },
  ru: {
    title: 'Attention slicing при слитом внимании',
    summary: 'Считает внимание по головам.',
    how: 'Годится только там, где внимание расписано.',
    cost: 'Медленнее.',
    nothing: 'Слитое ядро не хранит матрицу оценок, уменьшать нечего.',
  },
} as const;

export const attentionSlicing: Remedy = {
  id: 'attention-slicing',
  code: 'UN909',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: [],
  domain: 'any',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'diffusers documentation: attention slicing is not useful with scaled_dot_product_attention',
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
    c.frameworks.some((name) =>
      ['diffusers', 'comfyui', 'stable-diffusion-webui'].includes(name),
    ) &&
    (c.shows('sdpa') !== undefined || c.shows('flash-attention') !== undefined),
};
