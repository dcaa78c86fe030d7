import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inRing, numRuns } from '../../../../test/ring.ts';
import { GiB, KiB, MiB } from '../../base/bytes.ts';
import { LANGS } from '../../base/texts.ts';
import { ACTIONS, Action, NONE, type Snapshot } from '../columns.ts';
import { makeDrawing, renderDrawingProblem } from './drawing.ts';

function drawn(text: string): Snapshot {
  const made = makeDrawing(text);
  if ('problem' in made) throw new Error(renderDrawingProblem(made.problem));
  return made.snapshot;
}

/** The events of a device as short lines. */
function events(snapshot: Snapshot, device = 0): readonly string[] {
  const { action, size, count, stream } = snapshot.devices[device]?.events ?? { count: 0 };
  return Array.from({ length: count }, (_, i) => {
    const on = snapshot.streams[stream?.[i] ?? 0];
    return `${ACTIONS[action?.[i] ?? 0]} ${size?.[i]}${on === '0' ? '' : ` on ${on}`}`;
  });
}

/** Stack of an event, outermost first. */
function stack(snapshot: Snapshot, event: number): string {
  const { strings, frames, stacks } = snapshot;
  const id = snapshot.devices[0]?.events.stack[event] ?? NONE;
  if (id === NONE) return '';
  return [...stacks.frames.subarray(stacks.offsets[id], stacks.offsets[id + 1])]
    .reverse()
    .map((f) => `${strings[frames.file[f] ?? 0]}:${frames.line[f]} ${strings[frames.name[f] ?? 0]}`)
    .join(' > ');
}

function mistake(text: string): string {
  const made = makeDrawing(text, 'x');
  if (!('problem' in made)) throw new Error('no mistake was found');
  for (const lang of LANGS) expect(renderDrawingProblem(made.problem, lang)).not.toBe('');
  return renderDrawingProblem(made.problem);
}

