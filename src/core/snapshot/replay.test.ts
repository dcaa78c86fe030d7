import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { randomFrom, syntheticSnapshot, type Workload } from '../../../test/allocator/synthetic.ts';
import { handSnapshot, type TraceEvent } from '../../../test/allocator/trace.ts';
import { inRing } from '../../../test/ring.ts';
import { MiB } from '../base/bytes.ts';
import { isUnknown } from '../base/unknown.ts';
import { Action, type Events, type Snapshot } from './columns.ts';
import { recordingOf } from './program-of.ts';
import { readSnapshot } from './reader.ts';
import { type Prepared, prepareReplay, type Replay, replayRecorded } from './replay.ts';
import { recordedSettings } from './settings.ts';
import { startOf } from './start.ts';

/** Tries of one kind of change. */
const EACH = inRing([1, 2, 3, 4, 5, 6, 7, 8], [1, 2]);

const EMPTY_CACHE = 'empty_cache';

function replayed(snapshot: Snapshot): Replay {
  const replay = replayRecorded(snapshot, 0);
  if (isUnknown(replay)) throw new Error(`no replay: ${replay.unknown.key}`);
  return replay;
}

function prepared(snapshot: Snapshot): Prepared {
  const found = prepareReplay(snapshot, 0);
  if (isUnknown(found)) throw new Error(`no replay: ${found.unknown.key}`);
  return found;
}

const WORKLOADS: readonly (readonly [string, Partial<Workload>])[] = [
  ['of a plain run', {}],
  ['with expandable segments', { settings: { expandableSegments: true } }],
  ['of three streams with delayed frees', { streams: 3, delayed: 0.1 }],
  ['with calls of empty_cache()', { emptyCacheEvery: 3, withStacks: true }],
  ['with such calls, but without stacks', { emptyCacheEvery: 3 }],
  [
    'on a full device',
    { settings: { capacity: 260 * MiB }, withStacks: true, streams: 2, delayed: 0.2 },
  ],
  [
    'on a full device with expandable segments',
    {
      settings: { capacity: 260 * MiB, expandableSegments: true },
      withStacks: true,
      streams: 2,
      delayed: 0.1,
    },
  ],
  [
    'on a full device with max_split_size_mb',
    { settings: { capacity: 300 * MiB, maxSplitSize: 24 * MiB }, streams: 2, delayed: 0.1 },
  ],
  ['with rounded sizes', { settings: { roundupPower2Divisions: new Array(16).fill(4) } }],
];

describe('a trace', () => {
  it.each(WORKLOADS)('%s comes out as it was, from its beginning and as a ring', (_, workload) => {
    for (const keep of [undefined, 2000]) {
      for (const seed of inRing([1, 2, 3], [1])) {
        const snapshot = syntheticSnapshot({
          seed,
          events: 5000,
          ...workload,
          ...(keep !== undefined && { keep }),
        });
        const replay = replayed(snapshot);
        expect(replay.allocations).toBeGreaterThan(100);
        expect(replay.address_equal).toBe(replay.allocations);
        expect(replay.segment_events_equal).toBe(replay.segment_events);
        expect(replay.final_blocks_equal).toBe(true);
        expect(replay.diverged_at).toBeUndefined();
      }
    }
  });
});

