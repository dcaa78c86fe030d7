/** OpenCL's result codes, as names or as numbers of a call. */
import type { Clue, Reader, Reading } from '../reader.ts';

export const opencl: Reader = {
  id: 'opencl',
  code: 'UN486',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'OpenCL without memory',
      summary:
        'CL_MEM_OBJECT_ALLOCATION_FAILURE, CL_OUT_OF_RESOURCES, CL_OUT_OF_HOST_MEMORY or CL_INVALID_BUFFER_SIZE, by name or number.',
    },
    zh: {
      title: 'OpenCL 显存或内存不足',
      summary:
        'CL_MEM_OBJECT_ALLOCATION_FAILURE、CL_OUT_OF_RESOURCES、CL_OUT_OF_HOST_MEMORY 或 CL_INVALID_BUFFER_SIZE，以名称或编号出现。',
    },
    ru: {
      title: 'OpenCL: нехватка памяти',
      summary:
        'CL_MEM_OBJECT_ALLOCATION_FAILURE, CL_OUT_OF_RESOURCES, CL_OUT_OF_HOST_MEMORY или CL_INVALID_BUFFER_SIZE, по имени или по номеру.',
    },
  },
  sources: ['Khronos/OpenCL-Headers@v2023.12.14:CL/cl.h', 'pyopencl@v2024.1:src/error.hpp'],
  needles: [
    '_allocation_failure',
    'object allocation fail',
    'cl_out_of_',
    'failed: out_of_',
    'invalid_buffer_size',
    'max_mem_alloc_size',
    'clcreatebuffer',
    'clenqueue',
    'opencl error (-',
    'opencl error: -',
    'opencl error -',
    'opencl error code',
    'bytes on device ',
  ],
  anchor:
    /(?:exceeds?|exceeded|exceeding|(?:larger|greater|bigger|more)than|above|over)(?:the)?(?:device['’]?s?)?(?:CL_DEVICE_)?MAX_MEM_ALLOC_SIZE|(?:CL_)?MEM_OBJECT_ALLOCATION_FAILURE|failed:memobjectallocationfailure|CL_OUT_OF_(?:RESOURCES|HOST_MEMORY)|(?:cl[A-Z]\w{3,40}|create_buffer|enqueue_\w{2,30})failed:OUT_OF_(?:RESOURCES|HOST_MEMORY)|(?:CL_|failed:)INVALID_BUFFER_SIZE|cl(?:CreateBuffer|CreateImage|Enqueue\w{3,30})(?:\(\))?(?:failed)?(?:witherror|:)?(?:code)?[=:]?\(?-(?:4|5|6|61)\)?(?!\d)|OpenCLerror(?:code)?[:=]?\(?-(?:4|5|6|61)\)?(?!\d)(?:\S{0,80}?whencallingcl[A-Z]\w{3,40})?|(?<=(?:POCL|pocl)[^\u0001]{0,160})Failedtoallocate\d{1,18}bytesondevice/gi,
  precedence: 1,
  read(message): Reading {
    const text = message.match[0];
    const code = /-(\d{1,2})\b/.exec(text)?.[1];
    const isHost = /HOST_MEMORY/i.test(text) || code === '6';
    const clues: Clue[] = [];
    if (isHost) clues.push('host-allocator');
    // One buffer above the device's limit; "resources" can also be registers or local memory.
    if (/BUFFER_SIZE|MAX_MEM_ALLOC_SIZE/i.test(text) || code === '61')
      clues.push('per-buffer-limit');
    if (/RESOURCES/i.test(text) || code === '5') clues.push('may-be-no-memory');
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework: 'opencl',
      backend: isHost ? 'cpu' : 'opencl',
      wording: text.slice(0, 40),
      facts: message.facts,
      clues,
      end: message.end,
    };
  },
};
