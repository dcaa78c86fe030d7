/**
 * Triton Inference Server keeps two pools for inputs and outputs: CUDA memory and pinned host memory.
 * A full pool is a warning, and the request goes on with slower memory.
 */
import type { Clue, IncidentKind, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const REQUESTED = clause('with byte size {size:int}');
const DEVICE = /bytesize\d{1,18}onGPU(?<index>\d{1,3})/i;

interface Part {
  readonly wording: string;
  readonly kind: IncidentKind;
  readonly clues: readonly Clue[];
}

function partOf(start: string, rest: string): Part {
  if (/notenoughspace/i.test(start)) {
    return { wording: 'buffer-too-short', kind: 'look_alike', clues: ['may-be-no-memory'] };
  }
  if (/CUDAmemory/i.test(start)) {
    const falls = /^\S{0,120}?fallingback/i.test(rest);
    return { wording: 'cuda-pool', kind: 'gpu_oom', clues: falls ? ['only-a-warning'] : [] };
  }
  // There is no pool: the platform cannot pin memory, or the pool was switched off.
  const isOff = /willnotbeavailable:(?!\S{0,8}outofmemory)/i.test(start + rest.slice(0, 60));
  if (isOff || /nopinnedmemorypool/i.test(start + rest.slice(0, 60))) {
    return {
      wording: 'no-pinned-pool',
      kind: 'look_alike',
      clues: ['pinned-memory', 'may-be-no-memory'],
    };
  }
  return {
    wording: 'pinned-pool',
    kind: 'host_oom',
    clues: /^\S{0,120}?fallingback/i.test(rest)
      ? ['pinned-memory', 'only-a-warning']
      : ['pinned-memory'],
  };
}

export const tritonServer: Reader = {
  id: 'triton-server',
  code: 'UN438',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Triton Inference Server',
      summary:
        'The server’s pools for inputs and outputs: the CUDA pool or the pinned pool is full or missing. Mostly warnings.',
    },
    zh: {
      title: 'Triton Inference Server',
      summary:
        '服务器用于输入和输出的内存池：CUDA 内存池或锁页（pinned）内存池已满或缺失。多数只是警告。',
    },
    ru: {
      title: 'Triton Inference Server',
      summary:
        'Пулы сервера для входов и выходов: пул CUDA или пул закреплённой (pinned) памяти заполнен или отсутствует. Чаще всего это предупреждения.',
    },
  },
  sources: [
    'triton-core@r24.01:src/cuda_memory_manager.cc',
    'triton-core@r24.01:src/pinned_memory_manager.cc',
    'triton-core@r24.01:src/memory.cc',
    'triton-onnxruntime-backend@r22.01:src/onnxruntime.cc',
  ],
  needles: [
    'cuda memory with byte size',
    'cnmem_status_out_of_memory',
    'pinned system memory',
    'not enough space: expected',
  ],
  anchor:
    /FailedtoallocateCUDAmemorywithbytesize|CUDAmemorymanager\S{0,60}?CNMEM_STATUS_OUT_OF_MEMORY|Unabletoallocatepinnedsystemmemory,pinnedmemorypoolwillnotbeavailable|failedtoallocate(?:non-)?pinnedsystemmemory|notenoughspace:expected\d+,got\d+/gi,
  read(message): Reading {
    const start = message.match[0];
    const { wording, kind, clues } = partOf(start, message.text.slice(start.length));
    const index = message.find(DEVICE)?.groups?.['index'];
    if (kind === 'gpu_oom') {
      const scope = index === undefined ? {} : { device: Number(index) };
      message.size('requested', REQUESTED, { scope });
    }
    return {
      kind,
      framework: 'triton',
      // The pools hold inputs and outputs; without the pool it is about the start of the server.
      phase: wording === 'no-pinned-pool' ? 'init' : 'transfer',
      backend: kind === 'gpu_oom' ? 'cuda' : kind === 'host_oom' ? 'cpu' : 'none',
      wording,
      facts: message.facts,
      clues,
      end: message.end,
      ...(index !== undefined && { device: Number(index) }),
    };
  },
};
