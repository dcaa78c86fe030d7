import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawn, training } from '../../../test/drawn.ts';
import { isUnknown } from '../base/unknown.ts';
import type { Device, Snapshot } from './columns.ts';
import { cutSnapshot, eventsBefore } from './cut.ts';
import { checkIntegrity } from './integrity.ts';
import { lifetimesOf } from './lifetimes.ts';
import { replayedBlocks } from './lifetimes-replayed.ts';
import { readSnapshot, SnapshotReader } from './reader.ts';
import { prepareReplay } from './replay.ts';
import { timelineOf } from './timeline.ts';
import { writeSnapshot } from './write/write.ts';

/** Totals after every event, with the blocks that a replay knows. */
function totals(snapshot: Snapshot, row = 0) {
  const device = snapshot.devices[row];
  const prepared = prepareReplay(snapshot, row);
  if (device === undefined || isUnknown(prepared)) throw new Error('nothing to replay');
  const known = replayedBlocks(prepared);
  return timelineOf(snapshot, device, lifetimesOf(snapshot, device, known));
}

const cutAt = (snapshot: Snapshot, end: number): Snapshot => cutSnapshot(snapshot, () => end);

const violationsOf = (snapshot: Snapshot) => checkIntegrity(snapshot).map(({ code }) => code);

describe('a trace that ends earlier', () => {
  const whole = drawn(`settings expandable_segments:False
${training({ steps: 6, each: 'kept += alloc 3MiB' })}
empty_cache
record_stream x
free x
`);
  const count = whole.devices[0]?.events.count ?? 0;
  const all = totals(whole);

  it.each([0, 1, 0.1, 0.37, 0.5, 0.83, 1])('has the state of that moment: %s', (share) => {
    const end = share === 1 ? count : Math.max(2, Math.floor(share * count));
    const cut = cutAt(whole, end);
    expect(cut.devices[0]?.events.count).toBe(end);
    expect(violationsOf(cut)).toEqual([]);
    const own = totals(cut);
    for (const metric of ['allocated', 'active', 'reserved', 'requested'] as const) {
      expect(own.before[metric]).toBe(all.before[metric]);
      expect([...own[metric]], metric).toEqual([...all[metric].subarray(0, end)]);
    }
    const prepared = prepareReplay(cut, 0);
    if (isUnknown(prepared)) throw new Error('nothing to replay');
    expect(prepared.replay.final_blocks_equal).toBe(true);
    expect(prepared.replay.diverged_at).toBeUndefined();
  });

  it('stays as it is when the end lies behind it', () => {
    expect(cutAt(whole, count)).toBe(whole);
    expect(cutAt(whole, Number.POSITIVE_INFINITY)).toBe(whole);
  });

  it('has the stacks of blocks that later events let go', () => {
    const text = 'at a.py:1 in f\nx = alloc 4MiB\nat a.py:2 in g\ny = alloc 4MiB\nfree x\nfree y\n';
    const cut = cutAt(drawn(text), 3);
    const lines = [...cut.blocks.stack].flatMap((stack, b) => {
      if (cut.blocks.state[b] !== 1) return [];
      const frame = cut.stacks.frames[cut.stacks.offsets[stack] as number] as number;
      return [cut.frames.line[frame]];
    });
    expect(lines).toEqual([1, 2]);
  });

  it('leaves out what was annotated later, and says what was undone', () => {
    const marked = drawn(
      'phase a:\n  x = alloc 1MiB\nphase b:\n  y = alloc 1MiB\nphase c:\n  z = alloc 1MiB\n',
    );
    const cut = cutAt(marked, 2);
    // The START of b comes before the first event that is undone.
    expect([...cut.annotations.name].map((id) => cut.strings[id])).toEqual(['a', 'a', 'b']);
    expect(cut.notes.map(({ code }) => code)).toEqual(['snapshot-events-undone']);
  });

  it('counts events before a time', () => {
    const [device] = whole.devices;
    const time = device?.events.time;
    if (device === undefined || time === undefined) throw new Error('no times');
    expect(eventsBefore(device, time[7] as number)).toBe(time.indexOf(time[7] as number));
    expect(eventsBefore(device, 0)).toBe(0);
    expect(eventsBefore(device, Number.POSITIVE_INFINITY)).toBe(count);
  });
});

