/** Libraries take device memory of their own, outside the caching allocator. */
import type { Clue, Reader, Reading } from '../reader.ts';

export const cudaLibrary: Reader = {
  id: 'cuda-library',
  code: 'UN407',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'cuBLAS, cuDNN or cuFFT without memory',
      summary:
        'A CUDA library could not create a handle or get a workspace: usually the allocator has taken the whole card, sometimes the install or an earlier fault.',
    },
    zh: {},
    ru: {},
  },
  sources: ['pytorch@v2.6.0:aten/src/ATen/cuda/CublasHandlePool.cpp'],
  needles: [
    '_alloc_failed',
    '_not_initialized',
    '_allocation_failed',
    '_insufficient_resources',
    'cufft_internal_error',
    'valid cudnn algorithm',
    'find an engine to execute',
  ],
  anchor:
    /(?:CUBLAS|CUDNN|CUSOLVER|CUSPARSE|ROCBLAS|MIOPEN)_STATUS_(?:ALLOC_FAILED|NOT_INITIALIZED)|CUFFT_(?:ALLOC_FAILED|INTERNAL_ERROR)|CURAND_STATUS_ALLOCATION_FAILED|(?:CUSPARSE|CUSOLVER)_STATUS_INSUFFICIENT_RESOURCES|unabletofindavalidcuDNNalgorithm|Unabletofindanenginetoexecute/gi,
  precedence: 2,
  read(message): Reading {
    const clues: Clue[] = ['library-workspace'];
    if (!/ALLOC_FAILED/i.test(message.match[0])) clues.push('may-be-no-memory');
    return {
      kind: 'gpu_oom',
      framework: 'pytorch',
      backend: 'cuda',
      wording: message.match[0].slice(0, 40),
      facts: message.facts,
      clues,
      end: message.end,
    };
  },
};
