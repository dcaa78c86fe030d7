/**
 * ggml's backends cannot get a buffer: llama.cpp and what embeds it. One failure is printed in
 * several lines, by the backend, the allocator and the caller; they are one message here.
 */
import { isAdvice } from '../advice.ts';
import { BUFFER_NAME, holderOf, type Part, partBefore, programOf, takeBuffers } from '../ggml.ts';
import type { Backend, Clue, Message, Reader, Reading } from '../reader.ts';

const NUMBER = String.raw`\d{1,15}(?:\.\d{1,4})?`;

/** What the backend prints, with its own figure. */
const BACKEND = [
  String.raw`allocating${NUMBER}MiBondevice\d{1,3}:(?:cuda|hip|musa|aclrt)Malloc\w{0,20}failed(?::outofmemory)?`,
  String.raw`(?:ggml_vulkan:)?Devicememoryallocationofsize\d{1,20}failed`,
  String.raw`ggml_\w{1,60}:(?:error:)?failedtoallocate(?:'\w{1,20}')?buffer,size=${NUMBER}Mi?B`,
  String.raw`ggml_metal_add_buffer:buffer'\w{1,20}'size\d{1,20}islargerthanbuffermaximumof\d{1,20}`,
  String.raw`can'tallocate\d{1,20}Bytesofmemoryondevice`,
  String.raw`ggml_backend_cpu_buffer_type_alloc_buffer:failedtoallocatebufferofsize\d{1,20}`,
  String.raw`ggml_aligned_malloc:insufficientmemory\(attemptedtoallocate${NUMBER}MB\)`,
  String.raw`ggml_backend_opencl\w{1,50}:failedtoallocate${NUMBER}MiB`,
].join('|');

/** What the allocator prints after it: the buffer's name and its exact size. */
const ALLOCATOR = String.raw`(?:(?:alloc_tensor_range|ggml_gallocr_\w{1,30}):)?failedtoallocate${BUFFER_NAME}bufferofsize\d{1,20}`;

/** What the callers print: which part it was. */
const CALLER = [
  String.raw`unabletoallocate(?:${BUFFER_NAME}|backend)[^\u0001]{0,24}?buffer`,
  'failedtoallocate(?:the)?compute(?:pp|tg)?buffers?',
  'failedtoallocatebufferforkvcache',
  String.raw`llama_kv_cache_init\(\)failedfor\w{1,20}-attentioncache`,
  'allocparamsbackendbufferfailed',
  String.raw`whisper_\w{1,40}:failedtoallocatememoryforthe(?:model|kvcache|computegraph|\w{1,20}decoder)`,
  String.raw`llamarunnerprocess(?:hasterminated|nolongerrunning):\S{0,160}?(?:cudaMallocfailed:outofmemory|error:outofmemory|unabletoallocate\w{1,20}buffer|failedtoallocate\w{0,24}buffers?|failedtocreatecontextwithmodel)(?:[^\u0001]{0,30}?currentdevice:-?\d{1,3},infunction\w{1,80})?`,
  String.raw`ggml_vulkan:\S{0,160}?ErrorOutOfDeviceMemory`,
  String.raw`(?:CUDA|ROCm|HIP|MUSA)error:?(?:outofmemory|theresourceallocationfailed|CUBLAS_STATUS_ALLOC_FAILED)[^\u0001]{0,60}?currentdevice:-?\d{1,3},infunction\w{1,80}`,
  String.raw`(?:CUDA|ROCm|HIP)error\d{1,3}at\S{0,160}?ggml-cuda\S{0,60}?:outofmemory`,
  String.raw`cuBLASerror\d{1,3}at\S{0,160}?ggml-cuda\S{0,60}?:(?:theresourceallocationfailed|CUBLAS_STATUS_ALLOC_FAILED)`,
].join('|');

