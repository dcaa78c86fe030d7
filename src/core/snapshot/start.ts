/**
 * The state before a trace: the state that the snapshot shows, with the events undone from the last
 * to the first. In a ring buffer it is the state before the oldest event that was kept.
 *
 * One thing a snapshot does not tell: how large a block was that existed before the trace and was
 * freed in it. An event has the size that was asked for, and in a large segment up to 1 MiB more may
 * have been left at the end of a block. Where the next block begins within that reach, the gap
 * is part of the block: the allocator makes no free block that small there. Where it does not, the
 * first allocation in the gap shows where the block had ended; until one does, the gap is ambiguous.
 */
import type { AllocatorSettings, StartBlock, StartSegment } from '../allocator/program.ts';
import { roundSize, SMALL_MAX, SMALL_SEGMENT } from '../allocator/rounding.ts';
import { SortedList } from '../base/sorted-list.ts';
import { AddressMap } from './address-map.ts';
import { Action, BlockState, type Device, type Snapshot } from './columns.ts';

/** No device has so many bytes that a reservation of 9/8 of them would be larger. */
const MAX_RESERVATION = 2 ** 39;

/** A block whose end is not certain. */
export interface Ambiguity {
  /** Where the block's size stands. */
  readonly segment: number;
  readonly block: number;
  /** Number of the allocation, and where its block begins and the rounded request ends. */
  readonly number: number;
  readonly address: number;
  readonly end: number;
  /** Bytes from the end of the rounded request to the next block. */
  readonly gap: number;
  /** Bytes beyond the rounded request that the block has, as far as is known. */
  slack: number;
  /** An allocation has shown where the block ends. */
  isRevealed: boolean;
  /** The event that frees the block; the gap is one with it from there on. */
  freedAt: number;
}

export interface Start {
  /** By address; their blocks number the allocations from 0. */
  readonly segments: readonly StartSegment[];
  readonly count: number;
  /** Address of each allocation. */
  readonly addresses: Float64Array;
  readonly ambiguities: readonly Ambiguity[];
  /** Events that do not fit what the snapshot shows, and the last of them. */
  readonly contradictions: number;
  readonly contradictedAt?: number;
}

export function startOf(snapshot: Snapshot, device: Device, settings: AllocatorSettings): Start {
  const state = new State(snapshot, device, settings);
  state.undoAll();
  return state.lay();
}

/** The segments of a start in which each uncertain block is as large as its slack says. */
export function segmentsOf(start: Start): readonly StartSegment[] {
  if (start.ambiguities.every(({ slack }) => slack === 0)) return start.segments;
  const blocks = start.segments.map((segment) => [...segment.blocks]);
  for (const { segment, block, slack, gap } of start.ambiguities) {
    if (slack === 0) continue;
    const row = blocks[segment] as StartBlock[];
    const held = row[block] as StartBlock;
    row[block] = { ...held, size: held.size + slack };
    // The free block behind it is what is left of the gap.
    row[block + 1] = { size: gap - slack };
  }
  return start.segments.map((segment, i) => ({ ...segment, blocks: blocks[i] ?? [] }));
}

interface Range {
  from: number;
  to: number;
  readonly stream: number;
  readonly pool: number;
  readonly isLarge: boolean;
  readonly isExpandable: boolean;
}

/** What was live at a moment, going backwards. */
class State {
  private readonly device: Device;
  private readonly settings: AllocatorSettings;
  /** Live blocks: rows of the four columns below. */
  private readonly live: AddressMap;
  private readonly addresses: number[] = [];
  /** NaN when only the request is known. */
  private readonly sizes: number[] = [];
  private readonly requests: number[] = [];
  private readonly isPending: boolean[] = [];
  /** Segments of cudaMalloc by address, and mapped ranges in order. */
  private readonly segments = new Map<number, Range>();
  private readonly mapped: SortedList<Range>;
  private contradictions = 0;
  private contradictedAt = -1;

  constructor(snapshot: Snapshot, device: Device, settings: AllocatorSettings) {
    this.device = device;
    this.settings = settings;
    const { segments, blocks } = snapshot;
    const [from, to] = device.segments;
    const firstBlock = segments.firstBlock[from] ?? 0;
    const lastBlock = segments.firstBlock[to] ?? firstBlock;
    this.live = new AddressMap(lastBlock - firstBlock);
    const mapped: Range[] = [];
    for (let s = from; s < to; s += 1) {
      const address = segments.address[s] as number;
      const range: Range = {
        from: address,
        to: address + (segments.total[s] as number),
        stream: segments.stream[s] as number,
        pool: segments.pool[s] as number,
        isLarge: segments.isLarge[s] === 1,
        isExpandable: segments.isExpandable[s] === 1,
      };
      if (range.isExpandable) mapped.push(range);
      else this.segments.set(address, range);
    }
    this.mapped = new SortedList(({ from }) => from, mapped);
    for (let b = firstBlock; b < lastBlock; b += 1) {
      if (blocks.state[b] === BlockState.inactive) continue;
      this.add(
        blocks.address[b] as number,
        blocks.size[b] as number,
        blocks.requested[b] as number,
        blocks.state[b] === BlockState.pendingFree,
      );
    }
  }

