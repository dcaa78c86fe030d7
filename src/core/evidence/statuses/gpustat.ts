/** `gpustat`: a line a card with its processes behind it, and `gpustat --json`. */
import type { SeenDevice, SeenProcess } from '../../ledger/device.ts';
import { LIST_OF_PROCESSES, rowOfGpu } from '../gap-places.ts';
import { countUnder, itemsOf, type JsonBlock, textUnder, under } from '../json-block.ts';
import {
  clockIn,
  type Draft,
  deviceOf,
  inUnit,
  newDevice,
  percentOf,
  sightingsInJson,
  vendorOf,
} from '../monitor.ts';
import type { Gap, Passage, Sighting, StatusReader } from '../status.ts';

/** Its MB is 2^20 bytes, cut off. */
const mib = (digits: string): ReturnType<typeof inUnit> =>
  inUnit(digits === '??' ? 'N/A' : digits, 'MiB', { rounding: 'floor' });

/** It was made for NVIDIA cards; newer versions show AMD ones too. */
const vendorIn = (name: string | undefined): SeenDevice['vendor'] =>
  vendorOf(name ?? '') === 'amd' ? 'amd' : 'nvidia';

const CARD =
  /^\s*\[(\d{1,3})\]\s(\S.{0,60}?)\s*\|((?:[^|]{0,80}\|){1,2})\s*(\d{1,9}|\?\?)\s*\/\s*(\d{1,9}|\?\?) MB\s*(?:\|(.*))?$/;
