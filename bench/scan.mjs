// @ts-check
/** How fast five failures near the end of a 1 GiB log are found, against `grep -cE` on the same file. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binOf, median, mib, mostRow, ms, randomFrom, table } from './lib/bench.mjs';
import { FAILURES, logLine } from './lib/texts.mjs';

/** Raise it when the shapes of the log change, so that an old file is not taken for a new one. */
const SHAPE = 1;
const GIB = 2 ** 30;

/** Ten literals that somebody who looks for memory failures would give to grep. */
const LITERALS = [
  'out of memory',
  'OutOfMemoryError',
  'Tried to allocate',
  'would exceed allowed memory',
  'DefaultCPUAllocator',
  'Cannot allocate memory',
  'CUBLAS_STATUS_ALLOC_FAILED',
  'CUDNN_STATUS_ALLOC_FAILED',
  'CUDA_ERROR_OUT_OF_MEMORY',
  'oom-kill',
];

/**
 * The log, made once and kept: the same size and seed give the same bytes.
 * @param {number} size
 * @param {number} seed
 * @param {(line: string) => void} log
 */
function logFile(size, seed, log) {
  const path = join(tmpdir(), `unoom-bench-scan-v${SHAPE}-seed${seed}-${size}.log`);
  if (existsSync(path) && statSync(path).size === size) return path;
  log(`writing ${path} (${mib(size)}), kept for the next time`);
  const random = randomFrom(seed);
  const clock = { step: 0, at: 0 };
  // The five failures begin within the last thousandth, quiet lines between and after them.
  const failuresFrom = size - Math.max(16_384, Math.floor(size / 1000));
  const gap = Math.floor((size - failuresFrom) / (FAILURES.length + 1));
  const part = `${path}.part`;
  const file = openSync(part, 'w');
  let written = 0;
  let next = 0;
  /** @type {string[]} */
  let lines = [];
  let pending = 0;
  const flush = () => {
    written += writeSync(file, lines.join(''));
    lines = [];
    pending = 0;
  };
  const add = (/** @type {string} */ text) => {
    lines.push(text);
    pending += Buffer.byteLength(text);
    if (pending > 2 ** 22) flush();
  };
  for (;;) {
    const at = written + pending;
    const failure = FAILURES[next];
    if (failure && at >= failuresFrom + next * gap) {
      add(`${failure.text}\n`);
      next += 1;
      continue;
    }
    const line = `${logLine(random, clock)}\n`;
    if (at + Buffer.byteLength(line) > size) break;
    add(line);
  }
  const left = size - written - pending;
  if (left > 0) add(`${'.'.repeat(left - 1)}\n`);
  flush();
  closeSync(file);
  if (next < FAILURES.length || written !== size) {
    throw new Error(`the log came out with ${next} failures and ${written} of ${size} bytes`);
  }
  renameSync(part, path);
  return path;
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function timed(command, args) {
  const from = process.hrtime.bigint();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const seconds = Number(process.hrtime.bigint() - from) / 1e9;
  if (error) throw error;
  return { seconds, status, stdout, stderr };
}

/**
 * The greatest resident size of a run, and how it was learnt.
 * @param {readonly string[]} args
 * @returns {Promise<{ bytes: number, by: string } | undefined>}
 */
async function residentSize(args) {
  const clock = spawnSync('/usr/bin/time', ['--version'], { encoding: 'utf8' });
  if (!clock.error && /GNU/.test(clock.stdout + clock.stderr)) {
    const { stderr } = timed('/usr/bin/time', ['-f', 'maxrss %M', process.execPath, ...args]);
    const match = /maxrss (\d+)\s*$/.exec(stderr);
    if (match) return { bytes: Number(match[1]) * 1024, by: '/usr/bin/time' };
  }
  let bytes = 0;
  await watched(args, (pid) => {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    bytes = Math.max(bytes, Number(match?.[1] ?? 0) * 1024);
  });
  return bytes > 0 ? { bytes, by: 'VmHWM sampled' } : undefined;
}

/**
 * How many processes a run started besides its own threads.
 * @param {readonly string[]} args
 * @returns {Promise<{ count: number, by: string } | undefined>}
 */
async function childProcesses(args) {
  const folder = mkdtempSync(join(tmpdir(), 'unoom-bench-'));
  try {
    const record = join(folder, 'strace');
    const calls = 'trace=execve,execveat,clone,clone3,fork,vfork';
    const traced = spawnSync(
      'strace',
      ['-f', '--seccomp-bpf', '-s', '0', '-o', record, '-e', calls, process.execPath, ...args],
      { stdio: 'ignore' },
    );
    if (!traced.error && existsSync(record)) {
      const lines = readFileSync(record, 'utf8').split('\n');
      const started = lines.filter((line) => /\bexecve(?:at)?\(/.test(line)).length;
      const forked = lines.filter(
        (line) =>
          /\bv?fork\(/.test(line) || (/\bclone3?\(/.test(line) && !/CLONE_THREAD/.test(line)),
      ).length;
      // The first execve is the command itself; without it nothing was traced.
      if (started > 0) return { count: Math.max(started - 1, forked), by: 'strace' };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  /** @type {Set<string>} */
  const seen = new Set();
  let samples = 0;
  await watched(args, (pid) => {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const children = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim();
      for (const child of children.split(/\s+/)) if (child) seen.add(child);
    }
    samples += 1;
  });
  return samples > 0 ? { count: seen.size, by: `/proc sampled ${samples} times` } : undefined;
}

/**
 * Runs the command and looks at it every 5 ms while it lives.
 * @param {readonly string[]} args
 * @param {(pid: number) => void} look
 */
function watched(args, look) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    const watch = setInterval(() => {
      try {
        if (child.pid !== undefined) look(child.pid);
      } catch {
        // It ended between two looks, or there is no /proc: the caller sees that nothing was learnt.
      }
    }, 5);
    child.on('error', reject);
    child.on('exit', () => {
      clearInterval(watch);
      resolve(undefined);
    });
  });
}

/**
 * Each failure of the log with the incident that reports it, told by the bytes asked for.
 * @param {any} report
 */
function reported(report) {
  /** @type {any[]} */
  const left = [...(report?.incidents ?? [])];
  return FAILURES.map((failure) => {
    const at = left.findIndex((incident) => {
      const bytes = incident?.figures?.requested_bytes;
      return failure.requested.some(([low, high]) => bytes >= low && bytes <= high);
    });
    return { name: failure.name, incident: at < 0 ? undefined : left.splice(at, 1)[0] };
  });
}

/**
 * @param {import('./lib/bench.mjs').Options} options
 * @returns {Promise<import('./lib/bench.mjs').Result>}
 */
export async function run(options) {
  const bin = binOf(options);
  const size = options.size ?? GIB;
  const runs = options.runs ?? 5;
  const path = logFile(size, options.seed, options.log);
  const ours = [bin, 'diagnose', path, '--format', 'json'];
  const theirs = ['-cE', LITERALS.join('|'), path];

  const diagnose = () => {
    const result = timed(process.execPath, ours);
    if (result.status !== 1) {
      throw new Error(`unoom ended with ${result.status}, not 1: ${result.stderr.slice(0, 2000)}`);
    }
    return result;
  };
  const grep = () => {
    const result = timed('grep', theirs);
    if (result.status !== 0) throw new Error(`grep ended with ${result.status}: ${result.stderr}`);
    return result;
  };
  const report = JSON.parse(diagnose().stdout);
  const hits = grep().stdout.trim();
  /** @type {number[]} */
  const oursSeconds = [];
  /** @type {number[]} */
  const grepSeconds = [];
  for (let i = 0; i < runs; i++) {
    grepSeconds.push(grep().seconds);
    oursSeconds.push(diagnose().seconds);
  }
  const found = reported(report);
  const resident = await residentSize(ours);
  const children = await childProcesses(ours);

  const ratio = median(oursSeconds) / median(grepSeconds);
  const reports = found.filter((one) => one.incident).length;
  const times = (/** @type {number} */ value) => `${value.toFixed(2)} ×`;
  const rate = (/** @type {readonly number[]} */ seconds) =>
    `${(size / median(seconds) / 2 ** 20).toFixed(0)} MiB/s`;
  const spread = (/** @type {readonly number[]} */ seconds) => [
    ms(Math.min(...seconds)),
    ms(median(seconds)),
    ms(Math.max(...seconds)),
    rate(seconds),
  ];
  const version = execFileSync('grep', ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? '';
  const locale = process.env['LC_ALL'] || process.env['LC_CTYPE'] || process.env['LANG'] || 'C';
  return {
    name: `scan: ${mib(size)} log, seed ${options.seed}, ${runs} interleaved runs of each, warm page cache`,
    rows: [
      mostRow('unoom diagnose / grep -cE', ratio, 2.5, times),
      resident
        ? mostRow(
            `greatest resident size (${resident.by})`,
            resident.bytes / 1e6,
            200,
            (mb) => `${mb.toFixed(0)} MB`,
            '<',
          )
        : { measure: 'greatest resident size', value: 'not measured here' },
      {
        measure: 'failures reported',
        value: `${reports} of ${FAILURES.length}`,
        target: `${FAILURES.length}`,
        met: reports === FAILURES.length,
      },
      children
        ? mostRow(`child processes (${children.by})`, children.count, 0, String)
        : { measure: 'child processes', value: 'not measured here' },
      { measure: 'incidents in the report', value: String(report.incidents?.length) },
    ],
    details: [
      '',
      ...table([
        ['', 'min', 'median', 'max', 'rate'],
        ['unoom diagnose --format json', ...spread(oursSeconds)],
        [`${version}, ${locale}, ${hits} lines`, ...spread(grepSeconds)],
      ]),
      '',
      ...table(
        found.map(({ name, incident }) => [
          name,
          incident
            ? `${incident.kind ?? ''} ${incident.format ?? ''} line ${incident.where?.line ?? '?'}`
            : 'not reported',
        ]),
      ),
    ],
    data: { path, oursSeconds, grepSeconds, resident, children },
  };
}
