/** On-chip shared memory is about 100 KiB per multiprocessor; it has nothing to do with device memory. */
import type { Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const REQUIRED = clause('Required : {size:size}');
const REQUIRED_BARE = /(?:Required:|uses|requested)(?<size>\d{1,12})/i;
const LIMIT_BARE = /(?:limit:|limitof|available:)(?<size>\d{1,12})/i;

export const kernelSharedMemory: Reader = {
  id: 'kernel-shared-memory',
  code: 'UN415',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Kernel needs more on-chip shared memory',
      summary:
        'Triton: "out of resource: shared memory": the tile of a kernel is too large for the chip. The card\u2019s memory is not involved.',
    },
    zh: {
      title: 'kernel 需要更多片上共享内存',
      summary:
        'Triton：“out of resource: shared memory”：kernel 的分块太大，芯片放不下。与显存无关。',
    },
    ru: {
      title: 'Ядру нужно больше разделяемой памяти на кристалле',
      summary:
        'Triton: «out of resource: shared memory»: тайл ядра слишком велик для чипа. Память карты ни при чём.',
    },
  },
  sources: [
    'triton@v3.0.0:python/triton/runtime/errors.py',
    'iree@v3.0.0: GPUCheckResourceUsage',
    'jax@v0.4.30: Pallas on Triton',
  ],
  needles: [
    'out of resource: ',
    'out of resources: ',
    'outofresources',
    'too much shared data',
    'insufficient shared memory avail',
    'bytes of shared memory; ',
    'shared memory size limit',
  ],
  anchor:
    /(?:OutOfMemoryError:)outofresource:\w{3,120}?Required:\d{1,9}Hardwarelimit:\d{1,9}|outofresources?:(?:sharedmemory|tensormemory|tensordata|threads|registers)|usestoomuchshareddata|insufficientsharedmemoryavailableontheGPU|uses\d{1,12}bytesofsharedmemory;exceededthelimitof\d{1,9}bytes|Sharedmemorysizelimitexceeded:requested\d{1,9},available:\d{1,9}|(?:triton[\w.]{1,60}\.|Caught)OutOfResources(?!\()(?!:outofresources?:)/gi,
  precedence: -1,
  read(message): Reading {
    // Threads, registers and columns of tensor memory are counted, not measured.
    if (!/threads|registers|tensormemory/i.test(message.match[0])) {
      message.size('smem_required', REQUIRED) ?? message.size('smem_required', REQUIRED_BARE);
      message.size('smem_limit', LIMIT_BARE);
    }
    return {
      kind: 'look_alike',
      framework: /^uses/i.test(message.match[0])
        ? 'iree'
        : /^Shared/i.test(message.match[0])
          ? 'jax'
          : 'triton',
      backend: /^uses/i.test(message.match[0]) ? 'none' : 'cuda',
      facts: message.facts,
      clues: ['kernel-shared-memory'],
      end: message.end,
    };
  },
};