const STARTS = /^\s*\[\d{1,3}\]\s\S.{0,60}?\s*\|\s*(?:\d{1,3}|\?\?)\s?['°]?C\b/;
/** user:command/pid(1200M), with parts left out as the options say. */
const PROCESS =
  /(?:([\w.@+-]{1,40}):)?([^\s:/()][^()]{0,120}?)?(?:\/(\d{1,10}))?\((\d{1,9}|\?)M\)(?=\s|$)/g;
const HEADER =
  /^\s*(\S{1,80})\s{2,}((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \S.{0,40}?\d{4})(?:\s{1,}([\d.]{3,20}))?\s*$/;
/** --show-full-cmd draws the processes below the card. */
const BELOW = /^\s*[├└]─\s*(\d{1,10})\s+\(.{0,30}?,\s*(\d{1,9}|\?)\s?MB\)\s*:?\s*(.{0,200})$/;

function processesIn(text: string, line: number): { found: SeenProcess[]; isCut: boolean } {
  const found: SeenProcess[] = [];
  let end = 0;
  for (const match of text.matchAll(PROCESS)) {
    const [, user, named, pid, size = ''] = match;
    const name = named?.trim();
    found.push({
      ...(pid !== undefined && { pid: Number(pid) }),
      ...(name !== undefined && name !== '' && { name }),
      ...(user !== undefined && { user }),
      memory: mib(size === '?' ? '??' : size),
      line,
    });
    end = match.index + match[0].length;
  }
  return { found, isCut: /[\w/(:]/.test(text.slice(end)) };
}

interface Listing {
  readonly line: number;
  last: number;
  lastIndex: number;
  time?: string;
  host?: string;
  versions?: Record<string, string>;
  devices: Draft[];
  gaps: Gap[];
}

function lineSightings({ lines, goes_on }: Passage): Sighting[] {
  const found: Listing[] = [];
  let open: Listing | undefined;
  for (const [index, { text: quoted, number }] of lines.entries()) {
    // One row within a sentence's marks of code.
    const text = /^\s{0,8}`/.test(quoted) ? quoted.replaceAll('`', ' ') : quoted;
    if (open !== undefined && index - open.lastIndex > 20) open = undefined;
    const below = open === undefined ? null : BELOW.exec(text);
    if (below !== null && open !== undefined) {
      takeBelow(open, below, number, index);
      continue;
    }
    if (!/^\s*\[\d/.test(text)) continue;
    const match = CARD.exec(text);
    // The last row may break off before anything in it is of this form.
    const isStump = open !== undefined && index === lines.length - 1;
    if (match === null && !STARTS.test(text) && !isStump) continue;
    const card = Number(/^\s*\[(\d{1,3})\]/.exec(text)?.[1]);
    if (open === undefined || open.devices.some((device) => device.index === card)) {
      open = { line: number, last: number, lastIndex: index, devices: [], gaps: [] };
      const header = HEADER.exec(lines[index - 1]?.text ?? '');
      if (header !== null) {
        open.host = header[1] ?? '';
        open.time = clockIn(header[2] ?? '') ?? header[2] ?? '';
        if (header[3] !== undefined) open.versions = { driver: header[3] };
      }
      found.push(open);
    }
    open.last = number;
    open.lastIndex = index;
    if (match === null) {
      if (!(goes_on && index === lines.length - 1))
        open.gaps.push({ code: 'cut-off', line: number, where: rowOfGpu(card) });
      continue;
    }
    const isEnd = index === lines.length - 1 && !goes_on;
    const device = newDevice(vendorIn(match[2]), number, card);
    const { found: processes, isCut } = processesIn(match[6] ?? '', number);
    const isUnsupported = /\(Not Supported\)/.test(match[6] ?? '');
    device.name = match[2] ?? '';
    device.used = mib(match[4] ?? '');
    device.total = mib(match[5] ?? '');
    device.processes.push(...processes);
    const percent = percentOf(/(\d{1,3})\s?%\s*(?:,|\|)(?![^|]*%)/.exec(match[3] ?? '')?.[1]);
    if (percent !== undefined) device.utilization_percent = percent;
    // Every row has an edge behind its memory; without it the rest is missing.
    const isBare = match[6] === undefined;
    if (isBare) device.listed = 'none';
    else if (!isUnsupported) device.listed = isCut && isEnd ? 'part' : 'all';
    if (isEnd && (isBare || (isCut && !isUnsupported)))
      open.gaps.push({ code: 'cut-off', line: number, where: LIST_OF_PROCESSES });
    open.devices.push(device);
  }
  return found.flatMap((listing): Sighting[] => {
    const { devices, gaps, lastIndex: _, ...rest } = listing;
    if (devices.length === 0) return [];
    // Without any process the list may have been turned off (--no-processes).
    if (devices.every(({ processes }) => processes.length === 0))
      for (const device of devices) if (device.listed === 'all') device.listed = 'none';
    return [{ ...rest, devices: devices.map(deviceOf), ...(gaps.length > 0 && { gaps }) }];
  });
}

function takeBelow(open: Listing, below: RegExpExecArray, line: number, index: number): void {
  const device = open.devices.at(-1);
  if (device === undefined) return;
  const pid = Number(below[1]);
  open.last = line;
  open.lastIndex = index;
  const name = below[3]?.trim();
  if (device.processes.some((process) => process.pid === pid)) return;
  // The row of the card names it already, without its number.
  const at = device.processes.findIndex(
    (process) => process.pid === undefined && process.memory.raw === below[2],
  );
  const process: SeenProcess = {
    ...(at >= 0 && device.processes[at]),
    pid,
    ...(name !== undefined && name !== '' && { name }),
    memory: mib(below[2] ?? ''),
    line,
  };
  if (at >= 0) device.processes[at] = process;
  else device.processes.push(process);
}

function read({ value }: JsonBlock): Partial<Sighting> | undefined {
  const cards = itemsOf(under(value, 'gpus')).filter(
    (card) =>
      textUnder(card, 'memory.total') !== undefined || textUnder(card, 'memory.used') !== undefined,
  );
  if (cards.length === 0) return undefined;
  const devices = cards.map((card) => {
    const name = textUnder(card, 'name');
    const device = newDevice(vendorIn(name), card.line, countUnder(card, 'index'));
    const [used, total] = [textUnder(card, 'memory.used'), textUnder(card, 'memory.total')];
    if (used !== undefined) device.used = mib(used);
    if (total !== undefined) device.total = mib(total);
    if (name !== undefined) device.name = name;
    const uuid = textUnder(card, 'uuid');
    if (uuid !== undefined) device.uuid = uuid;
    const busy = percentOf(textUnder(card, 'utilization.gpu'));
    if (busy !== undefined) device.utilization_percent = busy;
    const list = under(card, 'processes');
    if (list?.kind === 'list') device.listed = list.isWhole ? 'all' : 'part';
    for (const item of itemsOf(list)) {
      const pid = countUnder(item, 'pid');
      if (pid === undefined && item.kind === 'object' && !item.isWhole) continue;
      const command = textUnder(item, 'command');
      const user = textUnder(item, 'username');
      device.processes.push({
        ...(pid !== undefined && { pid }),
        ...(command !== undefined && { name: command }),
        ...(user !== undefined && { user }),
        memory: mib(textUnder(item, 'gpu_memory_usage') ?? '??'),
        line: item.line,
      });
    }
    return deviceOf(device);
  });
  const host = textUnder(value, 'hostname');
  const time = textUnder(value, 'query_time');
  const driver = textUnder(value, 'driver_version');
  return {
    devices,
    ...(host !== undefined && { host }),
    ...(time !== undefined && { time }),
    ...(driver !== undefined && { versions: { driver } }),
  };
}

export const gpustat: StatusReader = {
  id: 'gpustat',
  code: 'UN618',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'gpustat',
      summary: 'NVIDIA cards in a line each, with the processes on them; also as JSON.',
    },
    zh: {
      title: 'gpustat',
      summary: '每块 NVIDIA 显卡一行，含其上的进程；也有 JSON 格式。',
    },
    ru: {
      title: 'gpustat',
      summary: 'Карты NVIDIA, по строке на каждую, с их процессами; также в формате JSON.',
    },
  },
  sources: ['gpustat 0.5 to 1.2: gpustat/core.py (GPUStat.print_to, GPUStatCollection.jsonify)'],
  needles: ['"gpu_memory_usage"', '"memory.total"'],
  sign: /\d\s*\/\s*\d+ (?:MB|MiB)|memory\.used/,
  read: (passage: Passage): Sighting[] => [
    ...lineSightings(passage),
    ...sightingsInJson(passage, /"memory\.(?:used|total)"/, read),
  ],
};
