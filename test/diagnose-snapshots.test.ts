// Memory snapshots beside other evidence: what is of one moment becomes one ledger, what is not stands
// side by side, and what cannot be read spoils nothing.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import {
  type Diagnosis,
  diagnose,
  type Incident,
  LANGS,
  type Lang,
  renderMarkdown,
  renderText,
  schemas,
} from '../src/core/index.ts';
import { recordSnapshot, writeSnapshot } from '../src/core/snapshots.ts';
import { drawn } from './drawn.ts';
import { ERAS, GiB, MiB, type Truth } from './make/messages.ts';
import { sampled } from './ring.ts';

const root = resolve(import.meta.dirname, '..');
const validate = new Ajv2020({ strict: false }).compile(schemas['diagnosis'] ?? {});

type Content = string | Iterable<Uint8Array>;

/** Diagnoses files as the command does; every report has to follow its schema and to render. */
async function diagnosisOf(files: Readonly<Record<string, Content>>, lang: Lang = 'en') {
  const sources = Object.entries(files).map(([name, content]) => ({
    name,
    bytes: typeof content === 'string' ? [new TextEncoder().encode(content)] : content,
  }));
  const found = await diagnose(sources, {
    lang,
    snapshots: (source, options) => recordSnapshot(source, options),
  });
  validate(JSON.parse(JSON.stringify(found)));
  expect(validate.errors ?? []).toEqual([]);
  for (const text of [renderText(found), renderText(found, { why: true }), renderMarkdown(found)]) {
    expect(text).not.toContain('undefined');
  }
  return found;
}

const snapshotOf = (text: string, options = {}): Uint8Array[] => [
  ...writeSnapshot(drawn(text), options),
];

/** Blocks that stay pin the segments in which large ones have been. */
const PIECES = `device 0 16GiB
for request in 1..24:
  at serve.py:31 in prefill
  temp 480MiB
  at serve.py:44 in decode
  x[request] = alloc 472MiB
  at serve.py:64 in remember
  cache += alloc 8MiB
at serve.py:70 in finish
free x
at serve.py:71 in generate
oom 6GiB`;

/** What PyTorch knew when that drawing failed. */
const TRUTH: Truth = {
  device: 0,
  requested: 6 * GiB,
  total: 16.5 * GiB,
  free: 16 * GiB - 24 * 480 * MiB,
  allocated: 24 * 8 * MiB,
  idle: 24 * 472 * MiB,
  own: { bytes: 24 * 480 * MiB + 300 * MiB, pid: 77, isMarked: true },
  others: [{ pid: 812, bytes: 200 * MiB }],
};
const messageOf = (truth: Truth, era = ERAS.at(-1)): string => `${era?.print(truth) ?? ''}\n`;

const mainOf = ({ incidents, verdict }: Diagnosis): Incident => {
  const main = incidents.find(({ kind }) => kind === verdict);
  if (main === undefined) throw new Error('no incident');
  return main;
};

const codes = (found: Diagnosis): string[] => [
  ...found.notes.map(({ code }) => code),
  ...mainOf(found).notes.map(({ code }) => code),
];

const bytesOf = (incident: Incident, category: string): number =>
  incident.ledger.atoms
    .filter((atom) => atom.category === category)
    .reduce((sum, { bytes }) => sum + ('mid' in bytes ? bytes.mid : 0), 0);

