/**
 * Takes off what launchers, loggers, containers, terminals and people put around a line, and keeps
 * what it says: the rank, the process, the stream. What is left is the line as the program wrote it.
 */

/** Who wrote a line, as far as its prefix shows. */
export interface Writer {
  readonly rank?: number;
  readonly pid?: number;
  /** The machine or the pod that the prefix names. */
  readonly host?: string;
  /** The time stamp in front of the line, as printed. */
  readonly time?: string;
  /** Name of the program or service that the system's log gives. */
  readonly program?: string;
  /** Lines of one lane belong together when several writers are interleaved. */
  readonly lane: string;
}

export interface Line extends Writer {
  readonly text: string;
  /** The line with its prefix, where one was taken off. */
  readonly raw?: string;
  /** Line number in the source, counted from 1. */
  readonly number: number;
}

// Some issue trackers lose the ESC byte of a colour code; "[0;31m" is still no text.
const TERMINAL_CODES =
  /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]|\[(?:\d{1,3};)*\d{1,3}m/g;

/** Ray prints what many of its workers say once, and how often behind it. */
const ACROSS_CLUSTER = / {0,3}\[repeated \d{1,9}x across cluster\].{0,300}$/;

/** A line longer than this is read in pieces: no pattern shall crawl over a megabyte. */
const LONGEST_LINE = 16_384;

function stripTerminalCodes(text: string): string {
  const plain =
    text.includes('\x1b') || /\[\d/.test(text) ? text.replace(TERMINAL_CODES, '') : text;
  return plain.includes('x across cluster]') ? plain.replace(ACROSS_CLUSTER, '') : plain;
}

interface Peeler {
  readonly pattern: RegExp;
  read?(match: RegExpExecArray): Partial<Writer>;
}

const rankOf = (match: RegExpExecArray): Partial<Writer> => ({ rank: Number(match[1]) });

/** Each takes one kind of prefix off the front of a line. All are anchored and linear. */
const PEELERS: readonly Peeler[] = [
  { pattern: /^\[rank\s?(\d{1,6})\]:?\s?/, read: rankOf },
  { pattern: /^rank\s?(\d{1,6})[:\]]:?\s?/i, read: rankOf },
  { pattern: /^\[default(\d{1,6})\]:\s?/, read: rankOf },
  // mpirun --tag-output: [1,5]<stderr>:  [prterun-node1-4711@1,5]<stderr>:
  { pattern: /^\[(?:[\w.@-]{1,120}@)?\d+,(\d{1,6})\]<std(?:err|out|diag)>:?\s?/, read: rankOf },
  {
    // SageMaker: [1,mpirank:5,algo-2]<stderr>:
    pattern: /^\[\d+,mpirank:(\d{1,6}),([\w.-]{1,80})\]<std(?:err|out)>:?\s?/,
    read: (match) => ({ rank: Number(match[1]), host: String(match[2]) }),
  },
  {
    // Ray, vLLM, SGLang: (EngineCore_DP0 pid=563)  (RayWorkerWrapper pid=12, ip=10.0.0.3)
    pattern:
      /^\(([A-Za-z_][\w.:-]{0,80})(?: rank=(\d{1,6}))? pid=(\d{1,9})(?:, ip=[\w.:-]{1,64})?\)\s?/,
    read: (match) => {
      // Worker_TP3: the name holds the rank.
      const rank = match[2] ?? /^(?:\w*_)?(?:TP|rank|Rank)_?(\d{1,6})$/.exec(match[1] ?? '')?.[1];
      return {
        pid: Number(match[3]),
        lane: `${match[1]}/${match[3]}`,
        ...(rank !== undefined && { rank: Number(rank) }),
      };
    },
  },
  {
    // SGLang: [2026-05-01 15:16:15 DP0 TP2]
    pattern:
      /^\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?: (?:DP|PP|EP)\d+)*(?: TP(\d{1,6}))?(?: (?:DP|PP|EP)\d+)*\]\s?/,
    read: (match) => ({
      time: String(match[1]),
      ...(match[2] !== undefined && { rank: Number(match[2]) }),
    }),
  },
  // ISO time stamps, with or without brackets and time zone
  {
    pattern:
      /^\[?(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|\s?[+-]\d\d:?\d\d)?)\]?(?:[ ,:-]|\|(?![=-]{3})){0,3}/,
    read: (match) => ({ time: String(match[1]) }),
  },
  {
    // A date without dashes, a zone, a thread and a level: 20260304 21:55:01.443740 UTC 8354 ERROR
    pattern:
      /^\[?(\d{8}[ T-]\d\d:?\d\d:?\d\d(?:[.,]\d{1,9})?)\]?(?: (?:UTC|GMT|Z|[+-]\d\d:?\d\d))?(?: \d{1,9})? (?:(?:DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL|TRACE)\b:? ?)?/,
    read: (match) => ({ time: String(match[1]) }),
  },
  { pattern: /^\[\d\d\/\d\d \d\d:\d\d:\d\d [\w.]{1,80}\]:\s?/ },
  // vLLM and SGLang loggers: ERROR 03-03 19:38:29 [core.py:708]
  {
    pattern:
      /^(?:DEBUG|INFO|WARNING|ERROR|CRITICAL) \d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? (?:\[?[\w./-]{1,80}:\d+\]) ?/,
  },
  {
    pattern:
      /^\[(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL)\]\s(?:\[[\w./-]{1,80}:\d+(?::\w+)?\]\s)?/,
  },
  // llama.cpp: 1.06.520.077 E
  { pattern: /^\d{1,4}\.\d\d\.\d{3}\.\d{3} [DIWEF] / },
  // glog, absl, torch elastic: E1120 12:00:00.000000 1234 file.py:56]
  { pattern: /^[DIWEF]\d{4} \d\d:\d\d:\d\d\.\d{3,9} +\d{1,9} [^\s\]]{1,200}:\d+\]\s?/ },
  {
    // AWS Neuron: 2024-Oct-15 18:01:17.728750  3882:3882  ERROR  TDRV:dmem_alloc_internal
    pattern:
      /^(\d{4}-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d\.\d{3,6}) +(\d{1,9}):\d{1,9} +(?:\[\d+\] +)?(?:ERROR|WARN|INFO|FATAL) +/,
    read: (match) => ({ pid: Number(match[2]) }),
  },
  // syslog, journald
  {
    pattern: /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,80} ([\w./-]{1,80})(?:\[\d+\])?:\s/,
    read: (match) => ({ program: String(match[1]) }),
  },
  // docker compose, kubectl logs --prefix
  {
    pattern: /^([a-z0-9][\w.-]{0,80}-\d{1,4})\s+\|\s/,
    read: (match) => ({ lane: String(match[1]) }),
  },
  {
    pattern: /^\[(pod\/([^\]\s/]{1,200})[^\]\s]{0,200})\]\s/,
    read: (match) => ({ lane: String(match[1]), host: String(match[2]) }),
  },
  {
    // stern: job-worker-3 pytorch › text
    pattern: /^([a-z0-9][a-z0-9.-]{0,200}) [a-z0-9][a-z0-9-]{0,62} ›\s/,
    read: (match) => ({ lane: String(match[1]), host: String(match[1]) }),
  },
  { pattern: /^\[?std(?:err|out)\]?[:>]\s/ },
  // quoting in mails and issues
  { pattern: /^(?:>\s?)+(?!>)(?=\S|\s{2})/ },
];

