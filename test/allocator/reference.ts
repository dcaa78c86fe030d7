/**
 * The caching allocator again, written for nothing but being read: lists, loops and sorting. It
 * shares no code with `src/core/allocator`, so that the two can be held against each other.
 */
import type { AllocatorSettings } from '../../src/core/allocator/program.ts';

const MIB = 2 ** 20;

export interface PlainDriver {
  allocate(bytes: number, stream: number): number;
  free(address: number, bytes: number): void;
  reserve(): number;
  map(address: number, bytes: number, stream: number): boolean;
  unmap(address: number, bytes: number): void;
}

type State = 'free' | 'allocated' | 'pending' | 'unmapped';

interface Block {
  address: number;
  size: number;
  state: State;
  /** Searches of the pool when it became free. */
  since: number;
}

interface Segment {
  pool: number;
  isLarge: boolean;
  stream: number;
  isExpandable: boolean;
  /** By address, without gaps. */
  blocks: Block[];
}

export function plainRound(bytes: number, divisions: readonly number[]): number {
  if (bytes < 512) return 512;
  let power = 1;
  let log = 0;
  while (power * 2 <= bytes) {
    power *= 2;
    log += 1;
  }
  const parts = divisions[Math.max(0, Math.min(15, log - 20))] ?? 0;
  if (parts > 0 && bytes > 512 * parts) {
    if (parts === 1 || power === bytes) return bytes;
    const step = power / parts;
    let rounded = power;
    while (rounded < bytes) rounded += step;
    return rounded;
  }
  return bytes % 512 === 0 ? bytes : bytes + 512 - (bytes % 512);
}

export class ReferenceAllocator {
  reserved = 0;
  peakReserved = 0;
  segments: Segment[] = [];
  live = new Map<number, { segment: Segment; block: Block }>();
  searches = new Map<string, number>();
  private readonly settings: AllocatorSettings;
  private readonly driver: PlainDriver;

  constructor(settings: AllocatorSettings, driver: PlainDriver) {
    this.settings = settings;
    this.driver = driver;
  }

  malloc(id: number, bytes: number, stream: number, pool: number): boolean {
    const { expandableSegments, cap, garbageCollectionThreshold, maxSplitSize } = this.settings;
    const size = plainRound(bytes, this.settings.roundupPower2Divisions);
    const isLarge = size > MIB;
    let found = this.search(size, pool, isLarge, stream);
    if (!found) {
      if (garbageCollectionThreshold > 0 && cap < Infinity) this.collect();
      found = this.fresh(size, pool, isLarge, stream);
    }
    if (!found && maxSplitSize < Infinity && this.releaseSome(size, pool, isLarge, stream)) {
      found = this.fresh(size, pool, isLarge, stream);
    }
    if (!found && pool === 0) {
      this.emptyCache();
      found = this.fresh(size, pool, isLarge, stream);
    }
    if (!found) return false;
    const { segment, block } = found;
    const rest = block.size - size;
    const splits = !isLarge || expandableSegments ? rest >= 512 : size < maxSplitSize && rest > MIB;
    if (splits) {
      const at = segment.blocks.indexOf(block);
      const since = this.searches.get(`${pool}/${isLarge}`) ?? 0;
      const remaining = {
        address: block.address + size,
        size: rest,
        state: 'free',
        since,
      } as const;
      segment.blocks.splice(at + 1, 0, { ...remaining });
      block.size = size;
    }
    block.state = 'allocated';
    this.live.set(id, { segment, block });
    return true;
  }

  freeRequested(id: number): void {
    const found = this.live.get(id);
    if (found?.block.state === 'allocated') found.block.state = 'pending';
  }

  freeCompleted(id: number): void {
    const found = this.live.get(id);
    if (!found) return;
    this.live.delete(id);
    this.becomeFree(found.segment, found.block);
  }

  emptyCache(): void {
    for (const [id, { block }] of [...this.live]) {
      if (block.state === 'pending') this.freeCompleted(id);
    }
    for (const isLarge of [true, false]) {
      const free = this.freeBlocks().filter(
        ({ segment }) => segment.pool === 0 && segment.isLarge === isLarge,
      );
      for (const each of free) {
        if (!each.segment.isExpandable && each.segment.blocks.length === 1) this.giveBack(each);
      }
      for (const each of free) if (each.segment.isExpandable) this.unmap(each.segment, each.block);
    }
  }

  addressOf(id: number): number {
    return this.live.get(id)?.block.address ?? -1;
  }

