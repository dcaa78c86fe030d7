/** `tpu-info` of Google: tables of chips and of what the runtime uses. */
import { phrase } from '../../base/texts.ts';
import {
  type Draft,
  deviceOf,
  isBorder,
  isWholeBorder,
  newDevice,
  percentOf,
  rowOf,
} from '../monitor.ts';
import { type Passage, type Sighting, type StatusReader, shown } from '../status.ts';

const CHIPS = /^\s*TPU Chips\s*$/;
const USAGE = /^\s*TPU (?:Runtime Utilization|HBM Usage)\s*$/;
const SIZES = /^(\d{1,9}(?:\.\d{1,4})? [KMG]iB|N\/A)\s*\/\s*(\d{1,9}(?:\.\d{1,4})? [KMG]iB|N\/A)$/;
const MOST_FOREIGN = 12;

const TABLE_OF_USE = phrase({
  en: 'the table of the memory in use',
  zh: '已用显存的表格',
  ru: 'таблица занятой памяти',
});

interface Chip {
  readonly name: string;
  readonly devices: number;
  readonly pid: string;
  readonly line: number;
}

interface Listing {
  readonly line: number;
  last: number;
  lastIndex: number;
  part: 'chips' | 'usage';
  chips: Chip[];
  devices: Draft[];
  isRuled: boolean;
}

function sightingOf(open: Listing, goesOn: boolean): Sighting | undefined {
  const { devices, chips, isRuled } = open;
  if (devices.length === 0) return undefined;
  // Chips stand in the order of their devices.
  const places = chips.flatMap((chip) => Array.from({ length: chip.devices }, () => chip));
  if (places.length === devices.length)
    for (const [at, device] of devices.entries()) {
      const chip = places[at];
      if (chip === undefined) continue;
      device.name = chip.name;
      device.listed = 'all';
      if (/^\d{1,10}$/.test(chip.pid))
        device.processes.push({ pid: Number(chip.pid), memory: shown(''), line: chip.line });
    }
  return {
    line: open.line,
    last: open.last,
    devices: devices.map(deviceOf),
    ...(!isRuled &&
      !goesOn && {
        gaps: [{ code: 'cut-off', line: open.last, where: TABLE_OF_USE }],
      }),
  };
}

export const tpuInfo: StatusReader = {
  id: 'tpu-info',
  code: 'UN626',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'tpu-info (Google TPU)',
      summary: 'TPU devices with their memory in use, and the process on each chip.',
    },
    zh: {
      title: 'tpu-info（Google TPU）',
      summary: 'TPU 设备的已用显存，以及每个芯片上的进程。',
    },
    ru: {
      title: 'tpu-info (Google TPU)',
      summary: 'Устройства TPU: занятая память и процесс на каждом чипе.',
    },
  },
  sources: ['google/cloud-accelerator-diagnostics: tpu_info/tpu_info/cli.py, 0.1 to 0.6'],
  needles: ['tpu runtime utilization', 'tpu hbm usage'],
  read({ lines, goes_on }: Passage): Sighting[] {
    if (!lines.some(({ text }) => USAGE.test(text))) return [];
    const found: Sighting[] = [];
    let open: Listing | undefined;
    const end = (isLast: boolean): void => {
      const sighting = open === undefined ? undefined : sightingOf(open, isLast && goes_on);
      if (sighting !== undefined) found.push(sighting);
      open = undefined;
    };
    for (const [index, { text, number }] of lines.entries()) {
      const isChips = CHIPS.test(text);
      const isUsage = USAGE.test(text);
      if (open !== undefined && (isChips || (isUsage && open.devices.length > 0))) end(false);
      if (isChips || isUsage) {
        open ??= {
          line: number,
          last: number,
          lastIndex: index,
          part: 'chips',
          chips: [],
          devices: [],
          isRuled: false,
        };
        open.part = isChips ? 'chips' : 'usage';
        open.lastIndex = index;
        continue;
      }
      if (open === undefined) continue;
      if (index - open.lastIndex > MOST_FOREIGN) {
        end(false);
        continue;
      }
      if (isBorder(text)) {
        // The rule between the head and the rows of the table comes before any device.
        open.isRuled = open.devices.length > 0 && isWholeBorder(text);
        open.last = number;
        open.lastIndex = index;
        if (open.part === 'usage' && open.isRuled) end(false);
        continue;
      }
      const row = rowOf(text);
      if (row === undefined) {
        // Tables in Markdown have no rule below.
        if (text.trim() === '' && open.part === 'usage' && open.devices.length > 0) {
          open.isRuled = true;
          end(false);
        }
        continue;
      }
      open.lastIndex = index;
      open.last = number;
      if (!row.isClosed) continue;
      const [first = '', second = '', third = '', fourth = ''] = row.cells;
      if (open.part === 'chips' && /^\/dev\/\S{1,40}$/.test(first)) {
        const count = Math.min(8, Number(/^\d+$/.exec(third)?.[0] ?? 1));
        open.chips.push({ name: second, devices: count, pid: fourth, line: number });
      }
      const sizes = open.part === 'usage' ? SIZES.exec(second) : null;
      if (sizes === null || !/^\d{1,5}$/.test(first)) continue;
      const device = newDevice('unknown', number, Number(first));
      device.used = shown(sizes[1] ?? '');
      device.total = shown(sizes[2] ?? '');
      const percent = percentOf(third);
      if (percent !== undefined) device.utilization_percent = percent;
      open.devices.push(device);
    }
    end(true);
    return found;
  },
};