describe('what the allocator is told', () => {
  const snapshot = syntheticSnapshot({ seed: 4, events: 4000 });

  it('has no address but those of segments', () => {
    const { recording, start } = prepared(snapshot);
    expect(start.segments).toEqual([]);
    // Every other number is a size, an ordinal, or the index of a stream or a pool.
    const { tape, program, names } = recording;
    expect(Object.keys(program).sort()).toEqual(['block', 'count', 'op', 'pool', 'size', 'stream']);
    expect(Math.max(...program.block)).toBeLessThan(names.blocks);
    expect(Math.max(...program.size)).toBeLessThan(2 ** 36);
    const segments = new Set(snapshot.segments.address);
    const told = tape.address.subarray(0, tape.count);
    expect(told.every((address) => segments.has(address))).toBe(true);
  });

  it('is the same when blocks have other names', () => {
    const [device] = snapshot.devices;
    if (device === undefined) throw new Error('no device');
    const { events } = device;
    const renamed = { ...events, address: scrambled(events) };
    const other = { ...device, events: renamed };
    const { settings } = recordedSettings(snapshot, device);
    const nothing = startOf(
      { ...snapshot, blocks: { ...snapshot.blocks, state: new Uint8Array(snapshot.blocks.count) } },
      { ...device, segments: [0, 0], events: { ...events, count: 0 } },
      settings,
    );
    const before = recordingOf(snapshot, device, nothing);
    const after = recordingOf(snapshot, other, nothing);
    expect(after.program).toEqual(before.program);
    expect(after.tape).toEqual(before.tape);
    expect(after.addresses).not.toEqual(before.addresses);
  });

  it('moves all blocks along when segments are moved', () => {
    const by = 7 * 2 ** 30;
    const before = prepared(snapshot);
    const after = prepared(moved(snapshot, by));
    const { mallocs } = before.run;
    expect(after.replay.address_equal).toBe(mallocs);
    expect(after.run.addresses.subarray(0, mallocs)).toEqual(
      before.run.addresses.subarray(0, mallocs).map((address) => address + by),
    );
  });

  /** Blocks get addresses that say nothing; those of segments stay. */
  function scrambled({ action, address, count }: Events): Float64Array {
    const names = new Map<number, number>();
    return address.map((at, i) => {
      const what = action[i];
      const isBlock =
        what === Action.alloc || what === Action.freeRequested || what === Action.freeCompleted;
      if (!isBlock || i >= count) return at;
      const name = names.get(at) ?? ((names.size * 7919) % 100_003) * 512;
      names.set(at, name);
      return name;
    });
  }

  function moved(from: Snapshot, by: number): Snapshot {
    const move = (column: Float64Array) => column.map((address) => address + by);
    return {
      ...from,
      devices: from.devices.map((device) => ({
        ...device,
        events: { ...device.events, address: move(device.events.address) },
      })),
      segments: { ...from.segments, address: move(from.segments.address) },
      blocks: { ...from.blocks, address: move(from.blocks.address) },
    };
  }
});

