// @ts-check
/**
 * Runs the benches: `npm run bench`, or `npm run bench -- accuracy scan` for some of them.
 * Exit 0 unless a bench broke; with --strict also 1 when a target was missed.
 */
import { writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { mib, outcome, REPO, table } from './lib/bench.mjs';

const NAMES = [
  'accuracy',
  'causes',
  'monitors',
  'startup',
  'scan',
  'snapshot-read',
  'snapshot-whole',
  'replay',
  'footprint',
  'plan',
  'analyse',
  'page',
  'fuzz',
];

const HELP = `npm run bench -- [${NAMES.join('] [')}] [options]

  --json FILE      write the results to FILE
  --strict         exit 1 when a target is missed
  --count N        fuzz: number of mutated inputs (100000); page: events (1000000)
  --cli-count N    fuzz: number of mutated files for the command line (200)
  --seed N         scan, snapshot-*, fuzz: seed (1)
  --size BYTES     scan: size of the log (1073741824); snapshot-*: of the largest file (2000000000)
  --runs N         scan, startup, footprint, plan, snapshot-read: measured runs of each command (5, 25, 25, 15, 5); snapshot-whole (3)
  --dist DIR       the built project (dist)
  --cases FILE     accuracy, causes: the labelled failures (../shared/cases/cases.jsonl)
  --monitors FILE  monitors: outputs of monitoring tools (../shared/smi/texts.jsonl)
  --snapshots DIR  replay: real memory snapshots (../shared/snapshots)
  --verbose        list every miss`;

/**
 * @param {string | undefined} text
 * @param {string} name
 */
function numberOf(text, name) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} wants a whole number`);
  return value;
}

/** @param {import('./lib/bench.mjs').Result} result */
function print(result) {
  console.log(`\n${result.name}`);
  if (result.skipped) console.log(`  skipped: ${result.skipped}`);
  const head = ['measure', 'value', 'target', ''];
  const rows = result.rows.map((row) => [row.measure, row.value, row.target ?? '', outcome(row)]);
  if (rows.length > 0) for (const line of table([head, ...rows])) console.log(`  ${line}`);
  for (const line of result.details ?? []) console.log(line === '' ? '' : `  ${line}`);
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      strict: { type: 'boolean' },
      count: { type: 'string' },
      'cli-count': { type: 'string' },
      seed: { type: 'string' },
      size: { type: 'string' },
      runs: { type: 'string' },
      dist: { type: 'string' },
      cases: { type: 'string' },
      monitors: { type: 'string' },
      snapshots: { type: 'string' },
      verbose: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const unknown = positionals.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) {
    throw new Error(`no bench ${unknown.join(', ')}; there are ${NAMES.join(', ')}`);
  }
  /** @type {import('./lib/bench.mjs').Options} */
  const options = {
    dist: resolve(values.dist ?? join(REPO, 'dist')),
    cases: resolve(values.cases ?? join(REPO, '..', 'shared', 'cases', 'cases.jsonl')),
    monitors: resolve(values.monitors ?? join(REPO, '..', 'shared', 'smi', 'texts.jsonl')),
    snapshots: resolve(values.snapshots ?? join(REPO, '..', 'shared', 'snapshots')),
    count: numberOf(values.count, 'count'),
    cliCount: numberOf(values['cli-count'], 'cli-count'),
    seed: numberOf(values.seed, 'seed') ?? 1,
    size: numberOf(values.size, 'size'),
    runs: numberOf(values.runs, 'runs'),
    verbose: values.verbose ?? false,
    log: (line) => console.error(line),
  };
  const machine = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${mib(totalmem())}, ${process.platform} ${release()}`;
  console.log(machine);

  /** @type {import('./lib/bench.mjs').Result[]} */
  const results = [];
  /** @type {string[]} */
  const broken = [];
  for (const name of NAMES.filter((name) => !positionals.length || positionals.includes(name))) {
    try {
      const { run } = await import(`./${name}.mjs`);
      const result = await run(options);
      results.push(result);
      print(result);
    } catch (error) {
      broken.push(name);
      console.log(`\n${name}\n  BROKEN: ${error instanceof Error ? error.stack : error}`);
    }
  }

  const measured = results.flatMap((result) => result.rows).filter((row) => row.met !== undefined);
  const missed = measured.filter((row) => !row.met).length;
  const kept = measured.length - missed;
  console.log(
    `\n${kept} of ${measured.length} targets met${broken.length ? `; broken: ${broken.join(', ')}` : ''}`,
  );
  if (values.json) {
    writeFileSync(values.json, `${JSON.stringify({ machine, results, broken }, null, 2)}\n`);
  }
  return broken.length > 0 || (values.strict && missed > 0) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
