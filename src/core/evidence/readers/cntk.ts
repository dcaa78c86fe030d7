/** CNTK prints the code, the card and the call. */
import { isAdvice } from '../advice.ts';
import type { Reader, Reading } from '../reader.ts';

export const cntk: Reader = {
  id: 'cntk',
  code: 'UN467',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'CNTK',
      summary: '"CUDA failure 2: out of memory ; GPU=0 ; hostname=… ; expr=cudaMalloc(…)".',
    },
    zh: {
      title: 'CNTK 框架',
      summary: '“CUDA failure 2: out of memory ; GPU=0 ; hostname=… ; expr=cudaMalloc(…)”。',
    },
    ru: {
      title: 'Фреймворк CNTK',
      summary: '«CUDA failure 2: out of memory ; GPU=0 ; hostname=… ; expr=cudaMalloc(…)».',
    },
  },
  sources: ['cntk@v2.7:Source/Math/GPUMatrix.cu'],
  needles: ['cuda failure 2: out'],
  anchor:
    /CUDAfailure2:outofmemory(?:;GPU=(?<index>\d{1,3}))?(?:;hostname=[^;\u0001]{0,80};expr=cuda\w{1,40})?/gi,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const index = message.match.groups?.['index'];
    const isHost = /expr=cuda(?:MallocHost|HostAlloc)/i.test(message.match[0]);
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework: 'cntk',
      backend: isHost ? 'cpu' : 'cuda',
      facts: message.facts,
      clues: isHost ? ['pinned-memory'] : [],
      end: message.end,
      ...(index !== undefined && { device: Number(index) }),
    };
  },
};
