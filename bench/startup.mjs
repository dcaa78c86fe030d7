// @ts-check
/** How long the command takes to be there, against Node with nothing to do. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binOf, median, mostRow, ms, randomFrom, table } from './lib/bench.mjs';
import { FAILURES, logLine } from './lib/texts.mjs';

/** @typedef {{ name: string, args: string[], exit: number, seconds: number[] }} Command */

/** A log of about 10 KB with one failure near its end. */
function smallLog() {
  const random = randomFrom(7);
  const clock = { step: 0, at: 0 };
  const failure = `${FAILURES[0]?.text}\n`;
  const after = 'W0117 worker 3 exited with code 1\n';
  let text = '';
  while (text.length + failure.length + after.length < 10_240) {
    text += `${logLine(random, clock)}\n`;
  }
  return text + failure + after;
}

/** @param {Command} command */
function once(command) {
  const from = process.hrtime.bigint();
  const { status, error, stderr } = spawnSync(process.execPath, command.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const seconds = Number(process.hrtime.bigint() - from) / 1e9;
  if (error) throw error;
  if (status !== command.exit) {
    throw new Error(`${command.name} ended with ${status}, not ${command.exit}: ${stderr}`);
  }
  return seconds;
}

/**
 * @param {import('./lib/bench.mjs').Options} options
 * @returns {Promise<import('./lib/bench.mjs').Result>}
 */
export async function run(options) {
  const bin = binOf(options);
  const runs = options.runs ?? 25;
  const folder = mkdtempSync(join(tmpdir(), 'unoom-bench-'));
  try {
    const log = join(folder, 'train.log');
    writeFileSync(log, smallLog());
    /** @type {Command} */
    const nothing = { name: 'node -e 0', args: ['-e', '0'], exit: 0, seconds: [] };
    /** @type {Command} */
    const version = { name: 'unoom --version', args: [bin, '--version'], exit: 0, seconds: [] };
    /** @type {Command} */
    const diagnose = {
      name: 'unoom diagnose, 10 KB log',
      args: [bin, 'diagnose', log],
      exit: 1,
      seconds: [],
    };
    const commands = [nothing, version, diagnose];
    for (const command of commands) once(command);
    for (let i = 0; i < runs; i++) {
      for (const command of commands) command.seconds.push(once(command));
    }
    const base = median(nothing.seconds);
    const ratio = (/** @type {Command} */ command) => median(command.seconds) / base;
    const times = (/** @type {number} */ value) => `${value.toFixed(2)} ×`;
    const figures = commands.map((command) => [
      command.name,
      ms(Math.min(...command.seconds)),
      ms(median(command.seconds)),
      ms(Math.max(...command.seconds)),
      times(ratio(command)),
    ]);
    return {
      name: `startup: ${runs} interleaved runs of each`,
      rows: [
        mostRow('unoom --version / node -e 0', ratio(version), 1.6, times),
        mostRow('unoom diagnose of 10 KB / node -e 0', ratio(diagnose), 3, times),
      ],
      details: ['', ...table([['', 'min', 'median', 'max', 'ratio'], ...figures])],
      data: commands.map(({ name, seconds }) => ({ name, seconds })),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
