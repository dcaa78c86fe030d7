/**
 * The table of `nvidia-smi`: cards, MIG slices, processes. Rows are read by their words with white
 * space squeezed, so neither the width of a version nor lost alignment matters.
 */
import { phrase, type Statement } from '../../base/texts.ts';
import type { SeenProcess } from '../../ledger/device.ts';
import {
  LIST_OF_MIG_DEVICES,
  LIST_OF_PROCESSES,
  rowOfGpu,
  TABLE_OF_DEVICES,
} from '../gap-places-n-z.ts';
import {
  BROKEN,
  BUS_ID,
  type Draft,
  draft,
  finish,
  MOST_DEVICES,
  MOST_GAPS,
  MOST_PROCESSES,
  modeOf,
  ownerOf,
  setListed,
  sliceOf,
  troubleOf,
} from '../nvidia.ts';
import {
  type Gap,
  type Passage,
  type SeenEvent,
  type Sighting,
  type StatusReader,
  shown,
} from '../status.ts';
import type { Line } from '../text/dress.ts';

/** A line of the table as it was before a terminal or a mail client broke it. */
interface Row {
  readonly text: string;
  /** The first line as it stands. */
  readonly raw: string;
  readonly line: number;
  readonly last: number;
}

const BORDER = /^[|+][-=]{3,}[-=+|]*$/;
const BORDERS = /[|+][-=]{8,}[-=+|]*/g;
const VERSIONS =
  /^\|? ?NVIDIA-SMI (?:version )?(\S{1,24}) (?:Driver|KMD) Version: (\S{1,24})(?: CUDA (?:UMD )?Version: (\S{1,12}))? ?\|/;
const TITLE = /^\|? ?NVIDIA-SMI\b/;
/** The same columns in a table of another tool, which has a reader of its own. */
const NVITOP = /^\|? ?NVITOP \d/;
const COLUMNS =
  /^\|? ?(?:GPU Name\b|Fan Temp\b|GPU GI CI (?:MIG|PID)|GPU (?:GI CI )?PID\b|ID ID\b|GPU Memory\b|Bus-Id\b)/;
const COLUMN_WORDS = /\b(?:MIG M\.|SM Unc|Unc\||ECC\||BAR1-Usage|Usage \|$|Memory-Usage)/;
const GPU =
  /^\|? ?(\d{1,3}) ([^|]{1,120}?) (On|Off|WDDM|TCC|MCDM|N\/A|ERR!) ?\| ?([^|]{3,40}?) ?\|/;
/** The same where the text ends within it. */
const GPU_CUT = /^\|? ?(\d{1,3}) ([^|]{3,120}?) (On|Off|WDDM|TCC|MCDM|ERR!) ?\|/;
const MEMORY = /^(?:\d{1,3} ?% )?(\d{1,9} ?Mi?B) ?\/ ?(\d{1,9} ?Mi?B)$/;
const MEMORY_CUT = /^(?:\d{1,3} ?% )?(\d{1,9} ?Mi?B) ?\/ ?[\dMi]*$/;
const SENSORS =
  /(?:^| )(?:P\d{1,2}|N\/A|ERR!|Error)(?: |\/).{0,40}\/|(?:ERR!|N\/A)(?: (?:ERR!|N\/A)){2}/;
const MIG_MODE = /^(?:\| ?){1,3}(Enabled|Disabled|N\/A)\*? ?(?:\||$)/;
const COMPUTE_MODES =
  /^(?:Default|E\. (?:Process|Thread)|Exclusive_(?:Process|Thread)|Prohibited)$/;
const SLICE =
  /^\|? ?(\d{1,3}) (\d{1,4}|N\/A) (\d{1,4}|N\/A) (\d{1,4}|N\/A) ?\| ?([^|]{3,40}?) ?(\||$)/;
