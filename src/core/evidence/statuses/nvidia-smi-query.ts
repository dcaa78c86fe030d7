/**
 * The text of `nvidia-smi -q`, whole or by sections (`-d MEMORY`, `-d PIDS`). A line without a value
 * opens a section, so the reader does not depend on indentation, which pastes lose.
 */
import { phrase, type Statement } from '../../base/texts.ts';
import type { SeenProcess } from '../../ledger/device.ts';
import { LIST_OF_CARDS, LIST_OF_PROCESSES, sectionOfGpu } from '../gap-places-n-z.ts';
import {
  BROKEN,
  type Draft,
  draft,
  finish,
  instanceOf,
  MOST_DEVICES,
  MOST_GAPS,
  MOST_PROCESSES,
  modeOf,
  ownerOf,
  percentOf,
  setListed,
  troubleOf,
  UUID,
  WHOLE_SIZE,
} from '../nvidia.ts';
import {
  type Gap,
  type Passage,
  type SeenEvent,
  type Sighting,
  type StatusReader,
  shown,
} from '../status.ts';

const START = /^=+ ?NVSMI LOG ?=+$/;
const GPU = /^GPU ([0-9A-F]{4,8}:[0-9A-F]{2}:[0-9A-F]{2}\.[0-9A-F])$/i;
const PAIR = /^([A-Z][A-Za-z0-9 .()/_-]{0,59}?) *: ?(.{0,400})$/;
const HEADING = /^[A-Z][A-Za-z0-9 ./()_-]{1,59}$/;
const MEMORY = /^(?:Shared )?FB Memory Usage$/;
const SIZES = ['Total', 'Reserved', 'Used', 'Free'];

/** Keys that only a card has, never a MIG device: they end the slices. */
const OF_THE_CARD =
  /^(?:Accounting Mode|Driver Model|Serial Number|GPU UUID|PCI|Compute Mode|Utilization|Fan Speed|Performance State|Processes|Temperature|Clocks)\b/;
const KEYS_OF_PROCESS = [
  'GPU instance ID',
  'Compute instance ID',
  'Process ID',
  'Type',
  'Name',
  'Used GPU Memory',
];
const MOST_FOREIGN = 60;

export const nvidiaSmiQuery: StatusReader = {
  id: 'nvidia-smi-query',
  code: 'UN604',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'nvidia-smi -q',
      summary: 'All that the driver tells of each card, line by line.',
    },
    zh: {
      title: 'nvidia-smi -q',
      summary: '驱动给出的每块显卡的全部信息，逐行列出。',
    },
    ru: {
      title: 'nvidia-smi -q',
      summary: 'Всё, что драйвер сообщает о каждой карте, построчно.',
    },
  },
  sources: [
    'nvidia-smi@375.66, 450.66, 535.104.05, 590.48.01, 610.57.04: nvidia-smi -q',
    'https://docs.nvidia.com/deploy/nvidia-smi/index.html',
  ],
  needles: ['=nvsmi log=', 'fb memory usage', 'used gpu memory '],
  read({ lines, goes_on }: Passage): Sighting[] {
    const logs: Log[] = [];
    let log: Log | undefined;
    let isOpen = false;
    for (const [at, { text: raw, number }] of lines.entries()) {
      const text = raw.trim();
      if (text === '' || text.length > 500) continue;
      if (START.test(text)) {
        log = new Log(number, true);
        logs.push(log);
        isOpen = true;
        continue;
      }
      if (isOpen && log !== undefined && number - log.last > MOST_FOREIGN) isOpen = false;
      if (!isOpen || log === undefined) {
        // A piece without its head: only what no other program prints.
        const begins =
          MEMORY.test(text) ||
          GPU.test(text) ||
          /^(?:Process ID|GPU [Ii]nstance ID) +: /.test(text);
        if (!begins) continue;
        log = new Log(number, false);
        logs.push(log);
        isOpen = true;
      }
      log.add(text, number, at === lines.length - 1);
    }
    const end = lines.at(-1)?.number ?? 0;
    return logs.flatMap((one) => one.sighting(goes_on && end - one.last < 2));
  },
};

/** One run of the tool. */
class Log {
  last: number;
  private readonly first: number;
  private readonly hasStart: boolean;
  private readonly devices: Draft[] = [];
  private readonly gaps: Gap[] = [];
  private readonly events: SeenEvent[] = [];
  private readonly versions: Record<string, string> = {};
  private time: string | undefined;
  private attached: number | undefined;
  private cards = 0;
  /** Lines with a value since the last card. */
  private pairs = 0;
  private heading = '';
  private card: Draft | undefined;
  /** The card, or the slice of it, that sizes belong to. */
  private current: Draft | undefined;
  private sizes: string[] = [];
  private hasMemory = false;
  private isFull = false;
  private hasProcesses = false;
  private hasList = false;
  /** Where the head of a list of processes stands. */
  private listLine: number | undefined;
  private count = 0;
  private process: { -readonly [Key in keyof SeenProcess]?: SeenProcess[Key] } = {};
  private isHeld = false;
  /** A line that the text may have cut before its value. */
  private stump: number | undefined;

