/** MLX asks Metal (or CUDA) for one buffer: too large for any, or more than there is. */
import type { Reader, Reading } from '../reader.ts';

const REQUESTED = /Attemptingtoallocate(?<size>\d{1,20})bytes/i;
const UNABLE = /Unabletoallocate(?<size>\d{1,20})bytes/i;
const MAXIMUM = /maximumallowedbuffersizeof(?<size>\d{1,20})bytes/i;

export const mlx: Reader = {
  id: 'mlx',
  code: 'UN449',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'MLX allocator',
      summary:
        'MLX cannot allocate an array: larger than the largest Metal buffer, or more than the memory limit leaves.',
    },
    zh: {
      title: 'MLX 分配器',
      summary: 'MLX 无法分配数组：大于最大的 Metal 缓冲区，或超过内存上限还剩的空间。',
    },
    ru: {
      title: 'Аллокатор MLX',
      summary:
        'MLX не может выделить память под массив: он больше наибольшего буфера Metal или того, что остаётся до предела памяти.',
    },
  },
  sources: [
    'mlx@v0.22.0:mlx/backend/metal/allocator.cpp',
    'mlx@v0.22.0:mlx/allocator.cpp',
    'mlx@v0.28.0:mlx/backend/cuda/allocator.cpp',
  ],
  needles: [
    'the maximum allowed buffer',
    'metal::malloc]',
    '[malloc_or_wait]',
    '[malloc] unable',
    'cuda::malloc]',
  ],
  anchor:
    /(?<!malloc\])Attemptingtoallocate\d{1,19}byteswhichisgreaterthanthemaximumallowedbuffersize|\[(?:metal|cuda)::malloc\](?:Attemptingtoallocate\d|Unabletoallocate\d|Resourcelimit\(\d{1,12}\)exceeded|\S{0,60}?outofmemory)|\[malloc(?:_or_wait)?\]Unabletoallocate\d/gi,
  read(message): Reading {
    const text = message.text.slice(0, 300);
    // A number of buffers, not of bytes.
    const isCount = /Resourcelimit/i.test(message.match[0]);
    const match = REQUESTED.exec(text) ?? UNABLE.exec(text);
    const maximum = MAXIMUM.exec(text);
    if (match !== null && !isCount) message.take('requested', match);
    if (maximum !== null && !isCount) message.take('max_alloc', maximum);
    const after = maximum === null ? message.match[0].length : maximum.index + maximum[0].length;
    return {
      kind: isCount ? 'look_alike' : 'gpu_oom',
      framework: 'mlx',
      backend: /cuda::/i.test(message.match[0]) ? 'cuda' : 'metal',
      wording: isCount ? 'resource-limit' : maximum === null ? 'unable' : 'maximum',
      facts: message.facts,
      clues: isCount ? ['session-limit'] : maximum === null ? [] : ['per-buffer-limit'],
      end: after,
    };
  },
};
