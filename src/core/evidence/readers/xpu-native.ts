/** Intel's runtimes report result codes; PyTorch, IPEX and SYCL programs pass them on. */
import type { Clue, Reader, Reading } from '../reader.ts';

export const xpuNative: Reader = {
  id: 'xpu-native',
  code: 'UN422',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Intel GPU out of resources',
      summary:
        'A result code of Level Zero, SYCL or Unified Runtime: out of device memory, or out of resources, which is mostly memory.',
    },
    zh: {
      title: 'Intel GPU 资源不足',
      summary: 'Level Zero、SYCL 或 Unified Runtime 的结果码：显存不足，或资源不足（多半是显存）。',
    },
    ru: {
      title: 'GPU Intel: нехватка ресурсов',
      summary:
        'Код результата Level Zero, SYCL или Unified Runtime: нехватка памяти GPU или нехватка ресурсов, а это чаще всего память.',
    },
  },
  sources: ['oneapi-src/unified-runtime: ur_result_t', 'intel/llvm: pi_result'],
  needles: ['out_of_resources', 'out_of_device_memory', 'out_of_host_memory', '_mem_object_alloc'],
  anchor:
    /(?:UR_RESULT_ERROR|PI_ERROR|ZE_RESULT_ERROR|PI)_(?:OUT_OF_(?:RESOURCES|DEVICE_MEMORY|HOST_MEMORY)|MEM_OBJECT_ALLOCATION_FAILURE)/gi,
  precedence: -1,
  read(message): Reading {
    const code = message.match[0].toUpperCase();
    const isHost = code.endsWith('HOST_MEMORY');
    // "Resources" can also be registers or a lost device.
    const clues: Clue[] = code.endsWith('RESOURCES') ? ['may-be-no-memory'] : [];
    if (isHost) clues.push('host-allocator');
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework: 'sycl',
      backend: 'xpu',
      wording: code,
      facts: message.facts,
      clues,
      end: message.end,
    };
  },
  refine(reading, frames): Reading {
    const isTorch = frames.some((f) => /[\\/]torch[\\/]/.test(f.file));
    return isTorch ? { ...reading, framework: 'pytorch' } : reading;
  },
};
