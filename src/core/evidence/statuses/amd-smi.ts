/** `amd-smi` as people see it: the default table, `monitor`, and the indented lists of `metric`, `static`, `process`, `list`. */
import { phrase, type Statement } from '../../base/texts.ts';
import type { SeenProcess, Shown } from '../../ledger/device.ts';
import { LIST_OF_PROCESSES, rowOfGpu } from '../gap-places.ts';
import { type Draft, deviceAt, deviceOf, MOST_PROCESSES, percentOf } from '../monitor.ts';
import { readTables, type TableSpec } from '../smi-table.ts';
import { type Gap, type Passage, type Sighting, type StatusReader, shown } from '../status.ts';
import type { Line } from '../text/dress.ts';

/** Its MB is 2^20 bytes; whole ones are cut off, decimals are rounded. */
const sizeOf = (text: string): Shown => shown(text, /\.\d/.test(text) ? {} : { rounding: 'floor' });
/** A size with its unit, or a word in its place. Half a unit is neither. */
const SIZE = /^(?:\d{1,15}(?:\.\d{1,3})? ?(?:B|[KMGT]B)|N\/A)$/;

const PROCESS =
  /^\s*\|\s*(\d{1,4})\s+(\d{1,10})\s+(\S.{0,80}?)\s+(?:\d+\.\d [KMGT]?B|N\/A)\s+(\d+\.\d [KMGT]?B|N\/A)\s+(?:\d+\.\d [KMGT]?B|N\/A)\s/;

