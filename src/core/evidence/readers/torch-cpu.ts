/** The CPU allocator of PyTorch: the machine's memory ran out, not the card's. */
import type { Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const REQUESTED = clause('tried to allocate {size:size}');

export const torchCpu: Reader = {
  id: 'torch-cpu',
  code: 'UN404',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'PyTorch CPU allocator',
      summary:
        'Host memory: DefaultCPUAllocator could not get RAM, and the older TH wording in whole gigabytes.',
    },
    zh: {
      title: 'PyTorch CPU 分配器',
      summary: '主机内存：DefaultCPUAllocator 分配内存失败，以及更早的 TH 措辞（以整 GB 计）。',
    },
    ru: {
      title: 'CPU-аллокатор PyTorch',
      summary:
        'Память хоста: DefaultCPUAllocator не получил ОЗУ, а также старая формулировка TH в целых гигабайтах.',
    },
  },
  sources: [
    'pytorch@v2.6.0:c10/core/impl/alloc_cpu.cpp',
    'pytorch@v0.4.1:aten/src/TH/THGeneral.cpp',
  ],
  needles: [
    'defaultcpuallocator',
    'not enough memory: you tried',
    "can't allocate memory",
    'posix_memalign(',
    'called with negative number',
    'invalid memory size',
  ],
  anchor:
    /\$?Torch:invalidmemorysize--maybeanoverflow|alloc_cpu\(\)seemstohavebeencalledwithnegativenumber|DefaultCPUAllocator:|\$?Torch:notenoughmemory:|notenoughmemory:youtriedtoallocate|posix_memalign\(&?data,g?Alignment,nbytes\)==0\.?12vs\.?0/gi,
  read(message): Reading {
    // TH divided by 2^30 and cut the rest off: "72GB" is 72 GiB and up to one more.
    const isNegative = /^alloc_cpu|invalidmemory/i.test(message.match[0]);
    const isOld = /Torch:notenough/i.test(message.match[0]);
    message.size('requested', REQUESTED, { rounding: isOld ? 'floor' : 'nearest' });
    return {
      kind: 'host_oom',
      framework: 'pytorch',
      backend: 'cpu',
      facts: message.facts,
      clues: isNegative ? ['host-allocator', 'absurd-request'] : ['host-allocator'],
      end: message.end,
    };
  },
};
