// @ts-check
/** Made snapshots of a given size, written once and kept in the temporary folder. */
import { existsSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mib } from './bench.mjs';
import { makeSnapshot } from './make-snapshot.mjs';

/** Raise it when the shapes of the files change, so that an old one is not taken for a new one. */
const SHAPE = 1;

/** Stacks of C++ and Python frames, or of Python's alone. */
export const STACKS = { deep: { depth: 45 }, shallow: { depth: 3 } };

/**
 * @param {string} name
 * @param {number} size
 * @param {{ depth: number }} shape
 * @param {import('./bench.mjs').Options} options
 */
export async function snapshotFile(name, size, shape, { dist, seed, log }) {
  const path = join(tmpdir(), `unoom-bench-snapshot-v${SHAPE}-${name}-${size}-seed${seed}.pickle`);
  if (existsSync(path)) return path;
  log(`writing ${path} (${mib(size)}), kept for the next time`);
  const part = `${path}.part`;
  await makeSnapshot(part, size, { ...shape, seed, dist });
  renameSync(part, path);
  return path;
}
