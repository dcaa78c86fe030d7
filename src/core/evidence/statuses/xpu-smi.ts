/** `xpu-smi` of Intel as people see it: discovery, stats, ps, the table of version 2, and the CSV of dump. */
import { phrase } from '../../base/texts.ts';
import type { Shown } from '../../ledger/device.ts';
import { type CsvRow, csvTables, samplesOf } from '../csv-block.ts';
import {
  type Draft,
  deviceAt,
  deviceOf,
  inUnit,
  isBorder,
  isWholeBorder,
  newDevice,
  percentOf,
  rowOf,
} from '../monitor.ts';
import { readTables, type TableSpec, usageIn } from '../smi-table.ts';
import { type Gap, type Passage, type Sighting, type StatusReader, shown } from '../status.ts';

const PROCESS =
  /^\s*\|\s*(\d{1,4})\s+\|?\s*(\d{1,10})\s+\|?\s*([CGM+]{1,4}|N\/A|-)\s+\|?\s*(\S.{0,120}?)\s+\|?\s*(\d{1,12}(?:\.\d{1,3})?\s?[KMG]i?B|N\/A)\s*\|\s*$/;

/** Version 2 prints a table in the manner of nvidia-smi. */
const TABLE: TableSpec = {
  vendor: 'intel',
  title: /^\s*\|\s*Intel XPU-SMI v\d/,
  versions(text) {
    const match =
      /Intel XPU-SMI (v\S{1,20})(?:\s+Driver: (\S{1,60}))?(?:\s+Level Zero: (\S{1,20}))?/.exec(
        text,
      );
    if (match === null) return undefined;
    return {
      'xpu-smi': match[1] ?? '',
      ...(match[2] !== undefined && { driver: match[2] }),
      ...(match[3] !== undefined && { 'level-zero': match[3] }),
    };
  },
  first({ cells }) {
    const match = /^(\d{1,4})\s+(\S.{0,60}?)\s{2,}(?:On|Off|N\/A)$/.exec(cells[0] ?? '');
    const bus = /^([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.\d)/i.exec(cells[1] ?? '')?.[1];
    if (match === null || bus === undefined) return undefined;
    return { index: Number(match[1]), name: match[2] ?? '', bus_id: bus };
  },
  second(row, device) {
    const usage = usageIn({ ...row, cells: row.cells.slice(1, 2) }, (text) => shown(text));
    if (usage !== undefined) {
      const percent = percentOf(/^\d{1,3}%/.exec(row.cells[2] ?? '')?.[0]);
      return { ...usage, ...(percent !== undefined && { utilization_percent: percent }) };
    }
    // A long name goes on in the next row.
    const [more = '', ...others] = row.cells;
    if (!/^[A-Za-z]/.test(more) || others.some((cell) => cell !== '')) return undefined;
    return { name: `${device.name ?? ''} ${more}`.trim() };
  },
  processes: /^\s*\|\s*Processes:/,
  process(text) {
    const match = PROCESS.exec(text);
    if (match === null) return undefined;
    return {
      index: Number(match[1]),
      pid: Number(match[2]),
      type: match[3] ?? '',
      name: match[4] ?? '',
      memory: shown(match[5] ?? ''),
    };
  },
  none: /No running processes|No processes/i,
  hasList: true,
};

/** "24", or "Tile 0: 31, Tile 1: 30": a card's memory is the sum of its tiles. */
function usedOf(text: string): Shown | undefined {
  if (text === '') return undefined;
  const tiles = [...text.matchAll(/Tile \d{1,3}: ?(\d{1,9}(?:\.\d{1,3})?)(?=\s*(?:[,;]|$))/g)];
  if (tiles.length === 0) return inUnit(text, 'MiB');
  const decimals = Math.max(...tiles.map((tile) => tile[1]?.split('.')[1]?.length ?? 0));
  const sum = tiles.reduce((total, tile) => total + Number(tile[1]), 0).toFixed(decimals);
  return { ...inUnit(sum, 'MiB'), raw: text };
}

const THE_TABLE = phrase({ en: 'the table', zh: '表格', ru: 'таблица' });

interface Box {
  readonly line: number;
  last: number;
  devices: Draft[];
  card: Draft | undefined;
  isRuled: boolean;
  index: number;
}

const IS_BOX = /^\s*\|\s*Device ID\s*\|\s*(Device Information|\d{1,4})\s*\|/;

/** The boxes of discovery and of stats: a column of names, a column of what they are. */
function boxes({ lines, goes_on }: Passage): Sighting[] {
  const found: Sighting[] = [];
  let box: Box | undefined;
  const end = (isLast: boolean): void => {
    if (box !== undefined) {
      if (box.card !== undefined) box.devices.push(box.card);
      const isCut = !box.isRuled && !(isLast && goes_on);
      const devices = box.devices.filter(
        ({ total, used, name, uuid }) => (total ?? used ?? name ?? uuid) !== undefined,
      );
      if (devices.length > 0)
        found.push({
          line: box.line,
          last: box.last,
          devices: devices.map(deviceOf),
          ...(isCut && { gaps: [{ code: 'cut-off', line: box.last, where: THE_TABLE }] }),
        });
    }
    box = undefined;
  };
  for (const [index, { text, number }] of lines.entries()) {
    const start = IS_BOX.exec(text);
    if (start !== null) {
      end(false);
      const of = /^\d+$/.exec(start[1] ?? '')?.[0];
      const card = of === undefined ? undefined : newDevice('intel', number, Number(of));
      box = { line: number, last: number, devices: [], card, isRuled: false, index };
      continue;
    }
    if (box === undefined) continue;
    const row = rowOf(text);
    if (isBorder(text)) box.isRuled = isWholeBorder(text);
    else if (row?.isClosed === true) {
      box.isRuled = false;
      takeCell(box, row.cells[0] ?? '', row.cells[1] ?? '', number);
    } else {
      if (row !== undefined) box.isRuled = false;
      if (index - box.index > 12) end(false);
      continue;
    }
    box.last = number;
    box.index = index;
  }
  end(true);
  return found;
}

function takeCell(box: Box, name: string, value: string, line: number): void {
  if (/^\d{1,4}$/.test(name)) {
    if (box.card !== undefined) box.devices.push(box.card);
    box.card = newDevice('intel', line, Number(name));
  }
  const { card } = box;
  if (card === undefined) return;
  const said = /^([A-Z][^:]{1,40}): (.*)$/.exec(value);
  const key = said?.[1] ?? '';
  const of = said?.[2]?.trim() ?? '';
  if (key === 'Device Name') card.name = of;
  else if (key === 'UUID') card.uuid = of;
  else if (key === 'PCI BDF Address') card.bus_id = of;
  else if (key === 'Memory Physical Size') card.total = shown(of);
  else if (key === 'Memory Free Size') card.free = shown(of);
  else if (key === 'Max Mem Alloc Size') card.modes['max_alloc'] = of;
  else if (/^GPU Memory Used \(MiB\)/.test(name)) {
    const used = usedOf(value);
    if (used !== undefined) card.used = used;
  } else if (/^GPU Utilization \(%\)/.test(name)) {
    const percent = percentOf(value);
    if (percent !== undefined) card.utilization_percent = percent;
  }
}

const PS_HEADER = /^\s*PID\s+Command\s+DeviceID\s+(?:.*\s)?SHR\s+MEM\s*$/;
const PS_ROW =
  /^\s*(\d{1,10})\s+(\S.{0,80}?)\s+(\d{1,4})\s+(?:[\d.]+\s+){0,6}?(\d{1,15})\s+(\d{1,15})\s*$/;

/** `xpu-smi ps`: thousands of bytes, cut off. */
function processLists({ lines }: Passage): Sighting[] {
  const found: Sighting[] = [];
  for (const [index, { text, number }] of lines.entries()) {
    if (!PS_HEADER.test(text)) continue;
    const devices: Draft[] = [];
    let last = number;
    let foreign = 0;
    const gaps: Gap[] = [];
    for (const line of lines.slice(index + 1, index + 8192)) {
      const row = PS_ROW.exec(line.text);
      if (row === null) {
        if (PS_HEADER.test(line.text) || ++foreign > 3) break;
        continue;
      }
      const device = deviceAt(devices, Number(row[3]), 'intel', line.number);
      device.listed = 'all';
      device.processes.push({
        pid: Number(row[1]),
        name: row[2] ?? '',
        memory: inUnit(row[5] ?? '', 'KB', { meaning: 'decimal', rounding: 'floor' }),
        line: line.number,
      });
      last = line.number;
    }
    if (devices.length > 0)
      found.push({
        line: number,
        last,
        devices: devices.map(deviceOf),
        ...(gaps.length > 0 && { gaps }),
      });
  }
  return found;
}

const USED = 'GPU Memory Used (MiB)';
const IS_DUMP = (names: readonly string[]): boolean =>
  names[0] === 'Timestamp' && names[1] === 'DeviceId' && names.includes(USED);

function dumpSamples(passage: Passage): Sighting[] {
  const tables = csvTables(
    passage,
    IS_DUMP,
    /^(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?$/,
  );
  return tables.flatMap(({ rows, gaps }) => {
    const samples = samplesOf(rows, ({ get }) => `${get('DeviceId')}/${get('TileId') ?? ''}`);
    return samples.flatMap((sample, at): Sighting[] => {
      const devices = sample.flatMap((row) => dumpedDevice(row) ?? []);
      const [first, last] = [sample[0], sample.at(-1)];
      if (devices.length === 0 || first === undefined || last === undefined) return [];
      const time = first.get('Timestamp');
      return [
        {
          line: first.line,
          last: last.line,
          ...(time !== undefined && { time }),
          devices: devices.map(deviceOf),
          ...(at === samples.length - 1 && gaps.length > 0 && { gaps }),
        },
      ];
    });
  });
}

function dumpedDevice({ get, line }: CsvRow): Draft | undefined {
  const index = /^\d{1,4}$/.exec(get('DeviceId') ?? '')?.[0];
  const used = get(USED);
  if (index === undefined || used === undefined) return undefined;
  const device = newDevice('intel', line, Number(index));
  device.used = inUnit(used, 'MiB');
  const tile = get('TileId');
  if (tile !== undefined) device.modes['tile'] = tile;
  const busy = percentOf(get('GPU Utilization (%)'));
  if (busy !== undefined) device.utilization_percent = busy;
  return device;
}

export const xpuSmi: StatusReader = {
  id: 'xpu-smi',
  code: 'UN616',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'xpu-smi',
      summary: 'Intel cards with their memory, and the processes on each, as text.',
    },
    zh: {
      title: 'xpu-smi',
      summary: 'Intel 显卡的显存，以及每块显卡上的进程，文本格式。',
    },
    ru: {
      title: 'xpu-smi',
      summary: 'Карты Intel с их памятью и процессами, в виде текста.',
    },
  },
  sources: [
    'intel/xpumanager: doc/smi_user_guide.md, cli/src (comlet_discovery, comlet_statistics, comlet_ps, comlet_dump), 1.2 to 2.0',
  ],
  needles: ['gpu memory used (mib)', 'memory physical size: ', 'intel xpu-smi v'],
  sign: /xpu-smi|Device ID|GPU Memory|DeviceId|\| *\d+ *\|/i,
  read(passage: Passage): Sighting[] {
    const mentions = /Device ID|DeviceI[Dd]|XPU-SMI/;
    if (!passage.lines.some(({ text }) => mentions.test(text))) return [];
    return [
      ...readTables(passage, TABLE),
      ...boxes(passage),
      ...processLists(passage),
      ...dumpSamples(passage),
    ].sort((a, b) => a.line - b.line);
  },
};
