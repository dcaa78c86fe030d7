/**
 * Text without white space. Terminals, boxes and mail clients break messages anywhere, even within
 * a word or a number; without white space all broken forms of a message are the same string.
 * Patterns are written as people read them and compiled to match that string.
 */
import { type Line, unbox } from './dress.ts';

/** Stands where only a blank kept two digits apart, so that "GPU 0 8.00" never reads as "GPU 08.00". */
const GAP = '\u0001';

export interface Squeezed {
  readonly text: string;
  /** The lines it was made of, joined by "\n". */
  readonly original: string;
  /** Position in `original` of each squeezed character. */
  readonly origin: Uint32Array;
  /** The line that holds position `at` of `text`. */
  lineAt(at: number): Line;
}

/** A line that was broken for its length has at least so many characters. */
const FULL_LINE = 38;

/**
 * What begins a line of its own: a stamp ("1.06.520.086", "12:30:01", "20260304 12:30:01", "12:30", the
 * seconds since a start or since 1970), a progress bar ("12%|").
 */
const OWN_LINE =
  /^(?:\d{1,4}(?:[.:/-]\d{1,3}){2,}|\d{1,3}%|(?:\d{8}|\d{6})[ T_-]\d\d:?\d\d|\d{1,2}:\d\d[\s\].,:]|\d{10}\.\d|\d{13} )/;
/** A stamp is known by so many characters. */
const STAMP = 24;

const isSpace = (code: number): boolean => code <= 32 || code === 0xa0 || code === 0x200b;
const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** @param lines at least one. */
export function squeeze(lines: readonly Line[]): Squeezed {
  const starts: number[] = [];
  let original = '';
  for (const line of lines) {
    starts.push(original.length);
    original += `${unbox(line.text)}\n`;
  }
  const origin = new Uint32Array(original.length * 2);
  const pieces: string[] = [];
  let size = 0;
  let blank = false;
  let broken = false;
  let last = 0;
  let lineStart = 0;
  let lineLength = 0;
  for (let i = 0; i < original.length; i++) {
    const code = original.charCodeAt(i);
    if (isSpace(code)) {
      blank = true;
      if (code === 10) {
        broken = true;
        lineLength = i - lineStart;
        lineStart = i + 1;
      }
      continue;
    }
    // Editors' terminals end a line that they break within a word so.
    if (code === 92 && original.charCodeAt(i + 1) === 10 && !blank) continue;
    // A number goes on in the next line only where a full line was broken.
    if (
      blank &&
      isDigit(code) &&
      isDigit(last) &&
      !(broken && lineLength >= FULL_LINE && !OWN_LINE.test(original.slice(i, i + STAMP)))
    ) {
      pieces.push(GAP);
      origin[size++] = i;
    }
    pieces.push(original[i] ?? '');
    origin[size++] = i;
    last = code;
    blank = false;
    broken = false;
  }
  const lineAt = (at: number): Line => {
    const position = origin[Math.min(at, Math.max(0, size - 1))] ?? 0;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    const line = lines[low];
    if (line === undefined) throw new Error('squeeze() needs at least one line');
    return line;
  };
  return { text: pieces.join(''), original, origin: origin.subarray(0, size), lineAt };
}

/** A number that begins in the middle of another one is none: 23,69 must not read as 69. */
const START = String.raw`(?<!\d)(?<!\d[.,'_])(?<!\d[eE][+-]?)(?<![^\w)][+-])`;
const DIGITS = String.raw`\d{1,3}(?:,\d{3}){1,6}(?:\.\d{1,6}|(?=bytes))|\d{1,24}(?:\.\d{0,6}(?!\d))?|\d{1,9},\d{1,2}(?!\d)`;
const UNIT = `bytes?|[KMGTPE]i?B|[KMGT](?=already|total|free|cached|reserved|allowed|is|memory|[^a-z]|$)|B(?![a-z])`;
const SIZE: string = `${START}(?<NAME>${DIGITS})(?<NAME_unit>${UNIT})`;
const INT = String.raw`(?<NAME>\d{1,15})`;

/**
 * Compiles a clause as people read it into a pattern for squeezed text. `{name:size}` and `{name:int}`
 * are captured under their names (a size also as `name_unit`); alternatives are written as in a
 * regular expression after a leading `~`: `~(a|b)`, `~(a)?`.
 */
export function clause(pattern: string, flags = 'i'): RegExp {
  const source = pattern
    .split(/(\{\w+:(?:size|int)\}|~\([^)]*\)\??)/)
    .map((piece) => {
      const capture = /^\{(\w+):(size|int)\}$/.exec(piece);
      if (capture !== null) {
        const kind = capture[2] === 'size' ? SIZE : INT;
        return kind.replaceAll('NAME', capture[1] ?? '');
      }
      const bare = piece.replace(/\s+/g, '');
      if (bare.startsWith('~(')) return `(?:${bare.slice(2)}`;
      return bare.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
    })
    .join('');
  return new RegExp(source, flags);
}
