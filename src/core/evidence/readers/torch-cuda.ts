/**
 * The caching allocator of PyTorch on CUDA, ROCm, XPU, NPU: every wording since 1.0, read clause by
 * clause, so that cut and retyped messages give what they hold.
 *
 * The wording tells the version: "cached" 1.0-1.3 · "reserved in total" 1.4-1.9 · the hint about
 * max_split_size_mb 1.10-2.0 · "capacty" 2.1 · "capacity … of which" 2.2 on · docs.pytorch.org 2.9 on.
 */
import { isBefore, type VersionRange } from '../../base/unit.ts';
import { isAdvice } from '../advice.ts';
import type { Backend, Clue, Message, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

/** The list of figures alone, where a paste begins behind the sentence. */
const LIST = String.raw`(?<!allocate|[\d.][KMGTPE]?i?B|bytes|[.,;])\((?:GPU|NPU|XPU)\d{1,3};[\d.]{1,12}[KMG]i?B?totalcapacity`;
const ANCHOR = new RegExp(
  `(CUDA|HIP|XPU|NPU|MUSA|MLU)outof(?:the)?memory(?:[.,:;!]?(?:Tried|Trying)toallocate)?|(?:outofmemory[.,:;!]?)?Triedtoallocate|${LIST}`,
  'gi',
);

const REQUESTED = clause('to allocate {size:size}');
const MORE_THAN_1EB = clause('to allocate more than 1EB');
const DEVICE = /[(.,;](?:GPU|NPU|XPU|HIP|MUSA|MLU)(?<index>\d{1,3})(?=[;,:)]|has|\u0001|$)/i;
/** The place of the index in 2.2-2.3, which printed it as a raw byte. */
const RAW_DEVICE = /\.GPU(?<raw>[^\d]?)hasatotalcapac/i;
const TOTAL_OF = clause('total capac~(i?t?y) of {size:size}');
const TOTAL = clause('{size:size} total capac');
const FREE_OF = clause('of which {size:size} is free');
// A bare "free" counts only as an item of the list: another program's line can follow the message.
const FREE = clause('~([;,(]){size:size} free');
const ALLOCATED_OF = clause('Of the allocated memory {size:size} is allocated');
const ALLOCATED = clause('{size:size} already allocated');
const ALLOCATED_BY = clause('{size:size} is allocated by PyTorch');
const PRIVATE = clause('with {size:size} allocated in private pools');
const UNALLOCATED = clause('{size:size} is reserved by PyTorch but unallocated');
const RESERVED = clause('{size:size} reserved in total');
const CACHED = clause('~([;,(]){size:size} cached');
const ALLOWED = clause('{size:size} allowed');
const OWN_PROCESS = clause('this process has {size:size} memory in use');
const LISTED_PROCESS = clause('Process {pid:int} has {size:size} memory in use');

interface Mark {
  readonly pattern: RegExp;
  readonly from?: string;
  readonly to?: string;
}

/** What in the message's own words dates it, the most telling first. */
const WORDS: readonly Mark[] = [
  { pattern: /docs\.pytorch\.org\/docs\/stable\/notes\/cuda/i, from: '2.9' },
  { pattern: /settingPYTORCH_ALLOC_CONF/i, from: '2.9' },
  { pattern: /totalcapactyof/i, from: '2.1', to: '2.1' },
  { pattern: /Ifreservedmemoryis>>allocated/i, from: '1.10', to: '2.0' },
  { pattern: /totalcapacityof/i, from: '2.2' },
  { pattern: /allowed;Oftheallocated/i, from: '2.6' },
  { pattern: /allocatedinprivatepools/i, from: '2.4' },
  { pattern: /\/\/pytorch\.org\/docs\/stable\/notes\/cuda/i, from: '2.2', to: '2.8' },
  { pattern: /[KMGs]i?B?allowed;\S{1,20}reservedintotal/i, from: '1.8' },
  { pattern: /reservedintotalbyPyTorch\)/i, from: '1.4', to: '2.0' },
  { pattern: /(?:bytes|B)cached\)/i, from: '1.0', to: '1.3' },
];

/** The exception in front of it: 1.13 introduced a class of its own, 2.5 renamed it. */
const EXCEPTIONS: readonly Mark[] = [
  { pattern: /torch\.OutOfMemoryError:?$/, from: '2.5' },
  { pattern: /torch\.cuda\.OutOfMemoryError:?$/, from: '1.13', to: '2.4' },
  { pattern: /RuntimeError:?$/, to: '1.12' },
];

