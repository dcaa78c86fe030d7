// @ts-check
/**
 * Damaged inputs. Whatever the text, there is a report with a verdict, in time, in memory. Then the same of the
 * command with damaged files: a report or a problem, never our bug.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { binOf, libraryOf, mib, mostRow, ms, REPO } from './lib/bench.mjs';
import { Diagnoser } from './lib/diagnoser.mjs';
import { FAILURES, MORE_TEXTS } from './lib/texts.mjs';

// Enough for every truncation of the small seeds and a good many of the rest.
const COUNT = 120_000;
const CLI_COUNT = 200;
const LIMIT_SECONDS = 2;
const CLI_LIMIT_SECONDS = 10;
const MEMORY_BYTES = 512 * 2 ** 20;
const SMALL = 4096;
const LARGEST_SEED = 65_536;
const BATCH = 500;
const SHOWN = 5;
const SHRINK_SECONDS = 20;

/** @typedef {{ name: string, text: string }} Seed */
/** @typedef {{ kind: string, at: number, to: number, size: number, with: number }} Mutation */

/** @param {string} folder */
function filesUnder(folder) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch {
    return [];
  }
}

/** Our own wordings, the examples, and every log that a page of the documentation shows. */
function seeds() {
  /** @type {Seed[]} */
  const found = [...FAILURES.map((one) => one.text), ...MORE_TEXTS].map((text, i) => ({
    name: `texts.mjs#${i}`,
    text,
  }));
  for (const path of filesUnder(join(REPO, 'examples'))) {
    const text = readFileSync(path).subarray(0, LARGEST_SEED).toString('utf8');
    found.push({ name: path.slice(REPO.length + 1), text });
  }
  for (const path of filesUnder(join(REPO, 'docs')).filter((path) => path.endsWith('.md'))) {
    const page = readFileSync(path, 'utf8');
    let n = 0;
    for (const match of page.matchAll(/^```log\b[^\n]*\n([\s\S]*?)^```/gm)) {
      found.push({ name: `${path.slice(REPO.length + 1)}#${n++}`, text: match[1] ?? '' });
    }
  }
  const texts = new Set();
  return found.filter(({ text }) => text !== '' && !texts.has(text) && texts.add(text));
}

/**
 * Every prefix of the small seeds, cut between bytes, so also inside a character.
 * @param {readonly Seed[]} all
 * @param {number} most when there are more, evenly chosen ones
 */
function truncations(all, most) {
  const small = all.map(({ text }) => Buffer.from(text)).filter((bytes) => bytes.length < SMALL);
  const total = small.reduce((sum, bytes) => sum + bytes.length, 0);
  const stride = Math.max(1, total / Math.max(1, most));
  function* texts() {
    let seen = 0;
    let next = 0;
    for (const bytes of small) {
      for (let end = 0; end < bytes.length; end++, seen++) {
        if (seen < next) continue;
        next += stride;
        yield bytes.subarray(0, end).toString('utf8');
      }
    }
  }
  return { texts: texts(), total, stride, small: small.length };
}

const ANSI = [
  '\x1b[0m',
  '\x1b[1;31m',
  '\x1b[38;5;214m',
  '\x1b[2K',
  '\x1b]8;;http://x\x07',
  '\x1b[',
];
const LINES = ['\r', '\r\n', '\n', '\u2028', '\v', '\f', '\x85'];
const OPEN = ['(', '[', '{', '"', '<', '│', '(((', '[{', '\\'];
const SIZES = [
  '17179869184.00 GiB',
  '0 bytes',
  '-1.00 GiB',
  '999999999999999999999999.99 GiB',
  '1e308 GiB',
  '0.00 KiB',
  '1,024.00 MiB',
  'NaN GiB',
  '18446744073709551615 bytes',
  '9007199254740993 bytes',
  '٣.٥ GiB',
];
const PREFIXES = [
  '[rank3]: ',
  'service-1  | ',
  '(EngineCore_DP0 pid=7) ERROR 03-03 19:38:29 [core.py:708] ',
  '> ',
  '\t',
  '2026-01-01T00:00:00Z ',
];

/**
 * `at` and `to` are places (0 to 1), `size` a length, `with` picks one of several.
 * @type {Record<string, (text: string, m: Mutation, others: readonly Seed[]) => string>}
 */
