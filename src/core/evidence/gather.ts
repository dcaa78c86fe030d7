/**
 * From sources (files, pipes, pasted text) to evidence. Sources are streams of bytes; whatever their
 * size, only the windows around needles are read in detail.
 */
import type { Note, Place, Problem } from '../base/problem.ts';
import { say } from '../base/texts.ts';
import type { Failure } from './failure.ts';
import { groupFailures, type Repeated } from './group.ts';
import { readWindow } from './read.ts';
import type { Reader } from './reader.ts';
import { NeedleScanner } from './scan/needles.ts';
import { type ScannedStream, type Window, WindowCollector } from './scan/windows.ts';
import { linesOf } from './text/dress.ts';
import { readTracebacks } from './tracebacks/read.ts';

/** Something to read. The bytes may be overwritten by the producer after each step. */
export interface Source {
  /** As the user named it; "-" for standard input. */
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export interface LastError {
  readonly type: string;
  readonly message: string;
  readonly at: Place;
}

export interface Evidence {
  /** First one first. */
  readonly incidents: readonly Repeated[];
  /** The last exception of all sources, for "no memory failure here; the last error is X". */
  readonly lastError?: LastError;
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  /** Sources that held readable text. */
  readonly readable: number;
}

const TEXTS = {
  en: {
    empty: 'This source is empty.',
    'empty-why': 'It holds no bytes.',
    'empty-todo':
      'Give the log of the failed run: unoom diagnose train.log, or pipe it: python train.py 2>&1 | unoom diagnose -',
    binary: 'This is {kind}, not text.',
    'binary-why': 'diagnose reads logs, tracebacks and pasted messages.',
    'pickle-todo':
      'A memory snapshot cannot be read yet; give the log or the error message of the run.',
    'packed-todo': 'Unpack it first and give the text: {command}',
    'binary-todo': 'Give the log or the error message of the run as text.',
    failed: 'Reading stopped before the end: {message}',
    'failed-why': 'What was read before that is used.',
    'failed-todo': 'Check that the file is whole, or give the text unpacked.',
    utf16: 'The text is UTF-16 and was read as such.',
    unread:
      '{count} more places that speak of memory were counted, not read: there are very many. Repeats count only what was read.',
    mention: 'Line {line} speaks of memory, but in no form that is known as a failure: {text}',
    'many-incidents': '{count} more failures of other kinds were found and left out here.',
  },
  zh: {},
  ru: {},
} as const;

/** Kinds of files that people hand in by mistake, by their first bytes. */
const MAGIC: readonly {
  readonly bytes: readonly number[];
  readonly kind: string;
  readonly command?: string;
}[] = [
  { bytes: [0x80, 2], kind: 'a pickle (a memory snapshot?)' },
  { bytes: [0x80, 3], kind: 'a pickle (a memory snapshot?)' },
  { bytes: [0x80, 4], kind: 'a pickle (a memory snapshot?)' },
  { bytes: [0x80, 5], kind: 'a pickle (a memory snapshot?)' },
  {
    bytes: [0x50, 0x4b, 3, 4],
    kind: 'a zip archive (or a PyTorch checkpoint)',
    command: 'unzip -p FILE | unoom diagnose -',
  },
  {
    bytes: [0x28, 0xb5, 0x2f, 0xfd],
    kind: 'zstd-compressed',
    command: 'zstd -dc FILE | unoom diagnose -',
  },
  {
    bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
    kind: 'xz-compressed',
    command: 'xz -dc FILE | unoom diagnose -',
  },
  {
    bytes: [0x42, 0x5a, 0x68],
    kind: 'bzip2-compressed',
    command: 'bzip2 -dc FILE | unoom diagnose -',
  },
  { bytes: [0x7f, 0x45, 0x4c, 0x46], kind: 'a program' },
  { bytes: [0x89, 0x50, 0x4e, 0x47], kind: 'a picture' },
  { bytes: [0xff, 0xd8, 0xff], kind: 'a picture' },
  { bytes: [0x47, 0x47, 0x55, 0x46], kind: 'a GGUF model' },
  { bytes: [0x25, 0x50, 0x44, 0x46], kind: 'a PDF' },
];

/** Incidents that a report lists; a hostile or endless log has no more to say than these. */
const MOST_INCIDENTS = 64;
/** Failures kept of all sources before they are grouped. */
const MOST_FAILURES = 100_000;
/** Small chunks are joined to this size before they are scanned. */
const CHUNK = 256 * 1024;

/** Gathers the evidence of all sources with the given readers. */
export async function gather(
  sources: Iterable<Source>,
  readers: readonly Reader[],
): Promise<Evidence> {
  const needles = [
    ...new Set(readers.flatMap((reader) => reader.needles.map((n) => n.toLowerCase()))),
  ];
  const scanner = new NeedleScanner(needles);
  const problems: Problem[] = [];
  const notes: Note[] = [];
  const failures: Failure[] = [];
  let lastError: LastError | undefined;
  let readable = 0;
  let leftOut = 0;
  for (const source of sources) {
    const collector = new WindowCollector(scanner);
    const isText = await pump(source, collector, problems, notes);
    const scanned = collector.finish();
    if (!isText) continue;
    readable++;
    const found = failuresOf(scanned, source.name, readers, needles);
    const room = MOST_FAILURES - failures.length;
    for (const failure of found.slice(0, room)) failures.push(failure);
    leftOut += Math.max(0, found.length - room) + scanned.unread;
    const mention = found.length > 0 ? undefined : mentionIn(scanned, source.name);
    if (mention !== undefined) notes.push(mention);
    lastError = lastErrorOf(scanned.tail, source.name) ?? lastError;
  }
  if (leftOut > 0) {
    notes.push({ code: 'places-not-read', text: say(TEXTS, 'unread', { count: leftOut }) });
  }
  const groups = groupFailures(failures);
  if (groups.length > MOST_INCIDENTS) {
    notes.push({
      code: 'incidents-left-out',
      text: say(TEXTS, 'many-incidents', { count: groups.length - MOST_INCIDENTS }),
    });
  }
  return {
    incidents: groups.slice(0, MOST_INCIDENTS),
    problems,
    notes,
    readable,
    ...(lastError !== undefined && { lastError }),
  };
}

/** Words of a failure in a form that no reader takes: worth a look, and no verdict. */
const MENTION =
  /out[ -]of[ -]memory|\bOOM\b|RESOURCE_EXHAUSTED|insufficient (?:gpu |video |device )?memory|killed/i;

/** The last line that speaks of memory where nothing was read as a failure. */
function mentionIn({ windows }: ScannedStream, source: string): Note | undefined {
  for (const window of windows.slice(-3).reverse()) {
    const lines = linesOf(new TextDecoder().decode(window.bytes), window.line, window.cut);
    const line = lines.findLast(({ text }) => MENTION.test(text));
    if (line === undefined) continue;
    return {
      code: 'mention-not-read',
      text: say(TEXTS, 'mention', { line: line.number, text: line.text.trim().slice(0, 160) }),
      at: { source, line: line.number },
    };
  }
  return undefined;
}

function failuresOf(
  scanned: ScannedStream,
  source: string,
  readers: readonly Reader[],
  needles: readonly string[],
): Failure[] {
  const rank = rankOfName(source);
  const read = new Map<string, Failure>();
  for (const window of scanned.windows) {
    const seen = new Set([...window.needles].map((index) => needles[index]));
    const active = readers.filter((reader) =>
      reader.needles.some((n) => seen.has(n.toLowerCase())),
    );
    for (const failure of readWindow(window, source, active)) {
      // Windows overlap where one was closed for its size; the later one has the whole message.
      read.set(`${failure.where.line} ${failure.format} ${failure.ordinal}`, failure);
    }
  }
  const found = [...read.values()];
  // A last word without a line feed after it is no needle: "Killed".
  if (found.length === 0) {
    found.push(...readWindow(scanned.tail, source, readers.filter(hasOnlyLine).map(lineOnly)));
  }
  if (rank === undefined) return found;
  return found.map((failure) => ({
    ...failure,
    distributed: true,
    where: { ...failure.where, rank: failure.where.rank ?? rank },
  }));
}

const hasOnlyLine = (reader: Reader): boolean => reader.line !== undefined;

function lineOnly(reader: Reader): Reader {
  const { anchor: _, ...rest } = reader;
  return rest;
}

/** The rank that a log file's name tells: rank_5.log, rank5.txt, torchrun's attempt_0/5/stderr.log. */
export function rankOfName(name: string): number | undefined {
  const match =
    /(?:^|[\\/_.-])rank[-_]?(\d{1,6})(?=[\\/_.-]|$)/i.exec(name) ??
    /attempt_\d+[\\/](\d{1,6})[\\/](?:stderr|stdout)\.log$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** Feeds a source into the collector. False when it is no text at all. */
async function pump(
  source: Source,
  collector: WindowCollector,
  problems: Problem[],
  notes: Note[],
): Promise<boolean> {
  const at: Place = { source: source.name };
  const kind = new Kind();
  let pending: Uint8Array[] = [];
  let size = 0;
  const flush = (): void => {
    if (size > 0) collector.push(join(pending, size));
    pending = [];
    size = 0;
  };
  const take = (bytes: Uint8Array, isOurs: boolean): void => {
    if (bytes.length >= CHUNK && size === 0) {
      collector.push(bytes);
      return;
    }
    // The producer may reuse its buffer, so what waits is copied.
    pending.push(isOurs ? bytes : bytes.slice());
    size += bytes.length;
    if (size >= CHUNK) flush();
  };
  try {
    for await (const chunk of source.bytes) {
      const bytes = kind.add(chunk);
      if (bytes === undefined) continue;
      const problem = kind.problem(at);
      if (problem !== undefined) {
        problems.push(problem);
        return false;
      }
      take(kind.decode(bytes), bytes !== chunk || kind.encoding !== undefined);
    }
  } catch (error) {
    problems.push({
      code: 'reading-stopped',
      what: say(TEXTS, 'failed', {
        message: error instanceof Error ? error.message : String(error),
      }),
      why: say(TEXTS, 'failed-why'),
      todo: say(TEXTS, 'failed-todo'),
      at,
    });
  }
  const rest = kind.end();
  const problem = kind.problem(at);
  if (problem !== undefined) {
    problems.push(problem);
    return false;
  }
  take(kind.decode(rest), true);
  flush();
  if (kind.encoding !== undefined) notes.push({ code: 'utf-16', text: say(TEXTS, 'utf16'), at });
  if (!kind.isEmpty) return true;
  if (problems.at(-1)?.at?.source !== source.name) {
    problems.push({
      code: 'empty-source',
      what: say(TEXTS, 'empty'),
      why: say(TEXTS, 'empty-why'),
      todo: say(TEXTS, 'empty-todo'),
      at,
    });
  }
  return false;
}

/** Bytes looked at before the kind of a source is decided. */
const HEAD = 4096;

/** Finds out what a source is, from its first bytes however they arrive, and decodes it. */
class Kind {
  encoding: 'utf-16le' | 'utf-16be' | undefined;
  isEmpty = true;
  private head: Uint8Array | undefined = new Uint8Array(0);
  private decided: Uint8Array = new Uint8Array(0);
  private decoder: TextDecoder | undefined;

  /** Takes the next bytes; gives what can be read on, or undefined while the head is still short. */
  add(chunk: Uint8Array): Uint8Array | undefined {
    if (chunk.length > 0) this.isEmpty = false;
    if (this.head === undefined) return chunk;
    const head =
      this.head.length === 0 ? chunk : join([this.head, chunk], this.head.length + chunk.length);
    if (head.length < HEAD) {
      this.head = head === chunk ? chunk.slice() : head;
      return undefined;
    }
    this.decide(head);
    return head;
  }

  /** What was held back when the source ended before its head was full. */
  end(): Uint8Array {
    const head = this.head ?? new Uint8Array(0);
    if (this.head !== undefined) this.decide(head);
    return head;
  }

  problem(at: Place): Problem | undefined {
    return binaryProblem(this.decided, this.encoding !== undefined, at);
  }

  decode(bytes: Uint8Array): Uint8Array {
    return this.decoder === undefined
      ? bytes
      : new TextEncoder().encode(this.decoder.decode(bytes, { stream: true }));
  }

  private decide(head: Uint8Array): void {
    this.decided = head.slice(0, HEAD);
    this.head = undefined;
    this.encoding = utf16Of(head);
    if (this.encoding !== undefined) this.decoder = new TextDecoder(this.encoding);
  }
}

/** A run of zeros of at least this length is a hole in a file (log rotation, a crash), no text. */
const HOLE = 16;

/** Length of the hole at the start. */
function leadingHole(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length && bytes[at] === 0) at++;
  return at >= HOLE ? at : 0;
}

/** The bytes without their holes. */
function withoutHoles(bytes: Uint8Array): Uint8Array {
  const kept: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const hole = bytes[at] === 0 ? leadingHole(bytes.subarray(at)) : 0;
    if (hole > 0) at += hole - 1;
    else kept.push(bytes[at] ?? 0);
  }
  return Uint8Array.from(kept);
}

