import { constant } from '../../base/factor.ts';
import { rotaryBytes } from '../cache.ts';
import { count, ratio } from '../inputs.ts';
import type { Term } from '../term.ts';

export const rotaryTables: Term = {
  id: 'rotary-tables',
  code: 'UN561',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Rotary tables',
      summary:
        'Tables of sine and cosine for all positions, which older versions of transformers keep in each layer.',
    },
    zh: {
      title: '旋转位置编码表',
      summary: '所有位置的正弦和余弦表；旧版 transformers 在每一层各存一份。',
    },
    ru: {
      title: 'Таблицы поворотов',
      summary:
        'Таблицы синусов и косинусов для всех позиций, которые старые версии transformers держат в каждом слое.',
    },
  },
  sources: [
    'transformers@4.38.2: models/qwen2/modeling_qwen2.py (Qwen2RotaryEmbedding)',
    'transformers@4.46.0: the same, computed anew',
  ],
  category: 'weights',
  pool: 'torch',
  basis: 'modelled',
  formula: 'layers × positions × head_dim × 2 × width',
  inputs: ({ job }, size) => {
    const { rotaryTables = 1, model } = job;
    const layers = model.stacks.reduce((sum, { pattern }) => sum + pattern.length, 0);
    return {
      layers: count(layers),
      positions: count(rotaryTables),
      'head_dim × 2 × width': ratio(size / layers / rotaryTables),
    };
  },
  at: ({ job }) => {
    const bytes = rotaryBytes(job);
    return bytes === 0 ? undefined : constant(bytes);
  },
};
