import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'llama.cpp',
    summary: 'Options of llama.cpp and what embeds it.',
  },
  zh: {
    title: 'llama.cpp',
    summary: 'llama.cpp 及嵌入它的程序的选项。',
  },
  ru: {
    title: 'llama.cpp',
    summary: 'Опции llama.cpp и того, что его встраивает.',
  },
} as const;

export const llamaCpp: Dialect = {
  id: 'llama-cpp',
  code: 'UN823',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'llama-cpp-python@0.3.36:vendor/llama.cpp/common/arg.cpp',
    'llama-cpp-python@0.3.36:vendor/llama.cpp/common/common.h',
  ],
  name: 'llama.cpp',
  package: 'llama-cpp-python',
  frameworks: ['llama.cpp', 'koboldcpp', 'llamafile', 'whisper.cpp'],
  rests_on: [],
  settings: {
    gpu_layers: {
      keys: ['ngl', 'n_gpu_layers', 'gpu-layers'],
      write: [{ code: '-ngl {value}' }],
      defaults: [
        {
          value: -1,
          source:
            'llama-cpp-python@0.3.36:vendor/llama.cpp/common/common.h (n_gpu_layers = -1: auto)',
        },
      ],
    },
    context_length: {
      keys: ['ctx-size', 'n_ctx'],
      write: [{ code: '-c {value}' }],
      defaults: [
        {
          value: 0,
          source: 'llama-cpp-python@0.3.36:vendor/llama.cpp/common/common.h (0: the model’s own)',
        },
      ],
    },
    physical_batch: {
      keys: ['ubatch-size', 'n_ubatch', 'ub'],
      write: [{ code: '-ub {value}' }],
      defaults: [
        { value: 512, source: 'llama-cpp-python@0.3.36:vendor/llama.cpp/common/common.h' },
      ],
    },
    batched_tokens: {
      keys: ['n_batch'],
      write: [{ code: '-b {value}' }],
      defaults: [
        { value: 2048, source: 'llama-cpp-python@0.3.36:vendor/llama.cpp/common/common.h' },
      ],
    },
    kv_dtype: {
      keys: ['cache-type-k', 'ctk', 'cache_type_k'],
      values: { f16: 'fp16', q8_0: 'q8', q4_0: 'q4' },
      write: [{ value: 'fp8', code: '-ctk q8_0 -ctv q8_0 -fa on' }],
      defaults: [
        {
          value: 'fp16',
          source: 'llama-cpp-python@0.3.36:vendor/llama.cpp/common/common.h (GGML_TYPE_F16)',
        },
      ],
    },
    max_sequences: { keys: ['n_parallel', 'np'], write: [{ code: '-np {value}' }] },
    quantization: { write: [{ value: '4bit', code: 'use a smaller GGUF, e.g. Q4_K_M' }] },
  },
};
