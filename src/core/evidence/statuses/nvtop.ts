/** `nvtop -s`: a snapshot of cards of all vendors as JSON, sizes in bytes as strings. */
import {
  countUnder,
  itemsOf,
  type JsonBlock,
  type JsonValue,
  textUnder,
  under,
} from '../json-block.ts';
import {
  type Draft,
  deviceOf,
  inUnit,
  newDevice,
  percentOf,
  sightingsInJson,
  vendorOf,
} from '../monitor.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';

function deviceIn(card: JsonValue, index: number): Draft | undefined {
  const name = textUnder(card, 'device_name');
  if (name === undefined || under(card, 'gpu_clock') === undefined) return undefined;
  const device = newDevice(vendorOf(name), card.line, index);
  device.name = name;
  for (const [key, of] of [
    ['total', 'mem_total'],
    ['used', 'mem_used'],
    ['free', 'mem_free'],
  ] as const) {
    const text = textUnder(card, of);
    if (text !== undefined) device[key] = inUnit(text, 'B');
  }
  const bus = textUnder(card, 'pdev');
  if (bus !== undefined) device.bus_id = bus;
  const busy = percentOf(textUnder(card, 'gpu_util'));
  if (busy !== undefined) device.utilization_percent = busy;
  // Its mem_util is the share of the memory in use.
  const share = textUnder(card, 'mem_util');
  if (share !== undefined) device.modes['memory_percent'] = share;
  const list = under(card, 'processes');
  if (list?.kind === 'list') device.listed = list.isWhole ? 'all' : 'part';
  for (const item of itemsOf(list)) {
    const pid = countUnder(item, 'pid');
    if (pid === undefined && item.kind === 'object' && !item.isWhole) continue;
    const command = textUnder(item, 'cmdline');
    const user = textUnder(item, 'user');
    const kind = textUnder(item, 'kind');
    device.processes.push({
      ...(pid !== undefined && { pid }),
      ...(command !== undefined && { name: command }),
      ...(user !== undefined && { user }),
      ...(kind !== undefined && { type: kind }),
      memory: inUnit(textUnder(item, 'gpu_mem_bytes_alloc') ?? 'N/A', 'B'),
      line: item.line,
    });
  }
  return device;
}

function read({ value }: JsonBlock): Partial<Sighting> | undefined {
  if (value.kind !== 'list') return undefined;
  const devices = value.items.flatMap((card, index) => deviceIn(card, index) ?? []);
  return devices.length === 0 ? undefined : { devices: devices.map(deviceOf) };
}

export const nvtop: StatusReader = {
  id: 'nvtop',
  code: 'UN620',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'nvtop -s',
      summary: 'Cards of all vendors with their memory in use, and the processes on each, as JSON.',
    },
    zh: {
      title: 'nvtop -s',
      summary: '各厂商显卡的已用显存，以及每块显卡上的进程，JSON 格式。',
    },
    ru: {
      title: 'nvtop -s',
      summary: 'Карты всех производителей: занятая память и процессы на каждой, в формате JSON.',
    },
  },
  sources: ['nvtop 3.1 to 3.3: src/nvtop.c (the snapshot)'],
  needles: ['"device_name"', '"gpu_mem_bytes_alloc"'],
  read: (passage: Passage): Sighting[] => sightingsInJson(passage, /"device_name"\s*:/, read),
};
