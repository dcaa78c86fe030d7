/**
 * A plain simulation of PyTorch's caching allocator, written from its source with an object per block:
 * drawings and synthetic runs get their addresses from it. The replayer in core/allocator is a second,
 * independent writing of the same rules, and tests hold the two against each other.
 *
 * Source: c10/cuda/CUDACachingAllocator.cpp, 2.6 to 2.11. Private pools keep their segments; captures of
 * graphs are not simulated.
 */
import type { AllocatorSettings } from '../../allocator/program.ts';
import { GiB, MiB } from '../../base/bytes.ts';
import { Action } from '../columns.ts';
import { type Block, type Half, isFree, link, newBlock, newSpace, type Space } from './block.ts';
import type { Driver } from './driver.ts';

const LEAST_BLOCK = 512;
const SMALL_MOST = MiB;
const SMALL_SEGMENT = 2 * MiB;
const LEAST_LARGE = 10 * MiB;
const LARGE_STEP = 2 * MiB;

/** What the allocator does by itself, told as it happens. */
export interface Recorder {
  segment(action: number, address: number, size: number, space: Space): void;
  completed(block: Block): void;
}

export class SimulatedAllocator {
  /** Bytes of all segments. */
  reserved = 0;
  private readonly settings: AllocatorSettings;
  private readonly driver: Driver;
  private readonly recorder: Recorder;
  private readonly halves: Half[] = [];
  /** Freed blocks that wait for other streams, oldest first; the first `done` of them need not wait. */
  private readonly pending: Block[] = [];
  private done = 0;
  /** First blocks of segments, and of ranges of expandable ones. */
  private readonly heads = new Set<Block>();

  constructor(settings: AllocatorSettings, driver: Driver, recorder: Recorder) {
    this.settings = settings;
    this.driver = driver;
    this.recorder = recorder;
  }

  /**
   * @param stack of the request: the block and a new segment keep it.
   * @returns the block, or undefined when there is no memory for it.
   */
  malloc(requested: number, stream: number, pool: number, stack: number): Block | undefined {
    this.completeDone();
    const size = this.round(requested);
    const space = this.spaceOf(pool, size > SMALL_MOST, stream);
    const block = this.findFree(space, size) ?? this.obtain(space, size, stack);
    if (block === undefined) return undefined;
    if (this.shouldSplit(block, size)) this.split(block, size);
    block.isAllocated = true;
    block.requested = requested;
    block.stack = stack;
    return block;
  }

  /** @returns whether the block is free now; otherwise it waits for the streams that used it. */
  free(block: Block): boolean {
    block.isAllocated = false;
    if (block.isUsedElsewhere) {
      block.isPending = true;
      this.pending.push(block);
      return false;
    }
    this.complete(block);
    return true;
  }

  /** The streams have done their work: what waits becomes free with the next request. */
  synchronize(): void {
    this.done = this.pending.length;
  }

  emptyCache(): void {
    this.releaseAll();
  }

  /** What a request of so many bytes takes in its block. */
  round(size: number): number {
    if (size < LEAST_BLOCK) return LEAST_BLOCK;
    const { roundupPower2Divisions } = this.settings;
    const power = Math.floor(Math.log2(size));
    const divisions = roundupPower2Divisions[Math.min(15, Math.max(0, power - 20))] ?? 0;
    if (divisions > 0 && size > LEAST_BLOCK * divisions) {
      if (divisions <= 1 || size === 2 ** power) return size;
      const step = Math.floor(2 ** power / divisions);
      return step === 0 ? 2 ** (power + 1) : Math.ceil(size / step) * step;
    }
    return Math.ceil(size / LEAST_BLOCK) * LEAST_BLOCK;
  }

  /** All mapped blocks by device address: chains without a hole are segments. */
  *segments(): Generator<readonly Block[], void> {
    const chains: Block[][] = [];
    for (const head of this.heads) {
      let chain: Block[] = [];
      for (let block: Block | undefined = head; block !== undefined; block = block.next) {
        if (block.isMapped) chain.push(block);
        if ((!block.isMapped || block.next === undefined) && chain.length > 0) {
          chains.push(chain);
          chain = [];
        }
      }
    }
    yield* chains.sort((a, b) => (a[0] as Block).address - (b[0] as Block).address);
  }

