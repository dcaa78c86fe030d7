/**
 * JSON as it stands in a text: spread over lines or in one, after a shell prompt, cut off at any
 * place. Each value knows its line; a figure or a string that is not whole is left out.
 */
import { phrase, type Statement } from '../base/texts.ts';
import type { Line } from './text/dress.ts';

export type JsonValue = JsonScalar | JsonList | JsonObject;

export interface JsonScalar {
  readonly kind: 'string' | 'number' | 'word';
  /** A string without its quotes; a number as printed; true, false, null. */
  readonly text: string;
  readonly line: number;
}

export interface JsonList {
  readonly kind: 'list';
  readonly items: readonly JsonValue[];
  readonly line: number;
  /** Whether its closing bracket was there. */
  readonly isWhole: boolean;
}

export interface JsonObject {
  readonly kind: 'object';
  readonly entries: ReadonlyMap<string, JsonValue>;
  readonly line: number;
  readonly isWhole: boolean;
}

export interface JsonBlock {
  readonly value: JsonList | JsonObject;
  readonly line: number;
  readonly last: number;
  /** Where it breaks off: the line, and the keys on the way there. */
  readonly cut?: {
    readonly line: number;
    readonly path: readonly string[];
    /** Nothing comes after it in the passage. */
    readonly isEnd: boolean;
  };
}

/** Deeper than any monitor prints. */
const DEEPEST = 32;
const MOST_BLOCKS = 4096;
/** Values of one passage. */
const MOST_VALUES = 400_000;
/** Lines of other programs that may stand between two lines of a value. */
const MOST_FOREIGN = 6;
/** As long as the pieces are that a long line is read in. */
const PIECE = 16_384;