  undoAll(): void {
    const { action, address, size, count } = this.device.events;
    for (let i = count - 1; i >= 0; i -= 1) {
      const at = address[i] as number;
      const bytes = size[i] as number;
      let fits = true;
      switch (action[i]) {
        case Action.alloc:
          fits = this.live.delete(at) >= 0;
          break;
        case Action.freeCompleted:
          fits = this.live.get(at) < 0;
          if (fits) this.add(at, Number.NaN, bytes, true);
          break;
        case Action.freeRequested:
          fits = this.undoRequest(at, bytes);
          break;
        case Action.segmentAlloc:
          fits = this.segments.delete(at);
          break;
        case Action.segmentFree:
          fits = !this.segments.has(at);
          this.segments.set(at, this.segmentOf(i));
          break;
        case Action.segmentMap:
          this.cutOut(at, at + bytes);
          break;
        case Action.segmentUnmap:
          this.putBack(i);
          break;
        default:
      }
      if (fits) continue;
      this.contradictions += 1;
      if (this.contradictedAt < 0) this.contradictedAt = i;
    }
  }

  private add(address: number, size: number, request: number, isPending: boolean): void {
    const row = this.addresses.length;
    this.addresses.push(address);
    this.sizes.push(size);
    this.requests.push(request);
    this.isPending.push(isPending);
    this.live.set(address, row);
  }

  private undoRequest(address: number, bytes: number): boolean {
    const row = this.live.get(address);
    if (row < 0) {
      this.add(address, Number.NaN, bytes, false);
      return false;
    }
    const wasPending = this.isPending[row] === true;
    this.isPending[row] = false;
    return wasPending;
  }

  /** The segment that an event gave back. Only small segments have 2 MiB. */
  private segmentOf(event: number): Range {
    const { address, size, stream, pool } = this.device.events;
    const from = address[event] as number;
    const bytes = size[event] as number;
    return {
      from,
      to: from + bytes,
      stream: stream[event] as number,
      pool: pool?.[event] ?? 0,
      isLarge: bytes !== SMALL_SEGMENT,
      isExpandable: false,
    };
  }

  /** Undoes a mapping. */
  private cutOut(from: number, to: number): void {
    const { mapped } = this;
    let range = mapped.atOrBefore(from);
    if (range === undefined || range.to <= from) range = mapped.after(from);
    while (range !== undefined && range.from < to) {
      mapped.remove(range.from);
      if (range.from < from) mapped.add({ ...range, to: from });
      if (range.to > to) mapped.add({ ...range, from: to });
      range = mapped.after(Math.max(from, range.from));
    }
  }

  /** Undoes an unmapping. Whole large pages are of the large pool, unless a neighbour says otherwise. */
  private putBack(event: number): void {
    const { size } = this.device.events;
    const isLarge = (size[event] as number) % this.settings.largeSegmentSize === 0;
    const range: Range = { ...this.segmentOf(event), isLarge, isExpandable: true };
    const neighbour = [this.mapped.atOrBefore(range.from), this.mapped.after(range.from)].find(
      (other) =>
        other !== undefined &&
        (other.to === range.from || other.from === range.to) &&
        other.stream === range.stream,
    );
    this.mapped.add({
      ...range,
      ...(neighbour && { isLarge: neighbour.isLarge, pool: neighbour.pool }),
    });
  }

  /** Lays what is live into what is there. */
  lay(): Start {
    const ranges = disjoint([...this.segments.values(), ...joined(this.mapped.values())]);
    const rows = this.live.rows();
    rows.sort((a, b) => (this.addresses[a] as number) - (this.addresses[b] as number));
    const segments: StartSegment[] = [];
    const numbers: number[] = [];
    const ambiguities: Ambiguity[] = [];
    const lowest = lowestMapped(this.device, this.settings);
    let next = 0;
    for (const range of ranges) {
      while (next < rows.length && this.addressOf(rows, next) < range.from) {
        next += 1;
        this.contradictions += 1;
      }
      const first = next;
      while (next < rows.length && this.addressOf(rows, next) < range.to) next += 1;
      const blocks: StartBlock[] = [];
      let end = range.from;
      for (let i = first; i < next; i += 1) {
        const row = rows[i] as number;
        const from = this.addresses[row] as number;
        if (from < end) {
          this.contradictions += 1;
          continue;
        }
        if (from > end) blocks.push({ size: from - end });
        const room = (i + 1 < next ? this.addressOf(rows, i + 1) : range.to) - from;
        const { size, gap } = this.sizeOf(row, room, range);
        const number = numbers.push(from) - 1;
        if (gap > 0) {
          ambiguities.push({
            segment: segments.length,
            block: blocks.length,
            number,
            address: from,
            end: from + size,
            gap,
            slack: 0,
            isRevealed: false,
            freedAt: this.device.events.count,
          });
        }
        blocks.push({
          size,
          block: number,
          requested: this.requests[row] as number,
          ...(this.isPending[row] && { isPending: true }),
        });
        end = from + size;
      }
      if (end < range.to) blocks.push({ size: range.to - end });
      segments.push({
        address: range.from,
        size: range.to - range.from,
        stream: range.stream,
        pool: range.pool,
        isLarge: range.isLarge,
        isExpandable: range.isExpandable,
        ...(range.isExpandable && beginningOf(range, lowest)),
        blocks,
      });
    }
    this.contradictions += rows.length - next;
    reveal(ambiguities, this.device);
    return {
      segments,
      count: numbers.length,
      addresses: Float64Array.from(numbers),
      ambiguities,
      contradictions: this.contradictions,
      ...(this.contradictedAt >= 0 && { contradictedAt: this.contradictedAt }),
    };
  }