describe('a drawing', () => {
  it('becomes events with the addresses of the caching allocator', () => {
    const snapshot = drawn('x = alloc 3MiB\ny = alloc 1000\nfree x\nz = alloc 2MiB + 1');
    expect(events(snapshot)).toEqual([
      `segment_alloc ${20 * MiB}`,
      `alloc ${3 * MiB}`,
      `segment_alloc ${2 * MiB}`,
      'alloc 1000',
      `free_requested ${3 * MiB}`,
      `free_completed ${3 * MiB}`,
      `alloc ${2 * MiB + 1}`,
    ]);
    const [, x, , , , , z] = snapshot.devices[0]?.events.address ?? [];
    // Best fit, and then the lowest address: the whole segment is free again.
    expect(z).toBe(x);
    expect([...snapshot.blocks.size]).toEqual([
      2 * MiB + 512,
      18 * MiB - 512,
      1024,
      2 * MiB - 1024,
    ]);
    expect(snapshot.shape.isSynthetic).toBe(true);
  });

  it('has an empty allocator when it has no lines', () => {
    expect(drawn('# nothing\n').segments.count).toBe(0);
  });

  it('counts with units, variables, loops, conditions and random numbers of a seed', () => {
    const text =
      'seed 7\nlet n = 2 * 3\nfor i in n..4:\n  if i % 2 == 0:\n    temp i * 1KiB + min(i, 5)\ntemp random(1MiB, 2MiB)';
    const sizes = events(drawn(text)).filter((line) => line.startsWith('alloc'));
    expect(sizes.slice(0, 2)).toEqual([`alloc ${6 * KiB + 5}`, `alloc ${4 * KiB + 4}`]);
    expect(events(drawn(text))).toEqual(events(drawn(text)));
    expect(events(drawn(text))).not.toEqual(events(drawn(text.replace('seed 7', 'seed 8'))));
    expect(events(drawn('repeat 0:\n  temp 1KiB'))).toEqual([]);
  });

  it('gives a name the new tensor before it lets the old one go, as Python does', () => {
    const kinds = events(drawn('x = alloc 2KiB\nx = alloc 4KiB')).map((line) => line.split(' ')[0]);
    expect(kinds).toEqual(['segment_alloc', 'alloc', 'alloc', 'free_requested', 'free_completed']);
  });

  it('keeps several blocks under one name', () => {
    const snapshot = drawn(
      'l += alloc 1KiB\nl += alloc 2KiB\nl[9] = alloc 3KiB\nl += alloc 4KiB\nfree l[1]\nfree l[10]\nfree l',
    );
    const freed = events(snapshot).filter((line) => line.startsWith('free_requested'));
    expect(freed.map((line) => Number(line.split(' ')[1]) / KiB)).toEqual([2, 4, 1, 3]);
  });

  it('has stacks: of blocks, of the lines after them, of C++', () => {
    const snapshot = drawn(
      'at a.py:1 in main:\n  at b.py:2 in f\n  temp 1\n  at c{1 + 1}.py:{2 * 3} > at::empty:\n    temp 1\n  temp 1\ntemp 1\nempty_cache',
    );
    const allocs = [1, 4, 7, 10].map((event) => stack(snapshot, event));
    expect(allocs).toEqual([
      'a.py:1 main > b.py:2 f',
      'a.py:1 main > c2.py:6 <module> > ??:0 at::empty',
      'a.py:1 main > b.py:2 f',
      '',
    ]);
    expect(stack(snapshot, 13)).toMatch(/empty_cache$/);
  });

  it('waits for other streams until they are done', () => {
    const lines = 'on stream 7:\n  x = alloc 1KiB\nrecord_stream x\nfree x\n';
    expect(events(drawn(`${lines}temp 2KiB`)).filter((line) => line.endsWith('on 7'))).toEqual([
      `segment_alloc ${2 * MiB} on 7`,
      'alloc 1024 on 7',
      'free_requested 1024 on 7',
    ]);
    expect(events(drawn(`${lines}synchronize\ntemp 2KiB`))[3]).toBe('free_completed 1024 on 7');
    // Giving the cache back waits for all streams.
    expect(events(drawn(`${lines}empty_cache`)).slice(3)).toEqual([
      'free_completed 1024 on 7',
      `segment_free ${2 * MiB} on 7`,
    ]);
  });

  it('ends where a request does not fit', () => {
    const made = makeDrawing('device 0 1GiB\nx = alloc 800MiB\ntemp 300MiB\ntemp 1KiB');
    expect(made).toMatchObject({ outOfMemory: { line: 3 } });
    if ('problem' in made) throw new Error();
    expect(events(made.snapshot).at(-1)).toBe(`oom ${300 * MiB}`);
    expect(made.snapshot.devices[0]?.events.address.at(-1)).toBe(GiB - 800 * MiB);
  });

  it('goes on after a failure that it draws', () => {
    const snapshot = drawn('device 0 1GiB\noom 2GiB\ntemp 1KiB');
    expect(events(snapshot)[0]).toBe(`oom ${2 * GiB}`);
    expect(events(snapshot)).toHaveLength(5);
  });

  it('can begin to record late and hold only the latest entries', () => {
    const snapshot = drawn('max_entries 4\nw = alloc 1KiB\nrecord\ntemp 2KiB\ntemp 4KiB');
    expect(events(snapshot)).toEqual([
      'free_completed 2048',
      'alloc 4096',
      'free_requested 4096',
      'free_completed 4096',
    ]);
    expect(snapshot.devices[0]).toMatchObject({ overflowed: true, maxEntries: 4 });
    expect(snapshot.blocks.stack[0]).toBe(NONE);
  });

  it('has phases, devices, pools and settings', () => {
    const snapshot = drawn(
      'device 0 2GiB\ndevice 1 4GiB\nsettings expandable_segments:True,roundup_power2_divisions:[256:1,512:2,>:4]\nphase Optimizer.step#Adam {1 + 1}:\n  on device 1 pool 5 stream 3:\n    x = alloc 5MiB',
    );
    expect(snapshot.devices.map(({ index }) => index)).toEqual([0, 1]);
    expect(snapshot.strings[snapshot.annotations.name[0] ?? 0]).toBe('Optimizer.step#Adam 2');
    expect(snapshot.pools[snapshot.segments.pool[0] ?? 0]).toEqual([0, 5]);
    expect(snapshot.segments.isExpandable[0]).toBe(1);
    expect(snapshot.settings).toMatchObject({
      expandableSegments: true,
      roundupPower2Divisions: [1, 1, 1, 1, 1, 1, 1, 1, 1, 4, 4, 4, 4, 4, 4, 4],
    });
    expect(snapshot.devices[1]?.events.action[0]).toBe(Action.segmentMap);
  });
});

