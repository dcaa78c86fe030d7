/** AWS Neuron: `neuron-ls` as a table and as JSON, and the reports of `neuron-monitor`. */
import type { Fact } from '../../ledger/fact.ts';
import { TABLE_OF_DEVICES } from '../gap-places-n-z.ts';
import { countUnder, itemsOf, type JsonBlock, textUnder, under } from '../json-block.ts';
import {
  type Draft,
  deviceOf,
  inUnit,
  isBorder,
  isWholeBorder,
  newDevice,
  rowOf,
  sightingsInJson,
} from '../monitor.ts';
import { type Passage, type Sighting, type StatusReader, shown, statusFact } from '../status.ts';

const HEADER = /^\s*\|\s*NEURON\s*\|\s*NEURON\s*\|\s*NEURON\s*\|/;

/** The table: a row a device, and one without numbers for each further process. */
function tables({ lines, goes_on }: Passage): Sighting[] {
  const found: Sighting[] = [];
  for (const [start, { text, number }] of lines.entries()) {
    if (!HEADER.test(text)) continue;
    const devices: Draft[] = [];
    const pidAt = rowOf(text)?.cells.indexOf('PID') ?? -1;
    const commandAt = rowOf(text)?.cells.indexOf('COMMAND') ?? -1;
    let isRuled = false;
    let index = start + 1;
    let last = number;
    let foreign = 0;
    for (; index < lines.length && foreign <= 3; index++) {
      const line = lines[index];
      if (line === undefined || HEADER.test(line.text)) break;
      if (isBorder(line.text)) isRuled = devices.length > 0 && isWholeBorder(line.text);
      const row = isBorder(line.text) ? undefined : rowOf(line.text);
      if (row === undefined) {
        if (isBorder(line.text)) last = line.number;
        else if (line.text.trim() !== '') foreign += 1;
        continue;
      }
      isRuled = false;
      last = line.number;
      if (!row.isClosed) continue;
      const device = /^\d{1,4}$/.exec(row.cells[0] ?? '')?.[0];
      if (device !== undefined) {
        const card = newDevice('unknown', line.number, Number(device));
        // "96 GB" is 2^30 each: the same device has 103079215104 bytes as JSON.
        card.total = shown(row.cells[2] ?? '');
        const bus = row.cells.find((cell) =>
          /^[0-9a-f]{2}:[0-9a-f]{2}\.\d$|^[0-9a-f]{4}:[0-9a-f:.]+$/i.test(cell),
        );
        if (bus !== undefined) card.bus_id = bus;
        if (pidAt >= 0) card.listed = 'all';
        devices.push(card);
      }
      const pid = /^\d{1,10}$/.exec(row.cells[pidAt] ?? '')?.[0];
      const name = row.cells[commandAt];
      if (pid !== undefined)
        devices.at(-1)?.processes.push({
          pid: Number(pid),
          ...(name !== undefined && name !== '' && { name }),
          memory: shown(''),
          line: line.number,
        });
    }
    if (devices.length === 0) continue;
    const isCut = !isRuled && !(goes_on && index >= lines.length);
    const lastCard = devices.at(-1);
    if (isCut && pidAt >= 0 && lastCard !== undefined) lastCard.listed = 'part';
    found.push({
      line: number,
      last,
      devices: devices.map(deviceOf),
      ...(isCut && { gaps: [{ code: 'cut-off', line: last, where: TABLE_OF_DEVICES }] }),
    });
  }
  return found;
}

/** `neuron-ls -j` */
function listed({ value }: JsonBlock): Partial<Sighting> | undefined {
  const devices: Draft[] = [];
  for (const item of itemsOf(under(value, 'neuron_devices') ?? value)) {
    const index = countUnder(item, 'neuron_device');
    const size = textUnder(item, 'memory_size');
    if (index === undefined || size === undefined) continue;
    const device = newDevice('unknown', item.line, index);
    device.total = inUnit(size, 'B');
    const bus = textUnder(item, 'bdf');
    if (bus !== undefined) device.bus_id = bus;
    const list = under(item, 'neuron_processes');
    if (list?.kind === 'list') device.listed = list.isWhole ? 'all' : 'part';
    for (const process of itemsOf(list)) {
      const pid = countUnder(process, 'pid');
      const name = textUnder(process, 'command');
      device.processes.push({
        ...(pid !== undefined && { pid }),
        ...(name !== undefined && { name }),
        memory: shown(''),
        line: process.line,
      });
    }
    devices.push(device);
  }
  return devices.length === 0 ? undefined : { devices: devices.map(deviceOf) };
}

/** `neuron-monitor`: a report a line; what each runtime holds on the devices and in host memory. */
function reported({ value, line }: JsonBlock, source: string): Partial<Sighting> | undefined {
  const facts: Fact[] = [];
  const put = (
    quantity: 'listed_process' | 'host_process' | 'host_total' | 'host_used',
    text: string | undefined,
    pid?: number,
  ): void => {
    if (text === undefined || !/^\d{1,18}$/.test(text)) return;
    const scope = pid === undefined ? {} : { pid };
    facts.push(statusFact(quantity, { digits: text, unit: 'B' }, { source, line }, scope));
  };
  for (const runtime of itemsOf(under(value, 'neuron_runtime_data'))) {
    const pid = countUnder(runtime, 'pid');
    const used = under(runtime, 'report', 'memory_used', 'neuron_runtime_used_bytes');
    put('listed_process', textUnder(used, 'neuron_device'), pid);
    put('host_process', textUnder(used, 'host'), pid);
  }
  const memory = under(value, 'system_data', 'memory_info');
  put('host_total', textUnder(memory, 'memory_total_bytes'));
  put('host_used', textUnder(memory, 'memory_used_bytes'));
  return facts.length === 0 ? undefined : { facts };
}

export const neuron: StatusReader = {
  id: 'neuron',
  code: 'UN625',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'neuron-ls and neuron-monitor (AWS)',
      summary: 'Neuron devices with their memory and processes; what each runtime holds.',
    },
    zh: {
      title: 'neuron-ls 与 neuron-monitor（AWS）',
      summary: 'Neuron 设备的显存和进程，以及每个 runtime 的占用量。',
    },
    ru: {
      title: 'neuron-ls и neuron-monitor (AWS)',
      summary: 'Устройства Neuron с их памятью и процессами; сколько занимает каждый runtime.',
    },
  },
  sources: [
    'AWS Neuron documentation 2.20 to 2.26: neuron-ls user guide, neuron-monitor user guide',
  ],
  needles: ['"neuron_device"', '"neuron_runtime_data"', '| neuron | neuron |'],
  read: (passage: Passage): Sighting[] => [
    ...tables(passage),
    ...sightingsInJson(
      passage,
      /"neuron_(?:device|runtime_data)"/,
      (block) => listed(block) ?? reported(block, passage.source),
    ),
  ],
};
