/** `xpu-smi … -j`: discovery, stats, ps. */
import {
  countUnder,
  itemsOf,
  type JsonBlock,
  type JsonValue,
  textUnder,
  under,
} from '../json-block.ts';
import { type Draft, deviceAt, deviceOf, inUnit, percentOf, sightingsInJson } from '../monitor.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';

const figureOf = (metrics: JsonValue | undefined, name: string): string | undefined =>
  textUnder(
    itemsOf(metrics).find((metric) => textUnder(metric, 'metrics_type') === name),
    'value',
  );

function takeCard(devices: Draft[], card: JsonValue): void {
  const index = countUnder(card, 'device_id');
  if (index === undefined) return;
  const levels = under(card, 'device_level');
  const name = textUnder(card, 'device_name');
  if (levels === undefined && name === undefined) return;
  const device = deviceAt(devices, index, 'intel', card.line);
  const total = textUnder(card, 'memory_physical_size_byte');
  const free = textUnder(card, 'memory_free_size_byte');
  // Fields of the discovery in bytes, figures of the statistics in MiB.
  if (total !== undefined) device.total = inUnit(total, 'B');
  if (free !== undefined) device.free = inUnit(free, 'B');
  if (name !== undefined) device.name = name;
  const uuid = textUnder(card, 'uuid');
  if (uuid !== undefined) device.uuid = uuid;
  const bus = textUnder(card, 'pci_bdf_address');
  if (bus !== undefined) device.bus_id = bus;
  const most = textUnder(card, 'max_mem_alloc_size_byte');
  if (most !== undefined) device.modes['max_alloc'] = `${most} B`;
  const used = figureOf(levels, 'XPUM_STATS_MEMORY_USED');
  if (used !== undefined) device.used = inUnit(used, 'MiB');
  const busy = percentOf(figureOf(levels, 'XPUM_STATS_GPU_UTILIZATION'));
  if (busy !== undefined) device.utilization_percent = busy;
  for (const tile of itemsOf(under(card, 'tile_level'))) {
    const held = figureOf(under(tile, 'data_list'), 'XPUM_STATS_MEMORY_USED');
    const of = textUnder(tile, 'tile_id');
    if (held !== undefined && of !== undefined) device.modes[`tile_${of}_used`] = `${held} MiB`;
  }
}

function takeProcess(devices: Draft[], item: JsonValue): void {
  const [pid, index] = [countUnder(item, 'process_id'), countUnder(item, 'device_id')];
  if (pid === undefined || index === undefined) return;
  const device = deviceAt(devices, index, 'intel', item.line);
  const name = textUnder(item, 'process_name');
  device.listed = 'all';
  device.processes.push({
    pid,
    ...(name !== undefined && name !== '' && { name }),
    // Thousands of bytes, cut off.
    memory: inUnit(textUnder(item, 'mem_size') ?? '', 'KB', {
      meaning: 'decimal',
      rounding: 'floor',
    }),
    line: item.line,
  });
}

function read({ value, cut }: JsonBlock): Partial<Sighting> | undefined {
  const devices: Draft[] = [];
  const list = under(value, 'device_list') ?? under(value, 'datas') ?? value;
  for (const card of list.kind === 'list' ? list.items : [list]) takeCard(devices, card);
  const processes = under(value, 'device_util_by_proc_list') ?? under(value, 'process_list');
  for (const item of itemsOf(processes)) takeProcess(devices, item);
  if (processes?.kind === 'list' && !processes.isWhole)
    for (const device of devices) device.listed = 'part';
  if (devices.length > 0) return { devices: devices.map(deviceOf) };
  return processes !== undefined && cut !== undefined ? {} : undefined;
}

export const xpuSmiJson: StatusReader = {
  id: 'xpu-smi-json',
  code: 'UN617',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'xpu-smi -j',
      summary: 'Intel cards with their memory, and the processes on each, as JSON.',
    },
    zh: {
      title: 'xpu-smi -j',
      summary: 'Intel 显卡的显存，以及每块显卡上的进程，JSON 格式。',
    },
    ru: {
      title: 'xpu-smi -j',
      summary: 'Карты Intel с их памятью и процессами, в формате JSON.',
    },
  },
  sources: [
    'intel/xpumanager: core/src/api, cli/src/core_stub.cpp (discovery, stats and ps as JSON), 1.2',
  ],
  needles: ['"device_id"', 'xpum_stats_memory_used', 'memory_physical_size_byte'],
  read: (passage: Passage): Sighting[] => sightingsInJson(passage, /"device_id"\s*:/, read),
};
