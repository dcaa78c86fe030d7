/** Theano: the old CUDA back end with the driver's figures, CNMeM, and libgpuarray without figures. */
import { isAdvice } from '../advice.ts';
import type { Clue, Reader, Reading } from '../reader.ts';

const REQUESTED = /Errorallocating(?<size>\d{1,19})bytes/i;
const FREE = /Driverreport(?<size>\d{1,19})bytesfree/i;
const TOTAL = /bytesfreeand(?<size>\d{1,19})bytestotal/i;
const DEVICE = /Initiali[sz]ationofdevice(?:gpu|cuda)?(?<index>\d{1,3})/i;

export const theano: Reader = {
  id: 'theano',
  code: 'UN466',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Theano',
      summary:
        'Theano\u2019s "Error allocating N bytes of device memory", its CNMeM pool, and libgpuarray (pygpu).',
    },
    zh: {
      title: 'Theano',
      summary:
        'Theano 的“Error allocating N bytes of device memory”、它的 CNMeM 内存池，以及 libgpuarray（pygpu）。',
    },
    ru: {
      title: 'Theano',
      summary:
        '«Error allocating N bytes of device memory» от Theano, его пул CNMeM и libgpuarray (pygpu).',
    },
  },
  sources: [
    'theano@rel-0.8.2:theano/sandbox/cuda/cuda_ndarray.cu',
    'libgpuarray@v0.7.6:src/gpuarray_buffer_cuda.c',
  ],
  needles: [
    'bytes of device memory (',
    'gpuarrayexception',
    'cnmem_status_out',
    'cumemalloc: cuda',
  ],
  anchor:
    /Errorallocating\d{1,19}bytesofdevicememory\((?:outofmemory|CNMEM_STATUS_OUT_OF_MEMORY)\)|(?:Initiali[sz]ationofdevice\w{1,8}failed:)?initCnmem:cnmemInitcallfailed!Reason=CNMEM_STATUS_OUT_OF_MEMORY|GpuArrayException:(?:\(?b?['"]{1,2})?(?:cu\w{4,30}:)?(?:CUDA_ERROR_OUT_OF_MEMORY|outofmemory)|['"(]cuMemAlloc:CUDA_ERROR_OUT_OF_MEMORY/gi,
  precedence: -1,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const text = message.match[0];
    const clues: Clue[] = [];
    const index = message.find(DEVICE)?.groups?.['index'];
    const device = index === undefined ? undefined : Number(index);
    const scope = device === undefined ? {} : { device };
    message.size('requested', REQUESTED);
    message.size('free', FREE, { scope });
    message.size('total', TOTAL, { scope });
    const isStart = /cnmemInit/i.test(text);
    if (isStart) clues.push('taken-at-start');
    if (/CNMEM/i.test(text)) clues.push('caching-allocator');
    return {
      kind: 'gpu_oom',
      framework: 'theano',
      backend: 'cuda',
      wording: /CNMEM/i.test(text) ? 'cnmem' : /^Error/i.test(text) ? 'cuda' : 'gpuarray',
      facts: message.facts,
      clues,
      end: message.end,
      ...(device !== undefined && { device }),
      ...(isStart && { phase: 'init' as const }),
    };
  },
};
