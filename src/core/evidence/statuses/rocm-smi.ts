/** `rocm-smi`: the concise table, memory, processes; sections between rules of equals signs. */
import { phrase, type Statement } from '../../base/texts.ts';
import type { SeenProcess } from '../../ledger/device.ts';
import { LIST_OF_PROCESSES } from '../gap-places-n-z.ts';
import {
  type Draft,
  deviceAt,
  deviceOf,
  inUnit,
  isSize,
  MOST_PROCESSES,
  newDevice,
  percentOf,
} from '../monitor.ts';
import type { Gap, Passage, SeenEvent, Sighting, StatusReader } from '../status.ts';
import type { Line } from '../text/dress.ts';

const TOP = /^\s*=+\s*(?:AMD )?ROCm System Management Interface\s*=+\s*$/;
const BOTTOM = /^\s*=+\s*End of ROCm SMI Log\s*=+/;
const SECTION = /^\s*={3,}\s+(\S.{0,60}?)\s+={3,}\s*$/;
const RULE = /^\s*={20,}\s*$/;
const CARD_LINE = /^\s*GPU\[(\d{1,4})\]\s*:\s*(\S.*)$/;
const HEADER = /^\s*(?:GPU|Device)\s.*\sVRAM%\s+GPU%\s*$/;
/** The end of a row: the performance level, the power cap, VRAM%, GPU%. */
const CONCISE =
  /^\s*(\d{1,4})\s.*?\s(?:[A-Za-z_]\w*|N\/A)\s+(?:\d+(?:\.\d+)?W|N\/A|unknown|[Uu]nsupported)\s+(\d{1,3}%|N\/A|unknown|[Uu]nsupported)\s+(\d{1,3}%|N\/A|unknown|[Uu]nsupported)\s*$/;
const LIST_HEADER = /^\s*PID\s+PROCESS NAME\s+GPU(?:\(s\))?\s+VRAM USED\b/;
const LISTED =
  /^\s*(\d{1,10})\s+(\S.{0,120}?)\s+(\d{1,6}|UNKNOWN|N\/A)\s+(\d{1,20}|UNKNOWN|N\/A)\s+(\d{1,20}|UNKNOWN|N\/A|unknown)(?:\s+(\d{1,20}|UNKNOWN|N\/A|unknown))?\s*$/;
const DEVICES_OF = /^\s*PID (\d{1,10}) is using (\d{1,4}) DRM device\(s\)/;
const NO_DRIVER = /Driver not initialized \(amdgpu not found in modules\)/;
const NO_CARD = /^\s*WARNING: No AMD GPUs specified/;
/** Lines of other programs within a log, and between loose lines without one. */
const MOST_FOREIGN = 60;

const NO_CARD_FOUND = phrase({
  en: 'rocm-smi found no AMD card',
  zh: 'rocm-smi 没有找到 AMD 显卡',
  ru: 'rocm-smi не находит карт AMD',
});
const NO_CARD_TODO = phrase({
  en: 'Check that amdgpu is loaded and that this user may open /dev/kfd and /dev/dri (groups render and video).',
  zh: '检查 amdgpu 是否已加载，以及当前用户能否打开 /dev/kfd 和 /dev/dri（render 组和 video 组）。',
  ru: 'Проверить, что amdgpu загружен и что этот пользователь может открыть /dev/kfd и /dev/dri (группы render и video).',
});
const OUTPUT = phrase({
  en: 'the output of rocm-smi',
  zh: 'rocm-smi 的输出',
  ru: 'вывод rocm-smi',
});
const within = (place: Statement, section: string): Statement =>
  phrase(
    { en: '{place} ({section})', zh: '{place}（{section}）', ru: '{place} ({section})' },
    { place, section },
  );

interface Log {
  readonly line: number;
  last: number;
  lastIndex: number;
  readonly hasTop: boolean;
  devices: Draft[];
  processes: { process: SeenProcess; count: string }[];
  used: Map<number, number[]>;
  events: SeenEvent[];
  gaps: Gap[];
  saysNone: boolean;
  /** The table that is open, and the process whose devices come next. */
  table: 'concise' | 'list' | undefined;
  pid: number | undefined;
  section: string;
  isDone: boolean;
  keys: Set<string>;
}

const newLog = (line: number, index: number, hasTop: boolean): Log => ({
  line,
  last: line,
  lastIndex: index,
  hasTop,
  devices: [],
  processes: [],
  used: new Map(),
  events: [],
  gaps: [],
  saysNone: false,
  table: undefined,
  pid: undefined,
  section: '',
  isDone: false,
  keys: new Set(),
});

const SIZES: Readonly<Record<string, 'total' | 'used'>> = {
  'VRAM Total Memory (B)': 'total',
  'VRAM Total Used Memory (B)': 'used',
};

