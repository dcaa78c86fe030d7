/** `cnmon` of Cambricon: MLU cards in the manner of nvidia-smi. */
import { percentOf } from '../monitor.ts';
import { readTables, type TableSpec, usageIn } from '../smi-table.ts';
import { type Passage, type Sighting, type StatusReader, shown } from '../status.ts';

const PROCESS =
  /^\s*\|\s*(\d{1,4})\s+(\/|\d{1,4})\s+(\d{1,10})\s+(\S.{0,120}?)\s+(\d{1,9}\s?MiB|N\/A)\s*\|?\s*$/;

const TABLE: TableSpec = {
  vendor: 'unknown',
  title: /^\s*\|\s*CNMON v\d/,
  versions(text) {
    const tool = /\bCNMON (v\S{1,30})/.exec(text)?.[1];
    if (tool === undefined) return undefined;
    const driver = /\bDriver (v\S{1,30})/.exec(text)?.[1];
    return { cnmon: tool, ...(driver !== undefined && { driver }) };
  },
  first({ cells }) {
    const match = /^(\d{1,4})\s+(?:\/|\d{1,4})\s+(\S.{0,60}?)\s+v\d\S{0,20}$/.exec(cells[0] ?? '');
    if (match === null) return undefined;
    const bus = /([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.\d)/i.exec(cells[1] ?? '')?.[1];
    const percent = percentOf(/^\d{1,3}%/.exec(cells[2] ?? '')?.[0]);
    return {
      index: Number(match[1]),
      name: match[2] ?? '',
      ...(bus !== undefined && { bus_id: bus }),
      ...(percent !== undefined && { utilization_percent: percent }),
    };
  },
  second: ({ cells, isClosed }) =>
    usageIn({ cells: cells.slice(1, 2), isClosed }, (text) => shown(text)),
  processes: /^\s*\|\s*Processes:/,
  process(text) {
    const match = PROCESS.exec(text);
    if (match === null) return undefined;
    return {
      index: Number(match[1]),
      pid: Number(match[3]),
      name: match[4] ?? '',
      memory: shown(match[5] ?? ''),
    };
  },
  none: /No running processes/i,
  hasList: true,
};

export const cnmon: StatusReader = {
  id: 'cnmon',
  code: 'UN623',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'cnmon (Cambricon MLU)',
      summary: 'MLU cards with their memory in use, and the processes on each.',
    },
    zh: {
      title: 'cnmon（寒武纪 MLU）',
      summary: 'MLU 设备的已用显存，以及每个设备上的进程。',
    },
    ru: {
      title: 'cnmon (Cambricon MLU)',
      summary: 'Карты MLU: занятая память и процессы на каждой.',
    },
  },
  sources: ['CNMON v4.20.11, v5.10.10, v5.10.31: the default table'],
  needles: ['| cnmon v'],
  read: (passage: Passage): Sighting[] => readTables(passage, TABLE),
};
