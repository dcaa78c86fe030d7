/** TensorFlow's BFC allocator (and XLA's copy of it): its dump, and the devices it creates. */
import { phrase } from '../../base/texts.ts';
import type { SeenDevice } from '../../ledger/device.ts';
import type { Fact, Quantity } from '../../ledger/fact.ts';
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

/** "Created device /job:localhost/…/device:GPU:0 with 14249 MB memory:  -> device: 0, name: Tesla T4, pci bus id: …" */
const CREATED =
  /Created (?:TensorFlow )?device \(?\S{0,80}device:(?:X?GPU|DML):(\d{1,3}) with (\d{1,9}) MB memory\)?:?\s{0,4}-> (?:physical (?:PluggableDevice|GPU) )?\(?(?:device: (\d{1,3}), name: ([^,]{1,80}), pci bus id: ([\w:.<>]{1,24}))?/;
const CREATED_OLD =
  /Creating TensorFlow device \(\/(?:device:)?gpu:(\d{1,3})\) -> \(device: \d{1,3}, name: ([^,]{1,80}), pci bus id: ([\w:.]{1,24})\)/;
/** The properties of 1.x stand on four lines. */
const PROPERTIES = /Found device (\d{1,3}) with properties/;
/** What stands below the name: a paste may begin there. */
const CAPABILITY = /^\s*major: \d{1,2} minor: \d{1,2} memoryClockRate/;
const NAME = /^\s*name: (\S[^:]{0,80}?)(?: major: \d| computeCapability|$)/;
const BUS = /^\s*pciBusID:? (\S{1,24})/;
const TOTAL_FREE = /^\s*totalMemory: (\S{1,16}) freeMemory: (\S{1,16})/;
/** The four lines as one, where a report has lost its line feeds. */
const RUN_ON =
  /\bname: (\S[^:]{0,80}?) major: \d{1,2} minor: \d{1,2} memoryClockRate.{1,40}\bpciBusID:? (\S{1,24}) total ?memory: (\S{1,16}) free ?memory: (\S{1,16})/i;
const TOTAL_FREE_OLD = /^\s*(Total|Free) memory: (\S{1,16})\s*$/;

const STATS: readonly (readonly [RegExp, Quantity])[] = [
  [/^\s*(?:Stats:\s*)?Limit:\s{1,40}(\d{1,19})\s*$/, 'budget'],
  [/^\s*InUse:\s{1,40}(\d{1,19})\s*$/, 'allocated'],
  [/^\s*MaxInUse:\s{1,40}(\d{1,19})\s*$/, 'peak'],
  [/^\s*MaxAllocSize:\s{1,40}(\d{1,19})\s*$/, 'largest_allocation'],
  [/^\s*Reserved:\s{1,40}(\d{1,19})\s*$/, 'reserved'],
  [/^\s*PeakReserved:\s{1,40}(\d{1,19})\s*$/, 'peak_reserved'],
  [/^\s*LargestFreeBlock:\s{1,40}(\d{1,19})\s*$/, 'largest_free_block'],
];
const OPTIONAL = new Set<Quantity>(['reserved', 'peak_reserved', 'largest_free_block']);
const COUNTS: readonly CountRule[] = [
  { count: 'allocations', pattern: /^\s*NumAllocs:\s{1,40}(?<count>\d{1,18})\s*$/ },
];
/** Lines of the dump that stand before its statistics. */
const DUMP: readonly SizeRule[] = [
  { quantity: 'budget', pattern: figure('\\bmemory_limit_: {number}'), unit: 'bytes' },
  {
    quantity: 'reserved',
    pattern: figure('\\btotal_region_allocated_bytes_: {number}'),
    unit: 'bytes',
  },
  { quantity: 'allocated', pattern: figure('Sum Total of in-use chunks: {size}') },
];
const CHUNKS = /(\d{1,9}) Chunks of size (\d{1,18}) totalling ([\d.]{1,12})\s?([KMGT]?i?B)\s*$/;
/** Sizes of chunks that a report lists. */
const MOST_CHUNKS = 64;

const STATISTICS = phrase({
  en: 'the statistics of the allocator',
  zh: '分配器的统计信息',
  ru: 'статистика аллокатора',
});

export const tensorflowAllocator: StatusReader = {
  id: 'tensorflow-allocator',
  code: 'UN644',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'TensorFlow devices and allocator',
      summary: 'The devices with the memory that TensorFlow took, and the dump of its allocator.',
    },
    zh: {
      title: 'TensorFlow 的设备与分配器',
      summary: '各设备及 TensorFlow 占用的显存，以及其分配器的转储。',
    },
    ru: {
      title: 'Устройства и аллокатор TensorFlow',
      summary: 'Устройства с памятью, которую занял TensorFlow, и дамп его аллокатора.',
    },
  },
  sources: [
    'tensorflow@1.12.0: tensorflow/core/common_runtime/bfc_allocator.cc: DumpMemoryLog',
    'tensorflow@2.16.1: tensorflow/core/common_runtime/gpu/gpu_device.cc: Created device',
    'xla@main: xla/tsl/framework/allocator.cc: AllocatorStats::DebugString',
  ],
  needles: [
    'sum total of in-use chunks',
    'maxallocsize:',
    'created device /job',
    'created tensorflow device',
    'creating tensorflow device',
    'with properties:',
    'memoryclockrate',
  ],
  sign: /bfc|in-?use|Limit:|TotalMemory|GPU:\d/i,
  read({ source, lines, goes_on }: Passage): Sighting[] {
    return [...devicesIn(lines, source), ...dumpsIn(lines, source, goes_on)].sort(
      (a, b) => a.line - b.line,
    );
  },
};

