/**
 * An out-of-memory code that did not come from a caching allocator: a kernel launch, a context, a
 * library, pinned host memory. It carries no figures; the call that reports it may be a later one.
 */
import { isAdvice } from '../advice.ts';
import type { Backend, Clue, Reader, Reading } from '../reader.ts';

const ON_HOST = /CUDAhostallocator|cudaHostAllocfailed/i;
/** Calls that give memory of the host, with the code of device memory. */
const HOST_CALL =
  /^(?:cuda(?:HostAlloc|MallocHost|HostRegister)|cuMem(?:HostAlloc|AllocHost)failed)/i;
const PINNED = /cudaHostAlloc|pin_memory|HostRegister|CachingHostAllocator/i;

/** Calls that give memory of the device and no other. */
const DEVICE_CALL = /cudaMalloc(?!Host)|cuMem(?:Alloc(?!Host)|Create)|hipMalloc(?!Host)/i;

/** The call is named in the same line: "pin_memory() fails with …". */
const PIN_CALL = /pin_memory\(\)[^\n]{0,80}$/;
/** Codes and calls that any program prints; PyTorch's own words have "CUDA error:" in front. */
const ANY_PROGRAM =
  /^(?:CUDA_ERROR_|cudaErrorMem|hipErrorOut|cub::|cudaMalloc|cuMemAlloc|hipMalloc|HSA|\w+API|parallel_for|error==|GPU|Driver|Failed|cudaHost)/i;
const PADDLE = /paddle[/\\:]/i;
const TORCH = /torch|c10|ATen|THC/;

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
    zh: {
      title: '没有数字的 CUDA 或 HIP 显存不足错误',
      summary: 'CUDA 或 HIP 运行时或驱动的显存不足错误码，没有数字，来自 PyTorch 或其他程序。',
    },
    ru: {
      title: 'Ошибка нехватки памяти CUDA или HIP без подробностей',
      summary:
        'Код нехватки памяти среды или драйвера CUDA либо HIP без чисел, от PyTorch или другой программы.',
    },
  },
  sources: ['pytorch@v2.6.0:c10/cuda/CUDAException.cpp'],
  needles: [
    'fatal cuda error',
    'out of memory',
    'hiperroroutofmemory',
    'cudaerrormemoryallocation',
    'cuda_error_out_of_memory',
    'cumemhostalloc failed',
    'cumemallochost failed',
    'cuda error: 2[',
    'cuda failure: 2',
    'cuda failure: status=2',
  ],
  anchor:
    /(?:CUDA|HIP)(?:driver|runtime)?error:outofmemory|TritonError\[(?:CUDA|HIP)\]:outofmemory|hipErrorOutOfMemory|cudaErrorMemoryAllocation|CUDA_ERROR_OUT_OF_MEMORY|CUDAcall\([^\u0001]{1,200}?\)failedwitherror:?'?outofmemory|cuda(?:runtime)?(?:error|failure)\(?2\)?[:'"]{0,3}outofmemory|CUDA(?:failure|failedwitherror(?:2)?|failedwith\w{0,20}):?outofmemory|(?:cudaMalloc|cuMemAlloc)\w*\([^()]{0,120}\)(?:failed\w{0,20}|:)?:?(?:with)?(?:error)?:?outofmemory|CUDAerror\([^()]{0,200}\):outofmemory|Cudaerror:2\[|(?:cuda|hip)(?:Malloc(?:Async|Managed|Pitch|3D|Array)?|MemAlloc\w{0,8})(?:failed)?:outofmemory|(?:CUDA|HIP)(?:runtime|driver)?APIerror:?0*2:outofmemory|HSAexception:outofmemory|parallel_forfailed:(?:cudaErrorMemoryAllocation:)?outofmemory|cub::\w{1,60}(?:::\w{1,60})?:?\S{0,40}?:outofmemory|Erroroutofmemoryatline\d+infile|GPUassert:outofmemory|CUDARuntime(?:API)?error(?:at)?:?\S{1,120}?:?outofmemory|DriverAPIerror=0{0,3}2"outofmemory"|(?:cudaMalloc|cuMemAlloc|hipMalloc)\w{0,12}:outofmemory|Cudafailure:(?:status=)?2(?!\d)|CUDAerror\(?2\)?\(outofmemory\)|cudaSafeCall\(\)failedat\S{1,200}?:outofmemory|CUDAmemoryallocationerror:?outofmemory|Cudaerrorinfile\S{1,160}?:?outofmemory|cudaMallocAsyncfailed!?:?outofmemory|(?<=\(outofmemory\)in)cudaMalloc\(|FailedtocreateCUDAcontext\(Outofmemory\)|cuda(?:HostAlloc|MallocHost|HostRegister)\w{0,6}(?:\([^()]{0,80}\))?failed:?(?:with)?(?:error)?:?outofmemory|cuMem(?:HostAlloc|AllocHost)failed:(?:OScallfailed|outofmemory)|CUresulterror:2\(outofmemory\)|FatalCUDAErroroutofmemoryat(?=\S)|CUDAoutofmemory(?!\.?Triedto)|GPU(?:is)?outofmemory/gi,
  precedence: 5,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const head = message.text.slice(0, 600);
    const isHost =
      HOST_CALL.test(message.match[0]) ||
      ON_HOST.test(message.before) ||
      PIN_CALL.test(message.lead);
    const clues: Clue[] = isHost ? ['host-allocator', 'pinned-memory'] : [];
    if (/asynchronouslyreported/i.test(head)) clues.push('asynchronous');
    const isContext = /(?:initializingCUDA|creatingcontext):$/i.test(message.before);
    if (isContext) clues.push('context-creation');
    if (PINNED.test(message.before + head.slice(0, 200))) clues.push('pinned-memory');
    const backend: Backend = /hip|^HSA/i.test(message.match[0]) ? 'hip' : 'cuda';
    const isOfDevice =
      DEVICE_CALL.test(message.text.slice(0, message.match[0].length + 12)) ||
      DEVICE_CALL.test(message.leadOnLine);
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      ...(isOfDevice && !isHost && { wording: 'device-call' }),
      framework:
        ANY_PROGRAM.test(message.match[0]) && !TORCH.test(message.before + head)
          ? PADDLE.test(message.before + head)
            ? 'paddle'
            : 'cuda'
          : 'pytorch',
      backend,
      facts: message.facts,
      clues,
      end: message.end,
      ...(isContext && { phase: 'init' as const }),
    };
  },
  // Page-locked host memory fails with the code of device memory.
  refine(reading, frames): Reading {
    // The thread that pins opens a context of its own first.
    const isContextOnly = /set_?device/i.test(frames.at(-1)?.function ?? '');
    const isPinning =
      !isContextOnly &&
      frames
        .slice(-3)
        .some(
          (f) =>
            /pin_memory/.test(f.function ?? '') ||
            /\.pin_memory\(|\bpin_memory ?= ?True/.test(f.code ?? ''),
        );
    const isTorch = frames.some((f) => /[\\/]torch[\\/]/.test(f.file));
    if (!isPinning)
      return reading.framework === 'cuda' && isTorch
        ? { ...reading, framework: 'pytorch' }
        : reading;
    return {
      ...reading,
      kind: 'host_oom',
      backend: 'cpu',
      clues: [...reading.clues, 'pinned-memory'],
      phase: 'transfer',
    };
  },
};
