/** Memory of another program, or a limit in its words: a JVM, Node.js, a database, a message size, a quota. */
import { isAdvice } from '../advice.ts';
import type { Reader, Reading } from '../reader.ts';

interface System {
  readonly framework: string;
  readonly pattern: RegExp;
}

const SYSTEMS: readonly System[] = [
  {
    framework: 'java',
    pattern:
      /java\.lang\.OutOfMemoryError(?!:(?:Cannotallocatenew|Physicalmemory|unabletocreate))(?::(?:Javaheapspace|GCoverheadlimit|Metaspace|Directbuffermemory|Cannotallocate\d{1,12}\+\d{1,18}bytes))?|(?<!\.)OutOfMemoryError:(?:Javaheapspace|GCoverheadlimit|Metaspace|Directbuffermemory)/i,
  },
  { framework: 'java', pattern: /OutOfDirectMemoryError:failedtoallocate\d{1,18}byte/i },
  // Threads that the system refuses: no heap is full.
  { framework: 'java', pattern: /OutOfMemoryError:unabletocreate\w{0,12}nativethread/i },
  {
    framework: 'node',
    pattern:
      /JavaScriptheapoutofmemory|FATALERROR:[^\u0001]{0,100}?Allocationfailed-processoutofmemory/i,
  },
  {
    framework: 'redis',
    pattern: /(?:OOM)?commandnotallowed(?=whenusedmemory)|OOMcommandnotallowed/i,
  },
  {
    framework: 'postgres',
    pattern: /outofsharedmemory(?=HINT|$)|outofmemoryDETAIL:Failedonrequestofsize\d{1,18}/i,
  },
  { framework: 'mysql', pattern: /Outofmemory\(Needed\d{1,18}bytes\)|mysqld:Outofmemory/i },
  { framework: 'clickhouse', pattern: /Memorylimit\((?:total|forquery|foruser)\)exceeded/i },
  {
    framework: 'trino',
    pattern:
      /EXCEEDED_(?:LOCAL|GLOBAL)_MEMORY_LIMIT(?![=(|,])|Queryexceededper-nodememorylimit(?=of)/i,
  },
  {
    framework: 'elasticsearch',
    pattern: /circuit_breaking_exception|CircuitBreakingException:\[\w{1,40}\]Datatoolarge/i,
  },
  {
    framework: 'grpc',
    pattern: /(?:Received|Sent)messagelargerthanmax|tryingtosendmessagelarger/i,
  },
  {
    framework: 'quota',
    pattern:
      /Resourcehasbeenexhausted\(e\.g\.|429[^\u0001]{0,60}?RESOURCE_?EXHAUSTED|RESOURCE_?EXHAUSTED[^\u0001]{0,80}?quota/i,
  },
  { framework: 'php', pattern: /Allowedmemorysizeof\d{1,18}bytesexhausted/i },
  { framework: 'files', pattern: /(?:\[Errno24\]|OSError:|EMFILE:?)Toomanyopenfiles/i },
  { framework: 'network', pattern: /failedtoallocatesocketbuffer|Nobufferspaceavailable/i },
];

/** Databases that count against a limit which somebody set. */
const LIMITS = /commandnotallowed|Memorylimit\(|_MEMORY_LIMIT|per-nodememory|circuit_?breaking/i;

/** Heaps of virtual machines, each with a limit of its own. */
const HEAPS =
  /Javaheapspace|GCoverheadlimit|Metaspace|Directbuffermemory|Cannotallocate\d{1,12}\+|JavaScriptheap|Allocationfailed-processoutofmemory|Allowedmemorysize|OutOfDirectMemory/i;

export const anotherSystem: Reader = {
  id: 'another-system',
  code: 'UN488',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Memory of another system',
      summary:
        'A Java or Node.js heap, a database\u2019s own limit, a gRPC message size, an API quota: the words are alike, the GPU has no part in it.',
    },
    zh: {
      title: '另一个系统的内存',
      summary:
        'Java 或 Node.js 的堆、数据库自己的上限、gRPC 消息大小、API 配额：措辞相似，但与 GPU 无关。',
    },
    ru: {
      title: 'Память другой системы',
      summary:
        'Куча Java или Node.js, собственный предел базы данных, размер сообщения gRPC, квота API: слова похожи, GPU ни при чём.',
    },
  },
  sources: [
    'openjdk@17:java.lang.OutOfMemoryError',
    'node@v20:deps/v8/src/api/api.cc',
    'redis@7.2:src/server.c',
    'postgresql@16:src/backend/utils/mmgr/mcxt.c',
    'grpc@v1.60:src/core/lib/transport/message_size_filter.cc',
    'errno(3): ENOBUFS',
  ],
  needles: [
    'java.lang.outofmemory',
    'outofmemoryerror',
    'outofdirectmemoryerror',
    'heap out of memory',
    'process out of memory',
    'oom command not',
    'command not allowed when used',
    '_memory_limit',
    'per-node memory limit',
    'out of shared memory',
    'failed on request of size',
    'memory (needed',
    'mysqld: out',
    'memory limit (',
    'circuit_breaking_exc',
    'circuitbreakingexc',
    'message larger than',
    'resource has been exhausted',
    'resource_exhausted',
    'resourceexhausted',
    'socket buffer',
    'no buffer space',
    'too many open files',
    'allowed memory size of',
  ],
  anchor: new RegExp(SYSTEMS.map(({ pattern }) => pattern.source).join('|'), 'gi'),
  precedence: 6,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const text = message.match[0];
    const system = SYSTEMS.find(({ pattern }) => pattern.test(text));
    return {
      kind: 'look_alike',
      framework: system?.framework ?? 'postgres',
      backend: 'none',
      wording: HEAPS.test(text)
        ? 'managed-heap'
        : LIMITS.test(text)
          ? 'database-limit'
          : text.slice(0, 40),
      facts: message.facts,
      clues: ['another-system'],
      end: message.end,
    };
  },
};