function devicesIn(lines: readonly Line[], source: string): Sighting[] {
  const entries: Entry[] = [];
  lines.forEach((line, index) => {
    const { text, number } = line;
    if (text.length > 2000) return;
    const place = { source, line: number };
    const created = CREATED.exec(text);
    if (created !== null) {
      const [, logical = '', digits = '', physical, name, bus] = created;
      const at = Number(physical ?? logical);
      const budget = statusFact('budget', { digits, unit: 'MiB', rounding: 'floor' }, place, {
        device: at,
      });
      entries.push({
        line,
        label: 'devices created',
        facts: [budget],
        devices: [deviceFrom(number, at, name, bus)],
      });
      return;
    }
    const old = CREATED_OLD.exec(text);
    if (old !== null) {
      entries.push({
        line,
        label: 'devices created',
        devices: [deviceFrom(number, Number(old[1]), old[2], old[3])],
      });
      return;
    }
    const found = PROPERTIES.exec(text);
    const runOn = RUN_ON.exec(text);
    if (runOn !== null) {
      const [, name, bus, total = '', free = ''] = runOn;
      const above = found ?? PROPERTIES.exec(lines[index - 1]?.text ?? '');
      const at = above === null ? undefined : Number(above[1]);
      const sizes = { total: shown(total), free: shown(free) };
      const devices = [deviceFrom(number, at, name, bus, sizes)];
      entries.push({ line, label: 'devices found', devices });
      return;
    }
    const isRunOnBelow = RUN_ON.test(lines[index + 1]?.text ?? '');
    if (found !== null && !isRunOnBelow)
      entries.push(propertiesOf(line, Number(found[1]), lines.slice(index + 1, index + 8)));
    const isCut = CAPABILITY.test(text) && !isBelowProperties(lines, index);
    if (isCut) entries.push(propertiesOf(line, undefined, lines.slice(index - 1, index + 6)));
  });
  return joinEntries(entries, { source, apart: 12, many: () => true });
}

const isBelowProperties = (lines: readonly Line[], index: number): boolean =>
  index < 1 || lines.slice(Math.max(0, index - 3), index).some(({ text }) => PROPERTIES.test(text));

const deviceFrom = (
  line: number,
  index: number | undefined,
  name: string | undefined,
  bus: string | undefined,
  sizes: Pick<SeenDevice, 'total' | 'free'> = {},
): SeenDevice => ({
  ...(index !== undefined && { index }),
  ...(name !== undefined && { name: name.trim() }),
  ...(bus !== undefined && !bus.startsWith('<') && { bus_id: bus }),
  vendor: /radeon|\bamd\b|instinct/i.test(name ?? '')
    ? 'amd'
    : /apple|metal/i.test(name ?? '')
      ? 'apple'
      : 'nvidia',
  ...sizes,
  processes: [],
  listed: 'none',
  line,
});

