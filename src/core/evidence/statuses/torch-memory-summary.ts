/** `torch.cuda.memory_summary()`: the table of the caching allocator of one device. */
import { phrase, type Statement } from '../../base/texts.ts';
import type { CountName, Fact, Quantity } from '../../ledger/fact.ts';
import { countedEvent } from '../own-memory.ts';
import {
  type Gap,
  type Passage,
  type SeenEvent,
  type Sighting,
  type StatusReader,
  statusFact,
} from '../status.ts';
import type { Line } from '../text/dress.ts';

const TITLE = /PyTorch (?:[A-Za-z]{1,12} )?memory summary, device ID (?:[a-z]{1,8}:)?(\d{1,4})/i;
const FAILURES = /\b[A-Z]{2,6} OOMs:\s{0,20}(\d{1,12})\s*\|/;
const RETRIES = /\b\w{0,8}[Mm]alloc retries:\s{0,20}(\d{1,12})\s*\|/;
const BORDER = /^\s*\|={20,}\|?/;
const RULE = /^\s*\|-{20,}\|?/;
const HEADER = /^\s*\|\s*Metric\s*\|/;
const ROW = /^\s*\|\s*([A-Za-z][A-Za-z -]{3,30}?)\s*\|(.*)$/;
const CELL = /^(\d{1,19})\s*([KMGTP]?i?B|[KMGTP])?$/;

/** Current, peak, all that was handed out and back: a quantity for each of the four columns. */
type Columns = readonly [
  Quantity,
  Quantity | undefined,
  Quantity | undefined,
  Quantity | undefined,
];

const SIZES: readonly (readonly [RegExp, Columns])[] = [
  [/^Allocated memory$/i, ['allocated', 'peak', 'handed_out', 'handed_back']],
  [/^Active memory$/i, ['active', 'peak_active', undefined, undefined]],
  [
    /^Requested memory$/i,
    ['requested_by_tensors', 'peak_requested_by_tensors', undefined, undefined],
  ],
  [/^(?:[A-Z]{2,6} )?reserved memory$/i, ['reserved', 'peak_reserved', undefined, undefined]],
  [/^Non-releasable memory$/i, ['inactive_split', 'peak_inactive_split', undefined, undefined]],
];

const COUNTED: readonly (readonly [RegExp, CountName])[] = [
  [/^Allocations$/i, 'allocations'],
  [/^Active allocs$/i, 'active_allocations'],
  [/^(?:[A-Z]{2,6} )?reserved segments$/i, 'segments'],
  [/^Non-releasable allocs$/i, 'inactive_splits'],
  [/^Oversize allocations$/i, 'oversize_allocations'],
  [/^Oversize (?:[A-Z]{2,6} )?segments$/i, 'oversize_segments'],
];

const THOUSANDS: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** Lines of other programs that may stand within the table. */
const FOREIGN = 6;

const HEAD = phrase({
  en: 'the head of the memory summary',
  zh: '显存摘要的开头',
  ru: 'начало сводки памяти',
});
const SUMMARY = phrase({ en: 'the memory summary', zh: '显存摘要', ru: 'сводка памяти' });
const rowOf = (name: string): Statement =>
  phrase({ en: 'the row "{name}"', zh: '“{name}”这一行', ru: 'строка «{name}»' }, { name });
const summaryOf = (device: number | undefined): Statement =>
  device === undefined
    ? SUMMARY
    : phrase(
        {
          en: 'the memory summary of device {device}',
          zh: '设备 {device} 的显存摘要',
          ru: 'сводка памяти устройства {device}',
        },
        { device },
      );

interface Table {
  readonly first: Line;
  last: number;
  device?: number;
  hasTitle: boolean;
  /** Borders seen after the rows began. */
  isClosed: boolean;
  rows: number;
  columns?: Columns | undefined;
  facts: Fact[];
  counts: Partial<Record<CountName, number>>;
  events: SeenEvent[];
  gaps: Gap[];
}

