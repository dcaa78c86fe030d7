// @ts-check
/**
 * `unoom snapshot FILE --format json` as its user runs it, from the start of the process to its end: reading,
 * analysis and replay, against CPython's `pickle.load` alone on the same file; and what the replays under other
 * settings take on top. And whether peak and owners are those of a slow computation in Python that shares nothing with ours.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { binOf, median, mib, mostRow, ms, REPO } from './lib/bench.mjs';
import { STACKS, snapshotFile } from './lib/snapshot-files.mjs';

const SIZES = [50e6, 500e6];
const LARGEST = 2e9;
const RUNS = 3;
const MOST_TIME = 1;
const MOST_MEMORY = 0.5;
const MOST_OF_LARGEST = 2e9;

const PICKLE_LOAD = `
import os, pickle, sys, time
with open(sys.argv[1], 'rb') as file:
    begin = time.perf_counter()
    value = pickle.load(file)
    print(time.perf_counter() - begin, flush=True)
# To free the objects takes seconds, and is not loading.
os._exit(0)
`;

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {{ seconds: number, rss: number, output: string }}
 */
function measured(command, args) {
  const script = fileURLToPath(new URL('lib/measured.py', import.meta.url));
  const printed = execFileSync('python3', [script, command, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const { status, ...rest } = JSON.parse(printed);
  if (status !== 0 && status !== 1) throw new Error(`${command} ended with ${status}`);
  return rest;
}

/** @param {string} path */
function loaded(path) {
  const { rss, output } = measured('python3', ['-c', PICKLE_LOAD, path]);
  return { seconds: Number(output), rss };
}

/**
 * @param {string} path
 * @param {import('./lib/bench.mjs').Options} options
 * @param {readonly string[]} more
 */
function examined(path, options, more = []) {
  const args = [binOf(options), 'snapshot', path, '--format', 'json', ...more];
  const { seconds, rss, output } = measured(process.execPath, args);
  return { seconds, rss, report: JSON.parse(output) };
}

/** @param {readonly { seconds: number, rss: number }[]} all */
const middle = (all) => ({
  seconds: median(all.map(({ seconds }) => seconds)),
  rss: Math.max(...all.map(({ rss }) => rss)),
});

/** @param {number} value */
const times = (value) => `${value.toFixed(2)} ×`;

/**
 * @param {string} title
 * @param {string} path
 * @param {number} runs
 * @param {import('./lib/bench.mjs').Options} options
 * @returns {import('./lib/bench.mjs').Row[]}
 */
function rowsOf(title, path, runs, options) {
  const theirs = [];
  const mine = [];
  const whole = [];
  for (let run = 0; run < runs; run += 1) {
    theirs.push(loaded(path));
    mine.push(examined(path, options, ['--no-what-if']));
    whole.push(examined(path, options));
  }
  const my = middle(mine);
  const their = middle(theirs);
  const all = middle(whole);
  const [device] = whole[0]?.report.devices ?? [];
  return [
    {
      measure: `${title}: reading, replay, analysis`,
      value: `${ms(my.seconds)}, pickle.load ${ms(their.seconds)}`,
    },
    mostRow(`${title}: share of its time`, my.seconds / their.seconds, MOST_TIME, times),
    {
      measure: `${title}: with ${device.what_if.length} settings replayed`,
      value: `${ms(all.seconds)}, ${times(all.seconds / their.seconds)}, ${mib(all.rss)}`,
    },
    mostRow(
      `${title}: share of its memory (${mib(my.rss)} of ${mib(their.rss)})`,
      my.rss / their.rss,
      MOST_MEMORY,
      times,
    ),
  ];
}

/**
 * Peak and owners as the slow computation has them.
 * @param {string} title
 * @param {string} path
 * @param {import('./lib/bench.mjs').Options} options
 * @returns {import('./lib/bench.mjs').Row}
 */
function agreementRow(title, path, options) {
  const script = join(REPO, 'test', 'reference', 'slow_snapshot.py');
  const slow = JSON.parse(measured('python3', [script, path]).output)['0'];
  /** @type {import('../src/core/snapshots.ts').SnapshotData} */
  const report = examined(path, options).report;
  const [device] = report.devices;
  if (device === undefined) throw new Error(`${title} has no device`);
  const { peak, owners } = device;
  // The report adds up what comes after the first fifty.
  /** @type {[string, number][]} */
  const lines = owners
    .filter(({ by, kind }) => by === 'line' && kind !== 'rest')
    .map(({ file, line, bytes }) => [`${file}:${line}`, bytes]);
  const isPeak =
    peak.allocated_bytes === slow.allocated_bytes &&
    peak.at_event === slow.at_event &&
    peak.reserved_bytes === slow.reserved_bytes;
  const alike = lines.filter(([line, bytes]) => slow.lines[line] === bytes).length;
  const isWhole = Object.keys(slow.lines).length === lines.length || lines.length === 50;
  const met = isPeak && isWhole && alike === lines.length;
  return {
    measure: `${title}: as a slow computation has it`,
    value: `peak ${isPeak ? 'equal' : 'differs'}, ${alike} of ${lines.length} owners equal`,
    target: 'all',
    met,
  };
}

/**
 * @param {import('./lib/bench.mjs').Options} options
 * @returns {Promise<import('./lib/bench.mjs').Result>}
 */
export async function run(options) {
  const name = 'unoom snapshot, the whole command';
  if (spawnSync('python3', ['--version']).status !== 0) {
    return { name, skipped: 'python3 is the reference, and it is not here', rows: [] };
  }
  const runs = options.runs ?? RUNS;
  /** @type {import('./lib/bench.mjs').Row[]} */
  const rows = [];
  for (const size of SIZES) {
    for (const [stacks, shape] of Object.entries(STACKS)) {
      const path = await snapshotFile(stacks, size, shape, options);
      const title = `${stacks} stacks, ${mib(size)}`;
      options.log(title);
      rows.push(...rowsOf(title, path, runs, options));
      if (size === SIZES[0]) rows.push(agreementRow(title, path, options));
    }
  }
  const size = options.size ?? LARGEST;
  const path = await snapshotFile('deep', size, STACKS.deep, options);
  options.log(`deep stacks, ${mib(size)}`);
  const { seconds, rss } = examined(path, options);
  rows.push({ measure: `deep stacks, ${mib(size)}: whole command`, value: ms(seconds) });
  rows.push(mostRow(`deep stacks, ${mib(size)}: memory`, rss, MOST_OF_LARGEST, mib, '<'));
  return { name, rows };
}
