/**
 * `nvidia-smi --query-…=… --format=csv`: rows whose columns a header names, or the command line
 * that stands above, or their own unmistakable form.
 */
import { phrase } from '../../base/texts.ts';
import type { SeenProcess } from '../../ledger/device.ts';
import { LAST_ROW, LIST_OF_PROCESSES, rowOfGpu } from '../gap-places-n-z.ts';
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
  SAYS_NOTHING,
  setListed,
  troubleOf,
  UUID,
  WHOLE_SIZE,
  WHOLE_UUID,
} from '../nvidia.ts';
import {
  type Gap,
  type Passage,
  type SeenEvent,
  type Sighting,
  type StatusReader,
  shown,
  statusFact,
} from '../status.ts';
import type { Line } from '../text/dress.ts';

/** What a query asks of. */
type Kind = 'gpu' | 'apps' | 'accounted';

interface Columns {
  readonly kind: Kind;
  readonly names: readonly string[];
  /** Whether sizes carry their unit; undefined until a row tells. */
  hasUnits?: boolean;
  readonly line: number;
  /** Named by a command line only: the rows must be near. */
  readonly isAsked: boolean;
  /** Whether the last name of a header is one that the tool knows, with its unit. */
  readonly isWhole?: boolean;
  /** Told by the form of the rows: which of the sizes is which is not known beyond this. */
  readonly isGuess?: boolean;
}

const ALIASES: Readonly<Record<string, string>> = {
  gpu_name: 'name',
  gpu_uuid: 'uuid',
  gpu_bus_id: 'pci.bus_id',
  gpu_serial: 'serial',
  used_memory: 'used_gpu_memory',
  'driver_model.current': 'driver_model',
  'mig.mode.current': 'mig_mode',
  gpu_recovery_action: 'recovery_action',
  'remapped_rows.pending': 'remap_pending',
  'remapped_rows.failure': 'remap_failure',
  'remapped_rows.correctable': 'remapped_correctable',
  'remapped_rows.uncorrectable': 'remapped_uncorrectable',
};

const MODES = [
  'pstate',
  'compute_mode',
  'persistence_mode',
  'driver_model',
  'mig_mode',
  'recovery_action',
  'remap_pending',
  'remap_failure',
  'remapped_correctable',
  'remapped_uncorrectable',
];

const HEAD = /^[A-Za-z][\w.]{0,79}(?: \[[^\]]{1,12}\])?$/;
/** Names that only this tool gives its columns. */
const OWN =
  /^(?:memory\.(?:total|used|free|reserved)|utilization\.(?:gpu|memory)|used_gpu_memory|used_memory|max_memory_usage|gpu_(?:name|uuid|bus_id|utilization)|pci\.bus_id|driver_version|compute_cap|pstate|(?:temperature|power|clocks|fan|ecc|remapped_rows|retired_pages|mig|vbios|inforom|encoder|pcie)[._][\w.]+)$/;