export const torchMemorySummary: StatusReader = {
  id: 'torch-memory-summary',
  code: 'UN630',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'torch.cuda.memory_summary()',
      summary: 'The caching allocator of one device: current and peak figures, retries, failures.',
    },
    zh: {
      title: 'torch.cuda.memory_summary()',
      summary: '单个设备的缓存分配器：当前值和峰值、重试次数、失败次数。',
    },
    ru: {
      title: 'torch.cuda.memory_summary()',
      summary:
        'Кэширующий аллокатор одного устройства: текущие и пиковые значения, повторные попытки, неудачи.',
    },
  },
  sources: [
    'pytorch@1.4.0: torch/cuda/memory.py: memory_summary',
    'pytorch@2.6.0: torch/cuda/memory.py: memory_summary',
  ],
  needles: ['memory summary, device id', '| allocated memory ', '|        metric         | cur'],
  sign: /\|.*\||memory summary/i,
  read({ source, lines, goes_on }: Passage): Sighting[] {
    const found: Sighting[] = [];
    let table: Table | undefined;
    const end = (atEnd: boolean): void => {
      if (table !== undefined) found.push(...closed(table, atEnd && goes_on));
      table = undefined;
    };
    for (const line of lines) {
      // A repr keeps its line breaks as two characters.
      for (const text of line.text.split('\\n')) {
        if (table !== undefined && line.number - table.last > FOREIGN) end(false);
        const title = TITLE.exec(text);
        if (title !== null) {
          end(false);
          table = newTable(line, { device: Number(title[1]), hasTitle: true });
          continue;
        }
        const row = ROW.exec(text);
        const isRow = row !== null && isKnown(row[1] ?? '');
        if (table === undefined && !isRow) continue;
        // A second table whose head is lost.
        if (isRow && table?.isClosed === true) end(false);
        table ??= newTable(line, { hasTitle: false });
        if (isRow) takeRow(table, row[1] ?? '', row[2] ?? '', line, source);
        else if (!takeFrame(table, text, line)) continue;
        table.last = line.number;
      }
    }
    end(true);
    return found;
  },
};

const newTable = (first: Line, head: { device?: number; hasTitle: boolean }): Table => ({
  first,
  last: first.number,
  isClosed: false,
  rows: 0,
  facts: [],
  counts: {},
  events: [],
  gaps: [],
  ...head,
});

const isKnown = (name: string): boolean =>
  SIZES.some(([pattern]) => pattern.test(name)) ||
  COUNTED.some(([pattern]) => pattern.test(name)) ||
  /^from (?:large|small) pool$/i.test(name);

/** Borders, the line of failures, the header: true for what belongs to the table. */
function takeFrame(table: Table, text: string, line: Line): boolean {
  if (table.isClosed) return false;
  if (BORDER.test(text)) {
    table.isClosed = table.rows > 0;
    return true;
  }
  const failures = FAILURES.exec(text)?.[1];
  const retries = RETRIES.exec(text)?.[1];
  if (failures !== undefined || retries !== undefined) {
    const at = {
      line: line.number,
      says: text.replaceAll('|', ' ').replace(/\s+/g, ' ').trim().slice(0, 120),
      ...(table.device !== undefined && { device: table.device }),
    };
    table.events.push(
      ...countedEvent('counted-failures', Number(failures ?? 0), at),
      ...countedEvent('allocation-retries', Number(retries ?? 0), at),
    );
    return true;
  }
  return RULE.test(text) || HEADER.test(text);
}

function takeRow(table: Table, name: string, rest: string, line: Line, source: string): void {
  table.rows++;
  const pool = /^from (large|small) pool$/i.exec(name)?.[1]?.toLowerCase();
  // What stands after the last bar is cut off, or nothing.
  const cells = rest.split('|').slice(0, -1);
  if (pool === undefined) {
    table.columns = SIZES.find(([pattern]) => pattern.test(name))?.[1];
    const count = COUNTED.find(([pattern]) => pattern.test(name))?.[1];
    const cell = CELL.exec(cells[0]?.trim() ?? '');
    if (count !== undefined && cell !== null) {
      table.counts[count] ??= Number(cell[1]) * (THOUSANDS[cell[2] ?? ''] ?? Number.NaN);
    }
  }
  table.columns?.forEach((quantity, index) => {
    const cell = CELL.exec(cells[index]?.trim() ?? '');
    const unit = cell?.[2];
    if (quantity === undefined || cell === null || unit?.endsWith('B') !== true) return;
    table.facts.push(
      statusFact(
        quantity,
        { digits: cell[1] ?? '', unit, rounding: 'floor' },
        { source, line: line.number },
        {
          ...(table.device !== undefined && { device: table.device }),
          ...(pool === 'large' || pool === 'small' ? { pool } : {}),
        },
      ),
    );
  });
  const isBroken = cells.length < 4 || cells.some((cell) => !CELL.test(cell.trim()));
  if (isBroken && cells.length >= 4) {
    table.gaps.push({ code: 'damaged', line: line.number, where: rowOf(name) });
  }
}

/** `goesOn`: the passage ends here, the source does not. */
function closed(table: Table, goesOn: boolean): Sighting[] {
  const { first, last, device, facts, counts, events, gaps } = table;
  if (
    facts.length === 0 &&
    events.length === 0 &&
    Object.keys(counts).length === 0 &&
    !table.hasTitle
  )
    return [];
  if (!table.isClosed && !goesOn) {
    gaps.push({ code: 'cut-off', line: last, where: summaryOf(device) });
  }
  if (!table.hasTitle) {
    gaps.push({ code: 'cut-off', line: first.number, where: HEAD });
  }
  const moment = facts[0]?.moment;
  return [
    {
      line: first.number,
      last,
      ...(first.time !== undefined && { time: first.time }),
      ...(device !== undefined && { label: `device ID ${device}` }),
      facts: facts.map((fact) => ({ ...fact, moment: moment ?? fact.moment })),
      counts,
      events,
      gaps,
    },
  ];
}