describe('a snapshot alone', () => {
  test('with a refused request is a failure with an exact ledger', async () => {
    const found = await diagnosisOf({ 'oom.pickle': snapshotOf(PIECES) });
    const main = mainOf(found);
    expect(found.verdict).toBe('gpu_oom');
    expect(main).toMatchObject({
      format: 'memory-snapshot',
      device: 0,
      where: { source: 'oom.pickle' },
      recording: { moment: 'failure', asked_by: 'serve.py:71', failures: 1, is_synthetic: true },
    });
    expect(main.where.event).toBe(main.recording?.event);
    expect(bytesOf(main, 'idle')).toBe(TRUTH.idle);
    expect(bytesOf(main, 'free')).toBe(TRUTH.free);
    expect(main.ledger.atoms.find(({ category }) => category === 'outside')?.bytes).toHaveProperty(
      'unknown',
    );
    expect(main.causes[0]).toMatchObject({ id: 'fragmentation', strength: 'proven' });
  });

  test('prices the allocator’s settings by replay, and says what frees nothing', async () => {
    const { steps, dead_ends: ends } = mainOf(
      await diagnosisOf({ 'oom.pickle': snapshotOf(PIECES) }),
    );
    const [first] = steps;
    expect(first).toMatchObject({
      remedy: 'expandable-segments',
      serves_request: 'yes',
      claim: 'saves',
      change: ['export PYTORCH_ALLOC_CONF=expandable_segments:True'],
    });
    expect(ends.map(({ remedy }) => remedy)).toContain('empty-cache');
  });

  test('without a refusal claims no failure', async () => {
    const found = await diagnosisOf({
      'run.pickle': snapshotOf('at a.py:1 in main\nw = alloc 1GiB\ntemp 2GiB'),
    });
    expect(found).toMatchObject({ verdict: 'none', incidents: [], problems: [], sources_read: 1 });
    expect(found.observations).toMatchObject([
      {
        format: 'memory-snapshot',
        figures: { peak_bytes: 3 * GiB, allocated_bytes: GiB },
        recording: { moment: 'peak' },
        relation: { value: 'alone' },
      },
    ]);
    expect(found.observations[0]?.ledger?.moment.name).toBe('observed');
  });

  test('finds what grows', async () => {
    const found = await diagnosisOf({
      'run.pickle': snapshotOf(readFileSync(join(root, 'examples/leak.drawing'), 'utf8')),
    });
    expect(found.findings[0]).toMatchObject({ id: 'memory-growth', strength: 'likely' });
    expect(found.headline).toContain('train.py:57');
  });

  test.each([
    ['JSON', { container: 'json' }],
    ['the C++ layout', { layout: 'cpp' }],
  ])('is known in %s', async (_, options) => {
    const found = await diagnosisOf({ 'oom.dump': snapshotOf(PIECES, options) });
    expect(found.problems).toEqual([]);
    expect(mainOf(found).format).toBe('memory-snapshot');
  });

  test('of several ranks: a failure each, compared', async () => {
    const found = await diagnosisOf({
      'snap_rank_0.pickle': snapshotOf(PIECES),
      'snap_rank_1.pickle': snapshotOf(PIECES.replace('oom 6GiB', 'oom 7GiB')),
    });
    expect(found.incidents.map(({ where }) => where.rank)).toEqual([0, 1]);
    expect(found.notes.map(({ code }) => code)).toContain('ranks-compared');
  });

  test('of a loop that caught several refusals shows the last one', async () => {
    const found = await diagnosisOf({
      'oom.pickle': snapshotOf(`${PIECES}\nat serve.py:80 in again\noom 7GiB`),
    });
    expect(found.incidents).toHaveLength(1);
    expect(mainOf(found).recording).toMatchObject({ failures: 2, asked_by: 'serve.py:80' });
    expect(codes(found)).toContain('several-failures');
  });
});

describe('a snapshot beside the message of its failure', () => {
  const printing = ERAS.filter(({ prints }) => prints.has('reserved') || prints.has('idle'));

  test.each(printing.map((era) => [era.versions, era] as const))(
    'of PyTorch %s becomes one ledger with it',
    async (_, era) => {
      const found = await diagnosisOf({
        'train.log': messageOf(TRUTH, era),
        'oom.pickle': snapshotOf(PIECES),
      });
      expect(found.incidents).toHaveLength(1);
      const main = mainOf(found);
      expect(main.where).toEqual({ source: 'train.log', line: 1 });
      expect(codes(found)).toContain('same-moment');
      expect(main.recording).toMatchObject({ source: 'oom.pickle', moment: 'failure' });
      expect(bytesOf(main, 'idle')).toBe(TRUTH.idle);
      expect(main.causes[0]).toMatchObject({ id: 'fragmentation', strength: 'proven' });
      // The message knows the card and its processes; the sum stays closed.
      const total = main.ledger.atoms.reduce(
        (sum, { bytes }) => sum + ('mid' in bytes ? bytes.mid : 0),
        0,
      );
      expect(Math.abs(total - TRUTH.total)).toBeLessThan(16 * MiB);
    },
  );

  test('keeps other processes that the message lists', async () => {
    const found = await diagnosisOf({
      'oom.pickle': snapshotOf(PIECES),
      'train.log': messageOf(TRUTH),
    });
    const atoms = mainOf(found).ledger.atoms.map(({ process }) => process);
    expect(atoms).toContain('pid:812');
  });

  test.each([
    ['asks for another size', { requested: 5 * GiB }],
    ['has other bytes allocated', { allocated: TRUTH.allocated + 100 * MiB }],
    ['had other bytes free', { free: TRUTH.free - 100 * MiB }],
    ['is of another device', { device: 3 }],
  ])('that %s stands beside it', async (_, change) => {
    const found = await diagnosisOf({
      'train.log': messageOf({ ...TRUTH, ...change }),
      'oom.pickle': snapshotOf(PIECES),
    });
    expect(found.incidents.map(({ format }) => format)).toEqual(['torch-cuda', 'memory-snapshot']);
    expect(mainOf(found).recording).toBeUndefined();
    expect(codes(found)).toContain('other-moment');
  });

  test('that prints too few figures stands behind it', async () => {
    const found = await diagnosisOf({
      'train.log': 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 6.00 GiB.\n',
      'oom.pickle': snapshotOf(PIECES),
    });
    expect(found.incidents.map(({ format }) => format)).toEqual(['memory-snapshot', 'torch-cuda']);
  });

  test('fits several snapshots: none is taken for it', async () => {
    const found = await diagnosisOf({
      'train.log': messageOf(TRUTH),
      'a.pickle': snapshotOf(PIECES),
      'b.pickle': snapshotOf(PIECES),
    });
    expect(mainOf(found).recording).toBeUndefined();
    expect(codes(found)).toContain('several-match');
  });

  test('a state that was dumped after the refusal is known by what it holds', async () => {
    const state = PIECES.replace('\nat serve.py:71 in generate\noom 6GiB', '');
    const found = await diagnosisOf({
      'train.log': messageOf(TRUTH),
      'state.pickle': snapshotOf(state, { version: '2.0' }),
    });
    expect(found.incidents).toHaveLength(1);
    expect(mainOf(found).recording).toMatchObject({ source: 'state.pickle', moment: 'end' });
  });
});

