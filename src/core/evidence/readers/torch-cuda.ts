/**
 * The caching allocator of PyTorch on CUDA, ROCm, XPU, NPU: every wording since 1.0, read clause by
 * clause, so that cut and retyped messages give what they hold.
 *
 * The wording tells the version: "cached" 1.0-1.3 · "reserved in total" 1.4-1.9 · the hint about
 * max_split_size_mb 1.10-2.0 · "capacty" 2.1 · "capacity … of which" 2.2 on · docs.pytorch.org 2.9 on.
 */
import type { VersionRange } from '../../base/unit.ts';
import type { Backend, Clue, Message, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const ANCHOR =
  /(CUDA|HIP|XPU|NPU|MUSA|MLU)outofmemory(?:[.,:;!]?(?:Tried|Trying)toallocate)?|(?:outofmemory[.,:;!]?)?(?:Tried|Trying)toallocate/gi;

const REQUESTED = clause('to allocate {size:size}');
const MORE_THAN_1EB = clause('to allocate more than 1EB');
const DEVICE = /[(.,;](?:GPU|NPU|XPU|HIP|MUSA|MLU)(?<index>\d{1,3})(?=[;,:)]|has|\u0001|$)/i;
/** The place of the index in 2.2-2.3, which printed it as a raw byte. */
const RAW_DEVICE = /\.GPU(?<raw>[^\d]?)hasatotalcapac/i;
const TOTAL_OF = clause('total capac~(i?t?y) of {size:size}');
const TOTAL = clause('{size:size} total capac');
const FREE_OF = clause('of which {size:size} is free');
const FREE = clause('{size:size} free');
const ALLOCATED_OF = clause('Of the allocated memory {size:size} is allocated');
const ALLOCATED = clause('{size:size} already allocated');
const ALLOCATED_BY = clause('{size:size} is allocated by PyTorch');
const PRIVATE = clause('with {size:size} allocated in private pools');
const UNALLOCATED = clause('{size:size} is reserved by PyTorch but unallocated');
const RESERVED = clause('{size:size} reserved in total');
const CACHED = clause('{size:size} cached');
const ALLOWED = clause('{size:size} allowed');
const OWN_PROCESS = clause('this process has {size:size} memory in use');
const LISTED_PROCESS = clause('Process {pid:int} has {size:size} memory in use');

const torch = (from?: string, to?: string): VersionRange => ({
  package: 'torch',
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
});

/** Wordings from the newest to the oldest: the first that matches dates the message. */
const WORDINGS: readonly {
  readonly name: string;
  readonly mark: RegExp;
  readonly versions: VersionRange;
}[] = [
  { name: '2.9+', mark: /docs\.pytorch\.org\/docs\/stable\/notes\/cuda/i, versions: torch('2.9') },
  { name: '2.4+', mark: /allocatedinprivatepools|PYTORCH_ALLOC_CONF/i, versions: torch('2.4') },
  { name: '2.6+', mark: /allowed;Oftheallocated/i, versions: torch('2.6') },
  { name: '2.2+', mark: /totalcapacityof|expandable_segments:True/i, versions: torch('2.2') },
  { name: '2.1', mark: /totalcapactyof/i, versions: torch('2.1', '2.1') },
  { name: '1.10-2.0', mark: /Ifreservedmemoryis>>allocated/i, versions: torch('1.10', '2.0') },
  { name: '1.4-1.9', mark: /reservedintotal/i, versions: torch('1.4', '1.9') },
  { name: '1.0-1.3', mark: /cached\)?/i, versions: torch('1.0', '1.3') },
];

const BACKENDS: Readonly<Record<string, Backend>> = {
  CUDA: 'cuda',
  HIP: 'hip',
  XPU: 'xpu',
  NPU: 'npu',
};

/** Which exception class: 2.5 renamed it, 1.13 introduced it. */
function versionsOf(message: Message): { wording: string; versions: VersionRange } | undefined {
  const hit = WORDINGS.find(({ mark }) => mark.test(message.text));
  if (hit === undefined) return undefined;
  // The same words were printed from 2.2 on; the name of the exception halves the range.
  if (hit.name === '2.2+' && /torch\.cuda\.OutOfMemoryError:?$/.test(message.before)) {
    return { wording: '2.2-2.4', versions: torch('2.2', '2.4') };
  }
  if (hit.name === '2.2+' && /torch\.OutOfMemoryError:?$/.test(message.before)) {
    return { wording: '2.5-2.8', versions: torch('2.5', '2.8') };
  }
  return { wording: hit.name, versions: hit.versions };
}

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
    zh: {},
    ru: {},
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
    const backend = BACKENDS[(message.match[1] ?? 'CUDA').toUpperCase()] ?? 'cuda';
    const clues: Clue[] = ['released-cache', 'caching-allocator'];
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
    const hasWords = /outofmemory/i.test(message.match[0]);
    if (!isAbsurd && message.facts.length < (hasWords ? 1 : 2)) return undefined;
    if (message.facts.length === 1 && !isAbsurd) clues.push('message-cut');
    const era = versionsOf(message);
    return {
      kind: 'gpu_oom',
      framework: 'pytorch',
      backend,
      facts: message.facts,
      clues,
      end: message.end,
      ...(device !== undefined && { device }),
      ...era,
    };
  },
};
