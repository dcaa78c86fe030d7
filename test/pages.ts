// The Markdown pages of units are tests: each ```log block is diagnosed, and the ```expect block
// after it says what must come out. A ```drawing block is made into a memory snapshot, which is diagnosed
// beside the log, or alone.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnosis, diagnose, type Incident, type Lang } from '../src/core/index.ts';
import { recordSnapshot, writeSnapshot } from '../src/core/snapshots.ts';
import { drawn } from './drawn.ts';

export interface Example {
  /** Empty where there is only a drawing. */
  readonly log: string;
  /** A drawing of allocations (docs/snapshot-drawings.md). */
  readonly drawing?: string;
  readonly expect: readonly Expectation[];
  /** Line of the log block in the page. */
  readonly line: number;
}

export interface Expectation {
  readonly key: string;
  readonly value: string;
}

export interface Page {
  readonly kind: string;
  readonly id: string;
  readonly path: string;
  readonly examples: readonly Example[];
}

export const KINDS: readonly string[] = [
  'readers',
  'statuses',
  'findings',
  'causes',
  'remedies',
  'no-remedies',
  'terms',
  'dialects',
];

export function readPages(root: string): Page[] {
  return KINDS.flatMap((kind) => {
    const folder = join(root, 'docs', kind);
    return readdirSync(folder)
      .filter((name) => name.endsWith('.md') && name !== 'README.md')
      .map((name) => {
        const path = join(folder, name);
        return {
          kind,
          id: name.slice(0, -3),
          path,
          examples: examplesOf(readFileSync(path, 'utf8')),
        };
      });
  });
}