const TABLE: TableSpec = {
  vendor: 'amd',
  title: /^\s*\|\s*AMD-SMI \S/,
  versions(text) {
    const match =
      /\|\s*AMD-SMI (\S{1,40})(?:\s+amdgpu version: (\S{1,30}))?(?:\s+ROCm version: (\S{1,20}))?/.exec(
        text,
      );
    if (match === null) return undefined;
    return {
      'amd-smi': match[1] ?? '',
      ...(match[2] !== undefined && { amdgpu: match[2] }),
      ...(match[3] !== undefined && match[3] !== 'N/A' && { rocm: match[3] }),
    };
  },
  first({ cells }) {
    const match = /^([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.\d)\s+(\S.{0,80})$/i.exec(
      cells[0] ?? '',
    );
    if (match === null) return undefined;
    const activity = percentOf(/^(\d{1,3} ?%)/.exec(cells[1] ?? '')?.[1]);
    return {
      bus_id: match[1] ?? '',
      name: match[2] ?? '',
      ...(activity !== undefined && { memory_utilization_percent: activity }),
    };
  },
  second({ cells }, device) {
    const match = /^(\d{1,4})\s+\S+\s+\S+\s+(\S+)$/.exec(cells[0] ?? '');
    if (match === null) return undefined;
    const usage = /(?:^|\s)(\d{1,12}|N\/A)\/(\d{1,12}|N\/A) ([MG]B)$/.exec(cells[1] ?? '');
    const percent = percentOf(/^(\d{1,3} ?%)/.exec(cells[1] ?? '')?.[1]);
    const partition = match[2] ?? 'N/A';
    const used = usage === null ? sizeOf('N/A') : sizeOf(`${usage[1]} ${usage[3]}`);
    return {
      index: Number(match[1]),
      used,
      ...(usage !== null && { total: sizeOf(`${usage[2]} ${usage[3]}`) }),
      ...(percent !== undefined && { utilization_percent: percent }),
      ...(partition !== 'N/A' && { modes: { ...device.modes, partition } }),
    };
  },
  processes: /^\s*\|\s*Processes:/,
  process(text) {
    const match = PROCESS.exec(text);
    if (match === null) return undefined;
    return {
      index: Number(match[1]),
      pid: Number(match[2]),
      name: match[3] ?? '',
      memory: sizeOf(match[4] ?? ''),
    };
  },
  none: /No running processes/,
  hasList: true,
};

/** A cell of `monitor`: digits and their unit belong together. */
const CELL = /\S+(?: (?:W|°C|C|MHz|%|[KMGT]?B|Mb\/s|Mbps|ns|us|ms|s)(?=\s|$))?/g;
const MONITOR = /^\s*(?:TIMESTAMP\s+)?GPU\s.*\b(?:VRAM_USED|VRAM_USAGE|VRAM_TOTAL|VRAM_MEM)\b/;
const MOST_FOREIGN = 3;

interface Samples {
  readonly line: number;
  last: number;
  time?: string;
  devices: Draft[];
  gaps: Gap[];
}

/** `amd-smi monitor`: a row a card under its header, again and again with -w. */
function monitorSamples({ lines, goes_on }: Passage): Sighting[] {
  const found: Samples[] = [];
  let names: string[] = [];
  let foreign = 0;
  /** The line that announces processes, until the first of them. */
  let announced: number | undefined;
  for (const [index, { text, number }] of lines.entries()) {
    if (/^\s*PROCESS INFO:/.test(text)) announced = number;
    if (MONITOR.test(text)) {
      const again = text.trim().split(/\s+/);
      const sample = found.at(-1);
      // The table of processes stands under the one of cards and belongs to it.
      if (names.length === 0 || !again.includes('VRAM_MEM') || sample === undefined)
        found.push({ line: number, last: number, devices: [], gaps: [] });
      names = again;
      foreign = 0;
      continue;
    }
    if (names.length === 0 || text.trim() === '' || /^\s*PROCESS INFO:/.test(text)) continue;
    const cells = text.match(CELL) ?? [];
    const at = (name: string): string | undefined => cells[names.indexOf(name)];
    const gpu = /^\d{1,4}$/.exec(at('GPU') ?? '')?.[0];
    const sample = found.at(-1);
    const isShort = cells.length < names.length;
    if (gpu === undefined || sample === undefined || (isShort && index < lines.length - 1)) {
      if (++foreign > MOST_FOREIGN) names = [];
      continue;
    }
    foreign = 0;
    if (names.includes('VRAM_MEM')) announced = undefined;
    let now = sample;
    const isCard = !names.includes('VRAM_MEM') || names.includes('VRAM_USAGE');
    // With -w the cards come again, as another moment.
    if (
      isCard &&
      sample.devices.some((device) => device.index === Number(gpu)) &&
      at('PID') === undefined
    ) {
      now = { line: number, last: number, devices: [], gaps: [] };
      found.push(now);
    }
    now.last = number;
    const time = at('TIMESTAMP');
    if (time !== undefined) now.time ??= time;
    if (isShort) {
      if (!goes_on) now.gaps.push({ code: 'cut-off', line: number, where: rowOfGpu(gpu) });
      continue;
    }
    if (!takeSample(now, Number(gpu), at, number) && index === lines.length - 1 && !goes_on)
      now.gaps.push({ code: 'cut-off', line: number, where: rowOfGpu(gpu) });
  }
  if (announced !== undefined && !goes_on)
    found.at(-1)?.gaps.push({ code: 'cut-off', line: announced, where: LIST_OF_PROCESSES });
  return found.flatMap(({ devices, gaps, time, line, last }) =>
    devices.length === 0
      ? []
      : [
          {
            line,
            last,
            ...(time !== undefined && { time }),
            devices: devices.map(deviceOf),
            ...(gaps.length > 0 && { gaps }),
          },
        ],
  );
}

function takeSample(
  sample: Samples,
  index: number,
  at: (name: string) => string | undefined,
  line: number,
): boolean {
  const device = deviceAt(sample.devices, index, 'amd', line);
  const usage = /^(\d{1,9}(?:\.\d)?|N\/A)\/(\d{1,9}(?:\.\d)?|N\/A) ([MGT]B)$/.exec(
    at('VRAM_USAGE') ?? '',
  );
  const sizes = [
    ['used', usage === null ? at('VRAM_USED') : `${usage[1]} ${usage[3]}`],
    ['total', usage === null ? at('VRAM_TOTAL') : `${usage[2]} ${usage[3]}`],
    ['free', at('VRAM_FREE')],
  ] as const;
  let isWhole = true;
  for (const [key, text] of sizes) {
    if (text === undefined) continue;
    if (SIZE.test(text) || text === 'N/A GB') device[key] ??= sizeOf(text);
    else isWhole = false;
  }
  const busy = percentOf(at('GFX%') ?? at('GFX_UTIL'));
  if (busy !== undefined) device.utilization_percent ??= busy;
  const activity = percentOf(at('MEM%') ?? at('MEM_UTIL'));
  if (activity !== undefined) device.memory_utilization_percent ??= activity;
  const pid = /^\d{1,10}$/.exec(at('PID') ?? '')?.[0];
  if (pid === undefined || device.processes.length >= MOST_PROCESSES) return isWhole;
  const name = at('NAME');
  device.processes.push({
    pid: Number(pid),
    ...(name !== undefined && name !== 'N/A' && { name }),
    memory: sizeOf(at('VRAM_MEM') ?? at('MEM_USAGE') ?? ''),
    line,
  });
  device.listed = 'all';
  return isWhole;
}

const GPU_LINE = /^(\s*)GPU: (\d{1,4})\s*$/;
const KEY_LINE = /^(\s*)([A-Z][A-Z0-9_ ]{0,40}):(?:\s(.*))?$/;
const MEMORY_KEYS: Readonly<Record<string, 'total' | 'used' | 'free'>> = {
  TOTAL_VRAM: 'total',
  USED_VRAM: 'used',
  FREE_VRAM: 'free',
};

const keyOfGpu = (key: string, index: number | undefined): Statement =>
  phrase(
    { en: '{key} of GPU {index}', zh: 'GPU {index} 的 {key}', ru: '{key} у GPU {index}' },
    { key, index: index ?? '?' },
  );

const keysOfGpu = (index: number | undefined): Statement =>
  phrase(
    { en: 'the keys of GPU {index}', zh: 'GPU {index} 的字段', ru: 'поля GPU {index}' },
    { index: index ?? '?' },
  );

/** The indented form: "GPU: 0", and keys below it. */
function humanSightings({ lines, goes_on }: Passage): Sighting[] {
  const found: Sighting[] = [];
  let open: HumanList | undefined;
  const end = (isLast: boolean): void => {
    const sighting = open?.sighting(isLast && goes_on, isLast);
    if (sighting !== undefined) found.push(sighting);
    open = undefined;
  };
  for (const [index, line] of lines.entries()) {
    const gpu = GPU_LINE.exec(line.text);
    if (gpu !== null) {
      if (open?.has(Number(gpu[2])) === true) end(false);
      open ??= new HumanList(line.number);
      open.begin(Number(gpu[2]), gpu[1]?.length ?? 0, line.number);
    } else if (open !== undefined && !open.take(line, index === lines.length - 1)) end(false);
  }
  end(true);
  return found;
}

class HumanList {
  private readonly line: number;
  private last: number;
  private readonly devices: Draft[] = [];
  private readonly gaps: Gap[] = [];
  private device: Draft | undefined;
  private indent = 0;
  private section = '';
  private process: { pid?: number; name?: string; memory?: Shown; line: number } | undefined;
  private foreign = 0;
  private isKnown = false;
  private isShort = false;

  constructor(line: number) {
    this.line = line;
    this.last = line;
  }

  has(index: number): boolean {
    return this.devices.some((device) => device.index === index);
  }

  begin(index: number, indent: number, line: number): void {
    this.endProcess();
    this.device = deviceAt(this.devices, index, 'amd', line);
    this.indent = indent;
    this.section = '';
    this.last = line;
    this.foreign = 0;
  }

  /** False where the line is not of the list and too many of these came. */
  take({ text, number }: Line, isLast: boolean): boolean {
    const match = KEY_LINE.exec(text);
    if (match === null || (match[1]?.length ?? 0) <= this.indent || this.device === undefined)
      return text.trim() === '' || ++this.foreign <= 12;
    this.foreign = 0;
    this.last = number;
    const key = match[2] ?? '';
    const value = match[3]?.trim() ?? '';
    if (value === '') {
      this.section = key;
      if (/^PROCESS_INFO/.test(key)) {
        this.endProcess();
        this.process = { line: number };
        this.device.listed = 'all';
        this.isKnown = true;
      }
    } else this.entry(this.device, key, value, number, isLast);
    return true;
  }

  private entry(device: Draft, key: string, value: string, line: number, isLast: boolean): void {
    const memory =
      MEMORY_KEYS[key] ?? (this.section === 'VRAM' && key === 'SIZE' ? 'total' : undefined);
    if (memory !== undefined || /^(?:TOTAL|USED|FREE)_(?:VISIBLE_VRAM|GTT)$/.test(key)) {
      if (!SIZE.test(value)) {
        this.isShort = isLast;
        const where = keyOfGpu(key, device.index);
        this.gaps.push({ code: isLast ? 'cut-off' : 'damaged', line, where });
        return;
      }
      this.isKnown = true;
      if (memory !== undefined) device[memory] ??= sizeOf(value);
      else device.modes[key.toLowerCase()] ??= value;
    } else if (isLast && !SIZE.test(value) && !/^PROCESS_INFO/.test(key)) {
      // Half of a name or of a number looks like a whole one.
      this.isShort = true;
    } else if (this.process !== undefined) this.ofProcess(this.process, key, value);
    else if (key === 'MARKET_NAME' || (key === 'PRODUCT_NAME' && device.name === undefined)) {
      if (value === 'N/A') return;
      device.name = value;
      this.isKnown = true;
    } else if (key === 'BDF') device.bus_id ??= value;
    else if (key === 'UUID') {
      device.uuid ??= value;
      this.isKnown = true;
    } else if (key === 'GFX_ACTIVITY') {
      const percent = percentOf(value);
      if (percent !== undefined) device.utilization_percent ??= percent;
    } else if (key === 'UMC_ACTIVITY') {
      const percent = percentOf(value);
      if (percent !== undefined) device.memory_utilization_percent ??= percent;
    } else if (/^PROCESS_INFO/.test(key) && /No running processes|N\/A/.test(value)) {
      device.listed = 'all';
      this.isKnown = true;
    }
  }

  private ofProcess(
    process: { pid?: number; name?: string; memory?: Shown },
    key: string,
    value: string,
  ): void {
    if (key === 'PID' && /^\d{1,10}$/.test(value)) process.pid = Number(value);
    else if (key === 'NAME' && value !== 'N/A') process.name = value;
    else if (key === 'VRAM_MEM' && SIZE.test(value)) process.memory = sizeOf(value);
    else if (key === 'MEM_USAGE' && SIZE.test(value)) process.memory ??= sizeOf(value);
  }

  private endProcess(): void {
    const { process, device } = this;
    this.process = undefined;
    if (process?.pid === undefined || device === undefined) return;
    const { memory, ...rest } = process;
    if (device.processes.length < MOST_PROCESSES)
      device.processes.push({ ...rest, memory: memory ?? shown('') } satisfies SeenProcess);
  }

  /** The last card has fewer figures of memory than the tool prints, or than the cards before it. */
  private lacksMemory(): boolean {
    const { device } = this;
    if (device === undefined) return false;
    const figures = ({ total, used, free, modes }: Draft): number =>
      [total, used, free].filter((size) => size !== undefined).length + Object.keys(modes).length;
    if (this.section === 'MEM_USAGE' && (device.used ?? device.free) === undefined) return true;
    return this.devices.some((one) => figures(one) > figures(device));
  }

  sighting(goesOn: boolean, isLast: boolean): Sighting | undefined {
    const started = this.process;
    const isHalf =
      isLast &&
      started !== undefined &&
      (started.pid === undefined || started.memory === undefined);
    // Half a process has no number: at the end of the text its list is part of one.
    if (isHalf && this.device !== undefined) this.device.listed = 'part';
    this.endProcess();
    if (!this.isKnown) return undefined;
    const bare = this.devices.at(-1);
    if (isLast && bare !== undefined && Object.keys(bare).length <= 6 && bare.listed === 'none') {
      // Its number may be half of one, and nothing else is known of it.
      if (Object.keys(bare.modes).length === 0 && this.devices.length > 1) {
        this.devices.pop();
        this.isShort = true;
      }
    }
    if (isHalf && !goesOn)
      this.gaps.push({ code: 'cut-off', line: this.last, where: LIST_OF_PROCESSES });
    else if (isLast && !goesOn && this.gaps.length === 0 && (this.isShort || this.lacksMemory()))
      this.gaps.push({ code: 'cut-off', line: this.last, where: keysOfGpu(this.device?.index) });
    return {
      line: this.line,
      last: this.last,
      devices: this.devices.map(deviceOf),
      ...(this.gaps.length > 0 && !goesOn && { gaps: this.gaps }),
    };
  }
}

export const amdSmi: StatusReader = {
  id: 'amd-smi',
  code: 'UN613',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'amd-smi',
      summary: 'AMD cards with their memory in use, and the processes on each, as text.',
    },
    zh: {
      title: 'amd-smi',
      summary: 'AMD 显卡的已用显存，以及每块显卡上的进程，文本格式。',
    },
    ru: {
      title: 'amd-smi',
      summary: 'Карты AMD: занятая память и процессы на каждой, в виде текста.',
    },
  },
  sources: [
    'amdsmi: amdsmi_cli/amdsmi_commands.py, amdsmi_logger.py, amdsmi_helpers.py (convert_bytes_to_readable), ROCm 5.6 to 7.2',
    'https://rocm.docs.amd.com/projects/amdsmi/en/latest/how-to/amdsmi-cli-tool.html',
  ],
  needles: ['| amd-smi ', 'vram_usage', 'vram_used  ', 'total_vram: ', 'process_info:'],
  sign: /vram|AMD-SMI|MEM_USAGE|GTT/i,
  read(passage: Passage): Sighting[] {
    const has = { human: false, monitor: false };
    for (const { text } of passage.lines) {
      if (GPU_LINE.test(text)) has.human = true;
      else if (text.includes('VRAM_')) has.monitor = true;
    }
    return [
      ...readTables(passage, TABLE),
      ...(has.monitor ? monitorSamples(passage) : []),
      ...(has.human ? humanSightings(passage) : []),
    ].sort((a, b) => a.line - b.line);
  },
};
