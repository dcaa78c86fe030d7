/**
 * Devices as a tool shows them at one moment, and the ledger of one: processes, what no listed
 * process accounts for, what driver and firmware hold back, free.
 */

import { add, type Interval, known, subtract, sum, ZERO } from '../base/interval.ts';
import { phrase } from '../base/texts.ts';
import { isUnknown, type Unknown, unknown } from '../base/unknown.ts';
import {
  type Atom,
  closeTotals,
  type Ledger,
  type Space,
  THE_DEVICE,
  type Total,
} from './ledger.ts';

/** A size that a tool showed, or why it showed none ("N/A", "Not Supported"). */
export interface Shown {
  readonly bytes: Interval | Unknown;
  /** As printed. */
  readonly raw: string;
}

/** A process on a device. */
export interface SeenProcess {
  /** Absent where the tool shows a process without its number. */
  readonly pid?: number;
  readonly name?: string;
  /** As the tool calls it: C, G, C+G, M, M+C. */
  readonly type?: string;
  readonly user?: string;
  /** Device memory of the process. */
  readonly memory: Shown;
  readonly gpu_instance?: number;
  readonly compute_instance?: number;
  readonly line: number;
}

/** A MIG instance: a slice of a card with a memory of its own. */
export interface MigSlice {
  readonly gpu_instance?: number;
  readonly compute_instance?: number;
  readonly device?: number;
  /** "1g.10gb" */
  readonly profile?: string;
}

/** A device, or a MIG slice of one, at one moment. */
export interface SeenDevice {
  /** The tool's own index: not the index of CUDA. */
  readonly index?: number;
  readonly uuid?: string;
  readonly bus_id?: string;
  readonly name?: string;
  readonly vendor: 'nvidia' | 'amd' | 'intel' | 'apple' | 'unknown';
  readonly mig?: MigSlice;
  readonly total?: Shown;
  /** In use by whomever, as the tool counts it. */
  readonly used?: Shown;
  readonly free?: Shown;
  /** Held back by driver and firmware; no part of `used` where a tool shows it. */
  readonly reserved?: Shown;
  readonly utilization_percent?: number;
  readonly memory_utilization_percent?: number;
  /** What else the tool says of it that matters here: driver_model "WDDM", compute_mode, mig_mode, pstate … */
  readonly modes?: Readonly<Record<string, string>>;
  readonly processes: readonly SeenProcess[];
  /**
   * all: the tool lists every process of the device (an empty list says that there is none).
   * part: the text is cut within the list. none: the text has no list.
   */
  readonly listed: 'all' | 'part' | 'none';
  readonly line: number;
}

const AS_SHOWN = phrase({
  en: 'as the tool showed it',
  zh: '以工具显示的时刻为准',
  ru: 'как показал инструмент',
});
const LISTED = phrase({ en: 'listed process', zh: '列出的进程', ru: 'процесс из списка' });
const BEYOND_LIST = phrase({
  en: 'used - listed processes',
  zh: 'used 减去列出的进程',
  ru: 'used за вычетом процессов из списка',
});
const BEYOND_TEXT = phrase({
  en: 'used - what the text lists',
  zh: 'used 减去文本列出的部分',
  ru: 'used за вычетом перечисленного в тексте',
});
const BY_DRIVER = phrase({
  en: 'reserved by the driver',
  zh: '驱动预留',
  ru: 'зарезервировано драйвером',
});

/**
 * The ledger of a device. The tool's own figures are taken as they are: `used` and `free` of
 * nvidia-smi leave out what is reserved, and the sums close up to the rounding to whole MiB.
 */
export function ledgerOfDevice(device: SeenDevice): Ledger {
  const space: Space = `device:${device.index ?? '?'}`;
  const atoms: Atom[] = [];
  const put = (atom: Omit<Atom, 'metric' | 'space' | 'basis' | 'pool'>): void => {
    atoms.push({ metric: 'current', space, basis: 'measured', pool: 'unknown', ...atom });
  };
  for (const { pid, memory, name } of device.processes) {
    put({
      bytes: isUnknown(memory.bytes) ? unknown(memory.bytes.unknown) : memory.bytes,
      process: pid === undefined ? 'others' : `pid:${pid}`,
      category: 'process',
      source: LISTED,
      ...(name !== undefined && { holder: name }),
    });
  }
  const [total, used, free, reserved] = [
    device.total,
    device.used,
    device.free,
    device.reserved,
  ].map((size) => known(size?.bytes));
  const totals: Total[] = [];
  // In use beyond the list: the driver's own, contexts of processes that the tool does not see.
  const listed = sumOfKnown(device.processes.map(({ memory }) => memory.bytes));
  if (used !== undefined) {
    put({
      bytes:
        listed === undefined
          ? unknown(
              phrase({
                en: 'the tool does not show the memory of each process',
                zh: '工具没有给出每个进程的显存',
                ru: 'инструмент не показывает память каждого процесса',
              }),
            )
          : subtract(used, listed),
      process: 'unknown',
      category: 'unattributed',
      source: device.listed === 'all' ? BEYOND_LIST : BEYOND_TEXT,
    });
  }
  if (reserved !== undefined) {
    put({
      bytes: reserved,
      process: 'nobody',
      category: 'outside',
      source: BY_DRIVER,
    });
  }
  const left =
    free ??
    (total !== undefined && used !== undefined
      ? subtract(total, add(used, reserved ?? ZERO))
      : undefined);
  if (left !== undefined) {
    put({
      bytes: left,
      process: 'nobody',
      category: 'free',
      source: free === undefined ? 'total - used' : 'free',
    });
  }
  if (total !== undefined && used !== undefined) {
    totals.push({ name: THE_DEVICE, selector: { space }, bytes: total, source: 'total' });
  }
  return closeTotals({
    moment: { name: 'observed', detail: AS_SHOWN },
    atoms,
    limits:
      total === undefined
        ? []
        : [{ name: 'device-total', selector: { space }, bytes: total, source: 'total' }],
    totals,
  });
}

/** The sum, or undefined when one of them is unknown. Nothing listed is a sum of 0. */
function sumOfKnown(sizes: readonly (Interval | Unknown)[]): Interval | undefined {
  const values = sizes.flatMap((size) => known(size) ?? []);
  return values.length < sizes.length ? undefined : sum(values);
}
