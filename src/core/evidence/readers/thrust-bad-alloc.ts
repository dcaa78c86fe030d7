/** Python sees it as MemoryError, which otherwise means host memory. */
import type { Reader, Reading } from '../reader.ts';

export const thrustBadAlloc: Reader = {
  id: 'thrust-bad-alloc',
  code: 'UN411',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Thrust or CUB bad_alloc',
      summary: 'A C++ library on the GPU could not get a temporary buffer.',
    },
    zh: {
      title: 'Thrust 或 CUB 的 bad_alloc',
      summary: 'GPU 上的 C++ 库无法获得临时缓冲区。',
    },
    ru: {
      title: 'bad_alloc в Thrust или CUB',
      summary: 'Библиотека C++ на GPU не смогла получить временный буфер.',
    },
  },
  sources: ['nvidia/cccl@main:thrust'],
  needles: ['bad_alloc', 'temporary_buffer'],
  anchor:
    /std::bad_alloc:(?:cudaErrorMemoryAllocation|hipErrorOutOfMemory|temporary_buffer)\S{0,60}|thrust::(?:\w{1,30}::)?system::detail::bad_alloc\S{0,20}?what\(\):std::bad_alloc:\S{0,60}|get_temporary_buffer:?failed(?:togettemporarybuffer)?/gi,
  read(message): Reading {
    return {
      kind: 'gpu_oom',
      framework: 'thrust',
      backend: 'cuda',
      facts: message.facts,
      clues: ['library-workspace'],
      end: message.end,
    };
  },
};
