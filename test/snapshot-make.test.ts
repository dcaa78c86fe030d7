import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSnapshot } from '../src/core/snapshots.ts';
import { type Run, unoom, unoomProcess } from './command.ts';

const root = join(import.meta.dirname, '..');
const leak = join(root, 'examples', 'leak.drawing');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unoom-make-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const make = (args: readonly string[]): Promise<Run> =>
  unoom(['snapshot', 'make', ...args], '', {}, folder);

describe('unoom snapshot make', () => {
  it('writes a snapshot that says it is synthetic, and overwrites nothing', async () => {
    const { out, code } = await make([leak]);
    expect(out).toMatch(/^leak\.synthetic\.pickle: synthetic; events 130, segments 9, /);
    expect(code).toBe(0);
    const path = join(folder, 'leak.synthetic.pickle');
    const { snapshot } = await readSnapshot([readFileSync(path)]);
    expect(snapshot?.shape.isSynthetic).toBe(true);

    const again = await make([leak]);
    expect(again.code).toBe(2);
    expect(again.err).toContain('--force');
    expect((await make([leak, '--force'])).code).toBe(0);
  });

  it('reads standard input and writes to standard output', () => {
    // Standard input is read by its descriptor.
    const { out, code } = unoomProcess(
      ['snapshot', 'make', '-', '-o', '-', '--format', 'json', '--imitate', '2.1'],
      'x = alloc 1',
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ unoom_synthetic: true, segments: [{}] });
  });

  it('names the line of a mistake and writes nothing', async () => {
    const drawing = join(folder, 'bad.drawing');
    writeFileSync(drawing, 'x = alloc 1GiB\nfree y\n');
    const { err, code } = await make([drawing]);
    expect(code).toBe(2);
    expect(err).toContain('bad.drawing:2: Nothing is held as y.');
    expect(readdirSync(folder)).not.toContain('bad.synthetic.pickle');
  });

  it('says where a run ended for want of memory', async () => {
    const drawing = join(folder, 'full.drawing');
    writeFileSync(drawing, 'device 0 1GiB\nx = alloc 2GiB');
    const { err, code } = await make([drawing, '-o', 'oom.pickle']);
    expect(code).toBe(0);
    expect(err).toContain(':2: out of memory');
  });

  it('says what it cannot read or write', async () => {
    expect((await make(['none.drawing'])).code).toBe(2);
    expect((await make([leak, '-o', join('no', 'such', 'folder')])).code).toBe(3);
    expect((await make([leak, '--protocol', '6'])).code).toBe(2);
  });
});
