/**
 * Tables in the manner of nvidia-smi, as other vendors' tools print them: a title, two rows a card,
 * a list of processes.
 */
import { phrase, type Statement } from '../base/texts.ts';
import type { SeenDevice, SeenProcess, Shown } from '../ledger/device.ts';
import {
  clockAbove,
  cutAt,
  type Draft,
  deviceOf,
  isBorder,
  isWholeBorder,
  MOST_DEVICES,
  MOST_PROCESSES,
  newDevice,
  type Row,
  rowOf,
} from './monitor.ts';
import type { Gap, Passage, Sighting } from './status.ts';

export interface ListedProcess extends Omit<SeenProcess, 'line'> {
  readonly index?: number;
}

export interface TableSpec {
  readonly vendor: SeenDevice['vendor'];
  /** Begins a table. */
  readonly title: RegExp;
  /** Versions in the rows above the cards. */
  versions?(text: string): Readonly<Record<string, string>> | undefined;
  /** The first row of a card. Undefined where the row is another. */
  first(row: Row): Partial<Draft> | undefined;
  /** A further row: what it adds. Undefined where the row is another. */
  second(row: Row, device: Draft): Partial<Draft> | undefined;
  /** The row above the list of processes. */
  readonly processes: RegExp;
  /** A row of the list, or 'nothing' for one that says that there is none. */
  process(text: string, row: Row): ListedProcess | 'nothing' | undefined;
  /** The row that says that no process runs. */
  readonly none: RegExp;
  /** Whether the tool always prints the list of processes. */
  readonly hasList: boolean;
}

const LIST_OF_PROCESSES = phrase({
  en: 'the list of processes',
  zh: '进程列表',
  ru: 'список процессов',
});
const TABLE_OF_CARDS = phrase({ en: 'the table of cards', zh: '显卡表格', ru: 'таблица карт' });
const rowOfCard = ({ index }: Draft): Statement =>
  phrase(
    { en: 'the row of GPU {index}', zh: 'GPU {index} 的行', ru: 'строка GPU {index}' },
    { index: index ?? '?' },
  );

/** Lines of other programs within a table. */
const MOST_FOREIGN = 40;

interface OpenTable {
  readonly from: number;
  readonly line: number;
  last: number;
  lastIndex: number;
  devices: Draft[];
  versions: Record<string, string>;
  gaps: Gap[];
  /** The card whose further rows are awaited. */
  card: Draft | undefined;
  /** In the list, and whether its rows have begun. */
  part: 'cards' | 'list';
  rows: number;
  listed: number;
  saysNone: boolean;
  isRuled: boolean;
  isClosed: boolean;
  loose: { process: ListedProcess; line: number }[];
}

export function readTables({ lines, goes_on }: Passage, spec: TableSpec): Sighting[] {
  if (!lines.some(({ text }) => spec.title.test(text))) return [];
  const found: Sighting[] = [];
  let open: OpenTable | undefined;
  const end = (isLast: boolean): void => {
    if (open !== undefined) {
      const sighting = closeTable(open, spec, isLast && goes_on);
      if (sighting !== undefined) {
        const time = clockAbove(lines, open.from);
        found.push({ ...(time !== undefined && { time }), ...sighting });
      }
    }
    open = undefined;
  };
  for (const [index, { text, number }] of lines.entries()) {
    if (spec.title.test(text)) {
      end(false);
      open = newTable(index, number);
    }
    if (open === undefined) continue;
    if (index - open.lastIndex > MOST_FOREIGN) {
      end(false);
      continue;
    }
    if (takeLine(open, spec, text, number)) {
      open.last = number;
      open.lastIndex = index;
    } else if (open.isClosed) end(false);
  }
  end(true);
  return found;
}

const newTable = (from: number, line: number): OpenTable => ({
  from,
  line,
  last: line,
  lastIndex: from,
  devices: [],
  versions: {},
  gaps: [],
  card: undefined,
  part: 'cards',
  rows: 0,
  listed: 0,
  saysNone: false,
  isRuled: false,
  isClosed: false,
  loose: [],
});

