/**
 * From the events of a trace to a program without addresses: who asks for how much, and what is let
 * go. Addresses serve to find out which allocation a free ends, and are left behind here; what the
 * driver answered goes onto a tape of its own.
 */

import type { Names } from '../allocator/caching-allocator.ts';
import { Op, type Program } from '../allocator/program.ts';
import { type Tape, TapeKind } from '../allocator/tape.ts';
import { AddressMap } from './address-map.ts';
import { Action, type Device, NONE, type Snapshot } from './columns.ts';
import type { Start } from './start.ts';

export interface Recording {
  readonly program: Program;
  /** The event of each operation. */
  readonly events: Uint32Array;
  readonly tape: Tape;
  readonly names: Names;
  /** Where each `malloc` was put when recorded, in their order. Never shown to the allocator. */
  readonly addresses: Float64Array;
  readonly mallocs: number;
  /** Calls of empty_cache() that gave something back, and the rest of such bursts. */
  readonly emptyCaches: number;
  readonly retries: number;
  readonly bursts: readonly Burst[];
  /** Frees of what was not live, and allocations where something was live already. */
  readonly contradictions: number;
}

/** Segments that were given back together, or a failed request for which none were. */
export interface Burst {
  /** Its events, and the request after it (the count of events if there is none). */
  readonly first: number;
  readonly last: number;
  readonly request: number;
  /** No stack was recorded: whether the program asked for it is told by its position. */
  readonly isGuessed: boolean;
}

/**
 * How a burst is read. A trace does not tell apart what completed before the allocator looked for a
 * free block and what completed when it waited for all streams in its need.
 */
export const Reading = {
  /** Frees that completed right before it and were delayed were waited for. */
  usual: 0,
  /** Without a stack: the program called empty_cache(). */
  called: 1,
  /** All frees that completed right before it were waited for. */
  allWaited: 2,
  /** None of them was. */
  noneWaited: 3,
} as const;

/** @param readings of bursts that are not read as usual, by their first event */
export function recordingOf(
  snapshot: Snapshot,
  device: Device,
  start: Start,
  readings: ReadonlyMap<number, number> = new Map(),
): Recording {
  return new Recorder(snapshot, device, start, readings).record();
}

class Recorder {
  private readonly snapshot: Snapshot;
  private readonly device: Device;
  private readonly readings: ReadonlyMap<number, number>;
  private readonly live: AddressMap;
  private readonly poolAt: (event: number) => number;
  private readonly isExplicit: (stack: number) => boolean;

  private readonly op: Uint8Array;
  private readonly block: Uint32Array;
  private readonly size: Float64Array;
  private readonly stream: Uint16Array;
  private readonly pool: Uint16Array;
  private readonly events: Uint32Array;
  private count = 0;
  private numbers: number;

  private readonly kind: Uint8Array;
  private readonly tapeAddress: Float64Array;
  private readonly tapeSize: Float64Array;
  private readonly tapeStream: Uint16Array;
  private readonly tapeEvent: Uint32Array;
  private taped = 0;

  private readonly addresses: Float64Array;
  private mallocs = 0;
  /** Delayed frees that wait for the request which completed them: [block, event]. */
  private deferred: (readonly [block: number, event: number])[] = [];
  /** The event of the request for which the last retry was. */
  private retriedFor = NONE;
  private emptyCaches = 0;
  private retries = 0;
  private readonly bursts: Burst[] = [];
  private contradictions = 0;

  constructor(
    snapshot: Snapshot,
    device: Device,
    start: Start,
    readings: ReadonlyMap<number, number>,
  ) {
    this.readings = readings;
    this.snapshot = snapshot;
    this.device = device;
    const { count } = device.events;
    const rows = countRows(device);
    this.op = new Uint8Array(rows.operations);
    this.block = new Uint32Array(rows.operations);
    this.size = new Float64Array(rows.operations);
    this.stream = new Uint16Array(rows.operations);
    this.pool = new Uint16Array(rows.operations);
    this.events = new Uint32Array(rows.operations);
    this.kind = new Uint8Array(rows.segments);
    this.tapeAddress = new Float64Array(rows.segments);
    this.tapeSize = new Float64Array(rows.segments);
    this.tapeStream = new Uint16Array(rows.segments);
    this.tapeEvent = new Uint32Array(rows.segments);
    this.addresses = new Float64Array(rows.allocations);
    this.numbers = start.count;
    this.live = new AddressMap(Math.min(count, 2 ** 16) + start.count);
    for (let number = 0; number < start.count; number += 1) {
      this.live.set(start.addresses[number] as number, number);
    }
    this.poolAt = poolFinder(snapshot, device);
    this.isExplicit = emptyCacheFinder(snapshot);
  }

