/** Faults of a card as its kernel driver logs them: Xid and SXid of NVIDIA, amdgpu, i915 and xe. */
import {
  type EventRule,
  eventsIn,
  type Fields,
  inWords,
  kernelText,
  momentsOf,
  stampOf,
} from '../around.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';
import type { Line } from '../text/dress.ts';

/** NVIDIA's own names of the numbers. */
const XIDS: Readonly<Record<number, string>> = {
  8: 'GPU stopped processing',
  11: 'invalid or corrupted push buffer stream',
  13: 'graphics engine exception',
  31: 'GPU memory page fault',
  32: 'invalid or corrupted push buffer stream',
  38: 'driver firmware error',
  43: 'GPU stopped processing (reset channel verification error)',
  44: 'graphics engine fault during context switch',
  45: 'preemptive cleanup, due to previous errors',
  46: 'GPU stopped processing',
  48: 'double-bit ECC error',
  54: 'auxiliary power is not connected',
  61: 'internal micro-controller breakpoint',
  62: 'internal micro-controller halt',
  63: 'ECC page retirement or row remapping recorded',
  64: 'ECC page retirement or row remapping failed to record',
  68: 'video decoder exception',
  69: 'graphics engine class error',
  74: 'NVLink error',
  78: 'vGPU start error',
  79: 'GPU has fallen off the bus',
  92: 'high single-bit ECC error rate',
  94: 'contained ECC error',
  95: 'uncontained ECC error',
  109: 'context switch timeout',
  110: 'security fault',
  119: 'GSP RPC timeout',
  120: 'GSP error',
  121: 'C2C link corrected error',
  122: 'SPI PMU RPC read failure',
  137: 'NVLink FLA privilege error',
  140: 'unrecovered ECC error',
  143: 'GPU initialization failure',
  145: 'NVLink error',
  149: 'NVLink error',
  154: 'GPU recovery action changed',
};

const HINT =
  /Xid|NVRM|amdgpu|drmn\d|i915|\bxe\b|fallen off|GPU reset|GPU HANG|page fault|ring \S+ timeout/;

const said = (word: string | undefined, printed: string): Fields => ({
  says: word === undefined ? printed : `${word}: ${printed}`,
});

/** The number of a process may stand in quotes, and be "<unknown>" or N/A. */
const PID = `pid='?(?<pid>\\d{1,9})`;

const RULES: readonly EventRule[] = [
  {
    kind: 'driver-fault',
    pattern: /\b(SXid|Xid) \(([^)]{1,60})\): (\d{1,5})(?:,\s*(.{0,400}))?/,
    more(match) {
      const [, kind = '', bus = '', number = '', rest = ''] = match;
      const pid = new RegExp(PID).exec(rest)?.groups?.['pid'];
      const name = /\bname='?([^',<>]{1,80})/.exec(rest)?.[1];
      const text = rest.replace(/^pid=[^,]{1,80},\s*(?:name=[^,]{1,80},\s*)?/, '');
      return {
        code: `${kind} ${number}`,
        pid: pid === undefined ? undefined : Number(pid),
        who: name,
        ...said(kind === 'Xid' ? XIDS[Number(number)] : undefined, `${bus}, ${text}`),
      };
    },
  },
  {
    kind: 'driver-fault',
    pattern:
      /NVRM: GPU (?:at )?(?:PCI:)?([\da-fA-F:.]{6,20}):? GPU has fallen off the bus|NVRM: fallen off the bus and is not responding/,
    more: (_, lines, at) => ({
      code: 'fallen off the bus',
      time: lines
        .slice(Math.max(0, at - 2), at + 1)
        .flatMap((line) => stampOf(line) ?? [])
        .at(-1),
      ...said(undefined, nvrmText(lines, at)),
    }),
  },
  { kind: 'driver-fault', pattern: /NVRM: RmInitAdapter failed! \((?<code>0x[\w:]{1,40})\)/ },
  {
    kind: 'driver-fault',
    pattern: /NVRM: .{0,200}?\bNV_ERR_(?<code>NO_MEMORY|INSUFFICIENT_RESOURCES)\b/,
    more: (match) => ({ code: `NV_ERR_${match.groups?.['code'] ?? ''}` }),
  },
  {
    kind: 'driver-fault',
    pattern:
      /(?:amdgpu|drmn\d).{0,80}?\[(?:gfxhub|mmhub|vmc|VMC)\d{0,2}\] (?:no-)?(?:retry )?(?:VMC )?page fault|(?:amdgpu|drmn\d|radeon).{0,80}?(?:VM fault|GPU fault detected)/,
    more: (_, lines, at) => ({ code: 'VM fault', ...processBelow(lines, at) }),
  },
  {
    kind: 'driver-fault',
    pattern: /(?:amdgpu|\[drm).{0,80}?\bring (\S{1,40}) timeout\b/,
    more: (_, lines, at) => ({ code: 'ring timeout', ...processBelow(lines, at) }),
  },
  {
    kind: 'driver-fault',
    pattern:
      /(?:amdgpu|\[drm\]|i915|\bxe\b).{0,80}?(?:GPU reset begin|GPU mode\d reset|VRAM is lost due to GPU reset|[Rr]esetting (?:chip|rcs|GPU) (?:after gpu hang|for)|GPU recovery disabled)/,
    more: () => ({ code: 'GPU reset' }),
  },
  {
    kind: 'driver-fault',
    pattern: /(?:i915|drm).{0,80}?GPU HANG: ecode (?<code>\S{1,60}?),?(?:\s|$)/,
    more: (_, lines, at) => processBelow(lines, at),
  },
  {
    kind: 'driver-fault',
    pattern:
      /\bxe [\da-f:.]{6,20}: .{0,80}?(?:Engine memory (?:CAT error|cat error)|Timedout job|Fault response|GT\d{1,2}: reset (?:started|queued)|Engine reset|device wedged|CRITICAL: Xe has declared device)/,
    more: (_, lines, at) => ({ code: 'xe fault', ...processBelow(lines, at) }),
  },
];