  /** Every mapped block as "address size state", by address. */
  layout(): string[] {
    return this.segments
      .flatMap(({ blocks }) => blocks)
      .filter(({ state }) => state !== 'unmapped')
      .sort((a, b) => a.address - b.address)
      .map(({ address, size, state }) => `${address} ${size} ${state}`);
  }

  /** All free blocks, by stream, size, address. */
  private freeBlocks(): { segment: Segment; block: Block }[] {
    return this.segments
      .flatMap((segment) => segment.blocks.map((block) => ({ segment, block })))
      .filter(({ block }) => block.state === 'free')
      .sort(
        (a, b) =>
          a.segment.stream - b.segment.stream ||
          a.block.size - b.block.size ||
          a.block.address - b.block.address,
      );
  }

  private ofSet(pool: number, isLarge: boolean, stream: number) {
    return this.freeBlocks().filter(
      ({ segment }) =>
        segment.pool === pool && segment.isLarge === isLarge && segment.stream === stream,
    );
  }

  private search(size: number, pool: number, isLarge: boolean, stream: number) {
    const { expandableSegments, maxSplitSize, maxNonSplitRounding } = this.settings;
    const key = `${pool}/${isLarge}`;
    this.searches.set(key, (this.searches.get(key) ?? 0) + 1);
    let candidates = this.ofSet(pool, isLarge, stream).filter(({ block }) => block.size >= size);
    if (candidates[0]?.segment.isExpandable) {
      if (expandableSegments) {
        while (candidates.length > 1) {
          const [a, b] = candidates as [(typeof candidates)[0], (typeof candidates)[0]];
          if (!a.segment.isExpandable || grown(b) >= grown(a)) break;
          candidates = candidates.slice(1);
        }
      } else candidates = candidates.filter(({ segment }) => !segment.isExpandable);
    }
    const [best] = candidates;
    if (!best) return undefined;
    if (size < maxSplitSize && best.block.size >= maxSplitSize) return undefined;
    if (size >= maxSplitSize && best.block.size >= size + maxNonSplitRounding) return undefined;
    return best;
  }

  private fresh(size: number, pool: number, isLarge: boolean, stream: number) {
    const { cap, expandableSegments, largeSegmentSize } = this.settings;
    const bytes = !isLarge
      ? 2 * MIB
      : size < 10 * MIB
        ? largeSegmentSize
        : Math.ceil(size / (2 * MIB)) * 2 * MIB;
    if (this.reserved + bytes > cap) return undefined;
    if (expandableSegments) return this.grow(size, pool, isLarge, stream);
    const address = this.driver.allocate(bytes, stream);
    if (address < 0) return undefined;
    this.count(bytes);
    const block: Block = { address, size: bytes, state: 'free', since: 0 };
    const segment = { pool, isLarge, stream, isExpandable: false, blocks: [block] };
    this.segments.push(segment);
    return { segment, block };
  }

  private count(bytes: number) {
    this.reserved += bytes;
    this.peakReserved = Math.max(this.peakReserved, this.reserved);
  }

  private grow(size: number, pool: number, isLarge: boolean, stream: number) {
    const holes = this.segments
      .filter(
        (each) =>
          each.isExpandable &&
          each.pool === pool &&
          each.isLarge === isLarge &&
          each.stream === stream,
      )
      .flatMap((segment) =>
        segment.blocks
          .filter(({ state }) => state === 'unmapped')
          .map((block) => ({ segment, block })),
      )
      .sort((a, b) => a.block.address - b.block.address);
    let candidate = holes
      .map(({ segment, block }) => {
        const at = segment.blocks.indexOf(block);
        return { segment, from: segment.blocks[at - 1]?.state === 'free' ? at - 1 : at };
      })
      .find(({ segment, from }) => {
        let sum = 0;
        for (const { state, size: bytes } of segment.blocks.slice(from)) {
          if (state !== 'free' && state !== 'unmapped') break;
          sum += bytes;
        }
        return sum >= size;
      });
    if (!candidate) {
      const block: Block = {
        address: this.driver.reserve(),
        size: Infinity,
        state: 'unmapped',
        since: 0,
      };
      const segment = { pool, isLarge, stream, isExpandable: true, blocks: [block] };
      this.segments.push(segment);
      candidate = { segment, from: 0 };
    }
    const { segment } = candidate;
    const page = isLarge ? this.settings.largeSegmentSize : 2 * MIB;
    const start = (segment.blocks[candidate.from] as Block).address;
    for (;;) {
      const at = segment.blocks.findIndex(({ address }) => address === start);
      const block = segment.blocks[at] as Block;
      if (block.state === 'free' && block.size >= size) return { segment, block };
      const hole = (block.state === 'free' ? segment.blocks[at + 1] : block) as Block;
      const missing = block.state === 'free' ? size - block.size : size;
      const wanted = Math.min(missing, hole.size);
      const bytes = Math.min(Math.ceil(wanted / page) * page, hole.size);
      if (!this.driver.map(hole.address, bytes, stream)) return undefined;
      this.count(bytes);
      const rest: Block = { ...hole, address: hole.address + bytes, size: hole.size - bytes };
      hole.size = bytes;
      if (rest.size > 0) segment.blocks.splice(segment.blocks.indexOf(hole) + 1, 0, rest);
      this.becomeFree(segment, hole);
    }
  }

