/**
 * The native CUDA caching allocator of PyTorch, as it behaves: best fit with ties by address,
 * splitting, merging, segments from the driver, retries, garbage collection, expandable segments.
 *
 * Blocks are rows of a table. A block is chained to its neighbours within its segment; free ones stand in
 * the `FreeBlocks` of their pool and stream.
 *
 * Source: c10/cuda/CUDACachingAllocator.cpp of PyTorch 1.13 to 2.11 (malloc, get_free_block,
 * alloc_block, try_allocate_expandable_block, free_block, release_cached_blocks, unmap_block,
 * release_available_cached_blocks, garbage_collect_cached_blocks). Names in comments are theirs.
 */
import { SortedList } from '../base/sorted-list.ts';
import { BlockRows, NO_ROW, RowState } from './block-rows.ts';
import type { Driver } from './driver.ts';
import { FreeBlocks } from './free-blocks.ts';
import type { AllocatorSettings, StartSegment } from './program.ts';
import { MIN_BLOCK, roundSize, SMALL_MAX, SMALL_SEGMENT, segmentSize } from './rounding.ts';

/** Combinations of pool, size class and stream that are looked up in a table. */
const MAX_TABLE = 2 ** 16;

/** Blocks and holes that all searches for room in expandable segments may look at together. */
const MOST_HOLES_SEEN = 1e7;

/** The blocks of one pool and stream. */
class PoolSet {
  readonly free: FreeBlocks;
  /** Unmapped ranges of expandable segments, by address. */
  unmapped: SortedList<number>;
  readonly pool: number;
  readonly isLarge: boolean;
  readonly stream: number;

  constructor(rows: BlockRows, pool: number, isLarge: boolean, stream: number) {
    this.free = new FreeBlocks(rows);
    this.unmapped = new SortedList((row) => rows.address(row));
    this.pool = pool;
    this.isLarge = isLarge;
    this.stream = stream;
  }

  /** The same over rows that are the same. */
  over(rows: BlockRows): PoolSet {
    const other = new PoolSet(rows, this.pool, this.isLarge, this.stream);
    other.free.copy(this.free);
    other.unmapped = new SortedList((row) => rows.address(row), this.unmapped.values());
    return other;
  }
}

/** How many streams, pools and allocations a program names. */
export interface Names {
  readonly streams: number;
  readonly pools: number;
  /** Allocations: those of the start and those that the program makes. */
  readonly blocks: number;
  /** Place of each stream when streams are ordered by their handles. In order of index if absent. */
  readonly streamRank?: readonly number[];
}

/** A block as it stands at the end, with the segment-relative facts that a snapshot shows. */
export interface FinalBlock {
  readonly address: number;
  readonly size: number;
  readonly state: 'free' | 'allocated' | 'pending';
  readonly stream: number;
  readonly isLarge: boolean;
}

export class CachingAllocator {
  /** Bytes of all segments; of blocks that the program holds; of those and the pending ones. */
  reserved = 0;
  allocated = 0;
  active = 0;
  peakReserved = 0;
  peakAllocated = 0;
  /** Calls of the driver that got or gave back memory. Those that failed are not counted. */
  deviceAllocations = 0;
  deviceFrees = 0;
  /** Requests that had to give back all cached blocks first. */
  retries = 0;
  /**
   * True once it has walked past so many holes of expandable segments that it served no further request
   * that needs one: what comes then says nothing. A device has thousands of pages, not millions.
   */
  hasGivenUp = false;

  private readonly settings: AllocatorSettings;
  private readonly driver: Driver;
  private readonly names: Names;
  private readonly hasDivisions: boolean;
  private readonly collectsGarbage: boolean;
  private readonly largeSegment: number;
  // Settings that every request looks at, of one shape whatever object they came in.
  private readonly isExpandable: boolean;
  private readonly maxSplitSize: number;
  private readonly maxNonSplitRounding: number;

  private readonly sets: PoolSet[] = [];
  /** From pool, size class and stream to an index of `sets`, or -1. */
  private readonly setTable: Int32Array;
  /** The same where a table would be too large. */
  private readonly setMap = new Map<number, number>();
  /** Searches of each pool so far, and at which of them a block became free: its age. */
  private readonly searches: Int32Array;