describe('a trace that was changed', () => {
  const snapshot = syntheticSnapshot({ seed: 8, events: 4000, streams: 2 });
  const random = randomFrom(1);

  /** Rows of allocations that live until the end: nothing hides what was done to them. */
  const lasting = (() => {
    const [device] = snapshot.devices;
    if (device === undefined) throw new Error('no device');
    const { action, address, count } = device.events;
    const last = new Map<number, number>();
    for (let i = 0; i < count; i += 1) {
      if (action[i] === Action.alloc) last.set(address[i] as number, i);
      if (action[i] === Action.freeCompleted) last.delete(address[i] as number);
    }
    return [...last.values()];
  })();

  const pick = (rows: readonly number[]) => rows[Math.floor(random() * rows.length)] as number;

  function changed(change: (events: Events) => readonly number[] | undefined): Replay {
    const [device] = snapshot.devices;
    if (device === undefined) throw new Error('no device');
    const copy = {
      ...device.events,
      action: device.events.action.slice(),
      size: device.events.size.slice(),
      stream: device.events.stream.slice(),
      address: device.events.address.slice(),
    };
    const order = change(copy);
    const events = order === undefined ? copy : reordered(copy, order);
    return replayed({ ...snapshot, devices: [{ ...device, events }] });
  }

  function reordered(events: Events, order: readonly number[]): Events {
    return {
      count: order.length,
      action: Uint8Array.from(order, (i) => events.action[i] as number),
      address: Float64Array.from(order, (i) => events.address[i] as number),
      size: Float64Array.from(order, (i) => events.size[i] as number),
      stream: Uint16Array.from(order, (i) => events.stream[i] as number),
      stack: Uint32Array.from(order, (i) => events.stack[i] as number),
    };
  }

  const isWhole = (replay: Replay) =>
    replay.address_equal === replay.allocations &&
    replay.final_blocks_equal &&
    replay.segment_events_equal === replay.segment_events;

  it('is whole when nothing was changed', () => {
    expect(isWhole(changed(() => undefined))).toBe(true);
  });

  it.each(EACH)('matches less with a size changed (%i)', () => {
    const replay = changed((events) => {
      const row = pick(lasting);
      events.size[row] = (events.size[row] as number) * 2 + 4 * MiB;
      return undefined;
    });
    expect(isWhole(replay)).toBe(false);
  });

  it.each(EACH)('matches less with a stream changed (%i)', () => {
    const replay = changed((events) => {
      const row = pick(lasting);
      events.stream[row] = 1 - (events.stream[row] as number);
      return undefined;
    });
    expect(isWhole(replay)).toBe(false);
  });

  it.each(EACH)('matches less with a free dropped (%i)', () => {
    const replay = changed((events) => {
      const frees = [...events.action.keys()].filter(
        (i) => events.action[i] === Action.freeRequested,
      );
      const row = pick(frees);
      return [...events.action.keys()].filter((i) => i !== row && i !== row + 1);
    });
    expect(isWhole(replay)).toBe(false);
  });

  it('matches less with two allocations swapped, nearly always', () => {
    let lower = 0;
    const tries = inRing(20, 6);
    for (let i = 0; i < tries; i += 1) {
      const replay = changed((events) => {
        const rows = [...events.action.keys()].filter((j) => events.action[j] === Action.alloc);
        const [a, b] = [pick(rows), pick(rows)];
        const swap = (column: Float64Array | Uint16Array) => {
          const kept = column[a] as number;
          column[a] = column[b] as number;
          column[b] = kept;
        };
        swap(events.address);
        swap(events.size);
        swap(events.stream);
        return undefined;
      });
      if (!isWhole(replay)) lower += 1;
    }
    // Two that are alike in everything may be swapped without a trace.
    expect(lower).toBeGreaterThan(0.8 * tries);
  });

  it('says where, and counts what was equal up to there', () => {
    const replay = changed((events) => {
      events.size[lasting[3] as number] = 40 * MiB;
      return undefined;
    });
    expect(replay.diverged_at).toBeGreaterThan(0);
    expect(replay.address_equal).toBeLessThan(replay.allocations);
    expect(replay.diverged?.params).toEqual({ event: replay.diverged_at });
  });
});

/** A 20 MiB segment: 6 held, 5.5 asked of a block of 6, 8 free. */
const BASE = 0x7f00_0000_0000;
const P = BASE + 6 * MiB;

describe('a block from before the trace whose end is not known', () => {
  // What the file shows at the end: the block of 5.5 MiB has been freed.
  const end = { address: BASE, blocks: [6 * MiB, -14 * MiB] };

  it('ends where an allocation shows it', () => {
    const events: readonly TraceEvent[] = [
      ['alloc', BASE + 12 * MiB, 2 * MiB],
      ['free', BASE + 12 * MiB, 2 * MiB],
      ['free', P, 5.5 * MiB],
    ];
    const { replay, start } = prepared(handSnapshot(events, [end]));
    expect(start.ambiguities).toMatchObject([{ slack: MiB / 2, isRevealed: true }]);
    expect(replay.start).toMatchObject({ ambiguous: 1, revealed: 1, repaired: 0 });
    expect(replay).toMatchObject({ allocations: 1, address_equal: 1, final_blocks_equal: true });
  });

  it('is settled by trial when a request did not find room behind it', () => {
    const other = BASE + 64 * MiB;
    const events: readonly TraceEvent[] = [
      // 8.25 MiB would go into a gap of 8.5, and did not go into one of 8.
      ['segment_alloc', other, 20 * MiB],
      ['alloc', other, 8.25 * MiB],
      ['free', P, 5.5 * MiB],
    ];
    const segments = [end, { address: other, blocks: [8.25 * MiB, -11.75 * MiB] }];
    const replay = replayed(handSnapshot(events, segments));
    expect(replay.start).toMatchObject({ ambiguous: 1, revealed: 0, repaired: 1 });
    expect(replay).toMatchObject({ allocations: 1, address_equal: 1, final_blocks_equal: true });
  });

  it('has its gap when that is too small for a free block of its own', () => {
    const events: readonly TraceEvent[] = [
      ['free', P, 5.5 * MiB],
      ['alloc', P, 6 * MiB],
      ['free', P, 6 * MiB],
    ];
    const held = { address: BASE, blocks: [6 * MiB, -6 * MiB, 8 * MiB] };
    const { start, replay } = prepared(handSnapshot(events, [held]));
    expect(start.segments[0]?.blocks.map(({ size }) => size / MiB)).toEqual([6, 6, 8]);
    expect(replay.start.ambiguous).toBe(0);
    expect(replay.address_equal).toBe(1);
  });
});