const TYPES = '[CGM](?:\\+[CGM]){0,3}|N/A|-';
const SIZE =
  '\\d{1,9} ?Mi?B|N/A|Not Supported|ERR!|\\[?(?:Insufficient Permissions|Unknown Error|N/A|Not Supported|GPU is lost)\\]?';
const PROCESS = new RegExp(
  `^\\|? ?(\\d{1,4}) (?:(N/A|\\d{1,3}) (N/A|\\d{1,3}) (?:(\\d{1,10}|-) )?|(\\d{1,10}|-) )(${TYPES})(?: ([^|]{1,300}?))? (${SIZE}) ?(?:\\||$)`,
);
/** Drivers before 350 show compute processes only, and no type. */
const PLAIN_PROCESS = /^\|? ?(\d{1,4}) (\d{1,10}) ([^|]{1,300}?) (\d{1,9} ?Mi?B|N\/A) ?(?:\||$)/;
const PROCESS_CUT = new RegExp(
  `^\\|? ?(\\d{1,4}) (?:(N/A|\\d{1,3}) (N/A|\\d{1,3}) )?(\\d{1,10}) (${TYPES})(?: |$)`,
);
const HIDDEN_PROCESSES =
  /^\|? ?(\d{1,4}) (?:N\/A N\/A )?(?:Not Supported|Insufficient Permissions|Unknown Error) ?\|/;
const LIST = /^\|? ?(?:Compute )?[Pp]rocesses:(?: GPU Memory)? ?\|?$/;
/** Column heads that only this tool has. */
const OWN_COLUMNS =
  /^\|? ?(?:GPU Name (?:Persistence-M|TCC\/WDDM|Driver-Model) ?\||Fan Temp Perf Pwr|GPU (?:GI CI )?PID\b.* Process name|GPU GI CI MIG \|)/;
const SLICES = /^\|? ?MIG devices:/;
const NOTHING_RUNS = /^\|? ?No running (?:compute )?processes found/;
const NO_SLICES = /^\|? ?No MIG devices found/;
const BLANK = /^[| ]*$/;

const TIME = /^(?:[A-Z][a-z]{2} ){2}\d{1,2} \d\d:\d\d:\d\d (?:[AP]M )?(?:[A-Z]{2,5} )?\d{4}$/;
const WATCH =
  /^Every [\d.,]{1,8}s: .{0,80}nvidia-smi(?:.{0,80}? ([\w.-]{1,64}): ((?:[A-Z][a-z]{2} ){2}\d{1,2} \d\d:\d\d:\d\d (?:[AP]M )?(?:[A-Z]{2,5} )?\d{4}))?$/;
const PROMPT =
  /^[^|]{0,60}?[\w.-]{1,40}@([\w.-]{1,64})[:~ \]].{0,160}?[#$%>\]] ?.{0,60}nvidia-smi\b/;
/** pdsh, clush: the host in front of each line. */
const HOST = /^([A-Za-z][\w.-]{0,63}): ?(?=[|+])/;

/** A logger in front of each line: its level and name. */
const LOGGED =
  /^[^|+]{0,60}?(?:\b(?:DEBUG|INFO|WARN|WARNING|ERROR)\b|\d\d:\d\d:\d\d)[^|+]{0,80}?[\]:>-] ?(?=\|[ =-]|\+[-=]{3})/;

/** Lines of other programs that may stand within one table. */
const MOST_FOREIGN = 40;
/** Lines between the time or the prompt and the table. */
const MOST_LEAD = 6;

const LAST_LINES = phrase({
  en: 'the last lines of the table',
  zh: '表格的最后几行',
  ru: 'последние строки таблицы',
});

const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim();

