import { type Factor, ofFactor } from '../../base/factor.ts';
import type { Term } from '../term.ts';

/** Assumed: typical values for one process with PyTorch's modules loaded; to be replaced by measured ones. */
const CONTEXT: Factor = {
  name: 'cuda_context',
  low: 300e6,
  mid: 500e6,
  high: 900e6,
  unit: 'bytes',
  source:
    'typical range of the CUDA context with loaded modules, 300-900 MB; more where modules are loaded eagerly',
};

export const cudaContext: Term = {
  id: 'cuda-context',
  code: 'UN501',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'CUDA context',
      summary:
        'What the driver and the loaded kernels take on the device for one process, outside any allocator.',
    },
    zh: {
      title: 'CUDA 上下文',
      summary: '驱动和已加载的 kernel 为一个进程在设备上占用的显存，不经过任何分配器。',
    },
    ru: {
      title: 'Контекст CUDA',
      summary:
        'То, что драйвер и загруженные ядра занимают на устройстве для одного процесса, вне любого аллокатора.',
    },
  },
  sources: ['cuda-c-programming-guide@12.4: lazy loading and context size'],
  category: 'outside',
  basis: 'assumed',
  formula: 'cuda_context',
  bytes: () => ofFactor(CONTEXT),
};
