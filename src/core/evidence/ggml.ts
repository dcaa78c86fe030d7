/** What every program around ggml prints alike: buffers and their names, and which program it is. */
import type { Fact } from '../ledger/fact.ts';
import type { Backend, Counts, Message } from './reader.ts';

/** Squeezed characters in front of and behind a failure in which its own load is looked for. */
const AROUND = 4000;

/** Names of buffer types: the backend, an index, a kind. */
export const BUFFER_NAME: string = String.raw`(?:(?:CUDA|ROCm|HIP|MUSA|Vulkan|SYCL|CANN|Metal|MTL|GPUOpenCL|OpenCL|Kompute|WebGPU|HTP|AMX|BLAS|CPU)\d{0,2}(?:_(?:Host|Split|Mapped|Private|Shared|REPACK|AARCH64|HBM|KLEIDIAI))?|RPC\d{0,2}(?:\[[\w.:-]{1,60}\])?)`;

const BACKENDS: Readonly<Record<string, Backend>> = {
  cuda: 'cuda',
  rocm: 'hip',
  hip: 'hip',
  musa: 'musa',
  vulkan: 'vulkan',
  kompute: 'vulkan',
  sycl: 'xpu',
  cann: 'npu',
  metal: 'metal',
  mtl: 'metal',
  gpuopencl: 'opencl',
  opencl: 'opencl',
  webgpu: 'webgpu',
  rpc: 'none',
};

export interface Holder {
  readonly backend: Backend;
  readonly device?: number;
}

/** "CUDA1" is device 1 of CUDA; "CPU", "CPU_Mapped" and "CUDA_Host" are host memory. */
export function holderOf(buffer: string): Holder {
  const match = /^([a-z]+)(\d{1,2})?/i.exec(buffer);
  const backend = BACKENDS[(match?.[1] ?? '').toLowerCase()];
  if (backend === undefined || /_Host/i.test(buffer)) return { backend: 'cpu' };
  return { backend, ...(match?.[2] !== undefined && { device: Number(match[2]) }) };
}

/** The lines with which a load begins: what stands in front of them belongs to another one. */
const LOAD_BEGINS =
  /loadedmetadatawith\d|llama_model_load_from_file|startingllama|msg="starting(?:llama)?(?:server|runner)|whisper_init_from_/gi;

/** The text of the load that failed, in front of the failure and behind it. */
function ownLoad(message: Message): { readonly ahead: string; readonly after: string } {
  const ahead = message.preceding(AROUND);
  const from = [...ahead.matchAll(LOAD_BEGINS)].at(-1)?.index ?? 0;
  const after = message.text.slice(message.match[0].length);
  const to = after.search(new RegExp(LOAD_BEGINS.source, 'i'));
  return { ahead: ahead.slice(from), after: to < 0 ? after : after.slice(0, to) };
}