/** What one "GPU[0] : key: value" says. False where unoom has no use for it. */
function takeCard(log: Log, index: number, said: string, line: number, isLast: boolean): boolean {
  const match = /^([^:]{1,80}?):?\s*:\s*(.*)$/.exec(said);
  const [key, value] = [match?.[1]?.trim() ?? '', match?.[2]?.trim() ?? ''];
  const device = (): Draft => deviceAt(log.devices, index, 'amd', line);
  const size = SIZES[key];
  if (size !== undefined) {
    // Without a line after it the figure may go on.
    if (!isSize(value) || (isLast && log.hasTop)) return false;
    device()[size] ??= inUnit(value, 'B');
    return true;
  }
  const pool = /^(VIS_VRAM|GTT) Total (Used )?Memory \(B\)$/.exec(key);
  if (pool !== null) {
    if (isLast && log.hasTop) return false;
    const name = `${pool[1]?.toLowerCase()}_${pool[2] === undefined ? 'total' : 'used'}`;
    device().modes[name] ??= `${value} B`;
    return true;
  }
  if (/^GPU Memory Allocated \(VRAM%\)$/.test(key)) {
    device().modes['vram_percent'] ??= value;
    return true;
  }
  const percent = percentOf(value);
  if (/^GPU use \(%\)$/.test(key) && percent !== undefined) {
    device().utilization_percent ??= percent;
    return true;
  }
  if (/^GPU (?:memory use|Memory Read\/Write Activity) \(%\)$/.test(key) && percent !== undefined) {
    device().memory_utilization_percent ??= percent;
    return true;
  }
  if (/^(?:Card [Ss]eries|Device Name)$/.test(key) && value !== '') {
    const card = device();
    if (card.name === undefined || key !== 'Device Name') card.name = value;
    return true;
  }
  if (key === 'PCI Bus') {
    device().bus_id ??= value;
    return true;
  }
  if (key === 'Unique ID' && value !== 'N/A') {
    device().uuid ??= value;
    return true;
  }
  return false;
}

function takeLine(log: Log, line: Line, isLast: boolean): boolean {
  const { text, number } = line;
  if (NO_CARD.test(text)) {
    log.gaps.push({
      code: 'tool-error',
      line: number,
      where: NO_CARD_FOUND,
      todo: NO_CARD_TODO,
    });
    return true;
  }
  const card = CARD_LINE.exec(text);
  if (card !== null) {
    log.table = undefined;
    takeCard(log, Number(card[1]), card[2] ?? '', number, isLast);
    return true;
  }
  const section = SECTION.exec(text);
  if (section !== null) {
    log.section = section[1] ?? '';
    log.table = undefined;
    return true;
  }
  if (HEADER.test(text)) {
    log.table = 'concise';
    return true;
  }
  if (LIST_HEADER.test(text)) {
    log.table = 'list';
    log.saysNone = true;
    return true;
  }
  if (/^\s*No KFD PIDs currently running/.test(text)) {
    log.saysNone = true;
    return true;
  }
  if (log.table === 'concise') {
    const row = CONCISE.exec(text);
    if (row !== null) {
      const device = deviceAt(log.devices, Number(row[1]), 'amd', number);
      device.modes['vram_percent'] ??= row[2] ?? '';
      const percent = percentOf(row[3]);
      if (percent !== undefined) device.utilization_percent ??= percent;
    }
    return row !== null || RULE.test(text);
  }
  if (log.table === 'list') {
    const row = LISTED.exec(text);
    if (row !== null && !(isLast && row[6] === undefined) && log.processes.length < MOST_PROCESSES)
      log.processes.push({
        process: {
          pid: Number(row[1]),
          name: row[2] ?? '',
          memory: inUnit(row[4] ?? '', 'B'),
          line: number,
        },
        count: row[3] ?? '',
      });
    if (RULE.test(text)) log.table = undefined;
    return row !== null || RULE.test(text);
  }
  return takeDevicesOf(log, text) || RULE.test(text);
}

/** "PID 4711 is using 2 DRM device(s):", and the numbers in the next line. */
function takeDevicesOf(log: Log, text: string): boolean {
  const match = DEVICES_OF.exec(text);
  if (match !== null) {
    log.pid = Number(match[1]);
    log.used.set(log.pid, []);
    return true;
  }
  if (log.pid !== undefined && /^\s*\d{1,4}(?:\s+\d{1,4})*\s*$/.test(text)) {
    log.used.set(log.pid, text.trim().split(/\s+/).slice(0, 64).map(Number));
    log.pid = undefined;
    return true;
  }
  return false;
}

