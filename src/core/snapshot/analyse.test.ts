/**
 * The whole analysis, and an independent slow one beside it: maps of objects, written from what the
 * events mean, compared on made-up runs and, where they lie beside the project, on real snapshots.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawn, training } from '../../../test/drawn.ts';
import { numRuns } from '../../../test/ring.ts';
import { KiB, MiB } from '../base/bytes.ts';
import { isUnknown } from '../base/unknown.ts';
import { analyse } from './analyse.ts';
import { ACTIONS, type Device, NONE, type Snapshot } from './columns.ts';
import { diffReports, peakGrowth } from './diff.ts';
import { lifetimesOf } from './lifetimes.ts';
import { replayedBlocks } from './lifetimes-replayed.ts';
import { syntheticTraining } from './make/synthetic-training.ts';
import { stackFacts } from './owners-frames.ts';
import { viewOf } from './phases.ts';
import { SnapshotReader } from './reader.ts';
import { prepareReplay } from './replay.ts';
import { METRICS, sampleTimeline, timelineOf } from './timeline.ts';
import { wasteAt } from './waste.ts';
import { layoutAt } from './waste-layout.ts';

const folder = join(
  process.env['UNOOM_SHARED'] ?? resolve(import.meta.dirname, '../../../../shared'),
  'snapshots',
);
const files = existsSync(folder)
  ? readdirSync(folder).filter((name) => name.endsWith('.pickle'))
  : [];

function real(name: string): Snapshot {
  const reader = new SnapshotReader();
  reader.push(readFileSync(join(folder, name)));
  const { snapshot, problem } = reader.finish();
  if (snapshot === undefined) throw new Error(problem.code);
  return snapshot;
}

interface Slow {
  readonly peak: number;
  readonly at: number;
  readonly reserved: number;
  /** Bytes at the peak by the innermost line of Python outside of site-packages. */
  readonly lines: ReadonlyMap<string, number>;
}

/** A block that lives, as a plain object. */
interface Live {
  readonly bytes: number;
  readonly stack: number;
  /** Let go before the trace begins. */
  isPending?: boolean;
}

const rounded = (size: number): number => Math.max(512, Math.ceil(size / 512) * 512);

