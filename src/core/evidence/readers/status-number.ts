/**
 * Programs that print the number of a result and not its name: "vkAllocateMemory failed -10", "Failed to
 * create OpenCL buffer: -61", "cudaMalloc returned 2". Whose number it is the words in front of it tell.
 */
import { isAdvice } from '../advice.ts';
import type { Backend, Clue, IncidentKind, Reader, Reading } from '../reader.ts';

/** What a number means: device memory, host memory, a limit of one piece or of a count, a library's scratch. */
type Meaning = 'device' | 'host' | 'limit' | 'count' | 'library' | 'video' | 'commit';

interface Api {
  readonly framework: string;
  readonly backend: Backend;
  /** What names the API: its calls, or itself. */
  readonly names: string;
  readonly numbers: Readonly<Record<string, Meaning>>;
}

/** Words and signs between a call and its number. */
const WORD =
  'failed|fails|failure|error|err|errno|returned|returns|return|reports?|result|status|code|with|was|is|got|ret|rc|in|value|creating|a?buffer|image|memory|allocation|plan|[-=:!(<>\\[,.\'"#]';
/** One word around tells that it is a result. */
const TELLS = /fail|error|err[=:]|unable|couldnot|return|result|status|code|ret=|rc=|_t\(/i;
/** What may stand right behind a number: no further digit, no unit. White space is gone, so words follow at once. */
const ENDS =
  '(?!\\d|[./:-]\\d|%)(?=$|[^a-z_]|at|in|on|from|when|while|during|for|after|file|line|insufficient|out|mem|resource)';
/** Arguments of the call. */
const ARGUMENTS = '(?:\\([^()\\u0001]{0,120}\\))?';

const APIS: readonly Api[] = [
  {
    framework: 'vulkan',
    backend: 'vulkan',
    names: 'vk(?:Allocate|Create|Bind|Map)|VkResult',
    numbers: { '-1': 'host', '-2': 'device', '-10': 'count' },
  },
  {
    framework: 'opencl',
    backend: 'opencl',
    names: 'cl(?:Create|Enqueue|Build)|OpenCL(?=error|buffer|call|status|result|fail|returned)',
    numbers: { '-4': 'device', '-6': 'host', '-61': 'limit' },
  },
  {
    framework: 'cuda',
    backend: 'cuda',
    names:
      'cuda(?:Malloc|Memcpy|Memset)|cuMem(?:Alloc|Create)|CUDA(?:driver|runtime)?(?=error|fail|status|result)',
    numbers: { '2': 'device' },
  },
  {
    framework: 'hip',
    backend: 'hip',
    names: 'hip(?:Malloc|Memcpy|Memset)|HIP(?=error|fail|status|result)|hipError_t',
    numbers: { '2': 'device', '1002': 'device' },
  },
  {
    framework: 'cuda',
    backend: 'cuda',
    names: 'cublas(?=error|fail|status|Create|Set)',
    numbers: { '3': 'library' },
  },
  {
    framework: 'cuda',
    backend: 'cuda',
    names: '(?:cudnn|cufft|cusolver)(?=error|fail|status|Create|Plan|Make|Exec)',
    numbers: { '2': 'library' },
  },
  {
    framework: 'cuda',
    backend: 'cuda',
    names: 'cusparse(?=error|fail|status|API|Create|Sp)',
    numbers: { '2': 'library', '11': 'library' },
  },
  {
    framework: 'cuda',
    backend: 'cuda',
    names: 'curand(?=error|fail|status|Create|Gen)',
    numbers: { '102': 'library' },
  },
  {
    framework: 'hip',
    backend: 'hip',
    names: 'miopen(?=error|fail|status|Create|Find)',
    numbers: { '4': 'library' },
  },
  {
    framework: 'nvjpeg',
    backend: 'cuda',
    names: 'nvJPEG(?=error|fail|status)',
    numbers: { '5': 'video' },
  },
  {
    framework: 'level-zero',
    backend: 'xpu',
    names: 'zeMemAlloc|zeModuleCreate|zeCommand(?:Queue|List)Create',
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
    names: 'va(?:Create(?:Surfaces|Context|Buffer|Image)|PutImage|ExportSurfaceHandle)',
    numbers: { '2': 'video' },
  },
  {
    framework: 'rockchip',
    backend: 'npu',
    names: 'rknn_(?:init|run|inputs_set|create_mem)',
    numbers: { '-3': 'device' },
  },
  {
    framework: 'linux',
    backend: 'none',
    names:
      '(?:amdgpu|amdkfd|i915|nouveau|radeon)(?=[^\\u0001]{0,60}alloc[^\\u0001]{0,60}-12)[^\\u0001\\d]{0,60}',
    numbers: { '-12': 'device' },
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
  ['NTSTATUS:?0xc000012d', 'windows', 'cpu', 'commit'],
];

/** A call begins the match; what stands behind it is looked at once, not searched for. */
const ANCHOR = new RegExp(
  [...NAMED.map(([name]) => name), ...APIS.map(({ names }) => names)].join('|'),
  'gi',
);

/** Behind a call and its own name's end: words, and one of the numbers. */
const CALLS = APIS.map((api) => ({
  api,
  pattern: new RegExp(
    `^(?:${api.names})\\w{0,40}?${ARGUMENTS}(?:${WORD}){1,8}?(?<number>${Object.keys(api.numbers).join('|')})${ENDS}`,
    'i',
  ),
}));

/** A call, its arguments and its result. */
const LONGEST = 240;

interface Told {
  readonly framework: string;
  readonly backend: Backend;
  readonly meaning: Meaning;
}

/** @param text from the call on. @param before what stands in front of it. */
function toldBy(text: string, before: string): (Told & { readonly length: number }) | undefined {
  const named = NAMED.find(([name]) => new RegExp(`^(?:${name})`, 'i').test(text));
  if (named !== undefined) {
    const [, framework, backend, meaning] = named;
    return { framework, backend, meaning, length: 0 };
  }
  for (const { api, pattern } of CALLS) {
    const match = pattern.exec(text);
    const meaning = api.numbers[match?.groups?.['number']?.toLowerCase() ?? ''];
    if (match === null || meaning === undefined || !TELLS.test(before + match[0])) continue;
    return { framework: api.framework, backend: api.backend, meaning, length: match[0].length };
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
  commit: ['paging-file'],
};

/** Objects are counted by a driver as bytes are. */
const WORDINGS: Partial<Readonly<Record<Meaning, string>>> = { count: 'resource-limit' };

const KINDS: Partial<Readonly<Record<Meaning, IncidentKind>>> = {
  host: 'host_oom',
  commit: 'host_oom',
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
    'cuda status',
    'cuda result',
    'cumemalloc',
    'cumemcreate',
    'hipmalloc',
    'hip error',
    'hiperror_t',
    'cublas error',
    'cublas failure',
    'cublas status',
    'cublascreate',
    'cudnn error',
    'cudnn failure',
    'cudnn status',
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
    'ntstatus',
    'amdgpu: ',
    'allocation failed -12',
  ],
  anchor: ANCHOR,
  precedence: 10,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const told = toldBy(message.text.slice(0, LONGEST), message.leadOnLine.slice(-60));
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