/** Whether the line was of the table. */
function takeLine(open: OpenTable, spec: TableSpec, text: string, line: number): boolean {
  if (isBorder(text)) {
    if (!isWholeBorder(text)) return true;
    if (open.part === 'cards') {
      endCard(open, line);
      // The rule under the last card ends the table where the tool has no list.
      open.isRuled = open.rows > 0;
    } else if ((open.listed > 0 || open.saysNone) && !/^\s*[|├╞╠]/.test(text)) open.isClosed = true;
    return true;
  }
  const row = rowOf(text);
  if (row === undefined) return false;
  if (spec.processes.test(text)) {
    endCard(open, line);
    open.part = 'list';
    return true;
  }
  if (open.part === 'list') return takeProcess(open, spec, text, row, line);
  const versions = open.rows === 0 ? spec.versions?.(text) : undefined;
  if (versions !== undefined) {
    Object.assign(open.versions, versions);
    return true;
  }
  const first = row.isClosed ? spec.first(row) : undefined;
  if (first !== undefined) {
    endCard(open, line);
    open.rows += 1;
    open.isRuled = false;
    open.card = { ...newDevice(spec.vendor, line), ...first };
    return true;
  }
  if (open.card !== undefined) {
    const more = row.isClosed ? spec.second(row, open.card) : undefined;
    if (more !== undefined) open.card = { ...open.card, ...more };
    return true;
  }
  return open.rows === 0;
}

function endCard(open: OpenTable, line: number): void {
  const { card } = open;
  if (card === undefined) return;
  if (card.used === undefined && card.total === undefined)
    open.gaps.push(cutAt(line, rowOfCard(card)));
  if (open.devices.length < MOST_DEVICES) open.devices.push(card);
  open.card = undefined;
}

function takeProcess(
  open: OpenTable,
  spec: TableSpec,
  text: string,
  row: Row,
  line: number,
): boolean {
  if (spec.none.test(text)) {
    open.saysNone = true;
    open.isClosed = false;
    return true;
  }
  const process = spec.process(text, row);
  if (process === undefined) {
    // Half a row: the list goes on, and is not whole.
    if (!row.isClosed) open.isClosed = false;
    return true;
  }
  open.listed += 1;
  // Some tools rule off each card's processes; the list ends with the last of these lines.
  open.isClosed = false;
  if (process !== 'nothing' && open.loose.length < MOST_PROCESSES)
    open.loose.push({ process, line });
  return true;
}

function closeTable(open: OpenTable, spec: TableSpec, goesOn: boolean): Sighting | undefined {
  const isCardOpen = open.card !== undefined;
  const { card } = open;
  if (card !== undefined) {
    if (card.used === undefined && card.total === undefined)
      open.gaps.push(cutAt(open.last, rowOfCard(card)));
    if (open.devices.length < MOST_DEVICES) open.devices.push(card);
  }
  if (open.devices.length === 0 && open.loose.length === 0) return undefined;
  const isCut = !open.isClosed && (spec.hasList || open.part === 'list' || !open.isRuled);
  if (isCut && open.gaps.length === 0)
    open.gaps.push(
      cutAt(
        open.last,
        open.part === 'list' || (spec.hasList && !isCardOpen) ? LIST_OF_PROCESSES : TABLE_OF_CARDS,
      ),
    );
  const listed = open.part !== 'list' ? 'none' : open.isClosed ? 'all' : 'part';
  for (const device of open.devices) device.listed = listed;
  for (const { process, line } of open.loose) {
    const { index, ...rest } = process;
    let device = open.devices.find((one) => one.index === index);
    if (device === undefined) {
      device = newDevice(spec.vendor, line, index);
      device.listed = listed;
      open.devices.push(device);
    }
    device.processes.push({ ...rest, line });
  }
  return {
    line: open.line,
    last: open.last,
    ...(Object.keys(open.versions).length > 0 && { versions: open.versions }),
    devices: open.devices.map(deviceOf),
    ...(open.gaps.length > 0 && !goesOn && { gaps: open.gaps }),
  };
}

/** "8.44 GiB / 31.25 GiB", "3642MiB / 16288MiB", "0 MiB/ 23374 MiB" in one of the cells. */
export function usageIn(
  row: Row,
  read: (text: string) => Shown,
): { used: Shown; total: Shown } | undefined {
  const pattern =
    /(?:^|\s)(\d{1,12}(?:\.\d{1,3})?\s?[KMGT]i?[Bb]|N\/A)\s?\/\s*(\d{1,12}(?:\.\d{1,3})?\s?[KMGT]i?[Bb]|N\/A)(?=\s|$)/;
  for (const cell of row.cells) {
    const match = pattern.exec(cell);
    if (match !== null && !(match[1] === 'N/A' && match[2] === 'N/A'))
      return { used: read(match[1] ?? ''), total: read(match[2] ?? '') };
  }
  return undefined;
}