  private readonly rows = new BlockRows();
  private holesToSee = MOST_HOLES_SEEN;
  /** Where reservations begin. */
  private readonly bases: number[] = [];
  private readonly pending: number[] = [];
  /** The row of each allocation, or -1. */
  private readonly rowOf: Int32Array;

  /** @param scratch room for an integer for each allocation, instead of new room */
  constructor(settings: AllocatorSettings, driver: Driver, names: Names, scratch?: Int32Array) {
    this.settings = settings;
    this.driver = driver;
    this.names = names;
    this.hasDivisions = settings.roundupPower2Divisions.some((parts) => parts > 0);
    this.collectsGarbage = settings.garbageCollectionThreshold > 0 && Number.isFinite(settings.cap);
    this.largeSegment = settings.largeSegmentSize;
    this.isExpandable = settings.expandableSegments;
    this.maxSplitSize = settings.maxSplitSize;
    this.maxNonSplitRounding = settings.maxNonSplitRounding;
    const keys = names.pools * 2 * names.streams;
    this.setTable = new Int32Array(keys <= MAX_TABLE ? keys : 0).fill(-1);
    this.searches = new Int32Array(names.pools * 2);
    this.rowOf = (scratch ?? new Int32Array(names.blocks)).fill(NO_ROW);
  }

  /** Another one that stands where this one does. @param driver that has given what the own one has */
  fork(driver: Driver): CachingAllocator {
    const other = new CachingAllocator(this.settings, driver, this.names);
    other.reserved = this.reserved;
    other.allocated = this.allocated;
    other.active = this.active;
    other.peakReserved = this.peakReserved;
    other.peakAllocated = this.peakAllocated;
    other.deviceAllocations = this.deviceAllocations;
    other.deviceFrees = this.deviceFrees;
    other.retries = this.retries;
    other.hasGivenUp = this.hasGivenUp;
    other.holesToSee = this.holesToSee;
    other.rows.copy(this.rows);
    for (const set of this.sets) other.sets.push(set.over(other.rows));
    other.setTable.set(this.setTable);
    for (const [key, index] of this.setMap) other.setMap.set(key, index);
    other.searches.set(this.searches);
    other.rowOf.set(this.rowOf);
    for (const base of this.bases) other.bases.push(base);
    for (const block of this.pending) other.pending.push(block);
    return other;
  }

  /** Puts segments there as they were before the first operation. */
  place(segments: readonly StartSegment[]): void {
    const byAddress = [...segments].sort((a, b) => a.address - b.address);
    /** Last row of the reservation of each set. */
    const tails = new Map<number, number>();
    for (const segment of byAddress) {
      if (segment.blocks.length === 0) continue;
      const set = this.setIndex(segment.pool, segment.isLarge, segment.stream);
      let last: number = NO_ROW;
      let reservation = NO_ROW;
      if (segment.isExpandable) {
        const tail = tails.get(set);
        if (tail !== undefined) {
          reservation = this.rows.reservation(tail);
          last = this.closeGap(tail, segment.address);
        } else {
          const base = Math.min(segment.address, segment.reservedFrom ?? segment.address);
          reservation = this.bases.push(base) - 1;
          if (base < segment.address) {
            last = this.rows.add(base, segment.address - base, set, reservation);
            this.insertUnmapped(last);
          }
        }
      }
      let { address } = segment;
      for (const block of segment.blocks) {
        const row = this.rows.add(address, block.size, set, reservation);
        this.rows.link(last, row);
        address += block.size;
        last = row;
        if (block.block === undefined) {
          this.insertFree(row);
          continue;
        }
        this.rowOf[block.block] = row;
        this.rows.setState(row, block.isPending ? RowState.pending : RowState.allocated);
        this.active += block.size;
        if (block.isPending) this.pending.push(block.block);
        else this.allocated += block.size;
      }
      this.reserved += segment.size;
      if (segment.isExpandable) tails.set(set, this.appendUnmapped(last, address));
    }
    this.peakReserved = this.reserved;
    this.peakAllocated = this.allocated;
  }

  /** The tail of a reservation ends where the next mapped range begins. Returns the row before it. */
  private closeGap(tail: number, address: number): number {
    const gap = address - this.rows.address(tail);
    if (gap > 0) {
      this.rows.setSize(tail, gap);
      return tail;
    }
    const before = this.rows.previous(tail);
    this.removeUnmapped(tail);
    this.rows.drop(tail);
    if (before !== NO_ROW) this.rows.setNext(before, NO_ROW);
    return before;
  }

