/**
 * Programs that print the number of a result and not its name: "vkAllocateMemory failed -10", "Failed to
 * create OpenCL buffer: -61", "cudaMalloc returned 2". Whose number it is the words in front of it tell.
 */
import { isAdvice } from '../advice.ts';
import type { Backend, Clue, IncidentKind, Message, Reader, Reading } from '../reader.ts';

/** What a number means: device memory, host memory, a limit of one piece or of a count, a library's scratch. */
type Meaning = 'device' | 'host' | 'limit' | 'count' | 'library' | 'video';

interface Api {
  readonly framework: string;
  readonly backend: Backend;
  /** How the name of a call begins, or what the API itself is called in front of a result. */
  readonly names: string;
  readonly numbers: Readonly<Record<string, Meaning>>;
}

/** Words between a call and its number, as printed. */
const WORD =
  'failed|fails|fail|failure|error|err|errno|returned|return|result|status|code|with|was|got|ret|rc|value|creating|a?buffer|image|memory|allocation|plan|at|in|api|line|\\d{1,5}(?= with)';
const BETWEEN = `(?:\\([^()]{0,120}\\))?(?:[ :=!(,."'#-]{0,3}\\b(?:${WORD})\\b){0,8}[ :=!(,."'#\\[]{0,4}`;
/** Of the line: a result is told, and no figure of merit, test, explanation or list. */
const TELLS =
  /fail|error|\berr\b|unable|could not|could ?n['o’]t|returned|\bcode\b|\b(?:ret|rc) ?=|Result|_t\(/i;
const IS_ELSE =
  /expected|toleran|\btol\b|\brel(?:ative)?\b|\babs\b|\bmax(?:imum)?\b.{0,20}\berr|\bPASS|\bok\b|\bcount\b|\breturns \S{1,8} when\b|no longer|\bfix(?:ed|es)?\b|\bin use\b|\bin cache\b|^\s*(?:[-*•] |#{1,4} |\d+\. |v\d|case\b|enum\b|static\b|const\b|\|)|[{};|]\s*$|["'],|(?:CUDNN|CUBLAS|CUSPARSE|CUSOLVER)_STATUS_(?!ALLOC)|\| *-?\d+ *\|/i;

/** Scratch of a library on a card of CUDA. */
const ofCudaLibrary = (names: string, ...numbers: readonly string[]): Api => ({
  framework: 'cuda',
  backend: 'cuda',
  names,
  numbers: Object.fromEntries(numbers.map((number) => [number, 'library'])),
});

const APIS: readonly Api[] = [
  {
    framework: 'vulkan',
    backend: 'vulkan',
    names: 'vk(?:Allocate|Create(?:Buffer|Image)|Bind)|VkResult',
    numbers: { '-1': 'host', '-2': 'device', '-10': 'count' },
  },
  {
    framework: 'opencl',
    backend: 'opencl',
    names:
      'cl(?:Create|Enqueue|BuildProgram)|OpenCL(?=error|buffer|call)|enqueue ?kernel|\\bcl\\](?=failed)',
    numbers: { '-4': 'device', '-6': 'host', '-61': 'limit' },
  },
  {
    framework: 'cuda',
    backend: 'cuda',
    names:
      'cudaMalloc|cuMem(?:Alloc|Create)|CUresult(?=error|failure)|CUDA(?:driver|runtime)?(?=error|failure)',
    numbers: { '2': 'device' },
  },
  {
    framework: 'hip',
    backend: 'hip',
    names: 'hipMalloc|HIP(?=error)|hipError_t',
    numbers: { '2': 'device', '1002': 'device' },
  },
  ofCudaLibrary('cublas(?=error|failure|Create)', '3'),
  // cuDNN gave its numbers anew in version 9.
  ofCudaLibrary(
    'cudnn(?=error|failure|Create)|cufft(?=error|failure|Plan|Exec)|cusolver(?=error|DnCreate)',
    '2',
  ),
  ofCudaLibrary('cusparse(?=error|API|Create)', '2', '11'),
  ofCudaLibrary('curand(?=error|Create)', '102'),
  {
    framework: 'hip',
    backend: 'hip',
    names: 'miopen(?=error)',
    numbers: { '4': 'library' },
  },
  {
    framework: 'nvjpeg',
    backend: 'cuda',
    names: 'nvJPEG(?=error)',
    numbers: { '5': 'video' },
  },
  {
    framework: 'level-zero',
    backend: 'xpu',
    names: 'zeMemAlloc',
    numbers: { '0x70000002': 'host', '0x70000003': 'device' },
  },
  {
    framework: 'direct3d',
    backend: 'direct3d',
    names:
      'Create(?:Texture[123]D|Buffer|CommittedResource|PlacedResource|Heap)(?=[^\\u0001]{0,60}8007000e)',
    numbers: { '0x8007000e': 'device', '8007000e': 'device' },
  },
  {
    framework: 'vaapi',
    backend: 'opengl',
    names: 'vaCreate(?:Surfaces|Context|Buffer|Image)',
    numbers: { '2': 'video' },
  },
  {
    framework: 'rockchip',
    backend: 'npu',
    names: 'rknn_(?:init|run|inputs_set)',
    numbers: { '-4': 'device' },
  },
];

/** Names that say it all; whose they are stands in them. */
const NAMED: readonly (readonly [string, string, Backend, Meaning])[] = [
  ['VA_STATUS_ERROR_ALLOCATION_FAILED', 'vaapi', 'opengl', 'video'],
  ['MFX_ERR_MEMORY_ALLOC', 'quick-sync', 'xpu', 'video'],
  ['MFXsession:?memoryallocationfailed', 'quick-sync', 'xpu', 'video'],
  ['AMF_OUT_OF_MEMORY', 'amf', 'hip', 'video'],
  ['RKNN_ERR_MALLOC_FAIL', 'rockchip', 'npu', 'device'],
  ['QNN_COMMON_ERROR_MEM_ALLOC', 'qnn', 'npu', 'device'],
  ['MIOpenError:outofmemory', 'miopen', 'hip', 'library'],
];

/** A call begins the match; what stands behind it on its line is looked at once, not searched for. */
const ANCHOR = new RegExp(
  [...NAMED.map(([name]) => name), ...APIS.map(({ names }) => names)].join('|'),
  'gi',
);

const NAMES = NAMED.map(([name, framework, backend, meaning]) => ({
  pattern: new RegExp(`^(?:${name})`, 'i'),
  framework,
  backend,
  meaning,
}));

/** The same as printed: white space stands where it was. */
const CALLS = APIS.map((api) => ({
  api,
  pattern: new RegExp(
    `^(?:${api.names.replaceAll(/\(\?=([^()]*)\)/g, '(?= ?(?:$1))')})\\w{0,40}${BETWEEN}(?<number>${Object.keys(api.numbers).join('|')})(?![\\w%]|[.:/-]\\d|, ?\\d)`,
    'i',
  ),
}));

/** A call, its arguments and its result. */
const LONGEST = 240;

interface Told {
  readonly framework: string;
  readonly backend: Backend;
  readonly meaning: Meaning;
  /** In squeezed text. */
  readonly length: number;
}

function toldBy(message: Message): Told | undefined {
  const lead = message.leadOnLine;
  const [rest = ''] = message.original(0, LONGEST).split(/[\r\n]/, 1);
  if (IS_ELSE.test(lead + rest)) return undefined;
  const named = NAMES.find(({ pattern }) => pattern.test(message.match[0]));
  if (named !== undefined) {
    const { framework, backend, meaning } = named;
    // In a list of names it is one of many.
    return /,\s*\w+_[A-Z]|=\s*-?\d|#\s?define/.test(lead + rest)
      ? undefined
      : { framework, backend, meaning, length: 0 };
  }
  for (const { api, pattern } of CALLS) {
    const match = pattern.exec(rest);
    const meaning = api.numbers[match?.groups?.['number']?.toLowerCase() ?? ''];
    if (match === null || meaning === undefined || !TELLS.test(lead + match[0])) continue;
    const length = match[0].replaceAll(/\s/g, '').length;
    return { framework: api.framework, backend: api.backend, meaning, length };
  }
  return undefined;
}

const CLUES: Readonly<Record<Meaning, readonly Clue[]>> = {
  device: [],
  host: ['host-allocator'],
  limit: ['per-buffer-limit'],
  count: [],
  library: ['library-workspace'],
  video: [],
};

/** Objects are counted by a driver as bytes are. */
const WORDINGS: Partial<Readonly<Record<Meaning, string>>> = { count: 'resource-limit' };

const KINDS: Partial<Readonly<Record<Meaning, IncidentKind>>> = {
  host: 'host_oom',
  count: 'look_alike',
};

export const statusNumber: Reader = {
  id: 'status-number',
  code: 'UN494',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'A result as a number',
      summary:
        'A call of CUDA, HIP, Vulkan, OpenCL, Level Zero, Direct3D, VA-API or one of their libraries, with the number of its result in place of the name.',
    },
    zh: {
      title: '只有编号的返回值',
      summary:
        'CUDA、HIP、Vulkan、OpenCL、Level Zero、Direct3D、VA-API 或其库的调用，只给出返回值的编号而没有名称。',
    },
    ru: {
      title: 'Результат числом',
      summary:
        'Вызов CUDA, HIP, Vulkan, OpenCL, Level Zero, Direct3D, VA-API или их библиотек, где вместо имени результата стоит его номер.',
    },
  },
  sources: [
    'Vulkan-Headers@v1.3.280: vulkan_core.h, VkResult',
    'Khronos/OpenCL-Headers@v2023.12.14:CL/cl.h',
    'CUDA Toolkit 12.4: cudaError_t, cublasStatus_t, cufftResult, cusparseStatus_t, cusolverStatus_t, curandStatus_t, nvjpegStatus_t',
    'MIOpen@rocm-6.0: miopenStatus_t',
    'level-zero@v1.16: ze_result_t',
    'libva@2.20: va.h',
    'oneVPL@2023.4: mfxStatus',
    'rknn-toolkit2: rknn_api.h',
  ],
  needles: [
    'vkallocatememory',
    'vkcreatebuffer',
    'vkcreateimage',
    'vkbindbuffer',
    'vkbindimage',
    'vkresult: ',
    'vkresult = ',
    'vkresult -',
    'opencl error',
    'enqueue kernel',
    ' cl] failed: ',
    'curesult error',
    'opencl buffer',
    'opencl call',
    'clcreate',
    'clenqueue',
    'clbuildprogram',
    'cudamalloc',
    'cuda error',
    'cuda failure',
    'cuda runtime error',
    'cuda driver error',
    'cumemalloc',
    'cumemcreate',
    'hipmalloc',
    'hip error',
    'hiperror_t',
    'cublas error',
    'cublas failure',
    'cublascreate',
    'cudnn error',
    'cudnn failure',
    'cudnncreate',
    'cufft error',
    'cufft failure',
    'cufftplan',
    'cufftexec',
    'cusparse error',
    'cusparse api',
    'cusparsecreate',
    'cusolver error',
    'cusolverdncreate',
    'curand error',
    'curandcreate',
    'nvjpeg error',
    'miopen error',
    'zememalloc',
    '8007000e',
    'va_status_error_alloc',
    'vacreate',
    'resource allocation failed',
    'mfx_err_memory',
    'mfx session',
    'amf_out_of_memory',
    'rknn_init',
    'rknn_run(',
    'rknn_run ',
    'rknn_inputs',
    'rknn_err_malloc',
    'qnn_common_error_mem',
  ],
  anchor: ANCHOR,
  precedence: 10,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const told = toldBy(message);
    if (told === undefined) return undefined;
    const { framework, backend, meaning } = told;
    const kind = KINDS[meaning] ?? 'gpu_oom';
    return {
      kind,
      framework,
      backend: kind === 'host_oom' ? 'cpu' : backend,
      wording: WORDINGS[meaning] ?? meaning,
      facts: message.facts,
      clues: CLUES[meaning],
      end: Math.max(told.length, message.end),
    };
  },
};
