import type { Term } from '../term.ts';

export const kvPool: Term = {
  id: 'kv-pool',
  code: 'UN557',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Pages of the KV cache',
      summary:
        'The cache that an engine reserves in advance and deals out in pages: what its share of the card leaves, or what it was told.',
    },
    zh: {
      title: 'KV 缓存页',
      summary: '引擎预先保留并按页分配的缓存：其显存份额扣除其他用途后的剩余，或指定的大小。',
    },
    ru: {
      title: 'Страницы KV-кэша',
      summary:
        'Кэш, который движок резервирует заранее и раздаёт страницами: остаток его доли карты или заданный размер.',
    },
  },
  sources: [
    'vllm@0.11.0: v1/worker/gpu_worker.py (determine_available_memory), v1/core/kv_cache_utils.py',
    'sglang@0.5.5: srt/model_executor/model_runner.py (profile_max_num_token)',
  ],
  category: 'kv_cache',
  pool: 'torch',
  basis: 'modelled',
  formula: 'floor((fraction × usable − used) / page) × page',
  at: ({ engine }) => engine?.get('kv-pool'),
};
