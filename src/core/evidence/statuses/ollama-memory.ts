/** ollama's own lines: devices it found, what it plans to put where, what its engine allocated. */
import type { SeenDevice } from '../../ledger/device.ts';
import type { CountName, Fact, Quantity, Scope } from '../../ledger/fact.ts';
import { type Entry, hasFigures, joinEntries } from '../own-memory.ts';
import { type Passage, type Sighting, type StatusReader, shown, statusFact } from '../status.ts';
import type { Line } from '../text/dress.ts';

const FIELD = /(?:^|\s)("[^"]{1,40}"|[A-Za-z_][\w.]{0,60})=("(?:[^"\\]|\\.){0,4000}"|\S{1,4000})/g;
const SIZE = /^(\d{1,9}(?:\.\d{1,3})?) (B|KiB|MiB|GiB|TiB|KB|MB|GB|TB)$/;

/** Of a plan to offload, and of a card that is too small. */
const PLANNED: readonly (readonly [string, Quantity, Scope?])[] = [
  ['memory.required.full', 'estimated'],
  ['memory.required.partial', 'estimated_gpu'],
  ['memory.required.kv', 'kv_cache'],
  ['memory.weights.total', 'weights'],
  ['memory.weights.repeating', 'buffer', { buffer: 'weights, repeating', role: 'model' }],
  ['memory.weights.nonrepeating', 'buffer', { buffer: 'weights, nonrepeating', role: 'model' }],
  ['memory.graph.full', 'buffer', { buffer: 'graph, full offload', role: 'compute' }],
  ['memory.graph.partial', 'buffer', { buffer: 'graph, partial offload', role: 'compute' }],
  ['projector.weights', 'buffer', { buffer: 'projector weights', role: 'model' }],
  ['projector.graph', 'buffer', { buffer: 'projector graph', role: 'compute' }],
  ['memory.gpu_overhead', 'buffer', { buffer: 'GPU overhead', role: 'other' }],
  ['minimum_memory', 'buffer', { buffer: 'minimum', role: 'other' }],
  ['minimum', 'buffer', { buffer: 'minimum', role: 'other' }],
  ['layer_size', 'buffer', { buffer: 'layer', role: 'model' }],
  ['partial_offload', 'buffer', { buffer: 'graph, partial offload', role: 'compute' }],
  ['full_offload', 'buffer', { buffer: 'graph, full offload', role: 'compute' }],
  ['required', 'estimated'],
];

const COUNTS: readonly (readonly [string, CountName])[] = [
  ['layers.model', 'layers'],
  ['layers.offload', 'gpu_layers'],
  ['model layers', 'layers'],
];

const PARTS: Readonly<Record<string, NonNullable<Scope['role']>>> = {
  'model weights': 'model',
  'kv cache': 'kv',
  'compute graph': 'compute',
};

const SAYS =
  /^(?:offload(?: to \w{1,12})?|inference compute|gpu memory|system memory|gpu has too little memory to allocate any layers|model weights|kv cache|compute graph|total memory|loading model|offloaded \d+\/\d+ layers to GPU|new model will fit in available VRAM.{0,60}|updating \w{1,12} memory data|evaluating)$/;

export const ollamaMemory: StatusReader = {
  id: 'ollama-memory',
  code: 'UN642',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'ollama memory lines',
      summary: 'Devices, the plan for layers and memory, and the buffers of ollama\u2019s engine.',
    },
    zh: {
      title: 'ollama 日志中的内存信息',
      summary: '设备、层与内存的分配方案，以及 ollama 引擎的缓冲区。',
    },
    ru: {
      title: 'Строки ollama о памяти',
      summary: 'Устройства, план размещения слоёв и памяти, буферы движка ollama.',
    },
  },
  sources: [
    'ollama@0.5.7: llm/memory.go: MemoryEstimate, EstimateGPULayers',
    'ollama@0.12.0: ml/device.go: BackendMemory.Log',
    'ollama@0.12.0: llm/server.go: system memory, gpu memory',
  ],
  needles: [
    'msg="inference compute"',
    'msg="offload',
    'msg=offload',
    'memory.required.full',
    'msg="gpu memory"',
    'gpu has too little memory',
    'msg="model weights"',
    'msg="compute graph"',
  ],
  sign: /memory|vram|total=|layers/i,
  read({ source, lines }: Passage): Sighting[] {
    const entries: Entry[] = [];
    let seen = new Set<string>();
    let previous = '';
    for (const line of lines) {
      if (line.text.length > 16_000 || !line.text.includes('msg=')) continue;
      const fields = fieldsOf(line.text);
      const says = fields.get('msg') ?? '';
      if (!SAYS.test(says)) continue;
      const entry = entryOf(line, says, fields, source);
      if (!hasFigures(entry)) continue;
      // A load says each thing of each device once; what ollama found is a moment of its own.
      const key = [
        says,
        fields.get('id'),
        fields.get('gpu'),
        fields.get('device'),
        fields.get('buffer'),
        fields.get('backend'),
      ].join(' ');
      const kind = kindOf(says);
      const begins = seen.has(key) || kind !== previous;
      if (begins) seen = new Set();
      seen.add(key);
      previous = kind;
      entries.push({
        ...entry,
        label: kind === 'load' ? 'loading a model' : kind,
        ...(begins && { begins }),
      });
    }
    return joinEntries(entries, { source, apart: 60, many: () => true });
  },
};