  record(): Recording {
    const { action, address, count } = this.device.events;
    for (let i = 0; i < count; i += 1) {
      switch (action[i]) {
        case Action.alloc:
          this.addMalloc(i);
          break;
        case Action.freeRequested:
          this.addFree(Op.freeRequested, this.live.get(address[i] as number), i);
          break;
        case Action.freeCompleted:
          this.addFree(Op.freeCompleted, this.live.delete(address[i] as number), i);
          break;
        case Action.segmentAlloc:
          this.addToTape(TapeKind.allocate, i);
          break;
        case Action.segmentMap:
          this.addToTape(TapeKind.map, i);
          break;
        case Action.segmentFree:
        case Action.segmentUnmap:
          i = this.addBurst(i);
          break;
        case Action.oom:
          this.addFailure(i);
          break;
        default:
      }
    }
    this.flushDeferred();
    return this.result();
  }

  private add(op: number, block: number, event: number, size = 0, stream = 0, pool = 0): void {
    const at = this.count;
    this.op[at] = op;
    this.block[at] = block;
    this.events[at] = event;
    this.size[at] = size;
    this.stream[at] = stream;
    this.pool[at] = pool;
    this.count += 1;
  }

  private addMalloc(event: number): void {
    const { address, size, stream } = this.device.events;
    const at = address[event] as number;
    if (this.live.get(at) >= 0) this.contradictions += 1;
    this.add(Op.malloc, this.numbers, event, size[event], stream[event], this.poolAt(event));
    this.live.set(at, this.numbers);
    this.numbers += 1;
    this.addresses[this.mallocs] = at;
    this.mallocs += 1;
    if (this.deferred.length > 0) this.flushDeferred();
  }

  private addFailure(event: number): void {
    const { size, stream, pool } = this.device.events;
    // Without a burst before it, it waited for all streams all the same.
    if (this.retriedFor !== event) {
      this.bursts.push({ first: event, last: event, request: event, isGuessed: false });
      this.defer(this.readings.get(event) ?? Reading.usual);
    }
    // It has no address that would tell the pool.
    this.add(Op.oom, this.numbers, event, size[event], stream[event], pool?.[event] ?? 0);
    this.numbers += 1;
    this.flushDeferred();
  }

  private addFree(op: number, block: number, event: number): void {
    if (block < 0) this.contradictions += 1;
    else this.add(op, block, event);
  }

  private addToTape(kind: number, event: number): void {
    const { address, size, stream } = this.device.events;
    const at = this.taped;
    this.kind[at] = kind;
    this.tapeAddress[at] = address[event] as number;
    this.tapeSize[at] = size[event] as number;
    this.tapeStream[at] = stream[event] as number;
    this.tapeEvent[at] = event;
    this.taped += 1;
  }

  /** Segments that were given back together, by the program or by the allocator in its need. */
  private addBurst(first: number): number {
    const { action, stack, count } = this.device.events;
    let last = first;
    while (last + 1 < count && givesBack(action[last + 1]) && stack[last + 1] === stack[first]) {
      last += 1;
    }
    for (let i = first; i <= last; i += 1) {
      this.addToTape(action[i] === Action.segmentFree ? TapeKind.free : TapeKind.unmap, i);
    }
    const isGuessed = stack[first] === NONE;
    this.bursts.push({ first, last, request: this.requestAfter(last), isGuessed });
    const reading = this.readings.get(first) ?? Reading.usual;
    if (reading === Reading.called || this.isCalled(first, last)) {
      this.emptyCaches += 1;
      this.add(Op.emptyCache, 0, last);
    } else {
      this.retries += 1;
      this.retriedFor = this.bursts.at(-1)?.request ?? NONE;
      this.defer(reading);
    }
    return last;
  }

  /** The event of the next allocation or failure. */
  private requestAfter(event: number): number {
    const { action, count } = this.device.events;
    let next = event + 1;
    while (next < count && action[next] !== Action.alloc && action[next] !== Action.oom) next += 1;
    return next;
  }

  /** A stack tells. Without one, what is given back right before a request for more was in its way. */
  private isCalled(first: number, last: number): boolean {
    const { action, stack } = this.device.events;
    const of = stack[first] as number;
    if (of !== NONE) return this.isExplicit(of);
    const following = action[last + 1];
    return !(
      following === Action.segmentAlloc ||
      following === Action.segmentMap ||
      following === Action.oom ||
      (following !== undefined && givesBack(following))
    );
  }