describe('expandable segments from before the trace', () => {
  const settings = { expandableSegments: true };

  it('begin where the first hole is filled', () => {
    const page = 20 * MiB;
    // The first page of the reservation was unmapped before the trace, the second is held.
    const events: readonly TraceEvent[] = [
      ['map', BASE, page],
      ['alloc', BASE, 12 * MiB],
      ['map', BASE + 2 * page, page],
      ['alloc', BASE + 2 * page, 15 * MiB],
    ];
    const blocks = [12 * MiB, -8 * MiB, page, 15 * MiB, -5 * MiB];
    const held = [{ address: BASE, isExpandable: true, blocks }];
    const { replay, start } = prepared(handSnapshot(events, held, { settings }));
    expect(start.segments).toMatchObject([{ address: BASE + page, reservedFrom: BASE }]);
    expect(replay).toMatchObject({ address_equal: 2, segment_events_equal: 2 });
    expect(replay.final_blocks_equal).toBe(true);
  });

  it('get a new reservation where the trace shows one', () => {
    const far = BASE + 2 ** 36;
    const events: readonly TraceEvent[] = [
      ['map', far, 20 * MiB],
      ['alloc', far, 20 * MiB],
    ];
    const held = [
      { address: BASE, isExpandable: true, blocks: [20 * MiB] },
      { address: far, isExpandable: true, blocks: [20 * MiB] },
    ];
    const replay = replayed(handSnapshot(events, held, { settings }));
    expect(replay).toMatchObject({ address_equal: 1, final_blocks_equal: true });
  });
});

describe('released segments', () => {
  const [A, B] = [BASE, BASE + 64 * MiB];
  const events = (stack?: string): readonly TraceEvent[] => [
    ['segment_alloc', A, 30 * MiB],
    ['alloc', A, 30 * MiB],
    ['free', A, 30 * MiB],
    ['segment_free', A, 30 * MiB, stack],
    ['segment_alloc', B, 40 * MiB],
    ['alloc', B, 40 * MiB],
  ];
  const end = [{ address: B, blocks: [40 * MiB] }];

  it('are a call of the program when their stack says so', () => {
    const { recording, replay } = prepared(handSnapshot(events(EMPTY_CACHE), end));
    expect(recording).toMatchObject({ emptyCaches: 1, retries: 0 });
    expect(replay).toMatchObject({ address_equal: 2, final_blocks_equal: true });
  });

  it('are a retry when it does not', () => {
    const { recording, replay } = prepared(handSnapshot(events('linear'), end));
    expect(recording).toMatchObject({ emptyCaches: 0, retries: 1 });
    expect(replay).toMatchObject({ address_equal: 2, final_blocks_equal: true });
  });

  it('are told by their position without a stack, and that is said', () => {
    const { recording, replay } = prepared(handSnapshot(events(), end));
    expect(recording).toMatchObject({ emptyCaches: 0, retries: 1 });
    expect(replay.notes.map(({ code }) => code)).toContain('replay_guessed');
  });

  it('of a private pool went because its graph was gone', () => {
    const pooled: readonly TraceEvent[] = [
      ['segment_alloc', A, 30 * MiB],
      ['alloc', A, 30 * MiB],
      ['free', A, 30 * MiB],
      ['segment_free', A, 30 * MiB, EMPTY_CACHE],
    ];
    const plain = handSnapshot(pooled, []);
    const [device] = plain.devices;
    if (device === undefined) throw new Error('no device');
    const events = { ...device.events, pool: new Uint16Array(device.events.count).fill(1) };
    const snapshot: Snapshot = {
      ...plain,
      pools: [
        [0, 0],
        [1, 0],
      ],
      devices: [{ ...device, events }],
    };
    expect(replayed(snapshot)).toMatchObject({
      address_equal: 1,
      segment_events_equal: 2,
      final_blocks_equal: true,
    });
  });
});

