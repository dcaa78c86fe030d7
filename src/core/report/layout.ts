/** Plain-text layout: wrapping, padding, bars, and colour as a choice of the caller. */

/** Paints a piece of text; the plain palette returns it as it is. */
export interface Palette {
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly accent: (text: string) => string;
}

const same = (text: string): string => text;
export const PLAIN: Palette = { strong: same, dim: same, good: same, bad: same, accent: same };

/** Whether a character takes two columns: those of CJK scripts with their marks, and emoji. */
function isWide(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff)
  );
}

/** Nothing of it is wide, nor a half of a character: most texts of most reports. */
const NARROW = /^[\0-\u10ff]*$/;

/** Columns that a text takes. */
export function columns(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += isWide(char) ? 2 : 1;
  return width;
}

export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columns(text)));
}

export function padLeft(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - columns(text))) + text;
}

/** A blank at which no line breaks, e.g. between a number and its unit. */
export const NO_BREAK = '\u00a0';

/** What never starts a line, and what never ends one, where lines break between characters. */
const CLOSING = /[，。、；：！？）】》〉」』〕％”’…—·,.;:!?)\]}%\u00a0]/;
const OPENING = /[（【《〈「『〔“‘([{\u00a0]/;

/** A number keeps its unit, and the measure word or the ordinal's mark that Chinese has around it. */
const NUMBER_AND_UNIT =
  /(?<=\d) (?=(?:[KMGTPE]?i?B|bytes|%)(?![\p{L}\d]))|(?<=\d) (?=\p{Script=Han})|(?<=第) (?=\d)/gu;

/** A part of a line that is never broken. */
interface Piece {
  readonly text: string;
  /** Whether a blank stands before it. */
  readonly spaced: boolean;
}

/** A line may break at blanks, and beside any wide character that punctuation does not hold. */
function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (const word of text.replace(NUMBER_AND_UNIT, NO_BREAK).split(/[ \t\r\n]+/)) {
    if (NARROW.test(word)) {
      if (word !== '') pieces.push({ text: word, spaced: true });
      continue;
    }
    let piece = '';
    let last = '';
    let spaced = true;
    for (const char of word) {
      const canBreak =
        last !== '' &&
        (isWide(last) || isWide(char)) &&
        !CLOSING.test(char) &&
        !OPENING.test(last) &&
        // "3个": a number keeps the measure word without a blank too.
        !(/\d/.test(last) && isWide(char));
      if (canBreak) {
        pieces.push({ text: piece, spaced });
        piece = '';
        spaced = false;
      }
      piece += char;
      last = char;
    }
    if (piece !== '') pieces.push({ text: piece, spaced });
  }
  return pieces;
}

/** Wraps at blanks and between CJK characters; what has neither and is too long stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let taken = 0;
  for (const { text: piece, spaced } of piecesOf(text)) {
    const gap = spaced ? ' ' : '';
    const more = columns(piece);
    if (line === '' || taken + gap.length + more > width) {
      if (line !== '') lines.push(line);
      line = piece;
      taken = more;
    } else {
      line += gap + piece;
      taken += gap.length + more;
    }
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines.map((done) => done.replaceAll(NO_BREAK, ' '));
}

/** Wraps with a label in front of the first line and the same indent under it. */
export function labelled(label: string, text: string, width: number): string[] {
  const indent = columns(label);
  return wrap(text, Math.max(20, width - indent)).map(
    (line, index) => (index === 0 ? label : ' '.repeat(indent)) + line,
  );
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of at most `width` columns for a share of 0 to 1, exact to an eighth of a column. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

/** Keeps both ends of a long path or name; what is cut is shown. */
export function shorten(text: string, width: number): string {
  if (columns(text) <= width) return text;
  const tail = Math.max(8, Math.floor(width * 0.65));
  const chars = [...text];
  const head = firstColumns(chars, Math.max(1, width - tail - 1));
  return `${head}…${firstColumns(chars.reverse(), tail, true)}`;
}

/** As many characters as fit. @param isReversed whether they come last one first. */
function firstColumns(chars: readonly string[], width: number, isReversed = false): string {
  const taken: string[] = [];
  let used = 0;
  for (const char of chars) {
    used += columns(char);
    if (used > width) break;
    taken.push(char);
  }
  return (isReversed ? taken.reverse() : taken).join('');
}