/** Straightforward: the state is taken back to the start, then everything is done again. */
function slowly(snapshot: Snapshot, device: Device): Slow {
  const { events } = device;
  const { segments, blocks } = snapshot;
  const state = new Map<number, Live>();
  let reserved = 0;
  for (let s = device.segments[0]; s < device.segments[1]; s++) {
    reserved += segments.total[s] ?? 0;
    for (let b = segments.firstBlock[s] ?? 0; b < (segments.firstBlock[s + 1] ?? 0); b++) {
      if (blocks.state[b] === 0) continue;
      state.set(blocks.address[b] ?? 0, {
        bytes: blocks.size[b] ?? 0,
        stack: blocks.stack[b] ?? NONE,
      });
    }
  }
  const final = new Map(state);
  // One entry is of a moment long gone.
  const rows = Array.from({ length: events.count > 1 ? events.count : 0 }, (_, e) => ({
    action: ACTIONS[events.action[e] ?? 9] ?? 'other',
    address: events.address[e] ?? 0,
    size: events.size[e] ?? 0,
    stack: events.stack[e] ?? NONE,
  }));
  for (const { action, address, size } of rows.toReversed()) {
    if (action === 'alloc') state.delete(address);
    if (action === 'free_completed') {
      state.set(address, { bytes: rounded(size), stack: NONE, isPending: true });
    }
    const freed = action === 'free_requested' ? state.get(address) : undefined;
    if (freed !== undefined) freed.isPending = false;
    if (action === 'segment_alloc' || action === 'segment_map') reserved -= size;
    if (action === 'segment_free' || action === 'segment_unmap') reserved += size;
  }
  for (const [address, { isPending }] of state) if (isPending === true) state.delete(address);
  // What is never freed again has the block of the final state.
  const lastAlloc = new Map<number, number>();
  rows.forEach(({ action, address }, e) => {
    if (action === 'alloc') lastAlloc.set(address, e);
    if (action === 'free_completed') lastAlloc.delete(address);
  });
  const survivors = new Set(lastAlloc.values());
  let allocated = [...state.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  let peak = allocated;
  let at = -1;
  let mostReserved = reserved;
  let atPeak = [...state.values()];
  rows.forEach(({ action, address, size, stack }, e) => {
    if (action === 'segment_alloc' || action === 'segment_map') reserved += size;
    if (action === 'segment_free' || action === 'segment_unmap') reserved -= size;
    mostReserved = Math.max(mostReserved, reserved);
    if (action === 'free_requested') {
      const bytes = state.get(address)?.bytes ?? 0;
      allocated -= bytes;
      state.delete(address);
    }
    if (action !== 'alloc') return;
    const own = rows[e - 1];
    const isFresh = own?.action === 'segment_alloc' && own.address === address;
    const rest = isFresh ? own.size - rounded(size) : Number.POSITIVE_INFINITY;
    const isWhole = rest <= (rounded(size) > MiB ? MiB : 511);
    const bytes = survivors.has(e)
      ? (final.get(address)?.bytes ?? 0)
      : isWhole
        ? (own?.size ?? 0)
        : rounded(size);
    state.set(address, { bytes, stack });
    allocated += bytes;
    if (allocated > peak) {
      peak = allocated;
      at = e;
      atPeak = [...state.values()];
    }
  });
  const lines = new Map<string, number>();
  for (const { bytes, stack } of atPeak) {
    const line = lineOf(snapshot, stack);
    if (line !== undefined) lines.set(line, (lines.get(line) ?? 0) + bytes);
  }
  return { peak, at, reserved: mostReserved, lines };
}

function lineOf({ stacks, frames, strings }: Snapshot, stack: number): string | undefined {
  if (stack === NONE) return undefined;
  for (let i = stacks.offsets[stack] ?? 0; i < (stacks.offsets[stack + 1] ?? 0); i++) {
    const frame = stacks.frames[i] ?? 0;
    const file = strings[frames.file[frame] ?? 0] ?? '';
    const isOwn = file.endsWith('.py') && !/site-packages|torchinductor|lib.python3/i.test(file);
    if (isOwn) return `${file}:${frames.line[frame]}`;
  }
  return undefined;
}

function expectAsSlowly(snapshot: Snapshot): void {
  const { devices } = analyse(snapshot, { mostOwners: 10_000 });
  snapshot.devices.forEach((device, i) => {
    const report = devices[i];
    if (report === undefined) throw new Error('no report');
    const slow = slowly(snapshot, device);
    expect(report.peak.allocated_bytes).toBe(slow.peak);
    expect(report.peak.at_event).toBe(slow.at < 0 ? null : slow.at);
    expect(report.peak.reserved_bytes).toBe(slow.reserved);
    const lines = report.owners.filter(({ by, kind }) => by === 'line' && kind === 'user');
    const found = lines.map(({ file, line, bytes }) => [`${file}:${line}`, bytes] as const);
    expect(new Map(found)).toEqual(slow.lines);
    for (const by of ['line', 'module', 'library', 'category'] as const) {
      const own = report.owners.filter((owner) => owner.by === by);
      expect(own.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(slow.peak);
    }
  });
}

describe('peak and owners', () => {
  it('are those of an independent slow computation', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(
        fc.record({
          events: fc.integer({ min: 50, max: 4000 }),
          seed: fc.integer({ min: 1, max: 1_000_000 }),
          layers: fc.integer({ min: 1, max: 8 }),
          stackDepth: fc.integer({ min: 1, max: 12 }),
          expandableSegments: fc.boolean(),
          leakPerStep: fc.constantFrom(0, 512, 3 * MiB),
        }),
        (options) => expectAsSlowly(syntheticTraining(options)),
      ),
      { numRuns: numRuns(40) },
    );
  });

  it('are the same where the oldest events are lost', () => {
    const text = training({ steps: 12, each: 'kept += alloc 2MiB' });
    const whole = analyse(drawn(text)).devices[0];
    const cut = drawn(`max_entries 150\n${text}`);
    expectAsSlowly(cut);
    const report = analyse(cut).devices[0];
    expect(report?.events).toBe(150);
    expect(report?.end).toEqual(whole?.end);
    expect(report?.peak.allocated_bytes).toBe(whole?.peak.allocated_bytes);
  });

  it.skipIf(files.length === 0).each(files)('of %s (skipped where there is none)', (name) => {
    expectAsSlowly(real(name));
  });

  it.skipIf(files.length === 0).each(files)('of %s are exact with a replay', (name) => {
    const snapshot = real(name);
    const prepared = prepareReplay(snapshot, 0);
    if (isUnknown(prepared) || !prepared.replay.final_blocks_equal) return;
    const { peak } = analyse(snapshot, { known: () => replayedBlocks(prepared) }).devices[0] ?? {};
    expect(peak?.basis).toBe('exact');
    expect(peak?.reserved_bytes).toBe(prepared.run.peakReserved);
  });
});