  private appendUnmapped(last: number, address: number): number {
    const row = this.rows.add(
      address,
      Number.POSITIVE_INFINITY,
      this.rows.set(last),
      this.rows.reservation(last),
    );
    this.rows.link(last, row);
    this.insertUnmapped(row);
    return row;
  }

  /**
   * Asks for `bytes`. True when allocation `block` got a block; false when memory ran out.
   * @param bytes as the program asks, before rounding
   */
  malloc(block: number, bytes: number, stream: number, pool: number): boolean {
    const rounded = this.rounded(bytes);
    const index = this.setIndex(pool, rounded > SMALL_MAX, stream);
    const set = this.sets[index] as PoolSet;
    let row = this.findFree(set, rounded);
    if (row === NO_ROW) {
      row = this.findNew(set, index, rounded);
      if (row === NO_ROW) return false;
    }
    const size = this.rows.size(row);
    const rest = size - rounded;
    if (rest > 0 && this.shouldSplit(set, rounded, rest)) {
      row = this.splitFront(row, rounded, index);
      this.allocated += rounded;
      this.active += rounded;
    } else {
      this.allocated += size;
      this.active += size;
    }
    this.rows.setState(row, RowState.allocated);
    this.rowOf[block] = row;
    if (this.allocated > this.peakAllocated) this.peakAllocated = this.allocated;
    return true;
  }

  private rounded(bytes: number): number {
    if (this.hasDivisions) return roundSize(bytes, this.settings.roundupPower2Divisions);
    return bytes > MIN_BLOCK ? Math.ceil(bytes / MIN_BLOCK) * MIN_BLOCK : MIN_BLOCK;
  }

  /**
   * Whether what is freed before anything else happens leaves all as it was: a free block serves it, and is whole again
   * after. Such a pair of operations need not be run where only reserved bytes are asked for.
   */
  isPassing(bytes: number, stream: number, pool: number): boolean {
    // What collects garbage counts searches.
    if (this.collectsGarbage) return false;
    const rounded = this.rounded(bytes);
    const set = this.sets[this.setIndex(pool, rounded > SMALL_MAX, stream)] as PoolSet;
    return this.fitting(set, rounded) !== NO_ROW;
  }

  /** The program lets an allocation go that other streams still use. Unknown ones are ignored. */
  freeRequested(block: number): void {
    const row = this.rowOf[block] as number;
    if (row === NO_ROW || this.rows.state(row) !== RowState.allocated) return;
    this.rows.setState(row, RowState.pending);
    this.allocated -= this.rows.size(row);
    this.pending.push(block);
  }

  /** The block of an allocation becomes reusable. Unknown ones are ignored. */
  freeCompleted(block: number): void {
    const row = this.rowOf[block] as number;
    if (row === NO_ROW) return;
    const size = this.rows.size(row);
    if (this.rows.state(row) === RowState.allocated) this.allocated -= size;
    this.active -= size;
    this.rowOf[block] = NO_ROW;
    this.freeBlock(row);
  }

  /** torch.cuda.empty_cache(). */
  emptyCache(): void {
    this.releaseCached();
  }

  /** The address of a live allocation, or -1. */
  addressOf(block: number): number {
    const row = this.rowOf[block] as number;
    return row === NO_ROW ? -1 : this.rows.address(row);
  }

  /** Bytes of an allocation's block; -1 when it is not live. */
  sizeOf(block: number): number {
    const row = this.rowOf[block] as number;
    return row === NO_ROW ? -1 : this.rows.size(row);
  }

  /** All mapped blocks, by address. */
  blocks(): readonly FinalBlock[] {
    const found: FinalBlock[] = [];
    for (let row = 0; row < this.rows.count; row += 1) {
      const state = this.rows.state(row);
      if (state === RowState.unused || state === RowState.unmapped) continue;
      const set = this.sets[this.rows.set(row)] as PoolSet;
      found.push({
        address: this.rows.address(row),
        size: this.rows.size(row),
        state:
          state === RowState.free ? 'free' : state === RowState.pending ? 'pending' : 'allocated',
        stream: set.stream,
        isLarge: set.isLarge,
      });
    }
    return found.sort((a, b) => a.address - b.address);
  }

