/** `rocm-smi --json`: a section a card, every value a string. */
import type { Shown } from '../../ledger/device.ts';
import { type JsonBlock, type JsonValue, textUnder } from '../json-block.ts';
import {
  type Draft,
  deviceOf,
  inUnit,
  MOST_DEVICES,
  newDevice,
  percentOf,
  sightingsInJson,
} from '../monitor.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';

const sizeUnder = (card: JsonValue, key: string): Shown | undefined => {
  const text = textUnder(card, key);
  return text === undefined ? undefined : inUnit(text, 'B');
};

const KNOWN =
  /^(?:VRAM |VIS_VRAM |GTT |GPU use|GPU memory use|GPU Memory |Card |Device Name|Device ID|GPU ID|GUID|Unique ID|VBIOS|PCI Bus|Temperature|Performance Level|Memory Activity|Node ID|Average |Current Socket|GFX Version)/;

function deviceIn(index: number, card: JsonValue): Draft | undefined {
  if (card.kind !== 'object') return undefined;
  if (![...card.entries.keys()].some((key) => KNOWN.test(key))) return undefined;
  const device = newDevice('amd', card.line, index);
  const total = sizeUnder(card, 'VRAM Total Memory (B)');
  const used = sizeUnder(card, 'VRAM Total Used Memory (B)');
  const names = ['Card Series', 'Card series', 'Device Name', 'Card model', 'Card Model'];
  const name = names
    .map((key) => textUnder(card, key))
    .find((text) => text !== undefined && !/^0x|^N\/A$|^$/.test(text));
  const bus = textUnder(card, 'PCI Bus');
  const uuid = textUnder(card, 'Unique ID');
  const busy = percentOf(textUnder(card, 'GPU use (%)'));
  const activity = percentOf(
    textUnder(card, 'GPU Memory Read/Write Activity (%)') ?? textUnder(card, 'GPU memory use (%)'),
  );
  if (total !== undefined) device.total = total;
  if (used !== undefined) device.used = used;
  if (name !== undefined) device.name = name;
  if (bus !== undefined) device.bus_id = bus;
  if (uuid !== undefined && uuid !== 'N/A') device.uuid = uuid;
  if (busy !== undefined) device.utilization_percent = busy;
  if (activity !== undefined) device.memory_utilization_percent = activity;
  const share = textUnder(card, 'GPU Memory Allocated (VRAM%)');
  if (share !== undefined) device.modes['vram_percent'] = share;
  for (const pool of ['VIS_VRAM', 'GTT'] as const) {
    for (const [what, key] of [
      ['total', 'Total Memory (B)'],
      ['used', 'Total Used Memory (B)'],
    ] as const) {
      const text = textUnder(card, `${pool} ${key}`);
      if (text !== undefined) device.modes[`${pool.toLowerCase()}_${what}`] = `${text} B`;
    }
  }
  return device;
}

/** "python3, 1, 302239744, 0, unknown" under "PID4711": the number is how many cards it uses. */
const PROCESS =
  /^(.{0,200}?), (\d{1,6}|UNKNOWN|unknown|N\/A), (\S{1,24}), (\S{1,24})(?:, (\S{1,24}))?$/;

function read({ value }: JsonBlock): Partial<Sighting> | undefined {
  if (value.kind !== 'object') return undefined;
  const devices: Draft[] = [];
  for (const [key, card] of value.entries) {
    const index = /^card(\d{1,4})$/.exec(key)?.[1];
    const device = index === undefined ? undefined : deviceIn(Number(index), card);
    if (device !== undefined && devices.length < MOST_DEVICES) devices.push(device);
  }
  const system = value.entries.get('system');
  const entries = system?.kind === 'object' ? [...system.entries] : [];
  const listed = entries.flatMap(([key, said]) => {
    const pid = /^PID ?(\d{1,10})$/.exec(key)?.[1];
    const match = said.kind === 'string' ? PROCESS.exec(said.text) : null;
    if (pid === undefined || match === null) return [];
    const process = {
      pid: Number(pid),
      name: match[1] ?? '',
      memory: inUnit(match[3] ?? '', 'B'),
      line: said.line,
    };
    return [{ process, count: match[2] ?? '' }];
  });
  if (devices.length === 0 && listed.length === 0) return undefined;
  if (listed.length > 0) {
    const only = devices.length === 1 ? devices[0] : undefined;
    const whole = system?.kind === 'object' && system.isWhole ? 'all' : 'part';
    const loose: Draft = newDevice('amd', system?.line ?? value.line);
    for (const { process, count } of listed)
      (only !== undefined && count !== '0' ? only : loose).processes.push(process);
    if (loose.processes.length > 0) devices.push({ ...loose, listed: whole });
    else if (only !== undefined) only.listed = whole;
  }
  const driver = textUnder(system, 'Driver version');
  return {
    devices: devices.map(deviceOf),
    ...(driver !== undefined && { versions: { driver } }),
  };
}

export const rocmSmiJson: StatusReader = {
  id: 'rocm-smi-json',
  code: 'UN611',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'rocm-smi --json',
      summary: 'AMD cards with their memory in use, and compute processes, as JSON.',
    },
    zh: {
      title: 'rocm-smi --json',
      summary: 'AMD 显卡的已用显存和计算进程，JSON 格式。',
    },
    ru: {
      title: 'rocm-smi --json',
      summary: 'Карты AMD: занятая память и вычислительные процессы, в формате JSON.',
    },
  },
  sources: [
    'rocm_smi_lib: python_smi_tools/rocm_smi.py, ROCm 4.3, 5.7, 6.0, 6.1 (printLog and printSysLog with PRINT_JSON)',
  ],
  needles: ['vram total used memory (b)', 'gpu memory allocated (vram%)'],
  sign: /card\d|VRAM|GPU Memory/,
  read: (passage: Passage): Sighting[] => sightingsInJson(passage, /"(?:card\d|system)"/, read),
};
