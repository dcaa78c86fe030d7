/** Caffe and Caffe2 check every CUDA call; the failed check names the code and no size. */
import { isAdvice } from '../advice.ts';
import type { Reader, Reading } from '../reader.ts';

export const caffe: Reader = {
  id: 'caffe',
  code: 'UN465',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Caffe and Caffe2',
      summary:
        '"Check failed: error == cudaSuccess (2 vs. 0) out of memory" and the form of Caffe2.',
    },
    zh: {
      title: 'Caffe 和 Caffe2',
      summary:
        '“Check failed: error == cudaSuccess (2 vs. 0) out of memory” 以及 Caffe2 的对应写法。',
    },
    ru: {
      title: 'Caffe и Caffe2',
      summary:
        '«Check failed: error == cudaSuccess (2 vs. 0) out of memory» и та же проверка в Caffe2.',
    },
  },
  sources: [
    'caffe@1.0:include/caffe/util/device_alternate.hpp',
    'pytorch@v1.0.0:caffe2/core/context_gpu.cu',
  ],
  needles: [
    '== cudasuccess',
    '== hipsuccess',
    'in safe_reserve:',
    'host allocation of size',
    '_gpu.cu:',
    '_gpu.cc:',
    '_gpu.cu]',
    '_gpu.cc]',
  ],
  anchor:
    /(?:Checkfailed:)?(?:error|status|e)==cudaSuccess\(2vs\.0\):?outofmemory|(?:Checkfailed:)?(?:error|status|e)==hipSuccess\((?:2|1002)vs\.0\):?(?:hipErrorMemoryAllocation|outofmemory)|hostallocationofsize\d{1,18}failed|Outofmemoryinsafe_reserve:\d{1,18}>\d{1,18}\+\d{1,18}|(?:context|event|operator)_gpu\.c[cu]:\d{1,5}:outofmemory|(?:context|event|operator)_gpu\.c[cu]:\d{1,5}\]error==cudaSuccess\.2vs0/gi,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const is2 = /_gpu\.c/i.test(message.match[0]);
    // NVIDIA's branch reserves the scratch that the search for algorithms chose.
    const isScratch = /safe_reserve/i.test(message.match[0]);
    const isHost = /^hostallocation/i.test(message.match[0]);
    message.size('requested', /(?:safe_reserve:|ofsize)(?<size>\d{1,18})/i);
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework: is2 ? 'caffe2' : 'caffe',
      backend: isHost ? 'cpu' : /hip/i.test(message.match[0]) ? 'hip' : 'cuda',
      wording: is2 ? 'caffe2' : 'caffe',
      facts: message.facts,
      clues: isHost ? ['host-allocator'] : isScratch ? ['library-workspace'] : [],
      end: message.end,
    };
  },
};
