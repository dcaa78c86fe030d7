/**
 * The native CUDA caching allocator of PyTorch, as it behaves: best fit with ties by address,
 * splitting, merging, segments from the driver, retries, garbage collection, expandable segments.
 *
 * Blocks are rows of typed arrays. A row is reused when its block is gone. A block is chained to its
 * neighbours within its segment; free ones stand in the `FreeBlocks` of their pool and stream.
 *
 * Source: c10/cuda/CUDACachingAllocator.cpp of PyTorch 1.13 to 2.11 (malloc, get_free_block,
 * alloc_block, try_allocate_expandable_block, free_block, release_cached_blocks, unmap_block,
 * release_available_cached_blocks, garbage_collect_cached_blocks). Names in comments are theirs.
 */
import type { Driver } from './driver.ts';
import { FreeBlocks } from './free-blocks.ts';
import type { AllocatorSettings, StartSegment } from './program.ts';
import { MIN_BLOCK, roundSize, SMALL_MAX, SMALL_SEGMENT, segmentSize } from './rounding.ts';

const NO_ROW = -1;

/** What a row holds. */
export const RowState = { unused: 0, free: 1, allocated: 2, pending: 3, unmapped: 4 } as const;

/** The blocks of one pool and stream. */
class PoolSet {
  readonly free = new FreeBlocks();
  /** Unmapped ranges of expandable segments, by address. */
  readonly unmapped: number[] = [];
  readonly pool: number;
  readonly isLarge: boolean;
  readonly stream: number;

  constructor(pool: number, isLarge: boolean, stream: number) {
    this.pool = pool;
    this.isLarge = isLarge;
    this.stream = stream;
  }
}

/** How many of each the program names. */
export interface Dimensions {
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

  private readonly settings: AllocatorSettings;
  private readonly driver: Driver;
  private readonly dimensions: Dimensions;
  private readonly hasDivisions: boolean;
  private readonly collectsGarbage: boolean;
  private readonly largeSegment: number;

  private readonly sets: (PoolSet | undefined)[];
  /** Searches of each pool so far, and at which of them a block became free: its age. */
  private readonly searches: Int32Array;

  private size: Float64Array;
  private address: Float64Array;
  private previous: Int32Array;
  private next: Int32Array;
  private state: Uint8Array;
  /** Index of the block's PoolSet. */
  private set: Int32Array;
  /** Index of the reservation of an expandable segment, or -1. */
  private reservation: Int32Array;
  private freeSince: Int32Array;
  private rows = 0;
  private unusedRows: Int32Array;
  private unusedCount = 0;

  /** Where reservations begin. */
  private readonly bases: number[] = [];
  private readonly pending: number[] = [];
  /** The row of each allocation, or -1. */
  private readonly rowOf: Int32Array;