const MUTATIONS = {
  truncate: (text, m) => text.slice(0, place(text, m.at)),
  behead: (text, m) => text.slice(place(text, m.at)),
  flip: (text, m) => {
    const bytes = Buffer.from(text);
    const at = Math.floor(m.at * bytes.length);
    if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << (m.with % 8));
    return bytes.toString('utf8');
  },
  delete: (text, m) => {
    const [from, to] = range(text, m);
    return text.slice(0, from) + text.slice(to);
  },
  duplicate: (text, m) => {
    const [from, to] = range(text, m);
    return text.slice(0, to) + text.slice(from);
  },
  move: (text, m) => {
    const [from, to] = range(text, m);
    return text.slice(to) + text.slice(from, to) + text.slice(0, from);
  },
  splice: (text, m, others) => {
    const other = others[m.with % others.length]?.text ?? '';
    return text.slice(0, place(text, m.at)) + other.slice(place(other, m.to));
  },
  interleave: (text, m, others) => {
    const one = text.split('\n');
    const two = (others[m.with % others.length]?.text ?? '').split('\n');
    return one.flatMap((line, i) => [line, ...(two[i] === undefined ? [] : [two[i]])]).join('\n');
  },
  ansi: (text, m) => insert(text, m.at, pick(ANSI, m.with)),
  'line end': (text, m) => insert(text, m.at, pick(LINES, m.with)),
  'all line ends': (text, m) => text.replaceAll('\n', pick(LINES, m.with)),
  nul: (text, m) => insert(text, m.at, '\0'.repeat(1 + (m.with % 4))),
  surrogate: (text, m) => insert(text, m.at, m.with % 2 ? '\ud83d' : '\udc00'),
  'UTF-16 read as bytes': (text) => Buffer.from(text, 'utf16le').toString('latin1'),
  'bytes read as UTF-16': (text) => Buffer.from(text).toString('utf16le'),
  'byte order mark': (text) => `\ufeff${text}`,
  wrap: (text, m) => text.replace(new RegExp(`.{${20 + (m.with % 100)}}`, 'gu'), '$&\n'),
  indent: (text, m) => text.replace(/^/gm, pick(PREFIXES, m.with)),
  'one line': (text) => text.replaceAll('\n', ' '),
  'one line, escaped': (text) => JSON.stringify(text),
  'long line': (text, m) =>
    insert(text, m.at, pick(['x', ' ', 'ab ', '\t', '.'], m.with).repeat(m.size)),
  repeat: (text, m) => {
    const from = place(text, m.at);
    const piece = text.slice(from, from + 1 + (m.with % 40));
    return insert(text, m.at, piece.repeat(Math.ceil(m.size / Math.max(1, piece.length))));
  },
  'repeat all': (text, m) => `${text}\n`.repeat(2 + (m.with % 20)),
  number: (text, m) => onNumber(text, m, () => String((m.with - 2 ** 30) / (1 + (m.with % 1000)))),
  size: (text, m) =>
    text.replace(/(?<![\d.])\d{1,30}(?:\.\d{1,30})? (?:[KMGT]i?B|bytes)/g, (size, ...rest) =>
      Number(rest.at(-2)) >= m.at * text.length ? pick(SIZES, m.with) : size,
    ),
  digits: (text, m) => onNumber(text, m, () => String(m.with % 10).repeat(m.size)),
  brackets: (text, m) => insert(text, m.at, pick(OPEN, m.with).repeat(m.size)),
  words: (text, m) => text.replaceAll(' ', pick(['', '  ', '\u00a0', '\n', '_'], m.with)),
  case: (text, m) => (m.with % 2 ? text.toUpperCase() : text.toLowerCase()),
};

/**
 * @param {string} text
 * @param {number} at
 */
function place(text, at) {
  return Math.floor(at * (text.length + 1));
}

/**
 * @param {string} text
 * @param {Mutation} m
 * @returns {[number, number]}
 */
function range(text, m) {
  const [from, to] = [place(text, m.at), place(text, m.to)];
  return from < to ? [from, to] : [to, from];
}

/**
 * @param {readonly string[]} from
 * @param {number} which
 */
function pick(from, which) {
  return from[which % from.length] ?? '';
}

/**
 * @param {string} text
 * @param {number} at
 * @param {string} what
 */
function insert(text, at, what) {
  const where = place(text, at);
  return text.slice(0, where) + what + text.slice(where);
}

/**
 * Replaces one number of the text.
 * @param {string} text
 * @param {Mutation} m
 * @param {() => string} make
 */
