/** RMM, the allocator of RAPIDS: Python sees a MemoryError, which otherwise means host memory. */
import type { Clue, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const REQUESTED = clause('failed to allocate {size:size}');
const SPILLED = clause('RMM allocation of {size:size} failed');
const OF_SPARK = /Deviceallocationof(?<size>\d{1,18})bytesfailed/i;
const UPSTREAM = clause('Upstream {size:size}');
const POOL = clause('current/max/try size = {size:size}');
const MAXIMUM =
  /current\/max\/trysize=[\d.]{1,20}(?:[KMGT]i)?B,(?<size>\d{1,9}(?:\.\d{0,9})?)(?<size_unit>(?:[KMGT]i)?B)/i;

export const rmm: Reader = {
  id: 'rmm',
  code: 'UN479',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'RMM (cuDF, cuML, cuGraph, dask-cuda)',
      summary:
        '"std::bad_alloc: out_of_memory" of the RAPIDS memory manager: CUDA refused, or the pool reached its maximum; with the request in newer versions.',
    },
    zh: {
      title: 'RMM（cuDF、cuML、cuGraph、dask-cuda）',
      summary:
        'RAPIDS 内存管理器的“std::bad_alloc: out_of_memory”：CUDA 拒绝了请求，或内存池达到上限；较新版本会给出申请的大小。',
    },
    ru: {
      title: 'RMM (cuDF, cuML, cuGraph, dask-cuda)',
      summary:
        '«std::bad_alloc: out_of_memory» менеджера памяти RAPIDS: CUDA отказала или пул достиг максимума; в новых версиях с размером запроса.',
    },
  },
  sources: [
    'rmm@v23.10.00:include/rmm/mr/device/pool_memory_resource.hpp',
    'rmm@v25.02.00:include/rmm/mr/device/pool_memory_resource.hpp',
    'raft@v23.10.00:cpp/include/raft/util/cudart_utils.hpp',
  ],
  needles: [
    'rmm failure at',
    'cuda error at:',
    'cuda error (failed',
    'cuda error encountered at',
    'maximum pool size',
    'rmm_error_out_of',
    'rmm allocation of',
    'memoryerror  ',
    'device store has',
  ],
  anchor:
    /(?:std::bad_alloc:)?(?:out_of_memory:)?(?:CUDAerror(?:encountered)?(?:\([^()]{1,80}\))?at:[^\u0001]{0,240}?cudaErrorMemoryAllocation|RMMfailure(?:\([^()]{1,80}\))?at:[^\u0001]{0,240}?(?:Maximumpoolsizeexceeded|Exceededmemorylimit|outofmemory|failedtoallocate))|RMMallocationof[\d.]{1,12}[KMGT]i?Bfailed,spill-on-demand\S{0,40}|\[FAILUREmaximumpoolsizeexceeded(?!\S{0,600}?\[OK\]\w)|Deviceallocationof\d{1,18}bytesfailed,devicestorehas0bytes|RMM_ERROR_OUT_OF_MEMORY|(?<![a-z])MemoryErrorTraceback\(mostrecentcalllast\)(?=\S{0,600}?(?:rmm\.|cudf|cuml\b|cugraph))/gi,
  read(message): Reading {
    const text = message.match[0];
    message.size('requested', REQUESTED) ??
      message.size('requested', SPILLED) ??
      message.size('requested', OF_SPARK);
    message.size('reserved', POOL);
    message.size('allowed', MAXIMUM);
    // A log line; tests that provoke it pass right after it and are not read.
    if (/\[FAILURE/i.test(text)) {
      const upstream = UPSTREAM.exec(message.before);
      if (upstream !== null) message.take('requested', upstream);
    }
    const isPinned = /pinned(?:_host)?_memory_resource/i.test(text);
    const clues: Clue[] = [];
    if (isPinned) clues.push('host-allocator', 'pinned-memory');
    if (/^MemoryErrorTraceback/i.test(text)) clues.push('first-line-only');
    return {
      kind: isPinned ? 'host_oom' : 'gpu_oom',
      framework: 'rmm',
      backend: isPinned ? 'cpu' : 'cuda',
      wording: /pool/i.test(text) ? 'pool' : 'cuda',
      facts: message.facts,
      clues,
      end: message.end,
    };
  },
};