describe('no replay', () => {
  it('without events, and of a stale one', () => {
    const segments = [{ address: BASE, blocks: [20 * MiB] }];
    expect(replayRecorded(handSnapshot([], segments), 0)).toMatchObject({
      unknown: { key: 'no_trace' },
    });
    expect(replayRecorded(handSnapshot([['complete', BASE, 5]], segments), 0)).toMatchObject({
      unknown: { key: 'state_only' },
    });
    expect(replayRecorded(handSnapshot([], segments), 7)).toMatchObject({
      unknown: { key: 'no_trace' },
    });
  });

  it('when kinds of events were left out, or of another backend', () => {
    const events: readonly TraceEvent[] = [
      ['alloc', BASE, 5],
      ['request', BASE, 5],
    ];
    expect(replayRecorded(handSnapshot(events, []), 0)).toMatchObject({
      unknown: { key: 'kinds_missing' },
    });
    const settings = { conf: 'backend:cudaMallocAsync' };
    expect(
      replayRecorded(handSnapshot([...events, ['complete', BASE, 5]], [], { settings }), 0),
    ).toMatchObject({ unknown: { key: 'other_backend' } });
  });

  it('but no exception for events that contradict each other', () => {
    const events: readonly TraceEvent[] = [
      ['free', BASE, 5],
      ['alloc', BASE, 5],
      ['alloc', BASE, 5],
      ['free', BASE, 5],
      ['free', BASE, 5],
      ['segment_free', BASE, 1],
      ['unmap', BASE + 1, 7],
      ['map', BASE, Number.NaN],
      ['alloc', Number.NaN, -1],
      ['oom', -5, 2 ** 60],
    ];
    const replay = replayed(handSnapshot(events, [{ address: BASE, blocks: [5, -3, 2 * MiB] }]));
    expect(replay.notes.map(({ code }) => code)).toContain('replay_contradicted');
  });
});

const SHARED = process.env['UNOOM_SHARED'] ?? join(import.meta.dirname, '../../../../shared');
const FILES: readonly (readonly [string, number])[] = [
  ['s1_mem_snapshot.pickle', 36],
  ['s2_memory_snapshot.pickle', 1721],
  ['s3_memory_snapshot.pickle', 2162],
  ['s4_memory_snapshot.pickle', 3221],
  ['s5_medium_512_training.pickle', 7591],
];

describe.skipIf(!existsSync(join(SHARED, 'snapshots')))('real files', () => {
  const read = async (file: string): Promise<Snapshot> => {
    const { snapshot } = await readSnapshot([readFileSync(join(SHARED, 'snapshots', file))]);
    if (snapshot === undefined) throw new Error(`${file} cannot be read`);
    return snapshot;
  };

  it.each(FILES)('%s: every block where PyTorch put it', async (file, allocations) => {
    const replay = replayed(await read(file));
    expect(replay.allocations).toBe(allocations);
    expect(replay.address_equal).toBe(allocations);
    expect(replay.segment_events_equal).toBe(replay.segment_events);
    expect(replay.final_blocks_equal).toBe(true);
  });

  it.each(['s6_my_snapshot.pickle', 's7_oom_snapshot_legacy2.0.pickle'])(
    '%s: only a state',
    async (file) => {
      expect(replayRecorded(await read(file), 0)).toMatchObject({ unknown: { key: 'state_only' } });
    },
  );
});
