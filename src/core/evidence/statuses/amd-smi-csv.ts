/** `amd-smi … --csv`: metric, monitor, process, list, static; figures without their units. */
import { type CsvRow, csvTables, samplesOf } from '../csv-block.ts';
import { type Draft, deviceAt, deviceOf, inUnit, isSize, percentOf } from '../monitor.ts';
import { type Passage, type Sighting, type StatusReader, shown } from '../status.ts';

const KNOWN = [
  'total_vram',
  'vram_total',
  'used_vram',
  'vram_used',
  'vram_mem',
  'uuid',
  'market_name',
];
const IS_HEADER = (names: readonly string[]): boolean =>
  names.slice(0, 2).includes('gpu') && KNOWN.some((name) => names.includes(name));

function takeRow(devices: Draft[], { get, line }: CsvRow): void {
  const index = /^\d{1,4}$/.exec(get('gpu') ?? '')?.[0];
  if (index === undefined) return;
  const device = deviceAt(devices, Number(index), 'amd', line);
  // Without a unit: whole MiB of a card, bytes of a process.
  const sizes = [
    ['total', get('total_vram') ?? get('vram_total')],
    ['used', get('used_vram') ?? get('vram_used')],
    ['free', get('free_vram') ?? get('vram_free')],
  ] as const;
  for (const [key, text] of sizes)
    if (text !== undefined && isSize(text))
      device[key] ??= inUnit(text, 'MiB', { rounding: 'floor' });
  const name = get('market_name');
  if (name !== undefined && name !== 'N/A') device.name ??= name;
  const bus = get('bdf') ?? get('gpu_bdf');
  if (bus !== undefined) device.bus_id ??= bus;
  const uuid = get('uuid') ?? get('gpu_uuid');
  if (uuid !== undefined) device.uuid ??= uuid;
  const busy = percentOf(get('gfx_activity') ?? get('gfx_utilization'));
  if (busy !== undefined) device.utilization_percent ??= busy;
  const pid = /^\d{1,10}$/.exec(get('pid') ?? '')?.[0];
  if (pid === undefined) return;
  const process = get('name');
  const memory = get('vram_mem') ?? get('mem_usage') ?? '';
  device.listed = 'all';
  device.processes.push({
    pid: Number(pid),
    ...(process !== undefined && process !== 'N/A' && { name: process }),
    memory: /^\d+$/.test(memory) ? inUnit(memory, 'B') : shown(memory),
    line,
  });
}

export const amdSmiCsv: StatusReader = {
  id: 'amd-smi-csv',
  code: 'UN615',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'amd-smi --csv',
      summary: 'AMD cards with their memory in use, and processes, as comma-separated rows.',
    },
    zh: {
      title: 'amd-smi --csv',
      summary: 'AMD 显卡的已用显存和进程，以逗号分隔的行给出。',
    },
    ru: {
      title: 'amd-smi --csv',
      summary: 'Карты AMD: занятая память и процессы, в виде CSV.',
    },
  },
  sources: ['amdsmi: amdsmi_cli/amdsmi_logger.py, ROCm 6.0 to 7.2 (csv output)'],
  needles: ['gpu,total_vram', ',vram_used,', ',vram_mem,'],
  read: (passage: Passage): Sighting[] =>
    csvTables(passage, IS_HEADER, /^\d{1,20}$/).flatMap(({ rows, line, gaps }) => {
      const samples = samplesOf(rows, ({ get }) =>
        get('pid') === undefined ? get('gpu') : `${get('gpu')} ${get('pid')}`,
      );
      return samples.flatMap((sample, at): Sighting[] => {
        const devices: Draft[] = [];
        for (const row of sample) takeRow(devices, row);
        if (devices.length === 0) return [];
        const isLast = at === samples.length - 1;
        const time = sample[0]?.get('timestamp');
        return [
          {
            line: at === 0 ? line : (sample[0]?.line ?? line),
            last: sample.at(-1)?.line ?? line,
            ...(time !== undefined && { time }),
            devices: devices.map(deviceOf),
            ...(isLast && gaps.length > 0 && { gaps }),
          },
        ];
      });
    }),
};
