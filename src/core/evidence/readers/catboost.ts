/** CatBoost takes one pool at start and serves itself from it; it reports the pool, not the card. */
import type { Reader, Reading } from '../reader.ts';

const UNIT = '(?<size_unit>[KMG]i?B)?';
const SIZE = String.raw`(?<size>\d{1,12}(?:\.\d{0,12})?)`;
const REQUESTED = new RegExp(`Requested${SIZE}${UNIT}`, 'i');
const FREE = new RegExp(`;Free:?${SIZE}${UNIT}`, 'i');

const LESS_AVAILABLE =
  /lessthan75%gpumemoryavailablefortraining\.Free:(?<size>\d{1,9}(?:\.\d{1,6})?)/i;
const TOTAL_THERE =
  /gpumemoryavailablefortraining\.Free:[\d.]{1,16}Total:(?<size>\d{1,9}(?:\.\d{1,6})?)/i;

/** Of a card that others leave; chosen, no source. */
const LITTLE = 0.4;

export const catboost: Reader = {
  id: 'catboost',
  code: 'UN476',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'CatBoost on the GPU',
      summary:
        'TOutOfMemoryError: a request of so many MB, and what the largest free block of CatBoost\u2019s own pool had; a CUDA error 2 from its sources.',
    },
    zh: {
      title: 'GPU 上的 CatBoost',
      summary:
        'TOutOfMemoryError：申请了多少 MB，以及 CatBoost 自己的内存池中最大的空闲块有多大；或其源码中报出的 CUDA 错误 2。',
    },
    ru: {
      title: 'CatBoost на GPU',
      summary:
        'TOutOfMemoryError: сколько MB запрошено и каким был наибольший свободный блок в собственном пуле CatBoost; или ошибка CUDA 2 из его исходников.',
    },
  },
  sources: ['catboost@v1.2.5:catboost/cuda/cuda_lib/memory_pool/stack_like_memory_pool.h'],
  needles: ['memory. requested', 'ncudalib', 'catboost', 'for defragmentation'],
  anchor:
    /(?<![a-z])Outofmemory\.Requested(?=\d)|NCudaLib::TOutOfMemoryError|wedon'thaveenoughmemoryfordefragmentation|(?:catboost[\\/]|NCudaLib|CatBoostError:)[^\s\u0001]{0,200}?CUDAerror:?2:?\(?outofmemory/gi,
  read(message): Reading {
    // Versions before 0.9.2 print no unit; the divisor is 2^20 in all of them.
    const options = { unit: 'MB' };
    message.size('requested', REQUESTED, options);
    // A warning at the start: others hold a part of the card.
    const before = message.preceding(1500);
    const free = LESS_AVAILABLE.exec(before);
    const total = TOTAL_THERE.exec(before);
    const own = message.size('free', FREE, options);
    const isTold = free !== null && total !== null;
    const isTaken = isTold && own === undefined && /CUDAerror/i.test(message.match[0]);
    // Its pool took what was left; nothing but others can have had the rest.
    const isLittle =
      isTold &&
      own !== undefined &&
      Number(free.groups?.['size']) < LITTLE * Number(total.groups?.['size']);
    if (isTaken || isLittle) {
      const then = { ...options, offset: -before.length };
      if (free !== null) message.take(isTaken ? 'free' : 'free_before', free, then);
      if (total !== null) message.take('total', total, then);
    }
    return {
      kind: 'gpu_oom',
      framework: 'catboost',
      backend: 'cuda',
      facts: message.facts,
      clues: isTaken || isLittle ? ['taken-at-start'] : [],
      end: message.end,
    };
  },
};
