import { systemOf } from '../buffers.ts';
import { contextBytes, extendedContextBytes } from '../context.ts';
import type { Term } from '../term.ts';

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
  pool: 'outside-torch',
  basis: 'assumed',
  formula: 'cuda_context',
  formulaAt: ({ job }) => (systemOf(job) === 'megatron' ? 'cuda_context_extended' : 'cuda_context'),
  at: ({ capability, job }) =>
    systemOf(job) === 'megatron' ? extendedContextBytes() : contextBytes(capability),
};