/** Processes go to the one card that they can be on; the tool prints only how many each uses. */
function placeProcesses(log: Log): void {
  const cards = [...log.devices];
  const isWhole = log.isDone || log.table !== 'list';
  const loose: SeenProcess[] = [];
  for (const { process, count } of log.processes) {
    const known = log.used.get(process.pid ?? -1) ?? [];
    const only = known.length === 1 ? known[0] : undefined;
    const card =
      only !== undefined
        ? deviceAt(log.devices, only, 'amd', process.line)
        : cards.length === 1 && count !== '0'
          ? cards[0]
          : undefined;
    if (card === undefined) loose.push(process);
    else card.processes.push(process);
  }
  for (const [pid, numbers] of log.used) {
    if (log.processes.some(({ process }) => process.pid === pid)) continue;
    for (const number of numbers)
      deviceAt(log.devices, number, 'amd', log.line).processes.push({
        pid,
        memory: inUnit('', 'B'),
        line: log.line,
      });
  }
  if (loose.length > 0) log.devices.push({ ...newDevice('amd', log.line), processes: loose });
  if (log.saysNone || log.used.size > 0)
    for (const device of log.devices)
      if (loose.length === 0 || device.index === undefined)
        device.listed = isWhole ? 'all' : 'part';
}

function sightingOf(log: Log, goesOn: boolean): Sighting | undefined {
  placeProcesses(log);
  if (log.hasTop && !log.isDone && !goesOn) {
    const place = log.table === 'list' ? LIST_OF_PROCESSES : OUTPUT;
    const where = log.section === '' ? place : within(place, log.section);
    log.gaps.push({ code: 'cut-off', line: log.last, where });
  }
  const says = log.gaps.some(({ code }) => code === 'tool-error');
  if (log.devices.length === 0 && log.events.length === 0 && !says) return undefined;
  return {
    line: log.line,
    last: log.last,
    ...(log.devices.length > 0 && { devices: log.devices.map(deviceOf) }),
    ...(log.events.length > 0 && { events: log.events }),
    ...(log.gaps.length > 0 && { gaps: log.gaps }),
  };
}

/** A card that says the same thing again is another moment. */
const isRepeat = (log: Log, text: string): boolean => {
  const card = CARD_LINE.exec(text);
  if (card === null) return false;
  const key = `${card[1]} ${card[2]?.split(':')[0] ?? ''}`;
  if (log.keys.has(key) && /Memory \(B\)/.test(key)) return true;
  log.keys.add(key);
  return false;
};

const BEGINS =
  /ROCm System Management Interface|GPU\[\d{1,4}\]\s*:|VRAM%|VRAM USED|amdgpu not found|DRM device/;
const isLoose = (text: string): boolean =>
  HEADER.test(text) ||
  LIST_HEADER.test(text) ||
  DEVICES_OF.test(text) ||
  /^\s*GPU\[\d{1,4}\]\s*:\s*(?:VRAM |VIS_VRAM |GTT |GPU Memory Allocated|GPU use|GPU memory use)/.test(
    text,
  );

export const rocmSmi: StatusReader = {
  id: 'rocm-smi',
  code: 'UN610',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'rocm-smi',
      summary: 'AMD cards with their memory in use, and compute processes, as text.',
    },
    zh: {
      title: 'rocm-smi',
      summary: 'AMD 显卡的已用显存和计算进程，文本格式。',
    },
    ru: {
      title: 'rocm-smi',
      summary: 'Карты AMD: занятая память и вычислительные процессы, в виде текста.',
    },
  },
  sources: [
    'rocm_smi_lib: python_smi_tools/rocm_smi.py, ROCm 3.3 to 7.2 (showAllConcise, showMemInfo, showPids, showGpusByPid)',
  ],
  needles: [
    'rocm system management interface',
    'vram total used memory (b)',
    'kfd process information',
  ],
  sign: /GPU\[\d|VRAM|ROCm|KFD|amdgpu/i,
  read({ lines, goes_on }: Passage): Sighting[] {
    if (!lines.some(({ text }) => BEGINS.test(text))) return [];
    const found: Sighting[] = [];
    let log: Log | undefined;
    const end = (isLast: boolean): void => {
      const sighting = log === undefined ? undefined : sightingOf(log, isLast && goes_on);
      if (sighting !== undefined) found.push(sighting);
      log = undefined;
    };
    for (const [index, line] of lines.entries()) {
      const { text, number } = line;
      if (NO_DRIVER.test(text)) {
        end(false);
        const events: SeenEvent[] = [
          {
            kind: 'driver-unreachable',
            line: number,
            says: 'Driver not initialized (amdgpu not found in modules)',
          },
        ];
        found.push({ line: number, last: number, events });
        continue;
      }
      const isTop = TOP.test(text);
      if (
        isTop ||
        (log !== undefined && (isRepeat(log, text) || index - log.lastIndex > MOST_FOREIGN))
      )
        end(false);
      if (log === undefined) {
        if (!isTop && !isLoose(text)) continue;
        log = newLog(number, index, isTop);
        if (isTop) continue;
        isRepeat(log, text);
      }
      const isLast = index === lines.length - 1;
      if (BOTTOM.test(text)) {
        log.last = number;
        log.isDone = true;
        end(false);
      } else if (takeLine(log, line, isLast)) {
        log.last = number;
        log.lastIndex = index;
      }
    }
    end(true);
    return found;
  },
};
