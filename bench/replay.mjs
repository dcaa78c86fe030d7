// @ts-check
/**
 * Replays of memory snapshots: how much of real ones comes out as it was, how many events a second a
 * replay takes with the check of its addresses, and what twenty what-ifs cost. The large traces are
 * made by our own simulator: they measure speed and nothing else.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, mib, mostRow, ms, shareRow } from './lib/bench.mjs';
import { importSource } from './lib/bundle.mjs';

/** @typedef {typeof import('./lib/replay-entry.ts')} Source */
/** @typedef {Exclude<ReturnType<Source['prepareReplay']>, { unknown: unknown }>} Prepared */

const MIB = 2 ** 20;
const EVENTS = 1_000_000;
const EVENTS_OF_WHAT_IF = 100_000;
const ALTERNATIVES = 20;
/** Events a second, at least. */
const TARGET = 3e6;

/** @type {readonly (readonly [string, Omit<import('../test/allocator/synthetic.ts').Workload, 'seed' | 'events'>])[]} */
const WORKLOADS = [
  ['cudaMalloc', {}],
  ['expandable segments', { settings: { expandableSegments: true } }],
  ['4 streams, delayed frees', { streams: 4, delayed: 0.05 }],
  ['thousands of free blocks', { layers: 4000, budget: 2 ** 38, streams: 2 }],
];

/** @param {() => void} work */
function seconds(work) {
  const from = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - from) / 1e9;
}

/** @param {number} perSecond */
const rate = (perSecond) => `${(perSecond / 1e6).toFixed(2)} M events/s`;

/**
 * @param {Source} source
 * @param {string} folder
 */
async function realRows(source, folder) {
  /** @type {import('./lib/bench.mjs').Row[]} */
  const rows = [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.pickle'));
  for (const file of files.sort()) {
    const { snapshot } = await source.readSnapshot([readFileSync(join(folder, file))]);
    if (snapshot === undefined) {
      rows.push({ measure: `${file}: read`, value: 'no', target: 'yes', met: false });
      continue;
    }
    for (const [row, device] of snapshot.devices.entries()) {
      const prepared = source.prepareReplay(snapshot, row);
      const name = `${file}, device ${device.index}`;
      if ('unknown' in prepared) {
        rows.push({ measure: name, value: `no replay: ${prepared.unknown.key}` });
        continue;
      }
      const { replay } = prepared;
      const { address_equal, allocations, final_blocks_equal } = replay;
      rows.push(shareRow(`${name}: addresses equal`, address_equal, allocations, 100));
      rows.push({
        measure: `${name}: final blocks equal`,
        value: final_blocks_equal ? 'yes' : 'no',
        target: 'yes',
        met: final_blocks_equal,
      });
    }
  }
  return rows;
}

/**
 * Events a second of a replay with the check of every address.
 * @param {Source} source
 * @param {Prepared} prepared
 * @param {number} runs
 */
function replayRate(source, prepared, runs) {
  const { recording, found, start, device } = prepared;
  const { program, events, names, tape, addresses } = recording;
  const segments = source.segmentsOf(start);
  const times = Array.from({ length: runs }, () =>
    seconds(() => {
      const run = source.runRecorded(program, events, segments, names, found.settings, tape);
      for (let i = 0; i < run.mallocs; i += 1) {
        if (run.addresses[i] !== addresses[i]) throw new Error('a block is elsewhere');
      }
    }),
  );
  return device.events.count / median(times);
}

/**
 * @param {Source} source
 * @param {import('../src/core/snapshot/columns.ts').Snapshot} snapshot
 */
function prepare(source, snapshot) {
  const prepared = source.prepareReplay(snapshot, 0);
  if ('unknown' in prepared) throw new Error(`no replay: ${prepared.unknown.key}`);
  const { replay } = prepared;
  if (replay.address_equal !== replay.allocations || !replay.final_blocks_equal) {
    throw new Error('a synthetic trace does not come out as it was made');
  }
  return prepared;
}

/** @param {import('./lib/bench.mjs').Options} options */
export async function run(options) {
  /** @type {Source} */
  const source = await importSource('bench/lib/replay-entry.ts');
  const seed = options.seed;
  const runs = options.runs ?? 5;
  const hasReal = existsSync(options.snapshots);
  const rows = hasReal ? await realRows(source, options.snapshots) : [];
  for (const [name, workload] of WORKLOADS) {
    options.log(`a trace of ${EVENTS} events: ${name}`);
    const snapshot = source.syntheticSnapshot({ seed, events: EVENTS, ...workload });
    /** @type {Prepared | undefined} */
    let prepared;
    const whole = seconds(() => {
      prepared = prepare(source, snapshot);
    });
    if (prepared === undefined) throw new Error('not prepared');
    const perSecond = replayRate(source, prepared, runs);
    rows.push({
      measure: `replay, ${name}`,
      value: rate(perSecond),
      target: `≥ ${rate(TARGET)}`,
      met: perSecond >= TARGET,
    });
    rows.push({
      measure: 'with start and program made, once',
      value: `${ms(whole)} (${rate(EVENTS / whole)}), ${snapshot.blocks.count} blocks, ${mib(prepared.run.peakReserved)}`,
    });
  }
  rows.push(whatIfRow(source, seed, runs));
  return {
    name: 'Replay of memory snapshots',
    rows,
    details: hasReal ? [] : [`no real snapshots: ${options.snapshots} is not there`],
  };
}

/**
 * @param {Source} source
 * @param {number} seed
 * @param {number} runs
 */
function whatIfRow(source, seed, runs) {
  const snapshot = source.syntheticSnapshot({
    seed,
    events: EVENTS_OF_WHAT_IF,
    emptyCacheEvery: 50,
    withStacks: true,
    settings: { capacity: 600 * MIB },
  });
  const newest = { ...snapshot, shape: { ...snapshot.shape, version: '2.12+' } };
  const prepared = prepare(source, newest);
  let count = 0;
  const times = Array.from({ length: runs }, () =>
    seconds(() => {
      const { rows } = source.whatIfOf(newest, prepared, { withoutSmallest: true });
      count = rows.length - 1;
    }),
  );
  const perAlternative = median(times) / count;
  const measure = `${ALTERNATIVES} alternatives on ${EVENTS_OF_WHAT_IF} events (of ${count} measured)`;
  return mostRow(measure, perAlternative * ALTERNATIVES, 1, ms, '<');
}
