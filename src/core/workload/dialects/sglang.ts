import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'SGLang',
    summary: 'Server arguments of SGLang.',
  },
  zh: {
    title: 'SGLang',
    summary: 'SGLang 的服务参数。',
  },
  ru: {
    title: 'SGLang',
    summary: 'Аргументы сервера SGLang.',
  },
} as const;

export const sglang: Dialect = {
  id: 'sglang',
  code: 'UN822',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['sglang@0.5.23:python/sglang/srt/server_args.py'],
  name: 'SGLang',
  package: 'sglang',
  frameworks: ['sglang'],
  rests_on: [],
  settings: {
    engine_fraction: {
      keys: ['mem_fraction_static'],
      write: [{ code: '--mem-fraction-static {value}' }],
    },
    context_length: { keys: ['context_length'], write: [{ code: '--context-length {value}' }] },
    max_sequences: {
      keys: ['max_running_requests'],
      write: [{ code: '--max-running-requests {value}' }],
    },
    batched_tokens: {
      keys: ['chunked_prefill_size'],
      write: [{ code: '--chunked-prefill-size {value}' }],
    },
    kv_dtype: {
      keys: ['kv_cache_dtype'],
      values: { fp8_e5m2: 'fp8', fp8_e4m3: 'fp8', auto: 'auto' },
      write: [{ value: 'fp8', code: '--kv-cache-dtype fp8_e5m2' }],
    },
    cuda_graphs: {
      keys: ['disable_cuda_graph'],
      values: { true: false },
      write: [{ value: false, code: '--disable-cuda-graph' }],
    },
    capture_sizes: { keys: ['cuda_graph_max_bs'], write: [{ code: '--cuda-graph-max-bs 8' }] },
    tensor_parallel: { keys: ['tp_size', 'tp'], write: [{ code: '--tp-size {value}' }] },
    engine_sleep: {
      keys: ['enable_memory_saver'],
      write: [{ value: true, code: '--enable-memory-saver' }],
    },
  },
};
