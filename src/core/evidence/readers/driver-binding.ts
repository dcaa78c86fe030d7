/** Bindings of the CUDA driver for Python, Java and .NET name the call that failed; they print no size. */
import { isAdvice } from '../advice.ts';
import type { Clue, Reader, Reading } from '../reader.ts';

const HOST = /cuMem(?:HostAlloc|AllocHost|HostRegister)|pagelocked/i;

const FRAMEWORKS: readonly (readonly [string, RegExp])[] = [
  ['jcuda', /jcuda/i],
  ['numba', /Callto|numba/i],
  ['managedcuda', /ErrorOutOfMemory|ManagedCuda/i],
  ['pycuda', /failed:outofmemory|memory_pool/i],
];

export const driverBinding: Reader = {
  id: 'driver-binding',
  code: 'UN483',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Numba, PyCUDA, JCuda',
      summary:
        'A binding of the CUDA driver names the call that ran out: "Call to cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY", "cuMemAlloc failed: out of memory".',
    },
    zh: {
      title: 'Numba、PyCUDA、JCuda',
      summary:
        'CUDA 驱动的绑定库指出失败的调用：“Call to cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY”、“cuMemAlloc failed: out of memory”。',
    },
    ru: {
      title: 'Numba, PyCUDA и JCuda',
      summary:
        'Обёртка драйвера CUDA называет вызов, которому не хватило памяти: «Call to cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY», «cuMemAlloc failed: out of memory».',
    },
  },
  sources: [
    'numba@0.59.0:numba/cuda/cudadrv/driver.py',
    'pycuda@v2024.1:src/cpp/cuda.hpp',
    'jcuda@12.0.0:JCudaDriver.java',
  ],
  needles: [
    'cuda_error_out_of_memory',
    'able to create a context',
    'cuerroroutofmemory',
    'failed: out of memory',
    'jcuda.cudaexception',
    'unable to allocate enough memory',
    'memory_pool::allocate',
  ],
  anchor:
    /(?:\[(?:2|CUresult\.\w{1,40})\])?Callto(?:cu|hip)\w{1,60}resultsin(?:CUDA_ERROR_)?OUT_OF_MEMORY|cu(?:da)?(?:Mem|Ctx|Module|Stream|Array|Launch|Init|Link|Graph|Event|GL|TexObject|MipmappedArray)\w{0,30}failed:outofmemory|cu(?:Mem|Ctx|Module|Stream)\w{0,30}:CUDA_ERROR_OUT_OF_MEMORY(?::outofmemory)?|jcuda\.CudaException:(?:CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAllocation)|wasn'tabletocreateacontextonany|memory_pool::allocatefailed:outofmemory|TheAPIcallfailedbecauseitwasunabletoallocateenoughmemory/gi,
  precedence: 3,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const text = message.match[0];
    const isHost = HOST.test(text);
    const around = message.before + text;
    const isContext = /CtxCreate|PrimaryCtx|createacontext/i.test(
      around + message.text.slice(0, 300),
    );
    const clues: Clue[] = isHost
      ? ['host-allocator', 'pinned-memory']
      : isContext
        ? /createacontext/i.test(text)
          ? ['context-creation', 'may-be-no-memory']
          : ['context-creation']
        : [];
    const framework =
      FRAMEWORKS.find(([, pattern]) => pattern.test(text))?.[0] ??
      FRAMEWORKS.find(([, pattern]) => pattern.test(around))?.[0] ??
      'cuda';
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework,
      backend: isHost ? 'cpu' : 'cuda',
      ...(isContext && { phase: 'init' }),
      wording: /cu[A-Z]\w{1,40}/.exec(text)?.[0]?.slice(0, 40) ?? 'allocation',
      facts: message.facts,
      clues,
      end: message.end,
    };
  },
};
