/**
 * The columns of `nvidia-smi dmon` and `nvidia-smi pmon`: two lines of heads, repeated from time to
 * time, then a row for each card or process and sample.
 */
import type { Line } from './text/dress.ts';

export interface MonitorRow {
  readonly line: number;
  /** Column to word; "-" where the tool shows nothing. */
  readonly words: ReadonlyMap<string, string>;
  readonly time?: string;
  /** The text ends within the row. */
  readonly isCut: boolean;
}

export interface MonitorBlock {
  readonly line: number;
  readonly last: number;
  readonly names: readonly string[];
  readonly rows: readonly MonitorRow[];
  /** Whether a row is the last line of the passage. */
  readonly isAtEnd: boolean;
  /** The heads are there but no row. */
  readonly isBare: boolean;
}

const HEAD = /^#\s*(?:Date[\s,]+)?(?:Time[\s,]+)?gpu[\s,]+[a-z]/i;
const UNITS = /^#\s*(?:YYYYMMDD[\s,]+)?(?:HH:MM:SS[\s,]+)?Idx\b/i;
const MOST_ROWS = 100_000;
const MOST_FOREIGN = 20;

interface Head {
  readonly names: readonly string[];
  /** Where each column ends, with the heads aligned as the tool prints them. */
  readonly ends: readonly number[];
}

/** All blocks whose heads have every one of `wanted` and none of `others`. */
export function monitorBlocks(
  lines: readonly Line[],
  belongs: (names: readonly string[]) => boolean,
): MonitorBlock[] {
  const blocks: MonitorBlock[] = [];
  let head: Head | undefined;
  let rows: MonitorRow[] = [];
  let first = 0;
  let last = 0;
  const end = (isAtEnd: boolean): void => {
    if (head !== undefined) {
      blocks.push({
        line: first,
        last,
        names: head.names,
        rows,
        isAtEnd,
        isBare: rows.length === 0,
      });
    }
    head = undefined;
    rows = [];
  };
  lines.forEach((line, at) => {
    const { text } = line;
    const isLast = at === lines.length - 1;
    if (text.length > 1000) return;
    if (HEAD.test(text.trimStart())) {
      const next = headOf(text);
      if (head !== undefined && next.names.join() === head.names.join()) {
        last = line.number;
        return;
      }
      end(false);
      if (!belongs(next.names)) return;
      head = next;
      first = line.number;
      last = line.number;
      return;
    }
    if (head === undefined) return;
    if (UNITS.test(text.trimStart())) {
      last = line.number;
      return;
    }
    if (line.number - last > MOST_FOREIGN) {
      end(false);
      return;
    }
    const row = rowOf(text, line.number, head, isLast);
    if (row === undefined || rows.length >= MOST_ROWS) return;
    rows.push(row);
    last = line.number;
  });
  end(last === lines.at(-1)?.number);
  return blocks;
}

function wordsOf(text: string): { word: string; end: number }[] {
  return [...text.matchAll(/[^\s,]+/g)].map((match) => ({
    word: match[0],
    end: match.index + match[0].length,
  }));
}

function headOf(text: string): Head {
  const words = wordsOf(text.replace('#', ' '));
  return { names: words.map(({ word }) => word.toLowerCase()), ends: words.map(({ end }) => end) };
}

const FIGURE = /^(?:-?\d{1,12}(?:\.\d{1,3})?|-|N\/A)$/;

function rowOf(
  text: string,
  line: number,
  { names, ends }: Head,
  isLast: boolean,
): MonitorRow | undefined {
  const words = wordsOf(text);
  const named = names.indexOf('command');
  const gpu = names.indexOf('gpu');
  const first = words[Math.min(gpu, words.length - 1)]?.word ?? '';
  if (!/^\d{1,8}$/.test(first) && !/^\d\d:\d\d:\d\d$/.test(first)) return undefined;
  const isShort = words.length < names.length;
  if (isShort && !isLast) {
    // A process without a name is shown so.
    if (named < 0 || words.length < names.length - 1) return undefined;
  }
  if (named < 0 && words.length > names.length) return undefined;
  const figures = named < 0 ? words : words.slice(0, named);
  for (const [at, { word }] of figures.entries()) {
    const name = names[at] ?? '';
    const isRight =
      name === 'date'
        ? /^\d{8}$/.test(word)
        : name === 'time'
          ? /^\d\d:\d\d:\d\d$/.test(word)
          : name === 'type'
            ? /^(?:[CGM](?:\+[CGM]){0,3}|-)$/.test(word)
            : FIGURE.test(word);
    if (!isRight) {
      if (!isLast || at < figures.length - 1) return undefined;
    }
  }
  const map = new Map(
    words.slice(0, named < 0 ? undefined : named).map(({ word }, at) => [names[at] ?? '', word]),
  );
  if (named >= 0 && words.length > named) {
    const from = (words[named]?.end ?? 0) - (words[named]?.word.length ?? 0);
    map.set('command', text.slice(from).trim());
  }
  // Right-aligned columns: a word that ends too early is a stump.
  const tail = words.length - 1;
  const isAligned = words.slice(0, tail).every(({ end }, at) => end === ends[at] || at === named);
  const isStump =
    isLast && (isShort || (named < 0 && isAligned && (words[tail]?.end ?? 0) < (ends[tail] ?? 0)));
  if (isStump && (named < 0 || tail < named)) map.delete(names[tail] ?? '');
  const time = ['date', 'time'].flatMap((name) => map.get(name) ?? []).join(' ');
  return { line, words: map, isCut: isStump, ...(time !== '' && { time }) };
}
