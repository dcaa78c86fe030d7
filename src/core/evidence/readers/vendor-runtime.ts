/** Runtimes of other accelerators: Cambricon, Moore Threads, Tenstorrent, Sophgo. */
import { isAdvice } from '../advice.ts';
import type { Backend, Reader, Reading } from '../reader.ts';

interface Vendor {
  readonly pattern: RegExp;
  readonly framework: string;
  readonly backend: Backend;
}

const VENDORS: readonly Vendor[] = [
  { pattern: /^(?:cnrt|CNRT|CNNL|cnnl|MLU|cndrv|CN_)/i, framework: 'cambricon', backend: 'mlu' },
  { pattern: /^(?:mu|MU)/, framework: 'musa', backend: 'musa' },
  { pattern: /^bm_/i, framework: 'sophgo', backend: 'none' },
];

const BANKS = /toallocate(?<size>\d{1,19})B(?:DRAM|L1|L1_SMALL|TRACE)buffer/i;
const CARD = /dev_id=(?<index>\d{1,3})/i;

export const vendorRuntime: Reader = {
  id: 'vendor-runtime',
  code: 'UN474',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Runtimes of other accelerators',
      summary:
        'Out-of-memory codes of Cambricon (CNRT, CNNL) and Moore Threads (MUSA), full banks of Tenstorrent, failed heaps of Sophgo.',
    },
    zh: {
      title: '其他加速器的运行时',
      summary:
        '寒武纪（CNRT、CNNL）和摩尔线程（MUSA）的显存不足错误码、Tenstorrent 的 bank 已满、Sophgo 的堆分配失败。',
    },
    ru: {
      title: 'Среды выполнения других ускорителей',
      summary:
        'Коды нехватки памяти Cambricon (CNRT, CNNL) и Moore Threads (MUSA), заполненные банки Tenstorrent, невыделенные кучи Sophgo.',
    },
  },
  sources: [
    'mlu-ops@v1.0.0: cnrtErrorNoMem, CNNL_STATUS_ALLOC_FAILED',
    'tt-metal@v0.56.0:tt_metal/impl/allocator/bank_manager.cpp',
    'libsophon@v0.4.9:bmlib/src/bmlib_memory.cpp',
    'torch_musa@v1.3.0: musaErrorMemoryAllocation',
  ],
  needles: [
    'cnrterrornomem',
    'cnrt error: out',
    'mlu error: out of',
    'cnnl_status_alloc',
    'no enough memory',
    'musaerrormemoryalloc',
    'musa_error_out_of',
    'musa error: out of',
    'bm_alloc_gmem failed',
    'not enough space to alloc',
    'out of memory: not enough',
    'mumemalloc',
    'musamalloc',
  ],
  anchor:
    /cnrtErrorNoMem(?!\w)|CNNL_STATUS_ALLOC_FAILED|(?:CNRT|MLU)error:(?:outofmemory|no(?:enough)?memory)|musaErrorMemoryAllocation|MUSA_ERROR_OUT_OF_MEMORY|MUSA(?:driver|runtime)?error:outofmemory|mu(?:saMalloc|MemAlloc)\w{0,12}(?:\([^()]{0,80}\))?failed\S{0,20}?outofmemory|bm_alloc_gmemfailed|Notenoughspacetoallocate\d{1,19}B(?:DRAM|L1|L1_SMALL|TRACE)bufferacross\d{1,4}banks/gi,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const text = message.match[0];
    if (/^Notenough/i.test(text)) {
      message.size('requested', BANKS);
      const isOnChip = /BL1/.test(text);
      return {
        kind: 'gpu_oom',
        framework: 'tenstorrent',
        backend: 'none',
        wording: isOnChip ? 'L1' : 'DRAM',
        facts: message.facts,
        clues: [],
        end: message.end,
      };
    }
    const vendor = VENDORS.find(({ pattern }) => pattern.test(text));
    if (vendor === undefined) return undefined;
    const index = message.find(CARD)?.groups?.['index'];
    return {
      kind: 'gpu_oom',
      framework: vendor.framework,
      backend: vendor.backend,
      facts: message.facts,
      clues: /CNNL/i.test(text) ? ['library-workspace'] : [],
      end: message.end,
      ...(index !== undefined && { device: Number(index) }),
    };
  },
};
