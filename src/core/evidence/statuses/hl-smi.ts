/** `hl-smi` of Intel Gaudi (Habana): cards in the manner of nvidia-smi. */
import { percentOf } from '../monitor.ts';
import { readTables, type TableSpec, usageIn } from '../smi-table.ts';
import { type Passage, type Sighting, type StatusReader, shown } from '../status.ts';

const PROCESS =
  /^\s*\|\s*(\d{1,4})\s+(\d{1,10}|N\/A)\s+(\S{1,8})\s+(\S.{0,120}?)\s+(\d{1,9}\s?MiB|N\/A)\s*\|?\s*$/i;

const TABLE: TableSpec = {
  vendor: 'intel',
  title: /^\s*\|\s*HL-SMI Version:/,
  versions(text) {
    const match = /\|\s*(HL-SMI|Driver|Nic Driver) Version:\s+(\S{1,60})/.exec(text);
    const name = { 'HL-SMI': 'hl-smi', Driver: 'driver', 'Nic Driver': 'nic-driver' }[
      match?.[1] ?? ''
    ];
    return name === undefined ? undefined : { [name]: match?.[2] ?? '' };
  },
  first({ cells }) {
    const match = /^(\d{1,4})\s+(\S.{0,60}?)\s+(?:On|Off|N\/A)$/.exec(cells[0] ?? '');
    const bus = /^([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.\d)\b/i.exec(cells[1] ?? '')?.[1];
    if (match === null || bus === undefined) return undefined;
    return { index: Number(match[1]), name: match[2] ?? '', bus_id: bus };
  },
  second(row) {
    const usage = usageIn(row, (text) => shown(text));
    if (usage === undefined) return undefined;
    const percent = percentOf(/^\d{1,3}\s?%/.exec(row.cells[2] ?? '')?.[0]);
    return { ...usage, ...(percent !== undefined && { utilization_percent: percent }) };
  },
  processes: /\bCompute Processes:/,
  process(text) {
    const match = PROCESS.exec(text);
    if (match === null) return undefined;
    if (match[2] === 'N/A') return 'nothing';
    return {
      index: Number(match[1]),
      pid: Number(match[2]),
      type: match[3] ?? '',
      name: match[4] ?? '',
      memory: shown(match[5] ?? ''),
    };
  },
  none: /No running processes/i,
  hasList: true,
};

export const hlSmi: StatusReader = {
  id: 'hl-smi',
  code: 'UN622',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'hl-smi (Intel Gaudi)',
      summary: 'Gaudi cards with their memory in use, and the processes on each.',
    },
    zh: {
      title: 'hl-smi（Intel Gaudi）',
      summary: 'Gaudi 设备的已用显存，以及每个设备上的进程。',
    },
    ru: {
      title: 'hl-smi (Intel Gaudi)',
      summary: 'Карты Gaudi: занятая память и процессы на каждой.',
    },
  },
  sources: [
    'HL-SMI hl-1.4.1, hl-1.14.0, hl-1.18.0, hl-1.20.0: the default table',
    'https://docs.habana.ai/en/latest/Management_and_Monitoring/Embedded_System_Tools_Guide/System_Management_Interface_Tool.html',
  ],
  needles: ['hl-smi version:'],
  read: (passage: Passage): Sighting[] => readTables(passage, TABLE),
};
