/**
 * Segments, live blocks and the free pieces between them at any event: the final state taken back
 * event by event. At the last event it is the state as the file has it.
 */
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

const MIB = 1 << 20;

/** @param moment event after which it stands; -1 is the start of the recording. */
export function layoutAt(view: DeviceView, moment: number): Layout {
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
function segmentsAt(view: DeviceView, moment: number): readonly Segment[] {
  const { snapshot, device } = view;
  const { events } = device;
  const live: Segment[] = [];
  const [from, to] = device.segments;
  for (let s = from; s < to; s++) {
    live.push({
      address: snapshot.segments.address[s] as number,
      size: snapshot.segments.total[s] as number,
      stream: snapshot.segments.stream[s] as number,
      isLarge: snapshot.segments.isLarge[s] === 1,
      isExpandable: snapshot.segments.isExpandable[s] === 1,
      pool: snapshot.segments.pool[s] as number,
    });
  }
  live.sort((a, b) => a.address - b.address);
  for (let e = events.count - 1; e > moment; e--) {
    const action = events.action[e] as number;
    if (action === Action.segmentAlloc || action === Action.segmentMap)
      takeOut(live, events.address[e] as number, events.size[e] as number);
    else if (action === Action.segmentFree || action === Action.segmentUnmap) {
      putIn(live, view, e, action === Action.segmentUnmap);
    }
  }
  return live;
}

/** First segment at or after an address. */
function indexAt(live: readonly Segment[], address: number): number {
  let low = 0;
  let high = live.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((live[middle] as Segment).address < address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Undoes a segment_alloc or segment_map: the range is gone, what surrounds it in a segment stays. */
function takeOut(live: Segment[], address: number, size: number): void {
  let index = indexAt(live, address);
  const before = live[index - 1];
  if (live[index]?.address !== address && before !== undefined) index--;
  const segment = live[index];
  if (segment === undefined || segment.address > address) return;
  const end = segment.address + segment.size;
  if (end < address + size) return;
  const rest: Segment[] = [];
  if (segment.address < address) rest.push({ ...segment, size: address - segment.address });
  if (end > address + size) {
    rest.push({ ...segment, address: address + size, size: end - address - size });
  }
  live.splice(index, 1, ...rest);
}

/** Undoes a segment_free or segment_unmap: the range is there again, joined with its neighbours. */
function putIn(live: Segment[], view: DeviceView, e: number, isExpandable: boolean): void {
  const { events } = view.device;
  let address = events.address[e] as number;
  let size = events.size[e] as number;
  const stream = events.stream[e] as number;
  let index = indexAt(live, address);
  let count = 0;
  let isLarge = isExpandable ? size % (20 * MIB) === 0 : size > 2 * MIB;
  let pool: number = events.pool?.[e] ?? 0;
  if (isExpandable) {
    const before = live[index - 1];
    const after = live[index];
    if (
      after?.isExpandable === true &&
      after.address === address + size &&
      after.stream === stream
    ) {
      ({ isLarge, pool } = after);
      size += after.size;
      count++;
    }
    if (
      before?.isExpandable === true &&
      before.address + before.size === address &&
      before.stream === stream
    ) {
      ({ isLarge, pool } = before);
      address = before.address;
      size += before.size;
      index--;
      count++;
    }
  }
  live.splice(index, count, { address, size, stream, isLarge, isExpandable, pool });
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
