/** llama.cpp, whisper.cpp and what embeds them while they load a model: devices, buffers, layers. */
import { isUnknown } from '../../base/unknown.ts';
import type { SeenDevice } from '../../ledger/device.ts';
import type { Fact, Scope } from '../../ledger/fact.ts';
import {
  type CountRule,
  countsIn,
  type Entry,
  figure,
  hasFigures,
  joinEntries,
  type SizeRule,
  sizesIn,
} from '../own-memory.ts';
import { type Passage, type Sighting, type StatusReader, shown, statusFact } from '../status.ts';
import type { Line } from '../text/dress.ts';

/** "load_tensors:        CUDA0 model buffer size =  4403.49 MiB"; before 2024-12 weights have no word. */
const BUFFER =
  /(?<=[:\s])([A-Za-z][\w-]{0,40}(?:\([\w ]{1,40}\))?)\s{1,12}(?:(model|KV|RS|compute|output|LoRA|total)\s{1,4})?(?:buffer size|size)\s{0,6}=\s{0,12}(\d{1,9}(?:\.\d{1,4})?) (MiB|MB|GiB)(?!\w)/;
/** The writers whose lines have buffers; others speak of sizes too. */
const WRITER =
  /\b(?:llm_load_tensors|load_tensors|llama_kv_cache\w*|llama_memory_\w+|llama_new_context_with_model|llama_init_from_model|llama_context|llama_model_load\w*|llama_lora_adapter_init\w*|llama_adapter_lora\w*|llama_build_graph|graph_reserve|sched_reserve|output_reserve|resolve_\w+|clip_\w+|alloc_compute_meta|whisper_\w+|create_memory|llama_init_from_gpt_params|bert_load\w*|ggml_\w+)\s{0,2}:/;

const ROLES: Readonly<Record<string, NonNullable<Scope['role']>>> = {
  model: 'model',
  total: 'model',
  KV: 'kv',
  compute: 'compute',
  output: 'output',
};

const SIZES: readonly SizeRule[] = [
  // 2023: all on the card in one figure
  { quantity: 'allocated', pattern: figure('\\btotal VRAM used: {size}') },
  { quantity: 'weights', pattern: figure('(?<!total )\\bVRAM used [:=] {size}') },
  { quantity: 'weights', pattern: figure('total VRAM used: .{1,20}\\(model: {size}') },
  { quantity: 'kv_cache', pattern: figure('total VRAM used: .{1,40}, context: {size}') },
  { quantity: 'kv_cache', pattern: figure('\\bVRAM kv self = {size}') },
  {
    quantity: 'buffer',
    pattern: figure('\\bVRAM scratch buffer: {size}'),
    scope: { buffer: 'VRAM scratch', role: 'compute' },
  },
  {
    quantity: 'buffer',
    pattern: figure(' = {size} VRAM for the scratch buffer'),
    scope: { buffer: 'VRAM scratch', role: 'compute' },
  },
  { quantity: 'estimated_host', pattern: figure('\\bmem required = {size}') },
  {
    quantity: 'buffer',
    pattern: figure('\\bcompute buffer total size = {size}'),
    scope: { buffer: 'all', role: 'compute' },
  },
  {
    quantity: 'buffer',
    pattern: figure('\\bcompute buffer \\(\\w{1,12}\\) = {size}'),
    scope: { buffer: 'whisper', role: 'compute' },
  },
  // whisper.cpp
  {
    quantity: 'buffer',
    pattern: figure('\\bkv self size = {size}$'),
    scope: { buffer: 'whisper self', role: 'kv' },
  },
  {
    quantity: 'buffer',
    pattern: figure('\\bkv cross size = {size}'),
    scope: { buffer: 'whisper cross', role: 'kv' },
  },
  {
    quantity: 'buffer',
    pattern: figure('\\bkv pad size = {size}'),
    scope: { buffer: 'whisper pad', role: 'kv' },
  },
  { quantity: 'weights', pattern: figure('whisper_model_load: model size = {size}') },
  // KV cache of one kind; hybrid models have several
  { quantity: 'kv_cache', pattern: figure('\\bKV self size = {size}') },
  { quantity: 'kv_cache', pattern: figure('llama_kv_cache\\w{0,24}: size = {size}') },
  // The fit of parameters to the card
  { quantity: 'estimated_gpu', pattern: figure('projected to use {size} of device memory') },
  { quantity: 'estimated_host', pattern: figure('projected to use {size} of host memory') },
  {
    quantity: 'free',
    pattern: figure('projected to use .{1,24} of device memory vs\\. {size} of free'),
  },
  { quantity: 'host_total', pattern: figure('vs\\. {size} of total host memory') },
  // Metal's limit, in MB of 10^6
  {
    quantity: 'allowed',
    pattern: figure('recommendedMaxWorkingSetSize = {size}'),
    meaning: 'decimal',
  },
];

