/** `rocm-smi --csv`: a row a card under the names of what was asked for. */
import { type CsvRow, csvTables } from '../csv-block.ts';
import { type Draft, deviceOf, inUnit, isSize, newDevice, percentOf } from '../monitor.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';

const IS_HEADER = (names: readonly string[]): boolean =>
  names[0] === 'device' &&
  names.some((name) => /^(?:VRAM |VIS_VRAM |GTT |GPU use|GPU [Mm]emory|Card [Ss]eries)/.test(name));

function deviceIn({ get, line }: CsvRow): Draft | undefined {
  const index = /^card(\d{1,4})$/.exec(get('device') ?? '')?.[1];
  if (index === undefined) return undefined;
  const device = newDevice('amd', line, Number(index));
  const [total, used] = [get('VRAM Total Memory (B)'), get('VRAM Total Used Memory (B)')];
  if (total !== undefined && isSize(total)) device.total = inUnit(total, 'B');
  if (used !== undefined && isSize(used)) device.used = inUnit(used, 'B');
  const name = get('Card Series') ?? get('Card series') ?? get('Device Name');
  if (name !== undefined && name !== '') device.name = name;
  const bus = get('PCI Bus');
  if (bus !== undefined) device.bus_id = bus;
  const uuid = get('Unique ID');
  if (uuid !== undefined && uuid !== 'N/A') device.uuid = uuid;
  const busy = percentOf(get('GPU use (%)'));
  if (busy !== undefined) device.utilization_percent = busy;
  const share = get('GPU Memory Allocated (VRAM%)');
  if (share !== undefined) device.modes['vram_percent'] = share;
  for (const pool of ['VIS_VRAM', 'GTT']) {
    const size = get(`${pool} Total Memory (B)`);
    const held = get(`${pool} Total Used Memory (B)`);
    if (size !== undefined) device.modes[`${pool.toLowerCase()}_total`] = `${size} B`;
    if (held !== undefined) device.modes[`${pool.toLowerCase()}_used`] = `${held} B`;
  }
  return device;
}

export const rocmSmiCsv: StatusReader = {
  id: 'rocm-smi-csv',
  code: 'UN612',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'rocm-smi --csv',
      summary: 'AMD cards with their memory in use, as comma-separated rows.',
    },
    zh: {
      title: 'rocm-smi --csv',
      summary: 'AMD 显卡的已用显存，以逗号分隔的行给出。',
    },
    ru: {
      title: 'rocm-smi --csv',
      summary: 'Карты AMD и занятая на них память, в виде CSV.',
    },
  },
  sources: ['rocm_smi_lib: python_smi_tools/rocm_smi.py, ROCm 5.7 to 6.4 (formatCsv)'],
  needles: ['vram total used memory (b)', 'gpu memory allocated (vram%)'],
  read: (passage: Passage): Sighting[] =>
    csvTables(passage, IS_HEADER, /^card\d{1,4}$/).flatMap(({ rows, line, last, gaps }) => {
      const devices = rows.flatMap((row) => deviceIn(row) ?? []);
      if (devices.length === 0) return [];
      return [{ line, last, devices: devices.map(deviceOf), ...(gaps.length > 0 && { gaps }) }];
    }),
};
