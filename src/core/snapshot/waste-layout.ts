/**
 * Segments, live blocks and the free pieces between them at any event: the final state taken back
 * event by event. At the last event it is the state as the file has it.
 */
import { LARGE_SEGMENT, SMALL_SEGMENT } from '../allocator/rounding.ts';
import { SortedList } from '../base/sorted-list.ts';
import { Action, NONE } from './columns.ts';
import { BEFORE, isActiveAt } from './lifetimes.ts';
import type { DeviceView } from './phases.ts';

/** A segment, or a mapped stretch of an expandable one. */
export interface Segment {
  readonly address: number;
  readonly size: number;
  /** Index into `streams`. */
  readonly stream: number;
  readonly isLarge: boolean;
  readonly isExpandable: boolean;
  /** Index into `pools`; 0 is the default pool. */
  readonly pool: number;
}

export interface Layout {
  readonly moment: number;
  readonly segments: readonly Segment[];
  /** Free pieces, in order of address: bytes, and the segment that each is in. */
  readonly freeSize: Float64Array;
  readonly freeAddress: Float64Array;
  readonly freeSegment: Uint32Array;
  /** Per segment: bytes of active blocks. */
  readonly used: Float64Array;
}

/** What a layout is made from. */
type Parts = Pick<DeviceView, 'snapshot' | 'device' | 'lifetimes'>;

/** @param moment event after which it stands; -1 is the start of the recording. */
export function layoutAt(view: Parts, moment: number): Layout {
  const segments = segmentsAt(view, moment);
  const { lifetimes } = view;
  const rows: number[] = [];
  for (let row = 0; row < lifetimes.count; row++) {
    if (isActiveAt(lifetimes, row, moment)) rows.push(row);
  }
  rows.sort((a, b) => (lifetimes.address[a] as number) - (lifetimes.address[b] as number));
  const used = new Float64Array(segments.length);
  const sizes: number[] = [];
  const addresses: number[] = [];
  const owners: number[] = [];
  const free = (segment: number, from: number, to: number): void => {
    if (to <= from) return;
    addresses.push(from);
    sizes.push(to - from);
    owners.push(segment);
  };
  let i = 0;
  segments.forEach(({ address, size }, segment) => {
    const end = address + size;
    let at = address;
    while (i < rows.length && (lifetimes.address[rows[i] as number] as number) < address) i++;
    for (; i < rows.length; i++) {
      const row = rows[i] as number;
      const from = lifetimes.address[row] as number;
      if (from >= end) break;
      free(segment, at, from);
      // A rounded estimate can fall short of the block, never of the segment.
      const to = Math.min(end, from + (lifetimes.block[row] as number));
      used[segment] = (used[segment] as number) + (to - from);
      at = Math.max(at, to);
    }
    free(segment, at, end);
  });
  return {
    moment,
    segments,
    freeSize: Float64Array.from(sizes),
    freeAddress: Float64Array.from(addresses),
    freeSegment: Uint32Array.from(owners),
    used,
  };
}

/** Segments in order of address. */
function segmentsAt(view: Parts, moment: number): readonly Segment[] {
  const { snapshot, device } = view;
  const { events } = device;
  // Segments of cudaMalloc come and go as a whole; the mapped stretches of others grow and shrink.
  const whole = new Map<number, Segment>();
  const ranges: Segment[] = [];
  const [from, to] = device.segments;
  for (let s = from; s < to; s++) {
    const segment: Segment = {
      address: snapshot.segments.address[s] as number,
      size: snapshot.segments.total[s] as number,
      stream: snapshot.segments.stream[s] as number,
      isLarge: snapshot.segments.isLarge[s] === 1,
      isExpandable: snapshot.segments.isExpandable[s] === 1,
      pool: snapshot.segments.pool[s] as number,
    };
    if (segment.isExpandable) ranges.push(segment);
    else whole.set(segment.address, segment);
  }
  const mapped = new SortedList<Segment>(({ address }) => address, ranges);
  for (let e = events.count - 1; e > moment && view.lifetimes.isTrace; e--) {
    const action = events.action[e] as number;
    const address = events.address[e] as number;
    const size = events.size[e] as number;
    if (action === Action.segmentAlloc) whole.delete(address);
    else if (action === Action.segmentMap) takeOut(mapped, address, size);
    else if (action === Action.segmentUnmap) putIn(mapped, freedSegment(view, e, true));
    else if (action === Action.segmentFree) whole.set(address, freedSegment(view, e, false));
  }
  return [...whole.values(), ...mapped.values()].sort((a, b) => a.address - b.address);
}

/** What a segment was that an event gave back, as far as the event tells. */
function freedSegment({ device: { events } }: Parts, e: number, isExpandable: boolean): Segment {
  const size = events.size[e] as number;
  return {
    address: events.address[e] as number,
    size,
    stream: events.stream[e] as number,
    isLarge: isExpandable ? size % LARGE_SEGMENT === 0 : size > SMALL_SEGMENT,
    isExpandable,
    pool: events.pool?.[e] ?? 0,
  };
}

/** Undoes a segment_map: the range is gone, what surrounds it in a mapped stretch stays. */
function takeOut(mapped: SortedList<Segment>, address: number, size: number): void {
  const segment = mapped.atOrBefore(address);
  if (segment === undefined) return;
  const end = segment.address + segment.size;
  if (end < address + size) return;
  mapped.remove(segment.address);
  if (segment.address < address) mapped.add({ ...segment, size: address - segment.address });
  if (end > address + size) {
    mapped.add({ ...segment, address: address + size, size: end - address - size });
  }
}

/** Undoes a segment_unmap: the range is there again, joined with its neighbours. */
function putIn(mapped: SortedList<Segment>, segment: Segment): void {
  let joined = segment;
  const after = mapped.after(segment.address);
  if (after?.address === segment.address + segment.size && after.stream === segment.stream) {
    mapped.remove(after.address);
    joined = { ...after, address: segment.address, size: segment.size + after.size };
  }
  const before = mapped.atOrBefore(segment.address);
  const isNext = before !== undefined && before.address + before.size === segment.address;
  if (isNext && before.stream === segment.stream) {
    mapped.remove(before.address);
    joined = { ...before, size: before.size + joined.size };
  }
  mapped.add(joined);
}

/** Blocks let go that still wait for a stream, after event `moment`: they can serve nothing yet. */
export function pendingAt(view: DeviceView, moment: number): { bytes: number; count: number } {
  const { lifetimes } = view;
  let bytes = 0;
  let count = 0;
  for (let row = 0; row < lifetimes.count; row++) {
    const freed = lifetimes.freed[row] as number;
    if (freed === NONE || !isActiveAt(lifetimes, row, moment)) continue;
    const isPending = freed === BEFORE || freed <= moment;
    if (!isPending) continue;
    bytes += lifetimes.block[row] as number;
    count++;
  }
  return { bytes, count };
}