function binaryProblem(whole: Uint8Array, isUtf16: boolean, at: Place): Problem | undefined {
  if (isUtf16) return undefined;
  const head = withoutHoles(whole);
  const zeros = head.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  const controls = head.reduce((count, byte) => count + (isControl(byte) ? 1 : 0), 0);
  // A log can begin with the letters of a magic number; binary data has more than letters.
  const hit =
    controls > 0
      ? MAGIC.find(({ bytes }) => bytes.every((byte, i) => head[i] === byte))
      : undefined;
  const isBinary =
    zeros > Math.max(4, head.length * 0.1) || controls > Math.max(8, head.length * 0.05);
  if (hit === undefined && !isBinary) return undefined;
  const kind = hit?.kind ?? 'binary data';
  const todo =
    hit?.command === undefined
      ? say(TEXTS, kind.startsWith('a pickle') ? 'pickle-todo' : 'binary-todo')
      : say(TEXTS, 'packed-todo', { command: hit.command });
  return {
    code: 'not-text',
    what: say(TEXTS, 'binary', { kind }),
    why: say(TEXTS, 'binary-why'),
    todo,
    at,
  };
}

/** Control characters that no terminal output has; ESC, backspace and bell it does have. */
const isControl = (byte: number): boolean =>
  byte < 7 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32) || byte === 11;

/** UTF-16 by its mark, or by zero bytes on one side of every pair. */
function utf16Of(head: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const sample = head.subarray(0, 1024);
  if (sample.length < 16) return undefined;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < sample.length; i++) {
    if (sample[i] !== 0) continue;
    if (i % 2 === 0) even++;
    else odd++;
  }
  const half = sample.length / 2;
  if (odd > half * 0.6 && even < half * 0.05) return 'utf-16le';
  if (even > half * 0.6 && odd < half * 0.05) return 'utf-16be';
  return undefined;
}

function lastErrorOf(tail: Window, source: string): LastError | undefined {
  const lines = linesOf(new TextDecoder().decode(tail.bytes), tail.line, tail.cut);
  const last = readTracebacks(lines).findLast(
    (traceback) => traceback.exception !== undefined,
  )?.exception;
  if (last === undefined) return undefined;
  return { type: last.type, message: last.message.slice(0, 300), at: { source, line: last.at } };
}

function join(parts: readonly Uint8Array[], size: number): Uint8Array {
  const joined = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
