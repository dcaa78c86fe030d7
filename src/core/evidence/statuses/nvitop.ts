/** `nvitop -1`: a snapshot of NVIDIA cards and their processes in boxes, with bars beside. */
import type { Draft, Row } from '../monitor.ts';
import { percentOf } from '../monitor.ts';
import { readTables, type TableSpec, usageIn } from '../smi-table.ts';
import { type Passage, type Sighting, type StatusReader, shown } from '../status.ts';

const PROCESS =
  /^\s*[│|]\s*(\d{1,4})(?::(\d{1,4}))?\s+(\d{1,10})\s+([CGXM+]{1,4}|N\/A)\s+(\S{1,40})\s+(\d{1,9}(?:\.\d{1,3})?(?:[KMGT]iB|B)|N\/A|WDDM:N\/A)\s+(\S.{0,400}?)\s*[│|]?\s*$/;
/** %SM, %GMBW, %CPU, %MEM and the time stand before the command. */
const COMMAND = /^(?:\S+\s+){4}(?:[\d:.]+(?:\s+days?)?|N\/A)\s+(\S.*)$/;

/** The memory's cell and the one of the utilization; the first cell has a figure of watts. */
function rest(row: Row): Partial<Draft> | undefined {
  const usage = usageIn({ ...row, cells: row.cells.slice(1, 2) }, (text) => shown(text));
  if (usage === undefined) return undefined;
  const percent = percentOf(/^(\d{1,3})%/.exec(row.cells[2] ?? '')?.[1]);
  return { ...usage, ...(percent !== undefined && { utilization_percent: percent }) };
}

const TABLE: TableSpec = {
  vendor: 'nvidia',
  title: /^\s*[│|]?\s*NVITOP \d/,
  versions(text) {
    const match =
      /NVITOP (\d\S{0,20})(?:\s+Driver Version: (\S{1,20}))?(?:\s+CUDA (?:Driver )?Version: (\S{1,20}))?/.exec(
        text,
      );
    if (match === null) return undefined;
    return {
      nvitop: match[1] ?? '',
      ...(match[2] !== undefined && { driver: match[2] }),
      ...(match[3] !== undefined && { cuda: match[3] }),
    };
  },
  first(row) {
    const [head = '', bus = ''] = row.cells;
    const mig = /^(\d{1,3}):(\d{1,3})\s*(\S{1,30}) @ GI\/CI:\s*(\d{1,3})\/(\d{1,3})\s*$/.exec(head);
    if (mig !== null) {
      const usage = usageIn({ ...row, cells: [bus] }, (text) => shown(text));
      return {
        index: Number(mig[1]),
        mig: {
          device: Number(mig[2]),
          profile: mig[3] ?? '',
          gpu_instance: Number(mig[4]),
          compute_instance: Number(mig[5]),
        },
        ...usage,
      };
    }
    const named = /^(\d{1,3})\s{2,}(\S.{0,40}?)\s{2,}(On|Off|N\/A|WDDM|TCC|WDM|MCDM)$/.exec(head);
    if (named !== null) {
      const id = /^([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.\d)/i.exec(bus)?.[1];
      const model = named[3] ?? '';
      return {
        index: Number(named[1]),
        name: named[2] ?? '',
        ...(id !== undefined && { bus_id: id }),
        ...(/^[WTM]/.test(model) && { modes: { driver_model: model } }),
      };
    }
    const compact = /^(\d{1,3})\s+(?:\d{1,3}%|N\/A|MAX)\s+(?:\d{1,3}C|N\/A)\s+(?:P\d{1,2}|N\/A)\s/;
    const index = compact.exec(head)?.[1];
    const usage = index === undefined ? undefined : rest(row);
    return usage === undefined ? undefined : { index: Number(index), ...usage };
  },
  second: (row) => rest(row),
  processes: /^\s*[│|]\s*Processes:/,
  process(text) {
    const match = PROCESS.exec(text);
    if (match === null) return undefined;
    const name = COMMAND.exec(match[7] ?? '')?.[1];
    return {
      index: Number(match[1]),
      pid: Number(match[3]),
      type: match[4] ?? '',
      user: match[5] ?? '',
      ...(name !== undefined && { name }),
      memory: shown(match[6] ?? ''),
    };
  },
  none: /No running processes found/,
  hasList: true,
};

export const nvitop: StatusReader = {
  id: 'nvitop',
  code: 'UN619',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'nvitop',
      summary: 'NVIDIA cards with their memory in use, and the processes on each.',
    },
    zh: {
      title: 'nvitop',
      summary: 'NVIDIA 显卡的已用显存，以及每块显卡上的进程。',
    },
    ru: {
      title: 'nvitop',
      summary: 'Карты NVIDIA: занятая память и процессы на каждой.',
    },
  },
  sources: [
    'nvitop 1.5: nvitop/tui/screens/main/panels/device.py, panels/process.py, nvitop/api/utils.py (bytes2human)',
  ],
  needles: ['driver version: ', 'gpu-mem %sm'],
  read: (passage: Passage): Sighting[] => readTables(passage, TABLE),
};
