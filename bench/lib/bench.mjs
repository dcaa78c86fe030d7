// @ts-check
/** What every bench shares: where things are, options, medians, tables. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * One measured line. `target` and `met` are absent where the figure is information only.
 * @typedef {{ measure: string, value: string, target?: string, met?: boolean }} Row
 *
 * What a bench hands back. `details` are printed after the table.
 * @typedef {{ name: string, skipped?: string, rows: Row[], details?: string[], data?: unknown }} Result
 *
 * @typedef {{
 *   dist: string,
 *   cases: string,
 *   monitors: string,
 *   snapshots: string,
 *   count: number | undefined,
 *   cliCount: number | undefined,
 *   seed: number,
 *   size: number | undefined,
 *   runs: number | undefined,
 *   verbose: boolean,
 *   log: (line: string) => void,
 * }} Options
 */

export const REPO = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** @param {Options} options */
export function binOf(options) {
  return mustExist(join(options.dist, 'bin.js'));
}

/** @param {Options} options */
export function libraryOf(options) {
  return mustExist(join(options.dist, 'node.js'));
}

/** @param {Options} options */
export function snapshotsOf(options) {
  return mustExist(join(options.dist, 'snapshots.js'));
}

/** @param {string} path */
function mustExist(path) {
  if (!existsSync(path)) throw new Error(`${path} is not there: run \`npm run build\` first`);
  return path;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * "189 of 190 (99.47 %)"
 * @param {number} hits
 * @param {number} of
 */
export function share(hits, of) {
  return of === 0 ? '0 of 0' : `${hits} of ${of} (${((100 * hits) / of).toFixed(2)} %)`;
}

/**
 * A row with a lowest share that counts as a pass. Nothing measured is never a pass.
 * @param {string} measure
 * @param {number} hits
 * @param {number} of
 * @param {number} [least] per cent
 * @returns {Row}
 */
export function shareRow(measure, hits, of, least) {
  if (least === undefined) return { measure, value: share(hits, of) };
  const met = of > 0 && 100 * hits >= least * of;
  return { measure, value: share(hits, of), target: `≥ ${least} %`, met };
}

/**
 * A row with a greatest value that counts as a pass.
 * @param {string} measure
 * @param {number} value
 * @param {number} most
 * @param {(value: number) => string} show
 * @param {'≤' | '<'} [sign]
 * @returns {Row}
 */
export function mostRow(measure, value, most, show, sign = '≤') {
  const met = sign === '≤' ? value <= most : value < most;
  return { measure, value: show(value), target: `${sign} ${show(most)}`, met };
}

/** @param {number} seconds */
export function ms(seconds) {
  return seconds >= 10 ? `${seconds.toFixed(1)} s` : `${(1000 * seconds).toFixed(1)} ms`;
}

/** @param {number} bytes */
export function mib(bytes) {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** @param {Row} row */
export function outcome(row) {
  if (row.met === undefined) return '';
  return row.met ? 'pass' : 'MISS';
}

/** @param {readonly (readonly string[])[]} rows */
export function table(rows) {
  /** @type {number[]} */
  const widths = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/**
 * Mulberry32: small, seeded, the same everywhere.
 * @param {number} seed
 * @returns {() => number} in [0, 1)
 */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
