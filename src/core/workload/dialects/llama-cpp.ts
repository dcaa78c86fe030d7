import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'llama.cpp',
    summary:
      'llama-server, llama-cli and llama-cpp-python: layers on the GPU, a KV cache for the whole context, one compute buffer.',
  },
  zh: {
    title: 'llama.cpp',
    summary:
      'llama-server、llama-cli 和 llama-cpp-python：放到 GPU 的层、覆盖整个上下文的 KV 缓存、一块计算缓冲区。',
  },
  ru: {
    title: 'llama.cpp',
    summary:
      'llama-server, llama-cli и llama-cpp-python: слои на GPU, KV-кэш на весь контекст, один буфер вычислений.',
  },
} as const;

/** Builds of llama.cpp have numbers, not versions; what is cited is the copy in this package. */
const COPY = 'llama-cpp-python@0.3.36:vendor/llama.cpp';

export const llamaCpp: Dialect = {
  id: 'llama-cpp',
  code: 'UN823',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    `${COPY}/common/arg.cpp`,
    `${COPY}/common/common.h`,
    `${COPY}/src/llama-context.cpp (what a context prints)`,
    `${COPY}/ggml/src/ggml-cuda/ggml-cuda.cu (GGML_CUDA_ENABLE_UNIFIED_MEMORY)`,
  ],
  name: 'llama.cpp',
  package: 'llama.cpp',
  frameworks: ['llama.cpp'],
  rests_on: [],
  settings: {
    gpu_layers: {
      keys: ['ngl', 'gpu_layers', 'n_gpu_layers', 'LLAMA_ARG_N_GPU_LAYERS'],
      write: [{ code: '-ngl {value}' }],
    },
    card_split: {
      keys: ['sm', 'split_mode', 'LLAMA_ARG_SPLIT_MODE'],
      write: [{ code: '-sm {value}' }],
      defaults: [{ value: 'layer', source: `${COPY}/common/common.h (split_mode)` }],
    },
    card_shares: {
      keys: ['ts', 'tensor_split', 'LLAMA_ARG_TENSOR_SPLIT'],
      write: [{ code: '-ts {value}' }],
    },
    context_length: {
      keys: ['c', 'ctx_size', 'n_ctx', 'LLAMA_ARG_CTX_SIZE'],
      write: [{ code: '-c {value}' }],
    },
    max_sequences: {
      keys: ['np', 'parallel', 'n_parallel', 'n_seq_max', 'LLAMA_ARG_N_PARALLEL'],
      write: [{ code: '-np {value}' }],
    },
    shared_cache: {
      keys: ['kvu', 'kv_unified', 'LLAMA_ARG_KV_UNIFIED'],
      write: [{ value: true, code: '-kvu' }],
    },
    full_windows: { keys: ['swa_full', 'LLAMA_ARG_SWA_FULL'] },
    batched_tokens: {
      keys: ['b', 'batch_size', 'n_batch', 'LLAMA_ARG_BATCH'],
      write: [{ code: '-b {value}' }],
    },
    // An engine's batch is the number of its sequences.
    micro_batch: { write: [{ code: '-np {value}' }] },
    physical_batch: {
      keys: ['ub', 'ubatch_size', 'n_ubatch', 'LLAMA_ARG_UBATCH'],
      write: [{ code: '-ub {value}' }],
      defaults: [{ value: 512, source: `${COPY}/common/common.h (n_ubatch)` }],
    },
    kv_dtype: {
      keys: ['ctk', 'cache_type_k', 'type_k', 'LLAMA_ARG_CACHE_TYPE_K'],
      values: {
        f16: 'fp16',
        bf16: 'fp16',
        q8_0: 'q8',
        q4_0: 'q4',
        q4_1: 'q4',
        iq4_nl: 'q4',
      },
      write: [
        { value: 'q8', code: '-fa on -ctk q8_0 -ctv q8_0' },
        // Eight bits are this format here.
        { value: 'fp8', code: '-fa on -ctk q8_0 -ctv q8_0' },
        { value: 'q4', code: '-fa on -ctk q4_0 -ctv q4_0' },
      ],
      defaults: [{ value: 'fp16', source: `${COPY}/common/common.h (cache_type_k)` }],
    },
    kv_value_dtype: {
      keys: ['ctv', 'cache_type_v', 'type_v', 'LLAMA_ARG_CACHE_TYPE_V'],
      values: {
        f16: 'fp16',
        bf16: 'fp16',
        q8_0: 'q8',
        q4_0: 'q4',
        q4_1: 'q4',
        iq4_nl: 'q4',
      },
    },
    quantization: {
      write: [
        { value: '4bit', code: 'llama-quantize model-f16.gguf model.gguf Q4_K_M' },
        { value: '8bit', code: 'llama-quantize model-f16.gguf model.gguf Q8_0' },
      ],
    },
    flash_attention: {
      keys: ['fa', 'flash_attn', 'LLAMA_ARG_FLASH_ATTN'],
      values: {
        true: true,
        on: true,
        enabled: true,
        '1': true,
        false: false,
        off: false,
        disabled: false,
        '0': false,
      },
      write: [{ value: true, code: '-fa on' }],
    },
    new_tokens: {
      keys: ['n_predict', 'predict'],
      write: [{ code: '-n {value}' }],
    },
    // Its number is in MiB, not in bytes: nothing is read from it.
    engine_reserve: {
      write: [{ code: '--fit-target 2048  # MiB that stay free on each device' }],
    },
    unified_memory: {
      keys: ['GGML_CUDA_ENABLE_UNIFIED_MEMORY'],
      values: { '1': true, true: true },
      write: [{ value: true, code: 'GGML_CUDA_ENABLE_UNIFIED_MEMORY=1 llama-server ...' }],
      defaults: [{ value: false, source: `${COPY}/ggml/src/ggml-cuda/ggml-cuda.cu` }],
    },
  },
};
