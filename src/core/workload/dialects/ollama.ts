import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'Ollama',
    summary:
      'Settings of the server are environment variables of ollama serve; those of a model are parameters.',
  },
  zh: {
    title: 'Ollama',
    summary: '服务端设置是 ollama serve 的环境变量；模型设置是参数（Modelfile 或请求）。',
  },
  ru: {
    title: 'Ollama',
    summary:
      'Настройки сервера — переменные окружения ollama serve; настройки модели — её параметры.',
  },
} as const;

const CONFIG =
  'ollama/ollama@4bf0d41c38c7b669bbbd44bf43c08bc4e231432f:envconfig/config.go (OLLAMA_';

export const ollama: Dialect = {
  id: 'ollama',
  code: 'UN824',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'ollama/ollama@4bf0d41c38c7b669bbbd44bf43c08bc4e231432f:envconfig/config.go',
    'ollama/ollama@948f69330acf96a2310f1b53fdfc211731a386d8:docs/context-length.mdx',
    'assumed: ollama create --quantize, num_batch and the lines of the runner, as logs show them',
  ],
  name: 'Ollama',
  package: 'ollama',
  frameworks: ['ollama'],
  // The runner prints llama.cpp's names; what can be set is spelled here.
  rests_on: ['llama-cpp'],
  settings: {
    engine_reserve: {
      keys: ['OLLAMA_GPU_OVERHEAD'],
      // Bytes; a variable of the server, not of `ollama run`.
      write: [{ code: 'export OLLAMA_GPU_OVERHEAD={value}' }],
      defaults: [{ value: 0, source: `${CONFIG}GPU_OVERHEAD)` }],
    },
    flash_attention: {
      keys: ['OLLAMA_FLASH_ATTENTION', 'FlashAttention', 'flash_attn'],
      values: {
        true: true,
        '1': true,
        enabled: true,
        false: false,
        '0': false,
        disabled: false,
      },
      write: [{ value: true, code: 'OLLAMA_FLASH_ATTENTION=1 ollama serve' }],
    },
    kv_dtype: {
      keys: ['OLLAMA_KV_CACHE_TYPE', 'KvCacheType', 'kv_cache_type'],
      values: { f16: 'fp16', q8_0: 'q8', q4_0: 'q4' },
      write: [
        {
          value: 'q8',
          code: 'OLLAMA_FLASH_ATTENTION=1 OLLAMA_KV_CACHE_TYPE=q8_0 ollama serve',
        },
        {
          value: 'fp8',
          code: 'OLLAMA_FLASH_ATTENTION=1 OLLAMA_KV_CACHE_TYPE=q8_0 ollama serve',
        },
        {
          value: 'q4',
          code: 'OLLAMA_FLASH_ATTENTION=1 OLLAMA_KV_CACHE_TYPE=q4_0 ollama serve',
        },
      ],
      defaults: [{ value: 'fp16', source: `${CONFIG}KV_CACHE_TYPE)` }],
    },
    quantization: {
      write: [
        { value: '4bit', code: 'ollama create NAME --quantize q4_K_M' },
        { value: '8bit', code: 'ollama create NAME --quantize q8_0' },
      ],
    },
    context_length: {
      keys: ['num_ctx', 'OLLAMA_CONTEXT_LENGTH', 'KvSize', 'ctx_size'],
      // A parameter of the model or the request wins over OLLAMA_CONTEXT_LENGTH.
      write: [{ code: 'PARAMETER num_ctx {value}' }],
    },
    gpu_layers: {
      keys: ['num_gpu', 'GPULayers', 'n_gpu_layers'],
      write: [{ code: 'PARAMETER num_gpu {value}' }],
    },
    max_sequences: {
      keys: ['OLLAMA_NUM_PARALLEL', 'Parallel'],
      write: [{ code: 'export OLLAMA_NUM_PARALLEL={value}' }],
    },
    // An engine's batch is the number of its sequences.
    micro_batch: { write: [{ code: 'export OLLAMA_NUM_PARALLEL={value}' }] },
    physical_batch: {
      keys: ['num_batch', 'BatchSize', 'batch_size'],
      write: [{ code: 'PARAMETER num_batch {value}' }],
      defaults: [{ value: 512, source: 'ollama:api/types.go (DefaultOptions; recalled)' }],
    },
    new_tokens: {
      keys: ['num_predict'],
      write: [{ code: 'PARAMETER num_predict {value}' }],
    },
    spread: {
      keys: ['OLLAMA_SCHED_SPREAD'],
      values: { true: true, '1': true, false: false, '0': false },
      write: [{ value: true, code: 'OLLAMA_SCHED_SPREAD=1 ollama serve' }],
      defaults: [{ value: false, source: `${CONFIG}SCHED_SPREAD)` }],
    },
  },
};
