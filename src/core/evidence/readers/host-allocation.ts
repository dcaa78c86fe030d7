/** Host memory as Python, NumPy and the C++ library report it. */
import { BELOW_ZERO } from '../../base/bytes.ts';
import { isAdvice } from '../advice.ts';
import type { Clue, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const REQUESTED = clause('Unable to allocate {size:size} for an array');
const REQUESTED_MAP = /mmapfailedforsize(?<size>\d{1,18})/i;
const OF_DEVICE =
  /^(?!.{0,220}(?:\bhost\b|Unable to allocate))\S{0,60}MemoryError:.{0,160}\b(?:CUDA|GPU|device|rmm|cuMem\w*)\b/i;
/** What a runtime of AMD cards says of them in Python's class. */
const OF_AMD = /^MemoryError: ?Cannot ?allocate ?\d{1,19} ?bytes: ?no ?memory ?is ?available\.?$/;
/** Runtimes with a limit of their own below the machine's memory. */
const OWN_LIMIT =
  /arraysizepreference|maximumarraysize|arrayistoobig|System\.OutOfMemory|vectormemory(?:exhausted|limit)|cacheresources|mustbeatleast|mlock|LuaAPI|objectheap|pageallocation|mapsegment|^notenoughmemory$|0x800705aa|lockedmemory/i;
/** Programs that reckon before they begin, and go on. */
const FORECAST = /replaybuffer|toavoidOOM|trainmodel$|Skippingthismodel/i;
/** The same in hexadecimal. */
const BELOW_ZERO_HEX = /allocationsize0xffff/i;

const isBelowZero = (text: string): boolean => BELOW_ZERO.test(text) || BELOW_ZERO_HEX.test(text);
/** Counted against a limit that is set: JavaCPP its memory, Spark its results, LMDB its map, STAR its sorting, R its vectors, DuckDB its blocks. */
const COUNTED =
  /physicalBytes|maxResultSize|MDB_MAP_FULL|BAMsorting|vectormemorylimitof|^OutofMemoryError:(?:could|failed)/i;
/** Words that a library wrote itself; which memory it was they need not say. */
const TOLD =
  /MemoryError:\s?(?!Unable|\d|std::bad_?alloc)[a-z]|^C\+\+extension|^Errorallocatingmemoryfor/i;
const REQUESTED_MMAP = clause('unable to mmap {size:size}');
const REQUESTED_CV = clause('Failed to allocate {size:size}');
const REQUESTED_RUST = clause('memory allocation of {size:size}');
const REQUESTED_COMPILER = /outofmemoryallocating(?<size>\d{1,18})bytes/i;
const REQUESTED_R = clause('cannot allocate vector of size {size:size}');
const REQUESTED_ARRAY = clause('allocate {size:size} for array');
const REQUESTED_ARROW = /allocofsize(?<size>\d{1,18})/i;
const REQUESTED_MAC = /(?:vm_map|memory)\(size=(?<size>\d{1,19})\)/i;
/** Rows and columns of MATLAB, with what they come to in front of the sentence. */
const REQUESTED_MATLAB = /\((?<size>\d{1,15}(?:\.\d{1,3})?)(?<size_unit>GB)\)$/i;
const REQUESTED_FOR = /^Allocationof(?<size>[\d.]{1,9})(?<size_unit>[KMGT]B?)for/i;
const REQUESTED_REALLOC =
  /(?:memory\(|reallocforsize|triedtoallocate)(?<size>\d{1,19})(?:bytes\)|failed)/i;
const REQUESTED_GO = /cannotallocate(?<size>\d{1,18})-byteblock/i;

function cluesOf(text: string): readonly Clue[] {
  if (/pinned|page-?locked/i.test(text)) return ['host-allocator', 'pinned-memory'];
  return /mmap/i.test(text) ? ['host-allocator', 'mapping'] : ['host-allocator'];
}

const REQUESTED_JVM =
  /(?:enoughspacefor|failedto(?:map|allocate)|Tryingtoallocate:|len=)(?<size>\d{1,18})(?<size_unit>KB|bytes|B)?/i;
const REQUESTED_PINNED = /(?:memoryof|allocate)(?<size>\d{1,18})bytes/i;

/** What the C library says of errno 12 in the languages of systems, without white space. */
const NO_MEMORY_ELSEWHERE: readonly string[] = [
  'Невозможно выделить память',
  'Не удаётся выделить память',
  "Impossible d'allouer de la mémoire",
  'Impossible d’allouer de la mémoire',
  'メモリを確保できません',
  '无法分配内存',
  '無法配置記憶體',
  '메모리를 할당할 수 없습니다',
  'No se pudo asignar memoria',
  'No se puede asignar memoria',
  'Nicht genügend Hauptspeicher verfügbar',
  'Kann Speicher nicht allozieren',
  'Impossibile allocare memoria',
  'Não foi possível alocar memória',
];
/** What R says of a vector that it cannot make. */
const NO_VECTOR_ELSEWHERE: readonly string[] = [
  'kann Vektor der Größe',
  "impossible d'allouer un vecteur",
  'no se puede ubicar un vector',
];

const squeezed = (texts: readonly string[]): string =>
  texts.map((text) => text.replaceAll(' ', '')).join('|');

const KNOWN =
  /Unabletoallocatearraywithshape\(|\[WinError8\](?!\d)|Cannotallocateblockdataof\d{1,18}bytes|reallocforsize\d{6,18}failed|(?<=ValueError:)arrayistoobig\.|Swapping!OOM!|(?:CPU|host)memoryallocationfailed|Insufficientmemory\(Failedtoallocate\d{1,19}bytes\)|GGML_ASSERT\S{0,200}?mem_buffer!=(?:NULL|nullptr)|Unabletoallocate\d+(?:\.\d*)?[KMGTP]?i?Bforanarray|\[Errno12\]Cannotallocatememory|\(-4:Insufficientmemory\)(?:inFunction)?Failedtoallocate\d+bytes|unabletommap\d+bytes\S{0,200}?Cannotallocatememory|Cannotallocatememorymmapfailedforsize\d{1,18}|(?<=(?:Exception|LightGBMError):['"]?)badallocation(?=['"]?(?:\n|$|[A-Z\u0001]))|(?:OutOfMemoryError:)?Cannotallocatenew\w{3,20}Pointer\(\d{1,19}\)|CPLEXError1001:Outofmemory|GurobiError:Outofmemory|PETSCERROR:Outofmemory|Outofmemory,(?:m|c|re)allocfailed(?:\(triedtoallocate\d{1,20}bytes\))?|CondaMemoryError|OutofMemoryError:(?:couldnotallocateblock|failedto(?:pin|allocate|offload))|Nomorememoryavailable\.Mathematicakernel|galloc:couldnotallocatememory|forrtl:severe\(41\):insufficientvirtualmemory|\[WinError8\]Notenoughmemoryresources|fork:(?:retry:)?Cannotallocatememory|Allocationerror:notenoughmemory|notenoughmemoryforBAMsorting|MKLERROR:\S{0,20}?cannotallocatememory|refusestoprovidememory|insufficientmemoryfortheJavaRuntimeEnvironment|Nativememoryallocation\(\w{3,12}\)failedto(?:map|allocate)\d{1,18}bytes|Couldnotreserveenoughspacefor\d{1,12}KBobjectheap|vectormemorylimitof[\d.]{1,9}[KMG]breached|vectormemoryexhausted\(limitreached\?\)|arrayexceed(?:smaximumarraysizepreference|edthepresetmaximumarraysize)|System\.OutOfMemoryException:|fatalerror:runtime:cannotallocatememory|Systemoutofmemory!Tryingtoallocate:?\d{1,18}B|Ranoutofmemoryallocating\d{1,18}byteswithalignment|[MC]allocreturnsnull:len=\d{1,18}|MEMORYALLOCFAILED:(?:mmap|mlock|VirtualAlloc)failed|exceptionoftypestd::bad_alloc|(?:failed|unable|couldnot|cannot|can't)(?:to)?allocate(?:\d{1,18}bytesof)?(?:pinned|page-?locked)(?:host)?memory(?:of\d{1,18}bytes)?|what\(\):std::bad_alloc|memoryallocationof\d+bytesfailed(?!on(?:GPU|device|CUDA))|(?:OutOfMemoryError:)?Physicalmemoryusageistoohigh:physicalBytes|runtime:outofmemory(?::cannotallocate\d{1,18}-byteblock)?|LLVMERROR:outofmemory|virtualmemoryexhausted:Cannotallocatememory|mkl_malloc:failedtoallocatememory|OPTIX_ERROR_HOST_OUT_OF_MEMORY|(?:cc1(?:plus)?|lto1|collect2|rustc)(?:\.exe)?:outofmemory(?:allocating\d{1,18}bytes)?|OutOfMemoryError\(\)Stacktrace:|cannotallocatevectorofsize[\d.]{1,12}[KMG]b|Errortokenizingdata\.Cerror:outofmemory|Failedto(?:re)?allocate\d{1,18}bytesforarray|mach_vm_map\(size=\d{1,20}(?:,flags:\w{1,8})?\)failed|GNUMP:Cannotallocatememory(?:\(size=\d{1,19}\))?|Notenoughmemorytosafelytrainmodel|Notenoughmemorytotrain\w{2,40}\.\.\.Skippingthismodel|EarlystoppedGBMmodelpriortooptimalresulttoavoidOOM|cacheresourcesexhausted(?=[`'"“])|(?<=ERROR:)Allocate:Nospaceleft|unprotectederrorincalltoLuaAPI\(notenoughmemory\)|enoughmemorytostorethecompletereplaybuffer|failedtoallocateRandomXdataset|Failedto(?:c|m|re)alloc\d{1,20}elementsofsize\d|mmap\(\d{1,19}bytes\)failed;errno12|Couldnotreserveenoughspaceforobjectheap|Systemmemory\d{6,15}mustbeatleast\d{6,15}|Allocationof[\d.]{1,9}[KMGT]B?for\w{1,60}failed|ArrowMemoryError:(?:m|re)allocofsize\d{1,18}failed|pageallocationfailure:order:\d{1,2}(?!\S{0,40}?GFP_ATOMIC)|failedtomapsegmentfromsharedobject(?!:Operationnotpermitted)|systemhasrunoutofapplicationmemory|Wsl\/\S{0,60}?0x800705aa|allocatesomelockedmemory|isbiggerthanspark\.driver\.maxResultSize|MDB_MAP_FULL|requestedallocationsize0x[0-9a-f]{8,16}\S{0,120}?exceedsmaximumsupportedsize|loadsegmentfailed,OOMifload|(?<![a-z])mallocofsize\d{1,18}failed|compilerisoutofheapspace|Outofmemory\.Type"?HELPMEMORY|memoryallocationfailedforrawdatachunk|(?<=\.hxx:\d{1,6}:)Failedtoallocatememoryforimage|(?<=luajit:|PANIC:|lua:)notenoughmemory|'[CR]e?alloc'couldnot(?:re-)?allocatememory\(\d{1,19}(?:bytes|of\d{1,9}bytes)\)|(?<![a-z])Errorallocatingmemoryfor(?!\w{0,40}(?:gpu|cuda|device|vram)|you)[a-z_]\w{0,30}|C\+\+extensionfailedtoallocatethememory(?!.{0,4}(?:gpu|cuda|device))/;

const ANCHOR = new RegExp(
  `${KNOWN.source}|(?:fork:|\\[Errno12\\])(?:${squeezed(NO_MEMORY_ELSEWHERE)})|(?:${squeezed(NO_VECTOR_ELSEWHERE)})`,
  'gi',
);

export const hostAllocation: Reader = {
  id: 'host-allocation',
  code: 'UN421',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Host allocation failed',
      summary:
        'A plain allocation of host memory failed: NumPy’s "Unable to allocate … for an array", errno 12, MemoryError, std::bad_alloc.',
    },
    zh: {
      title: '主机内存分配失败',
      summary:
        '普通的主机内存分配失败：NumPy 的 “Unable to allocate … for an array”、errno 12、MemoryError、std::bad_alloc。',
    },
    ru: {
      title: 'Не удалось выделить память хоста',
      summary:
        'Обычное выделение памяти хоста не удалось: «Unable to allocate … for an array» от NumPy, errno 12, MemoryError, std::bad_alloc.',
    },
  },
  sources: [
    'numpy@v1.26: numpy/core/_exceptions.py',
    'errno(3): ENOMEM',
    'opencv@4.5.4:modules/core/src/alloc.cpp',
    'lammps@stable_23Jun2022:src/memory.cpp',
  ],
  needles: [
    'unable to allocate',
    'cannot allocate memory',
    'bad_alloc',
    'pinned memory of',
    'of pinned memory',
    'of pinned host mem',
    'page-locked',
    'cplex error',
    'gurobierror',
    'petsc error',
    'alloc failed',
    'condamemoryerror',
    'could not allocate block',
    'of memory error: failed',
    'mathematica kernel has',
    'galloc:  could',
    'galloc: could',
    'insufficient virtual memory',
    'winerror 8]',
    'fork: cannot alloc',
    'fork: retry: cannot',
    'error : not enough mem',
    'memory for bam sort',
    'mkl error: ',
    'refuses to provide mem',
    'the java runtime environment',
    'native memory allocation',
    'reserve enough space for',
    'vector memory exhausted',
    'array size preference',
    'outofmemoryexception',
    'runtime: cannot allocate',
    'system out of memory',
    'alloc returns null',
    'memory alloc failed',
    'bad allocation',
    'cannot allocate new ',
    'mmap failed for size',
    'memoryerror',
    'unable to mmap',
    '-4:insufficient memory',
    'memory allocation of',
    'memory usage is too high',
    'allocate vector of size',
    'arrowmemoryerror',
    'bytes for array',
    'unable to open shared memory',
    'runtime: out of memory',
    'llvm error: out of',
    'mkl_malloc: failed',
    'optix_error_host_out',
    'out of memory allocating',
    'outofmemoryerror()',
    'error: out of memory',
    'mach_vm_map(size=',
    'gnu mp: cannot',
    'to safely train model',
    'memory to train ',
    'to avoid oom error',
    'cache resources exhausted',
    'page allocation failure',
    'failed to map segment',
    'run out of application memory',
    '0x800705aa',
    'some locked memory',
    'spark.driver.maxresultsize',
    'mdb_map_full',
    'exceeds maximum supported size',
    'compiler is out of heap',
    'for raw data chunk',
    'oom if load',
    'malloc of size ',
    ': fork: ',
    'vector memory limit of',
    '[errno 12] ',
    'kann vektor der gr',
    'allouer un vecteur',
    'ubicar un vector',
    'allocate: no space left',
    'call to lua api',
    'complete replay buffer',
    'allocate randomx',
    'failed to calloc',
    'failed to malloc',
    'failed to realloc',
    'realloc for size',
    'array is too big',
    'swapping!',
    'pu memory allocation failed',
    'host memory allocation failed',
    'insufficient memory (failed',
    'mem_buffer != n',
    '[winerror 8]',
    'allocate block data',
    'failed; errno 12',
    'space for object heap',
    'system memory ',
    'for suffix_array',
    "alloc' could not",
    'extension failed to alloc',
    'error allocating memory for',
    'allocate memory for image',
    'help memory',
    'not enough memory',
    'preset maximum array',
  ],
  anchor: ANCHOR,
  line: /^(?:\w+\.)*(?:_?Array|Arrow)?MemoryError(?::(?! raised (?:when|by|if)\b).{0,300})?$/,
  precedence: 9,
  read(message): Reading | undefined {
    // A binding raises Python's class for memory of a device, and says so.
    const isOfAmd = OF_AMD.test(message.match[0]);
    if (isOfAmd || OF_DEVICE.test(message.match[0])) {
      if (isOfAmd) message.size('requested', clause('allocate {size:size}'));
      const { facts, end } = message;
      const [framework, backend] = isOfAmd
        ? (['tinygrad', 'hip'] as const)
        : (['cuda', 'cuda'] as const);
      return { kind: 'gpu_oom', framework, backend, facts, clues: [], end };
    }
    // The parser of old Pythons ran out of its own stack.
    if (/s_push:parserstackoverflow$/.test(message.preceding(80))) return undefined;
    // Source code and advice name the same classes and calls.
    if (isAdvice(message) || /\b(?:catch|except)\s?\($/.test(message.lead)) return undefined;
    message.size('requested', REQUESTED) ??
      message.size('requested', REQUESTED_MMAP) ??
      message.size('requested', REQUESTED_MAP) ??
      message.size('requested', REQUESTED_PINNED) ??
      message.size('requested', REQUESTED_JVM) ??
      message.size('requested', REQUESTED_CV) ??
      message.size('requested', REQUESTED_RUST) ??
      message.size('requested', REQUESTED_R) ??
      message.size('requested', REQUESTED_ARRAY) ??
      message.size('requested', REQUESTED_ARROW) ??
      message.size('requested', REQUESTED_COMPILER) ??
      message.size('requested', REQUESTED_GO) ??
      message.size('requested', REQUESTED_MAC) ??
      message.size('requested', REQUESTED_FOR) ??
      message.size('requested', REQUESTED_REALLOC);
    const ofMatlab = /^array/i.test(message.match[0])
      ? REQUESTED_MATLAB.exec(message.before)
      : null;
    if (ofMatlab !== null) message.take('requested', ofMatlab, { offset: -message.before.length });
    return {
      kind: 'host_oom',
      framework: 'system',
      backend: 'cpu',
      ...(/bad_?alloc/i.test(message.match[0]) && { wording: 'bad-alloc' }),
      ...(TOLD.test(message.match[0]) && { wording: 'told' }),
      ...(OWN_LIMIT.test(message.match[0]) && { wording: 'own-limit' }),
      ...(/Pointer\(/i.test(message.match[0]) && { wording: 'javacpp' }),
      ...(COUNTED.test(message.match[0]) && { wording: 'counted' }),
      facts: message.facts,
      clues: FORECAST.test(message.match[0])
        ? ['host-allocator', 'only-a-warning']
        : isBelowZero(message.match[0])
          ? ['host-allocator', 'absurd-request']
          : COUNTED.test(message.match[0])
            ? ['arena-limit']
            : cluesOf(message.match[0]),
      end: message.end,
    };
  },
};