  private addressOf(rows: readonly number[], at: number): number {
    return this.addresses[rows[at] as number] as number;
  }

  /**
   * Bytes of a block with `room` bytes to the next one, and the bytes behind it of which part may
   * belong to it (0: none).
   */
  private sizeOf(row: number, room: number, range: Range): { size: number; gap: number } {
    const known = this.sizes[row] as number;
    if (!Number.isNaN(known)) return { size: Math.min(known, room), gap: 0 };
    const { roundupPower2Divisions, maxSplitSize, expandableSegments } = this.settings;
    const rounded = roundSize(this.requests[row] as number, roundupPower2Divisions);
    if (rounded >= room) return { size: room, gap: 0 };
    const gap = room - rounded;
    if (!range.isLarge || range.isExpandable || expandableSegments)
      return { size: rounded, gap: 0 };
    // An oversize request takes its block whole.
    if (gap <= SMALL_MAX || rounded >= maxSplitSize) return { size: room, gap: 0 };
    return { size: rounded, gap };
  }
}

/**
 * The lowest address that the trace maps, by stream and pool. Where that is below what is mapped at
 * the start, it is where the addresses of the reservation begin: holes are filled from there.
 */
function lowestMapped(device: Device, settings: AllocatorSettings): ReadonlyMap<string, number> {
  const lowest = new Map<string, number>();
  const { action, address, size, stream, count } = device.events;
  for (let i = 0; i < count; i += 1) {
    if (action[i] !== Action.segmentMap) continue;
    const isLarge = (size[i] as number) % settings.largeSegmentSize === 0;
    const key = `${stream[i]}/${isLarge}`;
    const at = address[i] as number;
    if (at < (lowest.get(key) ?? Number.POSITIVE_INFINITY)) lowest.set(key, at);
  }
  return lowest;
}

function beginningOf(
  range: Range,
  lowest: ReadonlyMap<string, number>,
): { reservedFrom: number } | undefined {
  const at = lowest.get(`${range.stream}/${range.isLarge}`);
  const isBelow = at !== undefined && at < range.from && at > range.from - MAX_RESERVATION;
  return isBelow ? { reservedFrom: at } : undefined;
}

/** Ranges by address, without those that reach into another: no allocator made them. */
function disjoint(ranges: readonly Range[]): readonly Range[] {
  const sorted = [...ranges].sort((a, b) => a.from - b.from);
  let end = Number.NEGATIVE_INFINITY;
  return sorted.filter((range) => {
    if (range.from < end || range.to <= range.from) return false;
    end = range.to;
    return true;
  });
}

/** Mapped ranges that touch are one. */
function joined(ranges: readonly Range[]): readonly Range[] {
  const all: Range[] = [];
  for (const range of ranges) {
    const last = all.at(-1);
    const isSame =
      last !== undefined &&
      last.to === range.from &&
      last.stream === range.stream &&
      last.pool === range.pool &&
      last.isLarge === range.isLarge;
    if (isSame) last.to = range.to;
    else all.push({ ...range });
  }
  return all;
}

/** The first allocation in a gap, while the block before it lives, begins where that block ends. */
function reveal(ambiguities: readonly Ambiguity[], device: Device): void {
  if (ambiguities.length === 0) return;
  const { action, address, count } = device.events;
  for (let i = 0; i < count; i += 1) {
    const what = action[i];
    const isAlloc = what === Action.alloc;
    if (!isAlloc && what !== Action.freeRequested && what !== Action.freeCompleted) continue;
    const at = address[i] as number;
    const found = lastUpTo(ambiguities, at);
    if (found === undefined || found.freedAt < i) continue;
    if (!isAlloc) {
      if (at === found.address) found.freedAt = i;
    } else if (!found.isRevealed && at >= found.end && at < found.end + found.gap) {
      if (at - found.end > SMALL_MAX) continue;
      found.slack = at - found.end;
      found.isRevealed = true;
    }
  }
}

/** Of ambiguities in order of address, the last whose block begins at or before an address. */
function lastUpTo(ambiguities: readonly Ambiguity[], address: number): Ambiguity | undefined {
  let from = 0;
  let to = ambiguities.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((ambiguities[middle] as Ambiguity).address <= address) from = middle + 1;
    else to = middle;
  }
  return ambiguities[from - 1];
}