describe('a timeline', () => {
  const snapshot = syntheticTraining({ events: 3000, expandableSegments: true });
  const [device] = snapshot.devices;
  if (device === undefined) throw new Error('no device');
  const lifetimes = lifetimesOf(snapshot, device);

  it('ends in the totals of the file', () => {
    const timeline = timelineOf(snapshot, device, lifetimes);
    const { segments } = snapshot;
    const sum = (column: Float64Array): number => column.reduce((a, b) => a + b, 0);
    expect(timeline.reserved.at(-1)).toBe(sum(segments.total));
    expect(timeline.allocated.at(-1)).toBe(sum(segments.allocated));
    expect(timeline.active.at(-1)).toBe(sum(segments.active));
    expect(timeline.requested.at(-1)).toBe(sum(segments.requested));
    for (const metric of METRICS) expect(Math.min(...timeline[metric])).toBeGreaterThanOrEqual(0);
  });

  it('in few points keeps the highest of each stretch', () => {
    const timeline = timelineOf(snapshot, device, lifetimes);
    const sampled = sampleTimeline(snapshot, device, lifetimes, 17);
    expect(sampled.event.length).toBe(17);
    for (const metric of METRICS) {
      sampled.event.forEach((from, i) => {
        const to = sampled.event[i + 1] ?? device.events.count;
        expect(sampled.high[metric][i]).toBe(Math.max(...timeline[metric].subarray(from, to)));
      });
    }
  });

  it('of its streams adds up to the whole', () => {
    const drawing = drawn('on stream 5:\n  a = alloc 30MiB\nb = alloc 12MiB\nfree a');
    const [own] = drawing.devices;
    if (own === undefined) throw new Error('no device');
    const lives = lifetimesOf(drawing, own);
    const whole = timelineOf(drawing, own, lives);
    const parts = drawing.streams.map((_, stream) => timelineOf(drawing, own, lives, stream));
    for (const metric of METRICS) {
      const sums = whole[metric].map((_, e) =>
        parts.reduce((sum, part) => sum + (part[metric][e] ?? 0), 0),
      );
      expect(sums).toEqual(whole[metric]);
    }
  });
});

describe('lifetimes', () => {
  it('see a block that waits for a stream as active and not allocated', () => {
    const snapshot = drawn(
      'x = alloc 30MiB\non stream 7:\n  record_stream x\nfree x\ny = alloc 4KiB',
    );
    const { end } = analyse(snapshot).devices[0] ?? {};
    expect(end).toMatchObject({ allocated_bytes: 4 * KiB, active_bytes: 30 * MiB + 4 * KiB });
  });

  it('name an address that is allocated twice as a problem, and go on', () => {
    const snapshot = drawn('x = alloc 30MiB\ny = alloc 12MiB');
    const [device] = snapshot.devices;
    if (device === undefined) throw new Error('no device');
    const address = device.events.address.slice().fill(device.events.address[0] as number);
    const broken = { ...snapshot, devices: [{ ...device, events: { ...device.events, address } }] };
    const report = analyse(broken);
    expect(report.problems.map(({ code }) => code)).toEqual(['snapshot-trace-state']);
    expect(report.devices.length).toBe(1);
  });

  it('of a state without a trace are all from before it', () => {
    const snapshot = drawn('x = alloc 30MiB\ny = alloc 12MiB\nrecord');
    const report = analyse(snapshot).devices[0];
    expect(report).toMatchObject({ events: 0, growth: [], failures: 0 });
    expect(report?.peak).toMatchObject({
      allocated_bytes: 42 * MiB,
      at_event: null,
      basis: 'exact',
    });
  });
});

