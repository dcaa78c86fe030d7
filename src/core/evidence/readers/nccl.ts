/** NCCL takes channels and buffers from the device itself; the other ranks only see a closed connection. */
import type { Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const REQUESTED = clause(
  'Failed to ~(CUDA|HIP|MUSA) ~(host alloc|calloc|malloc|cuMem alloc) ~(async)? {size:size}',
);
const HOST = /hostalloc/i;

export const nccl: Reader = {
  id: 'nccl',
  code: 'UN410',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'NCCL without memory',
      summary:
        'NCCL could not allocate its buffers on the device: memory outside the framework\u2019s allocator.',
    },
    zh: {
      title: 'NCCL 显存不足',
      summary: 'NCCL 未能在设备上分配缓冲区：这部分显存不归框架的分配器管理。',
    },
    ru: {
      title: 'NCCL: нехватка памяти',
      summary:
        'NCCL не смог выделить буферы на устройстве: эта память лежит вне аллокатора фреймворка.',
    },
  },
  sources: ['nccl@v2.20:src/include/alloc.h'],
  needles: [
    "failure 'out of",
    "failure 2 'out of",
    'failed to cuda',
    'failed to hip ',
    'failure: out of memory',
  ],
  anchor:
    /(?:NCCLWARN|Lasterror:)?(?:Cuda|HIP)failure\d*:?'outofmemory'|(?:NCCLWARN|Lasterror:)(?:Cuda|HIP)failure\d*:?outofmemory|Failedto(?:CUDA|HIP)(?:hostalloc|calloc|malloc|cuMemalloc)(?:async)?(?=\d)/gi,
  read(message): Reading {
    message.size('requested', REQUESTED);
    // Page-locked buffers for the network and for shared memory.
    const isHost = HOST.test(message.match[0]);
    const isHip = /hip/i.test(message.match[0]) || /HIPfailure/i.test(message.before);
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework: isHip ? 'rccl' : 'nccl',
      backend: isHost ? 'cpu' : isHip ? 'hip' : 'cuda',
      facts: message.facts,
      clues: isHost ? ['host-allocator', 'pinned-memory'] : ['library-workspace'],
      end: message.end,
    };
  },
};
