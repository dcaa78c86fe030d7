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

/** Columns that a text takes: CJK characters take two. */
export function columns(text: string): number {
  let width = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const isWide =
      (code >= 0x1100 && code <= 0x115f) ||
      (code >= 0x2e80 && code <= 0xa4cf) ||
      (code >= 0xac00 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) ||
      (code >= 0xfe30 && code <= 0xfe6f) ||
      (code >= 0xff00 && code <= 0xff60) ||
      (code >= 0x1f300 && code <= 0x1faff);
    width += isWide ? 2 : 1;
  }
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

/** Wraps at blanks; a word longer than the width stands on a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/[ \t\r\n]+/)) {
    if (line !== '' && columns(line) + 1 + columns(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
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
  return `${text.slice(0, Math.max(1, width - tail - 1))}…${text.slice(-tail)}`;
}