  // --- get_free_block ---

  private findFree(set: PoolSet, rounded: number): number {
    if (this.collectsGarbage) this.countSearch(set);
    const row = this.fitting(set, rounded);
    if (row !== NO_ROW) set.free.remove(row);
    return row;
  }

  private fitting({ free }: PoolSet, rounded: number): number {
    const { maxSplitSize, maxNonSplitRounding } = this;
    let row = free.seek(rounded);
    if (row === NO_ROW) return NO_ROW;
    if (this.rows.reservation(row) !== NO_ROW) {
      row = this.isExpandable ? this.leastExpandable(free, row) : this.firstUnexpandable(free, row);
      if (row === NO_ROW) return NO_ROW;
    }
    const size = this.rows.size(row);
    if (rounded < maxSplitSize && size >= maxSplitSize) return NO_ROW;
    return rounded >= maxSplitSize && size >= rounded + maxNonSplitRounding ? NO_ROW : row;
  }

  private countSearch(set: PoolSet): void {
    const pool = poolIndex(set);
    this.searches[pool] = (this.searches[pool] as number) + 1;
  }

  /** A block that can grow counts with what it can grow to, so that those in the middle go first. */
  private leastExpandable(free: FreeBlocks, first: number): number {
    let row = first;
    let size = this.expandedSize(row);
    for (;;) {
      if (this.rows.reservation(row) === NO_ROW) return row;
      const following = free.after(row);
      if (following === NO_ROW) return row;
      const other = this.expandedSize(following);
      if (other >= size) return row;
      row = following;
      size = other;
    }
  }

  private expandedSize(row: number): number {
    const size = this.rows.size(row);
    const next = this.rows.next(row);
    return next !== NO_ROW && this.rows.state(next) === RowState.unmapped
      ? size + this.rows.size(next)
      : size;
  }

  private firstUnexpandable(free: FreeBlocks, first: number): number {
    let row = first;
    while (row !== NO_ROW && this.rows.reservation(row) !== NO_ROW) row = free.after(row);
    return row;
  }

  private shouldSplit(set: PoolSet, rounded: number, rest: number): boolean {
    if (!set.isLarge || this.isExpandable) return rest >= MIN_BLOCK;
    return rounded < this.maxSplitSize && rest > SMALL_MAX;
  }

  /** Cuts the front off a block that is in no set; the rest becomes free. Returns the front. */
  private splitFront(row: number, bytes: number, set: number): number {
    const address = this.rows.address(row);
    const front = this.rows.add(address, bytes, set, this.rows.reservation(row));
    this.rows.link(this.rows.previous(row), front);
    this.rows.link(front, row);
    this.rows.setAddress(row, address + bytes);
    this.rows.setSize(row, this.rows.size(row) - bytes);
    this.insertFree(row);
    return front;
  }

  // --- a block that was not there ---

  /** The chain of what malloc tries when no free block serves. */
  private findNew(set: PoolSet, index: number, rounded: number): number {
    if (this.collectsGarbage) this.collectGarbage();
    let row = this.newBlock(set, index, rounded);
    if (row !== NO_ROW) return row;
    if (Number.isFinite(this.settings.maxSplitSize) && this.releaseAvailable(set, rounded)) {
      row = this.newBlock(set, index, rounded);
      if (row !== NO_ROW) return row;
    }
    // While a graph is captured nothing may be given back.
    if (set.pool !== 0) return NO_ROW;
    this.releaseCached();
    this.retries += 1;
    return this.newBlock(set, index, rounded);
  }

  /** alloc_block */
  private newBlock(set: PoolSet, index: number, rounded: number): number {
    const bytes = segmentSize(rounded, this.largeSegment);
    if (this.reserved + bytes > this.settings.cap) return NO_ROW;
    if (this.settings.expandableSegments) return this.growExpandable(set, index, rounded);
    const address = this.driver.allocate(bytes, set.stream);
    if (address < 0) return NO_ROW;
    this.countMapped(bytes);
    return this.rows.add(address, bytes, index, NO_ROW);
  }

  private countMapped(bytes: number): void {
    this.deviceAllocations += 1;
    this.reserved += bytes;
    if (this.reserved > this.peakReserved) this.peakReserved = this.reserved;
  }