function propertiesOf(line: Line, index: number | undefined, below: readonly Line[]): Entry {
  const facts = new Map<string, string>();
  let last = line;
  for (const one of below) {
    if (PROPERTIES.test(one.text)) break;
    const [name, bus] = [NAME.exec(one.text)?.[1], BUS.exec(one.text)?.[1]];
    const both = TOTAL_FREE.exec(one.text);
    const each = TOTAL_FREE_OLD.exec(one.text);
    if (name !== undefined) facts.set('name', name);
    if (bus !== undefined) facts.set('bus', bus);
    if (both !== null) facts.set('total', both[1] ?? '').set('free', both[2] ?? '');
    if (each !== null) facts.set(each[1]?.toLowerCase() ?? '', each[2] ?? '');
    if (name !== undefined || bus !== undefined || both !== null || each !== null) last = one;
  }
  const [total, free] = [facts.get('total'), facts.get('free')];
  const device = deviceFrom(line.number, index, facts.get('name'), facts.get('bus'), {
    ...(total !== undefined && { total: shown(total) }),
    ...(free !== undefined && { free: shown(free) }),
  });
  return { line: { ...line, number: last.number }, label: 'devices found', devices: [device] };
}

interface Dump {
  readonly first: Line;
  last: number;
  facts: Fact[];
  counts: Entry['counts'];
  chunks: number;
  hasStats: boolean;
  isClosed: boolean;
}

function dumpsIn(lines: readonly Line[], source: string, goesOn: boolean): Sighting[] {
  const found: Sighting[] = [];
  let dump: Dump | undefined;
  const end = (atEnd: boolean): void => {
    if (dump !== undefined) found.push(...closed(dump, atEnd && goesOn));
    dump = undefined;
  };
  for (const line of lines) {
    // glog and absl prefixes of TensorFlow have a time stamp and no process number
    const text = line.text.replace(/^.{0,60}?[IWEF] \S{0,120}bfc_allocator\.cc:\d+\] /, '');
    if (text.length > 2000) continue;
    const place = { source, line: line.number };
    if (dump !== undefined && line.number - dump.last > 40) end(false);
    const stat = STATS.find(([pattern]) => pattern.test(text));
    const counts = countsIn(text, COUNTS);
    const chunk = CHUNKS.exec(text);
    const facts = stat === undefined ? sizesIn(text, DUMP, place) : [];
    const hasCount = Object.keys(counts).length > 0;
    if (stat === undefined && !hasCount && chunk === null && facts.length === 0) continue;
    if (stat?.[1] === 'budget' && dump?.hasStats === true) end(false);
    if (chunk !== null && dump?.hasStats === true) end(false);
    dump ??= {
      first: line,
      last: line.number,
      facts: [],
      counts: {},
      chunks: 0,
      hasStats: false,
      isClosed: false,
    };
    dump.last = line.number;
    dump.counts = { ...dump.counts, ...counts };
    if (stat !== undefined) {
      const [pattern, quantity] = stat;
      const digits = pattern.exec(text)?.[1] ?? '';
      // An allocator that does not keep this figure prints 0.
      if (digits === '0' && OPTIONAL.has(quantity)) continue;
      dump.hasStats = true;
      dump.isClosed ||= quantity === 'largest_allocation';
      // The statistics are exact; they stand before what the dump rounds.
      const at = dump.facts.findIndex((fact) => fact.quantity === quantity);
      if (at >= 0) dump.facts.splice(at, 1);
      dump.facts.push(statusFact(quantity, { digits, unit: 'bytes' }, place));
    } else if (chunk !== null) {
      dump.chunks++;
      if (dump.chunks > MOST_CHUNKS) continue;
      const [, count = '', size = '', digits = '', unit = ''] = chunk;
      dump.facts.push(
        statusFact('buffer', { digits, unit }, place, {
          buffer: `${count} x ${size} B`,
          role: 'other',
        }),
      );
    } else dump.facts.push(...facts);
  }
  end(true);
  return found;
}

function closed(
  { first, last, facts, counts, hasStats, isClosed }: Dump,
  goesOn: boolean,
): Sighting[] {
  const entry: Entry = { line: first, facts, ...(counts !== undefined && { counts }) };
  if (!hasFigures(entry)) return [];
  const isCut = hasStats && !isClosed && !goesOn;
  const moment = facts[0]?.moment;
  return [
    {
      line: first.number,
      last,
      ...(first.time !== undefined && { time: first.time }),
      facts: facts.map((fact) => ({ ...fact, moment: moment ?? fact.moment })),
      ...(counts !== undefined && { counts }),
      ...(isCut && {
        gaps: [{ code: 'cut-off' as const, line: last, where: STATISTICS }],
      }),
    },
  ];
}
