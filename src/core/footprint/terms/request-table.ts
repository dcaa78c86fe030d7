import { count } from '../inputs.ts';
import type { Term } from '../term.ts';

export const requestTable: Term = {
  id: 'request-table',
  code: 'UN581',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Table of requests',
      summary:
        'Where each token of each request lies in the cache: SGLang keeps a row as long as the longest sequence for every request that it may run at once.',
    },
    zh: {
      title: '请求表',
      summary:
        '记录每个请求的每个 token 在缓存中的位置：SGLang 为允许同时运行的每个请求保留一行，长度等于最长序列。',
    },
    ru: {
      title: 'Таблица запросов',
      summary:
        'Где в кэше лежит каждый токен каждого запроса: SGLang держит строку длиной в самую длинную последовательность для каждого запроса, который может идти одновременно.',
    },
  },
  sources: [
    'sglang@0.5.5: srt/mem_cache/memory_pool.py (ReqToTokenPool), srt/model_executor/model_runner.py (init_memory_pool)',
  ],
  category: 'kv_cache',
  pool: 'torch',
  basis: 'modelled',
  formula: '(requests + 1) × (context + 4) × 4',
  inputs: ({ job }, size) => {
    const context = job.serving?.context ?? 0;
    return { requests: count(size / 4 / (context + 4) - 1), context: count(context) };
  },
  at: ({ engine }) => engine?.get('request-table'),
};