function onNumber(text, m, make) {
  const numbers = [...text.matchAll(/\d+(?:\.\d+)?/g)];
  const one = numbers[Math.floor(m.at * numbers.length)];
  if (!one) return text + make();
  return text.slice(0, one.index) + make() + text.slice(one.index + one[0].length);
}

const fraction = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
/** Mostly short, seldom long: the exponent is even, not the length. */
const length = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.double({ min: 0, max: 12, noNaN: true }).map((e) => Math.floor(2 ** e)),
  },
  { weight: 4, arbitrary: fc.integer({ min: 4096, max: 131_072 }) },
  { weight: 1, arbitrary: fc.constant(2 ** 20) },
);
const mutation = fc.record({
  kind: fc.constantFrom(...Object.keys(MUTATIONS)),
  at: fraction,
  to: fraction,
  size: length,
  with: fc.nat(0x7fffffff),
});

/** @param {number} seedCount */
function recipe(seedCount) {
  return fc.record({
    seed: fc.nat(seedCount - 1),
    mutations: fc.array(mutation, { minLength: 1, maxLength: 4 }),
  });
}

const LARGEST = 2 ** 22;

/**
 * @param {{ seed: number, mutations: Mutation[] }} made
 * @param {readonly Seed[]} all
 */
function apply(made, all) {
  let text = all[made.seed]?.text ?? '';
  for (const m of made.mutations) {
    text = (MUTATIONS[m.kind]?.(text, m, all) ?? text).slice(0, LARGEST);
  }
  return text;
}

/**
 * @param {readonly Seed[]} all
 * @param {number} count
 * @param {number} seed
 */
function* mutants(all, count, seed) {
  const arbitrary = recipe(all.length);
  for (let made = 0, round = 0; made < count; round++) {
    const numRuns = Math.min(1000, count - made);
    for (const one of fc.sample(arbitrary, { seed: seed * 1_000_003 + round, numRuns })) {
      yield { text: apply(one, all), how: describe(one, all) };
    }
    made += numRuns;
  }
}

/**
 * @param {{ seed: number, mutations: Mutation[] }} made
 * @param {readonly Seed[]} all
 */
function describe(made, all) {
  return `${all[made.seed]?.name}: ${made.mutations.map((m) => m.kind).join(', ')}`;
}

/**
 * What two failures of the same origin share: late and hanging are one kind, a throw is told by its place.
 * @param {string} fault
 */
function kindOf(fault) {
  if (/^(?:takes|hangs)/.test(fault)) return 'late';
  const [message = '', ...stack] = fault.split('\n');
  const place = stack.find((line) => line.startsWith('    at '));
  return `${message.replace(/[-\d.]+/g, '#').slice(0, 60)}${place ?? ''}`;
}

/**
 * Makes a failing text smaller while it still fails in the same way, within a time limit.
 * @param {string} text
 * @param {string} fault
 * @param {Diagnoser} diagnoser
 */
async function shrink(text, fault, diagnoser) {
  const kind = kindOf(fault);
  const end = performance.now() + SHRINK_SECONDS * 1000;
  let best = text;
  let step = Math.ceil(best.length / 2);
  while (step >= 1 && performance.now() < end) {
    let smaller = false;
    for (let at = 0; at < best.length && performance.now() < end; ) {
      const tried = best.slice(0, at) + best.slice(at + step);
      const [answer] = await diagnoser.ask([tried], { brief: true });
      if (answer?.fault !== undefined && kindOf(answer.fault) === kind) {
        best = tried;
        smaller = true;
      } else at += step;
    }
    if (step === 1 && !smaller) break;
    if (!smaller || step > best.length) step = step === 1 ? 1 : Math.ceil(step / 2);
  }
  return best;
}

/** @param {string} text UTF-16 units, so that a lone surrogate survives */
function reproducer(text) {
  const wellFormed = Buffer.from(text).toString('utf8') === text;
  const bytes = Buffer.from(text, wellFormed ? 'utf8' : 'utf16le').toString('base64');
  const shown =
    bytes.length > 4000 ? `${bytes.slice(0, 4000)}… (${bytes.length} characters)` : bytes;
  return `base64 of ${wellFormed ? 'UTF-8' : 'UTF-16LE'}: ${shown}`;
}

/**
 * Damage that only bytes can have.
 * @type {Record<string, (bytes: Buffer, m: Mutation) => Buffer>}
 */
