import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRing } from '../../test/ring.ts';
import { readSnapshot, syntheticTraining, writeSnapshot } from '../core/snapshots.ts';
import { openSources } from './sources.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unoom-snapshot-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a snapshot file', () => {
  const bytes = Buffer.concat([...writeSnapshot(syntheticTraining({ events: 2000 }))]);
  const read = async (name: string, content: Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    const { sources } = await openSources([path]);
    const [source] = sources;
    if (source === undefined) throw new Error('not opened');
    expect(source.size).toBe(content.length);
    return readSnapshot(source.bytes, { sizeHint: content.length });
  };

  it('is read as it is, and packed', async () => {
    const { snapshot } = await readSnapshot([bytes]);
    expect(snapshot?.devices[0]?.events.count).toBeGreaterThan(1000);
    expect((await read('a.pickle', bytes)).snapshot).toEqual(snapshot);
    expect((await read('a.pickle.gz', gzipSync(bytes))).snapshot).toEqual(snapshot);
  });

  it('is unpacked byte for byte when its packed form is read in many pieces', async () => {
    // Nothing in it repeats, so that it stays as large when it is packed.
    const words = new Uint32Array(inRing(6, 1) * 2 ** 20);
    let state = 1;
    for (let i = 0; i < words.length; i += 1) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      words[i] = state ^ (state >>> 16);
    }
    const plain = Buffer.from(words.buffer);
    const path = join(folder, 'large.gz');
    writeFileSync(path, gzipSync(plain, { level: 1 }));
    const [source] = (await openSources([path])).sources;
    const pieces: Uint8Array[] = [];
    for await (const piece of source?.bytes ?? []) pieces.push(Uint8Array.from(piece));
    expect(Buffer.concat(pieces).equals(plain)).toBe(true);
  });

  it('that is packed and cut is a problem', async () => {
    const packed = gzipSync(bytes);
    const { problem } = await read('b.pickle.gz', packed.subarray(0, packed.length / 2));
    expect(problem?.code).toBe('snapshot-unreadable');
  });
});
