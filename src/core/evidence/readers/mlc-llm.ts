/**
 * MLC-LLM computes before it allocates: the share of the card less weights and temporary buffers must
 * leave room for the KV cache. Below it, TVM's runtime reports the code of CUDA or OpenCL.
 */
import { isAdvice } from '../advice.ts';
import type { Message, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const BUDGET = clause('single GPU memory is {size:size}');
const WEIGHTS = clause('model weight size ({size:size})');
const REQUESTED = clause('exceeds limit. requested={size:size}');
const LIMIT = clause(', limit={size:size}');
const TEMPORARY = clause('temporary buffer size ({size:size})');

/** WebLLM in a browser: the device was lost, or it allows smaller buffers than the runtime wants. */
function webLlm(message: Message): Reading {
  const isLost = /waslost/i.test(message.match[0]);
  const isLoading = /whileloading/i.test(message.match[0]);
  message.size('requested', REQUESTED);
  message.size('max_alloc', LIMIT);
  return {
    kind: 'gpu_oom',
    framework: 'web-llm',
    backend: 'webgpu',
    wording: isLost ? 'device-lost' : 'buffer-limit',
    facts: message.facts,
    clues: isLost ? ['device-removed', 'may-be-no-memory'] : ['per-buffer-limit'],
    ...(isLoading ? { phase: 'load' as const } : !isLost && { phase: 'init' as const }),
    end: message.end,
  };
}

export const mlcLlm: Reader = {
  id: 'mlc-llm',
  code: 'UN436',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'MLC-LLM, WebLLM and TVM',
      summary:
        'MLC-LLM’s estimate leaves nothing for the KV cache, TVM’s runtime was refused device memory, or WebLLM lost the device.',
    },
    zh: {
      title: 'MLC-LLM、WebLLM 和 TVM',
      summary:
        '按 MLC-LLM 的估算没有留给 KV 缓存的空间，TVM 运行时申请显存被拒绝，或 WebLLM 丢失了设备。',
    },
    ru: {
      title: 'MLC-LLM, WebLLM и TVM',
      summary:
        'По оценке MLC-LLM для KV-кэша ничего не остаётся, среда TVM не получила память GPU или WebLLM потерял устройство.',
    },
  },
  sources: [
    'mlc-llm@main:cpp/serve/config.cc',
    'web-llm@main:src/error.ts',
    'web-llm@main:src/engine.ts',
    'tvm@v0.16.0:web/src/webgpu.ts',
    'tvm@v0.16.0:src/runtime/cuda/cuda_common.h',
    'tvm@v0.16.0:src/runtime/opencl/opencl_common.h',
  ],
  needles: [
    'available single gpu memory',
    'insufficient gpu memory error',
    'size may be larger than',
    'cudaerrorcudartunloading',
    'opencl error, code=-4',
    'device was lost while loading',
    'device was lost. this can happen',
    'buffersize exceeds limit',
    'bindingsize exceeds limit',
  ],
  anchor:
    /(?:InsufficientGPUmemoryerror:)?(?:TheavailablesingleGPUmemoryis\d|Themodelweightsizemaybelargerthan(?:the)?GPUmemorysize)|cudaErrorCudartUnloading\)?(?:isfalse|==0)?:CUDA:outofmemory|OpenCLError,code=-4(?!\d)|TheWebGPUdevicewaslostwhileloadingthemodel|Devicewaslost\.Thiscanhappenduetoinsufficientmemory|requestedmax(?:Storage)?Buffer(?:Binding)?Sizeexceedslimit\.requested=\d/gi,
  // What the browser says of the same event is less.
  precedence: -1,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const start = message.match[0];
    if (/waslost|exceedslimit/i.test(start)) return webLlm(message);
    const isRuntime = /^(?:cuda|OpenCL)/i.test(start);
    const budget = message.size('budget', BUDGET);
    message.size('weights', WEIGHTS);
    const temporary = message.find(TEMPORARY);
    if (temporary !== undefined) {
      message.take('buffer', temporary, { scope: { buffer: 'temporary', role: 'compute' } });
    }
    return {
      kind: 'gpu_oom',
      framework: isRuntime && !/mlc/i.test(message.before) ? 'tvm' : 'mlc',
      backend: /^OpenCL/i.test(start) ? 'opencl' : 'cuda',
      wording: isRuntime ? 'runtime' : budget === undefined ? 'weights' : 'estimate',
      facts: message.facts,
      clues: isRuntime ? [] : ['engine-budget-too-small'],
      end: message.end,
      ...(!isRuntime && { phase: 'init' }),
    };
  },
};