  private spaceOf(pool: number, isLarge: boolean, stream: number): Space {
    let half = this.halves.find((each) => each.pool === pool && each.isLarge === isLarge);
    if (half === undefined) {
      half = { pool, isLarge, spaces: [], searches: 0 };
      this.halves.push(half);
    }
    const known = half.spaces.find((space) => space.stream === stream);
    if (known !== undefined) return known;
    const space = newSpace(half, stream);
    half.spaces.push(space);
    half.spaces.sort((a, b) => a.stream - b.stream);
    return space;
  }

  private segmentSize(size: number): number {
    if (size <= SMALL_MOST) return SMALL_SEGMENT;
    if (size < LEAST_LARGE) return this.settings.largeSegmentSize;
    return Math.ceil(size / LARGE_STEP) * LARGE_STEP;
  }

  /** Best fit, ties by the lowest address. One candidate only: when it will not do, none is taken. */
  private findFree(space: Space, size: number): Block | undefined {
    const { expandableSegments, maxSplitSize, maxNonSplitRounding } = this.settings;
    const { free, half } = space;
    half.searches++;
    let index = free.lowerBound(size);
    let block = free.at(index);
    if (block === undefined) return undefined;
    if (block.isExpandable && expandableSegments) {
      // A block in the middle is better than the tail, which can still grow.
      let next = free.at(index + 1);
      while (next?.isExpandable === true && grown(next) < grown(block)) {
        block = next;
        index++;
        next = free.at(index + 1);
      }
    } else {
      while (block.isExpandable) {
        block = free.at(++index);
        if (block === undefined) return undefined;
      }
    }
    if (size < maxSplitSize && block.size >= maxSplitSize) return undefined;
    if (size >= maxSplitSize && block.size >= size + maxNonSplitRounding) return undefined;
    free.remove(block);
    return block;
  }

  private obtain(space: Space, size: number, stack: number): Block | undefined {
    const { cap, garbageCollectionThreshold, maxSplitSize } = this.settings;
    if (cap !== Number.POSITIVE_INFINITY && garbageCollectionThreshold > 0) this.collectGarbage();
    const made = this.newBlock(space, size, stack);
    if (made !== undefined) return made;
    if (maxSplitSize !== Number.POSITIVE_INFINITY && this.releaseAvailable(space, size)) {
      const later = this.newBlock(space, size, stack);
      if (later !== undefined) return later;
    }
    this.releaseAll();
    return this.newBlock(space, size, stack);
  }

  private newBlock(space: Space, size: number, stack: number): Block | undefined {
    const segment = this.segmentSize(size);
    if (this.reserved + segment > this.settings.cap) return undefined;
    if (this.settings.expandableSegments) return this.grow(space, size);
    const address = this.driver.allocate(segment);
    if (address === undefined) return undefined;
    this.reserved += segment;
    this.recorder.segment(Action.segmentAlloc, address, segment, space);
    const block = newBlock(space, address, segment, {
      origin: address,
      isMapped: true,
      isExpandable: false,
    });
    block.segmentStack = stack;
    this.heads.add(block);
    return block;
  }

  private shouldSplit(block: Block, size: number): boolean {
    const rest = block.size - size;
    if (!block.space.half.isLarge || this.settings.expandableSegments) return rest >= LEAST_BLOCK;
    return size < this.settings.maxSplitSize && rest > SMALL_MOST;
  }

  /** The front of the block stays, the rest is free. */
  private split(block: Block, size: number): void {
    const rest = newBlock(block.space, block.address + size, block.size - size, block);
    block.size = size;
    link(rest, block, block.next);
    this.putBack(rest);
  }

  private putBack(block: Block): void {
    block.freeSince = block.space.half.searches;
    block.space.free.insert(block);
  }

