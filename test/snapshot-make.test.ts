import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSnapshot } from '../src/core/snapshots.ts';

const root = join(import.meta.dirname, '..');
const leak = join(root, 'examples', 'leak.drawing');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unoom-make-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function make(args: readonly string[], input?: string) {
  return spawnSync(process.execPath, [join(root, 'dist', 'bin.js'), 'snapshot', 'make', ...args], {
    cwd: folder,
    input,
    env: { ...process.env, LC_ALL: 'C' },
  });
}

describe('unoom snapshot make', () => {
  it('writes a snapshot that says it is synthetic, and overwrites nothing', async () => {
    const { stdout, status } = make([leak]);
    expect(String(stdout)).toMatch(/^leak\.synthetic\.pickle: synthetic; events 130, segments 9, /);
    expect(status).toBe(0);
    const path = join(folder, 'leak.synthetic.pickle');
    const { snapshot } = await readSnapshot([readFileSync(path)]);
    expect(snapshot?.shape.isSynthetic).toBe(true);

    const again = make([leak]);
    expect(again.status).toBe(2);
    expect(String(again.stderr)).toContain('--force');
    expect(make([leak, '--force']).status).toBe(0);
  });

  it('reads standard input and writes to standard output', () => {
    const { stdout, status } = make(
      ['-', '-o', '-', '--format', 'json', '--imitate', '2.1'],
      'x = alloc 1',
    );
    expect(status).toBe(0);
    expect(JSON.parse(String(stdout))).toMatchObject({ unoom_synthetic: true, segments: [{}] });
  });

  it('names the line of a mistake and writes nothing', () => {
    const drawing = join(folder, 'bad.drawing');
    writeFileSync(drawing, 'x = alloc 1GiB\nfree y\n');
    const { stderr, status } = make([drawing]);
    expect(status).toBe(2);
    expect(String(stderr)).toContain('bad.drawing:2: Nothing is held as y.');
    expect(readdirSync(folder)).not.toContain('bad.synthetic.pickle');
  });

  it('says where a run ended for want of memory', () => {
    const { stderr, status } = make(['-', '-o', 'oom.pickle'], 'device 0 1GiB\nx = alloc 2GiB');
    expect(status).toBe(0);
    expect(String(stderr)).toContain(':2: out of memory');
  });

  it('says what it cannot read or write', () => {
    expect(make(['none.drawing']).status).toBe(2);
    expect(make([leak, '-o', join('no', 'such', 'folder')]).status).toBe(3);
    expect(make([leak, '--protocol', '6']).status).toBe(2);
  });
});
