/** TPUs: the compiler adds up what a program needs, the runtime places programs and buffers in HBM. */
import type { Clue, Message, Reader, Reading } from '../reader.ts';
import { parseSize } from '../told-size.ts';

const SPACE = /memoryspace(?<space>[a-z]{3,8}?)(?:[.,;:'"]|while|$)/i;
const USED = /Used(?<size>[\d.]{1,12})(?<size_unit>[KMGT]?i?B?)of[\d.]/i;
const OF = /Used[\d.]{1,12}[KMGT]?i?B?of(?<size>[\d.]{1,12})(?<size_unit>[KMGT])/i;
const TO_PLACE =
  /Attemptingto(?:reserve|allocate)(?<size>[\d.]{1,12})(?<size_unit>[KMGT]?i?B?)(?:atthebottom|\.That)/i;
/** What the program holds while it runs, beside its inputs. */
const TEMPORARY = /HLOtemp(?<size>[\d.]{1,12})(?<size_unit>[KMGT]?i?B?)\(/i;
/** What the layout of the device adds to an array: a last dimension of 2 takes 128 lanes. */
const PADDING = /Extramemoryduetopadding:(?<size>[\d.]{1,12})(?<size_unit>[KMGT]?i?B?)\(/i;
const FREE = /Thereare(?<size>[\d.]{1,12})(?<size_unit>[KMGT]?i?B?)free/i;
const SCOPED = /allocationwithsize(?<size>[\d.]{1,12})(?<size_unit>[KMGT]i?B?)/i;
const SCOPED_LIMIT = /andlimit(?<size>[\d.]{1,12})(?<size_unit>[KMGT]i?B?)/i;
const WOULD = /Allocation\(size=(?<size>\d{1,19})\)would/i;
const WOULD_OF = /exceedmemory\(size=(?<size>\d{1,19})\)/i;
/** The estimate of the compiler, before it has placed anything. */
const REQUIRES = /Requires(?<size>[\d.]{1,12})(?<size_unit>[KMGT])/i;
const AVAILABLE = /has(?<size>[\d.]{1,12})(?<size_unit>[KMGT])available/i;
const CORE = /TensorCoreHbmusage:?(?<size>[\d.]{1,12})(?<size_unit>[KMGT])/i;
const CORE_OF = /exceedingavailablebytes:(?<size>[\d.]{1,12})(?<size_unit>[KMGT])/i;

/** The largest piece that is free. */
const RESERVABLE = /and(?<size>[\d.]{1,12})(?<size_unit>[KMGT]?i?B?)reservable/i;
const NOT_COMPACTED = /compactionwillnot/i;
/** The runtime saw that what is free would do in one piece. */
const COMPACTED = /Iffragmentationiseliminated\S{0,120}?compactionwillenablethisreservation/i;

const sizeOf = (match: RegExpExecArray | null): number =>
  match === null
    ? Number.NaN
    : (parseSize(match.groups?.['size'] ?? '', match.groups?.['size_unit'] ?? '') ?? Number.NaN);

/** On-chip memories of a core: what a kernel may hold, no matter how much HBM is free. */
const ON_CHIP = /^(?:vmem|smem|cmem|sflag|spmem|tile_?spmem)$/i;

function frameworkOf({ before, text }: Message): string {
  const around = before + text.slice(0, 400);
  if (/XRTExecute|torch_xla|xla_client|BadStatusOr/.test(around)) return 'torch_xla';
  if (/jax/i.test(around)) return 'jax';
  // TensorFlow's own compile operation names what went wrong.
  if (/Compilationfailure:$/.test(before)) return 'tensorflow';
  return /tensorflow\.python|\[Op:|\{\{node/.test(around) ? 'tensorflow' : 'jax';
}

const HEAD = /Ranoutofmemory|Allocationtype:[A-Z]|Exceededhbmcapacity|Totalhbmusage/i;

export const tpuMemory: Reader = {
  id: 'tpu-memory',
  code: 'UN462',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'TPU memory',
      summary:
        'A program or a buffer that does not fit into the HBM of a TPU, at compile time or at run time; on-chip vmem told apart.',
    },
    zh: {
      title: 'TPU 内存',
      summary: '程序或缓冲区放不进 TPU 的 HBM，发生在编译时或运行时；片上 vmem 单独区分。',
    },
    ru: {
      title: 'Память TPU',
      summary:
        'Программа или буфер не помещается в HBM TPU при компиляции или во время работы; память vmem на кристалле различается отдельно.',
    },
  },
  sources: ['openxla.org/xla/errors: E1000, E1001, E0100, E0101'],
  needles: [
    'out of memory in memory space',
    'that was not possible.',
    'hbm capacity by',
    'would exceed memory (size',
    'sparsecore hbm usage',
    'scoped vmem limit',
    'unlikely to have enough',
    'allocation type: ',
  ],
  anchor:
    /Ranoutofmemoryinmemoryspace|(?<!memoryspace[a-z]{3,8}\.)Used[\d.]{1,12}[KMGT]of[\d.]{1,12}[KMGT]hbm\.Exceeded|Attemptingto(?:reserve|allocate)[\d.]{1,12}[KMGT]?i?B?(?:atthebottomofmemory)?\.Thatwasnotpossible|Allocation\(size=\d{1,19}\)wouldexceedmemory|TPUTensorCoreHbmusage|unlikelytohaveenough(?:device)?memory\.Requires[\d.]{1,12}[KMGT],has[\d.]{1,12}[KMGT]available|Allocationtype:[A-Z]|Scoped(?<!memoryspacevmem.{0,600}Scoped)allocationwithsize[\d.]{1,12}[KMGT]i?B?andlimit/gi,
  read(message): Reading | undefined {
    // One line of the list of the largest buffers; where its head was cut off the first line stands for it.
    const isOfList = /^Allocationtype/i.test(message.match[0]);
    if (isOfList && HEAD.test(message.preceding(6000))) return undefined;
    const head = message.text.slice(0, 1500);
    const space = /Scoped/i.test(message.match[0])
      ? 'vmem'
      : (SPACE.exec(head)?.groups?.['space'] ??
        /space=(?<space>\w{3,8})/.exec(head)?.groups?.['space'] ??
        'hbm');
    // An estimate that fits is none of a shortage.
    if (
      /^unlikely/i.test(message.match[0]) &&
      sizeOf(REQUIRES.exec(head)) <= sizeOf(AVAILABLE.exec(head))
    )
      return undefined;
    const clues: Clue[] = [];
    const isOnChip = ON_CHIP.test(space);
    if (isOnChip) {
      clues.push('kernel-shared-memory');
      message.size('smem_required', SCOPED) ??
        message.size('smem_required', USED) ??
        message.size('smem_required', WOULD);
      message.size('smem_limit', SCOPED_LIMIT) ??
        message.size('smem_limit', OF) ??
        message.size('smem_limit', WOULD_OF);
    } else {
      message.size('program', USED) ??
        message.size('program', CORE) ??
        message.size('program', REQUIRES);
      message.size('activations', TEMPORARY);
      message.size('padding', PADDING);
      message.size('total', OF) ??
        message.size('total', CORE_OF) ??
        message.size('total', WOULD_OF) ??
        message.size('total', AVAILABLE);
      message.size('requested', TO_PLACE) ?? message.size('requested', WOULD);
      message.size('free', FREE);
    }
    const largest = sizeOf(RESERVABLE.exec(head));
    const asked = sizeOf(TO_PLACE.exec(message.text.slice(0, 200)));
    const free = sizeOf(FREE.exec(head));
    const isScattered = largest < asked && asked <= free && !NOT_COMPACTED.test(head);
    const isCompiling = /^(?:Ran|Allocationtype|Used|TPU|Scoped|unlikely)/i.test(message.match[0]);
    return {
      kind: isOnChip ? 'look_alike' : 'gpu_oom',
      framework: frameworkOf(message),
      backend: 'tpu',
      wording: isCompiling
        ? 'compile'
        : COMPACTED.test(head)
          ? 'compactable'
          : isScattered
            ? 'scattered'
            : 'run',
      facts: message.facts,
      clues,
      end: message.end,
      ...(isCompiling && { phase: 'compile' as const }),
      reportLines: 400,
    };
  },
};