export const nvidiaSmiTable: StatusReader = {
  id: 'nvidia-smi-table',
  code: 'UN602',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'nvidia-smi',
      summary: 'The table of cards, MIG slices and processes with their memory.',
    },
    zh: {
      title: 'nvidia-smi',
      summary: '显卡、MIG 实例和进程的表格，含各自的显存。',
    },
    ru: {
      title: 'nvidia-smi',
      summary: 'Таблица карт, экземпляров MIG и процессов с их памятью.',
    },
  },
  sources: [
    'nvidia-smi@384.90, 390.48, 440.33.01, 450.51.06, 535.104.05, 580.65.06, 590.48.01, 610.57.04: the table',
    'https://docs.nvidia.com/deploy/nvidia-smi/index.html',
  ],
  needles: ['| nvidia-smi ', 'gpu-util  compute m.', '| mig devices:', '| processes: '],
  sign: /^[\s>\d.:-]*[|+].*(?:MiB|N\/A|Default|GPU|PID)|\d\s{0,3}MiB\s{0,3}\/\s{0,3}\d|NVIDIA-SMI|GPU Memory/m,
  read({ lines, goes_on }: Passage): Sighting[] {
    const hosts = new Map<string, Line[]>();
    for (const line of lines) {
      const match = HOST.exec(line.text) ?? LOGGED.exec(line.text.slice(0, 240));
      const key = match?.[1] ?? '';
      const own = match === null ? line : { ...line, text: line.text.slice(match[0].length) };
      const list = hosts.get(key);
      if (list === undefined) hosts.set(key, [own]);
      else list.push(own);
    }
    return [...hosts].flatMap(([host, own]) => readTables(own, host, goes_on));
  },
};

function readTables(lines: readonly Line[], host: string, goesOn: boolean): Sighting[] {
  const tables: Table[] = [];
  let table: Table | undefined;
  let lead: Lead = {};
  const end = (): void => {
    if (table !== undefined) tables.push(table);
    table = undefined;
  };
  let isOther = false;
  for (const row of rowsOf(lines)) {
    if (NVITOP.test(row.text)) {
      end();
      isOther = true;
    } else if (TITLE.test(row.text) || row.text.includes('nvidia-smi')) isOther = false;
    if (isOther) continue;
    if (table !== undefined && row.line - table.last > MOST_FOREIGN) end();
    const next = leadOf(row, lead);
    if (next !== undefined) {
      lead = next;
      if (table?.isClosed() === true) end();
      continue;
    }
    const kind = kindOf(row.text, table?.isClosed() === true ? undefined : table);
    if (kind === undefined || (kind === 'border' && table === undefined)) continue;
    if (table === undefined || table.isOver(kind, row.text)) {
      end();
      table = new Table(host, row.line - (lead.line ?? -99) <= MOST_LEAD ? lead : {});
      lead = {};
    }
    table.add(kind, row);
  }
  end();
  const last = lines.at(-1)?.number ?? 0;
  return tables.flatMap((one) => one.sighting(goesOn && last - one.last < 2));
}

interface Lead {
  readonly line?: number;
  readonly time?: string;
  readonly host?: string;
}

/** What stands above a table: its time, the prompt, the head of watch. */
function leadOf({ text, raw, line }: Row, before: Lead): Lead | undefined {
  if (text.length > 300 || text.startsWith('|') || text.startsWith('+')) return undefined;
  const near = before.line !== undefined && line - before.line <= MOST_LEAD ? before : {};
  if (TIME.test(text)) return { ...near, line: near.line ?? line, time: raw };
  if (!text.includes('nvidia-smi')) return undefined;
  const watch = WATCH.exec(text);
  if (watch !== null) {
    return {
      line,
      ...(watch[1] !== undefined && { host: watch[1] }),
      ...(watch[2] !== undefined && {
        time: raw.slice(-32).replace(/^.*?(?=[A-Z][a-z]{2} [A-Z][a-z]{2} )/, ''),
      }),
    };
  }
  const host = PROMPT.exec(text)?.[1];
  return host === undefined ? undefined : { line, host };
}

