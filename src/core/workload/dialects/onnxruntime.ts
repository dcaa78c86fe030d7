import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'ONNX Runtime',
    summary: 'ONNX Runtime’s CUDA provider.',
  },
  zh: {
    title: 'ONNX Runtime',
    summary: 'ONNX Runtime 的 CUDA provider。',
  },
  ru: {
    title: 'ONNX Runtime',
    summary: 'Провайдер CUDA в ONNX Runtime.',
  },
} as const;

export const onnxruntime: Dialect = {
  id: 'onnxruntime',
  code: 'UN831',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['ONNX Runtime documentation: CUDA execution provider'],
  name: 'ONNX Runtime',
  package: 'onnxruntime-gpu',
  frameworks: ['onnxruntime'],
  rests_on: [],
  settings: {
    memory_fraction: {
      keys: ['gpu_mem_limit'],
      write: [{ code: 'providers=[("CUDAExecutionProvider", {"gpu_mem_limit": 8 * 1024**3})]' }],
    },
    workspace: {
      keys: ['cudnn_conv_algo_search'],
      write: [
        {
          code: 'providers=[("CUDAExecutionProvider", {"cudnn_conv_algo_search": "HEURISTIC", "cudnn_conv_use_max_workspace": "0"})]',
        },
      ],
    },
  },
};