  private complete(block: Block): void {
    this.recorder.completed(block);
    block.isPending = false;
    block.isUsedElsewhere = false;
    this.merge(block);
    this.putBack(block);
  }

  /** Takes free neighbours into the block, which is in no list. */
  private merge(block: Block): void {
    const { previous, next } = block;
    if (isFree(previous) && previous.isMapped === block.isMapped) {
      this.forget(previous);
      block.address = previous.address;
      block.segmentStack = previous.segmentStack;
      block.size += previous.size;
      link(block, previous.previous, block.next);
      if (this.heads.delete(previous)) this.heads.add(block);
    }
    if (isFree(next) && next.isMapped === block.isMapped) {
      this.forget(next);
      block.size += next.size;
      link(block, block.previous, next.next);
    }
  }

  private forget(block: Block): void {
    if (block.isMapped) block.space.free.remove(block);
    else removeByAddress(block.space.unmapped, block);
  }

  private completeDone(): void {
    for (const block of this.pending.splice(0, this.done)) this.complete(block);
    this.done = 0;
  }

  // Giving back ------------------------------------------------------------------------------------

  private releaseAll(): void {
    this.synchronize();
    this.completeDone();
    for (const isLarge of [true, false]) {
      for (const half of this.halves) {
        if (half.isLarge === isLarge && half.pool === 0) this.releaseHalf(half);
      }
    }
  }

  private releaseHalf(half: Half): void {
    const free = half.spaces.flatMap((space) => space.free.list());
    for (const block of free) {
      if (!block.isExpandable && block.previous === undefined && block.next === undefined) {
        this.release(block);
      }
    }
    for (const block of free) if (block.isExpandable) this.unmap(block);
  }

  /** cudaFree of a segment that one free block fills. */
  private release(block: Block): void {
    block.space.free.remove(block);
    this.heads.delete(block);
    this.driver.release(block.address, block.size);
    this.reserved -= block.size;
    this.recorder.segment(Action.segmentFree, block.address, block.size, block.space);
  }

  /** Blocks from the split limit on: one that is large enough, or several from the largest down. */
  private releaseAvailable(space: Space, size: number): boolean {
    const { maxSplitSize } = this.settings;
    const wanted = Math.max(size, maxSplitSize);
    const index = space.free.lowerBound(wanted);
    const block = space.free.at(index);
    if (block !== undefined && !block.isExpandable) {
      this.release(block);
      return true;
    }
    let released = 0;
    for (const each of space.free.list().slice(0, index).reverse()) {
      if (released >= wanted || each.size < maxSplitSize) break;
      if (each.isExpandable) continue;
      released += each.size;
      this.release(each);
    }
    return released >= wanted;
  }

  /** Frees whole segments of the large pool that have not been used for longest. */
  private collectGarbage(): void {
    const { cap, garbageCollectionThreshold } = this.settings;
    const limit = Math.floor(garbageCollectionThreshold * cap);
    if (this.reserved <= limit) return;
    const target = this.reserved - limit;
    const half = this.halves.find((each) => each.pool === 0 && each.isLarge);
    if (half === undefined) return;
    const age = (block: Block): number => half.searches - block.freeSince;
    const idle = (): Block[] =>
      half.spaces.flatMap((space) =>
        space.free
          .list()
          .filter(
            (block) =>
              !block.isExpandable && block.previous === undefined && block.next === undefined,
          ),
      );
    let released = 0;
    for (let blocks = idle(); released < target && blocks.length > 0; blocks = idle()) {
      const mean = blocks.reduce((sum, block) => sum + age(block), 0) / blocks.length;
      for (const block of blocks) {
        if (released >= target || age(block) < mean) continue;
        released += block.size;
        this.release(block);
      }
    }
  }

  // Expandable segments ----------------------------------------------------------------------------

  private pageSize(space: Space): number {
    return space.half.isLarge ? this.settings.largeSegmentSize : SMALL_SEGMENT;
  }

