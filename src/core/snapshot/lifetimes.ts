/**
 * The life of every allocation of a device as columns: those of the trace in the order of their
 * `alloc` events, then those that were there before it. The trace tells when each came and went, the
 * final state which are still there and how large their blocks are.
 */
import { Action, BlockState, type Device, type Events, NONE, type Snapshot } from './columns.ts';

/** Of `freed`: let go before the recording began, and still waiting for a stream at its end. */
export const BEFORE = 0xffff_fffe;

export interface Lifetimes {
  readonly count: number;
  /** Rows below are those of `alloc` events; the others were allocated before the recording. */
  readonly traced: number;
  /** Row of the `alloc` event, or NONE: before the recording. */
  readonly start: Uint32Array;
  /** Row of `free_requested`, when the bytes stop counting as allocated; NONE: still allocated; BEFORE. */
  readonly freed: Uint32Array;
  /** Row of `free_completed`, when the block can be used again; NONE: still active. */
  readonly end: Uint32Array;
  readonly address: Float64Array;
  /** Bytes as the program asked for them. */
  readonly size: Float64Array;
  /** Bytes of the block. Exact where `isExact` is 1, else the request rounded up. */
  readonly block: Float64Array;
  readonly isExact: Uint8Array;
  readonly stream: Uint16Array;
  readonly stack: Uint32Array;
  /** Per event: the allocation that it starts or ends, or NONE. */
  readonly ofEvent: Uint32Array;
  /** Frees carry the stack of the allocation, not of the code that let it go. */
  readonly freesCarryAllocation: boolean;
  /** What does not agree: an address allocated twice, or alive in the trace and not in the state. */
  readonly contradictions: number;
}

/** Exact bytes of the blocks of `alloc` events, in their order; from a replay. NaN where unknown. */
export type BlockSizes = Float64Array;

/** Dense numbers for addresses: open addressing, no deletions. */
class Addresses {
  #keys: Float64Array;
  #ids: Uint32Array;
  #mask: number;
  count = 0;

  constructor(expected: number) {
    let capacity = 1024;
    while (capacity < expected * 2) capacity *= 2;
    this.#keys = new Float64Array(capacity).fill(-1);
    this.#ids = new Uint32Array(capacity);
    this.#mask = capacity - 1;
  }

  idOf(address: number): number {
    let slot = this.#slotOf(address);
    if (this.#keys[slot] === address) return this.#ids[slot] as number;
    if (this.count * 2 > this.#mask) {
      this.#grow();
      slot = this.#slotOf(address);
    }
    this.#keys[slot] = address;
    this.#ids[slot] = this.count;
    return this.count++;
  }

  #slotOf(address: number): number {
    // Blocks are multiples of 512; the high part keeps far segments apart.
    const low = Math.floor(address / 512) % 0x1_0000_0000;
    const high = Math.floor(address / 0x200_0000_0000);
    let slot = (Math.imul(low ^ Math.imul(high, 0x9e37_79b1), 0x85eb_ca6b) >>> 7) & this.#mask;
    while (this.#keys[slot] !== -1 && this.#keys[slot] !== address) slot = (slot + 1) & this.#mask;
    return slot;
  }

  #grow(): void {
    const keys = this.#keys;
    const ids = this.#ids;
    this.#keys = new Float64Array(keys.length * 2).fill(-1);
    this.#ids = new Uint32Array(keys.length * 2);
    this.#mask = keys.length * 2 - 1;
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] === -1) continue;
      const slot = this.#slotOf(keys[i] as number);
      this.#keys[slot] = keys[i] as number;
      this.#ids[slot] = ids[i] as number;
    }
  }
}

/** Whether the block is there (active) after event `moment`; -1 is the start of the recording. */
export function isActiveAt(l: Lifetimes, row: number, moment: number): boolean {
  const start = l.start[row] as number;
  const end = l.end[row] as number;
  return (start === NONE || start <= moment) && (end === NONE || end > moment);
}

/** Whether the program holds the block (allocated) after event `moment`. */
export function isAllocatedAt(l: Lifetimes, row: number, moment: number): boolean {
  const start = l.start[row] as number;
  const freed = l.freed[row] as number;
  return (
    (start === NONE || start <= moment) && (freed === NONE || (freed > moment && freed < BEFORE))
  );
}

