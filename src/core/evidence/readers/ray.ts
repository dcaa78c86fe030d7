/** Ray watches the host's memory itself and ends workers before the kernel does. Its GB are 2^30 bytes. */
import type { Clue, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const USED = /was(?<size>\d{1,9}\.\d{1,4})(?<size_unit>GB)\//i;
const TOTAL = /was\d{1,9}\.\d{1,4}GB\/(?<size>\d{1,9}\.\d{1,4})(?<size_unit>GB)/i;
const PROCESS = clause('memory used = {size:size}');
const REQUESTED = /object(?:\S{0,80}?)(?:ofsize|size)(?<size>\d{1,18})(?<size_unit>bytes)?/i;

export const ray: Reader = {
  id: 'ray',
  code: 'UN489',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Ray: node or object store out of memory',
      summary:
        'Ray ended a worker because the node ran low on memory, or its object store in /dev/shm is full: host memory, with the figures of the node.',
    },
    zh: {
      title: 'Ray：节点或对象存储内存不足',
      summary:
        'Ray 因节点内存紧张结束了 worker，或其位于 /dev/shm 的对象存储已满：这是主机内存，并附有节点的数据。',
    },
    ru: {
      title: 'Ray: нехватка памяти на узле или в хранилище объектов',
      summary:
        'Ray завершил воркер, потому что на узле кончалась память, или переполнено его хранилище объектов в /dev/shm: это память хоста, с цифрами узла.',
    },
  },
  sources: [
    'ray@2.9.0:src/ray/raylet/node_manager.cc',
    'ray@2.9.0:src/ray/common/memory_monitor.cc',
    'ray@2.9.0:python/ray/exceptions.py',
  ],
  needles: [
    'low on memory',
    'memory on the node',
    'due to memory pressure',
    'objectstorefullerror',
    'node_out_of_memory',
    'object store memory is full',
    'object store is full',
    'rayoutofmemoryerror',
    'mem(gb) command',
    'mem(gb)\tcommand',
  ],
  anchor:
    /(?:Task|Actor|Lease|Worker|\d{1,5}workers?\(?s?\)?)(?:was|were)killedduetothenoderunninglowonmemory|Memoryonthenode\(IP|(?<killed>\d{1,6})Workers\(tasks\/actors\)killedduetomemorypressure\(OOM\)|PIDMEM\(GB\)COMMAND|RayOutOfMemoryError:|ObjectStoreFullError|NODE_OUT_OF_MEMORY|objectstore(?:memory)?isfull/gi,
  read(message): Reading | undefined {
    // The raylet's summary has both kinds of deaths: "0 Workers … (OOM), 2 Workers crashed due to other reasons".
    if (Number(message.match.groups?.['killed'] ?? 1) === 0) return undefined;
    const text = message.match[0];
    const isStore = /ObjectStore/i.test(text);
    message.size('host_process', PROCESS);
    message.size('host_used', USED);
    message.size('host_total', TOTAL);
    if (isStore) message.size('requested', REQUESTED);
    const clues: Clue[] = isStore
      ? ['shared-memory-segment']
      : ['process-killed', 'killed-for-memory'];
    return {
      kind: 'host_oom',
      framework: 'ray',
      backend: 'cpu',
      wording: isStore ? 'object store' : 'memory monitor',
      facts: message.facts,
      clues,
      end: message.end,
    };
  },
};