  // --- expandable segments ---

  /** try_allocate_expandable_block */
  private growExpandable(set: PoolSet, index: number, rounded: number): number {
    if (this.holesToSee < 0) {
      this.hasGivenUp = true;
      return NO_ROW;
    }
    let row = this.expandableCandidate(set, rounded) ?? this.newReservation(set, index);
    if (this.rows.state(row) === RowState.unmapped) {
      if (!this.mapBlock(set, row, Math.min(this.rows.size(row), rounded))) return NO_ROW;
    }
    while (this.rows.size(row) < rounded) {
      const missing = rounded - this.rows.size(row);
      const following = this.rows.next(row);
      const room = this.rows.size(following);
      if (!this.mapBlock(set, following, Math.min(missing, room))) return NO_ROW;
      row = following;
    }
    set.free.remove(row);
    return row;
  }

  /** find_expandable_block, without the new reservation: where free and unmapped ranges reach. */
  private expandableCandidate(set: PoolSet, rounded: number): number | undefined {
    const { rows } = this;
    let chainEnd = Number.NEGATIVE_INFINITY;
    for (const hole of set.unmapped) {
      this.holesToSee -= 1;
      // A hole of a chain that was too short: what begins later in it is shorter still.
      if (rows.address(hole) < chainEnd) continue;
      const before = rows.previous(hole);
      const first = before !== NO_ROW && rows.state(before) === RowState.free ? before : hole;
      let bytes = 0;
      let row = first;
      while (bytes < rounded && row !== NO_ROW && this.isMergeable(row)) {
        bytes += rows.size(row);
        row = rows.next(row);
        this.holesToSee -= 1;
      }
      if (bytes < rounded) {
        chainEnd = rows.address(first) + bytes;
        continue;
      }
      const base = this.bases[rows.reservation(hole)] as number;
      const isTail = rows.size(hole) === Number.POSITIVE_INFINITY;
      if (isTail && this.driver.isExhausted(base, rows.address(hole))) continue;
      return first;
    }
    return undefined;
  }

  /** Free or unmapped. */
  private isMergeable(row: number): boolean {
    const state = this.rows.state(row);
    return state === RowState.free || state === RowState.unmapped;
  }

  private newReservation(set: PoolSet, index: number): number {
    const base = this.driver.reserve();
    const reservation = this.bases.push(base) - 1;
    const row = this.rows.add(base, Number.POSITIVE_INFINITY, index, reservation);
    this.rows.setState(row, RowState.unmapped);
    set.unmapped.add(row);
    return row;
  }

  private pageOf(set: PoolSet): number {
    return set.isLarge ? this.largeSegment : SMALL_SEGMENT;
  }

  /** map_block: maps the front of an unmapped range in whole pages and makes it a free block. */
  private mapBlock(set: PoolSet, row: number, bytes: number): boolean {
    const page = this.pageOf(set);
    const mapped = Math.min(Math.ceil(bytes / page) * page, this.rows.size(row));
    const address = this.rows.address(row);
    if (!this.driver.map(address, mapped, set.stream)) return false;
    this.countMapped(mapped);
    this.removeUnmapped(row);
    const rest = this.rows.size(row) - mapped;
    if (rest > 0) {
      const remaining = this.rows.add(
        address + mapped,
        rest,
        this.rows.set(row),
        this.rows.reservation(row),
      );
      this.rows.link(remaining, this.rows.next(row));
      this.rows.link(row, remaining);
      this.rows.setSize(row, mapped);
      this.insertUnmapped(remaining);
    }
    this.freeBlock(row);
    return true;
  }

