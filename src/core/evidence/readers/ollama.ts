/** ollama reckons before it loads: what its own scheduler says when the reckoning does not come out. */
import { isAdvice } from '../advice.ts';
import { holderOf } from '../ggml.ts';
import type { Backend, Clue, Message, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const TOO_LITTLE = 'gpuhastoolittlememorytoallocateanylayers';
const NO_LAYERS = 'insufficientVRAMtoloadanymodellayers|notenoughvramavailable';
const LAYOUT = 'memorylayoutcannotbeallocated';
const REQUIRED = 'insufficientmemory-requiredallocations:';
const TOO_LARGE = 'msg="?modelrequesttoolargeforsystem';
const SYSTEM = String.raw`modelrequiresmoresystemmemory(?=\(\d|thanis)|requestedmodel\(\d[\w.]{1,12}\)istoolargeforthissystem`;
const KILLED = String.raw`llamarunnerprocess(?:hasterminated|nolongerrunning):\S{0,24}?signal:killed`;

const ANCHOR = new RegExp(
  `${TOO_LITTLE}(?:(?:(?!${TOO_LITTLE})[^]){0,700}?(?:${NO_LAYERS}))?|${NO_LAYERS}|${LAYOUT}|${REQUIRED}` +
    `|${TOO_LARGE}(?:(?:(?!${TOO_LARGE})[^]){0,700}?(?:${SYSTEM}))?|${SYSTEM}|${KILLED}`,
  'gi',
);

// It prints GiB for 2^30 and, in places, GB for 10^9.
const GPU_TOTAL = clause('total="{size:size}"');
const GPU_FREE = clause('available="{size:size}"');
const REQUESTED = clause('requested="{size:size}"');
const NEEDS = clause('system memory ({size:size})');
const HAS = clause('than is available ({size:size})');
const MODEL = clause('requested model ({size:size})');
const SYSTEM_HAS = clause('for this system ({size:size})');
const ID = /(?<=\bid=)(?<index>\d{1,2})(?=library)/;
const LIBRARY = /library="?(?<name>cuda|rocm|metal|vulkan|oneapi|cpu)/i;
const LAYERS = /num_gpu=(?<count>\d{1,4})/i;
/** Allocations of one device: the letter says whether it was tried (U), made (A) or refused (F). */
const REFUSED = /(?<part>Weights|Cache|Graph):\[?(?:\d{1,15}[AU]){0,400}(?<size>\d{1,15})F/gi;
const DEVICE_NAME = /Name:(?<name>[A-Za-z]{3,10}\d{1,2})(?=[A-Z])/g;

const LIBRARIES: Readonly<Record<string, Backend>> = {
  cuda: 'cuda',
  rocm: 'hip',
  metal: 'metal',
  vulkan: 'vulkan',
  oneapi: 'xpu',
  cpu: 'cpu',
};

const PARTS: Readonly<Record<string, Clue>> = {
  weights: 'allocating-weights',
  cache: 'allocating-kv',
  graph: 'allocating-compute',
};

interface Told {
  readonly kind: Reading['kind'];
  readonly backend: Backend;
  readonly wording: string;
  readonly clues: readonly Clue[];
  readonly device?: number;
}

/** How far the line goes on that the message stands on. */
const lineOf = (message: Message): string => message.text.slice(0, 900);

function readRequired(message: Message): Told {
  const text = message.text.slice(0, 3000);
  const refused = [...text.matchAll(REFUSED)];
  const only = refused.length === 1 ? refused[0] : undefined;
  if (only !== undefined) message.take('requested', only);
  const parts = new Set(refused.map(({ groups }) => PARTS[(groups?.['part'] ?? '').toLowerCase()]));
  const at = refused[0]?.index ?? 0;
  const name = [...text.matchAll(DEVICE_NAME)].findLast(({ index }) => index < at)?.groups?.[
    'name'
  ];
  const holder = name === undefined ? { backend: 'cuda' as const } : holderOf(name);
  const clues = [...parts].filter((clue) => clue !== undefined);
  return { kind: 'gpu_oom', wording: 'required', clues, ...holder };
}

function readGpu(message: Message): Told {
  const text = message.match[0];
  const line = lineOf(message);
  const backend = LIBRARIES[(LIBRARY.exec(line)?.groups?.['name'] ?? '').toLowerCase()] ?? 'cuda';
  const index = ID.exec(line)?.groups?.['index'];
  for (const [quantity, pattern] of [
    ['total', GPU_TOTAL],
    ['free', GPU_FREE],
  ] as const) {
    const match = /toolittle/i.test(text) ? pattern.exec(line) : null;
    if (match !== null) message.take(quantity, match, { meaning: 'decimal' });
  }
  return {
    kind: 'gpu_oom',
    backend,
    wording: 'too-little',
    // One GPU of several that gets no layer stops nothing.
    clues: /insufficientVRAM|vramavailable/i.test(text) ? [] : ['only-a-warning'],
    ...(index !== undefined && { device: Number(index) }),
  };
}

function readHost(message: Message): Told {
  const line = lineOf(message);
  const pairs = /msg="?modelrequest/i.test(message.match[0])
    ? ([
        ['requested', REQUESTED],
        ['host_free', GPU_FREE],
        ['host_total', GPU_TOTAL],
      ] as const)
    : ([
        ['requested', NEEDS],
        ['requested', MODEL],
        ['host_free', HAS],
        ['host_free', SYSTEM_HAS],
      ] as const);
  for (const [quantity, pattern] of pairs) {
    const match = pattern.exec(line);
    if (match !== null) message.take(quantity, match, { meaning: 'decimal' });
  }
  return { kind: 'host_oom', backend: 'cpu', wording: 'system-memory', clues: [] };
}

function told(message: Message): Told | undefined {
  const text = message.match[0];
  if (/signal:killed/i.test(text))
    return { kind: 'host_oom', backend: 'cpu', wording: 'killed', clues: ['process-killed'] };
  if (/requiredallocations/i.test(text)) return readRequired(message);
  if (/cannotbeallocated/i.test(text)) {
    return { kind: 'gpu_oom', backend: 'cuda', wording: 'layout', clues: [] };
  }
  if (/toolittle|VRAM/i.test(text)) return readGpu(message);
  const host = readHost(message);
  // Tables of troubles name the sentence with letters for figures.
  return message.facts.length === 0 && isAdvice(message) ? undefined : host;
}

export const ollama: Reader = {
  id: 'ollama',
  code: 'UN446',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'ollama: the model does not fit',
      summary:
        'ollama’s own reckoning before a load: too little VRAM for any layer, a layout that cannot be allocated, more system memory than there is, a runner that was killed.',
    },
    zh: {
      title: 'ollama：模型放不下',
      summary:
        'ollama 在加载前自己的估算：显存连一层都放不下、某种布局无法分配、所需系统内存超过现有量，或 runner 被杀死。',
    },
    ru: {
      title: 'ollama: модель не помещается',
      summary:
        'Собственный расчёт ollama перед загрузкой: VRAM не хватает ни на один слой, раскладку не удаётся выделить, системной памяти нужно больше, чем есть, или runner был убит.',
    },
  },
  sources: [
    'ollama@v0.5.7:llm/memory.go',
    'ollama@v0.11.0:llm/server.go',
    'ollama@v0.11.0:ml/backend.go',
  ],
  needles: [
    'gpu has too little memory',
    'insufficient vram',
    'not enough vram',
    'memory layout cannot',
    'required allocations',
    'request too large for system',
    'requires more system memory',
    'too large for this system',
    'llama runner process',
  ],
  anchor: ANCHOR,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const reading = told(message);
    if (reading === undefined) return undefined;
    const layers = reading.wording === 'layout' ? LAYERS.exec(lineOf(message)) : null;
    return {
      ...reading,
      framework: 'ollama',
      phase: 'load',
      facts: message.facts,
      end: message.match[0].length,
      ...(layers !== null && { counts: { gpu_layers: Number(layers.groups?.['count']) } }),
    };
  },
};
