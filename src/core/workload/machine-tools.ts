/**
 * A machine from what its tools print: nvidia-smi, rocm-smi and amd-smi, free, /proc/meminfo, the limit of a cgroup. What
 * others hold is taken off: a plan has what is free now.
 */
import { MiB } from '../base/bytes.ts';
import { bound, type Interval, interval, known, ZERO } from '../base/interval.ts';
import { phrase, type Statement } from '../base/texts.ts';
import { type Unknown, unknown } from '../base/unknown.ts';
import {
  type Gpu,
  gpuBeginning,
  gpuNamed,
  migProfilesOf,
  usableOf,
  usableOfMig,
  usableOfShownMig,
} from '../catalog/gpus.ts';
import { type Sighted, sightingsOf } from '../evidence/sightings.ts';
import type { StatusReader } from '../evidence/status.ts';
import { amdSmi } from '../evidence/statuses/amd-smi.ts';
import { amdSmiCsv } from '../evidence/statuses/amd-smi-csv.ts';
import { amdSmiJson } from '../evidence/statuses/amd-smi-json.ts';
import { hostMemory } from '../evidence/statuses/host-memory.ts';
import { nvidiaSmiCsv } from '../evidence/statuses/nvidia-smi-csv.ts';
import { nvidiaSmiList } from '../evidence/statuses/nvidia-smi-list.ts';
import { nvidiaSmiQuery } from '../evidence/statuses/nvidia-smi-query.ts';
import { nvidiaSmiTable } from '../evidence/statuses/nvidia-smi-table.ts';
import { nvidiaSmiXml } from '../evidence/statuses/nvidia-smi-xml.ts';
import { rocmSmi } from '../evidence/statuses/rocm-smi.ts';
import { rocmSmiCsv } from '../evidence/statuses/rocm-smi-csv.ts';
import { rocmSmiJson } from '../evidence/statuses/rocm-smi-json.ts';
import type { SeenDevice } from '../ledger/device.ts';
import type { Quantity } from '../ledger/fact.ts';
import type { Cards, Machine } from './machine.ts';

/** Formats that say what a machine has; a log's other moments do not. */
const TOOLS: readonly StatusReader[] = [
  nvidiaSmiTable,
  nvidiaSmiXml,
  nvidiaSmiQuery,
  nvidiaSmiCsv,
  nvidiaSmiList,
  rocmSmi,
  rocmSmiJson,
  rocmSmiCsv,
  amdSmi,
  amdSmiJson,
  amdSmiCsv,
  hostMemory,
];

/** Characters of a text that are looked at; tools print less. */
const LONGEST = 512 * 1024;

const NO_HOST = phrase({
  en: 'the text does not say what host memory there is',
  zh: '文本没有给出主机内存',
  ru: 'в тексте не сказано, сколько памяти у хоста',
});
const NO_TOTAL = phrase({
  en: 'The text does not print the memory of the card; that of its name is taken, with nothing in use.',
  zh: '文本没有打印显存容量；按显卡名称取值，并视为无人占用。',
  ru: 'Объём памяти карты в тексте не напечатан; взят объём по её названию, ничем не занятый.',
});
const WDDM = phrase({
  en: 'Windows (WDDM) manages the memory of this card: what is in use by the desktop changes from moment to moment.',
  zh: '此卡的显存由 Windows（WDDM）管理：桌面占用随时变化。',
  ru: 'Памятью этой карты управляет Windows (WDDM): занятое рабочим столом меняется от минуты к минуте.',
});

/** The machine that a text of tools shows; undefined where it shows no card. */
export function machineInTools(text: string, name: string): Machine | undefined {
  const found = sightingsIn(text, name);
  const shown = lastWithDevices(found);
  if (shown === undefined) return undefined;
  const notes: Statement[] = [];
  const note = (statement: Statement): void => {
    if (!notes.includes(statement)) notes.push(statement);
  };
  const driver = shown.versions?.['driver'];
  const cards = grouped(
    withoutCut(shown.devices ?? []).flatMap((device) => cardOf(device, driver, note) ?? []),
  );
  if (cards.length === 0) return undefined;
  return { name, cards, host: hostIn(found, text), notes };
}

/** The host memory that a text of tools leaves to the job: free, /proc/meminfo, memory.max. */
export const readHost = (text: string): Interval | Unknown =>
  hostIn(sightingsIn(text, 'host'), text);

function sightingsIn(text: string, name: string): readonly Sighted[] {
  const bytes = new TextEncoder().encode(text.slice(0, LONGEST));
  const whole = { bytes, line: 1, needles: undefined, cut: false };
  const scanned = { windows: [whole], unread: 0, light: [], tail: whole, whole, totalLines: 0 };
  return sightingsOf(scanned, name, TOOLS).found;
}

/** The last moment with totals, else the last with devices: `nvidia-smi -L` prints names only. */
function lastWithDevices(found: readonly Sighted[]): Sighted | undefined {
  const hasTotal = ({ devices }: Sighted): boolean =>
    devices?.some(({ total }) => known(total?.bytes) !== undefined) === true;
  return found.findLast(hasTotal) ?? found.findLast(({ devices = [] }) => devices.length > 0);
}