type Kind =
  | 'border'
  | 'title'
  | 'columns'
  | 'gpu'
  | 'gpu-cut'
  | 'memory'
  | 'mig-mode'
  | 'slices'
  | 'slice'
  | 'no-slices'
  | 'list'
  | 'process'
  | 'process-cut'
  | 'hidden'
  | 'nothing-runs'
  | 'broken';

/** What a row is; undefined for lines that are not of the table. */
function kindOf(text: string, table: Table | undefined): Kind | undefined {
  if (BORDER.test(text)) return 'border';
  if (!text.includes('|')) {
    // A row whose bars are lost.
    if (table?.section !== 'processes') return undefined;
    if (NOTHING_RUNS.test(text)) return 'nothing-runs';
    return PROCESS.test(text) ? 'process' : undefined;
  }
  if (TITLE.test(text)) {
    return VERSIONS.test(text) || (text.startsWith('|') && !/\|.*\|/.test(text))
      ? 'title'
      : undefined;
  }
  if (LIST.test(text)) return 'list';
  if (SLICES.test(text)) return 'slices';
  if (NOTHING_RUNS.test(text)) return 'nothing-runs';
  if (NO_SLICES.test(text)) return 'no-slices';
  if (OWN_COLUMNS.test(text) || (table !== undefined && COLUMNS.test(text))) return 'columns';
  if (PROCESS.test(text)) return 'process';
  if (HIDDEN_PROCESSES.test(text)) return 'hidden';
  if (table?.hasTypes === false && table.section === 'processes' && PLAIN_PROCESS.test(text)) {
    return 'process';
  }
  const slice = SLICE.exec(text);
  if (slice !== null && (table?.section === 'slices' || MEMORY.test(slice[5] ?? '')))
    return 'slice';
  const gpu = GPU.exec(text);
  if (
    gpu !== null &&
    (busIdOf(gpu[4] ?? '') !== undefined || /^(?:N\/A|ERR!)/.test(gpu[4] ?? ''))
  ) {
    return 'gpu';
  }
  if (memoryCells(text) !== undefined) return 'memory';
  if (table === undefined) {
    // A lone row that is cut: only what is unmistakable.
    return PROCESS_CUT.test(text) && text.startsWith('|') && !text.endsWith('|')
      ? 'process-cut'
      : undefined;
  }
  if (MIG_MODE.test(text)) return 'mig-mode';
  if (!text.startsWith('|') && !PROCESS_CUT.test(text)) return undefined;
  if (BLANK.test(text) || COLUMN_WORDS.test(text)) return 'columns';
  if (table.section !== 'processes' && GPU_CUT.test(text)) return 'gpu-cut';
  if (PROCESS_CUT.test(text)) return 'process-cut';
  // The second row of a slice shows BAR1; what a slice has no room for goes on below.
  if (table.section === 'slices' && /^\| ?\|/.test(text)) return 'columns';
  return text.startsWith('|') ? 'broken' : undefined;
}

const busIdOf = (cell: string): string | undefined =>
  cell.split(' ').find((word) => BUS_ID.test(word));

interface MemoryCells {
  readonly sensors: string;
  readonly memory: string;
  /** The cell of utilisation and compute mode, where the text has it whole. */
  readonly use?: string;
}

/** The second row of a card: sensors, memory, use. */
function memoryCells(text: string): MemoryCells | undefined {
  const cells = text.split('|').map((cell) => cell.trim());
  if (text.startsWith('|')) cells.shift();
  const [sensors = '', memory = '', use] = cells;
  if (sensors.length > 80 || !SENSORS.test(sensors) || cells.length < 2) return undefined;
  if (!MEMORY.test(memory) && !MEMORY_CUT.test(memory) && (memory.length < 3 || cells.length < 3)) {
    return undefined;
  }
  return { sensors, memory, ...(use !== undefined && { use }) };
}