/** Lines of one kind belong to one moment. */
function kindOf(says: string): string {
  if (/^(?:model weights|kv cache|compute graph|total memory|offloaded|loading model)/.test(says))
    return 'load';
  if (/^(?:system|gpu) memory$/.test(says)) return 'memory before loading';
  return says;
}

function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [, key = '', value = ''] of text.matchAll(FIELD)) {
    if (fields.size >= 200) break;
    const name = key.replaceAll('"', '');
    if (!fields.has(name)) fields.set(name, value.startsWith('"') ? value.slice(1, -1) : value);
  }
  return fields;
}

function entryOf(
  line: Line,
  says: string,
  fields: ReadonlyMap<string, string>,
  source: string,
): Entry {
  const place = { source, line: line.number };
  const facts: Fact[] = [];
  const put = (quantity: Quantity, value: string | undefined, scope: Scope = {}): void => {
    const size = value === undefined ? null : SIZE.exec(value);
    if (size !== null) {
      facts.push(
        statusFact(quantity, { digits: size[1] ?? '', unit: size[2] ?? '' }, place, scope),
      );
    } else if (value !== undefined && /^\d{4,18}$/.test(value)) {
      facts.push(statusFact(quantity, { digits: value, unit: 'bytes' }, place, scope));
    }
  };
  const role = PARTS[says];
  const owner =
    fields.get('device') ??
    fields.get('buffer') ??
    fields.get('buffer_type') ??
    fields.get('backend');
  if (role !== undefined)
    put('buffer', fields.get('size'), { buffer: owner ?? '?', role, ...indexOf(owner) });
  else if (says === 'total memory') put('estimated', fields.get('size'));
  else if (says === 'system memory') {
    put('host_total', fields.get('total'));
    put('host_free', fields.get('free'));
  } else if (says === 'inference compute' && /^cpu$/i.test(fields.get('library') ?? '')) {
    put('host_total', fields.get('total'));
    put('host_free', fields.get('available'));
  } else for (const [key, quantity, scope] of PLANNED) put(quantity, fields.get(key), scope);
  const counts: Partial<Record<CountName, number>> = {};
  for (const [key, count] of COUNTS) {
    const value = Number(fields.get(key));
    if (Number.isInteger(value) && value >= 0) counts[count] = value;
  }
  const layers = /^offloaded (\d{1,6})\/(\d{1,6}) layers/.exec(says);
  if (layers !== null) {
    counts.gpu_layers = Number(layers[1]);
    counts.layers = Number(layers[2]);
  }
  const devices = devicesOf(says, fields, line.number);
  return { line, facts, counts, devices };
}

function indexOf(owner: string | undefined): { device?: number } {
  const index = /^(?:CUDA|ROCm|Vulkan|Metal)(\d{1,3})$/.exec(owner ?? '')?.[1];
  return index === undefined ? {} : { device: Number(index) };
}

const VENDORS: Readonly<Record<string, SeenDevice['vendor']>> = {
  cuda: 'nvidia',
  rocm: 'amd',
  hip: 'amd',
  metal: 'apple',
  oneapi: 'intel',
};

function devicesOf(says: string, fields: ReadonlyMap<string, string>, line: number): SeenDevice[] {
  const library = (fields.get('library') ?? '').toLowerCase();
  if (library === 'cpu') return [];
  const uuid = fields.get('id') ?? fields.get('gpu');
  const vendor = VENDORS[library] ?? (uuid?.startsWith('GPU-') === true ? 'nvidia' : 'unknown');
  if (says.startsWith('offload') && !says.startsWith('offloaded')) {
    // "[15.4 GiB 23.1 GiB]": free on each device, in ollama's order
    const [list = ''] = /(?<=^\[).*(?=\]$)/.exec(fields.get('memory.available') ?? '') ?? [];
    const sizes = list.match(/\d{1,9}(?:\.\d{1,3})? (?:B|[KMGT]i?B)/g) ?? [];
    const backend = /to (\w+)/.exec(says)?.[1]?.toLowerCase();
    if (backend === 'cpu') return [];
    return sizes.slice(0, 64).map((size, index) => ({
      index,
      vendor: VENDORS[backend ?? ''] ?? vendor,
      free: shown(size),
      processes: [],
      listed: 'none' as const,
      line,
    }));
  }
  const isDevice =
    /^(?:inference compute|gpu memory|gpu has too little|new model will fit|updating )/.test(says);
  const total = fields.get('total') ?? fields.get('now.total');
  const free =
    fields.get('available') !== undefined && says !== 'gpu memory'
      ? fields.get('available')
      : (fields.get('free') ?? fields.get('now.free') ?? fields.get('available'));
  const used = fields.get('now.used');
  if (!isDevice || (total === undefined && free === undefined)) return [];
  const named = fields.get('description') ?? fields.get('name');
  const index = /^(?:CUDA|ROCm|Vulkan)(\d{1,3})$/.exec(fields.get('name') ?? '')?.[1];
  const bus = fields.get('pci_id');
  return [
    {
      ...(index !== undefined && { index: Number(index) }),
      ...(uuid !== undefined && uuid !== '' && { uuid }),
      ...(named !== undefined && named !== '' && { name: named }),
      ...(bus !== undefined && bus !== '' && { bus_id: bus }),
      vendor,
      ...(total !== undefined && { total: sizeOf(total) }),
      ...(free !== undefined && { free: sizeOf(free) }),
      ...(used !== undefined && { used: sizeOf(used) }),
      processes: [],
      listed: 'none',
      line,
    },
  ];
}

/** Most sizes have a unit; "available" of a scheduler is bytes. */
const sizeOf = (value: string) => shown(value, { unit: 'bytes' });
