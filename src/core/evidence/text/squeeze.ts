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
  for (let i = 0; i < original.length; i++) {
    const code = original.charCodeAt(i);
    if (isSpace(code)) {
      blank = true;
      if (code === 10) broken = true;
      continue;
    }
    if (blank && !broken && isDigit(code) && isDigit(last)) {
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

const SIZE = String.raw`(?<NAME>\d{1,24}(?:\.\d{0,6})?)(?<NAME_unit>bytes?|[KMGTPE]i?B|[KMGT](?=already|total|free|cached|reserved|allowed|is|memory|[^a-z]|$)|B(?![a-z]))`;
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
