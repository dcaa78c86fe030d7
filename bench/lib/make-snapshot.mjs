// @ts-check
/**
 * Writes a synthetic snapshot of about a given size, from the built project in dist/:
 * `node bench/lib/make-snapshot.mjs OUT 500MB`. The columns are held, the file never is.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `node bench/lib/make-snapshot.mjs OUT SIZE [options]

  SIZE             50MB, 500MB, 2GB (powers of 1000), or a number of bytes
  --depth N        frames of each stack (40)
  --stacks N       distinct stacks (250)
  --seed N         (1)
  --leak BYTES     kept in each step by one line (0)
  --expandable     expandable segments
  --protocol N     of Python's pickler, 2 to 5 (4)
  --cpp            the layout of the C++ pickler
  --dist DIR       the built project (dist)`;

/**
 * @typedef {{
 *   depth?: number, stacks?: number, seed?: number, leak?: number, expandable?: boolean,
 *   protocol?: 2 | 3 | 4 | 5, cpp?: boolean, dist?: string,
 * }} Options
 */

/**
 * @param {string} path
 * @param {number} size bytes, met within a hundredth or so
 * @param {Options} [options]
 * @returns {Promise<{ bytes: number, events: number }>}
 */
export async function makeSnapshot(path, size, options = {}) {
  const dist = options.dist ?? join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist');
  /** @type {typeof import('../../src/core/snapshots.ts')} */
  const core = await import(pathToFileURL(join(dist, 'snapshots.js')).href);
  const run = {
    stackDepth: options.depth ?? 40,
    distinctStacks: options.stacks ?? 250,
    seed: options.seed ?? 1,
    leakPerStep: options.leak ?? 0,
    expandableSegments: options.expandable ?? false,
  };
  /** @type {import('../../src/core/snapshots.ts').WriteOptions} */
  const format = { layout: options.cpp ? 'cpp' : 'python', protocol: options.protocol ?? 4 };
  // Two short runs tell what a further event costs: frames and keys are written only once.
  const [small, larger] = [20_000, 60_000].map((events) => {
    const snapshot = core.syntheticTraining({ ...run, events });
    return { events: eventsOf(snapshot), bytes: writeTo(core.writeSnapshot(snapshot, format)) };
  });
  if (small === undefined || larger === undefined) throw new Error('nothing was measured');
  const perEvent = (larger.bytes - small.bytes) / (larger.events - small.events);
  const events = Math.max(1, Math.round(small.events + (size - small.bytes) / perEvent));

  const snapshot = core.syntheticTraining({ ...run, events });
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'w');
  try {
    return {
      bytes: writeTo(core.writeSnapshot(snapshot, format), file),
      events: eventsOf(snapshot),
    };
  } finally {
    closeSync(file);
  }
}

/** @param {import('../../src/core/snapshots.ts').Snapshot} snapshot */
const eventsOf = (snapshot) =>
  snapshot.devices.reduce((sum, device) => sum + device.events.count, 0);

/**
 * @param {Iterable<Uint8Array>} chunks
 * @param {number} [file] without one, the bytes are only counted
 */
function writeTo(chunks, file) {
  let bytes = 0;
  for (const chunk of chunks) {
    for (let at = 0; file !== undefined && at < chunk.length; ) at += writeSync(file, chunk, at);
    bytes += chunk.length;
  }
  return bytes;
}

/** @param {string} text */
export function sizeOf(text) {
  const match = /^(\d+(?:\.\d+)?)([KMG]?)B?$/i.exec(text);
  if (match === null) throw new Error(`${text} is no size; write 500MB`);
  return Number(match[1]) * 1000 ** ' KMG'.indexOf((match[2] || ' ').toUpperCase());
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      depth: { type: 'string' },
      stacks: { type: 'string' },
      seed: { type: 'string' },
      leak: { type: 'string' },
      expandable: { type: 'boolean' },
      protocol: { type: 'string' },
      cpp: { type: 'boolean' },
      dist: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const [path, size] = positionals;
  if (values.help || path === undefined || size === undefined) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  /** @type {Options} */
  const options = {};
  if (values.depth !== undefined) options.depth = Number(values.depth);
  if (values.stacks !== undefined) options.stacks = Number(values.stacks);
  if (values.seed !== undefined) options.seed = Number(values.seed);
  if (values.leak !== undefined) options.leak = Number(values.leak);
  if (values.expandable !== undefined) options.expandable = values.expandable;
  if (values.protocol !== undefined) {
    const protocol = Number(values.protocol);
    if (protocol !== 2 && protocol !== 3 && protocol !== 4 && protocol !== 5) throw new Error(HELP);
    options.protocol = protocol;
  }
  if (values.cpp !== undefined) options.cpp = values.cpp;
  if (values.dist !== undefined) options.dist = values.dist;
  const { bytes, events } = await makeSnapshot(path, sizeOf(size), options);
  console.log(`${path}: ${bytes} bytes, ${events} events`);
  return 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
