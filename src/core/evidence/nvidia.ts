/**
 * What the readers of nvidia-smi share: devices that are put together line by line, what ties a
 * process to one of them, and the words that the driver prints in the place of figures.
 */
import { phrase, type Statement, say } from '../base/texts.ts';
import { unknown } from '../base/unknown.ts';
import type { MigSlice, SeenDevice, SeenProcess, Shown } from '../ledger/device.ts';
import type { Gap, SeenEvent } from './status.ts';

/** Devices and processes that are kept of one moment. */
export const MOST_DEVICES = 1024;
export const MOST_PROCESSES = 8192;
/** Gaps that are told of one moment. */
export const MOST_GAPS = 8;

/** A device while its text is read. */
export type Draft = {
  -readonly [Key in keyof Omit<SeenDevice, 'processes' | 'modes'>]: SeenDevice[Key];
} & { processes: SeenProcess[]; modes: Record<string, string> };

export const draft = (line: number): Draft => ({
  vendor: 'nvidia',
  processes: [],
  listed: 'none',
  line,
  modes: {},
});

export function finish({ modes, ...device }: Draft): SeenDevice {
  return Object.keys(modes).length === 0 ? device : { ...device, modes };
}

/** "MiB" that nvidia-smi, dmon and pmon print as "MB": 2^20 either way. */
export const WHOLE_SIZE: RegExp = /^\d{1,12} ?M(?:i?B)$/;

/** A size that the end of the text has cut. */
export const BROKEN: Shown = {
  raw: '',
  bytes: unknown(
    phrase({ en: 'the row is broken here', zh: '此行在这里断开', ru: 'строка здесь обрывается' }),
  ),
};

export const SAYS_NOTHING: RegExp =
  /^\[?(?:N\/A|Not Supported|Not Available|Not Found|Not Active|Unknown|Unknown Error|Insufficient Permissions|ERR!?|GPU is lost|GPU requires reset|No Permission|Function Not Found|None|-)\]?$/i;

/** The value of a mode, or undefined where the tool says that it has none. */
export const modeOf = (value: string): string | undefined =>
  value === '' || SAYS_NOTHING.test(value) || value.length > 80 ? undefined : value;

export const percentOf = (text: string): number | undefined => {
  const match = /^(\d{1,3}) ?%$/.exec(text);
  return match === null ? undefined : Number(match[1]);
};

export const BUS_ID: RegExp = /^[0-9A-F]{4,8}:[0-9A-F]{2}:[0-9A-F]{2}\.[0-9A-F]$/i;
export const UUID: RegExp = /^(?:GPU|MIG)-[0-9a-z][\w/-]{3,120}$/i;
export const WHOLE_UUID: RegExp = /^(?:GPU|MIG)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A device that the driver has given up, in the words of a cell: an event, and what to do. */
export function troubleOf(
  words: string,
  at: { line: number; device?: number },
): { event: SeenEvent; gap: Gap } | undefined {
  const lost = /GPU is lost/i.test(words);
  if (!lost && !/GPU requires reset/i.test(words)) return undefined;
  return {
    event: {
      kind: 'driver-fault',
      line: at.line,
      says: lost ? 'GPU is lost' : 'GPU requires reset',
      code: lost ? 'NVML 15' : 'NVML 16',
      ...(at.device !== undefined && { device: at.device }),
    },
    gap: {
      code: 'tool-error',
      line: at.line,
      where:
        at.device === undefined
          ? say(TEXTS, lost ? 'this-lost' : 'this-reset')
          : goneGpu(lost ? 'lost' : 'reset', at.device),
      todo: lost ? TODO.lost : TODO.reset,
    },
  };
}