const ENTITIES: Readonly<Record<string, string>> = {
  '&nbsp;': ' ',
  '&gt;': '>',
  '&lt;': '<',
  '&quot;': '"',
  '&amp;': '&',
  '（': '(',
  '）': ')',
  '；': ';',
  '，': ',',
  '：': ':',
};

/** What editors and web pages put in the place of plain characters. */
function plain(text: string): string {
  let result = text;
  if (/[&（）；，：]/.test(result)) {
    result = result.replace(
      /&(?:nbsp|gt|lt|quot|amp);|[（）；，：]/g,
      (mark) => ENTITIES[mark] ?? mark,
    );
  }
  // Notebooks of VS Code and Colab link places: [~/t/trainer.py:3513](vscode-remote+…)
  return /\]\((?:https?:\/\/)?(?:vscode|localhost)/.test(result)
    ? result.replace(
        /\[([^\]\n]{1,300})\]\((?:https?:\/\/)?(?:vscode|localhost)[^)\n]{0,600}\)/g,
        '$1',
      )
    : result;
}

/** How any prefix begins. Most lines have none, and this one test tells. */
const MAY_BE_DRESSED =
  /^(?:[[(>]|\d{4}[-/]|\d{8}[ T-]|\d{1,4}\.\d\d\.\d{3}\.|rank|DEBUG |INFO |WARN|ERROR |CRITICAL |[DIWEF]\d{4} |[A-Z][a-z]{2} [ \d]\d |std(?:out|err)|[a-z0-9][\w.-]{0,80}-\d{1,4}\s+\||[a-z0-9][a-z0-9.-]{0,200} [a-z0-9][a-z0-9-]{0,62} ›)/i;

/** The left edge of a box that rich draws around tracebacks; the right edge is one of EDGES. */
const BOX_LEFT = /^\s{0,8}[│┃|╭╰┏┗]\s?/;
const EDGES = '│┃╮╯┓┛|';

const JSON_TEXT_KEYS = ['log', 'message', 'msg', 'textPayload', 'text', 'MESSAGE', 'line'];

const isRank = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1e6;

interface Unwrapped {
  readonly text: string;
  readonly rank?: number;
  readonly time?: string;
  /** The wrapping has figures of its own that a reader may want. */
  readonly isRecord?: true;
}

/** Docker's json-file driver, structured loggers, notebook outputs: the text inside. */
function unwrapJson(text: string): Unwrapped | undefined {
  const trimmed = text.trim().replace(/,$/, '');
  if (trimmed.startsWith('"py_callstack": "')) return unwrapJson(`{${trimmed}}`);
  const quoted = trimmed.startsWith('"') && trimmed.endsWith('"') && trimmed.includes('\\');
  if (!quoted && !(trimmed.startsWith('{') && trimmed.endsWith('}'))) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch {
    return undefined;
  }
  if (typeof value === 'string') return { text: value };
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const recorded = recordedIn(fields);
  if (recorded !== undefined) return recorded;
  for (const key of JSON_TEXT_KEYS) {
    const inner: unknown = fields.get(key);
    if (typeof inner !== 'string') continue;
    const more = [fields.get('exc_info'), fields.get('exception'), fields.get('stack_info')].filter(
      (extra) => typeof extra === 'string',
    );
    const rank: unknown = fields.get('rank');
    return {
      text: [inner, ...more].join('\n'),
      ...(isRank(rank) && { rank }),
    };
  }
  return undefined;
}

/** torchrun's error file: { message: { message, extraInfo: { py_callstack, timestamp } } }. */
function recordedIn(fields: ReadonlyMap<string, unknown>): Unwrapped | undefined {
  const only = fields.get('py_callstack');
  if (typeof only === 'string' && fields.size === 1) return { text: only };
  const outer = fields.get('message');
  if (typeof outer !== 'object' || outer === null) return undefined;
  const inner = new Map<string, unknown>(Object.entries(outer));
  const message = inner.get('message');
  if (typeof message !== 'string') return undefined;
  const info = inner.get('extraInfo');
  const extra = new Map<string, unknown>(
    typeof info === 'object' && info !== null ? Object.entries(info) : [],
  );
  const [stack, time] = [extra.get('py_callstack'), extra.get('timestamp')];
  // The call stack ends in the exception with its message.
  const shown = typeof stack === 'string' ? stack.trimEnd() : '';
  const text = shown.includes(message.trim().slice(0, 200)) ? shown : `${shown}\n${message}`;
  return {
    text: text.trimStart(),
    isRecord: true,
    ...((typeof time === 'string' || typeof time === 'number') && { time: String(time) }),
  };
}

/** Undresses one line as it stands in the file. One raw line can hold several (JSON, CR). */
function undress(raw: string, number: number, label: Label | undefined): Line[] {
  const found: Line[] = [];
  for (const piece of raw.split('\r')) {
    if (piece === '' && raw !== '') continue;
    // A log as JSON can be one long line and still be whole.
    if (piece.length <= LONGEST_LINE || /^\s*[{"]/.test(piece)) {
      undressPiece(piece, { lane: '' }, number, found, 0, label);
      continue;
    }
    for (let at = 0; at < piece.length; at += LONGEST_LINE) {
      undressPiece(piece.slice(at, at + LONGEST_LINE), { lane: '' }, number, found, 0, label);
    }
  }
  return found;
}

function undressPiece(
  raw: string,
  outer: Writer,
  number: number,
  into: Line[],
  depth: number,
  label?: Label,
): void {
  const whole = plain(stripTerminalCodes(raw));
  const labelled = label?.pattern.exec(whole);
  let text = labelled ? whole.slice(labelled[0].length) : whole;
  let writer: Writer = labelled ? { ...outer, ...label?.read(labelled) } : outer;
  for (let round = 0; round < 6 && MAY_BE_DRESSED.test(text); round++) {
    const before = text;
    for (const { pattern, read } of PEELERS) {
      const match = pattern.exec(text);
      if (match === null || match[0] === '') continue;
      text = text.slice(match[0].length);
      writer = { ...writer, ...read?.(match) };
    }
    if (text === before) break;
  }
  const inner = depth < 2 ? unwrapJson(text) : undefined;
  if (inner !== undefined) {
    const by: Writer = {
      ...writer,
      ...(inner.rank !== undefined && { rank: inner.rank }),
      ...(inner.time !== undefined && { time: inner.time }),
    };
    const first = into.length;
    for (const piece of inner.text
      .trimEnd()
      .split(/[\r\n]+/)
      .slice(0, 4096)) {
      undressPiece(piece, by, number, into, depth + 1);
    }
    const head = into[first];
    if (inner.isRecord === true && head !== undefined) into[first] = { ...head, raw: text };
    return;
  }
  if (text.length > LONGEST_LINE) {
    // JSON that holds no text of a log.
    for (let at = 0; at < text.length; at += LONGEST_LINE) {
      into.push({ ...writer, text: text.slice(at, at + LONGEST_LINE), number });
    }
    return;
  }
  const lane = writer.rank === undefined ? writer.lane : `${writer.lane}#${writer.rank}`;
  const isDressed = text.length < whole.length;
  into.push({
    ...writer,
    lane,
    text: text.trimEnd(),
    number,
    ...(isDressed && { raw: whole.trimEnd() }),
  });
}

/** Takes the box of a rich traceback off a line; other lines stay as they are. */
export function unbox(text: string): string {
  const open = text.replace(BOX_LEFT, '');
  if (open === text) return text;
  const inner = open.trimEnd();
  return EDGES.includes(inner.at(-1) ?? ' ') ? inner.slice(0, -1).trimEnd() : inner;
}

/** A first line that begins in the middle: dropped, or from its first break on when it is long. */
function withoutStump(line: string): string {
  if (line.length < 4096) return '';
  const at = line.search(/[\r ]/);
  return at < 0 ? line : line.slice(at + 1);
}

/** A label in front of most lines of a text: who wrote each. One line alone does not show it. */
interface Label {
  readonly pattern: RegExp;
  read(match: RegExpExecArray): Partial<Writer>;
}

/** srun --label: the task's number, padded on the left. */
const TASK_LABEL: Label = {
  pattern: /^(?:> ?)?\s{0,8}(\d{1,6}): /,
  read: (match) => ({ rank: Number(match[1]) }),
};

/** pdsh, DeepSpeed with several nodes, ansible: an address, or a name that counts machines. */
const HOST_LABEL: Label = {
  pattern:
    /^(?:> ?)?\s{0,8}((?:\d{1,3}\.){3}\d{1,3}|ip-\d{1,3}(?:-\d{1,3}){3}[\w.-]{0,60}|(?:[a-z0-9]{1,30}[-_.]){0,4}(?:[a-z]{0,20}node|[a-z]{0,20}host|worker|server|master|compute|nid|cn|dgx|vm|machine|instance|slave|algo)[-_]?\d{1,6}(?:[-.][a-z0-9][\w.-]{0,60})?): /i,
  read: (match) => ({ host: String(match[1]), lane: String(match[1]) }),
};

/** Lines of a text that are looked at for labels. */
const LABEL_SAMPLE = 4000;

/**
 * The label that a text's lines bear. Numbers count as one only where they come back in turns, as
 * ranks do: those of a list, of grep -n and of epochs rise.
 */
function labelOf(lines: readonly string[]): Label | undefined {
  return [TASK_LABEL, HOST_LABEL].find((label) => {
    let [written, labelled, turns, rises] = [0, 0, 0, 0];
    const seen = new Map<string, number>();
    let before: string | undefined;
    for (const line of lines.slice(0, LABEL_SAMPLE)) {
      if (line.trim() === '') continue;
      written++;
      const match = label.pattern.exec(line);
      if (match === null) continue;
      const name = match[1] ?? '';
      labelled++;
      if (before !== undefined && before !== name) {
        turns++;
        if (Number(name) > Number(before)) rises++;
      }
      seen.set(name, (seen.get(name) ?? 0) + 1);
      before = name;
    }
    if (labelled < 4 || labelled < written * 0.5) return false;
    const isOften = [...seen.values()].filter((count) => count > 1).length * 2 >= seen.size;
    if (label === HOST_LABEL) return isOften;
    // Ranks begin with 0, and hardly any is silent; lists begin with 1.
    const numbers = [...seen.keys()].map(Number);
    const isFull = numbers.includes(0) && Math.max(...numbers) < Math.max(16, 4 * seen.size);
    return seen.size > 1 && isOften && rises < turns && isFull;
  });
}

/** Splits a window into undressed lines. The first line may be cut; its stump is dropped then. */
export function linesOf(text: string, firstNumber: number, cut: boolean): Line[] {
  const raw = text.split('\n');
  const lines: Line[] = [];
  const label = labelOf(raw);
  raw.forEach((line, index) => {
    if (index === raw.length - 1 && line === '' && index > 0) return;
    const whole = index === 0 && cut && raw.length > 1 ? withoutStump(line) : line;
    for (const undressed of undress(whole, firstNumber + index, label)) lines.push(undressed);
  });
  return rejoined(lines);
}

/** Terminals are so wide. */
const NARROWEST = 60;
const WIDEST = 240;
/** A line is broken between words at most so far before the edge. */
const LONGEST_WORD = 24;
/** What nothing is broken before: a line of its own begins so. */
const BEGINS =
  /^(?:\s|$|[[({<#=*>|-]|\d{1,4}[-:/.]|Traceback|File "|(?:INFO|WARN|ERROR|DEBUG|[A-Z]\w*(?:Error|Exception|Warning))\b)/;
/** What nothing is broken behind: the end of a sentence or of a value. */
const ENDS = /[.!?:;})\]>]$/;

/**
 * Where lines say who writes, a terminal leaves what it broke off without a name. So much of a line that reached the
 * edge is its writer's.
 */
function rejoined(lines: Line[]): Line[] {
  const edge = lines.reduce((most, { raw, text }) => Math.max(most, (raw ?? text).length), 0);
  if (edge < NARROWEST || edge > WIDEST) return lines;
  let before: Line | undefined;
  return lines.map((line) => {
    const isRest =
      before !== undefined &&
      before.lane !== '' &&
      line.lane === '' &&
      line.number === before.number + 1 &&
      (before.raw ?? before.text).length > edge - LONGEST_WORD &&
      !ENDS.test(before.text.trimEnd()) &&
      !BEGINS.test(line.text);
    const { raw: _, ...writer } = before ?? line;
    before = isRest ? { ...writer, text: line.text, number: line.number } : line;
    return before;
  });
}

/** More writers than any job has; the lines of the rest are read together. */
const MOST_LANES = 2048;
const OTHERS = '\0others';

/** Groups lines by lane, lanes in order of first appearance. */
export function lanesOf(lines: readonly Line[]): readonly (readonly Line[])[] {
  const lanes = new Map<string, Line[]>();
  for (const line of lines) {
    const key = lanes.size < MOST_LANES || lanes.has(line.lane) ? line.lane : OTHERS;
    const lane = lanes.get(key);
    if (lane === undefined) lanes.set(key, [line]);
    else lane.push(line);
  }
  return [...lanes.values()];
}