  /** unmap_block: gives the pages that lie wholly in a free block back. */
  private unmapBlock(row: number): void {
    const set = this.sets[this.rows.set(row)] as PoolSet;
    const page = this.pageOf(set);
    const reservation = this.rows.reservation(row);
    const base = this.bases[reservation] as number;
    const from = this.rows.address(row);
    const to = from + this.rows.size(row);
    const first = base + Math.ceil((from - base) / page) * page;
    const last = base + Math.floor((to - base) / page) * page;
    if (last <= first) return;
    this.driver.unmap(first, last - first);
    this.deviceFrees += 1;
    this.reserved -= last - first;
    set.free.remove(row);
    if (first > from) {
      const before = this.rows.add(from, first - from, this.rows.set(row), reservation);
      this.rows.link(this.rows.previous(row), before);
      this.rows.link(before, row);
      this.insertFree(before);
    }
    if (to > last) {
      const after = this.rows.add(last, to - last, this.rows.set(row), reservation);
      this.rows.link(after, this.rows.next(row));
      this.rows.link(row, after);
      this.insertFree(after);
    }
    this.rows.setAddress(row, first);
    this.rows.setSize(row, last - first);
    this.rows.setState(row, RowState.unmapped);
    this.mergeNeighbours(row, RowState.unmapped);
    if (this.isWholeSegment(row)) this.rows.drop(row);
    else this.insertUnmapped(row);
  }

  // --- giving back ---

  /** release_cached_blocks: waits for all streams, then gives all unsplit free blocks back. */
  private releaseCached(): void {
    for (const block of this.pending) this.completeIfPending(block);
    this.pending.length = 0;
    this.releaseOf(true);
    this.releaseOf(false);
    for (;;) {
      const address = this.driver.nextFreed?.();
      if (address === undefined || !this.releasePrivate(address)) return;
    }
  }

  /** Gives a wholly free segment of a private pool back, as happens when its graph is gone. */
  private releasePrivate(address: number): boolean {
    for (const set of this.sets) {
      if (set.pool === 0) continue;
      for (const row of this.freeRows([set])) {
        if (this.rows.address(row) !== address || !this.isWholeSegment(row)) continue;
        this.releaseSegment(row);
        return true;
      }
    }
    return false;
  }

  private completeIfPending(block: number): void {
    const row = this.rowOf[block] as number;
    if (row !== NO_ROW && this.rows.state(row) === RowState.pending) this.freeCompleted(block);
  }

  private releaseOf(isLarge: boolean): void {
    const toUnmap: number[] = [];
    for (const row of this.freeRows(this.defaultSets(isLarge))) {
      if (this.rows.reservation(row) !== NO_ROW) toUnmap.push(row);
      else if (this.isWholeSegment(row)) this.releaseSegment(row);
    }
    for (const row of toUnmap) this.unmapBlock(row);
  }

  /** The sets of the default pool, in the order of their streams' handles. */
  private defaultSets(isLarge: boolean): readonly PoolSet[] {
    const rank = this.names.streamRank;
    return this.sets
      .filter((set) => set.pool === 0 && set.isLarge === isLarge)
      .sort((a, b) => (rank?.[a.stream] ?? a.stream) - (rank?.[b.stream] ?? b.stream));
  }

  private freeRows(sets: readonly PoolSet[]): readonly number[] {
    const rows: number[] = [];
    for (const set of sets) set.free.appendTo(rows);
    return rows;
  }

  private isWholeSegment(row: number): boolean {
    return this.rows.previous(row) === NO_ROW && this.rows.next(row) === NO_ROW;
  }

  /** Gives a free block that is a whole segment back to the driver. */
  private releaseSegment(row: number): void {
    const bytes = this.rows.size(row);
    const address = this.rows.address(row);
    (this.sets[this.rows.set(row)] as PoolSet).free.remove(row);
    this.driver.free(address, bytes);
    this.deviceFrees += 1;
    this.reserved -= bytes;
    this.rows.drop(row);
  }

  /**
   * release_available_cached_blocks: gives oversize blocks of this stream back until a request of
   * `rounded` bytes can be met. False when there were not enough.
   */
  private releaseAvailable(set: PoolSet, rounded: number): boolean {
    const { maxSplitSize } = this.settings;
    const wanted = Math.max(rounded, maxSplitSize);
    const single = set.free.seek(wanted);
    if (single !== NO_ROW && this.rows.reservation(single) === NO_ROW) {
      // A block that was split under other settings cannot be given back.
      if (!this.isWholeSegment(single)) return false;
      this.releaseSegment(single);
      return true;
    }
    const rows: number[] = [];
    set.free.appendTo(rows);
    let released = 0;
    for (let i = rows.length - 1; i >= 0 && released < wanted; i -= 1) {
      const row = rows[i] as number;
      const bytes = this.rows.size(row);
      if (bytes < maxSplitSize) break;
      if (this.rows.reservation(row) !== NO_ROW || !this.isWholeSegment(row)) continue;
      this.releaseSegment(row);
      released += bytes;
    }
    return released >= wanted;
  }

