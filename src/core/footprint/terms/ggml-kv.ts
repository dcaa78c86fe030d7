import type { Term } from '../term.ts';

export const ggmlKv: Term = {
  id: 'ggml-kv',
  code: 'UN555',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'KV buffer',
      summary:
        'The cache of the layers on the card, for the whole context and all sequences, allocated at the start.',
    },
    zh: {
      title: 'KV 缓冲区',
      summary: '显卡上各层的缓存，按完整上下文与全部序列在启动时一次分配。',
    },
    ru: {
      title: 'Буфер KV',
      summary:
        'Кэш слоёв на карте на весь контекст и все последовательности; выделяется при запуске.',
    },
  },
  sources: [
    'llama-cpp-python@0.3.36: vendor/llama.cpp/src/llama-kv-cache.cpp, llama-kv-cache-iswa.cpp, llama-memory-recurrent.cpp',
  ],
  category: 'kv_cache',
  pool: 'arena',
  basis: 'modelled',
  formula: 'layers × cells × (keys + values) × width',
  at: ({ engine }) => engine?.get('ggml-kv'),
};
