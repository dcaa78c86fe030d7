/** Graphcore IPU: memory is the tiles' own; a program that does not fit on one tile does not compile. */
import { isAdvice } from '../advice.ts';
import type { Reader, Reading } from '../reader.ts';

const USED = /tile\d{1,5}:(?<size>\d{1,19})bytesused/i;
const TILE = /tilesonlyhave(?<size>\d{1,19})bytes/i;
const STREAM = /Singlestreamoflength(?<size>\d{1,19})/i;

export const graphcore: Reader = {
  id: 'graphcore',
  code: 'UN473',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Graphcore IPU',
      summary:
        'Poplar: "Out of memory on tile N", poplar::graph_memory_allocation_error, and streams too large for the host\u2019s buffers.',
    },
    zh: {
      title: 'Graphcore IPU 加速器',
      summary:
        'Poplar：“Out of memory on tile N”、poplar::graph_memory_allocation_error，以及过大、主机缓冲区放不下的数据流。',
    },
    ru: {
      title: 'Ускоритель Graphcore IPU',
      summary:
        'Poplar: «Out of memory on tile N», poplar::graph_memory_allocation_error и потоки, слишком большие для буферов хоста.',
    },
  },
  sources: ['docs.graphcore.ai: memory and performance optimisation, out-of-memory errors'],
  needles: [
    'out of memory on tile',
    'tiles only have',
    'graph_memory_allocation',
    'stream_memory_allocation',
    'single stream of length',
  ],
  anchor:
    /(?:poplar::)?graph_memory_allocation_error'?(?:what\(\))?:?(?:Outofmemoryontile)?|Outofmemoryontile(?=\d)|(?:poplar_)?stream_memory_allocation_error/gi,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const isStream = /stream/i.test(message.match[0]);
    message.size('program', USED);
    message.size('total', TILE);
    if (isStream) message.size('requested', STREAM);
    return {
      kind: isStream ? 'host_oom' : 'gpu_oom',
      framework: 'poplar',
      backend: isStream ? 'cpu' : 'ipu',
      // The host's window for streams is smaller than its memory.
      wording: isStream ? 'own-limit' : 'tile',
      facts: message.facts,
      clues: isStream ? ['host-allocator'] : [],
      end: message.end,
      phase: 'compile',
      reportLines: 60,
    };
  },
};