/** "for process python pid 4711", "Process python pid 4711" or "in python [4711]", here or a line below. */
function processBelow(lines: readonly Line[], at: number): Fields {
  for (const line of lines.slice(at, at + 3)) {
    const match =
      /[Pp]rocess:? (?:information: process )?(\S{1,64}) pid:? (\d{1,9})|\bin (\S{1,64}) \[(\d{1,9})\]/.exec(
        line.text,
      );
    if (match !== null) return { who: match[1] ?? match[3], pid: Number(match[2] ?? match[4]) };
  }
  return {};
}

/** Newer drivers break the sentence into three lines. */
const nvrmText = (lines: readonly Line[], at: number): string =>
  inWords(
    lines
      .slice(Math.max(0, at - 2), at + 1)
      .filter(({ text }) => text.includes('NVRM:') && !/Xid/.test(text))
      .map((line) =>
        kernelText(line)
          .trim()
          .replace(/^NVRM: /, ''),
      )
      .join(' '),
  );

export const kernelGpuFault: StatusReader = {
  id: 'kernel-gpu-fault',
  code: 'UN667',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'A fault of the card in the kernel\u2019s log',
      summary:
        'Xid and SXid of NVIDIA with what each number means, page faults and resets of amdgpu, i915 and xe.',
    },
    zh: {
      title: '内核日志中的显卡故障',
      summary: 'NVIDIA 的 Xid 和 SXid 及各编号的含义，以及 amdgpu、i915 和 xe 的页错误与重置。',
    },
    ru: {
      title: 'Сбой карты в логе ядра',
      summary:
        'Xid и SXid от NVIDIA со значением каждого номера; ошибки страниц (page fault) и сбросы amdgpu, i915 и xe.',
    },
  },
  sources: [
    'NVIDIA Xid Errors r570: https://docs.nvidia.com/deploy/xid-errors/',
    'linux@v6.6:drivers/gpu/drm/amd/amdgpu/gmc_v9_0.c',
    'linux@v6.6:drivers/gpu/drm/i915/i915_gpu_error.c',
    'linux@v6.12:drivers/gpu/drm/xe/xe_guc_submit.c',
  ],
  needles: [
    'nvrm: xid',
    'sxid (pci',
    'fallen off the bus',
    'rminitadapter failed',
    '] page fault (src_id',
    'retry page fault',
    'gpu reset begin',
    'gpu hang: ecode',
    'amdgpu_job_timedout',
    'engine memory cat error',
  ],
  sign: /NVRM|xid|amdgpu|i915|\bxe\b|GPU/i,
  read(passage: Passage): Sighting[] {
    return momentsOf(eventsIn(passage, HINT, RULES)).map((moment) => ({
      ...moment,
      events: repeatsOnce(moment.events ?? []),
    }));
  },
};

/** A page fault is logged for each page: one event with its count. */
function repeatsOnce(events: NonNullable<Sighting['events']>): NonNullable<Sighting['events']> {
  const found = new Map<string, { event: (typeof events)[number]; count: number }>();
  events.forEach((event, index) => {
    const key =
      event.code === undefined
        ? `#${index}`
        : `${event.code} ${event.pid ?? ''} ${event.host ?? ''} ${/[\da-f]{2,8}:[\da-f]{2}:[\da-f]{2}/i.exec(event.says)?.[0] ?? ''}`;
    const before = found.get(key);
    if (before === undefined) found.set(key, { event, count: 1 });
    else before.count++;
  });
  return [...found.values()].map(({ event, count }) => (count > 1 ? { ...event, count } : event));
}