describe('a trace that contradicts itself', () => {
  const whole = drawn(training({ steps: 3 }));
  const [device] = whole.devices;
  if (device === undefined) throw new Error('nothing was drawn');

  /** The same trace with a few fields of a few events changed. */
  function damaged(seed: number): Snapshot {
    const { events } = device as Device;
    const [action, address, size] = [
      events.action.slice(),
      events.address.slice(),
      events.size.slice(),
    ];
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state % below;
    };
    for (let i = 0; i < 12; i++) {
      const e = random(events.count);
      const other = random(events.count);
      action[e] = random(10);
      address[e] = (events.address[other] as number) + random(3) * 512;
      size[random(events.count)] = random(2) === 0 ? 0 : 2 ** (random(50) + 1);
    }
    return {
      ...whole,
      devices: [{ ...(device as Device), events: { ...events, action, address, size } }],
    };
  }

  it('is cut into blocks that fill their segments, whatever it says', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const cut = cutAt(damaged(seed), (seed * 37) % device.events.count);
      const { segments, blocks } = cut;
      for (let s = 0; s < segments.count; s++) {
        let at = segments.address[s] as number;
        for (let b = segments.firstBlock[s] ?? 0; b < (segments.firstBlock[s + 1] ?? 0); b++) {
          expect(blocks.address[b], `seed ${seed}`).toBe(at);
          expect(blocks.size[b]).toBeGreaterThanOrEqual(0);
          at += blocks.size[b] as number;
        }
        expect(at, `seed ${seed}`).toBe(
          (segments.address[s] as number) + (segments.total[s] as number),
        );
      }
    }
  });
});

describe('a reader that is asked for a part', () => {
  const whole = drawn(training({ steps: 4 }));
  const bytes = [...writeSnapshot(whole)];
  const all = totals(whole);

  it.each([
    { events: [40, 90] as const },
    { sinceFirst: [200, 500] as const },
    { events: [4, Number.MAX_SAFE_INTEGER] as const, sinceFirst: [0, 900] as const },
  ])('keeps the totals of the whole: %o', async (asked) => {
    const { snapshot: part } = await readSnapshot(bytes, asked);
    const device = part?.devices[0];
    if (part === undefined || device === undefined) throw new Error('not read');
    const first = device.firstEvent ?? 0;
    const { count } = device.events;
    expect(first).toBeGreaterThan(0);
    expect(first + count).toBeLessThan(whole.devices[0]?.events.count ?? 0);
    expect([...totals(part).allocated]).toEqual([...all.allocated.subarray(first, first + count)]);
    expect([...totals(part).reserved]).toEqual([...all.reserved.subarray(first, first + count)]);
    expect(part.firstTime).toBe(whole.devices[0]?.events.time?.[0]);
  });
});

const folder = join(
  process.env['UNOOM_SHARED'] ?? resolve(import.meta.dirname, '../../../../shared'),
  'snapshots',
);
// The start of s5 is ambiguous; s6 and s7 have no trace of their own.
const files = existsSync(folder)
  ? readdirSync(folder).filter((name) => /^s[1-4]_.*\.pickle$/.test(name))
  : [];

describe.skipIf(files.length === 0)('real snapshots (skipped where there are none)', () => {
  it.each(files)('%s cut anywhere replays to the same blocks', (name) => {
    const reader = new SnapshotReader();
    reader.push(readFileSync(join(folder, name)));
    const { snapshot: whole } = reader.finish();
    if (whole === undefined) throw new Error('not read');
    const all = totals(whole);
    const count = whole.devices[0]?.events.count ?? 0;
    for (const share of [0.2, 0.45, 0.7, 0.95]) {
      const end = Math.floor(share * count);
      const cut = cutAt(whole, end);
      expect(violationsOf(cut)).toEqual([]);
      const prepared = prepareReplay(cut, 0);
      if (isUnknown(prepared)) throw new Error('nothing to replay');
      const { allocations, address_equal, final_blocks_equal } = prepared.replay;
      expect([address_equal, final_blocks_equal]).toEqual([allocations, true]);
      const own = totals(cut);
      expect([...own.allocated]).toEqual([...all.allocated.subarray(0, end)]);
      expect([...own.reserved]).toEqual([...all.reserved.subarray(0, end)]);
    }
  });
});
