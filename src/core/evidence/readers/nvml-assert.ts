/** The allocator asks NVML for process figures only when it is about to raise out of memory. */
import type { Reader, Reading } from '../reader.ts';

export const nvmlAssert: Reader = {
  id: 'nvml-assert',
  code: 'UN408',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'PyTorch failed while reporting out of memory',
      summary:
        '"NVML_SUCCESS == r INTERNAL ASSERT FAILED" in the caching allocator: an allocation failed, and then the report could not ask the driver for figures.',
    },
    zh: {
      title: 'PyTorch 在报告显存不足时自身出错',
      summary:
        '缓存分配器中的“NVML_SUCCESS == r INTERNAL ASSERT FAILED”：先是一次申请失败，随后生成报告时又无法向驱动查询数据。',
    },
    ru: {
      title: 'PyTorch упал, сообщая о нехватке памяти',
      summary:
        '«NVML_SUCCESS == r INTERNAL ASSERT FAILED» в кэширующем аллокаторе: запрос не удался, а затем не удалось узнать у драйвера цифры для сообщения.',
    },
  },
  sources: ['pytorch@v2.2.0:c10/cuda/CUDACachingAllocator.cpp'],
  needles: ['internal assert failed', 'nvml_success =='],
  anchor:
    /NVML_SUCCESS==\S{0,80}?(?:INTERNALASSERTFAILED|DriverAPI)(?:at"?[^"]{0,160}CachingAllocator)?/gi,
  read(message): Reading {
    return {
      kind: 'gpu_oom',
      framework: 'pytorch',
      backend: 'cuda',
      versions: { package: 'torch', from: '2.1' },
      facts: message.facts,
      clues: ['report-broken', 'released-cache'],
      end: message.end,
    };
  },
};