const isFree = (action: number): boolean =>
  action === Action.freeRequested || action === Action.freeCompleted;

/** Which kinds of frees a trace has: a recorder can be told to leave kinds out. */
function freeKinds(events: Events): { requested: boolean; completed: boolean } {
  let requested = false;
  let completed = false;
  for (let e = 0; e < events.count && !(requested && completed); e++) {
    requested ||= events.action[e] === Action.freeRequested;
    completed ||= events.action[e] === Action.freeCompleted;
  }
  return { requested, completed };
}

/**
 * Follows every address through the trace, then asks the final state about those still there.
 * @param blockSizes of a replay, for exact blocks; without it a request is rounded as PyTorch does.
 */
export function lifetimesOf(
  snapshot: Snapshot,
  device: Device,
  blockSizes?: BlockSizes,
): Lifetimes {
  const { events } = device;
  const kinds = freeKinds(events);
  const ofEvent = new Uint32Array(events.count).fill(NONE);
  let traced = 0;
  for (let e = 0; e < events.count; e++) if (events.action[e] === Action.alloc) traced++;

  // First pass: which allocation each event means. `latest` is per address.
  const addresses = new Addresses(Math.min(events.count, 1 << 16));
  let latest = new Uint32Array(1 << 12).fill(NONE);
  const beforeEvents: number[] = [];
  let next = 0;
  let contradictions = 0;
  const ensure = (id: number): void => {
    if (id < latest.length) return;
    const grown = new Uint32Array(latest.length * 2).fill(NONE);
    grown.set(latest);
    latest = grown;
  };
  const overrun: number[] = [];
  for (let e = 0; e < events.count; e++) {
    const action = events.action[e] as number;
    if (action !== Action.alloc && !isFree(action)) continue;
    const id = addresses.idOf(events.address[e] as number);
    ensure(id);
    let row = latest[id] as number;
    if (action === Action.alloc) {
      if (row !== NONE) {
        contradictions++;
        overrun.push(row, e);
      }
      row = next++;
      latest[id] = row;
    } else {
      if (row === NONE) row = traced + beforeEvents.push(e) - 1;
      const isLast = action === Action.freeCompleted || !kinds.completed;
      latest[id] = isLast ? NONE : row;
    }
    ofEvent[e] = row;
  }

  // The final state: blocks that no event of the trace made were there before it.
  const { blocks, segments } = snapshot;
  const [from, to] = device.segments;
  const beforeBlocks: number[] = [];
  const blockOf = new Map<number, number>();
  for (let s = from; s < to; s++) {
    const last = segments.firstBlock[s + 1] as number;
    for (let b = segments.firstBlock[s] as number; b < last; b++) {
      if (blocks.state[b] === BlockState.inactive) continue;
      const id = addresses.idOf(blocks.address[b] as number);
      ensure(id);
      if (latest[id] === NONE) beforeBlocks.push(b, s);
      else blockOf.set(latest[id] as number, b);
    }
  }

  const count = traced + beforeEvents.length + beforeBlocks.length / 2;
  const start = new Uint32Array(count).fill(NONE);
  const freed = new Uint32Array(count).fill(NONE);
  const end = new Uint32Array(count).fill(NONE);
  const address = new Float64Array(count);
  const size = new Float64Array(count);
  const block = new Float64Array(count);
  const isExact = new Uint8Array(count);
  const stream = new Uint16Array(count);
  const stack = new Uint32Array(count).fill(NONE);
  const round = rounding(snapshot);

  // Second pass: the columns.
  let same = 0;
  let compared = 0;
  for (let e = 0; e < events.count; e++) {
    const row = ofEvent[e] as number;
    if (row === NONE) continue;
    const action = events.action[e] as number;
    if (action === Action.alloc || (row >= traced && address[row] === 0)) {
      address[row] = events.address[e] as number;
      size[row] = events.size[e] as number;
      stream[row] = events.stream[e] as number;
      block[row] = round(events.size[e] as number);
    }
    if (action === Action.alloc) {
      start[row] = e;
      stack[row] = events.stack[e] as number;
      takeWholeSegment(events, e, row, block, isExact);
      const replayed = blockSizes?.[row];
      if (replayed !== undefined && !Number.isNaN(replayed)) {
        block[row] = replayed;
        isExact[row] = 1;
      }
      continue;
    }
    if (action === Action.freeRequested || !kinds.requested) {
      if (freed[row] === NONE) freed[row] = e;
      if (row < traced && stack[row] !== NONE && events.stack[e] !== NONE) {
        compared++;
        if (stack[row] === events.stack[e]) same++;
      }
    }
    if (action === Action.freeCompleted || !kinds.completed) {
      end[row] = e;
      // A request that the ring has overwritten.
      if (freed[row] === NONE) freed[row] = e;
    }
  }
  // Frees "all" record the code that lets go; lower levels repeat the allocation's stack.
  const freesCarryAllocation = compared > 0 && same >= compared * 0.99;
  for (let i = 0; i < beforeEvents.length; i++) {
    if (freesCarryAllocation) stack[traced + i] = events.stack[beforeEvents[i] as number] as number;
  }
  for (let i = 0; i < overrun.length; i += 2) {
    const row = overrun[i] as number;
    const e = overrun[i + 1] as number;
    if (freed[row] === NONE) freed[row] = e;
    if (end[row] === NONE) end[row] = e;
  }
  const setBlock = (row: number, b: number): void => {
    block[row] = blocks.size[b] as number;
    isExact[row] = 1;
    if (blocks.state[b] === BlockState.pendingFree && freed[row] === NONE) {
      freed[row] = BEFORE;
    }
  };
  let row = traced + beforeEvents.length;
  for (let i = 0; i < beforeBlocks.length; i += 2, row++) {
    const b = beforeBlocks[i] as number;
    const s = beforeBlocks[i + 1] as number;
    address[row] = blocks.address[b] as number;
    const asked = blocks.requested[b] as number;
    size[row] = Number.isNaN(asked) ? (blocks.size[b] as number) : asked;
    stream[row] = segments.stream[s] as number;
    stack[row] = blocks.stack[b] as number;
    setBlock(row, b);
  }
  for (const [live, b] of blockOf) setBlock(live, b);
  if (to > from) {
    for (let r = 0; r < traced; r++) if (end[r] === NONE && !blockOf.has(r)) contradictions++;
  }
  return {
    count,
    traced,
    start,
    freed,
    end,
    address,
    size,
    block,
    isExact,
    stream,
    stack,
    ofEvent,
    freesCarryAllocation,
    contradictions,
  };
}

