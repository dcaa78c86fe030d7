/** MindSpore on GPU and Ascend: its memory pool, the actors of its graphs, and its data pipeline. */
import { isAdvice } from '../advice.ts';
import type { Clue, Reader, Reading } from '../reader.ts';

const ALLOC_SIZE = /allocsize:?(?<size>\d{1,19})/i;
const REQUIRED = /requiredsize\[(?<size>\d{1,19})/i;
const FREE = /currentfreememorysize\[(?<size>\d{1,19})/i;
const SIZE =
  /(?:failed,size\[|failed,mallocsize|Allocdevicememory\[|Requestmemorysize:)(?<size>\d{1,19})/i;
const AVAILABLE = /Available(?:HBM|MOC|device)size:(?<size>\d{1,19})/i;
const TOTAL_SIZE = /HBMtotalsize:(?<size>\d{1,19})/i;
const FREE_SIZE = /freesize:(?<size>\d{1,19})/i;
const USED = /TotalUsedMemStatistics:(?<size>\d{1,19})/i;
const POOL = /totalmemsize:(?<size>\d{1,19})/i;
const DEVICE = /Device\(id:(?<index>\d{1,3})\)|\],Device(?<other>\d{1,3})Available/i;

export const mindspore: Reader = {
  id: 'mindspore',
  code: 'UN469',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'MindSpore',
      summary:
        'MindSpore\u2019s pool on GPU and Ascend: "memory isn\u2019t enough and alloc failed", "Malloc device memory failed"; pinned memory of its data pipeline.',
    },
    zh: {
      title: 'MindSpore 框架',
      summary:
        'MindSpore 在 GPU 和昇腾上的内存池：“memory isn’t enough and alloc failed”、“Malloc device memory failed”；其数据管线的锁页内存。',
    },
    ru: {
      title: 'Фреймворк MindSpore',
      summary:
        'Пул MindSpore на GPU и Ascend: «memory isn’t enough and alloc failed», «Malloc device memory failed»; закреплённая память его конвейера данных.',
    },
  },
  sources: [
    'mindspore@v1.5.0:mindspore/ccsrc/runtime/device/gpu/gpu_memory_allocator.cc',
    'mindspore@v2.0.0:mindspore/ccsrc/runtime/graph_scheduler/actor/actor_common.h',
    'mindspore@v2.2.0:mindspore/ccsrc/plugin/device/ascend/hal/device/ascend_memory_adapter.cc',
    'mindspore@v2.3.0:mindspore/ccsrc/backend/common/mem_reuse/mem_dynamic_allocator.cc',
    'mindspore@v1.5.0:mindspore/ccsrc/minddata/dataset/util/arena.cc',
  ],
  needles: [
    'enough and alloc failed',
    'not enough: current free',
    'malloc device memory fail',
    'alloc device memory[',
    'total mem size :',
    'cudahostalloc failed',
    'memory malloc failed.',
    'request memory size:',
  ],
  anchor:
    /(?:Device(?:\(id:\d{1,3}\))?)?memoryisn'?tenoughandallocfailed|Memorynotenough:currentfreememorysize\[\d{1,19}B?\]issmallerthanrequiredsize|Mallocdevicememoryfailed(?!:)|Allocdevicememory\[\d{1,19}\]failed|TotalUsedMemStatistics:\d{1,19}plus|cudaHostAllocfailed,ret\[2\]|Outofmemory\.Memorymallocfailed|OutofMemory!{1,3}Requestmemorysize:\d{1,19}/gi,
  precedence: -1,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const text = message.match[0];
    const head = message.text.slice(0, 400);
    const isPinned = /^cudaHostAlloc/i.test(text);
    const isHost = isPinned || /^Memoryisn|Memorymalloc/i.test(text);
    message.size('requested', ALLOC_SIZE) ??
      message.size('requested', REQUIRED) ??
      message.size('requested', SIZE);
    message.size('free', FREE) ?? message.size('free', FREE_SIZE);
    message.size('total', AVAILABLE) ?? message.size('total', TOTAL_SIZE);
    message.size('allocated', USED);
    // The pool is nearly the whole device unless max_device_memory makes it smaller; which, it does not say.
    message.size('total', POOL);
    const place = isHost ? undefined : message.find(DEVICE)?.groups;
    const index = place?.['index'] ?? place?.['other'];
    const isAscend = /HBM|MOC|ascend|kernel_?aclnn|\bge_/i.test(head + message.before);
    const clues: Clue[] = isHost ? ['host-allocator'] : ['caching-allocator'];
    const isSaid = /maybeotherprocessesoccupying/i.test(message.text.slice(0, 600));
    if (isSaid) clues.push('taken-at-start');
    if (isPinned || /Memorymalloc/i.test(text)) clues.push('pinned-memory');
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework: 'mindspore',
      ...(isSaid && { wording: 'said', phase: 'init' as const }),
      backend: isHost ? 'cpu' : isAscend ? 'npu' : 'cuda',
      facts: message.facts,
      clues,
      end: message.end,
      ...(index !== undefined && { device: Number(index) }),
      reportLines: 100,
    };
  },
};
