/** NCCL takes channels and buffers from the device itself; the other ranks only see a closed connection. */
import type { Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const REQUESTED = clause('FailedtoCUDA~(calloc|malloc)~(async)?{size:size}');

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
    zh: {},
    ru: {},
  },
  sources: ['nccl@v2.20:src/include/alloc.h'],
  needles: ["cuda failure 'out", "cuda failure 2 'out", 'failed to cuda'],
  anchor:
    /(?:NCCLWARN|Lasterror:)?Cudafailure\d*'outofmemory'|FailedtoCUDA(?:calloc|malloc)(?:async)?(?=\d)/gi,
  read(message): Reading {
    message.size('requested', REQUESTED);
    return {
      kind: 'gpu_oom',
      framework: 'nccl',
      backend: 'cuda',
      facts: message.facts,
      clues: ['library-workspace'],
      end: message.end,
    };
  },
};
