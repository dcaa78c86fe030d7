// Peak and owners against a computation that shares nothing with ours: Python's unpickler, dicts, and blocks
// that are found where the trace says they lie.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { examineSnapshot } from '../src/core/report/snapshots/examine.ts';
import type { Snapshot } from '../src/core/snapshot/columns.ts';
import { syntheticTraining } from '../src/core/snapshot/make/synthetic-training.ts';
import { readSnapshot } from '../src/core/snapshot/reader.ts';
import { writeSnapshot } from '../src/core/snapshot/write/write.ts';
import { isDeep } from './ring.ts';

const SCRIPT = join(import.meta.dirname, 'reference', 'slow_snapshot.py');
const hasPython = spawnSync('python3', ['--version']).status === 0;

interface Slow {
  readonly allocated_bytes: number;
  readonly at_event: number;
  readonly reserved_bytes: number;
  readonly lines: Readonly<Record<string, number>>;
}

function slowly(bytes: Uint8Array): Slow {
  const folder = mkdtempSync(join(tmpdir(), 'unoom-slow-'));
  try {
    const file = join(folder, 'made.pickle');
    writeFileSync(file, bytes);
    const { status, stdout, stderr } = spawnSync('python3', [SCRIPT, file], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout)['0'];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const written = (snapshot: Snapshot, layout: 'python' | 'cpp'): Uint8Array =>
  Buffer.concat([...writeSnapshot(snapshot, { layout })]);

const seeds = isDeep ? Array.from({ length: 12 }, (_, i) => i + 1) : [1];
const variants = seeds.flatMap((seed) =>
  [false, true].map((expandableSegments) => ({ seed, expandableSegments })),
);

describe.skipIf(!hasPython)('a made run, examined and computed slowly by Python', () => {
  it.each(variants)('has one peak and the same owners: %j', async (variant) => {
    const made = syntheticTraining({
      ...variant,
      events: isDeep ? 40_000 : 8000,
      stackDepth: variant.seed % 2 === 0 ? 40 : 4,
      leakPerStep: variant.seed % 3 === 0 ? 2 ** 20 : 0,
    });
    const bytes = written(made, variant.seed % 2 === 0 ? 'cpp' : 'python');
    const slow = slowly(bytes);
    const { snapshot } = await readSnapshot([bytes]);
    if (snapshot === undefined) throw new Error('not read');
    const { devices } = examineSnapshot(snapshot, { source: 'made', mostOwners: 10_000 });
    const { peak, owners } = devices[0] ?? {};
    expect(peak).toMatchObject({
      allocated_bytes: slow.allocated_bytes,
      at_event: slow.at_event,
      reserved_bytes: slow.reserved_bytes,
    });
    const lines = owners?.filter(({ by }) => by === 'line') ?? [];
    expect(new Map(lines.map(({ file, line, bytes }) => [`${file}:${line}`, bytes]))).toEqual(
      new Map(Object.entries(slow.lines)),
    );
  });
});
