import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'LMDeploy',
    summary:
      'TurboMind and PyTorch engines: the cache takes a share of the memory that is free after loading.',
  },
  zh: {
    title: 'LMDeploy',
    summary: 'TurboMind 与 PyTorch 引擎：加载后，KV 缓存占用空闲显存的一定比例。',
  },
  ru: {
    title: 'LMDeploy',
    summary: 'Движки TurboMind и PyTorch: кэш берёт долю памяти, свободной после загрузки.',
  },
} as const;

const MESSAGES = 'lmdeploy@0.18.0:lmdeploy/messages.py';

export const lmdeploy: Dialect = {
  id: 'lmdeploy',
  code: 'UN834',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    MESSAGES,
    'lmdeploy@0.18.0:lmdeploy/cli/utils.py',
    'lmdeploy@0.7.0:lmdeploy/messages.py',
  ],
  name: 'LMDeploy',
  package: 'lmdeploy',
  frameworks: ['lmdeploy'],
  rests_on: ['pytorch'],
  settings: {
    engine_fraction: {
      keys: ['cache_max_entry_count'],
      write: [{ code: '--cache-max-entry-count {value}' }],
      defaults: [{ value: 0.8, source: `${MESSAGES} (cache_max_entry_count)` }],
    },
    context_length: {
      keys: ['session_len'],
      write: [{ code: '--session-len {value}' }],
    },
    max_sequences: {
      keys: ['max_batch_size'],
      write: [{ code: '--max-batch-size {value}' }],
    },
    // An engine's batch is the number of its sequences.
    micro_batch: { write: [{ code: '--max-batch-size {value}' }] },
    batched_tokens: {
      keys: ['max_prefill_token_num'],
      write: [{ code: '--max-prefill-token-num {value}' }],
    },
    kv_dtype: {
      keys: ['quant_policy'],
      values: {
        '0': 'auto',
        none: 'auto',
        '4': 'q4',
        '8': 'q8',
        int4: 'q4',
        int8: 'q8',
        '16': 'fp8',
        fp8: 'fp8',
      },
      write: [
        { value: 'q8', code: '--quant-policy 8' },
        { value: 'q4', code: '--quant-policy 4' },
      ],
      defaults: [{ value: 'auto', source: `${MESSAGES} (quant_policy)` }],
    },
    cuda_graphs: {
      // Of the PyTorch engine.
      keys: ['eager_mode'],
      values: { true: false, false: true },
      write: [{ value: false, code: '--eager-mode' }],
    },
    tensor_parallel: {
      keys: ['tp'],
      write: [{ code: '--tp {value}' }],
      defaults: [{ value: 1, source: `${MESSAGES} (tp)` }],
    },
    weights_dtype: {
      keys: ['dtype'],
      values: { float16: 'fp16', bfloat16: 'bf16' },
      write: [
        { value: 'bf16', code: '--dtype bfloat16' },
        { value: 'fp16', code: '--dtype float16' },
      ],
    },
  },
};