const BUFFER = new RegExp(
  `(?<name>${BUFFER_NAME})(?<role>model|KV|RS|compute|output)?buffersize=(?<size>\\d{1,9}(?:\\.\\d{1,4})?)(?<size_unit>MiB|MB)`,
  'gi',
);
/** The engine that ollama wrote itself: msg="model weights" device=CUDA0 size="6.1 GiB" */
const OLLAMA_BUFFER = new RegExp(
  `msg="(?<role>modelweights|kvcache|computegraph)"device="?(?<name>${BUFFER_NAME})"?size="(?<size>\\d{1,9}(?:\\.\\d{1,4})?)(?<size_unit>[KMGT]iB|B)"`,
  'gi',
);
const KV_SELF = /KVselfsize=(?<size>\d{1,9}(?:\.\d{1,4})?)(?<size_unit>MiB|MB)/gi;
const KV_SIZE = /llama_kv_cache\w{0,20}:size=(?<size>\d{1,9}(?:\.\d{1,4})?)(?<size_unit>MiB)\(\d/gi;
const LAYERS = /offloaded(?<gpu>\d{1,4})\/(?<all>\d{1,4})layerstoGPU/gi;

const ROLES: Readonly<Record<string, Fact['scope']['role']>> = {
  model: 'model',
  modelweights: 'model',
  kv: 'kv',
  kvcache: 'kv',
  compute: 'compute',
  computegraph: 'compute',
  output: 'output',
};

/** Takes the buffers that the failing load printed around the failure, the last print of each. */
export function takeBuffers(message: Message): Counts {
  const { ahead, after } = ownLoad(message);
  const parts = [
    { text: ahead, offset: -ahead.length },
    { text: after, offset: message.match[0].length },
  ];
  const matchesOf = (pattern: RegExp) =>
    parts.flatMap(({ text, offset }) =>
      [...text.matchAll(pattern)].map((match) => ({ match, offset })),
    );
  const last = new Map<string, { match: RegExpExecArray; offset: number }>();
  for (const found of [...matchesOf(BUFFER), ...matchesOf(OLLAMA_BUFFER)]) {
    const { name = '', role = '' } = found.match.groups ?? {};
    last.set(`${name} ${role}`.toLowerCase(), found);
  }
  for (const { match, offset } of last.values()) {
    const { name = '', role = 'model' } = match.groups ?? {};
    const kind = ROLES[role.toLowerCase()] ?? 'other';
    message.take('buffer', match, { offset, scope: { buffer: name, role: kind } });
  }
  // A model with two caches prints two sizes; neither is the whole.
  const sizes = matchesOf(KV_SELF);
  const caches = sizes.length > 0 ? sizes.slice(-1) : matchesOf(KV_SIZE);
  const cache = caches[0];
  if (cache !== undefined && caches.length === 1)
    message.take('kv_cache', cache.match, { offset: cache.offset });
  const layers = matchesOf(LAYERS).at(-1)?.match.groups;
  if (layers === undefined) return {};
  return { gpu_layers: Number(layers['gpu']), layers: Number(layers['all']) };
}

/** What a load allocates, in its order. */
export type Part = 'weights' | 'kv' | 'compute';

/** Lines of a load and what is allocated after each; after some of them it can be anything. */
const STAGES: readonly { readonly line: RegExp; readonly next: Part | undefined }[] = [
  { line: /modelbuffersize=|computebuffersize=|graphsplits=/gi, next: undefined },
  { line: /KVbuffersize=|KVselfsize=|llama_kv_cache\w{0,20}:size=/gi, next: 'compute' },
  { line: /load_tensors:(?!\S{0,24}buffersize=)|print_info:|load_print_meta:/gi, next: 'weights' },
  { line: /llama_(?:new_context_with_model|context|init_from_model):\w{1,20}=/gi, next: 'kv' },
];

/** What was being allocated, by the last line of the load in front of a failure that does not say it. */
export function partBefore(message: Message): Part | undefined {
  const { ahead } = ownLoad(message);
  let last: { readonly at: number; readonly next: Part | undefined } | undefined;
  for (const { line, next } of STAGES) {
    const at = [...ahead.matchAll(line)].at(-1)?.index;
    if (at !== undefined && at > (last?.at ?? -1)) last = { at, next };
  }
  return last?.next;
}

/** Programs around ggml by what their logs show, the most telling first. */
const PROGRAMS: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'llamafile', pattern: /llamafile(?!=|[/\\]sgemm|\|)/i },
  {
    name: 'lmstudio',
    pattern:
      /[Ll][Mm]-?[Ss]tudio(?!-community)|llama\.cpperror:'|Failedtoload(?:the)?model\.?(?:[Ee]rrorload|\(Exit|Failed)/,
  },
  { name: 'koboldcpp', pattern: /koboldcpp|gpttype_|kcpp/i },
  {
    name: 'ollama',
    pattern:
      /ollama(?:\.\w{1,20})?(?:\[\d|\||-\d{1,3}\|)|[/\\.]ollama[/\\]|source=\w{1,30}\.go:\d|llamarunnerprocess|runner\.go:/i,
  },
  {
    name: 'whisper.cpp',
    pattern: /whisper_(?:init|model|kv|full|backend)|whisper\.cpp|whisper-(?:cli|server)/i,
  },
  {
    name: 'stable-diffusion.cpp',
    pattern: /ggml_extend\.hpp|stable-diffusion\.cpp|sd-(?:cli|server)|allocparamsbackendbuffer/i,
  },
  { name: 'localai', pattern: /localai|GRPC\([^)]{1,80}\):std(?:err|out)/i },
  { name: 'gpt4all', pattern: /gpt4all/i },
  { name: 'text-generation-webui', pattern: /text-generation-webui/i },
  { name: 'llama-cpp-python', pattern: /llama_cpp[/\\.]|llama-cpp-python/i },
];

/** The program around ggml, by the text near the message; llama.cpp itself when nothing shows another. */
export function programOf(message: Message): string {
  const { program, lane } = message.line;
  const text = `${program ?? ''}|${lane}|${message.preceding(AROUND)}${message.text}`;
  return PROGRAMS.find(({ pattern }) => pattern.test(text))?.name ?? 'llama.cpp';
}
