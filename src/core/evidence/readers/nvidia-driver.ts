/** NVIDIA's kernel drivers: NVRM of desktop and server cards, NvMap of Jetson boards that share RAM with the CPU. */
import { isAdvice } from '../advice.ts';
import type { Clue, Reader, Reading } from '../reader.ts';

const JETSON = /NvMap|nvbuf|cudaAlloc|jetson/i;

export const nvidiaDriver: Reader = {
  id: 'nvidia-driver',
  code: 'UN490',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'NVIDIA driver without memory (NVRM, NvMap)',
      summary:
        'The driver itself could not allocate: NV_ERR_NO_MEMORY in the kernel log, or NvMap error 12 and cudaAllocMapped on a Jetson, whose GPU uses the board\u2019s RAM.',
    },
    zh: {
      title: 'NVIDIA 驱动内存不足（NVRM、NvMap）',
      summary:
        '驱动自身分配失败：内核日志中的 NV_ERR_NO_MEMORY，或 Jetson 上的 NvMap error 12 和 cudaAllocMapped（Jetson 的 GPU 使用板载内存）。',
    },
    ru: {
      title: 'Драйвер NVIDIA: нехватка памяти (NVRM, NvMap)',
      summary:
        'Памяти не получил сам драйвер: NV_ERR_NO_MEMORY в логе ядра либо NvMap error 12 и cudaAllocMapped на Jetson, где GPU использует ОЗУ платы.',
    },
  },
  sources: [
    'open-gpu-kernel-modules@550.54:src/common/sdk/nvidia/inc/nvstatuscodes.h',
    'L4T@36.3:libnvrm_mem NvMapMemAllocInternalTagged',
    'jetson-utils@master:cuda/cudaMappedMemory.h',
  ],
  needles: [
    'nv_err_no_memory',
    'nvmapmemalloc',
    'nvmapmemhandlealloc',
    'cudaallocmapped',
    'nvmap_ioc_alloc',
  ],
  anchor:
    /NV_ERR_NO_MEMORY|NvMapMemAllocInternalTagged:\d{1,12}error12(?!\d)|NvMapMem(?:Handle)?Alloc\w{0,24}:?(?:failed|error12(?!\d))|NVMAP_IOC_ALLOC\S{0,40}?Cannotallocatememory|cudaAllocMapped\(\)failedtoallocate/gi,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const text = message.match[0];
    const isJetson = JETSON.test(text);
    const clues: Clue[] = /cudaAllocMapped/i.test(text) ? ['pinned-memory'] : [];
    return {
      kind: 'gpu_oom',
      framework: isJetson ? 'jetson' : 'nvidia-driver',
      backend: 'cuda',
      wording: text.slice(0, 40),
      facts: message.facts,
      clues,
      end: message.end,
    };
  },
};
