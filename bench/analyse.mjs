// @ts-check
/**
 * The analysis of a memory snapshot of 1.7 million events, about what a file of 500 MB holds: how long
 * it takes after reading. The run is made up: it measures speed and nothing else.
 */
import { median, mostRow, ms } from './lib/bench.mjs';
import { importSource } from './lib/bundle.mjs';

const EVENTS = 1_700_000;
const TARGET_SECONDS = 3;

/** @param {import('./lib/bench.mjs').Options} options */
export async function run(options) {
  /** @type {typeof import('./lib/analyse-entry.ts')} */
  const source = await importSource('bench/lib/analyse-entry.ts');
  options.log(`a made-up run of ${EVENTS} events`);
  const snapshot = source.syntheticTraining({
    events: EVENTS,
    seed: options.seed,
    leakPerStep: 2 ** 20,
  });
  const times = Array.from({ length: options.runs ?? 5 }, () => {
    const from = process.hrtime.bigint();
    source.analyse(snapshot);
    return Number(process.hrtime.bigint() - from) / 1e9;
  });
  return {
    name: 'Analysis of memory snapshots',
    rows: [mostRow(`${EVENTS} events, all analyses`, median(times), TARGET_SECONDS, ms)],
  };
}