/** Columns of processes, as `nameOf` calls them. */
const OF_APPS: ReadonlySet<string> = new Set([
  ...['timestamp', 'name', 'pci.bus_id', 'serial', 'uuid', 'pid', 'process_name'],
  ...['used_gpu_memory', 'gpu_utilization', 'mem_utilization', 'max_memory_usage', 'time'],
  ...['is_running', 'vgpu_instance'],
]);
const COMMAND =
  /--query-(gpu|compute-apps|accounted-apps|remapped-rows|retired-pages)[= ]["']?([A-Za-z][\w.]{0,79}(?:, ?[A-Za-z][\w.]{0,79}){0,300})/;
const STAMP = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?$/;
const CARD =
  /^(?:NVIDIA|GeForce|Tesla|Quadro|TITAN|GRID|Graphics Device)\b|\b(?:RTX|GTX|A\d{2,4}|H\d{2,3}|L\d{1,2}S?|V100|P100|T4|B\d{3})\b/;

/** Lines between a command and its rows, and of other programs between rows. */
const NEAR = 12;

const HEADER = phrase({ en: 'the header of the columns', zh: '表头', ru: 'заголовок столбцов' });
const ROWS = phrase({
  en: 'the rows below the header',
  zh: '表头下方的行',
  ru: 'строки под заголовком',
});
const NAMELESS_COLUMNS = phrase({
  en: 'The memory columns, which no header names,',
  zh: '没有表头说明的显存列',
  ru: 'столбцы памяти, не названные в заголовке',
});

export const nvidiaSmiCsv: StatusReader = {
  id: 'nvidia-smi-csv',
  code: 'UN603',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'nvidia-smi --query-…',
      summary: 'Cards or processes as comma-separated values, in any columns.',
    },
    zh: {
      title: 'nvidia-smi --query-…',
      summary: '以逗号分隔的显卡或进程信息，列可任选。',
    },
    ru: {
      title: 'nvidia-smi --query-…',
      summary: 'Карты или процессы в виде CSV, с любыми столбцами.',
    },
  },
  sources: [
    'nvidia-smi@590.48.01: --help-query-gpu, --help-query-compute-apps, --help-query-accounted-apps, --help-query-remapped-rows',
    'https://nvidia.custhelp.com/app/answers/detail/a_id/3751: useful nvidia-smi queries',
  ],
  needles: [
    'memory.used [mib]',
    'memory.free [mib]',
    'used_gpu_memory [',
    '--query-gpu=',
    '--query-compute-apps=',
  ],
  sign: /\d MiB\b|memory\.|--query-|^[^,\n]{1,60},[^,\n]{1,60},/m,
  read({ lines, source, goes_on }: Passage): Sighting[] {
    const found: Sighting[] = [];
    let columns: Columns | undefined;
    let sample: Sample | undefined;
    let rows = 0;
    let lastLine = 0;
    const flush = (): void => {
      if (sample !== undefined) found.push(sample.sighting());
      sample = undefined;
    };
    /** Ends what the columns have brought; a header without rows ends in a gap or says "none". */
    const end = (): void => {
      flush();
      if (columns !== undefined && !columns.isAsked && rows === 0) {
        const { kind, line, isWhole } = columns;
        if (kind !== 'gpu' && isWhole === true) {
          if (columns.names.includes('used_gpu_memory')) {
            found.push({ line, last: line, devices: [], label: 'no processes' });
          }
        } else if (!goes_on) {
          const gaps: Gap[] = [{ code: 'cut-off', line, where: ROWS }];
          found.push({ line, last: line, devices: [], gaps });
        }
      }
      columns = undefined;
      rows = 0;
    };
    lines.forEach((line, at) => {
      const { text } = line;
      if (text.length > 16_384) return;
      // A row of which only the stamp is there has been read as the stamp of an empty line.
      const isStamp = line.time !== undefined && columns?.names[0] === 'timestamp';
      if (text.trim() === '' && !isStamp) return;
      const asked = commandAt(lines, at);
      if (asked !== undefined) {
        end();
        columns = asked;
        lastLine = line.number;
        return;
      }
      const header = headerOf(line);
      if (header !== undefined) {
        const units = columns?.isAsked === true ? columns.hasUnits : undefined;
        end();
        columns = { ...header, ...(units !== undefined && { hasUnits: units }) };
        lastLine = line.number;
        return;
      }
      const isEnd = at === lines.length - 1;
      if (columns !== undefined && line.number - lastLine <= NEAR) {
        const row = rowOf(line, columns, isEnd, line.number - lastLine);
        if (row !== undefined) {
          if (sample === undefined || sample.isOver(row)) {
            flush();
            sample = new Sample(columns, source);
          }
          sample.add(row);
          rows++;
          lastLine = line.number;
          return;
        }
        if (columns.isGuess !== true) {
          const cut = isEnd && !goes_on ? cutHeader(line) : undefined;
          if (cut === undefined) return;
        }
      }
      const guess = guessOf(line);
      if (guess !== undefined) {
        end();
        columns = guess;
        const row = rowOf(line, guess, false, 0);
        if (row !== undefined) {
          sample = new Sample(guess, source);
          sample.add(row);
          rows = 1;
        }
        lastLine = line.number;
        return;
      }
      const cut = isEnd && !goes_on ? cutHeader(line) : undefined;
      if (cut !== undefined) {
        end();
        found.push(cut);
      }
    });
    end();
    return found;
  },
};

