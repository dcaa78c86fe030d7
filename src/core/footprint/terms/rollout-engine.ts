import { constant } from '../../base/factor.ts';
import { bytes } from '../inputs.ts';
import type { Term } from '../term.ts';

export const rolloutEngine: Term = {
  id: 'rollout-engine',
  code: 'UN595',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Engine that generates',
      summary:
        'An engine on the cards that train (vLLM in TRL, vllm_mode="colocate") takes its share of each from the start: a second copy of the weights, and a cache for the rest.',
    },
    zh: {
      title: '生成用的引擎',
      summary:
        '与训练同卡的引擎（TRL 中的 vLLM，vllm_mode="colocate"）一开始就占用每张卡的固定比例：第二份权重，其余用作缓存。',
    },
    ru: {
      title: 'Движок генерации',
      summary:
        'Движок на тех же картах, что обучают (vLLM в TRL, vllm_mode="colocate"), с самого начала берёт свою долю каждой: вторую копию весов, остальное — под кэш.',
    },
  },
  sources: [
    'trl@1.16.0: generation/vllm_generation.py, trainer/grpo_config.py (vllm_gpu_memory_utilization)',
  ],
  category: 'kv_cache',
  pool: 'torch',
  basis: 'modelled',
  formula: 'share × usable',
  inputs: (_, size) => ({ 'share × usable': bytes(size) }),
  at: ({ job: { rolloutEngine: size }, moment }) =>
    size === undefined || moment.point === 'load' ? undefined : constant(size),
};