/** One table while it is read. */
class Table {
  section: 'head' | 'gpus' | 'slices' | 'processes' = 'head';
  hasTypes = true;
  first: number;
  last = 0;
  private readonly host: string;
  private readonly lead: Lead;
  private readonly devices: Draft[] = [];
  private versions: Record<string, string> = {};
  private gaps: Gap[] = [];
  private events: SeenEvent[] = [];
  private readonly unlisted = new Set<number>();
  private isEnded = false;
  private isWaiting = false;
  private hasHead = false;
  private hasList = false;
  private hasEndOfList = false;
  /** The line under the heads of the list: a border right after it ends an empty list. */
  private hasRule = false;
  private count = 0;
  private width = 0;
  private shortBorder = false;
  private suspect: { line: number; where: Statement } | undefined;

  constructor(host: string, lead: Lead) {
    this.host = host;
    this.lead = lead;
    this.first = lead.line ?? 0;
  }

  isClosed(): boolean {
    return this.hasEndOfList && this.isEnded;
  }

  /** Whether this row begins another table. */
  isOver(kind: Kind, text: string): boolean {
    if (kind === 'title') return this.section !== 'head' || Object.keys(this.versions).length > 0;
    if (kind === 'gpu' || kind === 'gpu-cut') {
      const index = Number((GPU.exec(text) ?? GPU_CUT.exec(text))?.[1]);
      return (
        this.section === 'slices' ||
        this.section === 'processes' ||
        this.devices.some((device) => device.index === index)
      );
    }
    if (kind === 'memory') return this.section === 'slices' || this.section === 'processes';
    if (kind === 'list' || kind === 'slices') {
      return this.section === 'processes';
    }
    if (kind === 'columns') return this.isClosed() && /^\|? ?(?:GPU Name|Fan)/.test(text);
    return this.isClosed() && kind !== 'border';
  }

  add(kind: Kind, row: Row): void {
    if (this.first === 0) this.first = row.line;
    this.last = row.last;
    if (kind !== 'broken' && this.suspect !== undefined) {
      // What stands before other rows of the table was no end.
      this.gap('damaged', this.suspect.line, this.suspect.where);
      this.suspect = undefined;
    }
    const { text, line } = row;
    switch (kind) {
      case 'border':
        this.border(text);
        break;
      case 'title':
        this.title(text);
        break;
      case 'columns':
        this.hasHead = true;
        if (/^\|? ?GPU GI CI MIG\b/.test(text)) this.enter('slices');
        if (/^\|? ?GPU (?:GI CI )?PID\b/.test(text)) {
          this.enter('processes');
          this.hasList = true;
          this.hasTypes = / Type\b/.test(text);
        }
        break;
      case 'gpu':
      case 'gpu-cut':
        this.gpu(text, line, kind === 'gpu');
        break;
      case 'memory':
        this.memory(text, line);
        break;
      case 'mig-mode': {
        const device = this.devices.findLast(({ mig }) => mig === undefined);
        const mode = modeOf(MIG_MODE.exec(text)?.[1] ?? '');
        if (device !== undefined && mode !== undefined) device.modes['mig_mode'] = mode;
        break;
      }
      case 'slices':
      case 'no-slices':
        this.enter('slices');
        break;
      case 'slice':
        this.slice(text, line);
        break;
      case 'list':
        this.enter('processes');
        this.hasList = true;
        break;
      case 'process':
      case 'process-cut':
        this.process(text, line, kind === 'process');
        break;
      case 'hidden':
        this.enter('processes');
        this.hasList = true;
        this.unlisted.add(Number(HIDDEN_PROCESSES.exec(text)?.[1]));
        break;
      case 'nothing-runs':
        this.enter('processes');
        this.hasList = true;
        this.hasEndOfList = true;
        break;
      case 'broken':
        if (this.suspect !== undefined) {
          this.gap('damaged', this.suspect.line, this.suspect.where);
        }
        this.suspect = { line, where: this.place() };
        break;
      default:
        kind satisfies never;
    }
    if (kind !== 'border' && kind !== 'columns') this.isEnded = false;
  }

