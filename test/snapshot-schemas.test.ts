// What snapshot reports print is what their published schemas say: of real and of synthetic snapshots, of every
// version that wrote them, and no key of a schema is one that no report has.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { schemas } from '../src/core/index.ts';
import { SCHEMA_VERSIONS } from '../src/core/snapshot/write/schema.ts';
import {
  analyseExactly,
  diffReports,
  examineSnapshot,
  LANGS,
  type ReadOptions,
  readMoment,
  readSnapshot,
  type Snapshot,
  syntheticTraining,
  worstGrowth,
  writeSnapshot,
} from '../src/core/snapshots.ts';
import { drawn, training } from './drawn.ts';

const root = resolve(import.meta.dirname, '..');
const shared = process.env['UNOOM_SHARED'] ?? resolve(root, '../shared');

const ajv = new Ajv2020({ allErrors: true, strict: false });
const ofSnapshot = ajv.compile(schemas['snapshot'] ?? {});
const ofDiff = ajv.compile(schemas['snapshot-diff'] ?? {});

/** As it is after it was printed: what is undefined is not there. */
const printed = (report: unknown): unknown => JSON.parse(JSON.stringify(report));

const faults = (validate: typeof ofSnapshot, report: unknown): string =>
  validate(report) ? '' : ajv.errorsText(validate.errors);

async function read(chunks: Iterable<Uint8Array>, options: ReadOptions = {}): Promise<Snapshot> {
  const { snapshot, problem } = await readSnapshot(chunks, options);
  if (snapshot === undefined) throw new Error(problem.code);
  return snapshot;
}

const examples = readdirSync(join(root, 'examples'))
  .filter((name) => name.endsWith('.drawing'))
  .map((name) => readFileSync(join(root, 'examples', name), 'utf8'));

/** Each shows something that the others do not have. */
const drawings = [
  ...examples,
  training({ steps: 8, each: 'kept += alloc 3MiB' }),
  training({ steps: 8, activation: '64MiB + step * 4MiB' }),
  'settings expandable_segments:True\ndevice 0 4GiB\ndevice 1 8GiB\nx = alloc 1GiB\non device 1:\n  y = alloc 2GiB\noom 9GiB\n',
  'max_entries 6\nfor i in 1..9:\n  x[i] = alloc 2MiB\n',
  'x = alloc 1MiB\nrecord\ny = alloc 1MiB\nfree x\n',
  '# Nothing at all.\nlet x = 1\n',
];

const moment = readMoment('peak');
if (moment === undefined) throw new Error('peak is a moment');

/** A trace that contradicts its state: its first allocation is said to have been elsewhere. */
function damaged(snapshot: Snapshot): Snapshot {
  const [device, ...rest] = snapshot.devices;
  if (device === undefined) throw new Error('nothing to damage');
  const address = device.events.address.slice();
  const first = device.events.action.indexOf(0);
  address[first] = (address[first] as number) + 2 ** 21;
  return { ...snapshot, devices: [{ ...device, events: { ...device.events, address } }, ...rest] };
}

/** Reports of everything that is made here, with what they were made from. */
async function reports(): Promise<{ snapshots: Snapshot[]; reports: unknown[] }> {
  const snapshots = [
    ...drawings.map(drawn),
    syntheticTraining({ events: 3000, leakPerStep: 2 ** 22 }),
  ];
  const rich = snapshots[0] as Snapshot;
  for (const version of SCHEMA_VERSIONS)
    snapshots.push(await read(writeSnapshot(rich, { version })));
  snapshots.push(await read(writeSnapshot(rich, { container: 'json' })));
  snapshots.push(await read(writeSnapshot(rich, { form: 'list' })));
  snapshots.push(await read(writeSnapshot(rich), { events: [20, 90] }));
  snapshots.push(damaged(rich));
  return {
    snapshots,
    reports: snapshots.map((snapshot, i) =>
      printed(
        examineSnapshot(snapshot, {
          source: 'run.pickle',
          lang: LANGS[i % LANGS.length] ?? 'en',
          mostOwners: i % 2 === 0 ? 2 : 50,
          at: moment as NonNullable<typeof moment>,
        }),
      ),
    ),
  };
}

const made = await reports();

/** Every key of an object anywhere in a value. */
function keysIn(value: unknown, into: Set<string> = new Set()): Set<string> {
  if (Array.isArray(value)) for (const item of value) keysIn(item, into);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) keysIn(item, into.add(key));
  }
  return into;
}

/** Every property that a schema declares. */
function declaredIn(schema: unknown, into: Set<string> = new Set()): Set<string> {
  if (Array.isArray(schema)) for (const item of schema) declaredIn(item, into);
  else if (typeof schema === 'object' && schema !== null) {
    for (const [key, item] of Object.entries(schema)) {
      if (key === 'properties') for (const name of Object.keys(item)) into.add(name);
      declaredIn(item, into);
    }
  }
  return into;
}

describe('snapshot reports', () => {
  test('follow their schema', () => {
    expect(
      made.reports.map((report) => faults(ofSnapshot, report)).filter((text) => text !== ''),
    ).toEqual([]);
  });

  test('have every key that the schema declares', () => {
    const there = keysIn(made.reports);
    // A bound of what is unknown; a call where the bytes of the device are known, which no file tells.
    const rare = new Set(['at_most', 'call']);
    const missing = [...declaredIn(schemas['snapshot'])].filter(
      (key) => !there.has(key) && !rare.has(key),
    );
    expect(missing).toEqual([]);
  });

  test('differences follow theirs', () => {
    const analysed = made.snapshots
      .slice(0, drawings.length)
      .map((snapshot) => analyseExactly(snapshot, { source: 'x', mostOwners: 20 }).report);
    const [first] = analysed;
    if (first === undefined) throw new Error('nothing was made');
    for (const other of analysed) {
      const worst = worstGrowth(diffReports(first, other), 'share');
      for (const limit of [undefined, { given: '2%', exceeded: true, worst }]) {
        const diff = { ...diffReports(first, other), ...(limit && { limit }) };
        expect(faults(ofDiff, printed(diff))).toBe('');
      }
    }
  });

  test('a schema refuses what is no report', () => {
    const whole = made.reports[0] as { devices: Record<string, unknown>[] };
    const [device = {}] = whole.devices;
    const changed = (change: Record<string, unknown>): unknown => ({
      ...whole,
      devices: [{ ...device, ...change }],
    });
    expect(faults(ofSnapshot, changed({}))).toBe('');
    expect(ofSnapshot(changed({ extra: 1 }))).toBe(false);
    expect(ofSnapshot(changed({ events: -1 }))).toBe(false);
    expect(ofSnapshot(changed({ peak: {} }))).toBe(false);
    expect(ofSnapshot(changed({ growth: [{ kind: 'odd' }] }))).toBe(false);
    expect(ofSnapshot({ ...whole, lang: 'de' })).toBe(false);
    expect(ofDiff(whole)).toBe(false);
  });
});

const folder = join(shared, 'snapshots');
const files = existsSync(folder)
  ? readdirSync(folder).filter((name) => name.endsWith('.pickle'))
  : [];

test.skipIf(files.length === 0).each(files)(
  'the report of %s follows its schema (skipped where the files are absent)',
  async (name) => {
    const snapshot = await read([readFileSync(join(folder, name))]);
    const report = examineSnapshot(snapshot, { source: name, at: moment });
    expect(faults(ofSnapshot, printed(report))).toBe('');
  },
);