const RETRY = 'retryingwithoutpipelineparallelism';
const FIT = 'failedtofitparams|encounteredanerrorwhiletryingtofitparams';
const PINNED = `failedtoallocate${NUMBER}Mi?Bofpinnedmemory`;
const POOL = String.raw`notenoughspaceinthe(?:context's|scratch)memorypool(?:\(needed\d{1,20},available\d{1,20}\))?|notenoughspaceinthebuffer(?:\(needed\d{1,20},(?:largestblock)?available\d{1,20}\))?`;
const POOL_NEEDED = /\(needed(?<size>\d{1,20})/i;
const POOL_LEFT = /available(?<size>\d{1,20})/i;

/** Text between two lines of one event; another failure's first line is not skipped. */
const gap = (length: number): string => `(?:(?!${BACKEND})[^]){0,${length}}?`;

const ANCHOR = new RegExp(
  `(?:(?:${BACKEND})(?:${gap(600)}(?:${ALLOCATOR}))?|${ALLOCATOR}|${CALLER})` +
    `(?:${gap(300)}(?:${CALLER})){0,4}` +
    `(?:${gap(300)}${RETRY}(?:${gap(200)}(?:${BACKEND}))?(?:${gap(600)}(?:${ALLOCATOR}))?(?:${gap(300)}(?:${CALLER})){0,2})?` +
    `|${FIT}|${PINNED}|${POOL}`,
  'gi',
);

const EXACT = new RegExp(
  `failedtoallocate(?<name>${BUFFER_NAME})bufferofsize(?<size>\\d{1,20})`,
  'i',
);
const NAMED = new RegExp(`unabletoallocate(?<name>${BUFFER_NAME})`, 'i');
const SIZES: readonly RegExp[] = [
  /Devicememoryallocationofsize(?<size>\d{1,20})failed/i,
  /can'tallocate(?<size>\d{1,20})Bytesofmemory/i,
  /failedtoallocatebufferofsize(?<size>\d{1,20})/i,
  /buffer'\w{1,20}'size(?<size>\d{1,20})islarger/i,
  /allocating(?<size>\d{1,15}(?:\.\d{1,4})?)(?<size_unit>MiB)ondevice/i,
  /buffer,size=(?<size>\d{1,15}(?:\.\d{1,4})?)(?<size_unit>Mi?B)/i,
  /attemptedtoallocate(?<size>\d{1,15}(?:\.\d{1,4})?)(?<size_unit>MB)/i,
  /failedtoallocate(?<size>\d{1,15}(?:\.\d{1,4})?)(?<size_unit>Mi?B)/i,
];
const MAXIMUM = /islargerthanbuffermaximumof(?<size>\d{1,20})/i;
const ON_DEVICE = /ondevice(?<index>\d{1,3}):|currentdevice:(?<current>\d{1,3}),/i;
const FUNCTION = /infunction(?<name>\w{1,80}?)at/i;

const NO_DEVICE =
  /^[^\u0001]{0,120}?pinnedmemory:?(?:noCUDA-capable|systemhasunsupported|CUDAdriverversion|initializationerror|invaliddevice)/i;

const PER_BUFFER = /exceedsdevice(?:memoryallocation|buffersize)limit/i;

/** No card has so much: an overflow. */
const ABSURD = 2 ** 50;

function partOf(text: string): Part | undefined {
  if (/kvcache|attentioncache/i.test(text)) return 'kv';
  if (/gallocr|compute(?:pp|tg)?buffer|computegraph/i.test(text)) return 'compute';
  if (/alloc_tensor_range|unabletoallocate|allocparams|forthemodel|add_buffer/i.test(text))
    return 'weights';
  return undefined;
}

const CLUES: Readonly<Record<Part, Clue>> = {
  weights: 'allocating-weights',
  kv: 'allocating-kv',
  compute: 'allocating-compute',
};

/** The backend where the message names no buffer: by what stands around it. */
function backendNear(message: Message): Backend {
  const text = message.match[0];
  if (/vulkan/i.test(text)) return 'vulkan';
  if (/metal/i.test(text)) return 'metal';
  if (/aclrt/i.test(text)) return 'npu';
  if (/opencl/i.test(text)) return 'opencl';
  if (/Bytesofmemoryondevice/i.test(text)) return 'xpu';
  const near = `${message.preceding(2000)}${text}${message.text.slice(text.length, text.length + 200)}`;
  if (/ROCm|hipMalloc|HIPerror|MUSAerror/i.test(near)) return /MUSA/i.test(near) ? 'musa' : 'hip';
  if (/CUDA/i.test(near)) return 'cuda';
  if (/Vulkan\d/i.test(near)) return 'vulkan';
  if (/SYCL\d/i.test(near)) return 'xpu';
  return /ggml_metal/i.test(near) ? 'metal' : 'cuda';
}

/** A backend's line alone does not say whose buffer it is; while a graph runs it is nobody's of a load. */
const partOfStage = (message: Message): Part | undefined =>
  /infunction|createcontext/i.test(message.match[0]) ? undefined : partBefore(message);

function phaseOf(text: string, part: Part | undefined, program: string): Reading['phase'] {
  if (program === 'stable-diffusion.cpp' && part === 'compute') return undefined;
  if (part === 'weights') return 'load';
  // A context makes its KV cache and then its compute buffers.
  if (part !== undefined || /createcontext/i.test(text)) return 'kv_alloc';
  // The pool of a backend grows only while a graph runs.
  if (/infunction/i.test(text)) return 'generate';
  return /llamarunnerprocess/i.test(text) ? 'load' : undefined;
}

/** Lines that are a whole message by themselves. */
function readSingle(message: Message): Reading | undefined {
  const text = message.match[0];
  const end = text.length;
  const framework = programOf(message);
  // Memory of the host that the device is to read has the device's limit of one buffer.
  if (/pinnedmemory/i.test(text) && !PER_BUFFER.test(text)) {
    takeSize(message);
    return {
      kind: 'host_oom',
      framework,
      backend: 'cpu',
      wording: 'pinned',
      facts: message.facts,
      clues: ['pinned-memory', 'only-a-warning'],
      end,
    };
  }
  if (/memorypool|spaceinthebuffer/i.test(text)) {
    const [needed, left] = [POOL_NEEDED.exec(text), POOL_LEFT.exec(text)];
    if (needed !== null) message.take('requested', needed);
    if (left !== null) message.take('arena_free', left);
    return {
      kind: 'look_alike',
      framework,
      backend: 'cpu',
      wording: 'memory-pool',
      facts: message.facts,
      clues: ['arena-limit'],
      end,
    };
  }
  if (!/fitparams/i.test(text)) return undefined;
  return {
    kind: 'gpu_oom',
    framework,
    backend: backendNear(message),
    wording: 'fit',
    phase: 'load',
    facts: message.facts,
    clues: ['only-a-warning'],
    end,
  };
}

function takeSize(message: Message): void {
  const text = message.match[0];
  for (const pattern of [EXACT, ...SIZES]) {
    const match = pattern.exec(text);
    if (match === null) continue;
    message.take('requested', match);
    return;
  }
}

export const llamaCpp: Reader = {
  id: 'llama-cpp',
  code: 'UN445',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'llama.cpp and what embeds it (ggml)',
      summary:
        'A ggml backend (CUDA, ROCm, Vulkan, Metal, SYCL, CANN, CPU) cannot get a buffer for weights, KV cache or compute: llama.cpp, ollama, LM Studio, llamafile, KoboldCpp, whisper.cpp, stable-diffusion.cpp.',
    },
    zh: {
      title: 'llama.cpp 及内置它的程序（ggml）',
      summary:
        '某个 ggml 后端（CUDA、ROCm、Vulkan、Metal、SYCL、CANN、CPU）分不到权重、KV 缓存或计算所需的缓冲区：llama.cpp、ollama、LM Studio、llamafile、KoboldCpp、whisper.cpp、stable-diffusion.cpp。',
    },
    ru: {
      title: 'llama.cpp и программы на его основе (ggml)',
      summary:
        'Бэкенд ggml (CUDA, ROCm, Vulkan, Metal, SYCL, CANN, CPU) не получает буфер под веса, KV-кэш или вычисления: llama.cpp, ollama, LM Studio, llamafile, KoboldCpp, whisper.cpp, stable-diffusion.cpp.',
    },
  },
  sources: [
    'llama.cpp@b6000:ggml/src/ggml-alloc.c',
    'llama.cpp@b6000:ggml/src/ggml-cuda/ggml-cuda.cu',
    'llama.cpp@b6000:ggml/src/ggml-vulkan/ggml-vulkan.cpp',
    'llama.cpp@b3600:src/llama.cpp',
    'whisper.cpp@v1.7.4:src/whisper.cpp',
    'ollama@v0.5.7:llm/status.go',
  ],
  needles: [
    'malloc failed: ',
    'buffer of size',
    'device memory allocation of size',
    'erroroutofdevicememory',
    'failed to allocate',
    "'t allocate ",
    'larger than buffer maximum',
    'ggml_aligned_malloc',
    'unable to allocate',
    'failed for self-attention cache',
    'alloc params backend buffer',
    'llama runner process',
    'error: out of memory',
    'resource allocation failed',
    ': out of memory',
    'to fit params',
    'pinned memory',
    "context's memory pool",
    'scratch memory pool',
    'space in the buffer',
  ],
  anchor: ANCHOR,
  read(message): Reading | undefined {
    // Without ggml's name or its figures these are anybody's words.
    if (/spaceinthebuffer$/i.test(message.match[0]) && !/ggml/i.test(message.preceding(300)))
      return undefined;
    // Without a device everything is refused; that is told in words of its own.
    if (/pinnedmemory$/i.test(message.match[0]) && NO_DEVICE.test(message.text)) return undefined;
    const single = readSingle(message);
    if (single !== undefined) return single;
    const text = message.match[0];
    const name = (EXACT.exec(text) ?? NAMED.exec(text))?.groups?.['name'];
    const isHost = /ggml_backend_cpu_|ggml_aligned_malloc/i.test(text) || isWhisperOnHost(message);
    const holder = name === undefined ? undefined : holderOf(name);
    const backend = isHost ? 'cpu' : (holder?.backend ?? backendNear(message));
    takeSize(message);
    if (message.facts.length === 0 && isAdvice(message)) return undefined;
    const size = message.facts[0]?.value;
    const clues: Clue[] = [];
    if (size !== undefined && ('unknown' in size || size.mid > ABSURD))
      clues.push('absurd-request');
    const maximum = MAXIMUM.exec(text);
    if (maximum !== null) message.take('max_alloc', maximum);
    if (maximum !== null || PER_BUFFER.test(text)) clues.push('per-buffer-limit');
    const following = message.text.slice(text.length, text.length + 300);
    const part = partOf(text) ?? partOf(callerIn(following)) ?? partOfStage(message);
    if (part !== undefined) clues.push(CLUES[part]);
    if (/retryingwithout/i.test(text)) {
      // The second try stands behind it, or there was none to tell of.
      const tries = text.slice(text.search(/retryingwithout/i));
      clues.push(/failed/i.test(tries) ? 'retries-smaller' : 'only-a-warning');
    }
    if (/resourceallocationfailed|ALLOC_FAILED/i.test(text))
      clues.push('library-workspace', 'may-be-no-memory');
    // A context can fail for other reasons, and this line does not say which.
    if (/createcontextwithmodel$/i.test(text) && !/allocat|memory/i.test(text))
      clues.push('may-be-no-memory');
    const where = ON_DEVICE.exec(text)?.groups;
    const index = where?.['index'] ?? where?.['current'];
    const device = backend === 'cpu' ? undefined : (holder?.device ?? numberOf(index));
    const program = programOf(message);
    const phase = phaseOf(text, part, program);
    const inFunction = FUNCTION.exec(text + following)?.groups?.['name'];
    const counts = takeBuffers(message);
    return {
      kind: backend === 'cpu' ? 'host_oom' : 'gpu_oom',
      framework: program,
      backend,
      wording: inFunction === undefined ? 'buffer' : 'pool',
      facts: message.facts,
      counts,
      clues: backend === 'cpu' ? ['host-allocator', ...clues] : clues,
      end: text.length,
      ...(device !== undefined && { device }),
      ...(phase !== undefined && { phase }),
    };
  },
};

/** whisper.cpp's sentence names no device; without a sign of one it is the CPU's. */
function isWhisperOnHost(message: Message): boolean {
  const text = message.match[0];
  if (!/^whisper_/i.test(text) || /Malloc|memoryallocation/i.test(text)) return false;
  return !/CUDA|ROCm|Vulkan|Metal|SYCL|usegpu=1/i.test(message.preceding(3000) + text);
}

const numberOf = (digits: string | undefined): number | undefined =>
  digits === undefined ? undefined : Number(digits);

/** The first caller's line behind a message, where the message has none. */
const callerIn = (text: string): string => new RegExp(CALLER, 'i').exec(text)?.[0] ?? '';