  /**
   * Frees that a request waited for, after it had looked for a free block in vain, follow that request
   * here.
   */
  private defer(reading: number): void {
    if (reading === Reading.noneWaited) return;
    while (this.count > 0) {
      const at = this.count - 1;
      if (this.op[at] !== Op.freeCompleted) return;
      const block = this.block[at] as number;
      const isAdjacent = this.op[at - 1] === Op.freeRequested && this.block[at - 1] === block;
      if (isAdjacent && reading !== Reading.allWaited) return;
      this.deferred.push([block, this.events[at] as number]);
      this.count -= 1;
      if (isAdjacent) return;
    }
  }

  private flushDeferred(): void {
    // The last one was set aside first.
    for (let i = this.deferred.length - 1; i >= 0; i -= 1) {
      const [block, event] = this.deferred[i] as readonly [number, number];
      this.add(Op.freeCompleted, block, event);
    }
    this.deferred = [];
  }

  private result(): Recording {
    const { count, taped } = this;
    return {
      program: {
        count,
        op: this.op.subarray(0, count),
        block: this.block.subarray(0, count),
        size: this.size.subarray(0, count),
        stream: this.stream.subarray(0, count),
        pool: this.pool.subarray(0, count),
      },
      events: this.events.subarray(0, count),
      tape: {
        count: taped,
        kind: this.kind,
        address: this.tapeAddress,
        size: this.tapeSize,
        stream: this.tapeStream,
        event: this.tapeEvent,
      },
      names: {
        streams: Math.max(1, this.snapshot.streams.length),
        pools: Math.max(1, this.snapshot.pools.length),
        blocks: this.numbers,
        streamRank: rankOf(this.snapshot.streams),
      },
      addresses: this.addresses,
      mallocs: this.mallocs,
      emptyCaches: this.emptyCaches,
      retries: this.retries,
      bursts: this.bursts,
      contradictions: this.contradictions,
    };
  }
}

const givesBack = (action: number | undefined): boolean =>
  action === Action.segmentFree || action === Action.segmentUnmap;

function countRows(device: Device): { operations: number; segments: number; allocations: number } {
  const { action, count } = device.events;
  const counts = new Uint32Array(256);
  for (let i = 0; i < count; i += 1) {
    const of = action[i] as number;
    counts[of] = (counts[of] as number) + 1;
  }
  const of = (action: number): number => counts[action] as number;
  const given = of(Action.segmentFree) + of(Action.segmentUnmap);
  const allocations = of(Action.alloc);
  const frees = of(Action.freeRequested) + of(Action.freeCompleted);
  return {
    // Each burst is at most one call of empty_cache().
    operations: allocations + frees + of(Action.oom) + given,
    segments: of(Action.segmentAlloc) + of(Action.segmentMap) + given,
    allocations,
  };
}

/** The pool of an event: as it says, or that of the segment in which its address lies at the end. */
function poolFinder(snapshot: Snapshot, device: Device): (event: number) => number {
  const { address, pool } = device.events;
  if (pool !== undefined) return (event) => pool[event] as number;
  if (snapshot.pools.length < 2) return () => 0;
  const { segments } = snapshot;
  const [first, end] = device.segments;
  return (event) => {
    const at = address[event] as number;
    let from = first;
    let to = end;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((segments.address[middle] as number) <= at) from = middle + 1;
      else to = middle;
    }
    const found = from - 1;
    if (found < first) return 0;
    const isInside = at < (segments.address[found] as number) + (segments.total[found] as number);
    return isInside ? (segments.pool[found] as number) : 0;
  };
}

/** Whether a stack goes through empty_cache(), of Python or of C++. Remembers its answers. */
function emptyCacheFinder(snapshot: Snapshot): (stack: number) => boolean {
  const { stacks, frames, strings } = snapshot;
  const answers = new Map<number, boolean>();
  const look = (stack: number): boolean => {
    const to = stacks.offsets[stack + 1] ?? 0;
    for (let i = stacks.offsets[stack] ?? 0; i < to; i += 1) {
      const name = strings[frames.name[stacks.frames[i] as number] as number] ?? '';
      if (name.includes('empty_cache') || name.includes('emptyCache')) return true;
    }
    return false;
  };
  return (stack) => {
    const known = answers.get(stack);
    if (known !== undefined) return known;
    const answer = look(stack);
    answers.set(stack, answer);
    return answer;
  };
}

/** Streams are ordered by their handles, which are pointers. */
function rankOf(streams: readonly string[]): readonly number[] {
  const handles = streams.map((text) =>
    /^-?\d{1,20}$/.test(text) ? BigInt.asUintN(64, BigInt(text)) : 0n,
  );
  const order = handles.map((_, i) => i);
  order.sort((a, b) => {
    const [left, right] = [handles[a] as bigint, handles[b] as bigint];
    return left < right ? -1 : left > right ? 1 : a - b;
  });
  const rank = new Array<number>(order.length).fill(0);
  for (const [place, stream] of order.entries()) rank[stream] = place;
  return rank;
}
