import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawn, training } from '../../../../test/drawn.ts';
import type { Snapshot } from '../../snapshot/columns.ts';
import { exportCsv } from '../../snapshot/export/csv.ts';
import { exportTraceEvents } from '../../snapshot/export/trace-events.ts';
import { packForPage } from '../../snapshot/pack.ts';
import { SnapshotReader } from '../../snapshot/reader.ts';
import { Redactor } from '../redact.ts';
import { examineSnapshot } from './examine.ts';
import { redactSnapshot } from './redact.ts';

const examined = (snapshot: Snapshot) =>
  examineSnapshot(snapshot, { source: 'x.pickle', withoutWhatIf: true }).devices;

/** What does not depend on how folders are called. */
const figures = (snapshot: Snapshot) =>
  examined(snapshot).map(({ peak, owners, growth_by_line: growth, replay, steps }) => ({
    peak,
    replay,
    steps,
    growth: growth.map(({ category, bytes_per_step: bytes, strength }) => [
      category,
      bytes,
      strength,
    ]),
    owners: owners
      .map(({ by, kind, bytes, count, function: name }) =>
        [by, kind, bytes, count, name ?? ''].join(' '),
      )
      .sort(),
    categories: owners.flatMap(({ by, name, bytes }) => (by === 'category' ? [[name, bytes]] : [])),
    libraries: owners.flatMap(({ by, name, bytes }) => (by === 'library' ? [[name, bytes]] : [])),
  }));

const HOME = '/home/mira.voss/acme-llm';
const RUN = `at ${HOME}/train.py:3 in main > ${HOME}/nets/net.py:9 in __init__
w = alloc 64MiB
phase mira.voss@gpu7.acme.internal step of mira.voss:
  at ${HOME}/eval/net.py:12 in forward > /opt/acme/lib/python3.11/site-packages/torch/nn/functional.py:7 in linear
  x = alloc 8MiB
oom 200GiB
`;

describe('a redacted snapshot', () => {
  const snapshot = drawn(RUN);
  const redacted = redactSnapshot(snapshot);

  it('names nobody, in no output', () => {
    const outputs = [
      JSON.stringify(examined(redacted)),
      [...exportCsv(redacted)].join(''),
      [...exportTraceEvents(redacted, { least: 0 })].join(''),
      new TextDecoder('latin1').decode(packForPage(redacted, { lang: 'en' })),
    ];
    for (const output of outputs) expect(output).not.toMatch(/mira|voss|acme|gpu7/i);
    expect(outputs[0]).toContain('net.py:12');
  });

  it('keeps files apart, and what belongs to packages', () => {
    const files = [...redacted.frames.file].map((id) => redacted.strings[id]);
    expect(files).toEqual([
      '/home/user/dir1/train.py',
      '/home/user/dir1/dir2/net.py',
      '/home/user/dir1/dir3/net.py',
      '/opt/dir4/lib/python3.11/site-packages/torch/nn/functional.py',
    ]);
  });

  it('shows the figures of the whole', () => {
    expect(figures(redacted)).toEqual(figures(snapshot));
    const run = drawn(training({ steps: 6, each: 'kept += alloc 3MiB' }));
    expect(figures(redactSnapshot(run))).toEqual(figures(run));
  });

  it('calls the same things alike in another snapshot', () => {
    const redactor = new Redactor();
    redactSnapshot(drawn(`at /home/other/lab/x.py:1 in f\nx = alloc 1MiB\n`), redactor);
    const one = redactSnapshot(snapshot, redactor);
    expect(redactSnapshot(snapshot, redactor).strings).toEqual(one.strings);
    expect(one.strings.join(' ')).toContain('/home/user2/dir2/');
  });
});

const folder = join(
  process.env['UNOOM_SHARED'] ?? resolve(import.meta.dirname, '../../../../../shared'),
  'snapshots',
);
const files = existsSync(folder)
  ? readdirSync(folder).filter((name) => name.endsWith('.pickle'))
  : [];

describe.skipIf(files.length === 0)('real snapshots (skipped where there are none)', () => {
  it.each(files)('%s shows the same figures when redacted', (name) => {
    const reader = new SnapshotReader();
    reader.push(readFileSync(join(folder, name)));
    const { snapshot } = reader.finish();
    if (snapshot === undefined) throw new Error('not read');
    expect(figures(redactSnapshot(snapshot))).toEqual(figures(snapshot));
  });
});
