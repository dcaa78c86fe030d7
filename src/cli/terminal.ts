/** The terminal: exit codes, colour, width, and output that a closed pipe may end. */
import { writeSync } from 'node:fs';
import { createColors } from 'picocolors';
import type { Palette } from '../core/index.ts';

export const EXIT = { ok: 0, finding: 1, usage: 2, environment: 3, bug: 70 } as const;

export type ColorChoice = 'auto' | 'always' | 'never';

/** Colour only on a terminal; NO_COLOR and FORCE_COLOR as everywhere. */
export function paletteFor(choice: ColorChoice): Palette {
  const env = process.env;
  const isWanted =
    choice === 'always' ||
    (choice === 'auto' &&
      (env['NO_COLOR'] ?? '') === '' &&
      ((env['FORCE_COLOR'] ?? '0') !== '0' ||
        (process.stdout.isTTY === true && env['TERM'] !== 'dumb')));
  const colors = createColors(isWanted);
  return {
    strong: colors.bold,
    dim: colors.dim,
    good: colors.green,
    bad: colors.red,
    accent: colors.cyan,
  };
}

/** Columns of the terminal; 80 when the output goes elsewhere. */
export function widthOf(): number {
  return process.stdout.isTTY === true ? (process.stdout.columns ?? 80) : 80;
}

export function isBrokenPipe(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EPIPE';
}

/** Writes all of a text to standard output; a reader that has gone (head) is no error. */
export function print(text: string): void {
  const bytes = Buffer.from(text);
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if (isBrokenPipe(error)) return;
      // A pipe that is full for the moment: the reader needs a little time.
      if (
        typeof error === 'object' &&
        error !== null &&
        'code' in error &&
        error.code === 'EAGAIN'
      ) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
        continue;
      }
      throw error;
    }
  }
}
