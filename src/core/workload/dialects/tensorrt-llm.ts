import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'TensorRT-LLM',
    summary:
      'The cache takes a share of what is free after the engine is loaded; activations follow batch and tokens.',
  },
  zh: {
    title: 'TensorRT-LLM',
    summary: '引擎加载后，KV 缓存占用剩余空闲显存的一定比例；激活值取决于 batch 和 token 数。',
  },
  ru: {
    title: 'TensorRT-LLM',
    summary:
      'Кэш берёт долю того, что свободно после загрузки движка; активации зависят от батча и токенов.',
  },
} as const;

const SERVE = 'https://nvidia.github.io/TensorRT-LLM/0.18.2/commands/trtllm-serve.html';
const COMMAND =
  'NVIDIA/TensorRT-LLM@00209af149e7774406881a37283dce303571eb11:tensorrt_llm/commands/serve.py';
const CACHE = 'https://nvidia.github.io/TensorRT-LLM/examples/kvcacheconfig.html';

export const tensorrtLlm: Dialect = {
  id: 'tensorrt-llm',
  code: 'UN829',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [SERVE, COMMAND, CACHE, 'assumed: LLM(dtype=...) and KvCacheConfig(dtype=...)'],
  name: 'TensorRT-LLM',
  package: 'tensorrt-llm',
  frameworks: ['tensorrt-llm'],
  rests_on: ['tensorrt', 'pytorch'],
  settings: {
    engine_fraction: {
      // A share of what is free after loading, not of the card.
      keys: ['free_gpu_memory_fraction', 'kv_cache_free_gpu_memory_fraction'],
      write: [{ code: '--kv_cache_free_gpu_memory_fraction {value}' }],
      defaults: [{ value: 0.9, source: COMMAND }],
    },
    context_length: {
      keys: ['max_seq_len'],
      write: [{ code: '--max_seq_len {value}' }],
    },
    max_sequences: {
      keys: ['max_batch_size'],
      write: [{ code: '--max_batch_size {value}' }],
    },
    // An engine's batch is the number of its sequences.
    micro_batch: { write: [{ code: '--max_batch_size {value}' }] },
    batched_tokens: {
      keys: ['max_num_tokens'],
      write: [{ code: '--max_num_tokens {value}' }],
    },
    beams: {
      keys: ['max_beam_width'],
      write: [{ code: '--max_beam_width {value}' }],
    },
    tensor_parallel: {
      keys: ['tp_size', 'tensor_parallel_size'],
      write: [{ code: '--tp_size {value}' }],
    },
    pipeline_parallel: {
      keys: ['pp_size', 'pipeline_parallel_size'],
      write: [{ code: '--pp_size {value}' }],
    },
    weights_dtype: {
      write: [
        { value: 'bf16', code: 'LLM(..., dtype="bfloat16")' },
        { value: 'fp16', code: 'LLM(..., dtype="float16")' },
      ],
    },
    kv_dtype: {
      write: [{ value: 'fp8', code: 'LLM(..., kv_cache_config=KvCacheConfig(dtype="fp8"))' }],
    },
  },
};