describe('a snapshot of another run beside a message', () => {
  test('shows growth, which then is only possible', async () => {
    const found = await diagnosisOf({
      'train.log': messageOf({ ...TRUTH, idle: 20 * MiB, allocated: 11 * GiB, others: [] }),
      'other.pickle': snapshotOf(readFileSync(join(root, 'examples/leak.drawing'), 'utf8')),
    });
    const growth = mainOf(found).causes.find(({ id }) => id === 'growth-over-steps');
    expect(growth?.strength).toBe('possible');
    expect(found.observations[0]?.relation.value).toBe('unknown');
  });
});

describe('what cannot be read', () => {
  const evil = Uint8Array.from([0x80, 4, 0x63, ...new TextEncoder().encode('os\nsystem\n.')]);
  test.each([
    ['a pickle that wants to run code', [evil]],
    ['a pickle that is cut off', snapshotOf(PIECES).map((piece) => piece.subarray(0, 900))],
    ['a pickle of other data', [Uint8Array.from([0x80, 4, 0x7d, 0x94, 0x2e])]],
  ])('%s is a problem, and the rest is diagnosed', async (_, bytes) => {
    const found = await diagnosisOf({ 'bad.pickle': bytes, 'train.log': messageOf(TRUTH) });
    expect(found.problems.map(({ at }) => at?.source)).toEqual(['bad.pickle']);
    expect(found).toMatchObject({ verdict: 'gpu_oom', sources_read: 1 });
    expect(mainOf(found).where.source).toBe('train.log');
  });

  test('without the engine a snapshot is no text', async () => {
    const found = await diagnose([{ name: 'oom.pickle', bytes: snapshotOf(PIECES) }]);
    expect(found.problems.map(({ code }) => code)).toEqual(['not-text']);
  });

  test('an engine that fails is a bug, not evidence', async () => {
    const broken = diagnose([{ name: 'oom.pickle', bytes: snapshotOf(PIECES) }], {
      snapshots: () => Promise.reject(new Error('broken')),
    });
    await expect(broken).rejects.toThrow('broken');
  });
});

test.each(LANGS)('the report in %s has the same data', async (lang) => {
  const files = { 'train.log': messageOf(TRUTH), 'oom.pickle': snapshotOf(PIECES) };
  const [one, other] = [await diagnosisOf(files, lang), await diagnosisOf(files)];
  const essence = (found: Diagnosis) =>
    found.incidents.map(({ causes, steps, dead_ends: ends, recording }) => ({
      causes: causes.map(({ id, strength }) => [id, strength]),
      steps: steps.map(({ remedy, serves_request: serves }) => [remedy, serves]),
      ends: ends.map(({ remedy }) => remedy),
      replays: recording?.replays.map(({ id, peak_reserved_bytes: peak }) => [id, peak]),
    }));
  expect(essence(one)).toEqual(essence(other));
});

const shared = join(process.env['UNOOM_SHARED'] ?? resolve(root, '../shared'), 'snapshots');
const real = existsSync(shared)
  ? readdirSync(shared).filter((name) => name.endsWith('.pickle'))
  : [];

describe.skipIf(real.length === 0)('real snapshots (skipped where there are none)', () => {
  test.each(sampled(real, () => 'any', 8))(
    '%s is an observation whose parts add up',
    async (name) => {
      const found = await diagnosisOf({ [name]: [readFileSync(join(shared, name))] });
      expect(found).toMatchObject({ verdict: 'none', problems: [], sources_read: 1 });
      const [one] = found.observations;
      const total = one?.ledger?.totals[0]?.bytes.mid ?? -1;
      const held = (one?.ledger?.atoms ?? [])
        .filter(({ pool }) => pool === 'torch' || pool === 'torch-private')
        .reduce((sum, { bytes }) => sum + ('mid' in bytes ? bytes.mid : Number.NaN), 0);
      expect(held).toBe(total);
      expect(one?.ledger?.atoms.filter(({ category }) => category === 'unattributed')).toEqual([]);
    },
  );
});
