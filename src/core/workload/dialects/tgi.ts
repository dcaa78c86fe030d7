import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'Text Generation Inference',
    summary: 'The launcher warms up with the longest prefill and gives what is left to the cache.',
  },
  zh: {
    title: 'Text Generation Inference',
    summary: '启动器以最长的 prefill 预热，剩余显存交给 KV 缓存。',
  },
  ru: {
    title: 'Text Generation Inference',
    summary: 'Лаунчер прогревается самым длинным prefill, остаток отдаёт кэшу.',
  },
} as const;

const LAUNCHER =
  'huggingface/text-generation-inference@009c4e0b945b2c111368afdc2c9813c32db0a9b7:launcher/src/main.rs';

export const tgi: Dialect = {
  id: 'tgi',
  code: 'UN826',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [LAUNCHER],
  name: 'Text Generation Inference',
  package: 'text-generation-inference',
  frameworks: ['text-generation-inference', 'tgi'],
  rests_on: ['pytorch'],
  settings: {
    engine_fraction: {
      keys: ['cuda_memory_fraction'],
      write: [{ code: '--cuda-memory-fraction {value}' }],
      defaults: [{ value: 1, source: LAUNCHER }],
    },
    context_length: {
      keys: ['max_total_tokens'],
      write: [{ code: '--max-total-tokens {value}' }],
    },
    batched_tokens: {
      keys: ['max_batch_prefill_tokens'],
      write: [{ code: '--max-batch-prefill-tokens {value}' }],
    },
    // An engine's batch is the prefill that it takes at once.
    micro_batch: { write: [{ code: '--max-batch-prefill-tokens {value}' }] },
    max_sequences: {
      keys: ['max_batch_size'],
      write: [{ code: '--max-batch-size {value}' }],
    },
    cuda_graphs: {
      write: [{ value: false, code: '--cuda-graphs 0' }],
      defaults: [{ value: true, source: `${LAUNCHER} (cuda_graphs, "1,2,4,8,16,32")` }],
    },
    capture_sizes: {
      write: [{ code: '--cuda-graphs 1,2,4' }],
      defaults: [{ value: '1,2,4,8,16,32', source: LAUNCHER }],
    },
    kv_dtype: {
      keys: ['kv_cache_dtype'],
      values: { fp8_e4m3fn: 'fp8', fp8_e5m2: 'fp8', fp8e4m3fn: 'fp8', fp8e5m2: 'fp8' },
      write: [{ value: 'fp8', code: '--kv-cache-dtype fp8_e4m3fn' }],
    },
    quantization: {
      keys: ['quantize'],
      values: {
        none: 'none',
        bitsandbytes: '8bit',
        eetq: '8bit',
        fp8: '8bit',
        'bitsandbytes-nf4': '4bit',
        'bitsandbytes-fp4': '4bit',
        bitsandbytesnf4: '4bit',
        bitsandbytesfp4: '4bit',
        awq: '4bit',
      },
      write: [
        { value: '8bit', code: '--quantize eetq' },
        { value: '4bit', code: '--quantize bitsandbytes-nf4' },
      ],
    },
    weights_dtype: {
      keys: ['dtype'],
      values: { float16: 'fp16', bfloat16: 'bf16' },
      write: [
        { value: 'bf16', code: '--dtype bfloat16' },
        { value: 'fp16', code: '--dtype float16' },
      ],
    },
    tensor_parallel: {
      keys: ['num_shard'],
      write: [{ code: '--num-shard {value}' }],
    },
  },
};