const BYTES = {
  'as is': (bytes) => bytes,
  'UTF-16LE with mark': (bytes) => Buffer.from(`\ufeff${bytes}`, 'utf16le'),
  'UTF-16BE with mark': (bytes) => Buffer.from(`\ufeff${bytes}`, 'utf16le').swap16(),
  'UTF-16LE, odd length': (bytes) =>
    Buffer.concat([Buffer.from(`\ufeff${bytes}`, 'utf16le'), Buffer.from([0x41])]),
  gzip: (bytes) => gzipSync(bytes),
  'gzip, cut': (bytes, m) => {
    const zipped = gzipSync(bytes);
    return zipped.subarray(0, 2 + Math.floor(m.at * (zipped.length - 2)));
  },
  'gzip, flipped': (bytes, m) => {
    const zipped = gzipSync(bytes);
    const at = 3 + Math.floor(m.at * (zipped.length - 3));
    zipped[at] = (zipped[at] ?? 0) ^ 0x55;
    return zipped;
  },
  'not UTF-8': (bytes, m) => {
    const at = Math.floor(m.at * bytes.length);
    return Buffer.concat([
      bytes.subarray(0, at),
      Buffer.from([0xff, 0xc3, 0x80]),
      bytes.subarray(at),
    ]);
  },
  empty: () => Buffer.alloc(0),
};

/**
 * @param {import('./lib/bench.mjs').Options} options
 * @param {readonly Seed[]} all
 * @param {number} count
 */