/** Drawings that come to a bound, which takes a second or two. */
const BOUNDS: readonly (readonly [string, number, string])[] = [
  ['repeat 100000000:\n  let x = 1', 2, '2000000 statements'],
  ['repeat 1000000:\n  temp 1', 2, '1000000 events'],
  ['for i in 1..1000000:\n  phase p{i}:\n    wait 1', 3, '100000 names'],
];

describe('a mistake is named with its line and with what to do', () => {
  it.each<readonly [string, number, string]>([
    ['x = alloc 1GiB\n  free x', 2, 'no line ending in ":"'],
    ['\tfree x', 1, 'spaces'],
    ['for i in 1..3:', 1, 'Nothing is indented'],
    ['fre x', 1, '"fre" begins no statement'],
    ['free x', 1, 'Nothing is held as x'],
    ['x = alloc 1GiB\nfree x\nfree x', 3, 'free it only once'],
    ['x[2] = alloc 1\nfree x[1]', 2, 'x[1]'],
    ['x = alloc', 1, 'Write it like this: x = alloc 1GiB'],
    ['x = alloc 1GiB extra', 1, '"extra"'],
    ['x = alloc y', 1, 'let y ='],
    ['x = alloc 0', 1, 'from 1 to'],
    ['x = alloc 1/0', 1, 'Infinity is not'],
    ['for step in 1..3\n', 1, '":" is expected'],
    ['at train.py in main', 1, 'FILE:LINE in NAME'],
    ['temp 1\ndevice 0 1GiB', 2, 'Put device'],
    ['settings max_split_size_mb:5', 1, 'max_split_size_mb'],
    ['settings nonsense', 1, 'It knows: expandable_segments'],
    ['on device 3:\n  temp 1', 1, 'device 3 80GiB'],
    ['device 0 1GiB\noom 1MiB', 2, '1.00 GiB were free'],
    ...inRing(BOUNDS, []),
    [`temp ${'('.repeat(200)}1${')'.repeat(200)}`, 1, 'operators'],
    [`temp 1${'+1'.repeat(200)}`, 1, 'operators'],
  ])('%#: %s', (text, line, words) => {
    const said = mistake(text);
    expect(said).toContain(`x:${line}: `);
    expect(said).toContain(words);
  });

  it('and nothing that is written throws', () => {
    const words = fc.constantFrom(
      'device',
      'settings',
      'at',
      'on',
      'free',
      'temp',
      'oom',
      'let',
      'for',
      'in',
      'repeat',
      'if',
      'phase',
      'record',
      'x',
      'x[1]',
      '=',
      '+=',
      'alloc',
      '1GiB',
      '2',
      '..',
      '(',
      ')',
      '-',
      '%',
      '{',
      '}',
      ':',
      '\n',
      '\n  ',
      '\n    ',
      '#',
      '__proto__',
      'stream',
      'pool',
      'graph',
      'random',
      ',',
      'seed',
      'max_entries',
      'wait',
      'synchronize',
      'record_stream',
      'empty_cache',
      'é🙂\ud800',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), (parts) => {
        const made = makeDrawing(parts.join(' '));
        expect('problem' in made || made.snapshot.shape.isSynthetic).toBe(true);
      }),
      { numRuns: numRuns(2000) },
    );
  });
});

describe('the examples', () => {
  const folder = join(import.meta.dirname, '../../../../examples');
  const names = readdirSync(folder).filter((name) => name.endsWith('.drawing'));
  it.each(names)('%s can be drawn', (name) => {
    expect(drawn(readFileSync(join(folder, name), 'utf8')).segments.count).toBeGreaterThan(0);
  });
});
