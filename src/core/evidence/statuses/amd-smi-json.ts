/** `amd-smi … --json`: metric, static, process, list, monitor. */
import type { SeenProcess, Shown } from '../../ledger/device.ts';
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
  deviceAt,
  deviceOf,
  MOST_PROCESSES,
  percentOf,
  sightingsInJson,
} from '../monitor.ts';
import { type Passage, type Sighting, type StatusReader, shown } from '../status.ts';

/** {"value": 4096, "unit": "MB"}, or a plain number in `unit`. Its MB is 2^20 bytes, cut off. */
function sizeIn(value: JsonValue | undefined, unit: string): Shown | undefined {
  const digits = textUnder(value, 'value') ?? textUnder(value);
  if (digits === undefined) return undefined;
  const said = textUnder(value, 'unit') ?? unit;
  return shown(/^[\d.]+$/.test(digits) ? `${digits} ${said}` : digits, { rounding: 'floor' });
}

const percentIn = (value: JsonValue | undefined): number | undefined =>
  percentOf(textUnder(value, 'value') ?? textUnder(value));

function processIn(info: JsonValue): SeenProcess | undefined {
  const pid = countUnder(info, 'pid');
  if (pid === undefined) return undefined;
  const name = textUnder(info, 'name');
  // What it holds in VRAM; the sum with the host's only where the tool has no finer figure.
  const finer = under(info, 'memory_usage') ?? under(info, 'vram_mem');
  const isWhole = info.kind === 'object' && info.isWhole;
  const memory =
    finer !== undefined
      ? sizeIn(under(finer, 'vram_mem') ?? under(info, 'vram_mem'), 'B')
      : isWhole
        ? sizeIn(under(info, 'mem_usage') ?? under(info, 'mem'), 'B')
        : undefined;
  return {
    pid,
    ...(name !== undefined && name !== 'N/A' && { name }),
    memory: memory ?? shown(''),
    line: info.line,
  };
}

const IS_ITS_OWN = [
  'mem_usage',
  'vram',
  'vram_used',
  'vram_total',
  'process_list',
  'asic',
  'kfd_id',
  'gpus',
];

function takeCard(devices: Draft[], card: JsonValue): void {
  const index = countUnder(card, 'gpu');
  if (index === undefined || !IS_ITS_OWN.some((key) => under(card, key) !== undefined)) return;
  const device = deviceAt(devices, index, 'amd', card.line);
  const memory = under(card, 'mem_usage');
  const sizes = [
    [
      'total',
      sizeIn(
        under(memory, 'total_vram') ?? under(card, 'vram_total') ?? under(card, 'vram', 'size'),
        'MB',
      ),
    ],
    ['used', sizeIn(under(memory, 'used_vram') ?? under(card, 'vram_used'), 'MB')],
    ['free', sizeIn(under(memory, 'free_vram') ?? under(card, 'vram_free'), 'MB')],
  ] as const;
  for (const [key, size] of sizes) if (size !== undefined) device[key] ??= size;
  for (const pool of ['visible_vram', 'gtt']) {
    for (const what of ['total', 'used', 'free']) {
      const size = sizeIn(under(memory, `${what}_${pool}`), 'MB');
      if (size !== undefined) device.modes[`${what}_${pool}`] = size.raw;
    }
  }
  const name = textUnder(card, 'asic', 'market_name') ?? textUnder(card, 'board', 'product_name');
  if (name !== undefined && name !== 'N/A') device.name ??= name;
  const bus = textUnder(card, 'bus', 'bdf') ?? textUnder(card, 'bdf');
  if (bus !== undefined) device.bus_id ??= bus;
  const uuid = textUnder(card, 'uuid');
  if (uuid !== undefined) device.uuid ??= uuid;
  const busy = percentIn(under(card, 'usage', 'gfx_activity') ?? under(card, 'gfx'));
  if (busy !== undefined) device.utilization_percent ??= busy;
  const activity = percentIn(under(card, 'usage', 'umc_activity') ?? under(card, 'mem'));
  if (activity !== undefined) device.memory_utilization_percent ??= activity;
  const list = under(card, 'process_list');
  if (list === undefined) return;
  device.listed = list.kind === 'list' && !list.isWhole ? 'part' : 'all';
  for (const item of itemsOf(list)) {
    const process = processIn(under(item, 'process_info') ?? item);
    if (process !== undefined && device.processes.length < MOST_PROCESSES)
      device.processes.push(process);
  }
}

/** `process --sort-by-pid`: the cards stand under the process. */
function takeByPid(devices: Draft[], item: JsonValue): void {
  const pid = countUnder(item, 'pid');
  const cards = itemsOf(under(item, 'gpus'));
  if (pid === undefined || cards.length === 0) return;
  const name = textUnder(item, 'name');
  for (const card of cards) {
    const index = countUnder(card, 'gpu_index') ?? countUnder(card, 'gpu');
    if (index === undefined) continue;
    const device = deviceAt(devices, index, 'amd', card.line);
    const finer = under(card, 'memory_usage');
    const isWhole = card.kind === 'object' && card.isWhole;
    const memory =
      finer !== undefined
        ? sizeIn(under(finer, 'vram_mem'), 'B')
        : isWhole
          ? sizeIn(under(card, 'mem'), 'B')
          : undefined;
    device.listed = 'all';
    device.processes.push({
      pid,
      ...(name !== undefined && name !== 'N/A' && { name }),
      memory: memory ?? shown(''),
      line: card.line,
    });
  }
}

function read({ value }: JsonBlock): Partial<Sighting> | undefined {
  const cards =
    value.kind === 'list' ? value.items : itemsOf(under(value, 'gpu_data') ?? under(value, 'gpus'));
  const devices: Draft[] = [];
  for (const card of cards.length > 0 ? cards : [value]) {
    takeCard(devices, card);
    takeByPid(devices, card);
  }
  return devices.length === 0 ? undefined : { devices: devices.map(deviceOf) };
}

export const amdSmiJson: StatusReader = {
  id: 'amd-smi-json',
  code: 'UN614',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'amd-smi --json',
      summary: 'AMD cards with their memory in use, and the processes on each, as JSON.',
    },
    zh: {
      title: 'amd-smi --json',
      summary: 'AMD 显卡的已用显存，以及每块显卡上的进程，JSON 格式。',
    },
    ru: {
      title: 'amd-smi --json',
      summary: 'Карты AMD: занятая память и процессы на каждой, в формате JSON.',
    },
  },
  sources: [
    'amdsmi: amdsmi_cli/amdsmi_commands.py, ROCm 5.6 to 7.2 (metric, static, process, list, monitor)',
  ],
  needles: ['"total_vram"', '"process_list"', '"vram_total"'],
  sign: /vram|gpu_data|mem_usage/i,
  read: (passage: Passage): Sighting[] => sightingsInJson(passage, /"(?:gpu|gpu_index)"\s*:/, read),
};
