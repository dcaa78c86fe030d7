/** faiss says what the buffer was for: vectors of an index, or temporary memory of a search. */
import type { Phase } from '../../base/phase.ts';
import type { Reader, Reading } from '../reader.ts';

const REQUESTED = /(?:size|cudaMalloc(?:Managed)?)(?<size>\d{1,18})(?<size_unit>bytes)/i;
const DEVICE = /(?:dev(?=\d{1,3}space)|ondevice)(?<index>\d{1,3})/i;
const TYPE = /allocfailtype(?<type>[A-Za-z]{1,40}?)dev\d/i;

export const faiss: Reader = {
  id: 'faiss',
  code: 'UN480',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'faiss on the GPU',
      summary:
        'StandardGpuResources could not get a buffer; the message has its type, size and device.',
    },
    zh: {
      title: 'GPU 上的 faiss',
      summary: 'StandardGpuResources 分不到缓冲区；消息中有其类型、大小和设备。',
    },
    ru: {
      title: 'faiss на GPU',
      summary:
        'StandardGpuResources не получил буфер; в сообщении есть его тип, размер и устройство.',
    },
  },
  sources: [
    'faiss@v1.7.4:faiss/gpu/StandardGpuResources.cpp',
    'faiss@v1.6.3:gpu/utils/MemorySpace.cpp',
  ],
  needles: ['alloc fail type', 'to cudamalloc', 'stackdevicememory', 'standardgpuresources'],
  anchor:
    /(?:StandardGpuResources:)?allocfailtype|FailedtocudaMalloc(?:Managed)?(?=\d{1,18}bytes)|Faissassertion'err==cudaSuccess'failedin(?:void)?faiss::gpu::StackDeviceMemory::/gi,
  read(message): Reading {
    // The scratch area is one cudaMalloc; the assertion does not print its code.
    const isAssertion = /^Faissassertion/i.test(message.match[0]);
    message.size('requested', REQUESTED);
    const index = message.find(DEVICE)?.groups?.['index'];
    const type = message.find(TYPE)?.groups?.['type'];
    // The vectors are copied to the card when the index moves there or grows.
    const phase: Phase | undefined = type === 'FlatData' ? 'transfer' : undefined;
    return {
      kind: 'gpu_oom',
      framework: 'faiss',
      backend: 'cuda',
      ...(type !== undefined && { wording: type }),
      facts: message.facts,
      clues: isAssertion ? ['may-be-no-memory', 'taken-at-start'] : [],
      end: message.end,
      ...(index !== undefined && { device: Number(index) }),
      ...(phase !== undefined && { phase }),
    };
  },
};