  constructor(line: number, hasStart: boolean) {
    this.first = line;
    this.last = line;
    this.hasStart = hasStart;
  }

  /** @param isEnd whether the text ends here: a word may then be a stump. */
  add(text: string, line: number, isEnd: boolean): void {
    const gpu = GPU.exec(text);
    if (gpu !== null) {
      this.endCard(line);
      this.last = line;
      if (this.devices.length >= MOST_DEVICES) return;
      this.card = draft(line);
      this.card.bus_id = String(gpu[1]);
      this.devices.push(this.card);
      this.current = this.card;
      this.cards++;
      this.pairs = 0;
      this.heading = '';
      return;
    }
    const pair = PAIR.exec(text);
    if (pair !== null) {
      const isWord = /^(?:Product Name|GPU UUID|Timestamp|\w+ (?:UMD )?Version)$/.test(
        pair[1] ?? '',
      );
      if (isEnd && isWord) {
        this.last = line;
        return;
      }
      this.pair(String(pair[1]).trim(), String(pair[2]).trim(), line);
      return;
    }
    if (!HEADING.test(text)) return;
    const isStump =
      /^(?:Compute )?Processes$/.test(this.heading) &&
      KEYS_OF_PROCESS.some((key) => key.startsWith(text));
    this.endSection(line);
    this.last = line;
    this.stump = isStump ? line : undefined;
    this.heading = text;
    if (text === 'MIG Device' || /^MIG Device \d+$/.test(text)) {
      this.slice(line);
    } else if (OF_THE_CARD.test(text)) this.current = this.card;
    if (MEMORY.test(text)) {
      // A second one after that of a slice is the card's.
      if (this.current?.mig !== undefined && this.current.total !== undefined) {
        this.current = this.card;
      }
      this.current ??= this.loose(line);
      this.sizes = [];
      this.hasMemory = true;
    }
    if (/^(?:Compute )?Processes$/.test(text)) {
      this.hasProcesses = true;
      this.hasList = true;
      this.listLine = line;
    }
  }

  /** A device whose head is not in the text. */
  private loose(line: number): Draft {
    const device = draft(line);
    this.devices.push(device);
    this.card = device;
    return device;
  }

  private slice(line: number): void {
    if (this.devices.length >= MOST_DEVICES) return;
    const device = draft(line);
    device.mig = {};
    if (this.card?.bus_id !== undefined) device.bus_id = this.card.bus_id;
    if (this.card?.name !== undefined) device.name = this.card.name;
    this.devices.push(device);
    this.current = device;
  }

  private pair(key: string, value: string, line: number): void {
    this.pairs++;
    if (this.pairOfProcess(key, value, line)) {
      this.last = line;
      return;
    }
    this.last = line;
    if (OF_THE_CARD.test(key)) {
      this.endSection(line);
      this.current = this.card;
    }
    if (this.card === undefined && this.devices.length === 0) this.pairOfHead(key, value);
    const device = this.current;
    if (device === undefined) return;
    if (MEMORY.test(this.heading) && SIZES.includes(key)) {
      this.size(device, key, value, line);
      return;
    }
    const trouble = troubleOf(value, { line });
    if (trouble !== undefined && this.events.length < MOST_GAPS) {
      if (!this.events.some(({ says }) => says === trouble.event.says)) {
        this.events.push(trouble.event);
        this.gap(trouble.gap);
      }
    }
    if (device.mig !== undefined) {
      const number = instanceOf(value);
      if (number === undefined) return;
      if (key === 'Index') device.mig = { ...device.mig, device: number };
      if (key === 'GPU Instance ID') device.mig = { ...device.mig, gpu_instance: number };
      if (key === 'Compute Instance ID') device.mig = { ...device.mig, compute_instance: number };
      return;
    }
    this.pairOfCard(device, key, value);
  }

  private pairOfHead(key: string, value: string): void {
    if (key === 'Timestamp') this.time = value;
    else if (key === 'Driver Version' || key === 'KMD Version') {
      if (modeOf(value) !== undefined) this.versions['driver'] = value;
    } else if (key === 'CUDA Version' || key === 'CUDA UMD Version') {
      if (modeOf(value) !== undefined) this.versions['cuda'] = value;
    } else if (key === 'Attached GPUs') this.attached = instanceOf(value);
  }