  /** Maps what is missing behind a free range of addresses. */
  private grow(space: Space, size: number): Block | undefined {
    let candidate = this.findRange(space, size);
    if (!candidate.isMapped && !this.map(candidate, Math.min(candidate.size, size))) {
      return undefined;
    }
    while (candidate.size < size) {
      const next = candidate.next;
      if (next === undefined) return undefined;
      if (!this.map(next, Math.min(size - candidate.size, next.size))) return undefined;
      candidate = next;
    }
    space.free.remove(candidate);
    return candidate;
  }

  /** The lowest range of free addresses that is long enough, or a new one. */
  private findRange(space: Space, size: number): Block {
    for (const unmapped of space.unmapped) {
      const start = isFree(unmapped.previous) ? unmapped.previous : unmapped;
      let found = 0;
      for (let b: Block | undefined = start; found < size && isFree(b); b = b.next) found += b.size;
      if (found >= size) return start;
    }
    const page = this.pageSize(space);
    const total = Number.isFinite(this.driver.capacity) ? this.driver.capacity : 1024 * GiB;
    const length = Math.ceil((total * 1.125) / page) * page;
    const origin = this.driver.reserve(length);
    const range = newBlock(space, origin, length, {
      origin,
      isMapped: false,
      isExpandable: true,
    });
    insertByAddress(space.unmapped, range);
    this.heads.add(range);
    return range;
  }

  /** Maps whole pages from the start of an unmapped block on. @returns whether there was memory. */
  private map(block: Block, size: number): boolean {
    const { space } = block;
    const page = this.pageSize(space);
    const mapped = Math.ceil(size / page) * page;
    if (!this.driver.map(mapped)) return false;
    const { address } = block;
    removeByAddress(space.unmapped, block);
    block.isMapped = true;
    if (mapped < block.size) {
      const rest = newBlock(space, address + mapped, block.size - mapped, {
        origin: block.origin,
        isMapped: false,
        isExpandable: true,
      });
      block.size = mapped;
      link(rest, block, block.next);
      insertByAddress(space.unmapped, rest);
    }
    this.merge(block);
    this.putBack(block);
    this.reserved += mapped;
    this.recorder.segment(Action.segmentMap, address, mapped, space);
    return true;
  }

  /** Takes the memory away from behind the pages that lie wholly within a free block. */
  private unmap(block: Block): void {
    const { space } = block;
    const page = this.pageSize(space);
    const { origin } = block;
    const start = origin + Math.ceil((block.address - origin) / page) * page;
    const end = origin + Math.floor((block.address + block.size - origin) / page) * page;
    if (end <= start) return;
    space.free.remove(block);
    const kind = { origin, isMapped: true, isExpandable: true };
    if (start > block.address) {
      const before = newBlock(space, block.address, start - block.address, kind);
      link(before, block.previous, block);
      if (this.heads.delete(block)) this.heads.add(before);
      this.putBack(before);
    }
    if (end < block.address + block.size) {
      const after = newBlock(space, end, block.address + block.size - end, kind);
      link(after, block, block.next);
      this.putBack(after);
    }
    block.address = start;
    block.size = end - start;
    block.isMapped = false;
    this.merge(block);
    insertByAddress(space.unmapped, block);
    this.driver.unmap(end - start);
    this.reserved -= end - start;
    this.recorder.segment(Action.segmentUnmap, start, end - start, space);
    if (block.previous === undefined && block.next === undefined) {
      removeByAddress(space.unmapped, block);
      this.heads.delete(block);
    }
  }
}

/** What a block would have with the unmapped range behind it. */
const grown = (block: Block): number =>
  block.size + (block.next !== undefined && !block.next.isMapped ? block.next.size : 0);

function insertByAddress(blocks: Block[], block: Block): void {
  const at = blocks.findIndex((each) => each.address > block.address);
  if (at < 0) blocks.push(block);
  else blocks.splice(at, 0, block);
}

function removeByAddress(blocks: Block[], block: Block): void {
  const at = blocks.indexOf(block);
  if (at >= 0) blocks.splice(at, 1);
}
