/** CuPy's pool prints the request and what it holds; the word "total" of old versions means both together. */
import type { Clue, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const REQUESTED = clause('Out of memory allocating {size:size}');
const ALLOCATED = clause('allocated so far : {size:size}');
const LIMIT = clause('limit set to : {size:size}');
const REQUESTED_OLD = clause('out of memory to allocate {size:size}');
const LIMIT_OLD = clause('limit set to {size:size}');

/** Programs that build others, in front of their own words. */
const COMPILER =
  /\b(?:cc1(?:plus)?|g\+\+|gcc|c\+\+|clang(?:\+\+)?|ld|cicc|ptxas|rustc|lto1|collect2)(?:\.exe)?: $/;

export const cupy: Reader = {
  id: 'cupy',
  code: 'UN478',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'CuPy memory pool',
      summary:
        'cupy.cuda.memory.OutOfMemoryError with the request and what the pool holds, a limit of the pool, and CuPy\u2019s runtime errors.',
    },
    zh: {
      title: 'CuPy 内存池',
      summary:
        'cupy.cuda.memory.OutOfMemoryError，含申请大小和内存池占用；内存池的上限，以及 CuPy 的运行时错误。',
    },
    ru: {
      title: 'Пул памяти CuPy',
      summary:
        'cupy.cuda.memory.OutOfMemoryError с запросом и тем, что держит пул; предел пула и ошибки среды CuPy.',
    },
  },
  sources: ['cupy@v13.0.0:cupy/cuda/memory.pyx', 'cupy@v5.0.0:cupy/cuda/memory.pyx'],
  needles: [
    'out of memory allocating',
    'out of memory to allocate',
    'cudaruntimeerror',
    'cudadrivererror',
    'hipruntimeerror',
  ],
  anchor:
    /(?<!Ran)outofmemoryallocating(?=[\d,]{1,30}bytes(?!ofdevice)|$)|outofmemorytoallocate(?=[\d,]{1,30}bytes)|(?:CUDA|HIP)(?:Runtime|Driver)Error:(?:cudaErrorMemoryAllocation|CUDA_ERROR_OUT_OF_MEMORY|hipErrorOutOfMemory)(?::outofmemory)?/gi,
  read(message): Reading | undefined {
    // A compiler says the same of the host.
    if (COMPILER.test(message.lead)) return undefined;
    const text = message.match[0];
    message.size('requested', REQUESTED) ?? message.size('requested', REQUESTED_OLD);
    message.size('allocated', ALLOCATED);
    const limit = message.size('allowed', LIMIT) ?? message.size('allowed', LIMIT_OLD);
    const isRuntime = /Error:/i.test(text);
    const clues: Clue[] = isRuntime ? [] : ['caching-allocator'];
    // With a limit the pool gave back its idle blocks only from 12.2 on.
    if (!isRuntime && limit === undefined) clues.push('released-cache');
    return {
      kind: 'gpu_oom',
      framework: 'cupy',
      backend: /hip/i.test(text) ? 'hip' : 'cuda',
      wording: isRuntime ? 'runtime' : /toallocate/i.test(text) ? 'to 6' : 'from 7',
      facts: message.facts,
      clues,
      end: message.end,
    };
  },
};