  private pairOfCard(device: Draft, key: string, value: string): void {
    const mode = modeOf(value);
    if (key === 'Product Name') {
      this.isFull = true;
      if (mode !== undefined) device.name = mode;
    } else if (key === 'GPU UUID') {
      if (UUID.test(value)) {
        device.uuid = value;
      }
    } else if (key === 'Performance State' && mode !== undefined) device.modes['pstate'] = mode;
    else if (key === 'Compute Mode' && mode !== undefined) device.modes['compute_mode'] = mode;
    else if (key === 'Persistence Mode' && mode !== undefined) device.modes['persistence'] = mode;
    else if (key === 'GPU Recovery Action' && mode !== undefined) {
      device.modes['recovery_action'] = mode;
    } else if (key === 'Reset Required' && mode === 'Yes') device.modes['reset_required'] = mode;
    else if (key === 'Addressing Mode' && mode !== undefined) device.modes['addressing'] = mode;
    else if (key === 'Current' && mode !== undefined) {
      if (this.heading === 'MIG Mode') device.modes['mig_mode'] = mode;
      if (this.heading === 'Driver Model') device.modes['driver_model'] = mode;
    } else if (this.heading === 'Utilization') {
      const percent = percentOf(value);
      if (percent !== undefined && /^gpu$/i.test(key)) device.utilization_percent = percent;
      if (percent !== undefined && key === 'Memory') device.memory_utilization_percent = percent;
    } else if (/^(?:Compute )?Processes$/.test(key)) {
      this.hasProcesses = true;
      if (/^None$/i.test(value)) this.hasList = true;
    }
  }

  private size(device: Draft, key: string, value: string, line: number): void {
    if (/^\d/.test(value) && !WHOLE_SIZE.test(value)) {
      this.gap({ code: 'cut-off', line, where: memoryOf(device) });
      this.sizes = SIZES;
      return;
    }
    this.sizes.push(key);
    const size = shown(value);
    if (key === 'Total') device.total = size;
    else if (key === 'Reserved') device.reserved = size;
    else if (key === 'Used') device.used = size;
    else device.free = size;
  }

  /** True where the line belongs to a process. */
  private pairOfProcess(key: string, value: string, line: number): boolean {
    const isInstance = /^(?:GPU|Compute) instance ID$/i.test(key);
    if (isInstance && this.current?.mig !== undefined && !this.hasProcesses) return false;
    if (!/^(?:Compute )?Processes$/.test(this.heading)) {
      // Sessions and accounts show process numbers too.
      const isLoose = !this.hasStart && this.heading === '' && (isInstance || key === 'Process ID');
      if (!isLoose) return false;
      this.heading = 'Processes';
      this.hasProcesses = true;
      this.hasList = true;
      this.current ??= this.loose(line);
    }
    if (/^GPU instance ID$/i.test(key)) {
      this.endProcess();
      this.process = { line };
      const number = instanceOf(value);
      if (number !== undefined) this.process.gpu_instance = number;
      this.isHeld = true;
    } else if (/^Compute instance ID$/i.test(key)) {
      const number = instanceOf(value);
      if (number !== undefined) this.process.compute_instance = number;
    } else if (key === 'Process ID') {
      if (this.process.pid !== undefined || this.process.memory !== undefined) this.endProcess();
      this.isHeld = true;
      if (/^\d{1,10}$/.test(value)) this.process.pid = Number(value);
      this.process.line ??= line;
    } else if (key === 'Type') {
      const type = modeOf(value);
      if (type !== undefined) this.process.type = type;
    } else if (key === 'Name') {
      if (value !== '') this.process.name = value;
    } else if (/^Used (?:GPU|FB) Memory$/.test(key)) {
      if (/^\d/.test(value) && !WHOLE_SIZE.test(value)) return true;
      this.process.memory = shown(value);
    } else if (!/^Used GPU CC Protected Memory$/i.test(key)) {
      this.endSection(line);
      this.heading = '';
      return false;
    }
    return true;
  }

  private endProcess(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    const { memory, ...process } = this.process;
    this.process = {};
    const isWhole = memory !== undefined;
    if (!isWhole) {
      // The number itself may be the stump where nothing follows it.
      const { type, pid: _, name: __, ...rest } = process;
      const line = process.line ?? this.last;
      this.gap({ code: 'cut-off', line, where: LIST_OF_PROCESSES });
      if (type === undefined) return;
      this.keep({ ...rest, ...(process.pid !== undefined && { pid: process.pid }), type, line });
      return;
    }
    this.keep({ ...process, memory, line: process.line ?? this.last });
  }

