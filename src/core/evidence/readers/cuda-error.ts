/**
 * An out-of-memory code that did not come from a caching allocator: a kernel launch, a context, a
 * library, pinned host memory. It carries no figures; the call that reports it may be a later one.
 */
import { isAdvice } from '../advice.ts';
import type { Backend, Clue, Reader, Reading } from '../reader.ts';

const ON_HOST = /CUDAhostallocator|cudaHostAllocfailed/i;
const PINNED = /cudaHostAlloc|pin_memory|HostRegister|cudaAllocMapped|CachingHostAllocator/i;

/** A code that TensorFlow or XLA logs without words that their own readers know. */
function frameworkOf(before: string): string {
  if (/external\/(?:xla|tsl|org_tensorflow)\/|jaxlib/.test(before)) return 'jax';
  return /tensorflow\/|local_xla\//.test(before) ? 'tensorflow' : 'pytorch';
}

export const cudaError: Reader = {
  id: 'cuda-error',
  code: 'UN406',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Bare CUDA or HIP out-of-memory error',
      summary:
        'An out-of-memory code of the CUDA or HIP runtime or driver without figures, from PyTorch or another program.',
    },
    zh: {},
    ru: {},
  },
  sources: ['pytorch@v2.6.0:c10/cuda/CUDAException.cpp'],
  needles: [
    'out of memory',
    'hiperroroutofmemory',
    'cudaerrormemoryallocation',
    'cuda_error_out_of_memory',
    'cudaallocmapped',
    'cuda error: 2[',
  ],
  anchor:
    /(?:CUDA|HIP)(?:driver|runtime)?error:outofmemory|TritonError\[(?:CUDA|HIP)\]:outofmemory|hipErrorOutOfMemory|cudaErrorMemoryAllocation|CUDA_ERROR_OUT_OF_MEMORY|Callto(?:cu|hip)\w{1,60}resultsin(?:CUDA_ERROR_)?OUT_OF_MEMORY|CUDAcall\([^\u0001]{1,200}?\)failedwitherror:?'?outofmemory|cudaAllocMapped\(\)failedtoallocate|cuda(?:runtime)?(?:error|failure)\(?2\)?[:'"]{0,3}outofmemory|CUDA(?:failure|failedwitherror(?:2)?|failedwith\w{0,20}):?outofmemory|(?:cudaMalloc|cuMemAlloc)\w*\([^()]{0,120}\)(?:failed\w{0,20}|:)?:?(?:with)?(?:error)?:?outofmemory|CUDAerror\([^()]{0,200}\):outofmemory|Cudaerror:2\[|(?:cuda|hip)Mallocfailed:outofmemory|parallel_forfailed:(?:cudaErrorMemoryAllocation:)?outofmemory|cub::\w{1,60}(?:::\w{1,60})?:?\S{0,40}?:outofmemory|Erroroutofmemoryatline\d+infile|CUDAoutofmemory(?!\.?Triedto)|GPU(?:is)?outofmemory/gi,
  precedence: 5,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const head = message.text.slice(0, 600);
    const isHost = ON_HOST.test(message.before);
    const clues: Clue[] = isHost ? ['host-allocator', 'pinned-memory'] : [];
    if (/asynchronouslyreported/i.test(head)) clues.push('asynchronous');
    if (PINNED.test(message.before + head.slice(0, 200))) clues.push('pinned-memory');
    const backend: Backend = /hip/i.test(message.match[0]) ? 'hip' : 'cuda';
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework: frameworkOf(message.before.slice(-160)),
      backend,
      facts: message.facts,
      clues,
      end: message.end,
    };
  },
  // Page-locked host memory fails with the code of device memory.
  refine(reading, frames): Reading {
    const isPinning = frames
      .slice(-3)
      .some(
        (f) =>
          /pin_memory/.test(f.function ?? '') ||
          /\.pin_memory\(|\bpin_memory ?= ?True/.test(f.code ?? ''),
      );
    if (!isPinning) return reading;
    return {
      ...reading,
      kind: 'host_oom',
      backend: 'cpu',
      clues: [...reading.clues, 'pinned-memory'],
    };
  },
};
