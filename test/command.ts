// The command as a user runs it. In the deep ring it is a process of dist/, as a user has it; in the everyday
// ring most runs are calls of the same `main` in this process, which need not start Node and read the core anew.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { main } from '../src/cli/main.ts';
import { isDeep } from './ring.ts';

export const BIN = resolve(import.meta.dirname, '../dist/bin.js');

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** PATH and LANG=C, and what a test adds: nothing of the surroundings decides how a test ends. */
const environment = (env: Readonly<Record<string, string>>): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  LANG: 'C',
  ...env,
});

/** Always a process of its own: for what only a process shows, a pipe or an exit code. */
export function unoomProcess(
  args: readonly string[],
  input: string | Uint8Array = '',
  env: Readonly<Record<string, string>> = {},
  cwd = process.cwd(),
): Run {
  const run: SpawnSyncReturns<string> = spawnSync(process.execPath, [BIN, ...args], {
    input,
    encoding: 'utf8',
    env: environment(env),
    cwd,
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

/** What `args` print and how they end. Runs of one file must not overlap. */
export const unoom: (...run: Parameters<typeof unoomProcess>) => Promise<Run> = isDeep
  ? async (...run) => unoomProcess(...run)
  : called;

async function called(
  args: readonly string[],
  input: string | Uint8Array = '',
  env: Readonly<Record<string, string>> = {},
  cwd = process.cwd(),
): Promise<Run> {
  const printed: Record<'out' | 'err', Buffer[]> = { out: [], err: [] };
  const taking =
    (to: 'out' | 'err') =>
    (chunk: string | Uint8Array): boolean => {
      printed[to].push(Buffer.from(chunk as Uint8Array));
      return true;
    };
  const before = {
    env: process.env,
    cwd: process.cwd(),
    stdin: Object.getOwnPropertyDescriptor(process, 'stdin') ?? {},
    out: process.stdout.write,
    err: process.stderr.write,
    writeSync: fs.writeSync,
  };
  const { writeSync } = fs;
  // Reports are written to the descriptor itself (src/cli/terminal.ts).
  const capturing = (file: number, bytes: Uint8Array, from = 0, ...rest: number[]): number => {
    if (file !== 1) return writeSync(file, bytes, from, ...rest);
    printed.out.push(Buffer.from(bytes.subarray(from)));
    return bytes.length - from;
  };
  process.env = environment(env);
  process.chdir(cwd);
  const stdin = Readable.from(input.length === 0 ? [] : [Buffer.from(input as Uint8Array)]);
  Object.defineProperty(process, 'stdin', { value: stdin, configurable: true });
  process.stdout.write = taking('out');
  process.stderr.write = taking('err');
  fs.writeSync = capturing as typeof fs.writeSync;
  syncBuiltinESMExports();
  try {
    const code = await main(args, 'test');
    const [out, err] = [printed.out, printed.err].map((parts) => Buffer.concat(parts).toString());
    return { code, out: out ?? '', err: err ?? '' };
  } finally {
    process.env = before.env;
    process.chdir(before.cwd);
    Object.defineProperty(process, 'stdin', before.stdin);
    process.stdout.write = before.out;
    process.stderr.write = before.err;
    fs.writeSync = before.writeSync;
    syncBuiltinESMExports();
  }
}