  private keep(process: Omit<SeenProcess, 'memory'> & Partial<Pick<SeenProcess, 'memory'>>): void {
    if (this.count >= MOST_PROCESSES) return;
    this.count++;
    const { gpu_instance: gi, compute_instance: ci } = process;
    const bus = this.card?.bus_id;
    const owner =
      bus === undefined
        ? (this.card ?? this.loose(process.line))
        : ownerOf(
            this.devices,
            { bus_id: bus, ...(gi !== undefined && { gi }), ...(ci !== undefined && { ci }) },
            process.line,
          );
    owner.processes.push({ ...process, memory: process.memory ?? BROKEN });
  }

  private gap(gap: Gap): void {
    if (this.gaps.length < MOST_GAPS) this.gaps.push(gap);
  }

  private endSection(line: number): void {
    this.endProcess();
    if (!MEMORY.test(this.heading) || this.current === undefined) return;
    // "Reserved" is there since driver 510.
    const missing = ['Total', 'Used', 'Free'].some((key) => !this.sizes.includes(key));
    const code = line > this.last ? 'damaged' : 'cut-off';
    if (missing) this.gap({ code, line: this.last, where: memoryOf(this.current) });
    this.heading = '';
  }

  private endCard(line: number): void {
    this.endSection(line);
    const card = this.card;
    if (card === undefined) return;
    if (this.isFull && !this.hasProcesses && line > this.last) {
      this.gap({ code: 'damaged', line: this.last, where: sectionOfGpu(card.bus_id) });
    }
    setListed(
      this.devices.filter(
        (device) => device === card || (card.bus_id !== undefined && device.bus_id === card.bus_id),
      ),
      this.hasList
        ? this.gaps.some(({ where }) => where === LIST_OF_PROCESSES)
          ? 'part'
          : 'all'
        : 'none',
    );
    this.hasProcesses = false;
    this.hasList = false;
    this.isFull = false;
    this.card = undefined;
    this.current = undefined;
  }

  sighting(goesOn: boolean): Sighting[] {
    const { isFull, hasProcesses, card, pairs } = this;
    const isBareList = this.listLine === this.last && this.hasList;
    if (this.stump !== undefined && this.stump === this.last) {
      this.gap({ code: 'cut-off', line: this.last, where: LIST_OF_PROCESSES });
    }
    const isOpenProcess = this.isHeld && this.process.memory === undefined;
    this.endCard(this.last);
    const cutBefore = this.gaps.some(({ code }) => code === 'cut-off');
    if (!cutBefore && !isOpenProcess) {
      if (isFull && !hasProcesses && card !== undefined) {
        this.gap({ code: 'cut-off', line: this.last, where: sectionOfGpu(card.bus_id) });
      } else if (this.hasStart && this.devices.length === 0) {
        this.gap({ code: 'cut-off', line: this.last, where: LIST_OF_CARDS });
      } else if (card !== undefined && this.hasStart && pairs === 0) {
        this.gap({ code: 'cut-off', line: this.last, where: sectionOfGpu(card.bus_id) });
      } else if (isBareList) {
        this.gap({ code: 'cut-off', line: this.last, where: LIST_OF_PROCESSES });
      }
    }
    if (this.devices.length === 0 && !this.hasStart) return [];
    const isRead =
      this.hasStart ||
      this.hasMemory ||
      this.count > 0 ||
      this.devices.some(({ uuid, name }) => uuid !== undefined || name !== undefined);
    if (!isRead) return [];
    // The tool lists cards in the order of its index; it shows all of them unless -i chose some.
    if (this.attached === this.cards) {
      let index = -1;
      for (const device of this.devices) {
        if (device.mig === undefined) index++;
        if (index >= 0) device.index = index;
      }
    }
    const gaps = goesOn ? this.gaps.filter(({ code }) => code !== 'cut-off') : this.gaps;
    return [
      {
        line: this.first,
        last: this.last,
        ...(this.time !== undefined && { time: this.time }),
        ...(Object.keys(this.versions).length > 0 && { versions: this.versions }),
        devices: this.devices.map(finish),
        ...(this.events.length > 0 && { events: this.events }),
        ...(gaps.length > 0 && { gaps }),
      },
    ];
  }
}

function memoryOf({ mig, bus_id }: Draft): Statement {
  if (mig?.device !== undefined) {
    return phrase(
      {
        en: 'the memory of MIG device {device}',
        zh: 'MIG 设备 {device} 的显存',
        ru: 'память устройства MIG {device}',
      },
      { device: mig.device },
    );
  }
  return bus_id === undefined
    ? phrase({ en: 'the memory of a card', zh: '某块显卡的显存', ru: 'память одной из карт' })
    : phrase(
        { en: 'the memory of GPU {bus_id}', zh: 'GPU {bus_id} 的显存', ru: 'память GPU {bus_id}' },
        { bus_id },
      );
}
