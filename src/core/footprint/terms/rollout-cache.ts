import { bytes } from '../inputs.ts';
import { engineHolds } from '../rollout.ts';
import type { Term } from '../term.ts';

export const rolloutCache: Term = {
  id: 'rollout-cache',
  code: 'UN541',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'KV cache of the rollout engine',
      summary:
        'Pages that a colocated engine reserves for completions: what its share of the card leaves beside its weights and a forward pass. One that sleeps gives it back.',
    },
    zh: {
      title: 'rollout 引擎的 KV 缓存',
      summary:
        '同机引擎为补全预留的页：显存份额减去权重和一次前向所需后的剩余部分。休眠的引擎会归还。',
    },
    ru: {
      title: 'KV-кэш движка генерации',
      summary:
        'Страницы, которые встроенный движок занимает под ответы: остаток его доли карты после весов и прямого прохода. Спящий движок их возвращает.',
    },
  },
  sources: ['trl@1.16.0: generation/vllm_generation.py (LLM, sleep, wake_up)'],
  category: 'kv_cache',
  pool: 'torch',
  basis: 'modelled',
  formula: 'pages(fraction × usable)',
  inputs: (_, size) => ({ 'pages(fraction × usable)': bytes(size) }),
  at: ({ job, moment }) => engineHolds(job, 'kv-pool', moment),
};
