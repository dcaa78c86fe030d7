import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'ONNX Runtime',
    summary:
      'The CUDA provider: an arena that grows by doubling and never shrinks, and convolutions that try every algorithm.',
  },
  zh: {
    title: 'ONNX Runtime',
    summary: 'CUDA provider：arena 成倍增长且从不收缩，卷积会逐一尝试所有算法。',
  },
  ru: {
    title: 'ONNX Runtime',
    summary:
      'Провайдер CUDA: арена растёт удвоением и не сжимается, свёртки пробуют все алгоритмы.',
  },
} as const;

const API = 'https://onnxruntime.ai/docs/api/c/struct_ort_c_u_d_a_provider_options.html';

export const onnxruntime: Dialect = {
  id: 'onnxruntime',
  code: 'UN831',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [API],
  name: 'ONNX Runtime',
  package: 'onnxruntime-gpu',
  frameworks: ['onnxruntime'],
  rests_on: [],
  settings: {
    arena_growth: {
      keys: ['arena_extend_strategy'],
      values: {
        knextpoweroftwo: 'doubled',
        '0': 'doubled',
        ksameasrequested: 'exact',
        '1': 'exact',
      },
      write: [
        {
          value: 'exact',
          code: 'providers=[("CUDAExecutionProvider", {"arena_extend_strategy": "kSameAsRequested"})]',
        },
      ],
      defaults: [{ value: 'doubled', source: API }],
    },
    arena_limit: {
      keys: ['gpu_mem_limit'],
      write: [{ code: '"gpu_mem_limit": {value}' }],
    },
    workspace: {
      // What a convolution may try is set by the search, not by a number.
      write: [
        {
          code: 'providers=[("CUDAExecutionProvider", {"cudnn_conv_algo_search": "HEURISTIC", "cudnn_conv_use_max_workspace": "0"})]',
        },
      ],
    },
  },
};