const COUNTS: readonly CountRule[] = [
  { count: 'gpu_layers', pattern: /(?<!")\boffloaded (?<count>\d{1,6})\/\d{1,6} layers to GPU/ },
  { count: 'layers', pattern: /(?<!")\boffloaded \d{1,6}\/(?<count>\d{1,6}) layers to GPU/ },
  {
    count: 'max_seq_len',
    pattern:
      /\b(?:llama_new_context_with_model|llama_context|llama_init_from_model)\s?: n_ctx\s{0,12}= (?<count>\d{1,9})\b/,
  },
];

const CARD =
  /^\s{0,8}(?:ggml_\w+:\s+)?Device (\d{1,3}): (.{1,100}?)(?:, compute capability [\d.]+|, gfx\w+)(.{0,120})$/;
const CARD_VULKAN = /\bggml_vulkan: (\d{1,3}) = (.{1,100}?)(?: \([^()|]{1,60}\))? \| uma: (\d)/;
const USING =
  /\busing device ([A-Za-z]+)(\d{1,3}) \((.{1,100}?)\)(?: \((?:([\da-f:.]{7,16})|unknown id)\))? - (\d{1,9} MiB) free/;
const BREAKDOWN =
  /memory_breakdown(?:_print)?: \|?\s*- (.{1,80}?)\s*[|:]\s*(\d{1,9}) = (\d{1,9}) \+ \(\s*(\d{1,9}) =\s*(\d{1,9}) \+\s*(\d{1,9}) \+\s*(\d{1,9})\s*\) \+\s*-?\d{1,20}\s*(?:\||$)/;
const BREAKDOWN_HOST =
  /memory_breakdown(?:_print)?: \|?\s*- (.{1,80}?)\s*[|:]\s*(?:\d{1,9}\s+)?(\d{1,9}) =\s*(\d{1,9}) \+\s*(\d{1,9}) \+\s*(\d{1,9})\s*(?:\||$)/;
const BREAKDOWN_HEAD = /memory_breakdown(?:_print)?: \|?\s*memory breakdown/;

const BEGINS =
  /llama_model_loader: loaded meta data|ggml_cuda_init: found \d|ggml_vulkan: Found \d|whisper_init_from_file|^\s*main: build = |\bbuild: \d{3,6} \(/;

export const llamaCppLoad: StatusReader = {
  id: 'llama-cpp-load',
  code: 'UN641',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'llama.cpp load lines',
      summary: 'Buffers by device and purpose, layers on the GPU, and the breakdown at exit.',
    },
    zh: {
      title: 'llama.cpp 加载日志',
      summary: '按设备和用途列出的缓冲区、GPU 上的层数，以及退出时的内存明细。',
    },
    ru: {
      title: 'Строки загрузки llama.cpp',
      summary: 'Буферы по устройствам и назначению, слои на GPU и разбивка памяти при выходе.',
    },
  },
  sources: [
    'llama.cpp@b1500: llama.cpp: llm_load_tensors, llama_kv_cache_init',
    'llama.cpp@b4500: src/llama.cpp, src/llama-kv-cache.cpp',
    'llama.cpp@b6500: src/llama-context.cpp: llama_memory_breakdown_print',
    'whisper.cpp@1.7.4: src/whisper.cpp: whisper_model_load, whisper_init_state',
  ],
  needles: [
    'model buffer size',
    'kv buffer size',
    'compute buffer size',
    'buffer size =',
    'layers to gpu',
    'memory_breakdown',
    'vram used',
    'ggml_cuda_init',
    'mem required',
  ],
  sign: /buffer size|offload|llama|ggml|mem(?:ory)? required|VRAM used/i,
  read({ source, lines }: Passage): Sighting[] {
    const entries: Entry[] = [];
    let hasContext = false;
    for (const line of lines) {
      const { text } = line;
      if (text.length > 2000 || !MAY_SAY.test(text)) continue;
      // ollama's own engine says it in lines of its own form.
      if (/\bsource=\w+\.go:\d+/.test(text)) continue;
      const entry = entryOf(line, source);
      const isWeights = /\bmodel buffer size|llm_load_tensors:.*buffer size/.test(text);
      const begins = BEGINS.test(text) || BREAKDOWN_HEAD.test(text) || (isWeights && hasContext);
      if (begins) hasContext = false;
      if (/KV buffer|compute buffer|KV self|memory_breakdown/.test(text)) hasContext = true;
      if (begins || hasFigures(entry)) entries.push({ ...entry, ...(begins && { begins }) });
    }
    return joinEntries(entries, {
      source,
      apart: 120,
      many: (fact) => MANY.has(fact.quantity),
    }).map(merged);
  },
};

const MAY_SAY =
  /buffer|size\s*=|VRAM|layers to GPU|mem required|memory_breakdown|Device \d|ggml_vulkan: \d|ggml_\w+: [Ff]ound|using device|n_ctx|kv self|KV self|WorkingSetSize|projected to use|vs\. \d|loaded meta data|build|whisper_/;

/** Told once for each cache or device of a load. */
const MANY = new Set<Fact['quantity']>([
  'buffer',
  'kv_cache',
  'weights',
  'estimated_host',
  'allocated',
]);

function entryOf(line: Line, source: string): Entry {
  const { text, number } = line;
  const place = { source, line: number };
  const device = deviceOf(text, number);
  if (device !== undefined) return { line, devices: [device] };
  const parts = breakdownOf(text, place);
  if (parts !== undefined) return { line, label: 'memory breakdown', ...parts };
  const buffer = WRITER.test(text) ? BUFFER.exec(text) : null;
  const facts = sizesIn(text, SIZES, place);
  if (buffer !== null && facts.length === 0) {
    const [, name = '', what = '', digits = '', unit = ''] = buffer;
    if (!/^(?:KV|self|cross|total|ctx|scratch|model|cache|file)$/i.test(name)) {
      const isWeights = what === '' && /load_tensors|whisper_model_load/.test(text);
      const role = isWeights ? 'model' : (ROLES[what] ?? 'other');
      const scope: Scope = { buffer: name, role, ...indexOf(name) };
      // A bare "size =" is of a buffer only where the writer names the device.
      if (what !== '' || /buffer size/.test(text)) {
        facts.push(statusFact('buffer', { digits, unit }, place, scope));
      }
    }
  }
  return { line, facts, counts: countsIn(text, COUNTS) };
}

/** "CUDA0", "ROCm1": the backend's index of the card. */
function indexOf(name: string): { device?: number } {
  const index = /^(?:CUDA|ROCm|HIP|Vulkan|SYCL|MUSA|CANN|MTL|Metal|RPC)(\d{1,3})$/.exec(name)?.[1];
  return index === undefined ? {} : { device: Number(index) };
}

function vendorOf(backend: string, name: string): SeenDevice['vendor'] {
  if (/nvidia|geforce|tesla|quadro|\brtx\b|\bgtx\b/i.test(name) || /^CUDA/.test(backend))
    return 'nvidia';
  if (/\bamd\b|radeon|instinct/i.test(name) || /^ROCm|^HIP/.test(backend)) return 'amd';
  if (/intel|\barc\b/i.test(name) || /^SYCL/.test(backend)) return 'intel';
  if (/apple/i.test(name) || /^MTL|^Metal/.test(backend)) return 'apple';
  return 'unknown';
}

const seen = (
  line: number,
  head: { index?: number; name: string; backend: string; bus?: string | undefined },
  sizes: Pick<SeenDevice, 'total' | 'free'> = {},
): SeenDevice => ({
  ...(head.index !== undefined && { index: head.index }),
  name: head.name,
  vendor: vendorOf(head.backend, head.name),
  ...(head.bus !== undefined && { bus_id: head.bus }),
  ...sizes,
  processes: [],
  listed: 'none',
  line,
});

function deviceOf(text: string, line: number): SeenDevice | undefined {
  const card = CARD.exec(text);
  if (card !== null) {
    const [, index = '', name = '', rest = ''] = card;
    const vram = /VRAM: (\d{1,9} MiB)/.exec(rest)?.[1];
    const backend = /gfx\w+/.test(text) ? 'ROCm' : 'CUDA';
    return seen(
      line,
      { index: Number(index), name, backend },
      vram === undefined ? {} : { total: shown(vram) },
    );
  }
  const vulkan = CARD_VULKAN.exec(text);
  if (vulkan !== null) {
    return seen(line, { index: Number(vulkan[1]), name: String(vulkan[2]), backend: 'Vulkan' });
  }
  const using = USING.exec(text);
  if (using === null) return undefined;
  const [, backend = '', index = '', name = '', bus, free = ''] = using;
  return seen(
    line,
    { index: Number(index), name, backend, bus },
    { free: shown(free, { rounding: 'floor' }) },
  );
}

/** The table at exit, in whole MiB, cut off: a row of a device, or of host memory. */
function breakdownOf(
  text: string,
  place: { readonly source: string; readonly line: number },
): { facts: Fact[]; devices?: SeenDevice[] } | undefined {
  const row = BREAKDOWN.exec(text);
  const host = row === null ? BREAKDOWN_HOST.exec(text) : null;
  const [name, parts] = row === null ? [host?.[1], host?.slice(3, 6)] : [row[1], row.slice(5, 8)];
  if (name === undefined || parts === undefined) return undefined;
  const [, backend = name, card] = /^(\S+) \((.{1,80})\)$/.exec(name) ?? [];
  const scope = indexOf(backend);
  const facts = (['model', 'kv', 'compute'] as const).map((role, index) =>
    statusFact('buffer', { digits: parts[index] ?? '', unit: 'MiB', rounding: 'floor' }, place, {
      buffer: backend,
      role,
      ...scope,
    }),
  );
  if (row === null) return { facts };
  const size = (digits: string | undefined) =>
    shown(digits ?? '', { unit: 'MiB', rounding: 'floor' });
  return {
    facts,
    devices: [
      seen(
        place.line,
        {
          ...(scope.device !== undefined && { index: scope.device }),
          name: card ?? backend,
          backend,
        },
        { total: size(row[2]), free: size(row[3]) },
      ),
    ],
  };
}

/** One device for what several lines say of it; the caches of one load add up. */
function merged(one: Sighting): Sighting {
  const devices: SeenDevice[] = [];
  for (const device of one.devices ?? []) {
    const at = devices.findIndex(
      ({ index, total }) =>
        index === device.index && (total === undefined || device.total === undefined),
    );
    const known = devices[at];
    if (known === undefined || device.index === undefined) devices.push(device);
    else devices[at] = { ...known, ...device };
  }
  return {
    ...one,
    ...(devices.length > 0 && { devices: devices.slice(0, 1024) }),
    ...(one.facts !== undefined && { facts: withSum(one.facts) }),
  };
}

/** Several KV caches (sliding window, hybrid models) are one figure of the load. */
function withSum(facts: readonly Fact[]): readonly Fact[] {
  const caches = facts.filter(({ quantity }) => quantity === 'kv_cache');
  const [first] = caches;
  if (first === undefined || caches.length < 2) return facts;
  const values = caches.flatMap(({ value }) => (isUnknown(value) ? [] : [value]));
  if (values.length < caches.length) return facts;
  const total = {
    mid: values.reduce((sum, { mid }) => sum + mid, 0),
    low: values.reduce((sum, { low }) => sum + low, 0),
    high: values.reduce((sum, { high }) => sum + high, 0),
  };
  const sum: Fact = {
    ...first,
    value: { ...values[0], ...total } as typeof first.value,
    raw: caches.map(({ raw }) => raw).join(' + '),
  };
  return [...facts.filter(({ quantity }) => quantity !== 'kv_cache'), sum];
}
