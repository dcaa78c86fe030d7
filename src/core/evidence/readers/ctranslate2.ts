/** CTranslate2 (faster-whisper, WhisperX, Argos): the runtime's code in its own sentence. */
import { isAdvice } from '../advice.ts';
import type { Reader, Reading } from '../reader.ts';

export const ctranslate2: Reader = {
  id: 'ctranslate2',
  code: 'UN439',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'CTranslate2',
      summary:
        'CTranslate2, which runs faster-whisper and WhisperX: "CUDA failed with error out of memory", or MKL without host memory.',
    },
    zh: {
      title: 'CTranslate2 引擎',
      summary:
        'CTranslate2（faster-whisper 和 WhisperX 的底层）：“CUDA failed with error out of memory”，或 MKL 申请不到主机内存。',
    },
    ru: {
      title: 'Движок CTranslate2',
      summary:
        'CTranslate2, на котором работают faster-whisper и WhisperX: «CUDA failed with error out of memory» или нехватка памяти хоста у MKL.',
    },
  },
  sources: ['CTranslate2@v3.24.0:src/cuda/utils.h', 'CTranslate2@v3.24.0:src/cpu/allocator.cc'],
  needles: ['cuda failed with error', 'mkl_malloc:'],
  anchor: /CUDAfailedwitherror(?:2)?:?outofmemory|mkl_malloc:failedtoallocatememory/gi,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const isHost = /^mkl/i.test(message.match[0]);
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework: 'ctranslate2',
      backend: isHost ? 'cpu' : 'cuda',
      wording: isHost ? 'mkl' : 'cuda',
      facts: message.facts,
      clues: isHost ? ['host-allocator'] : [],
      end: message.end,
    };
  },
};