  private enter(section: Table['section']): void {
    if (this.section === section) return;
    // The section before has ended: its own border is not needed to tell.
    if (this.isWaiting) this.broken(this.last);
    this.section = section;
    this.isEnded = false;
  }

  private place(): Statement {
    if (this.section === 'processes') return LIST_OF_PROCESSES;
    if (this.section === 'slices') return LIST_OF_MIG_DEVICES;
    const device = this.devices.at(-1);
    return device?.index === undefined ? TABLE_OF_DEVICES : rowOfGpu(device.index);
  }

  private gap(code: Gap['code'], line: number, where: Statement): void {
    if (this.gaps.length < MOST_GAPS) this.gaps.push({ code, line, where });
  }

  private broken(line: number): void {
    this.isWaiting = false;
    this.gap('damaged', line, this.place());
  }

  private border(text: string): void {
    this.shortBorder = this.width > 0 && text.length < this.width;
    this.width = Math.max(this.width, text.length);
    if (text.includes('=')) this.hasRule = this.section === 'processes';
    if (text.includes('=') || this.section === 'head') return;
    this.isEnded = true;
    const hasRows = this.count > 0 || this.hasRule;
    if (this.section === 'processes' && this.hasList && hasRows) this.hasEndOfList = true;
  }

  private title(text: string): void {
    this.hasHead = true;
    const [, tool, driver, cuda] = VERSIONS.exec(text) ?? [];
    if (driver === undefined || tool === undefined) return;
    const runs = modeOf(cuda ?? '');
    this.versions = { driver, ...(runs !== undefined && { cuda: runs }) };
    if (tool !== driver) this.versions['nvidia-smi'] = tool;
  }

  private gpu(text: string, line: number, isWhole: boolean): void {
    if (this.isWaiting) this.broken(line - 1);
    this.section = 'gpus';
    const [, index = '', name = '', mode = '', place = ''] =
      (isWhole ? GPU : GPU_CUT).exec(text) ?? [];
    if (this.devices.length >= MOST_DEVICES) return;
    const device = draft(line);
    device.index = Number(index);
    const called = modeOf(name);
    if (called !== undefined) device.name = called;
    const bus = busIdOf(place);
    if (bus !== undefined) device.bus_id = bus;
    if (/^(?:WDDM|TCC|MCDM)$/.test(mode)) device.modes['driver_model'] = mode;
    else if (modeOf(mode) !== undefined) device.modes['persistence'] = mode;
    this.devices.push(device);
    this.isWaiting = true;
  }

  private memory(text: string, line: number): void {
    const cells = memoryCells(text);
    if (cells === undefined) return;
    this.section = 'gpus';
    let device = this.isWaiting ? this.devices.at(-1) : undefined;
    if (device === undefined) {
      if (this.devices.length >= MOST_DEVICES) return;
      // The row above is not in the text.
      device = draft(line);
      this.devices.push(device);
    }
    this.isWaiting = false;
    const { memory, use, sensors } = cells;
    const pair = MEMORY.exec(memory);
    const isEnd = text.endsWith('|');
    if (pair !== null) {
      device.used = shown(pair[1] ?? '');
      device.total = shown(pair[2] ?? '');
    } else if (MEMORY_CUT.test(memory)) {
      const used = MEMORY_CUT.exec(memory)?.[1];
      if (used !== undefined) device.used = shown(used);
      this.suspect = { line, where: this.place() };
    } else {
      const [used = memory, total = used] = memory.split(' / ');
      device.used = shown(used);
      device.total = shown(total);
      const trouble = troubleOf(memory, {
        line,
        ...(device.index !== undefined && { device: device.index }),
      });
      if (trouble !== undefined) {
        this.events.push(trouble.event);
        this.gaps.push(trouble.gap);
      }
    }
    const state = /(?:^| )(P\d{1,2})(?: |$)/.exec(sensors)?.[1];
    if (state !== undefined) device.modes['pstate'] = state;
    if (use === undefined) return;
    const [, percent, mode] = /^(\d{1,3})% ?(.*)$/.exec(use) ?? [];
    if (percent !== undefined) device.utilization_percent = Number(percent);
    const compute = modeOf(mode ?? use.replace(/^(?:N\/A|ERR!) ?/, ''));
    if (compute !== undefined && (isEnd || COMPUTE_MODES.test(compute)))
      device.modes['compute_mode'] = compute;
  }