const TEXTS = {
  en: {
    lost: 'GPU {which} is lost',
    reset: 'GPU {which} requires a reset',
    'this-lost': 'the GPU is lost',
    'this-reset': 'the GPU requires a reset',
    'lost-todo':
      'The driver no longer reaches this card. Look for "Xid 79" in dmesg, check power, cooling and the slot, and reboot; only a reboot brings it back.',
    'reset-todo':
      'End every process on this card and run "nvidia-smi --gpu-reset -i N" as root, or reboot. "dmesg | grep -i xid" tells why.',
  },
  zh: {
    lost: 'GPU {which} 已丢失',
    reset: 'GPU {which} 需要重置',
    'this-lost': '该 GPU 已丢失',
    'this-reset': '该 GPU 需要重置',
    'lost-todo':
      '驱动已无法访问这块显卡。在 dmesg 中查找“Xid 79”，检查供电、散热和插槽，然后重启机器；只有重启才能恢复。',
    'reset-todo':
      '结束这块显卡上的所有进程，以 root 身份运行“nvidia-smi --gpu-reset -i N”，或重启机器。“dmesg | grep -i xid”会给出原因。',
  },
  ru: {
    lost: 'драйвер потерял GPU {which}',
    reset: 'GPU {which} требует сброса',
    'this-lost': 'драйвер потерял эту карту',
    'this-reset': 'эта карта требует сброса',
    'lost-todo':
      'Драйвер больше не видит эту карту. Найти «Xid 79» в dmesg, проверить питание, охлаждение и слот, перезагрузить машину: карту вернёт только перезагрузка.',
    'reset-todo':
      'Завершить все процессы на этой карте и выполнить от root «nvidia-smi --gpu-reset -i N» либо перезагрузить машину. Причину покажет «dmesg | grep -i xid».',
  },
} as const;

/** A GPU, by its index or its bus id, that the driver has given up. */
export const goneGpu = (how: 'lost' | 'reset', which: number | string): Statement =>
  say(TEXTS, how, { which });

/** What helps, by what the driver says. */
export const TODO: Readonly<Record<'lost' | 'reset', Statement>> = {
  lost: say(TEXTS, 'lost-todo'),
  reset: say(TEXTS, 'reset-todo'),
};

/** The device of a process: the slice it runs in, else the card; made where the text shows none. */
export function ownerOf(
  devices: Draft[],
  who: { index?: number; uuid?: string; bus_id?: string; gi?: number; ci?: number },
  line: number,
): Draft {
  const same = devices.filter(
    (device) =>
      (who.index === undefined || device.index === who.index) &&
      (who.uuid === undefined || device.uuid === who.uuid) &&
      (who.bus_id === undefined || device.bus_id === who.bus_id),
  );
  const slice =
    who.gi === undefined
      ? undefined
      : same.find(
          ({ mig }) =>
            mig?.gpu_instance === who.gi &&
            (who.ci === undefined || mig?.compute_instance === who.ci),
        );
  const found = slice ?? same.find(({ mig }) => mig === undefined);
  if (found !== undefined) return found;
  const made = draft(line);
  if (who.index !== undefined) made.index = who.index;
  if (who.uuid !== undefined) made.uuid = who.uuid;
  if (who.bus_id !== undefined) made.bus_id = who.bus_id;
  if (devices.length < MOST_DEVICES) devices.push(made);
  return made;
}

/**
 * Says of each device how much of its list of processes the text has. A card in MIG mode holds its
 * processes in its slices, and the compute instances of one GPU instance share its memory: what
 * such a device does not list itself is no sign that nobody is there.
 */
export function setListed(devices: readonly Draft[], listed: SeenDevice['listed']): void {
  const slices = new Map<string, number>();
  const sliced = new Set<string>();
  const card = ({ index, bus_id, uuid }: Draft): string => `${index ?? bus_id ?? uuid ?? '?'}`;
  const instance = (device: Draft): string => `${card(device)}/${device.mig?.gpu_instance ?? '?'}`;
  const busy = new Map<string, number>();
  for (const device of devices) {
    if (device.mig === undefined) continue;
    sliced.add(card(device));
    slices.set(instance(device), (slices.get(instance(device)) ?? 0) + 1);
    const running = device.processes.length > 0 ? 1 : 0;
    busy.set(instance(device), (busy.get(instance(device)) ?? 0) + running);
  }
  for (const device of devices) {
    device.listed = listed;
    const isEmpty = device.processes.length === 0;
    if (device.mig === undefined) {
      if (isEmpty && sliced.has(card(device))) device.listed = 'none';
      continue;
    }
    const others = busy.get(instance(device)) ?? 0;
    if ((slices.get(instance(device)) ?? 0) < 2 || others === 0) continue;
    if (isEmpty) device.listed = 'none';
    else if (others > 1) device.listed = 'part';
  }
}

/** "N/A" is no instance. */
export const instanceOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,4}$/.test(text) ? Number(text) : undefined;

export function sliceOf(gi: string | undefined, ci: string | undefined, device?: string): MigSlice {
  const [gpu, compute, number] = [gi, ci, device].map(instanceOf);
  return {
    ...(gpu !== undefined && { gpu_instance: gpu }),
    ...(compute !== undefined && { compute_instance: compute }),
    ...(number !== undefined && { device: number }),
  };
}