/** JSON begins a line, or stands in one after a prompt, a command, a log's prefix. */
const START = /(?:^\s*|[\s:=>])(?=\{\s*(?:"|\}|$)|\[\s*(?:\{|\[|"|$))/;
/** How a line can begin that goes on a value. */
const GOES_ON = /^\s*(?:["{}[\],:]|-?\d|(?:true|false|null)\b)/;

interface Row {
  readonly text: string;
  readonly number: number;
}

const kept = new WeakMap<readonly Line[], readonly JsonBlock[]>();

/** Every JSON object and list in the lines, in order. Several readers ask for the same lines. */
export function jsonBlocks(lines: readonly Line[]): readonly JsonBlock[] {
  const known = kept.get(lines);
  if (known !== undefined) return known;
  const blocks = findBlocks(rowsOf(lines));
  kept.set(lines, blocks);
  return blocks;
}

/** The text, with long lines in one piece again. */
function rowsOf(lines: readonly Line[]): Row[] {
  const rows: Row[] = [];
  let parts: string[] = [];
  let number = 0;
  const end = (): void => {
    if (parts.length > 0) rows.push({ text: parts.join(''), number });
    parts = [];
  };
  for (const line of lines) {
    if (parts.length > 0 && (line.number !== number || parts.at(-1)?.length !== PIECE)) end();
    parts.push(line.text);
    number = line.number;
  }
  end();
  return rows;
}

function findBlocks(rows: readonly Row[]): JsonBlock[] {
  const blocks: JsonBlock[] = [];
  let budget = MOST_VALUES;
  let row = 0;
  let from = 0;
  while (row < rows.length && blocks.length < MOST_BLOCKS && budget > 0) {
    const text = rows[row]?.text ?? '';
    const start = START.exec(from === 0 ? text : text.slice(from));
    if (start === null) {
      row += 1;
      from = 0;
      continue;
    }
    const parser = new Parser(rows, row, from + start.index + start[0].length, budget);
    const block = parser.block();
    budget = parser.budget;
    if (block !== undefined) blocks.push(block);
    // On with what comes after it; a value that broke off in its first line ends that line.
    if (parser.row > row || (parser.at > from && block?.cut === undefined)) {
      from = parser.row > row ? (block?.cut === undefined ? parser.at : 0) : parser.at;
      row = parser.row;
    } else {
      row += 1;
      from = 0;
    }
  }
  return blocks;
}

/** Signals that a value broke off; what was read before it stands. */
const BROKEN = Symbol('broken');

class Parser {
  private readonly rows: readonly Row[];
  row: number;
  at: number;
  budget: number;
  private path: string[] = [];
  private cut: { line: number; path: string[]; isEnd: boolean } | undefined;
  private lastRow: number;

  constructor(rows: readonly Row[], row: number, at: number, budget: number) {
    this.rows = rows;
    this.row = row;
    this.at = at;
    this.budget = budget;
    this.lastRow = row;
  }

  block(): JsonBlock | undefined {
    const first = this.number;
    const value = this.value(0);
    if (value === BROKEN || (value.kind !== 'list' && value.kind !== 'object')) return undefined;
    const last = this.rows[this.lastRow]?.number ?? first;
    return { value, line: first, last, ...(this.cut !== undefined && { cut: this.cut }) };
  }

  private get number(): number {
    return this.rows[this.row]?.number ?? this.rows.at(-1)?.number ?? 1;
  }

  /** The next character that says something, over line ends and lines of other programs. */
  private peek(): string | undefined {
    let foreign = 0;
    const [row, at] = [this.row, this.at];
    for (;;) {
      const text = this.rows[this.row]?.text;
      if (text === undefined) {
        // What looked like foreign lines is what comes after the value.
        if (foreign > 0) {
          this.row = row;
          this.at = at;
        }
        return undefined;
      }
      while (this.at < text.length && isSpace(text.charCodeAt(this.at))) this.at += 1;
      const isForeign = this.row !== row && !GOES_ON.test(text);
      if (this.at < text.length && !isForeign) return text[this.at];
      if (isForeign && text.trim() !== '' && ++foreign > MOST_FOREIGN) {
        this.row = row;
        this.at = at;
        return undefined;
      }
      this.row += 1;
      this.at = 0;
    }
  }

  private broken(): typeof BROKEN {
    if (this.cut === undefined) {
      const last = this.rows[this.lastRow];
      const rest = this.rows.slice(this.lastRow + 1, this.lastRow + 2 + MOST_FOREIGN);
      const isEnd = this.row >= this.rows.length || rest.every(({ text }) => text.trim() === '');
      this.cut = { line: last?.number ?? 1, path: [...this.path], isEnd };
      // Reading goes on after the last line that was part of the value.
      if (this.row <= this.lastRow) this.row = this.lastRow;
      else this.row = Math.min(this.row, this.lastRow + 1);
      this.at = 0;
    }
    return BROKEN;
  }

  private value(depth: number): JsonValue | typeof BROKEN {
    const char = this.peek();
    if (char === undefined || depth > DEEPEST || --this.budget <= 0) return this.broken();
    this.lastRow = this.row;
    if (char === '{') return this.object(depth);
    if (char === '[') return this.list(depth);
    if (char === '"') {
      const line = this.number;
      const text = this.string();
      return text === undefined ? this.broken() : { kind: 'string', text, line };
    }
    return this.scalar();
  }

  private object(depth: number): JsonObject {
    const line = this.number;
    const entries = new Map<string, JsonValue>();
    this.at += 1;
    for (;;) {
      const char = this.peek();
      if (char === '}') {
        this.at += 1;
        this.lastRow = this.row;
        return { kind: 'object', entries, line, isWhole: true };
      }
      if (char === ',') {
        this.at += 1;
        continue;
      }
      if (char !== '"') {
        this.broken();
        return { kind: 'object', entries, line, isWhole: false };
      }
      this.lastRow = this.row;
      const key = this.string();
      if (key === undefined || this.peek() !== ':') {
        if (key !== undefined) this.path.push(key);
        this.broken();
        return { kind: 'object', entries, line, isWhole: false };
      }
      this.at += 1;
      this.path.push(key);
      const value = this.value(depth + 1);
      if (value !== BROKEN && !entries.has(key)) entries.set(key, value);
      if (this.cut !== undefined) return { kind: 'object', entries, line, isWhole: false };
      this.path.pop();
    }
  }

  private list(depth: number): JsonList {
    const line = this.number;
    const items: JsonValue[] = [];
    this.at += 1;
    for (;;) {
      const char = this.peek();
      if (char === ']') {
        this.at += 1;
        this.lastRow = this.row;
        return { kind: 'list', items, line, isWhole: true };
      }
      if (char === ',') {
        this.at += 1;
        continue;
      }
      const value = this.value(depth + 1);
      if (value !== BROKEN) items.push(value);
      if (this.cut !== undefined) return { kind: 'list', items, line, isWhole: false };
    }
  }

  /** The string at the opening quote, or undefined when its line ends first. */
  private string(): string | undefined {
    const text = this.rows[this.row]?.text ?? '';
    let end = this.at + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
    if (end >= text.length) return undefined;
    const inner = text.slice(this.at + 1, end);
    this.at = end + 1;
    return inner.includes('\\') ? unescaped(inner) : inner;
  }

  /** A number or a word; whole only when something comes after it. */
  private scalar(): JsonScalar | typeof BROKEN {
    const line = this.number;
    const text = this.rows[this.row]?.text ?? '';
    const pattern = /-?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,4})?|true|false|null|NaN/y;
    pattern.lastIndex = this.at;
    const match = pattern.exec(text);
    if (match === null) return this.broken();
    this.at += match[0].length;
    const after = this.peek();
    if (after !== ',' && after !== '}' && after !== ']') return this.broken();
    return { kind: /^[-\d]/.test(match[0]) ? 'number' : 'word', text: match[0], line };
  }
}

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13);

function unescaped(inner: string): string {
  try {
    const value: unknown = JSON.parse(`"${inner}"`);
    return typeof value === 'string' ? value : inner;
  } catch {
    return inner;
  }
}

/** What stands under the keys, or undefined. */
export function under(value: JsonValue | undefined, ...keys: string[]): JsonValue | undefined {
  let found = value;
  for (const key of keys) {
    if (found?.kind !== 'object') return undefined;
    found = found.entries.get(key);
  }
  return found;
}

/** A scalar as text; null is nothing. */
export function textUnder(value: JsonValue | undefined, ...keys: string[]): string | undefined {
  const found = under(value, ...keys);
  if (found === undefined || found.kind === 'list' || found.kind === 'object') return undefined;
  return found.kind === 'word' && found.text === 'null' ? undefined : found.text;
}

/** A whole number of zero or more: an index, a pid. */
export function countUnder(value: JsonValue | undefined, ...keys: string[]): number | undefined {
  const text = textUnder(value, ...keys);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

export function itemsOf(value: JsonValue | undefined): readonly JsonValue[] {
  return value?.kind === 'list' ? value.items : [];
}

/** Where it broke off, for people: "the JSON, at card1 / VRAM Total Memory (B)". */
export function whereCut({ cut }: JsonBlock): Statement {
  const path = (cut?.path ?? []).map((key) => key.slice(0, 60)).join(' / ');
  return path === ''
    ? phrase({ en: 'the JSON', zh: 'JSON', ru: 'JSON' })
    : phrase(
        { en: 'the JSON, at {path}', zh: 'JSON 中的 {path}', ru: 'JSON, место {path}' },
        { path },
      );
}