  /** Makes a block free and melts free neighbours, and unmapped ones, together. */
  private becomeFree(segment: Segment, block: Block): void {
    block.state = 'free';
    this.melt(segment, block);
    block.since = this.searches.get(`${segment.pool}/${segment.isLarge}`) ?? 0;
  }

  private melt(segment: Segment, block: Block): void {
    for (const step of [-1, 1]) {
      const at = segment.blocks.indexOf(block);
      const other = segment.blocks[at + step];
      if (other?.state !== block.state) continue;
      block.address = Math.min(block.address, other.address);
      block.size += other.size;
      segment.blocks.splice(at + step, 1);
    }
  }

  private giveBack({ segment, block }: { segment: Segment; block: Block }): void {
    this.driver.free(block.address, block.size);
    this.reserved -= block.size;
    this.segments.splice(this.segments.indexOf(segment), 1);
  }

  private unmap(segment: Segment, block: Block): void {
    const page = segment.isLarge ? this.settings.largeSegmentSize : 2 * MIB;
    const base = segment.blocks[0]?.address ?? 0;
    const first = base + Math.ceil((block.address - base) / page) * page;
    const end = block.address + block.size;
    const last = base + Math.floor((end - base) / page) * page;
    if (last <= first) return;
    this.driver.unmap(first, last - first);
    this.reserved -= last - first;
    const since = this.searches.get(`${segment.pool}/${segment.isLarge}`) ?? 0;
    const parts: Block[] = [];
    if (first > block.address) {
      parts.push({ address: block.address, size: first - block.address, state: 'free', since });
    }
    const hole: Block = { address: first, size: last - first, state: 'unmapped', since };
    parts.push(hole);
    if (end > last) parts.push({ address: last, size: end - last, state: 'free', since });
    segment.blocks.splice(segment.blocks.indexOf(block), 1, ...parts);
    this.melt(segment, hole);
    if (segment.blocks.length === 1) this.segments.splice(this.segments.indexOf(segment), 1);
  }

  private releaseSome(size: number, pool: number, isLarge: boolean, stream: number): boolean {
    const { maxSplitSize } = this.settings;
    const wanted = Math.max(size, maxSplitSize);
    const free = this.ofSet(pool, isLarge, stream);
    const single = free.find(({ block }) => block.size >= wanted);
    if (single && !single.segment.isExpandable) {
      this.giveBack(single);
      return true;
    }
    let released = 0;
    for (const each of free.reverse()) {
      if (released >= wanted || each.block.size < maxSplitSize) break;
      if (each.segment.isExpandable) continue;
      released += each.block.size;
      this.giveBack(each);
    }
    return released >= wanted;
  }

  private collect(): void {
    const { cap, garbageCollectionThreshold } = this.settings;
    const threshold = Math.floor(garbageCollectionThreshold * cap);
    if (this.reserved <= threshold) return;
    const target = this.reserved - threshold;
    const age = (block: Block) => (this.searches.get('0/true') ?? 0) - block.since;
    let whole = this.freeBlocks().filter(
      ({ segment }) => segment.pool === 0 && segment.isLarge && segment.blocks.length === 1,
    );
    let reclaimed = 0;
    while (reclaimed < target && whole.length > 0) {
      const average = whole.reduce((sum, { block }) => sum + age(block), 0) / whole.length;
      const old = whole.filter(
        ({ segment, block }) => !segment.isExpandable && age(block) >= average,
      );
      if (old.length === 0) return;
      for (const each of old) {
        reclaimed += each.block.size;
        this.giveBack(each);
      }
      whole = whole.filter((each) => !old.includes(each));
    }
  }
}

/** What a free block can grow to. */
function grown({ segment, block }: { segment: Segment; block: Block }): number {
  const next = segment.blocks[segment.blocks.indexOf(block) + 1];
  return block.size + (next?.state === 'unmapped' ? next.size : 0);
}