const fieldsOf = (text: string): string[] => text.split(',').map((field) => field.trim());

const nameOf = (field: string): string => {
  const name = field.replace(/ \[.*$/, '').toLowerCase();
  return ALIASES[name] ?? name;
};

function kindOfNames(names: readonly string[]): Kind {
  if (names.includes('max_memory_usage')) return 'accounted';
  return names.includes('pid') || names.includes('used_gpu_memory') ? 'apps' : 'gpu';
}

function headerOf(line: Line): Columns | undefined {
  const fields = fieldsOf(line.text);
  if (fields.length > 400 || !fields.every((field) => HEAD.test(field))) return undefined;
  const bare = fields.map((field) => field.replace(/ \[.*$/, ''));
  if (!bare.some((field) => OWN.test(field))) return undefined;
  // One word alone is a header only with its unit.
  if (fields.length === 1 && !/ \[(?:MiB|%)\]$/.test(line.text)) return undefined;
  const names = fields.map(nameOf);
  const last = fields.at(-1) ?? '';
  const isWhole =
    OF_APPS.has(names.at(-1) ?? '') && (!isSize(names.at(-1) ?? '') || last.endsWith(']'));
  return { kind: kindOfNames(names), names, line: line.number, isAsked: false, isWhole };
}

/** A header that the end of the text has cut. */
function cutHeader(line: Line): Sighting | undefined {
  const fields = fieldsOf(line.text);
  const last = fields.pop() ?? '';
  if (fields.length < 2 || HEAD.test(last) || !/^[A-Za-z]?[\w.]*(?: \[[^\]]{0,12})?$/.test(last)) {
    return undefined;
  }
  const isHead =
    fields.every((field) => HEAD.test(field)) &&
    fields.some((field) => OWN.test(field.replace(/ \[.*$/, '')));
  if (!isHead) return undefined;
  const gaps: Gap[] = [{ code: 'cut-off', line: line.number, where: HEADER }];
  return { line: line.number, last: line.number, devices: [], gaps };
}

/** The columns that a command line asks for. */
function commandAt(lines: readonly Line[], at: number): Columns | undefined {
  const line = lines[at];
  if (line === undefined || !line.text.includes('--query-')) return undefined;
  let text = line.text;
  for (let more = 1; more <= 3 && text.endsWith('\\'); more++) {
    text = `${text.slice(0, -1).trimEnd()} ${lines[at + more]?.text.trim() ?? ''}`;
  }
  const [, of = '', list = ''] = COMMAND.exec(text.slice(0, 16_384)) ?? [];
  if (list === '') return undefined;
  const isApps = of === 'compute-apps' || of === 'accounted-apps';
  const names = list.split(',').map((name) => {
    const known = nameOf(name.trim());
    return isApps && known === 'name' && name.trim() === 'name' ? 'process_name' : known;
  });
  return {
    kind: of === 'accounted-apps' ? 'accounted' : isApps ? 'apps' : 'gpu',
    names,
    ...(/\bnounits\b/.test(text) && { hasUnits: false }),
    line: line.number,
    isAsked: true,
  };
}

interface Row {
  readonly line: number;
  /** Column to field; columns that the text has cut are absent. */
  readonly fields: ReadonlyMap<string, string>;
  readonly isCut: boolean;
  /** Whether the text ends with this row. */
  readonly isEnd: boolean;
}

const isSize = (name: string): boolean =>
  /^(?:memory\.\w+|protected_memory\.\w+|used_gpu_memory|max_memory_usage)$/.test(name);

/** Whether a field can stand in a column: undefined where any text can. */
function fits(name: string, field: string): boolean | undefined {
  if (SAYS_NOTHING.test(field) || /^\[[A-Z][A-Za-z ]{2,60}\]$/.test(field)) {
    return name === 'index' || name === 'pid' ? false : undefined;
  }
  if (isSize(name)) return WHOLE_SIZE.test(field) || /^\d{1,12}$/.test(field);
  if (name === 'index' || name === 'count') return /^\d{1,4}$/.test(field);
  if (name === 'pid') return /^\d{1,10}$/.test(field);
  if (name === 'uuid') return UUID.test(field);
  if (name === 'pci.bus_id') return BUS_ID.test(field);
  if (name === 'timestamp') return STAMP.test(field);
  if (name === 'pstate') return /^P\d{1,2}$/.test(field);
  if (name.startsWith('utilization.')) return /^\d{1,3}(?: ?%)?$/.test(field);
  if (name === 'name') return /[A-Za-z]/.test(field) && field.length <= 120 ? undefined : false;
  if (name === 'driver_version') return /^\d{3}\.\d{1,3}(?:\.\d{1,3})?$/.test(field);
  return undefined;
}

/** A last field that the end of the text has cut. */
const isStumpOfField = (name: string, field: string): boolean =>
  /^\[[^\]]*$/.test(field) || (name === 'uuid' && UUID.test(field) && !WHOLE_UUID.test(field));

/** The first letters of a row, where the text ends there. */
function isStumpOf(name: string, text: string): boolean {
  if (name === 'uuid') return /^G(?:P(?:U(?:-[\w-]*)?)?)?$/.test(text);
  if (name === 'timestamp') return /^\d{1,4}(?:\/[\d/ :.]{0,24})?$/.test(text);
  return /^(?:index|pid|pci\.bus_id)$/.test(name) && /^[\dA-F][\dA-F:.]*$/i.test(text);
}

/** A line as a row of the columns, or undefined. */
function rowOf(line: Line, columns: Columns, isEnd: boolean, far: number): Row | undefined {
  const { names } = columns;
  const fields = fieldsOf(line.text);
  // The reader of lines has taken a time stamp off the front.
  if (names[0] === 'timestamp' && line.time !== undefined && !STAMP.test(fields[0] ?? '')) {
    fields.unshift(line.time);
  }
  const isNext = isEnd && far === 1 && !columns.isAsked;
  if (
    isNext &&
    fields.length === 1 &&
    names.length > 1 &&
    isStumpOf(names[0] ?? '', fields[0] ?? '')
  ) {
    return { line: line.number, fields: new Map(), isCut: true, isEnd };
  }
  const named = names.indexOf('process_name');
  const extra = fields.length - names.length;
  let isCut = false;
  if (extra > 0) {
    if (named < 0 || extra > 40) return undefined;
    const name = fields.slice(named, named + extra + 1).join(', ');
    fields.splice(named, extra + 1, name);
  } else if (extra < 0) {
    // The last field of a cut row may itself be cut; where a name can hold commas, all after it.
    isCut = true;
    const whole = named < 0 ? fields.length - 1 : Math.min(fields.length - 1, named);
    if (whole < 1) return undefined;
    fields.length = whole;
  } else if (
    isEnd &&
    fields.length > 1 &&
    isStumpOfField(names.at(-1) ?? '', fields.at(-1) ?? '')
  ) {
    isCut = true;
    fields.length -= 1;
  }
  let proofs = 0;
  for (const [at, field] of fields.entries()) {
    const fit = fits(names[at] ?? '', field);
    if (fit === true) proofs++;
    if (fit === false) {
      // A broken figure at the very end is the end of the text.
      const isLast = at === fields.length - 1 && at > 0 && !isCut;
      if (!isLast || !isSize(names[at] ?? '') || !/^(?:\d{1,12} ?M?i?)?$/.test(field)) {
        return undefined;
      }
      isCut = true;
      fields.length = at;
    }
  }
  if (proofs === 0 && !fields.some((field) => SAYS_NOTHING.test(field) && field.startsWith('['))) {
    return undefined;
  }
  if (isCut && proofs < 2 && !(proofs === 1 && (names.length === 2 || isNext))) return undefined;
  const sizes = fields.filter((_, at) => isSize(names[at] ?? ''));
  const withUnits = sizes.some((size) => WHOLE_SIZE.test(size));
  const bare = sizes.filter((size) => /^\d+$/.test(size));
  if (withUnits && columns.hasUnits !== true) columns.hasUnits = true;
  if (bare.length > 0 && columns.hasUnits === true) {
    // Among sizes with units a bare number is a stump.
    const last = names.findLastIndex((_, at) => at < fields.length);
    if (bare.length > 1 || !/^\d+$/.test(fields[last] ?? '') || !isSize(names[last] ?? '')) {
      return undefined;
    }
    isCut = true;
    fields.length = last;
  } else if (bare.length > 0 && columns.hasUnits === undefined) {
    const isLone = sizes.length === 1 && isSize(names[fields.length - 1] ?? '') && isEnd && !isCut;
    if (isLone && !columns.isAsked) {
      // A header without "nounits" above one number at the end of the text: whole or a stump, who knows.
      isCut = true;
      fields.length -= 1;
    } else columns.hasUnits = false;
  }
  if (columns.isAsked && names.length === 1 && bare.length === 1 && far > 2) return undefined;
  if (fields.length === 0 && !isCut) return undefined;
  return {
    line: line.number,
    fields: new Map(fields.map((field, at) => [names[at] ?? '', field])),
    isCut,
    isEnd,
  };
}

/** Columns that the form of a row alone tells: "0, NVIDIA A100-SXM4-40GB, 40960 MiB, 1234 MiB". */
function guessOf(line: Line): Columns | undefined {
  const fields = fieldsOf(line.text);
  if (fields.length < 2 || fields.length > 12) return undefined;
  const sizes = fields.flatMap((field, at) =>
    /^\d{1,9} MiB$/.test(field) ? [{ at, value: Number.parseInt(field, 10) }] : [],
  );
  if (sizes.length === 0) return undefined;
  const names: string[] = [];
  for (const [at, field] of fields.entries()) {
    const name = guessName(field, at);
    if (name === undefined) return undefined;
    names.push(name);
  }
  if (sizes.length === 1) return guessOfApp(fields, names, line);
  const total = sizes.reduce((most, size) => (size.value > most.value ? size : most));
  names[total.at] = 'memory.total';
  const [other] = sizes.filter((size) => size !== total);
  if (sizes.length === 2 && other !== undefined && other.value < total.value) {
    names[other.at] = 'memory.used';
  }
  if (names.includes('text')) return undefined;
  return {
    kind: 'gpu',
    names,
    hasUnits: true,
    line: line.number,
    isAsked: false,
    isGuess: true,
  };
}

function guessName(field: string, at: number): string | undefined {
  if (/^\d{1,9} MiB$/.test(field)) return `size-${at}`;
  if (/^\d{1,3} %$/.test(field)) return `percent-${at}`;
  if (/^\d{1,2}$/.test(field) && at === 0) return 'index';
  if (UUID.test(field)) return 'uuid';
  if (BUS_ID.test(field)) return 'pci.bus_id';
  if (/^P\d{1,2}$/.test(field)) return 'pstate';
  if (/^\d{3}\.\d{1,3}(?:\.\d{1,3})?$/.test(field)) return 'driver_version';
  if (/^\d{1,10}$/.test(field)) return 'pid';
  if (CARD.test(field) && field.length <= 80) return 'name';
  if (/^\[(?:N\/A|Not Supported)\]$/.test(field)) return `nothing-${at}`;
  return /^(?:[\w.~-]*[/\\]|[A-Z]:\\|python|\S+\.exe$)/.test(field) ? 'text' : undefined;
}

/** "2271801, python, 2296 MiB", with what ties it to a card. */
function guessOfApp(
  fields: readonly string[],
  names: readonly string[],
  line: Line,
): Columns | undefined {
  const shape = names.map((name, at) => {
    if (name.startsWith('size')) return 'used_gpu_memory';
    if (name === 'text') return 'process_name';
    return name === 'index' && /^\d+$/.test(fields[at] ?? '') ? 'pid' : name;
  });
  const isApp = /^(?:(?:uuid|pci\.bus_id|name) ){0,3}pid process_name used_gpu_memory$/.test(
    shape.join(' '),
  );
  if (!isApp) return undefined;
  return {
    kind: 'apps',
    names: shape,
    hasUnits: true,
    line: line.number,
    isAsked: false,
    isGuess: true,
  };
}

/** Rows of one moment. */
class Sample {
  private readonly columns: Columns;
  private readonly source: string;
  private readonly keys = new Set<string>();
  private readonly devices: Draft[] = [];
  private readonly gaps: Gap[] = [];
  private readonly events: SeenEvent[] = [];
  private readonly facts: ReturnType<typeof statusFact>[] = [];
  private first = 0;
  private last = 0;
  private count = 0;
  private time: string | undefined;
  private pid: number | undefined;
  private label: string | undefined;
  private versions: Record<string, string> = {};

  constructor(columns: Columns, source: string) {
    this.columns = columns;
    this.source = source;
  }

  private keyOf({ fields }: Row): string | undefined {
    const device = fields.get('uuid') ?? fields.get('pci.bus_id') ?? fields.get('index');
    if (this.columns.kind === 'gpu') {
      // Masked and missing identities are no key.
      return [fields.get('index'), fields.get('pci.bus_id'), fields.get('uuid')].every(
        (part) => part === undefined || SAYS_NOTHING.test(part),
      )
        ? undefined
        : `${fields.get('index') ?? ''} ${fields.get('pci.bus_id') ?? ''} ${fields.get('uuid') ?? ''}`;
    }
    const pid = fields.get('pid');
    return pid === undefined ? undefined : `${device ?? ''} ${pid}`;
  }

  /** Whether the row belongs to another moment. */
  isOver(row: Row): boolean {
    if (this.count === 0) return false;
    if (this.columns.kind === 'accounted') return true;
    const key = this.keyOf(row);
    if (key !== undefined && this.keys.has(key)) return true;
    const time = row.fields.get('timestamp');
    return time !== undefined && this.time !== undefined && isLater(this.time, time);
  }

  add(row: Row): void {
    const { fields, line } = row;
    if (this.first === 0) this.first = line;
    this.last = line;
    this.count++;
    const key = this.keyOf(row);
    if (key !== undefined) this.keys.add(key);
    const time = fields.get('timestamp');
    if (time !== undefined && STAMP.test(time)) this.time ??= time;
    const driver = fields.get('driver_version');
    if (driver !== undefined && modeOf(driver) !== undefined) this.versions['driver'] = driver;
    if (this.columns.kind === 'gpu') this.device(row);
    else if (this.columns.kind === 'apps') this.process(row);
    else this.account(row);
    if (row.isCut) {
      const index = fields.get('index');
      const where =
        this.columns.kind !== 'gpu'
          ? LIST_OF_PROCESSES
          : index === undefined
            ? LAST_ROW
            : rowOfGpu(index);
      this.gap({ code: row.isEnd ? 'cut-off' : 'damaged', line, where });
    }
  }

  private gap(gap: Gap): void {
    if (this.gaps.length < MOST_GAPS) this.gaps.push(gap);
  }

  private device({ fields, line }: Row): void {
    if (this.devices.length >= MOST_DEVICES) return;
    const device = draft(line);
    const index = fields.get('index');
    if (index !== undefined && /^\d+$/.test(index)) device.index = Number(index);
    identify(device, fields);
    for (const [name, field] of fields) {
      if (isSize(name)) {
        const size = shown(field, { unit: 'MiB' });
        if (name === 'memory.total') device.total = size;
        else if (name === 'memory.used') device.used = size;
        else if (name === 'memory.free') device.free = size;
        else if (name === 'memory.reserved') device.reserved = size;
      } else if (MODES.includes(name)) {
        const mode = modeOf(field);
        if (mode !== undefined)
          device.modes[name.replace('persistence_mode', 'persistence')] = mode;
      } else if (name.startsWith('utilization.') && /^\d{1,3}(?: ?%)?$/.test(field)) {
        if (name === 'utilization.gpu') device.utilization_percent = Number.parseInt(field, 10);
        if (name === 'utilization.memory') {
          device.memory_utilization_percent = Number.parseInt(field, 10);
        }
      }
    }
    for (const field of fields.values()) {
      const trouble = troubleOf(field, {
        line,
        ...(device.index !== undefined && { device: device.index }),
      });
      if (trouble === undefined) continue;
      this.events.push(trouble.event);
      this.gap(trouble.gap);
      break;
    }
    if (this.columns.isGuess === true && device.used === undefined && this.count === 1) {
      this.gap({ code: 'damaged', line, where: NAMELESS_COLUMNS });
    }
    const { uuid, bus_id, name, total, used, free } = device;
    if (device.index === undefined && ![uuid, bus_id, name, total, used, free].some(Boolean))
      return;
    this.devices.push(device);
  }

  private process({ fields, line, isCut }: Row): void {
    if (this.count > MOST_PROCESSES || (isCut && !fields.has('pid'))) return;
    const seen = draft(line);
    identify(seen, fields);
    const owner = ownerOf(
      this.devices,
      {
        ...(seen.uuid !== undefined && { uuid: seen.uuid }),
        ...(seen.bus_id !== undefined && { bus_id: seen.bus_id }),
      },
      line,
    );
    if (seen.name !== undefined) owner.name = seen.name;
    const pid = fields.get('pid');
    const name = fields.get('process_name');
    const memory = fields.get('used_gpu_memory');
    if (pid === undefined && name === undefined && memory === undefined) return;
    const process: SeenProcess = {
      ...(pid !== undefined && { pid: Number(pid) }),
      ...(name !== undefined && name !== '' && { name }),
      memory: memory === undefined ? (isCut ? BROKEN : shown('')) : shown(memory, { unit: 'MiB' }),
      line,
    };
    owner.processes.push(process);
  }

  /** What a process that has ended or still runs has had at most: no figure of this moment. */
  private account({ fields, line }: Row): void {
    const pid = fields.get('pid');
    if (pid !== undefined) this.pid = Number(pid);
    this.label = 'accounted process';
    const memory = fields.get('max_memory_usage');
    const digits = /^(\d{1,12})(?: ?Mi?B)?$/.exec(memory ?? '')?.[1];
    if (digits === undefined) return;
    this.facts.push(
      statusFact(
        'peak',
        { digits, unit: 'MiB' },
        { source: this.source, line },
        this.pid === undefined ? {} : { pid: this.pid },
      ),
    );
  }

  sighting(): Sighting {
    const isCut = this.gaps.some(({ code }) => code === 'cut-off');
    setListed(this.devices, this.columns.kind === 'gpu' ? 'none' : isCut ? 'part' : 'all');
    return {
      line: this.first,
      last: this.last,
      ...(this.time !== undefined && { time: this.time }),
      ...(this.pid !== undefined && { pid: this.pid }),
      ...(this.label !== undefined && { label: this.label }),
      ...(Object.keys(this.versions).length > 0 && { versions: this.versions }),
      devices: this.devices.map(finish),
      ...(this.facts.length > 0 && { facts: this.facts }),
      ...(this.events.length > 0 && { events: this.events }),
      ...(this.gaps.length > 0 && { gaps: this.gaps }),
    };
  }
}

function identify(device: Draft, fields: ReadonlyMap<string, string>): void {
  const [uuid, bus, name] = ['uuid', 'pci.bus_id', 'name'].map((key) => fields.get(key));
  if (uuid !== undefined && UUID.test(uuid)) device.uuid = uuid;
  if (bus !== undefined && BUS_ID.test(bus)) device.bus_id = bus;
  const called = name === undefined ? undefined : modeOf(name);
  if (called !== undefined) device.name = called;
}

/** Rows of one moment are stamped within some milliseconds. */
function isLater(first: string, second: string): boolean {
  if (first.slice(0, 10) !== second.slice(0, 10)) return true;
  return secondsOf(second) - secondsOf(first) > 0.4 || secondsOf(second) < secondsOf(first);
}

function secondsOf(stamp: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = stamp.slice(11).split(':').map(Number);
  return hours * 3600 + minutes * 60 + seconds;
}