const MIB = 1 << 20;

/** A block that takes a new segment keeps a rest of at most 1 MiB (large) or under 512 B (small). */
function takeWholeSegment(
  events: Events,
  e: number,
  row: number,
  block: Float64Array,
  isExact: Uint8Array,
): void {
  if (e === 0 || events.action[e - 1] !== Action.segmentAlloc) return;
  if (events.address[e - 1] !== events.address[e]) return;
  const segment = events.size[e - 1] as number;
  const rest = segment - (block[row] as number);
  const isLarge = (block[row] as number) > MIB;
  if (rest < 0 || rest > (isLarge ? MIB : 511)) return;
  block[row] = segment;
  isExact[row] = 1;
}

/**
 * From a request to the bytes of its block, as the allocator rounds it (pytorch@v2.6.0:
 * c10/cuda/CUDACachingAllocator.cpp, round_size). A large block can be up to 1 MiB larger: a rest
 * that small is not split off, which only a replay tells.
 */
export function rounding(snapshot: Snapshot): (size: number) => number {
  const divisions = snapshot.settings?.roundupPower2Divisions;
  const hasDivisions = divisions?.some((value) => value > 0) === true;
  return (size) => {
    if (size < 512) return 512;
    if (hasDivisions) {
      const log = Math.floor(Math.log2(size));
      const division = divisions?.[Math.min(15, Math.max(0, log - 20))] ?? 0;
      if (division > 0 && size > 512 * division) return toDivision(size, 2 ** log, division);
    }
    return Math.ceil(size / 512) * 512;
  };
}

function toDivision(size: number, power: number, division: number): number {
  if (division <= 1 || size === power) return size;
  const step = power / division;
  return Math.ceil(size / step) * step;
}
