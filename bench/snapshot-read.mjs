// @ts-check
/**
 * How fast snapshots are decoded to columns, and in how much memory, against CPython's `pickle.load` and
 * `json.load` on the same file. Files are made by `lib/make-snapshot.mjs` and kept in the temporary folder.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, renameSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { libraryOf, median, mib, mostRow, ms } from './lib/bench.mjs';
import { STACKS, snapshotFile } from './lib/snapshot-files.mjs';

const LARGEST = 2e9;
const RUNS = 5;
/** Share of the reference's time: the analysis has to fit into the rest. */
const MOST_TIME = 0.5;
const MOST_MEMORY = 0.5;
const MOST_OF_LARGEST = 1.2 * 2 ** 30;

const PYTHON = `
import json, pickle, resource, sys, time
with open(sys.argv[1], 'rb') as file:
    begin = time.perf_counter()
    value = pickle.load(file) if sys.argv[1].endswith('.pickle') else json.load(file)
    seconds = time.perf_counter() - begin
rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
events = sum(len(trace) for trace in value['device_traces'])
print(json.dumps({'seconds': seconds, 'rss': rss, 'events': events, 'problems': 0}))
`;

/** @typedef {{ seconds: number, rss: number, events: number, problems: number | string }} Measured */

/** The same value as JSON, a twentieth of its events: sharing is lost there. @param {string} pickle */
function jsonOf(pickle) {
  const path = pickle.replace(/\.pickle$/, '.json');
  if (existsSync(path)) return path;
  const script = `
import json, pickle, sys
value = pickle.load(open(sys.argv[1], 'rb'))
for trace in value['device_traces']: del trace[len(trace) // 20:]
json.dump(value, open(sys.argv[2], 'w'))`;
  execFileSync('python3', ['-c', script, pickle, `${path}.part`]);
  renameSync(`${path}.part`, path);
  return path;
}

/** @param {string} command @param {string[]} args @returns {Measured} */
function measure(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} failed: ${stderr.slice(-500)}`);
  return JSON.parse(stdout);
}

/** @param {string} path @param {import('./lib/bench.mjs').Options} options */
function ours(path, options) {
  const decoder = fileURLToPath(new URL('lib/snapshot-decoder.mjs', import.meta.url));
  return measure(process.execPath, [decoder, options.dist, path]);
}

/**
 * Rows of one file: ours stands between runs of the reference.
 * @param {string} name
 * @param {string} path
 * @param {number} runs
 * @param {import('./lib/bench.mjs').Options} options
 */
function rowsOf(name, path, runs, options) {
  /** @type {Measured[]} */
  const mine = [];
  /** @type {Measured[]} */
  const theirs = [];
  for (let run = 0; run < runs; run += 1) {
    theirs.push(measure('python3', ['-c', PYTHON, path]));
    mine.push(ours(path, options));
  }
  const [my, their] = [mine, theirs].map((all) => ({
    seconds: median(all.map(({ seconds }) => seconds)),
    rss: Math.max(...all.map(({ rss }) => rss)),
  }));
  if (my === undefined || their === undefined) throw new Error('nothing was measured');
  const events = mine[0]?.events ?? 0;
  const isSame = mine.every((each) => each.events === theirs[0]?.events && each.problems === 0);
  const title = `${name}, ${mib(statSync(path).size)}`;
  // JSON is there to be read at all; PyTorch itself does not write it.
  const isPickle = path.endsWith('.pickle');
  /** @param {number} value */
  const ratio = (value) => `${value.toFixed(2)} ×`;
  return [
    {
      measure: `${title}: all events read, no problem`,
      value: `${events}`,
      target: `${theirs[0]?.events}`,
      met: isSame,
    },
    { measure: `${title}: decoding`, value: `${ms(my.seconds)}, CPython ${ms(their.seconds)}` },
    isPickle
      ? mostRow(`${title}: share of CPython's time`, my.seconds / their.seconds, MOST_TIME, ratio)
      : { measure: `${title}: share of CPython's time`, value: ratio(my.seconds / their.seconds) },
    mostRow(
      `${title}: share of its memory (${mib(my.rss)} of ${mib(their.rss)})`,
      my.rss / their.rss,
      MOST_MEMORY,
      ratio,
    ),
  ];
}

/**
 * @param {import('./lib/bench.mjs').Options} options
 * @returns {Promise<import('./lib/bench.mjs').Result>}
 */
export async function run(options) {
  libraryOf(options);
  const name = 'snapshot-read';
  if (spawnSync('python3', ['--version']).status !== 0) {
    return { name, skipped: 'python3 is the reference, and it is not here', rows: [] };
  }
  const runs = options.runs ?? RUNS;
  /** @type {import('./lib/bench.mjs').Row[]} */
  const rows = [];
  for (const size of [50e6, 500e6]) {
    for (const [stacks, shape] of Object.entries(STACKS)) {
      const path = await snapshotFile(stacks, size, shape, options);
      rows.push(
        ...rowsOf(`${stacks} stacks`, path, size > 1e8 ? Math.min(runs, 3) : runs, options),
      );
      if (size < 1e8 && stacks === 'deep') rows.push(...rowsOf('JSON', jsonOf(path), 1, options));
    }
  }
  for (const [stacks, shape] of Object.entries(STACKS)) {
    const path = await snapshotFile(stacks, options.size ?? LARGEST, shape, options);
    const { seconds, rss, events, problems } = ours(path, options);
    const title = `${stacks} stacks, ${mib(statSync(path).size)}, ${events} events`;
    rows.push({
      measure: `${title}: decoding`,
      value: ms(seconds),
      target: 'no problem',
      met: problems === 0,
    });
    rows.push(mostRow(`${title}: memory`, rss, MOST_OF_LARGEST, mib));
  }
  return { name, rows };
}
