import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'vLLM',
    summary: 'Engine arguments of vLLM.',
  },
  zh: {
    title: 'vLLM',
    summary: 'vLLM 的引擎参数。',
  },
  ru: {
    title: 'vLLM',
    summary: 'Аргументы движка vLLM.',
  },
} as const;

export const vllm: Dialect = {
  id: 'vllm',
  code: 'UN821',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'vllm-project/vllm@002f10e0:vllm/config/cache.py',
    'assumed: option names recalled from vLLM’s engine arguments',
  ],
  name: 'vLLM',
  package: 'vllm',
  frameworks: ['vllm'],
  rests_on: [],
  settings: {
    engine_fraction: {
      keys: ['gpu_memory_utilization'],
      write: [{ code: '--gpu-memory-utilization {value}' }],
      defaults: [
        {
          from: '0.20',
          value: 0.92,
          source: 'vllm-project/vllm@002f10e0:vllm/config/cache.py (gpu_memory_utilization 0.92)',
        },
        { to: '0.19.999', value: 0.9, source: 'assumed: 0.9 in versions before' },
      ],
    },
    context_length: { keys: ['max_model_len'], write: [{ code: '--max-model-len {value}' }] },
    max_sequences: { keys: ['max_num_seqs'], write: [{ code: '--max-num-seqs {value}' }] },
    batched_tokens: {
      keys: ['max_num_batched_tokens'],
      write: [{ code: '--max-num-batched-tokens {value}' }],
    },
    kv_dtype: {
      keys: ['kv_cache_dtype'],
      values: { fp8: 'fp8', fp8_e4m3: 'fp8', fp8_e5m2: 'fp8', auto: 'auto' },
      write: [{ value: 'fp8', code: '--kv-cache-dtype fp8' }],
      defaults: [{ value: 'auto', source: 'vllm-project/vllm@002f10e0:vllm/config/cache.py' }],
    },
    cuda_graphs: {
      keys: ['enforce_eager'],
      values: { true: false, false: true },
      write: [{ value: false, code: '--enforce-eager' }],
    },
    capture_sizes: {
      keys: ['cudagraph_capture_sizes', 'cuda_graph_sizes'],
      write: [{ code: '--compilation-config \'{"cudagraph_capture_sizes": [1, 2, 4, 8]}\'' }],
    },
    tensor_parallel: {
      keys: ['tensor_parallel_size'],
      write: [{ code: '--tensor-parallel-size {value}' }],
    },
    weights_offload: { keys: ['cpu_offload_gb'], write: [{ code: '--cpu-offload-gb {value}' }] },
    model_offload: { write: [{ value: true, code: '--cpu-offload-gb 8' }] },
    engine_sleep: {
      keys: ['enable_sleep_mode'],
      write: [{ value: true, code: '--enable-sleep-mode' }],
    },
    quantization: {
      keys: ['quantization'],
      values: {
        awq: '4bit',
        gptq: '4bit',
        awq_marlin: '4bit',
        gptq_marlin: '4bit',
        bitsandbytes: '4bit',
        fp8: '8bit',
      },
      write: [{ value: '4bit', code: '--quantization awq  # with an AWQ checkpoint' }],
    },
  },
};
