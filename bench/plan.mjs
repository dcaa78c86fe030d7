// @ts-check
/**
 * How long a plan takes: an exact one on eight cards in process, and whole commands from their start to their end.
 * Each stands against a reference that a slow machine slows as much.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { binOf, median, mostRow, ms, table } from './lib/bench.mjs';

/** @typedef {{ name: string, args: string[], most?: number, wall: number[], processor: number[] }} Command */

/** A job that fits on none of eight cards without changes: the search has to look at hundreds of situations. */
const EIGHT = { model: 'Qwen/Qwen3-8B', on: '8xA100-40GB', batch: '8', sequence: '2048' };

/** What the command may take against Node with nothing to do: 400 ms where that starts in 40. */
const MOST_STARTS = 10;

/** Tells the processor time of a program, its compiler's and collector's threads among it, when it ends. */
const TELLING = `data:text/javascript,import{writeSync}from"node:fs";process.on("exit",()=>{const{user,system}=process.cpuUsage();writeSync(3,String(user+system))})`;

/** @param {Command} command */
function once({ name, args, wall, processor }) {
  const from = process.hrtime.bigint();
  const { error, status, stderr, output } = spawnSync(
    process.execPath,
    ['--import', TELLING, ...args],
    { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], encoding: 'utf8' },
  );
  if (error) throw error;
  if (status !== 0 && status !== 1) throw new Error(`${name} ended with ${status}: ${stderr}`);
  wall.push(Number(process.hrtime.bigint() - from) / 1e9);
  processor.push(Number(output[3]) / 1e6);
}

/**
 * Plans in this process. Each is asked of a model that was just read, so that nothing is left of the one before.
 * @param {string} dist
 * @param {number} runs
 */
async function inProcess(dist, runs) {
  const load = (/** @type {string} */ file) => import(pathToFileURL(join(dist, file)).href);
  /** @type {typeof import('../dist/types/core/plans.d.ts')} */
  const { plan, CLASSES } = await load('plans.js');
  /** @type {typeof import('../dist/types/core/footprints.d.ts')} */
  const { readModelConfig, readMachine, weightsOf, isMachine } = await load('footprints.js');
  /** @type {typeof import('../dist/types/core/workloads.d.ts')} */
  const { readWorkload } = await load('workloads.js');
  /** @type {typeof import('../dist/types/core/models.d.ts')} */
  const { findCatalogModel } = await load('models.js');
  const row = findCatalogModel(EIGHT.model)?.model;
  const machine = readMachine(EIGHT.on);
  if (row === undefined || !isMachine(machine)) throw new Error('model or machine is not known');
  const settings = [
    { setting: /** @type {const} */ ('micro_batch'), value: Number(EIGHT.batch), source: 'bench' },
    {
      setting: /** @type {const} */ ('sequence_length'),
      value: Number(EIGHT.sequence),
      source: 'bench',
    },
  ];
  const seconds = [];
  const reference = [];
  for (let i = 0; i < runs; i += 1) {
    const reading = readModelConfig(row.config, row.source);
    if (!reading.ok) throw new Error('the config of this benchmark cannot be read');
    const known = { model: reading.model, weights: weightsOf(reading.model) };
    const from = performance.now();
    const data = plan({
      reading: readWorkload([], { settings, purpose: 'training' }),
      known,
      machine,
      margin: 0,
      constraints: { classes: CLASSES.filter((one) => one !== 'experiment') },
      prefer: 'speed',
      asks: {},
      lang: 'en',
    });
    seconds.push((performance.now() - from) / 1000);
    const text = JSON.stringify(data);
    const before = performance.now();
    for (let k = 0; k < 100; k += 1) JSON.parse(text);
    reference.push((performance.now() - before) / 1000);
  }
  return { seconds, reference };
}

/**
 * @param {import('./lib/bench.mjs').Options} options
 * @returns {Promise<import('./lib/bench.mjs').Result>}
 */
export async function run(options) {
  const bin = binOf(options);
  const runs = options.runs ?? 15;
  const { model, on, batch, sequence } = EIGHT;
  const folder = await mkdtemp(join(tmpdir(), 'unoom-bench-'));
  const log = join(folder, 'train.log');
  writeFileSync(
    log,
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.32 GiB. GPU 0 has a total capacity of 79.10 GiB of which 1.21 GiB is free. Including non-PyTorch memory, this process has 77.89 GiB memory in use. Of the allocated memory 76.40 GiB is allocated by PyTorch, and 0.73 GiB is reserved by PyTorch but unallocated.\n',
  );
  const training = ['--for', 'training', '--seq', sequence];
  /** @type {(name: string, args: readonly string[], most?: number) => Command} */
  const command = (name, args, most) => ({
    name,
    args: [...args],
    ...(most === undefined ? {} : { most }),
    wall: [],
    processor: [],
  });
  const commands = [
    command('node -e 0', ['-e', '0']),
    command(
      'unoom plan, generation on one card',
      [bin, 'plan', '--model', model, '--on', 'H100', '--for', 'generation'],
      MOST_STARTS,
    ),
    command(
      'unoom plan, training on one card',
      [bin, 'plan', '--model', model, '--on', 'H100', ...training, '--batch', '2'],
      MOST_STARTS,
    ),
    command(
      'unoom plan, training on 8 cards',
      [bin, 'plan', '--model', model, '--on', on, ...training, '--batch', batch],
      MOST_STARTS,
    ),
    command('unoom diagnose, priced', [
      ...[bin, 'diagnose', log, '--model', model],
      ...[...training, '--batch', '2'],
    ]),
    command('unoom diagnose, not priced', [bin, 'diagnose', log]),
  ];
  try {
    for (let i = 0; i < runs; i += 1) for (const one of commands) once(one);
  } finally {
    await rm(folder, { recursive: true });
  }
  const { seconds, reference } = await inProcess(options.dist, Math.max(runs, 5));
  const times = (/** @type {number} */ value) => `${value.toFixed(2)} ×`;
  const [nothing] = commands;
  const started = Math.min(...(nothing?.wall ?? []));
  const rows = commands
    .slice(1)
    .map(({ name, most, wall }) =>
      most === undefined
        ? { measure: `${name} / node -e 0`, value: times(Math.min(...wall) / started) }
        : mostRow(`${name} / node -e 0`, Math.min(...wall) / started, most, times),
    );
  const shown = (/** @type {readonly number[]} */ all) => [ms(Math.min(...all)), ms(median(all))];
  return {
    name: `plan: ${runs} interleaved runs of each`,
    rows: [
      mostRow('a plan on 8 cards in process', Math.min(...seconds), 0.15, ms),
      {
        measure: 'the same / its JSON read 100 times',
        value: times(Math.min(...seconds) / Math.min(...reference)),
      },
      ...rows,
    ],
    details: [
      '',
      ...table([
        ['', 'wall min', 'median', 'processor min', 'median'],
        ...commands.map(({ name, wall, processor }) => [name, ...shown(wall), ...shown(processor)]),
        ['a plan on 8 cards in process', ...shown(seconds), '', ''],
      ]),
    ],
    data: { seconds, commands: commands.map(({ name, wall }) => ({ name, seconds: wall })) },
  };
}