  constructor(settings: AllocatorSettings, driver: Driver, dimensions: Dimensions) {
    this.settings = settings;
    this.driver = driver;
    this.dimensions = dimensions;
    this.hasDivisions = settings.roundupPower2Divisions.some((parts) => parts > 0);
    this.collectsGarbage = settings.garbageCollectionThreshold > 0 && Number.isFinite(settings.cap);
    this.largeSegment = settings.largeSegmentSize;
    this.sets = new Array(dimensions.pools * 2 * dimensions.streams).fill(undefined);
    this.searches = new Int32Array(dimensions.pools * 2);
    this.rowOf = new Int32Array(dimensions.blocks).fill(NO_ROW);
    const capacity = 1024;
    this.size = new Float64Array(capacity);
    this.address = new Float64Array(capacity);
    this.previous = new Int32Array(capacity);
    this.next = new Int32Array(capacity);
    this.state = new Uint8Array(capacity);
    this.set = new Int32Array(capacity);
    this.reservation = new Int32Array(capacity);
    this.freeSince = new Int32Array(capacity);
    this.unusedRows = new Int32Array(capacity);
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
          reservation = this.reservation[tail] as number;
          last = this.closeGap(tail, segment.address);
        } else {
          reservation = this.bases.push(segment.address) - 1;
        }
      }
      let { address } = segment;
      for (const block of segment.blocks) {
        const row = this.newRow(address, block.size, set, reservation);
        this.link(last, row);
        address += block.size;
        last = row;
        if (block.block === undefined) {
          this.insertFree(row);
          continue;
        }
        this.rowOf[block.block] = row;
        this.state[row] = block.isPending ? RowState.pending : RowState.allocated;
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
    const gap = address - (this.address[tail] as number);
    if (gap > 0) {
      this.size[tail] = gap;
      return tail;
    }
    const before = this.previous[tail] as number;
    this.removeUnmapped(tail);
    this.dropRow(tail);
    if (before !== NO_ROW) this.next[before] = NO_ROW;
    return before;
  }

  private appendUnmapped(last: number, address: number): number {
    const row = this.newRow(
      address,
      Number.POSITIVE_INFINITY,
      this.set[last] as number,
      this.reservation[last] as number,
    );
    this.link(last, row);
    this.insertUnmapped(row);
    return row;
  }

  /**
   * Asks for `bytes`. True when allocation `block` got a block; false when memory ran out.
   * @param bytes as the program asks, before rounding
   */
  malloc(block: number, bytes: number, stream: number, pool: number): boolean {
    const rounded = this.hasDivisions
      ? roundSize(bytes, this.settings.roundupPower2Divisions)
      : bytes < MIN_BLOCK
        ? MIN_BLOCK
        : Math.ceil(bytes / MIN_BLOCK) * MIN_BLOCK;
    const index = this.setIndex(pool, rounded > SMALL_MAX, stream);
    const set = this.sets[index] as PoolSet;
    let row = this.findFree(set, rounded);
    if (row === NO_ROW) {
      row = this.findNew(set, index, rounded);
      if (row === NO_ROW) return false;
    }
    const size = this.size[row] as number;
    const rest = size - rounded;
    if (rest > 0 && this.shouldSplit(set, rounded, rest)) {
      row = this.splitFront(row, rounded, index);
      this.allocated += rounded;
      this.active += rounded;
    } else {
      this.allocated += size;
      this.active += size;
    }
    this.state[row] = RowState.allocated;
    this.rowOf[block] = row;
    if (this.allocated > this.peakAllocated) this.peakAllocated = this.allocated;
    return true;
  }

  /** The program lets an allocation go that other streams still use. Unknown ones are ignored. */
  freeRequested(block: number): void {
    const row = this.rowOf[block] as number;
    if (row === NO_ROW || this.state[row] !== RowState.allocated) return;
    this.state[row] = RowState.pending;
    this.allocated -= this.size[row] as number;
    this.pending.push(block);
  }

  /** The block of an allocation becomes reusable. Unknown ones are ignored. */
  freeCompleted(block: number): void {
    const row = this.rowOf[block] as number;
    if (row === NO_ROW) return;
    const size = this.size[row] as number;
    if (this.state[row] === RowState.allocated) this.allocated -= size;
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
    return row === NO_ROW ? -1 : (this.address[row] as number);
  }

  /** Bytes of a live allocation's block, or -1. */
  sizeOf(block: number): number {
    const row = this.rowOf[block] as number;
    return row === NO_ROW ? -1 : (this.size[row] as number);
  }

  /** All mapped blocks, by address. */
  blocks(): readonly FinalBlock[] {
    const found: FinalBlock[] = [];
    for (let row = 0; row < this.rows; row += 1) {
      const state = this.state[row];
      if (state === RowState.unused || state === RowState.unmapped) continue;
      const set = this.sets[this.set[row] as number] as PoolSet;
      found.push({
        address: this.address[row] as number,
        size: this.size[row] as number,
        state:
          state === RowState.free ? 'free' : state === RowState.pending ? 'pending' : 'allocated',
        stream: set.stream,
        isLarge: set.isLarge,
      });
    }
    return found.sort((a, b) => a.address - b.address);
  }

  /** Gives a wholly free segment of a private pool back, as happens when its graph is gone. */
  releasePrivate(address: number): boolean {
    for (const set of this.sets) {
      if (set === undefined || set.pool === 0) continue;
      for (const row of this.freeRows([set])) {
        if (this.address[row] !== address || !this.isWholeSegment(row)) continue;
        this.releaseSegment(row);
        return true;
      }
    }
    return false;
  }

  // --- get_free_block ---

  private findFree(set: PoolSet, rounded: number): number {
    if (this.collectsGarbage) this.countSearch(set);
    const { free } = set;
    const { maxSplitSize, maxNonSplitRounding } = this.settings;
    let row = free.seek(rounded);
    if (row === NO_ROW) return NO_ROW;
    if (this.reservation[row] !== NO_ROW) {
      row = this.settings.expandableSegments
        ? this.leastExpandable(free, row)
        : this.firstUnexpandable(free, row);
      if (row === NO_ROW) return NO_ROW;
    }
    const size = this.size[row] as number;
    if (rounded < maxSplitSize && size >= maxSplitSize) return NO_ROW;
    if (rounded >= maxSplitSize && size >= rounded + maxNonSplitRounding) return NO_ROW;
    free.removeHere();
    return row;
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
      if (this.reservation[row] === NO_ROW) return row;
      const following = free.peek();
      if (following === NO_ROW) return row;
      const other = this.expandedSize(following);
      if (other >= size) return row;
      free.next();
      row = following;
      size = other;
    }
  }

  private expandedSize(row: number): number {
    const size = this.size[row] as number;
    const next = this.next[row] as number;
    return next !== NO_ROW && this.state[next] === RowState.unmapped
      ? size + (this.size[next] as number)
      : size;
  }

  private firstUnexpandable(free: FreeBlocks, first: number): number {
    let row = first;
    while (row !== NO_ROW && this.reservation[row] !== NO_ROW) row = free.next();
    return row;
  }

  private shouldSplit(set: PoolSet, rounded: number, rest: number): boolean {
    if (!set.isLarge || this.settings.expandableSegments) return rest >= MIN_BLOCK;
    return rounded < this.settings.maxSplitSize && rest > SMALL_MAX;
  }

  /** Cuts the front off a block that is in no set; the rest becomes free. Returns the front. */
  private splitFront(row: number, bytes: number, set: number): number {
    const address = this.address[row] as number;
    const front = this.newRow(address, bytes, set, this.reservation[row] as number);
    this.link(this.previous[row] as number, front);
    this.link(front, row);
    this.address[row] = address + bytes;
    this.size[row] = (this.size[row] as number) - bytes;
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
    return this.newRow(address, bytes, index, NO_ROW);
  }

  private countMapped(bytes: number): void {
    this.deviceAllocations += 1;
    this.reserved += bytes;
    if (this.reserved > this.peakReserved) this.peakReserved = this.reserved;
  }

  // --- expandable segments ---

  /** try_allocate_expandable_block */
  private growExpandable(set: PoolSet, index: number, rounded: number): number {
    let row = this.expandableCandidate(set, rounded) ?? this.newReservation(set, index);
    if (this.state[row] === RowState.unmapped) {
      if (!this.mapBlock(set, row, Math.min(this.size[row] as number, rounded))) return NO_ROW;
    }
    while ((this.size[row] as number) < rounded) {
      const missing = rounded - (this.size[row] as number);
      const following = this.next[row] as number;
      const room = this.size[following] as number;
      if (!this.mapBlock(set, following, Math.min(missing, room))) return NO_ROW;
      row = following;
    }
    set.free.remove(this.size[row] as number, this.address[row] as number);
    return row;
  }

  /** find_expandable_block, without the new reservation: where free and unmapped ranges reach. */
  private expandableCandidate(set: PoolSet, rounded: number): number | undefined {
    for (const hole of set.unmapped) {
      const before = this.previous[hole] as number;
      const first = before !== NO_ROW && this.state[before] === RowState.free ? before : hole;
      let bytes = 0;
      let row = first;
      while (bytes < rounded && row !== NO_ROW && this.isMergeable(row)) {
        bytes += this.size[row] as number;
        row = this.next[row] as number;
      }
      if (bytes < rounded) continue;
      const base = this.bases[this.reservation[hole] as number] as number;
      const isTail = this.size[hole] === Number.POSITIVE_INFINITY;
      if (isTail && this.driver.isExhausted(base, this.address[hole] as number)) continue;
      return first;
    }
    return undefined;
  }

  /** Free or unmapped. */
  private isMergeable(row: number): boolean {
    const state = this.state[row];
    return state === RowState.free || state === RowState.unmapped;
  }

  private newReservation(set: PoolSet, index: number): number {
    const base = this.driver.reserve();
    const reservation = this.bases.push(base) - 1;
    const row = this.newRow(base, Number.POSITIVE_INFINITY, index, reservation);
    this.state[row] = RowState.unmapped;
    insertByAddress(set.unmapped, row, this.address);
    return row;
  }

  private pageOf(set: PoolSet): number {
    return set.isLarge ? this.largeSegment : SMALL_SEGMENT;
  }

  /** map_block: maps the front of an unmapped range in whole pages and makes it a free block. */
  private mapBlock(set: PoolSet, row: number, bytes: number): boolean {
    const page = this.pageOf(set);
    const mapped = Math.min(Math.ceil(bytes / page) * page, this.size[row] as number);
    const address = this.address[row] as number;
    if (!this.driver.map(address, mapped, set.stream)) return false;
    this.countMapped(mapped);
    this.removeUnmapped(row);
    const rest = (this.size[row] as number) - mapped;
    if (rest > 0) {
      const remaining = this.newRow(
        address + mapped,
        rest,
        this.set[row] as number,
        this.reservation[row] as number,
      );
      this.link(remaining, this.next[row] as number);
      this.link(row, remaining);
      this.size[row] = mapped;
      this.insertUnmapped(remaining);
    }
    this.freeBlock(row);
    return true;
  }

  /** unmap_block: gives the pages that lie wholly in a free block back. */
  private unmapBlock(row: number): void {
    const set = this.sets[this.set[row] as number] as PoolSet;
    const page = this.pageOf(set);
    const reservation = this.reservation[row] as number;
    const base = this.bases[reservation] as number;
    const from = this.address[row] as number;
    const to = from + (this.size[row] as number);
    const first = base + Math.ceil((from - base) / page) * page;
    const last = base + Math.floor((to - base) / page) * page;
    if (last <= first) return;
    this.driver.unmap(first, last - first);
    this.deviceFrees += 1;
    this.reserved -= last - first;
    set.free.remove(to - from, from);
    if (first > from) {
      const before = this.newRow(from, first - from, this.set[row] as number, reservation);
      this.link(this.previous[row] as number, before);
      this.link(before, row);
      this.insertFree(before);
    }
    if (to > last) {
      const after = this.newRow(last, to - last, this.set[row] as number, reservation);
      this.link(after, this.next[row] as number);
      this.link(row, after);
      this.insertFree(after);
    }
    this.address[row] = first;
    this.size[row] = last - first;
    this.state[row] = RowState.unmapped;
    this.mergeNeighbours(row, RowState.unmapped);
    if (this.isWholeSegment(row)) this.dropRow(row);
    else this.insertUnmapped(row);
  }

  // --- giving back ---

  /** release_cached_blocks: waits for all streams, then gives all unsplit free blocks back. */
  private releaseCached(): void {
    for (const block of this.pending) this.completeIfPending(block);
    this.pending.length = 0;
    this.releaseOf(true);
    this.releaseOf(false);
  }

  private completeIfPending(block: number): void {
    const row = this.rowOf[block] as number;
    if (row !== NO_ROW && this.state[row] === RowState.pending) this.freeCompleted(block);
  }

  private releaseOf(isLarge: boolean): void {
    const toUnmap: number[] = [];
    for (const row of this.freeRows(this.defaultSets(isLarge))) {
      if (this.reservation[row] !== NO_ROW) toUnmap.push(row);
      else if (this.isWholeSegment(row)) this.releaseSegment(row);
    }
    for (const row of toUnmap) this.unmapBlock(row);
  }

  /** The sets of the default pool, in the order of their streams' handles. */
  private defaultSets(isLarge: boolean): readonly PoolSet[] {
    const rank = this.dimensions.streamRank;
    const sets = this.sets.filter(
      (set): set is PoolSet => set !== undefined && set.pool === 0 && set.isLarge === isLarge,
    );
    if (rank === undefined) return sets;
    return sets.sort((a, b) => (rank[a.stream] ?? a.stream) - (rank[b.stream] ?? b.stream));
  }

  private freeRows(sets: readonly PoolSet[]): readonly number[] {
    const rows: number[] = [];
    for (const set of sets) set.free.appendTo(rows);
    return rows;
  }

  private isWholeSegment(row: number): boolean {
    return this.previous[row] === NO_ROW && this.next[row] === NO_ROW;
  }

  /** Gives a free block that is a whole segment back to the driver. */
  private releaseSegment(row: number): void {
    const bytes = this.size[row] as number;
    const address = this.address[row] as number;
    (this.sets[this.set[row] as number] as PoolSet).free.remove(bytes, address);
    this.driver.free(address, bytes);
    this.deviceFrees += 1;
    this.reserved -= bytes;
    this.dropRow(row);
  }

  /**
   * release_available_cached_blocks: gives oversize blocks of this stream back until a request of
   * `rounded` bytes can be met. False when there were not enough.
   */
  private releaseAvailable(set: PoolSet, rounded: number): boolean {
    const { maxSplitSize } = this.settings;
    const wanted = Math.max(rounded, maxSplitSize);
    const single = set.free.seek(wanted);
    if (single !== NO_ROW && this.reservation[single] === NO_ROW) {
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
      const bytes = this.size[row] as number;
      if (bytes < maxSplitSize) break;
      if (this.reservation[row] !== NO_ROW || !this.isWholeSegment(row)) continue;
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
    candidates = candidates.filter((row) => this.reservation[row] === NO_ROW);
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
        reclaimed += this.size[row] as number;
        totalAge -= age;
        count -= 1;
        this.releaseSegment(row);
      }
      candidates = kept;
    }
  }

  /** Searches of the pool since the block became free. */
  private ageOf(row: number): number {
    const set = this.sets[this.set[row] as number] as PoolSet;
    return (this.searches[poolIndex(set)] as number) - (this.freeSince[row] as number);
  }

  // --- rows, neighbours, sets ---

  /** Makes a block free, merges it with its free neighbours and puts the result into its set. */
  private freeBlock(row: number): void {
    this.mergeNeighbours(row, RowState.free);
    this.insertFree(row);
  }

  /** try_merge_blocks with both neighbours, which must be in `state` to be merged. */
  private mergeNeighbours(row: number, state: number): void {
    const previous = this.previous[row] as number;
    if (previous !== NO_ROW && this.state[previous] === state) {
      this.removeFromSet(previous);
      this.address[row] = this.address[previous] as number;
      this.size[row] = (this.size[row] as number) + (this.size[previous] as number);
      this.link(this.previous[previous] as number, row);
      this.dropRow(previous);
    }
    const next = this.next[row] as number;
    if (next !== NO_ROW && this.state[next] === state) {
      this.removeFromSet(next);
      this.size[row] = (this.size[row] as number) + (this.size[next] as number);
      this.link(row, this.next[next] as number);
      this.dropRow(next);
    }
  }

  private removeFromSet(row: number): void {
    if (this.state[row] === RowState.unmapped) {
      this.removeUnmapped(row);
      return;
    }
    const set = this.sets[this.set[row] as number] as PoolSet;
    set.free.remove(this.size[row] as number, this.address[row] as number);
  }

  private insertFree(row: number): void {
    this.state[row] = RowState.free;
    const set = this.sets[this.set[row] as number] as PoolSet;
    if (this.collectsGarbage) this.freeSince[row] = this.searches[poolIndex(set)] as number;
    set.free.insert(row, this.size[row] as number, this.address[row] as number);
  }

  private insertUnmapped(row: number): void {
    this.state[row] = RowState.unmapped;
    const set = this.sets[this.set[row] as number] as PoolSet;
    insertByAddress(set.unmapped, row, this.address);
  }

  private removeUnmapped(row: number): void {
    const { unmapped } = this.sets[this.set[row] as number] as PoolSet;
    unmapped.splice(placeByAddress(unmapped, this.address[row] as number, this.address), 1);
  }

  /** Makes two rows neighbours; either may be no row. */
  private link(left: number, right: number): void {
    if (left !== NO_ROW) this.next[left] = right;
    if (right !== NO_ROW) this.previous[right] = left;
  }

  private setIndex(pool: number, isLarge: boolean, stream: number): number {
    const index = (pool * 2 + (isLarge ? 1 : 0)) * this.dimensions.streams + stream;
    if (this.sets[index] === undefined) this.sets[index] = new PoolSet(pool, isLarge, stream);
    return index;
  }

  private newRow(address: number, size: number, set: number, reservation: number): number {
    let row: number;
    if (this.unusedCount > 0) {
      this.unusedCount -= 1;
      row = this.unusedRows[this.unusedCount] as number;
    } else {
      if (this.rows === this.size.length) this.makeRoom();
      row = this.rows;
      this.rows += 1;
    }
    this.address[row] = address;
    this.size[row] = size;
    this.set[row] = set;
    this.reservation[row] = reservation;
    this.previous[row] = NO_ROW;
    this.next[row] = NO_ROW;
    return row;
  }

  private dropRow(row: number): void {
    this.state[row] = RowState.unused;
    this.unusedRows[this.unusedCount] = row;
    this.unusedCount += 1;
  }

  private makeRoom(): void {
    const capacity = this.size.length * 2;
    this.size = copyTo(new Float64Array(capacity), this.size);
    this.address = copyTo(new Float64Array(capacity), this.address);
    this.previous = copyTo(new Int32Array(capacity), this.previous);
    this.next = copyTo(new Int32Array(capacity), this.next);
    this.state = copyTo(new Uint8Array(capacity), this.state);
    this.set = copyTo(new Int32Array(capacity), this.set);
    this.reservation = copyTo(new Int32Array(capacity), this.reservation);
    this.freeSince = copyTo(new Int32Array(capacity), this.freeSince);
    this.unusedRows = copyTo(new Int32Array(capacity), this.unusedRows);
  }
}

const poolIndex = (set: PoolSet): number => set.pool * 2 + (set.isLarge ? 1 : 0);

function copyTo<Column extends Float64Array | Int32Array | Uint8Array>(
  target: Column,
  source: Column,
): Column {
  target.set(source);
  return target;
}

/** Where a range at `address` stands, or would stand, among rows sorted by address. */
function placeByAddress(rows: readonly number[], address: number, addresses: Float64Array): number {
  let from = 0;
  let to = rows.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((addresses[rows[middle] as number] as number) < address) from = middle + 1;
    else to = middle;
  }
  return from;
}

function insertByAddress(rows: number[], row: number, addresses: Float64Array): void {
  rows.splice(placeByAddress(rows, addresses[row] as number, addresses), 0, row);
}