  /** garbage_collect_cached_blocks: gives back what has been free for longer than the average. */
  private collectGarbage(): void {
    const threshold = Math.floor(this.settings.garbageCollectionThreshold * this.settings.cap);
    if (this.reserved <= threshold) return;
    const target = this.reserved - threshold;
    const sets = this.defaultSets(true);
    let candidates = this.freeRows(sets).filter((row) => this.isWholeSegment(row));
    let count = candidates.length;
    let totalAge = 0;
    for (const row of candidates) totalAge += this.ageOf(row);
    candidates = candidates.filter((row) => this.rows.reservation(row) === NO_ROW);
    let reclaimed = 0;
    let hasFreed = true;
    while (reclaimed < target && hasFreed && count > 0) {
      const average = totalAge / count;
      hasFreed = false;
      const kept: number[] = [];
      for (const row of candidates) {
        const age = this.ageOf(row);
        if (age < average) {
          kept.push(row);
          continue;
        }
        hasFreed = true;
        reclaimed += this.rows.size(row);
        totalAge -= age;
        count -= 1;
        this.releaseSegment(row);
      }
      candidates = kept;
    }
  }

  /** Searches of the pool since the block became free. */
  private ageOf(row: number): number {
    const set = this.sets[this.rows.set(row)] as PoolSet;
    return (this.searches[poolIndex(set)] as number) - this.rows.freeSince(row);
  }

  // --- rows, neighbours, sets ---

  /** Makes a block free, merges it with its free neighbours and puts the result into its set. */
  private freeBlock(row: number): void {
    this.mergeNeighbours(row, RowState.free);
    this.insertFree(row);
  }

  /** try_merge_blocks with both neighbours, which must be in `state` to be merged. */
  private mergeNeighbours(row: number, state: number): void {
    const previous = this.rows.previous(row);
    if (previous !== NO_ROW && this.rows.state(previous) === state) {
      this.removeFromSet(previous);
      this.rows.setAddress(row, this.rows.address(previous));
      this.rows.setSize(row, this.rows.size(row) + this.rows.size(previous));
      this.rows.link(this.rows.previous(previous), row);
      this.rows.drop(previous);
    }
    const next = this.rows.next(row);
    if (next !== NO_ROW && this.rows.state(next) === state) {
      this.removeFromSet(next);
      this.rows.setSize(row, this.rows.size(row) + this.rows.size(next));
      this.rows.link(row, this.rows.next(next));
      this.rows.drop(next);
    }
  }

  private removeFromSet(row: number): void {
    if (this.rows.state(row) === RowState.unmapped) {
      this.removeUnmapped(row);
      return;
    }
    const set = this.sets[this.rows.set(row)] as PoolSet;
    set.free.remove(row);
  }

  private insertFree(row: number): void {
    this.rows.setState(row, RowState.free);
    const set = this.sets[this.rows.set(row)] as PoolSet;
    if (this.collectsGarbage) this.rows.setFreeSince(row, this.searches[poolIndex(set)] as number);
    set.free.insert(row);
  }

  private insertUnmapped(row: number): void {
    this.rows.setState(row, RowState.unmapped);
    const set = this.sets[this.rows.set(row)] as PoolSet;
    set.unmapped.add(row);
  }

  private removeUnmapped(row: number): void {
    const { unmapped } = this.sets[this.rows.set(row)] as PoolSet;
    unmapped.remove(this.rows.address(row));
  }

  private setIndex(pool: number, isLarge: boolean, stream: number): number {
    const key = (pool * 2 + (isLarge ? 1 : 0)) * this.names.streams + stream;
    const isInTable = key < this.setTable.length;
    const known = isInTable ? (this.setTable[key] as number) : (this.setMap.get(key) ?? -1);
    if (known >= 0) return known;
    const index = this.sets.push(new PoolSet(this.rows, pool, isLarge, stream)) - 1;
    if (isInTable) this.setTable[key] = index;
    else this.setMap.set(key, index);
    return index;
  }
}

const poolIndex = (set: PoolSet): number => set.pool * 2 + (set.isLarge ? 1 : 0);
