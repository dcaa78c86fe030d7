import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'TGI',
    summary: 'The launcher of text-generation-inference.',
  },
  zh: {
    title: 'TGI',
    summary: 'text-generation-inference 的启动器。',
  },
  ru: {
    title: 'TGI',
    summary: 'Лаунчер text-generation-inference.',
  },
} as const;

export const tgi: Dialect = {
  id: 'tgi',
  code: 'UN826',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['assumed: recalled from the launcher’s options'],
  name: 'TGI',
  package: 'text-generation-inference',
  frameworks: ['text-generation-inference', 'tgi'],
  rests_on: [],
  settings: {
    context_length: { keys: ['max_total_tokens'], write: [{ code: '--max-total-tokens {value}' }] },
    batched_tokens: {
      keys: ['max_batch_prefill_tokens'],
      write: [{ code: '--max-batch-prefill-tokens {value}' }],
    },
    max_sequences: { keys: ['max_batch_size'], write: [{ code: '--max-batch-size {value}' }] },
    engine_fraction: {
      keys: ['cuda_memory_fraction'],
      write: [{ code: '--cuda-memory-fraction {value}' }],
    },
    tensor_parallel: { keys: ['num_shard'], write: [{ code: '--num-shard {value}' }] },
    quantization: {
      keys: ['quantize'],
      values: { awq: '4bit', gptq: '4bit', 'bitsandbytes-nf4': '4bit', eetq: '8bit' },
      write: [{ value: '4bit', code: '--quantize awq  # with an AWQ checkpoint' }],
    },
  },
};
