import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'ollama',
    summary: 'Environment and parameters of the ollama server.',
  },
  zh: {
    title: 'ollama',
    summary: 'ollama 服务端的环境变量和参数。',
  },
  ru: {
    title: 'ollama',
    summary: 'Переменные и параметры сервера ollama.',
  },
} as const;

export const ollama: Dialect = {
  id: 'ollama',
  code: 'UN824',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'ollama/ollama@000ce020:envconfig/config.go',
    'ollama/ollama#8447: OLLAMA_GPU_OVERHEAD in bytes',
  ],
  name: 'ollama',
  package: 'ollama',
  frameworks: ['ollama'],
  rests_on: [],
  settings: {
    gpu_layers: { keys: ['num_gpu'], write: [{ code: 'PARAMETER num_gpu {value}' }] },
    context_length: {
      keys: ['num_ctx', 'ollama_context_length'],
      write: [{ code: 'OLLAMA_CONTEXT_LENGTH={value} ollama serve' }],
    },
    kv_dtype: {
      keys: ['ollama_kv_cache_type'],
      values: { q8_0: 'q8', q4_0: 'q4', f16: 'fp16' },
      write: [
        { value: 'fp8', code: 'OLLAMA_FLASH_ATTENTION=1 OLLAMA_KV_CACHE_TYPE=q8_0 ollama serve' },
      ],
    },
    max_sequences: {
      keys: ['ollama_num_parallel'],
      write: [{ code: 'OLLAMA_NUM_PARALLEL=1 ollama serve' }],
    },
    engine_reserve: {
      keys: ['ollama_gpu_overhead'],
      write: [{ code: 'OLLAMA_GPU_OVERHEAD={value} ollama serve  # bytes' }],
    },
    flash_attention: {
      keys: ['ollama_flash_attention'],
      write: [{ value: true, code: 'OLLAMA_FLASH_ATTENTION=1 ollama serve' }],
    },
    quantization: { write: [{ value: '4bit', code: 'ollama pull MODEL:q4_K_M' }] },
  },
};
