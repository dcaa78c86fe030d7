import { constant } from '../../base/factor.ts';
import { cacheBytes } from '../cache.ts';
import type { Term } from '../term.ts';

export const kvCache: Term = {
  id: 'kv-cache',
  code: 'UN514',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'KV cache',
      summary:
        'Keys and values of all tokens so far, for each sequence and beam. Windows, latent attention and state spaces need less.',
    },
    zh: {
      title: 'KV 缓存',
      summary:
        '每个序列与 beam 到目前为止所有 token 的键和值。滑动窗口、潜在注意力与状态空间模型更少。',
    },
    ru: {
      title: 'KV-кэш',
      summary:
        'Ключи и значения всех токенов до сих пор, для каждой последовательности и каждого луча. Окна, латентное внимание и пространства состояний требуют меньше.',
    },
  },
  sources: [
    'transformers@4.57.1: cache_utils.py',
    'transformers@4.38.2: models/qwen2/modeling_qwen2.py (to_legacy_cache)',
  ],
  category: 'kv_cache',
  pool: 'torch',
  basis: 'modelled',
  formula: 'layers × tokens × 2 × kv_heads × head_dim × width',
  at: ({ job, moment }) => {
    if (job.purpose !== 'generation') return undefined;
    const { point } = moment;
    // A fused module makes its static cache when it is built.
    const isThere = point === 'load' && job.fusesProjections === true;
    if (point !== 'prefill' && point !== 'decode' && !isThere) return undefined;
    const bytes = cacheBytes(job, point === 'decode' ? point : 'prefill');
    return bytes === 0 ? undefined : constant(bytes);
  },
};
