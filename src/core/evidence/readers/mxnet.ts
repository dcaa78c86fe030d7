/** MXNet: the storage manager of a device, the checks of mshadow, handles of cuBLAS. */
import { isAdvice } from '../advice.ts';
import type { Clue, Reader, Reading } from '../reader.ts';

/** Words that TVM and others share: a path of MXNet has to stand in front. */
const OWN =
  /mxnet|mshadow|src\/(?:storage|operator|engine|ndarray|resource|kvstore|executor|imperative)[/.]/i;

export const mxnet: Reader = {
  id: 'mxnet',
  code: 'UN464',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'MXNet',
      summary:
        '"cudaMalloc failed: out of memory" of MXNet and Gluon, its checks of CUDA calls, and handles it could not create.',
    },
    zh: {
      title: 'MXNet 框架',
      summary:
        'MXNet 和 Gluon 的 “cudaMalloc failed: out of memory”、对 CUDA 调用的检查，以及无法创建的句柄。',
    },
    ru: {
      title: 'Фреймворк MXNet',
      summary:
        '«cudaMalloc failed: out of memory» от MXNet и Gluon, проверки вызовов CUDA и дескрипторы, которые не создались.',
    },
  },
  sources: [
    'mxnet@1.4.0:src/storage/pooled_storage_manager.h',
    'mxnet@1.9.1:src/storage/storage_manager_helpers.h',
    'mxnet@1.9.1:3rdparty/mshadow/mshadow/stream_gpu-inl.h',
  ],
  needles: [
    'storage_manager',
    'device_storage.h',
    'allocation failed out of memory',
    'cudamalloc retry failed',
    'handle failed',
    'cuda: out of memory',
    'failed to allocate cpu memory',
  ],
  anchor:
    /(?:pooled_storage_manager|storage_manager_helpers|gpu_device_storage|naive_storage_manager|cpu_device_storage|storage)\.(?:h|cc):\d{1,5}:\S{0,40}?(?:cudaMalloc(?:Async)?(?:retry)?failed:outofmemory|Memoryallocationfailed:?outofmemory|CUDA:outofmemory|FailedtoallocateCPUMemory)|(?:MXNetError:)?(?:Memoryallocationfailedoutofmemory|cudaMallocretryfailed:outofmemory)|Checkfailed:e==cudaSuccess(?:\|\|e==cudaErrorCudartUnloading)?\S{0,20}?:CUDA:outofmemory|Checkfailed:\S{1,60}?SUCCESS\(\d{1,2}vs\.\d{1,2}\):?Createcu(?:blas|dnn|solver)handlefailed/gi,
  read(message): Reading | undefined {
    const text = message.match[0];
    if (isAdvice(message)) return undefined;
    const isCheck = /^Checkfailed:e==/i.test(text);
    if (isCheck && (!OWN.test(message.before) || /tvm/i.test(message.before))) return undefined;
    const exception = /((?:mxnet\.)?[\w.]{0,40}MXNetError): (?:\[[\d:]{8}\] )?\S{0,60}$/.exec(
      message.lead,
    )?.[1];
    const isHost = /CPUMemory/i.test(text);
    const clues: Clue[] = [];
    if (isHost) clues.push('host-allocator');
    if (/handlefailed$/i.test(text)) clues.push('library-workspace', 'may-be-no-memory');
    const phase = /handlefailed$/i.test(text) ? { phase: 'init' as const } : {};
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework: 'mxnet',
      backend: isHost ? 'cpu' : 'cuda',
      wording: isCheck ? 'check' : /handlefailed$/i.test(text) ? 'handle' : 'storage',
      facts: message.facts,
      clues,
      end: message.end,
      ...phase,
      ...(exception !== undefined && { exception }),
    };
  },
};
