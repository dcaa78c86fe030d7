/**
 * Takes off what launchers, loggers, containers, terminals and people put around a line, and keeps
 * what it says: the rank, the process, the stream. What is left is the line as the program wrote it.
 */

/** Who wrote a line, as far as its prefix shows. */
export interface Writer {
  readonly rank?: number;
  readonly pid?: number;
  /** The time stamp in front of the line, as printed. */
  readonly time?: string;
  /** Lines of one lane belong together when several writers are interleaved. */
  readonly lane: string;
}

export interface Line extends Writer {
  readonly text: string;
  /** Line number in the source, counted from 1. */
  readonly number: number;
}

// Some issue trackers lose the ESC byte of a colour code; "[0;31m" is still no text.
const TERMINAL_CODES =
  /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]|\[(?:\d{1,3};)*\d{1,3}m/g;

/** A line longer than this is read in pieces: no pattern shall crawl over a megabyte. */
const LONGEST_LINE = 16_384;

function stripTerminalCodes(text: string): string {
  return text.includes('\x1b') || /\[\d/.test(text) ? text.replace(TERMINAL_CODES, '') : text;
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
  // mpirun --tag-output
  { pattern: /^\[\d+,(\d{1,6})\]<std(?:err|out)>:\s?/, read: rankOf },
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
      /^\[?(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|\s?[+-]\d\d:?\d\d)?)\]?[ ,:|-]{0,3}/,
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
  // glog, absl, torch elastic: E1120 12:00:00.000000 1234 file.py:56]
  { pattern: /^[DIWEF]\d{4} \d\d:\d\d:\d\d\.\d{3,9} +\d{1,9} [^\s\]]{1,200}:\d+\]\s?/ },
  {
    // AWS Neuron: 2024-Oct-15 18:01:17.728750  3882:3882  ERROR  TDRV:dmem_alloc_internal
    pattern:
      /^(\d{4}-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d\.\d{3,6}) +(\d{1,9}):\d{1,9} +(?:\[\d+\] +)?(?:ERROR|WARN|INFO|FATAL) +/,
    read: (match) => ({ pid: Number(match[2]) }),
  },
  // syslog, journald
  { pattern: /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,80} [\w./-]{1,80}(?:\[\d+\])?:\s/ },
  // docker compose, kubectl logs --prefix
  {
    pattern: /^([a-z0-9][\w.-]{0,80}-\d{1,4})\s+\|\s/,
    read: (match) => ({ lane: String(match[1]) }),
  },
  { pattern: /^\[(pod\/[^\]\s]{1,200})\]\s/, read: (match) => ({ lane: String(match[1]) }) },
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
  /^(?:[[(>]|\d{4}[-/]|rank|DEBUG |INFO |WARN|ERROR |CRITICAL |[DIWEF]\d{4} |[A-Z][a-z]{2} [ \d]\d |std(?:out|err)|[a-z0-9][\w.-]{0,80}-\d{1,4}\s+\|)/i;

/** The left edge of a box that rich draws around tracebacks; the right edge is one of EDGES. */
const BOX_LEFT = /^\s{0,8}[│┃|╭╰┏┗]\s?/;
const EDGES = '│┃╮╯┓┛|';

const JSON_TEXT_KEYS = ['log', 'message', 'msg', 'textPayload', 'text', 'MESSAGE', 'line'];

const isRank = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1e6;

/** Docker's json-file driver, structured loggers, notebook outputs: the text inside. */
function unwrapJson(text: string): { text: string; rank?: number } | undefined {
  const trimmed = text.trim().replace(/,$/, '');
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
  const fields = new Map(Object.entries(value));
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

/** Undresses one line as it stands in the file. One raw line can hold several (JSON, CR). */
function undress(raw: string, number: number): Line[] {
  const found: Line[] = [];
  for (const piece of raw.split('\r')) {
    if (piece === '' && raw !== '') continue;
    // A log as JSON can be one long line and still be whole.
    if (piece.length <= LONGEST_LINE || /^\s*[{"]/.test(piece)) {
      undressPiece(piece, { lane: '' }, number, found, 0);
      continue;
    }
    for (let at = 0; at < piece.length; at += LONGEST_LINE) {
      undressPiece(piece.slice(at, at + LONGEST_LINE), { lane: '' }, number, found, 0);
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
): void {
  let text = plain(stripTerminalCodes(raw));
  let writer: Writer = outer;
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
    const by = inner.rank === undefined ? writer : { ...writer, rank: inner.rank };
    for (const piece of inner.text
      .trimEnd()
      .split(/[\r\n]+/)
      .slice(0, 4096)) {
      undressPiece(piece, by, number, into, depth + 1);
    }
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
  into.push({ ...writer, lane, text: text.trimEnd(), number });
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

/** Splits a window into undressed lines. The first line may be cut; its stump is dropped then. */
export function linesOf(text: string, firstNumber: number, cut: boolean): Line[] {
  const raw = text.split('\n');
  const lines: Line[] = [];
  raw.forEach((line, index) => {
    if (index === raw.length - 1 && line === '' && index > 0) return;
    const whole = index === 0 && cut && raw.length > 1 ? withoutStump(line) : line;
    for (const undressed of undress(whole, firstNumber + index)) lines.push(undressed);
  });
  return lines;
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
