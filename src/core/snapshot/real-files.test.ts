/** Real snapshots, where they lie beside the project: every rule of integrity holds, in pieces or whole. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampled } from '../../../test/ring.ts';
import { SnapshotReader } from './reader.ts';
import { writeSnapshot } from './write/write.ts';

const folder = join(
  process.env['UNOOM_SHARED'] ?? resolve(import.meta.dirname, '../../../../shared'),
  'snapshots',
);
const files = existsSync(folder)
  ? readdirSync(folder).filter((name) => name.endsWith('.pickle'))
  : [];

function read(pieces: Iterable<Uint8Array>) {
  const reader = new SnapshotReader();
  for (const piece of pieces) reader.push(piece);
  const { snapshot, problem } = reader.finish();
  if (snapshot === undefined) throw new Error(problem.code);
  return snapshot;
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe.skipIf(files.length === 0)('real snapshots (skipped where there are none)', () => {
  it.each(sampled(files, () => 'any', 4))('%s', (name) => {
    const bytes = readFileSync(join(folder, name));
    const snapshot = read([bytes]);
    expect(snapshot.problems).toEqual([]);
    expect(snapshot.notes).toEqual([]);
    expect(snapshot.devices.length).toBeGreaterThan(0);
    expect(snapshot.shape).toMatchObject({ container: 'pickle', protocol: 4, bytes: bytes.length });
    expect(read(cut(bytes, 4099))).toEqual(snapshot);
    // Written in another layout it is the same, but for what its version did not have.
    if (snapshot.shape.isLegacy) return;
    const { devices, segments, blocks, annotations } = read(
      writeSnapshot(snapshot, { layout: 'cpp' }),
    );
    expect({ devices, segments, blocks, annotations }).toEqual({
      devices: snapshot.devices,
      segments: snapshot.segments,
      blocks: snapshot.blocks,
      annotations: snapshot.annotations,
    });
  });
});
