import type { Window } from '../scan/windows.ts';
import { type Line, linesOf } from './dress.ts';

/** Lines of a larger window are not kept: there are many such windows, and each is read once or twice. */
const KEPT = 64 * 1024;

/** A small source is its own window, its own tail and its own whole; its lines are undressed once. */
const MADE = new WeakMap<Window, readonly Line[]>();

/** The lines of a window, undressed. */
export function linesOfWindow(window: Window): readonly Line[] {
  const known = MADE.get(window);
  if (known !== undefined) return known;
  const { bytes, line, cut } = window;
  const lines = linesOf(new TextDecoder().decode(bytes), line, cut);
  if (bytes.length <= KEPT) MADE.set(window, lines);
  return lines;
}
