/** From text to lines with their blocks: comments and empty lines are gone, indentation is a tree. */
import { DrawingError } from './drawing-error.ts';

export interface DrawingLine {
  /** From 1. */
  readonly number: number;
  /** Without indentation, comment, and the ":" that opens a block. */
  readonly text: string;
  /** The lines under it; absent when the line opens no block. */
  readonly block?: readonly DrawingLine[];
}

const MOST_LINES = 20_000;
const MOST_LINE_LENGTH = 4_000;
const MOST_DEPTH = 40;

interface Row {
  readonly number: number;
  readonly indent: number;
  readonly text: string;
}

/** @throws DrawingError */
export function readLines(text: string): readonly DrawingLine[] {
  const rows = readRows(text);
  let next = 0;

  const block = (indent: number, depth: number): DrawingLine[] => {
    if (depth > MOST_DEPTH) throw bound(rows[next]?.number ?? 1, MOST_DEPTH, 'levels');
    const lines: DrawingLine[] = [];
    for (let row = rows[next]; row !== undefined && row.indent >= indent; row = rows[next]) {
      if (row.indent > indent) throw new DrawingError(row.number, 'indent');
      next++;
      if (!row.text.endsWith(':')) {
        lines.push({ number: row.number, text: row.text });
        continue;
      }
      const inner = rows[next];
      if (inner === undefined || inner.indent <= indent) {
        throw new DrawingError(row.number, 'block');
      }
      const head = row.text.slice(0, -1).trimEnd();
      lines.push({ number: row.number, text: head, block: block(inner.indent, depth + 1) });
    }
    return lines;
  };

  const lines = block(0, 0);
  const left = rows[next];
  if (left !== undefined) throw new DrawingError(left.number, 'indent');
  return lines;
}

function readRows(text: string): readonly Row[] {
  const all = text.split(/\r?\n/, MOST_LINES + 1);
  if (all.length > MOST_LINES) throw bound(MOST_LINES, MOST_LINES, 'lines');
  return all.flatMap((raw, i) => {
    const number = i + 1;
    if (raw.length > MOST_LINE_LENGTH) throw bound(number, MOST_LINE_LENGTH, 'characters');
    const line = withoutComment(raw).trimEnd();
    const content = line.trimStart();
    if (content === '') return [];
    const indent = line.length - content.length;
    if (line.slice(0, indent).includes('\t')) throw new DrawingError(number, 'tab');
    return [{ number, indent, text: content }];
  });
}

/** A "#" begins a comment at the start of a line and after a blank: ProfilerStep#3 has none. */
function withoutComment(line: string): string {
  for (let at = line.indexOf('#'); at >= 0; at = line.indexOf('#', at + 1)) {
    const before = line[at - 1];
    if (before === undefined || before === ' ' || before === '\t') return line.slice(0, at);
  }
  return line;
}

const bound = (line: number, most: number, things: string): DrawingError =>
  new DrawingError(line, 'bound', { most, things });