/** A card that is cut into instances is no device of its own. */
function withoutCut(devices: readonly SeenDevice[]): readonly SeenDevice[] {
  const cut = new Set(devices.filter(({ mig }) => mig !== undefined).map(({ index }) => index));
  const seen = new Set<string>();
  return devices.filter(({ index, mig }) => {
    if (mig === undefined) return !cut.has(index);
    // Compute instances of one GPU instance share its memory.
    const key = `${index} ${mig.gpu_instance ?? mig.device}`;
    return seen.size < seen.add(key).size;
  });
}

function cardOf(
  device: SeenDevice,
  driver: string | undefined,
  note: (statement: Statement) => void,
): Cards | undefined {
  const { name = '', mig } = device;
  const total = known(device.total?.bytes);
  const gpu = name.includes('...')
    ? gpuBeginning(name, (total?.mid ?? 0) / MiB)
    : (gpuNamed(name) ?? gpuNamed(/\[(.{1,80})\]/.exec(name)?.[1] ?? ''))?.gpu;
  if (device.modes?.['driver_model'] === 'WDDM') note(WDDM);
  const usable =
    total === undefined ? fromName(gpu, mig?.profile) : fromTotal(total, device, driver, gpu);
  if (usable === undefined) return undefined;
  if (total === undefined) note(NO_TOTAL);
  const isWhole = mig === undefined;
  return {
    count: 1,
    name: [
      gpu?.name ?? (name === '' ? 'GPU' : name),
      ...(isWhole ? [] : ['MIG', mig.profile ?? []].flat()),
    ].join(' '),
    usable,
    taken: known(device.used?.bytes) ?? ZERO,
    ...(gpu?.capability !== undefined && { capability: gpu.capability }),
    ...(gpu !== undefined && isWhole && { bandwidth: gpu.bandwidth }),
    ...(gpu?.flops !== undefined && isWhole && { flops: gpu.flops }),
    source: total === undefined ? (gpu?.source ?? 'assumed') : 'the text of the tool',
  };
}

/** What a card, or a slice of it, has by its name alone. */
function fromName(gpu: Gpu | undefined, profile: string | undefined): Interval | undefined {
  if (gpu === undefined || profile === undefined) return gpu?.usable;
  // `1c.3g.71gb` is a compute instance: it shares the memory of 3g.71gb.
  const slice = migProfilesOf(gpu).find((one) => profile.replace(/^\d+c\./, '') === one.profile);
  return slice === undefined ? undefined : usableOfMig(gpu, slice);
}

/** What can be used of a total that a tool prints. Drivers before 510 print what can be used. */
function fromTotal(
  total: Interval,
  { vendor, mig }: SeenDevice,
  driver: string | undefined,
  gpu: Gpu | undefined,
): Interval {
  if (mig !== undefined) return usableOfShownMig(total.mid);
  if (vendor === 'nvidia' && Number(driver?.split('.')[0]) < 510) return total;
  if (gpu !== undefined) {
    const shown = gpu.shown * MiB;
    if (total.high < shown * 0.998 && total.low > gpu.usable.low * 0.99) return total;
    if (Math.abs(total.mid / shown - 1) < 0.002) return gpu.usable;
  }
  const maker = vendor === 'amd' || vendor === 'intel' ? vendor : 'nvidia';
  return usableOf(total.mid, { vendor: maker, unified: gpu?.unified === true });
}

/** Cards of one name that hold the same are counted. */
function grouped(cards: readonly Cards[]): Cards[] {
  const found = new Map<string, Cards>();
  for (const card of cards) {
    const key = `${card.name} ${card.usable.mid} ${card.taken.mid}`;
    const same = found.get(key);
    found.set(key, same === undefined ? card : { ...same, count: same.count + 1 });
  }
  return [...found.values()];
}

/** What the host has left for the job: the available memory, at most the limit of its cgroup. */
function hostIn(found: readonly Sighted[], text: string): Interval | Unknown {
  const sizeOf = (quantity: Quantity): Interval | undefined =>
    known(
      found.flatMap(({ facts = [] }) => facts).findLast((fact) => fact.quantity === quantity)
        ?.value,
    );
  const available = sizeOf('host_free') ?? sizeOf('host_total');
  const limit = cgroupLimit(text);
  const least = [available, limit].filter((one) => one !== undefined);
  return least.sort((a, b) => a.mid - b.mid)[0] ?? unknown(NO_HOST);
}

const LIMIT =
  /^(?:\S{0,200}?memory[./](?:max|limit_in_bytes|memory\.max)\b["']?[\s:=]*)?(\d{8,19})\s*$/m;
const CURRENT = /^\S{0,200}?memory[./](?:current|usage_in_bytes)\b["']?[\s:=]*(\d{1,19})\s*$/m;

/** `memory.max` (v2), `memory.limit_in_bytes` (v1), with their names or alone; 2^63 and "max" are no limits. */
function cgroupLimit(text: string): Interval | undefined {
  const limit = Number(LIMIT.exec(text.slice(0, LONGEST))?.[1] ?? Number.NaN);
  if (!(limit >= 64 * MiB) || limit > Number.MAX_SAFE_INTEGER) return undefined;
  const current = Number(CURRENT.exec(text.slice(0, LONGEST))?.[1] ?? 0);
  return current === 0 || current >= limit
    ? bound(limit)
    : interval(limit - current, limit - current, limit, 'bound');
}
