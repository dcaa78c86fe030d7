import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'vLLM',
    summary:
      'vllm serve, the LLM class and engines inside trainers: one budget for weights, cache and activations; sizes by the card.',
  },
  zh: {
    title: 'vLLM',
    summary:
      'vllm serve、LLM 类以及训练器中的引擎：权重、缓存和激活值共用一份预算，默认大小随显卡而定。',
  },
  ru: {
    title: 'vLLM',
    summary:
      'vllm serve, класс LLM и движки внутри тренеров: общий бюджет на веса, кэш и активации; размеры зависят от карты.',
  },
} as const;

export const vllm: Dialect = {
  id: 'vllm',
  code: 'UN821',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'vllm@0.33.0:vllm/engine/arg_utils.py',
    'vllm@0.33.0:vllm/config/cache.py',
    'vllm@0.33.0:vllm/config/vllm.py (the line that an engine prints of itself)',
  ],
  name: 'vLLM',
  package: 'vllm',
  frameworks: ['vllm'],
  rests_on: ['pytorch'],
  settings: {
    engine_fraction: {
      keys: ['gpu_memory_utilization', 'device_memory_utilization'],
      write: [{ code: '--gpu-memory-utilization {value}' }],
      defaults: [
        { to: '0.19.1', value: 0.9, source: 'vllm@0.19.1:vllm/config/cache.py' },
        { from: '0.20.0', value: 0.92, source: 'vllm@0.20.0:vllm/config/cache.py' },
      ],
    },
    context_length: {
      // The engine's first line calls it max_seq_len.
      keys: ['max_model_len', 'max_seq_len'],
      write: [{ code: '--max-model-len {value}' }],
    },
    // What these two are by default depends on the card; no row can say it.
    max_sequences: {
      keys: ['max_num_seqs'],
      write: [{ code: '--max-num-seqs {value}' }],
    },
    kv_bytes: { keys: ['kv_cache_memory_bytes'] },
    page_size: { keys: ['block_size'] },
    adapter: { keys: ['enable_lora'], values: { true: 'lora', false: 'none' } },
    adapter_slots: { keys: ['max_loras'], write: [{ code: '--max-loras {value}' }] },
    adapter_rank: { keys: ['max_lora_rank'] },
    // An engine's batch is the number of its sequences.
    micro_batch: { write: [{ code: '--max-num-seqs {value}' }] },
    batched_tokens: {
      keys: ['max_num_batched_tokens'],
      write: [{ code: '--max-num-batched-tokens {value}' }],
    },
    kv_dtype: {
      keys: ['kv_cache_dtype'],
      values: {
        auto: 'auto',
        float16: 'fp16',
        bfloat16: 'fp16',
        fp8: 'fp8',
        fp8_e4m3: 'fp8',
        fp8_e5m2: 'fp8',
        fp8_inc: 'fp8',
        fp8_per_token_head: 'fp8',
        int8_per_token_head: 'q8',
        int4_per_token_head: 'q4',
        nvfp4: 'q4',
      },
      write: [
        { value: 'fp8', code: '--kv-cache-dtype fp8' },
        { value: 'auto', code: '--kv-cache-dtype auto' },
      ],
      defaults: [{ value: 'auto', source: 'vllm@0.33.0:vllm/config/cache.py (cache_dtype)' }],
    },
    cuda_graphs: {
      keys: ['enforce_eager'],
      values: { true: false, false: true },
      write: [
        { value: false, code: '--enforce-eager' },
        { value: true, code: 'without --enforce-eager' },
      ],
      defaults: [{ value: true, source: 'vllm@0.33.0:vllm/config/model.py (enforce_eager)' }],
    },
    capture_sizes: {
      keys: ['max_cudagraph_capture_size'],
      write: [
        { from: '0.12.0', code: '--cudagraph-capture-sizes 1 2 4 8 16 32' },
        {
          to: '0.11.2',
          code: `--compilation-config '{"cudagraph_capture_sizes": [1, 2, 4, 8, 16, 32]}'`,
        },
      ],
    },
    engine_sleep: {
      keys: ['enable_sleep_mode'],
      write: [{ value: true, code: '--enable-sleep-mode' }],
      defaults: [{ value: false, source: 'vllm@0.33.0:vllm/config/model.py (enable_sleep_mode)' }],
    },
    weights_offload: {
      keys: ['cpu_offload_gb'],
      write: [{ code: '--cpu-offload-gb {value}' }],
      defaults: [{ value: 0, source: 'vllm@0.33.0:vllm/config/offload.py (cpu_offload_gb)' }],
    },
    engine_swap: { keys: ['swap_space'], write: [{ code: '--swap-space {value}' }] },
    tensor_parallel: {
      keys: ['tensor_parallel_size', 'tp'],
      write: [{ code: '--tensor-parallel-size {value}' }],
      defaults: [{ value: 1, source: 'vllm@0.33.0:vllm/config/parallel.py' }],
    },
    pipeline_parallel: {
      keys: ['pipeline_parallel_size', 'pp'],
      write: [{ code: '--pipeline-parallel-size {value}' }],
      defaults: [{ value: 1, source: 'vllm@0.33.0:vllm/config/parallel.py' }],
    },
    expert_parallel: { keys: ['expert_parallel_size'] },
    weights_dtype: {
      keys: ['dtype'],
      values: {
        bfloat16: 'bf16',
        'torch.bfloat16': 'bf16',
        half: 'fp16',
        float16: 'fp16',
        'torch.float16': 'fp16',
        float: 'fp32',
        float32: 'fp32',
        'torch.float32': 'fp32',
      },
      write: [
        { value: 'bf16', code: '--dtype bfloat16' },
        { value: 'fp16', code: '--dtype half' },
      ],
    },
    quantization: {
      // Of gptq and compressed-tensors the name does not tell the bits.
      keys: ['quantization'],
      values: { none: 'none', awq: '4bit', awq_marlin: '4bit', fp8: '8bit' },
      write: [
        { value: '8bit', code: '--quantization fp8' },
        { value: '4bit', from: '0.8.5', code: '--quantization bitsandbytes' },
        {
          value: '4bit',
          to: '0.8.4',
          code: '--quantization bitsandbytes --load-format bitsandbytes',
        },
      ],
    },
  },
};
