/** LightGBM has two trainers for GPUs: OpenCL by Boost.Compute, and CUDA. Neither prints a size. */
import type { Backend, Clue, Reader, Reading } from '../reader.ts';

export const lightgbm: Reader = {
  id: 'lightgbm',
  code: 'UN477',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'LightGBM on the GPU',
      summary:
        'The words of an OpenCL result ("Memory Object Allocation Failure") or "[CUDA] out of memory" from LightGBM\u2019s trainers.',
    },
    zh: {
      title: 'GPU 上的 LightGBM',
      summary:
        'LightGBM 训练时 OpenCL 返回码的文字（“Memory Object Allocation Failure”）或 “[CUDA] out of memory”。',
    },
    ru: {
      title: 'LightGBM на GPU',
      summary:
        'Текст кода OpenCL («Memory Object Allocation Failure») или «[CUDA] out of memory» при обучении в LightGBM.',
    },
  },
  sources: [
    'lightgbm@v4.3.0:include/LightGBM/cuda/cuda_utils.h',
    'boost@1.84:boost/compute/exception/opencl_error.hpp',
  ],
  needles: ['memory object allocation', '[cuda] out of', 'out of host memory', 'opencl_error'],
  anchor:
    /(?<!OpenCLerror\S{0,12})MemoryObjectAllocationFailure|\[CUDA\]outofmemory|(?:LightGBMError:|opencl_error\S{0,40}?what\(\):)(?:OutofHostMemory|OutofResources)/gi,
  read(message): Reading {
    const text = message.match[0];
    const isHost = /HostMemory/i.test(text);
    const backend: Backend = /CUDA/i.test(text) ? 'cuda' : 'opencl';
    const clues: Clue[] = [];
    if (isHost) clues.push('host-allocator');
    if (/Resources/i.test(text)) clues.push('may-be-no-memory');
    // A device allows a quarter of its memory in one OpenCL buffer.
    if (/Object/i.test(text)) clues.push('per-buffer-limit');
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework: 'lightgbm',
      backend: isHost ? 'cpu' : backend,
      wording: backend,
      facts: message.facts,
      clues,
      end: message.end,
    };
  },
};