function throughTheCommand(options, all, count) {
  const bin = binOf(options);
  const folder = mkdtempSync(join(tmpdir(), 'unoom-bench-'));
  /** @type {string[]} */
  const failures = [];
  let slowest = 0;
  const kinds = Object.keys(BYTES);
  const made = fc.sample(fc.tuple(recipe(all.length), mutation), {
    seed: options.seed,
    numRuns: Math.max(1, count),
  });
  try {
    made.slice(0, count).forEach(([one, m], i) => {
      const kind = kinds[i % kinds.length] ?? 'as is';
      const bytes = (BYTES[kind] ?? ((same) => same))(Buffer.from(apply(one, all)), m);
      const file = join(folder, `input-${i}.log`);
      writeFileSync(file, bytes);
      const from = performance.now();
      const { status, signal, stdout, stderr } = spawnSync(
        process.execPath,
        [bin, 'diagnose', file, '--format', 'json'],
        { encoding: 'utf8', timeout: CLI_LIMIT_SECONDS * 1000, maxBuffer: 2 ** 28 },
      );
      slowest = Math.max(slowest, (performance.now() - from) / 1000);
      rmSync(file);
      const fault = faultOfRun(status, signal, stdout, stderr);
      if (fault) {
        failures.push(`${fault}`, `  ${kind} of ${describe(one, all)}`);
        const shown = bytes.length > 3000 ? bytes.subarray(0, 3000) : bytes;
        failures.push(
          `  base64 of the file${shown === bytes ? '' : ' (its start)'}: ${shown.toString('base64')}`,
        );
      }
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { failed: failures.length / 3, failures, slowest };
}

/**
 * @param {number | null} status
 * @param {string | null} signal
 * @param {string} stdout
 * @param {string} stderr
 */
function faultOfRun(status, signal, stdout, stderr) {
  if (signal) return `ended by ${signal}`;
  if (status === 2) return stderr || stdout ? undefined : 'exit 2 without a word';
  if (status !== 0 && status !== 1) return `exit ${status}: ${stderr.split('\n')[0]}`;
  try {
    const { verdict, findings } = JSON.parse(stdout);
    const found = verdict === 'gpu_oom' || verdict === 'host_oom' || findings.length > 0;
    return found === (status === 1) ? undefined : `exit ${status} with verdict ${verdict}`;
  } catch (error) {
    return `no JSON: ${error}`;
  }
}

/**
 * @param {import('./lib/bench.mjs').Options} options
 * @returns {Promise<import('./lib/bench.mjs').Result>}
 */
export async function run(options) {
  const count = options.count ?? COUNT;
  const all = seeds();
  const cuts = truncations(all, Math.floor(count * 0.8));
  const diagnoser = new Diagnoser(libraryOf(options), {
    limitSeconds: LIMIT_SECONDS,
    heapMb: MEMORY_BYTES / 2 ** 20,
  });

  /** @type {{ text: string, how: string, fault: string }[]} */
  const failures = [];
  let failed = 0;
  let done = 0;
  let cut = 0;
  let slowest = { seconds: 0, how: '', text: '' };
  let resident = 0;
  let firstHeap = 0;
  let lastHeap = 0;
  /** @type {Map<string, number>} */
  const verdicts = new Map();
  /** @type {Map<string, number>} */
  const kinds = new Map();

  function* inputs() {
    for (const text of cuts.texts) {
      if (cut >= count) return;
      cut += 1;
      yield { text, how: 'truncated' };
    }
    yield* mutants(all, count - cut, options.seed);
  }
  /** @param {{ text: string, how: string }[]} batch */
  const send = async (batch) => {
    const answers = await diagnoser.ask(
      batch.map((one) => one.text),
      { brief: true },
    );
    answers.forEach((answer, i) => {
      const one = batch[i];
      if (!one) return;
      done += 1;
      if (answer.seconds > slowest.seconds) slowest = { seconds: answer.seconds, ...one };
      if (answer.verdict) verdicts.set(answer.verdict, (verdicts.get(answer.verdict) ?? 0) + 1);
      if (answer.heap) {
        firstHeap ||= answer.heap;
        lastHeap = answer.heap;
      }
      if (answer.fault) {
        failed += 1;
        const kind = kindOf(answer.fault);
        const seen = kinds.get(kind) ?? 0;
        kinds.set(kind, seen + 1);
        if (seen === 0 && failures.length < SHOWN) failures.push({ ...one, fault: answer.fault });
      }
    });
    resident = Math.max(resident, process.memoryUsage.rss());
    if (done % 10_000 < batch.length) options.log(`fuzz: ${done} of ${count}, ${failed} failed`);
  };
  const from = performance.now();
  /** @type {{ text: string, how: string }[]} */
  let batch = [];
  let weight = 0;
  for (const input of inputs()) {
    batch.push(input);
    weight += input.text.length;
    if (batch.length === BATCH || weight > LARGEST) {
      await send(batch);
      batch = [];
      weight = 0;
    }
  }
  if (batch.length > 0) await send(batch);
  const seconds = (performance.now() - from) / 1000;

  /** @type {string[]} */
  const details = [];
  for (const { text, how, fault } of failures) {
    const small = await shrink(text, fault, diagnoser);
    const times = `${kinds.get(kindOf(fault))} of this kind`;
    details.push('', fault.split('\n').slice(0, 4).join(' | '));
    details.push(`  ${times}; the first: ${how}; seed ${options.seed}`);
    details.push(`  ${reproducer(small)}`);
  }
  if (kinds.size > failures.length) {
    details.push('', `… and ${kinds.size - failures.length} more kinds`);
  }
  await diagnoser.close();

  const cliCount = options.cliCount ?? CLI_COUNT;
  const cli = throughTheCommand(options, all, cliCount);
  details.push(...(cli.failures.length ? ['', ...cli.failures.slice(0, 3 * SHOWN)] : []));

  const spread = [...verdicts].map(([verdict, n]) => `${verdict} ${n}`).join(', ');
  return {
    name: `fuzz: ${all.length} seed texts, seed ${options.seed}`,
    rows: [
      mostRow(`failures in ${done} texts`, failed, 0, String),
      mostRow('slowest text', slowest.seconds, LIMIT_SECONDS, ms),
      mostRow('greatest resident size, bench included', resident, MEMORY_BYTES, mib),
      mostRow(`failures in ${cliCount} files through the command`, cli.failed, 0, String),
      mostRow('slowest file', cli.slowest, CLI_LIMIT_SECONDS, ms),
      {
        measure: 'truncations',
        value: `${cut} of ${cuts.total} places in ${cuts.small} small seeds${cuts.stride > 1 ? ' (evenly chosen: too few inputs for all)' : ''}`,
      },
      { measure: 'verdicts', value: spread },
      {
        measure: 'slowest text was',
        value: `${slowest.how} (${(slowest.text.length / 1000).toFixed(0)} thousand characters)`,
      },
      { measure: 'heap, first and last', value: `${mib(firstHeap)}, ${mib(lastHeap)}` },
      { measure: 'time', value: `${ms(seconds)}, ${(done / seconds).toFixed(0)} texts a second` },
    ],
    details,
    data: {
      failed,
      done,
      seconds,
      slowest: { seconds: slowest.seconds, how: slowest.how },
      resident,
      verdicts: Object.fromEntries(verdicts),
    },
  };
}
