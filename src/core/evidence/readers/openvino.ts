/** OpenVINO's GPU plugin: one allocation above the device's limit, or an OpenCL code. */
import type { Clue, Reader, Reading } from '../reader.ts';

const LIMIT = String.raw`Exceededmaxsizeofmemory(?:object)?allocation(?::?requested\d{1,20}bytes,?butmaxalloc(?:ation)?sizesupportedbydeviceis\d{1,20}bytes)?|Check'!exceed_allocatable(?:_mem_size)?|requested\d{1,20}bytes,?butmaxalloc(?:ation)?size(?:supportedbydevice)?is\d{1,20}bytes`;
const CODE = String.raw`\[GPU\]cl\w{2,40},?errorcode:-[456](?!\d)(?:CL_\w{1,40})?`;
const NAME = String.raw`\[GPU\](?:CL_OUT_OF_RESOURCES|CL_MEM_OBJECT_ALLOCATION_FAILURE|CL_OUT_OF_HOST_MEMORY)(?:exception)?`;
const DEVICE = String.raw`\[GPU\](?:outofGPUresources|Failedtoallocate\S{0,60}?memory|can'tallocate\S{0,60}?memory)`;

/** The plugin for CPUs. */
const HOST = String.raw`cpu_memory\.cpp:\d{1,5}:Failedtoallocate\d{1,20}bytesofmemory`;

/** The check and its sentence are one message; so are the code's number and its name. */
const ANCHOR = new RegExp(
  `(?:${LIMIT})(?:[^]{0,240}?(?:${LIMIT}))?|(?:${CODE}|${NAME})(?:[^]{0,300}?${NAME})?|${DEVICE}|${HOST}`,
  'gi',
);

const REQUESTED = /(?:requested|Failedtoallocate)(?<size>\d{1,20})bytes/i;
const MAXIMUM = /(?:device|size)is(?<size>\d{1,20})bytes/i;

export const openvino: Reader = {
  id: 'openvino',
  code: 'UN455',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'OpenVINO GPU plugin',
      summary:
        '"Exceeded max size of memory object allocation" with the device’s limit for one buffer, and the OpenCL codes -4, -5 and -6.',
    },
    zh: {
      title: 'OpenVINO GPU 插件',
      summary:
        '“Exceeded max size of memory object allocation”及设备对单个缓冲区的上限，以及 OpenCL 错误码 -4、-5 和 -6。',
    },
    ru: {
      title: 'GPU-плагин OpenVINO',
      summary:
        '«Exceeded max size of memory object allocation» с пределом устройства для одного буфера и коды OpenCL -4, -5 и -6.',
    },
  },
  sources: [
    'openvino@2024.6:src/plugins/intel_gpu/src/runtime/ocl/ocl_engine.cpp',
    'openvino@2025.2:src/plugins/intel_gpu/src/runtime/engine.cpp',
    'openvino@2025.2:src/plugins/intel_gpu/src/runtime/ocl/ocl_common.hpp',
  ],
  needles: [
    'memory object allocation',
    'max size of memory',
    'but max alloc',
    'exceed_allocatable',
    'cl_out_of_resources',
    'cl_out_of_host_memory',
    'object_allocation_failure',
    ', error code: -',
    'of gpu resources',
    '[gpu] failed to allocate',
    "[gpu] can't allocate",
    'cpu_memory.cpp:',
  ],
  anchor: ANCHOR,
  precedence: -2,
  read(message): Reading {
    const text = message.match[0];
    const size = REQUESTED.exec(text);
    const maximum = MAXIMUM.exec(text);
    if (size !== null) message.take('requested', size);
    if (maximum !== null) message.take('max_alloc', maximum);
    const isLimit = /exceed|butmaxalloc/i.test(text);
    const isHost = /code:-6|HOST_MEMORY|^cpu_memory/i.test(text);
    const clues: Clue[] = isLimit ? ['per-buffer-limit'] : [];
    // "Resources" can also be registers, local memory or a lost device.
    if (/code:-5|OUT_OF_RESOURCES|GPUresources/i.test(text)) clues.push('may-be-no-memory');
    if (isHost) clues.push('host-allocator');
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework: 'openvino',
      backend: isHost ? 'cpu' : 'opencl',
      wording: isLimit ? 'limit' : 'code',
      facts: message.facts,
      clues,
      end: text.length,
    };
  },
};
