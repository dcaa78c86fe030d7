/**
 * The life of every allocation of a device as columns: those of the trace in the order of their
 * `alloc` events, then those that were there before it. The trace tells when each came and went, the
 * final state which are still there and how large their blocks are.
 */
import { MIN_BLOCK, roundSize, SMALL_MAX } from '../allocator/rounding.ts';
import { MiB } from '../base/bytes.ts';
import { AddressMap } from './address-map.ts';
import { Action, BlockState, type Device, type Events, NONE, type Snapshot } from './columns.ts';
import { recordedSettings } from './settings.ts';

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
  /**
   * False for a trace of one entry: a recorder of states alone keeps one, of a moment long gone. Its
   * block is then not of this state, and nothing is taken back.
   */
  readonly isTrace: boolean;
  /** Frees carry the stack of the allocation, not of the code that let it go. */
  readonly freesCarryAllocation: boolean;
  /** What does not agree: an address allocated twice, or alive in the trace and not in the state. */
  readonly contradictions: number;
}

/** Exact bytes of blocks, from a replay of the trace. */
export interface KnownBlocks {
  /** Of the allocations of `alloc` events, in their order; NaN where the replay does not tell. */
  readonly traced: Float64Array;
  /** Of blocks that were there before the trace, by address. */
  readonly before: ReadonlyMap<number, number>;
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
 * @param known of a replay, for exact blocks; without it a request is rounded as PyTorch does.
 */
export function lifetimesOf(snapshot: Snapshot, device: Device, known?: KnownBlocks): Lifetimes {
  const { events } = device;
  const isTrace = events.count > 1;
  const kinds = freeKinds(events);
  const ofEvent = new Uint32Array(events.count).fill(NONE);
  let traced = 0;
  const count = isTrace ? events.count : 0;
  for (let e = 0; e < count; e++) if (events.action[e] === Action.alloc) traced++;

  // First pass: which allocation each event means.
  const live = new AddressMap();
  const beforeEvents: number[] = [];
  /** Pairs: an allocation that another took the place of, and that event. */
  const overrun: number[] = [];
  let next = 0;
  let contradictions = 0;
  for (let e = 0; e < count; e++) {
    const action = events.action[e] as number;
    if (action !== Action.alloc && !isFree(action)) continue;
    const address = events.address[e] as number;
    if (action === Action.alloc) {
      const there = live.get(address);
      if (there >= 0) {
        contradictions++;
        overrun.push(there, e);
      }
      live.set(address, next);
      ofEvent[e] = next++;
      continue;
    }
    const isLast = action === Action.freeCompleted || !kinds.completed;
    let row = isLast ? live.delete(address) : live.get(address);
    if (row < 0) {
      row = traced + beforeEvents.push(e) - 1;
      if (!isLast) live.set(address, row);
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
      const row = live.get(blocks.address[b] as number);
      if (row < 0) beforeBlocks.push(b, s);
      else blockOf.set(row, b);
    }
  }

  const rows = traced + beforeEvents.length + beforeBlocks.length / 2;
  const start = new Uint32Array(rows).fill(NONE);
  const freed = new Uint32Array(rows).fill(NONE);
  const end = new Uint32Array(rows).fill(NONE);
  const address = new Float64Array(rows);
  const size = new Float64Array(rows);
  const block = new Float64Array(rows);
  const isExact = new Uint8Array(rows);
  const stream = new Uint16Array(rows);
  const stack = new Uint32Array(rows).fill(NONE);
  const divisions = recordedSettings(snapshot, device).settings.roundupPower2Divisions;

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
      block[row] = roundSize(events.size[e] as number, divisions);
      const replayed =
        row < traced ? known?.traced[row] : known?.before.get(events.address[e] as number);
      if (replayed !== undefined && !Number.isNaN(replayed)) {
        block[row] = replayed;
        isExact[row] = 1;
      } else if (action === Action.alloc) takeWholeSegment(events, e, row, block, isExact);
    }
    if (action === Action.alloc) {
      start[row] = e;
      stack[row] = events.stack[e] as number;
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
      // Its request is among the events that were overwritten.
      if (freed[row] === NONE) freed[row] = row < traced ? e : BEFORE;
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
    count: rows,
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
    isTrace,
    freesCarryAllocation,
    contradictions,
  };
}

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
  const isLarge = (block[row] as number) > SMALL_MAX;
  if (rest < 0 || rest > (isLarge ? MiB : MIN_BLOCK - 1)) return;
  block[row] = segment;
  isExact[row] = 1;
}
