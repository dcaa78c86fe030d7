/** PaddlePaddle names the card, the request and what is left of the card, in every version since 1.6. */
import { isAdvice } from '../advice.ts';
import type { Backend, Clue, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const REQUESTED = clause('Cannot ~(allocate|malloc){size:size}');
// "on GPU 0, 6.0GB memory": the comma ends the index.
const ALLOCATED =
  /(?:\d,|[^\d.,])(?<size>\d{1,9}(?:\.\d{1,6})?)(?<size_unit>[KMGT]?B)memoryhasbeenallocated/i;
const FREE = clause('available memory is ~(only)?{size:size}');
// 1.0 to 1.5 end each figure where the next word begins: "available 5.9MBtotal 7981694976GpuMin…".
const OLD_FREE =
  /inGPU\d{1,3},available(?<size>\d{1,19}(?:\.\d{1,6})?)(?<size_unit>[KMGT]?B|bytes)/i;
const OLD_TOTAL = /^.{0,200}?(?<!of)total(?<size>\d{6,19})(?!\d)/i;
const OLD_USED = /^.{0,500}?GPUmemoryused:(?<size>\d{1,19}(?:\.\d{1,6})?)(?<size_unit>[KMGT]?B)?/i;
/** The share of the card that the pool is to take, against what is there. */
const SHARE = /(?:availablefailed,|butreceivedallocating:)(?<size>\d{6,19})/i;
const LIMITED = clause('memory usage is limited to {size:size}');
const HOST = /Failtoallocmemoryof(?<size>\d{1,19})/i;
const FRACTION = /(?:gpu_memory_to_use(?:valueis|is)|Currently,itis)(?<count>\d(?:\.\d{1,6})?)/i;
const DEVICE =
  /(?:erroron|memoryon|in(?=GPU\d))(?<name>GPUVirtualMemory|[A-Za-z_]{2,24}?):?(?<index>\d{1,3})(?=[.,]|\u0001|$)/i;

const BACKENDS: Readonly<Record<string, Backend>> = {
  gpu: 'cuda',
  gpuvirtualmemory: 'cuda',
  xpu: 'none',
  npu: 'npu',
  mlu: 'mlu',
  mps: 'mps',
  dcu: 'hip',
};

export const paddle: Reader = {
  id: 'paddle',
  code: 'UN463',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'PaddlePaddle',
      summary:
        '"Out of memory error on GPU 0. Cannot allocate …" in all its wordings, other devices, and the host allocator.',
    },
    zh: {
      title: 'PaddlePaddle',
      summary:
        '“Out of memory error on GPU 0. Cannot allocate …”的各种措辞、其他设备，以及主机内存分配器。',
    },
    ru: {
      title: 'PaddlePaddle',
      summary:
        '«Out of memory error on GPU 0. Cannot allocate …» во всех формулировках, другие устройства и аллокатор памяти хоста.',
    },
  },
  sources: [
    'paddle@v2.4.0:paddle/fluid/memory/allocation/cuda_allocator.cc',
    'paddle@v1.8.5:paddle/fluid/memory/detail/system_allocator.cc',
    'paddle@v1.5.1:paddle/fluid/memory/allocation/legacy_allocator.cc, paddle/fluid/platform/gpu_info.cc',
    'paddle@v2.4.0:paddle/fluid/memory/allocation/custom_allocator.cc',
    'paddle@v2.4.0:paddle/fluid/memory/allocation/cpu_allocator.cc',
  ],
  needles: [
    'out of memory error on',
    'allocator::allocate(',
    'available memory is only',
    'fraction_of_gpu_memory_to_use',
    'gpuminchunksize',
    'allocating < available failed',
    'expected allocating <= available',
    'fail to alloc memory of',
    '(external) cuda error',
    'externalerror: ',
  ],
  // The driver's refusal is told again, with the figures of the card, by who asked for it.
  anchor:
    /Outofmemoryerroron(?:GPUVirtualMemory|[A-Za-z_]{2,24}):?\d{1,3}|(?<!\d\.)Cannotallocate[\d.]{1,20}[KMGT]?B(?:GPU)?memory(?=,avail|on)|Cannotallocate[\d.]{1,20}(?:[KMGT]?B|bytes)inGPU\d{1,3},available|enforceallocating<=?availablefailed,\d{6,19}>=?\d|Expectedallocating<=available,butreceivedallocating:\d|Cannotmalloc[\d.]{1,20}[KMGT]?BGPUmemory(?!(?:(?!Cannotmalloc)[\s\S]){0,900}?Cannotallocate[\d.]{1,20}(?:[KMGT]?B|bytes)inGPU\d)|Failtoallocmemoryof\d{1,19}size|\(External\)CUDAerror\(2\),outofmemory|ExternalError:CUDAerror\(2\),outofmemory|(?:paddle::memory::allocation::\w{0,40}|phi::)Allocator::Allocate(?:Impl)?\((?:unsignedlong|size_t)\)$/gi,
  precedence: -1,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const text = message.match[0];
    // The second sentence of a message belongs to the first.
    if (/^Cannotallocate/i.test(text) && /Outofmemoryerroron\S{2,30}\.$/i.test(message.before))
      return undefined;
    // The trace of a crash whose last frame asks for memory of the device, and no message behind it.
    if (/Allocator::/.test(text) && !/GPUContext/.test(message.preceding(3000))) return undefined;
    if (/Allocator::/.test(text)) {
      return {
        kind: 'gpu_oom',
        framework: 'paddle',
        backend: 'cuda',
        wording: 'trace',
        phase: 'forward',
        facts: message.facts,
        clues: ['message-cut'],
        end: message.end,
      };
    }
    if (/^Failto/i.test(text)) {
      message.size('requested', HOST);
      return {
        kind: 'host_oom',
        framework: 'paddle',
        backend: 'cpu',
        wording: 'host',
        facts: message.facts,
        clues: ['host-allocator'],
        end: message.end,
      };
    }
    if (/allocating</i.test(text)) {
      message.size('requested', SHARE);
      return {
        kind: 'gpu_oom',
        framework: 'paddle',
        backend: 'cuda',
        wording: 'share',
        phase: 'init',
        facts: message.facts,
        clues: ['caching-allocator', 'taken-at-start'],
        end: message.end,
      };
    }
    const place = message.find(DEVICE)?.groups;
    const device = place?.['index'] === undefined ? undefined : Number(place['index']);
    const scope = device === undefined ? {} : { device };
    const clues: Clue[] = [];
    if (!/External/i.test(text)) {
      clues.push('released-cache', 'caching-allocator');
      message.size('requested', REQUESTED);
      message.size('allocated', ALLOCATED);
      message.size('free', FREE, { scope });
      if (/inGPU\d/i.test(text)) {
        message.size('free', OLD_FREE, { scope });
        message.size('total', OLD_TOTAL, { scope });
        message.size('allocated', OLD_USED);
      }
      message.size('allowed', LIMITED);
      message.count('memory_fraction', FRACTION);
    }
    return {
      kind: 'gpu_oom',
      framework: 'paddle',
      ...(/^Cannotmalloc/i.test(text) && { wording: 'pool' }),
      backend: BACKENDS[place?.['name']?.toLowerCase() ?? 'gpu'] ?? 'none',
      facts: message.facts,
      counts: message.counts,
      clues,
      end: message.end,
      ...(device !== undefined && { device }),
    };
  },
};
