/** Megatron-LM and its kin: the memory report of a rank, and the theoretical footprint. */
import { phrase } from '../../base/texts.ts';
import {
  type CountRule,
  countedEvent,
  countsIn,
  type Entry,
  figure,
  joinEntries,
  type SizeRule,
  sizesIn,
} from '../own-memory.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';
import type { Line } from '../text/dress.ts';

/** "MB" is 2^20 here. */
const REPORT: readonly SizeRule[] = [
  { quantity: 'allocated', pattern: figure('\\| allocated: {number}'), unit: 'MiB' },
  { quantity: 'peak', pattern: figure('\\| max allocated: {number}'), unit: 'MiB' },
  { quantity: 'reserved', pattern: figure('\\| (?:reserved|cached): {number}'), unit: 'MiB' },
  {
    quantity: 'peak_reserved',
    pattern: figure('\\| max (?:reserved|cached): {number}'),
    unit: 'MiB',
  },
];

/** Megatron Bridge and NeMo: gigabytes of 10^9. */
const BRIDGE: readonly SizeRule[] = (
  [
    ['allocated', 'mem-allocated'],
    ['active', 'mem-active'],
    ['inactive_split', 'mem-inactive'],
    ['reserved', 'mem-reserved'],
    ['peak', 'mem-max-allocated'],
    ['peak_active', 'mem-max-active'],
    ['peak_inactive_split', 'mem-max-inactive'],
    ['peak_reserved', 'mem-max-reserved'],
  ] as const
).map(([quantity, name]) => ({
  quantity,
  pattern: figure(`\\b${name}-gigabytes: {number}`),
  unit: 'GB',
  meaning: 'decimal',
}));
const BRIDGE_COUNTS: readonly CountRule[] = [
  { count: 'allocations', pattern: figure('\\bmem-allocated-count: {count}') },
];

const THEORY: readonly SizeRule[] = [
  {
    quantity: 'estimated_states',
    pattern: figure('theoretical memory footprints: weight and optimizer = {size}'),
  },
  {
    quantity: 'estimated_activations',
    pattern: figure('theoretical memory footprints: .{1,80}\\bactivation = {size}'),
  },
  {
    quantity: 'estimated',
    pattern: figure('theoretical memory footprints: .{1,120}\\btotal = {size}'),
  },
];

const WHOLE = /\| max (?:reserved|cached): \d/;
const RANK = /\[Rank (\d{1,6})\]/i;
const MOMENT = /\((after \d{1,12} iterations|[\w ,./-]{1,60})\) memory \((?:MB|GB)\)/;

const REPORT_OF_RANK = phrase({
  en: 'the memory report of a rank',
  zh: '某个 rank 的显存报告',
  ru: 'отчёт ранга о памяти',
});

export const megatronMemory: StatusReader = {
  id: 'megatron-memory',
  code: 'UN637',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Megatron memory report',
      summary:
        'Allocated and reserved memory of a rank after some iterations, and the footprint in theory.',
    },
    zh: {
      title: 'Megatron 显存报告',
      summary: '若干次迭代后某个 rank 的已分配和已保留显存，以及理论占用量。',
    },
    ru: {
      title: 'Отчёт Megatron о памяти',
      summary:
        'Выделенная и зарезервированная память ранга после нескольких итераций и теоретический расход.',
    },
  },
  sources: [
    'megatron-lm@core_r0.8.0: megatron/training/utils.py: report_memory',
    'megatron-lm@core_r0.8.0: megatron/training/theoretical_memory_usage.py',
    'megatron-bridge@0.2.0: src/megatron/bridge/training/utils/train_utils.py: report_memory',
  ],
  needles: ['memory (mb) | allocated:', 'theoretical memory footprints', '-allocated-gigabytes'],
  read({ source, lines }: Passage): Sighting[] {
    const entries = lines.flatMap((line) => entriesOf(line, source));
    return joinEntries(entries, { source, apart: 0 });
  },
};

function entriesOf(line: Line, source: string): Entry[] {
  const { number } = line;
  if (line.text.length > 4000) return [];
  // People mark what they talk about.
  const text = line.text.replaceAll('**', '');
  const place = { source, line: number };
  const theory = sizesIn(text, THEORY, place);
  if (theory.length > 0) {
    return [{ line, begins: true, label: 'theoretical footprint', facts: theory }];
  }
  const isReport = /memory \(MB\) \|/.test(text);
  if (!isReport && !/\bmem-[\w-]{1,40}gigabytes:/.test(text)) return [];
  const rank = RANK.exec(text)?.[1];
  const label = MOMENT.exec(text)?.[1];
  const retries = /\bmem-alloc-ret(?:ries|ires): (\d{1,12})/.exec(text)?.[1];
  // A report is one line of four figures: the last of fewer may lack digits.
  const isCut = isReport && /\| allocated:/.test(text) && !WHOLE.test(text);
  const whole = isCut ? text.replace(/[\d.]{1,24}\s*$/, '') : text;
  const entry: Entry = {
    line,
    begins: true,
    facts: sizesIn(whole, isReport ? REPORT : BRIDGE, place),
    ...(isCut && {
      gaps: [{ code: 'cut-off', line: number, where: REPORT_OF_RANK }],
    }),
    counts: countsIn(text, BRIDGE_COUNTS),
    events: countedEvent('allocation-retries', Number(retries ?? 0), {
      line: number,
      says: `mem-alloc-retries: ${retries}`,
    }),
    ...(rank !== undefined && { rank: Number(rank) }),
    ...(label !== undefined && { label }),
  };
  return [entry];
}