describe('waste', () => {
  it('and what is used make up the reserved bytes at every event', () => {
    for (const expandableSegments of [false, true]) {
      const snapshot = syntheticTraining({ events: 1200, expandableSegments, seed: 5 });
      const [device] = snapshot.devices;
      if (device === undefined) throw new Error('no device');
      const prepared = prepareReplay(snapshot, 0);
      if (isUnknown(prepared)) throw new Error('not replayed');
      const view = viewOf(snapshot, device, stackFacts(snapshot), replayedBlocks(prepared));
      const timeline = timelineOf(snapshot, device, view.lifetimes);
      for (let e = 0; e < device.events.count; e += 37) {
        const waste = wasteAt(view, e);
        expect(waste.reserved).toBe(timeline.reserved[e]);
        const parts = [
          waste.inactiveSplit,
          waste.expandableFree,
          waste.cachedSegments,
          waste.privatePools,
        ];
        const free = parts.reduce((sum, part) => sum + part, 0);
        expect(waste.allocated + waste.pendingFree + free).toBe(waste.reserved);
      }
    }
  });

  it('at the end shows the free blocks of the file', () => {
    const snapshot = syntheticTraining({ events: 2000, seed: 9 });
    const [device] = snapshot.devices;
    if (device === undefined) throw new Error('no device');
    const view = viewOf(snapshot, device, stackFacts(snapshot));
    const layout = layoutAt(view, device.events.count - 1);
    const { blocks } = snapshot;
    const free = [...blocks.address].filter((_, b) => blocks.state[b] === 0);
    expect([...layout.freeAddress]).toEqual(free);
    expect([...layout.freeSize]).toEqual([...blocks.size].filter((_, b) => blocks.state[b] === 0));
  });

  it('is told by kind', () => {
    const snapshot = drawn(`a = alloc 100MiB
b = alloc 3MiB
c = alloc 1000
free a
on pool 2:
  p = alloc 30MiB
  free p`);
    expect(analyse(snapshot).devices[0]?.waste.end).toMatchObject({
      cached_segment_bytes: 100 * MiB,
      inactive_split_bytes: 17 * MiB + 2 * MiB - KiB,
      private_pool_bytes: 30 * MiB,
      rounding_bytes: 24,
      expandable_free_bytes: 0,
    });
  });
});

describe('a difference', () => {
  it('knows a line by its path, whatever it is called beside other files', () => {
    const line = (folder: string) =>
      `at /run/${folder}/model.py:41 in forward\n${folder} = alloc 4MiB\n`;
    const before = analyse(drawn(line('a')));
    const after = analyse(drawn(line('a') + line('b')));
    const [device] = diffReports(before, after).devices;
    expect(device?.owners.flatMap(({ by, name }) => (by === 'line' ? [name] : []))).toEqual([
      'b/model.py:41',
    ]);
  });

  it('names what grew, in bytes and per cent', () => {
    const before = analyse(drawn(training()), { source: 'before' });
    const after = analyse(drawn(training({ activation: '96MiB' })), { source: 'after' });
    const diff = diffReports(before, after);
    const { owners, peak_allocated } = diff.devices[0] ?? { owners: [] };
    expect(peak_allocated?.change_bytes).toBe(64 * MiB);
    expect(owners[0]).toMatchObject({
      by: 'category',
      name: 'activations',
      change_bytes: 64 * MiB,
    });
    expect(owners.filter(({ by }) => by === 'line').map(({ name }) => name)).toEqual([
      'model.py:30',
      'model.py:31',
    ]);
    const percent = (64 * MiB * 100) / (before.devices[0]?.peak.allocated_bytes ?? 1);
    expect(peakGrowth(diff)).toBeGreaterThanOrEqual(percent);
    expect(peakGrowth(diffReports(before, before))).toBe(0);
  });

  it('of a device that was not there is without measure', () => {
    const nothing = { ...analyse(drawn('x = alloc 512')), devices: [] };
    const something = analyse(drawn('x = alloc 512'));
    expect(peakGrowth(diffReports(nothing, something))).toBe(Number.POSITIVE_INFINITY);
    expect(peakGrowth(diffReports(nothing, nothing))).toBe(null);
  });
});