  private slice(text: string, line: number): void {
    const [, index = '', gi, ci, number, memory = '', bar] = SLICE.exec(text) ?? [];
    this.enter('slices');
    if (this.devices.length >= MOST_DEVICES) return;
    const device = draft(line);
    device.index = Number(index);
    device.mig = sliceOf(gi, ci, number);
    const name = this.devices.find(
      (one) => one.index === device.index && one.mig === undefined,
    )?.name;
    if (name !== undefined) device.name = name;
    const pair = MEMORY.exec(memory);
    if (pair !== null) {
      device.used = shown(pair[1] ?? '');
      device.total = shown(pair[2] ?? '');
    } else if (bar === '|') {
      device.used = shown(memory);
      device.total = shown(memory);
    } else {
      const used = MEMORY_CUT.exec(memory)?.[1];
      if (used !== undefined) device.used = shown(used);
      this.suspect = { line, where: this.place() };
    }
    this.devices.push(device);
  }

  private process(text: string, line: number, isWhole: boolean): void {
    this.enter('processes');
    this.hasList = true;
    if (this.count >= MOST_PROCESSES) return;
    const [, index = '', gi, ci, pid, type, name, size = ''] = isWhole
      ? wholeProcess(text)
      : (PROCESS_CUT.exec(text) ?? []);
    const at = sliceOf(gi, ci);
    const process: SeenProcess = {
      ...(pid !== undefined && /^\d+$/.test(pid) && { pid: Number(pid) }),
      ...(name !== undefined && isWhole && name !== '-' && { name }),
      ...(type !== undefined && modeOf(type) !== undefined && { type }),
      memory: isWhole ? shown(size) : BROKEN,
      ...(at.gpu_instance !== undefined && { gpu_instance: at.gpu_instance }),
      ...(at.compute_instance !== undefined && { compute_instance: at.compute_instance }),
      line,
    };
    const owner = ownerOf(
      this.devices,
      {
        index: Number(index),
        ...(at.gpu_instance !== undefined && { gi: at.gpu_instance }),
        ...(at.compute_instance !== undefined && { ci: at.compute_instance }),
      },
      line,
    );
    owner.processes.push(process);
    this.count++;
    if (!isWhole) this.suspect = { line, where: this.place() };
  }

  /** The moment, unless nothing of it could be read. */
  sighting(goesOn: boolean): Sighting[] {
    if (!this.hasHead && !this.hasList && this.section === 'head') return [];
    const where = this.whereItEnds();
    if (where !== undefined && !goesOn) this.gap('cut-off', this.suspect?.line ?? this.last, where);
    setListed(this.devices, this.hasList ? (this.hasEndOfList ? 'all' : 'part') : 'none');
    for (const device of this.devices) {
      if (device.index !== undefined && this.unlisted.has(device.index)) device.listed = 'none';
    }
    const host = this.host === '' ? this.lead.host : this.host;
    return [
      {
        line: this.first,
        last: this.last,
        ...(this.lead.time !== undefined && { time: this.lead.time }),
        ...(host !== undefined && { host }),
        ...(Object.keys(this.versions).length > 0 && { versions: this.versions }),
        devices: this.devices.map(finish),
        ...(this.events.length > 0 && { events: this.events }),
        ...(this.gaps.length > 0 && { gaps: this.gaps }),
      },
    ];
  }