/** The versions that all marks allow; a mark that contradicts the stronger ones before it is left out. */
function versionsOf(message: Message): VersionRange | undefined {
  const marks = [
    ...WORDS.filter(({ pattern }) => pattern.test(message.text)),
    ...EXCEPTIONS.filter(({ pattern }) => pattern.test(message.before)),
  ];
  // An exception's name alone dates nothing: retyped messages keep it and little else.
  if (!marks.some((mark) => WORDS.includes(mark))) return undefined;
  let from: string | undefined;
  let to: string | undefined;
  for (const mark of marks) {
    const low =
      mark.from !== undefined && (from === undefined || isBefore(from, mark.from))
        ? mark.from
        : from;
    const high =
      mark.to !== undefined && (to === undefined || isBefore(mark.to, to)) ? mark.to : to;
    if (low !== undefined && high !== undefined && isBefore(high, low)) continue;
    from = low;
    to = high;
  }
  return { package: 'torch', ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** A limit of one allocation, whatever is free. */
const ONE_BLOCK = /can ?not allocate memory block with size larger than/i;

const BACKENDS: Readonly<Record<string, Backend>> = {
  CUDA: 'cuda',
  HIP: 'hip',
  XPU: 'xpu',
  NPU: 'npu',
  MUSA: 'musa',
  MLU: 'mlu',
};

function deviceOf(message: Message): number | undefined {
  const plain = message.find(DEVICE)?.groups?.['index'];
  if (plain !== undefined) return Number(plain);
  const raw = message.find(RAW_DEVICE);
  if (raw === undefined) return undefined;
  // "GPU \x01 has": the index as one raw byte between two blanks. A lost NUL leaves nothing.
  const between = message.original(
    raw.index + 4,
    raw.index + 4 + (raw.groups?.['raw'] ?? '').length + 1,
  );
  const whole = message.original(raw.index + 1, raw.index + raw[0].length);
  // GPU 10 is a line feed: the message goes on with the blank that follows the index.
  if (/^GPU\s*\n has/.test(whole)) return 10;
  const byte = /^GPU ([\0-\x1f]) has/.exec(whole) ?? /^([\0-\x1f])/.exec(between);
  return byte?.[1]?.charCodeAt(0);
}

export const torchCuda: Reader = {
  id: 'torch-cuda',
  code: 'UN401',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'PyTorch caching allocator',
      summary:
        'The out-of-memory message of PyTorch on CUDA, ROCm, XPU and NPU devices, in every wording since 1.0, whole, cut or retyped.',
    },
    zh: {
      title: 'PyTorch 缓存分配器',
      summary:
        'PyTorch 在 CUDA、ROCm、XPU 和 NPU 设备上的显存不足报错，涵盖 1.0 以来的所有措辞，完整、截断或手工转录的均可。',
    },
    ru: {
      title: 'Кэширующий аллокатор PyTorch',
      summary:
        'Сообщение PyTorch о нехватке памяти на устройствах CUDA, ROCm, XPU и NPU, во всех формулировках начиная с 1.0: целое, обрезанное или перепечатанное.',
    },
  },
  sources: [
    'pytorch@v2.6.0:c10/cuda/CUDACachingAllocator.cpp',
    'pytorch@v1.13.1:c10/cuda/CUDACachingAllocator.cpp',
  ],
  needles: [
    'out of memory',
    'tried to allocate',
    'total capac',
    'already allocated',
    'allocated by pytorch',
    'reserved by pytorch',
    'reserved in total',
  ],
  anchor: ANCHOR,
  read(message): Reading | undefined {
    // Intel's extension says it in a sentence of its own, without the usual words.
    const isOneBlock = ONE_BLOCK.test(message.lead.slice(-200));
    const backend = isOneBlock
      ? 'xpu'
      : (BACKENDS[(message.match[1] ?? 'CUDA').toUpperCase()] ?? 'cuda');
    const clues: Clue[] = ['released-cache', 'caching-allocator'];
    if (isOneBlock) clues.push('per-buffer-limit');
    if (message.find(MORE_THAN_1EB) !== undefined) clues.push('absurd-request');
    else message.size('requested', REQUESTED);
    const device = deviceOf(message);
    if (device === undefined && RAW_DEVICE.test(message.text)) clues.push('device-lost');
    const scope = device === undefined ? {} : { device };
    message.size('total', TOTAL_OF, { scope }) ?? message.size('total', TOTAL, { scope });
    message.size('free', FREE_OF, { scope }) ?? message.size('free', FREE, { scope });
    message.size('allocated', ALLOCATED_OF) ??
      message.size('allocated', ALLOCATED) ??
      message.size('allocated', ALLOCATED_BY);
    message.size('private_pool', PRIVATE);
    message.size('reserved_unallocated', UNALLOCATED);
    message.size('reserved', RESERVED);
    // "cached" of 1.0-1.3 is what is reserved beyond the allocated bytes, not the whole cache.
    if (message.facts.every((fact) => !fact.quantity.startsWith('reserved'))) {
      message.size('reserved_unallocated', CACHED);
    }
    message.size('allowed', ALLOWED);
    message.size('process', OWN_PROCESS);
    for (const match of message.findAll(LISTED_PROCESS)) {
      message.take('listed_process', match, { scope: { pid: Number(match.groups?.['pid']) } });
    }
    const isAbsurd = clues.includes('absurd-request');
    // The words alone are another reader's; a request alone needs the words.
    const hasWords = /outof(?:the)?memory/i.test(message.match[0]);
    const hasRequest = /triedto|tryingto/i.test(message.match[0]);
    const enough = hasWords && hasRequest ? 0 : hasWords ? 1 : 2;
    if (!isAbsurd && message.facts.length < enough) return undefined;
    if (message.facts.length === 0 && !isAbsurd && isAdvice(message)) return undefined;
    if (message.facts.length <= 1 && !isAbsurd) clues.push('message-cut');
    // Vendors' own builds keep the old words; only CUDA's and ROCm's have followed the releases.
    const isUpstream = backend === 'cuda' || backend === 'hip' || TOTAL_OF.test(message.text);
    const versions = isUpstream ? versionsOf(message) : undefined;
    return {
      kind: 'gpu_oom',
      framework: 'pytorch',
      backend,
      facts: message.facts,
      clues,
      end: message.end,
      ...(device !== undefined && { device }),
      ...(versions !== undefined && { versions }),
    };
  },
};