/** @throws on a log block without an expect block, and on an expect block without a log block. */
export function examplesOf(markdown: string): Example[] {
  const examples: Example[] = [];
  let log: { text: string; line: number } | undefined;
  let drawing: { text: string; line: number } | undefined;
  let block: { kind: string; fence: string; lines: string[]; line: number } | undefined;
  markdown.split('\n').forEach((line, index) => {
    const fence = /^(`{3,})(\w*)\s*$/.exec(line);
    if (block === undefined) {
      if (fence !== null)
        block = { kind: fence[2] ?? '', fence: fence[1] ?? '', lines: [], line: index + 1 };
      return;
    }
    if (fence === null || fence[1] !== block.fence || fence[2] !== '') {
      block.lines.push(line);
      return;
    }
    const text = block.lines.join('\n');
    if (block.kind === 'log') {
      if (log !== undefined)
        throw new Error(`line ${log.line}: a log block without an expect block`);
      log = { text, line: block.line };
    } else if (block.kind === 'drawing') {
      drawing = { text, line: block.line };
    } else if (block.kind === 'expect') {
      const first = log ?? drawing;
      if (first === undefined)
        throw new Error(`line ${block.line}: an expect block without a log block`);
      examples.push({
        log: log === undefined ? '' : unescapeControls(log.text),
        ...(drawing !== undefined && { drawing: drawing.text }),
        line: first.line,
        expect: expectationsOf(text),
      });
      log = undefined;
      drawing = undefined;
    }
    block = undefined;
  });
  const left = log ?? drawing;
  if (left !== undefined) throw new Error(`line ${left.line}: a log block without an expect block`);
  return examples;
}

/** Diagnoses an example as the command does: the log first, then the snapshot. */
export function diagnoseExample(
  { log, drawing }: Pick<Example, 'log' | 'drawing'>,
  lang: Lang = 'en',
): Promise<Diagnosis> {
  const sources = [
    ...(log === '' ? [] : [{ name: 'example.log', bytes: [new TextEncoder().encode(log)] }]),
    ...(drawing === undefined ? [] : [{ name: 'example.pickle', bytes: snapshotOf(drawing) }]),
  ];
  return diagnose(sources, {
    lang,
    snapshots: (source, options) => recordSnapshot(source, options),
  });
}

/** The snapshot of a drawing as a file; a mistake in the drawing fails the test. */
const snapshotOf = (text: string): Iterable<Uint8Array> => writeSnapshot(drawn(text));

/** Control characters are written as \x1b and \r in pages, so that pages stay text. */
const unescapeControls = (text: string): string =>
  text
    .replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll('\\r', '\r');

function expectationsOf(text: string): Expectation[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const match = /^([\w-]+): *(.*)$/.exec(line);
      if (match === null) throw new Error(`no expectation: "${line}"`);
      return { key: match[1] ?? '', value: (match[2] ?? '').trim() };
    });
}

const UNITS: Readonly<Record<string, number>> = {
  bytes: 1,
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** "3.81 GiB" in bytes; a plain number is bytes. */
function sizeOf(text: string): number {
  const [digits, unit = 'bytes'] = text.split(' ');
  const factor = UNITS[unit];
  if (factor === undefined) throw new Error(`no unit: ${text}`);
  return Math.round(Number(digits) * factor);
}

type Check = (
  value: string,
  diagnosis: Diagnosis,
  main: Incident | undefined,
) => string | undefined;

const equal = (what: string, got: unknown, want: string): string | undefined =>
  String(got) === want ? undefined : `${what}: expected ${want}, got ${String(got)}`;

const has = (what: string, got: readonly string[], want: string): string | undefined =>
  got.includes(want) ? undefined : `${what}: expected ${want} among [${got.join(', ')}]`;

const hasNot = (what: string, got: readonly string[], want: string): string | undefined =>
  got.includes(want) ? `${what}: ${want} must not be among [${got.join(', ')}]` : undefined;

/** What an expect block can say. */
const CHECKS: Readonly<Record<string, Check>> = {
  verdict: (value, d) => equal('verdict', d.verdict, value),
  incidents: (value, d) => equal('incidents', d.incidents.length, value),
  formats: (value, d) => equal('formats', d.incidents.map((i) => i.format).join(', '), value),
  format: (value, _, main) => equal('format', main?.format, value),
  wording: (value, _, main) => equal('wording', main?.wording, value),
  versions: (value, _, main) =>
    equal('versions', `${main?.versions?.from ?? ''}-${main?.versions?.to ?? ''}`, value),
  backend: (value, _, main) => equal('backend', main?.backend, value),
  exception: (value, _, main) => equal('exception', main?.exception, value),
  device: (value, _, main) => equal('device', main?.device ?? 'none', value),
  rank: (value, _, main) => equal('rank', main?.where.rank ?? 'none', value),
  line: (value, _, main) => equal('line', main?.where.line, value),
  repeats: (value, _, main) => equal('repeats', main?.repeats, value),
  phase: (value, _, main) => equal('phase', main?.phase.value, value),
  turn: (value, _, main) => equal('turn', main?.phase.turn ?? 'none', value),
  'own-frame': (value, _, main) =>
    equal('own frame', `${main?.own_frame?.file ?? ''}:${main?.own_frame?.line ?? ''}`, value),
  figure: (value, _, main) => {
    const [key = '', size = ''] = value.split(/\s*=\s*/);
    const got = Object.entries(main?.figures ?? {}).find(([name]) => name === key)?.[1];
    if (size === 'raw')
      return typeof got === 'object' ? undefined : `${key}: expected a raw figure`;
    return equal(key, JSON.stringify(got), String(sizeOf(size)));
  },
  count: (value, _, main) => {
    const [key = '', count = ''] = value.split(/\s*=\s*/);
    const got = Object.entries(main?.figures ?? {}).find(([name]) => name === key)?.[1];
    return equal(key, JSON.stringify(got), count);
  },
  // buffer: CUDA0 model = 512 MiB
  buffer: (value, _, main) => {
    const [key = '', size = ''] = value.split(/\s*=\s*/);
    const got = main?.figures.buffers?.find(({ name, role }) => `${name} ${role}` === key);
    return equal(`buffer ${key}`, got?.bytes, String(sizeOf(size)));
  },
  shape: (value, _, main) => equal('shape', main?.figures.tensor?.shape.join(','), value),
  framework: (value, _, main) => equal('framework', main?.framework, value),
  'no-figure': (value, _, main) => hasNot('figures', Object.keys(main?.figures ?? {}), value),
  process: (value, _, main) => {
    const [pid = '', size = ''] = value.split(/\s*=\s*/);
    const got = main?.figures.other_processes?.find((process) => process.pid === Number(pid));
    return equal(`process ${pid}`, got?.bytes, String(sizeOf(size)));
  },
  cause: (value, diagnosis, main) => {
    const first = (main ?? diagnosis).causes[0];
    return equal(
      'first cause',
      first === undefined ? 'none' : `${first.id} ${first.strength}`,
      value,
    );
  },
  'also-cause': (value, diagnosis, main) =>
    has(
      'causes',
      (main ?? diagnosis).causes.map(({ id, strength }) => `${id} ${strength}`),
      value,
    ),
  'not-cause': (value, _, main) =>
    hasNot(
      'causes',
      (main?.causes ?? []).map(({ id }) => id),
      value,
    ),
  step: (value, _, main) =>
    has(
      'steps',
      (main?.steps ?? []).map(({ remedy }) => remedy),
      value,
    ),
  'not-step': (value, _, main) =>
    hasNot(
      'steps',
      (main?.steps ?? []).map(({ remedy }) => remedy),
      value,
    ),
  // change: shorter-context = --max-model-len N (one of the lines of a step's change begins like this)
  change: (value, _, main) => {
    const [, remedy = '', want = ''] = /^([\w-]+) = (.+)$/.exec(value) ?? [];
    const got = (main?.steps ?? []).find((step) => step.remedy === remedy)?.change ?? [];
    return got.some((line) => line.startsWith(want))
      ? undefined
      : `change of ${remedy}: expected ${want} among [${got.join(', ')}]`;
  },
  'not-enough': (value, _, main) =>
    has(
      'steps that are not enough',
      (main?.steps ?? []).filter((s) => s.serves_request === 'no').map(({ remedy }) => remedy),
      value,
    ),
  'dead-end': (value, _, main) =>
    has(
      'dead ends',
      (main?.dead_ends ?? []).map(({ remedy }) => remedy),
      value,
    ),
  'not-dead-end': (value, _, main) =>
    hasNot(
      'dead ends',
      (main?.dead_ends ?? []).map(({ remedy }) => remedy),
      value,
    ),
  'ask-for': (value, _, main) =>
    (main?.ask_for ?? []).some(({ command }) => command.includes(value))
      ? undefined
      : `no request for ${value}`,
  note: (value, d, main) =>
    has(
      'notes',
      [...(main?.notes ?? []), ...d.notes].map(({ code }) => code),
      value,
    ),
  'not-note': (value, d, main) =>
    hasNot(
      'notes',
      [...(main?.notes ?? []), ...d.notes].map(({ code }) => code),
      value,
    ),
  problem: (value, d) =>
    has(
      'problems',
      d.problems.map(({ code }) => code),
      value,
    ),
  // The status formats that were seen, each once.
  seen: (value, d) =>
    has(
      'seen',
      d.observations.map(({ format }) => format),
      value,
    ),
  'not-seen': (value, d) =>
    hasNot(
      'seen',
      d.observations.map(({ format }) => format),
      value,
    ),
  moments: (value, d) => equal('moments', d.observations.length, value),
  gpus: (value, d) => equal('gpus', d.observations.flatMap(({ devices }) => devices).length, value),
  // gpu: 0 used = 512 MiB · gpu: 0/7/0 total = 9984 MiB (index/gpu instance/compute instance) · gpu: 0 name = Tesla T4
  gpu: (value, d) => {
    const [, which = '', key = '', want = ''] = /^(\S+) (\w+) = (.+)$/.exec(value) ?? [];
    const [index, gi, ci] = which.split('/');
    const device = d.observations
      .flatMap(({ devices }) => devices)
      .find(
        (one) =>
          String(one.index) === index &&
          (gi === undefined ? one.mig === undefined : String(one.mig?.gpu_instance) === gi) &&
          (ci === undefined || String(one.mig?.compute_instance) === ci),
      );
    const fields = new Map<string, unknown>(Object.entries(device ?? {}));
    const modes = new Map<string, unknown>(Object.entries(device?.modes ?? {}));
    const got = fields.get(`${key}_bytes`) ?? fields.get(key) ?? modes.get(key);
    if (want === 'unknown')
      return typeof got === 'object' ? undefined : `${value}: got ${JSON.stringify(got)}`;
    return equal(value, got, fields.has(`${key}_bytes`) ? String(sizeOf(want)) : want);
  },
  // on: 0 4711 = 2 GiB: process 4711 on GPU 0
  on: (value, d) => {
    const [, index = '', pid = '', want = ''] = /^(\S+) (\S+) = (.+)$/.exec(value) ?? [];
    const found = d.observations
      .flatMap(({ devices }) => devices)
      .filter((device) => String(device.index ?? '?') === index)
      .flatMap(({ processes }) => processes)
      .find((one) => String(one.pid ?? '?') === pid);
    if (want === 'unknown')
      return typeof found?.bytes === 'object' ? undefined : `${value}: ${JSON.stringify(found)}`;
    return equal(value, found?.bytes, String(sizeOf(want)));
  },
  processes: (value, d) =>
    equal(
      'processes',
      d.observations.flatMap(({ devices }) => devices).flatMap(({ processes }) => processes).length,
      value,
    ),
  // shows: allocated_bytes = 2 GiB, in any of the observations
  shows: (value, d) => {
    const [key = '', want = ''] = value.split(/\s*=\s*/);
    const got = d.observations.flatMap(({ figures }) =>
      Object.entries(figures).flatMap(([name, figure]) =>
        name === key && typeof figure === 'number' ? [figure] : [],
      ),
    );
    return has(
      key,
      got.map(String),
      key.endsWith('_bytes') ? String(sizeOf(want)) : String(Number(want)),
    );
  },
  // shows-buffer: CUDA0 model = 512 MiB
  'shows-buffer': (value, d) => {
    const [key = '', want = ''] = value.split(/\s*=\s*/);
    const got = d.observations
      .flatMap(({ figures }) => figures.buffers ?? [])
      .filter(({ name, role }) => `${name} ${role}` === key)
      .map(({ bytes }) => String(bytes));
    return has(key, got, String(sizeOf(want)));
  },
  label: (value, d) =>
    has(
      'labels',
      d.observations.flatMap(({ label }) => label ?? []),
      value,
    ),
  // event: exit rank=3 exit_code=-9
  event: (value, d) => {
    const [kind, ...pairs] = value.split(/ (?=\w+=)/);
    const events = d.observations.flatMap((one) => one.events);
    const isLike = (event: object): boolean =>
      [`kind=${kind}`, ...pairs].every((pair) => {
        const [key = '', want] = pair.split('=');
        return String(new Map<string, unknown>(Object.entries(event)).get(key)) === want;
      });
    return events.some(isLike) ? undefined : `no event ${value} in ${JSON.stringify(events)}`;
  },
  'no-event': (value, d) =>
    hasNot(
      'events',
      d.observations.flatMap((one) => one.events).map(({ kind }) => kind),
      value,
    ),
  finding: (value, d) =>
    has(
      'findings',
      d.findings.map(({ id, strength }) => `${id} ${strength}`),
      value,
    ),
  'not-finding': (value, d) =>
    hasNot(
      'findings',
      d.findings.map(({ id }) => id),
      value,
    ),
  relation: (value, d) =>
    has(
      'relations',
      d.observations.map((one) => one.relation.value),
      value,
    ),
  headline: (value, d) =>
    d.headline.includes(value) ? undefined : `headline: expected "${value}" in "${d.headline}"`,
};

/** What of an example does not come true. */
export function failuresOf(example: Example, diagnosis: Diagnosis): string[] {
  const main = diagnosis.incidents.find(({ kind }) => kind === diagnosis.verdict);
  return example.expect.flatMap(({ key, value }) => {
    const check = CHECKS[key];
    if (check === undefined) return [`no such expectation: ${key}`];
    return check(value, diagnosis, main) ?? [];
  });
}

/** Whether a page tests its own unit: an expectation must name it. */
export function testsItself(page: Page): boolean {
  const keys: Readonly<Record<string, readonly string[]>> = {
    readers: ['format', 'formats'],
    statuses: ['seen'],
    findings: ['finding'],
    causes: ['cause', 'also-cause', 'not-cause'],
    remedies: ['step', 'dead-end', 'not-step', 'not-dead-end', 'not-enough'],
    terms: [],
  };
  const wanted = keys[page.kind] ?? [];
  if (wanted.length === 0) return true;
  return page.examples.some(({ expect }) =>
    expect.some(({ key, value }) => wanted.includes(key) && value.split(/[ ,]+/).includes(page.id)),
  );
}