  /** Where the text breaks off, by the form: every table ends with a list of processes and its border. */
  private whereItEnds(): Statement | undefined {
    if (this.suspect !== undefined) return this.suspect.where;
    if (this.section === 'head') return TABLE_OF_DEVICES;
    if (this.isWaiting) return this.place();
    if (this.section === 'processes') {
      if (this.unlisted.size > 0 && this.count === 0 && this.isEnded) return undefined;
      if (!this.hasEndOfList) return LIST_OF_PROCESSES;
      return this.isEnded && !this.shortBorder ? undefined : LAST_LINES;
    }
    return this.isEnded ? LIST_OF_PROCESSES : this.place();
  }
}

/** Index, instances, number, type, name, size. */
function wholeProcess(text: string): (string | undefined)[] {
  const match = PROCESS.exec(text);
  if (match !== null) {
    const [all, index, gi, ci, pid, old, type, name, size] = match;
    return [all, index, gi, ci, pid ?? old, type, name, size];
  }
  const [all, index, pid, name, size] = PLAIN_PROCESS.exec(text) ?? [];
  return [all, index, undefined, undefined, pid, undefined, name, size];
}

/** Lines that could be rows, whole again where they were broken. */
function rowsOf(lines: readonly Line[]): Row[] {
  const rows: Row[] = [];
  let width = 0;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    if (line === undefined || line.text.length > 8192) continue;
    let text = line.text.trimStart();
    if (text === '') continue;
    let last = at;
    if (/^[|+]/.test(text) && (!/[|+]$/.test(text) || isHalf(text, lines[at + 1], width))) {
      for (let more = 1; more <= 3; more++) {
        const next = lines[at + more];
        if (next === undefined || next.text.length > 400 || /^\s*(?:[|+].*)?$/.test(next.text))
          break;
        const ends = /[|+]$/.test(next.text);
        const isPart = ends || /^[-=+]+$/.test(next.text);
        if (!isPart && lines[at + more + 1]?.text.endsWith('|') !== true) break;
        text = joined(text, next.text, width);
        last = at + more;
        if (ends) break;
      }
      if (last !== at && !/[|+]$/.test(text)) {
        // What follows was no part of the row.
        text = line.text.trimStart();
        last = at;
      }
    }
    if (BORDER.test(text)) width = Math.max(width, text.length);
    at = last;
    for (const piece of unglued(squeeze(text))) {
      rows.push({
        text: piece,
        raw: line.text.trim(),
        line: line.number,
        last: lines[last]?.number ?? line.number,
      });
    }
  }
  return rows;
}

/** Whether a row that ends with a bar goes on below: together they are no wider than the table. */
const isHalf = (text: string, next: Line | undefined, width: number): boolean =>
  next !== undefined &&
  /^\s*[^|+\s].*\|$/.test(next.text.slice(-400)) &&
  !BORDER.test(text) &&
  text.length + next.text.length <= width + 1;

/** Two pieces of a row: a terminal cuts anywhere, a mail client at white space. */
function joined(first: string, second: string, width: number): string {
  const length = first.length + second.length;
  if (BORDER.test(first) || (width > 0 && length === width)) return first + second;
  const isOpen = /\w$/.test(first) && /^\w/.test(second);
  // Where it cannot be told, the two must not become one figure, nor its end a figure of its own.
  return isOpen && (width === 0 || length > width)
    ? `${first}\u0001${second}`
    : `${first} ${second}`;
}

/** A table that lost its line breaks: its borders and empty bars tell the rows. */
function unglued(text: string): string[] {
  if (text.length < 60 || BORDER.test(text) || !/[|+][-=]{8}/.test(text)) return [text];
  return text
    .replace(BORDERS, '\n$&\n')
    .split('\n')
    .flatMap((part) => (BORDER.test(part) ? [part] : part.split(/(?<=\|) (?=\|)/)))
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
