/**
 * A traceback that breaks off at the line that raises: what was to be said stands there as a literal.
 * Only for texts in which nothing else was read as a failure.
 */
import type { Window } from './scan/windows.ts';

/** `raise ValueError("…`, with whatever a log or a box puts in front of it. */
const RAISES = /^(.{0,200}?)\braise ([A-Za-z_][\w.]{0,80})\((.*)$/;
/** The string literals of the call. */
const LITERAL = /"((?:[^"\\]|\\.){1,400})"|'((?:[^'\\]|\\.){1,400})'/g;
/** What can stand below it: more literals, arguments, brackets, carets, numbered context lines. */
const GOES_ON = /["')\]~^]\s*[│|]?\s*$|^\s*$|["'(,]\s*[│|]?\s*$/;
/** Lines of one call. */
const MOST_LINES = 16;
const LONGEST_LINE = 2000;

/** The same window with the exception that the last line of its traceback was about to raise. */
export function withRaised(window: Window): Window | undefined {
  const lines = new TextDecoder().decode(window.bytes).split(/\r\n|\r|\n/);
  const at = lines.findLastIndex((line) => line.length <= LONGEST_LINE && RAISES.test(line));
  if (at < 0) return undefined;
  const below = lines.slice(at + 1);
  if (below.length > MOST_LINES || !below.every((line) => GOES_ON.test(line))) return undefined;
  const [, lead = '', type = '', call = ''] = RAISES.exec(lines[at] ?? '') ?? [];
  const message = [...[call, ...below].join('\n').matchAll(LITERAL)]
    .map(([, double, single]) => double ?? single ?? '')
    .join('');
  if (message === '') return undefined;
  const raised = `${lead.trimEnd()} ${type}: ${message}`.trimStart();
  const text = [...lines.slice(0, at), raised].join('\n');
  return { ...window, bytes: new TextEncoder().encode(text), needles: undefined };
}
