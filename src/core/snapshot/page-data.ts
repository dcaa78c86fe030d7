/**
 * A snapshot as a viewer wants it: allocations with their lives instead of events, segments with theirs.
 * Nothing of it is guessed; what the trace does not hold is NONE or absent.
 */
import {
  Action,
  BlockState,
  type Device,
  type Frames,
  NONE,
  type Snapshot,
  type Stacks,
} from './columns.ts';

/** Lives of one device's allocations: those of the trace by event, then those from before it. */
export interface PageAllocations {
  readonly count: number;
  readonly address: Float64Array;
  /** As the program asked for it, in bytes; 0 where the file does not say. */
  readonly requested: Float64Array;
  /**
   * Bytes held. Of a block that is still there, as the file states it; of others the requested size
   * rounded up to 512, which leaves out a remainder that was not split off.
   */
  readonly held: Float64Array;
  /** Index into `PageData.streams`. */
  readonly stream: Uint16Array;
  /** A stack, or NONE. */
  readonly stack: Uint32Array;
  /** The event that made it; NONE when it was there before the trace. */
  readonly from: Uint32Array;
  /** The event that let it go, or NONE. */
  readonly freed: Uint32Array;
  /** The event at which its bytes could be used again, or NONE. Later than `freed` when other streams used it. */
  readonly to: Uint32Array;
}

/** Ranges of addresses that were mapped: a segment of cudaMalloc, or a piece of an expandable one. */
export interface PageSegments {
  readonly count: number;
  readonly address: Float64Array;
  readonly size: Float64Array;
  readonly stream: Uint16Array;
  readonly isExpandable: Uint8Array;
  /** Index into `PageData.pools`. */
  readonly pool: Uint16Array;
  /** NONE: before the trace. */
  readonly from: Uint32Array;
  /** NONE: still there at the end. */
  readonly to: Uint32Array;
}

export interface PageOoms {
  readonly count: number;
  readonly event: Uint32Array;
  /** Bytes asked for. */
  readonly asked: Float64Array;
  /** Bytes that the device had free. */
  readonly free: Float64Array;
}

/** What the program said that it was doing: from event `from` up to event `to`. */
export interface PagePhases {
  readonly count: number;
  readonly name: readonly string[];
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** 0 is the outermost. */
  readonly depth: Uint16Array;
}

/** Whose each allocation is, under one way of naming owners. */
export interface PageOwners {
  /** `category`, `line`, `library`, `module` … */
  readonly by: string;
  readonly names: readonly string[];
  /** Index into `names`, or NONE; a column per device, as long as its allocations. */
  readonly of: readonly Uint32Array[];
}

export interface PageDevice {
  readonly index: number;
  readonly events: number;
  /** Microseconds since the epoch, never decreasing. Absent when the file has no times. */
  readonly time?: Float64Array;
  readonly allocations: PageAllocations;
  readonly segments: PageSegments;
  readonly ooms: PageOoms;
  readonly phases: PagePhases;
}

export interface PageData {
  readonly strings: readonly string[];
  readonly frames: Frames;
  readonly stacks: Stacks;
  readonly streams: readonly string[];
  readonly pools: readonly (readonly [number, number])[];
  readonly devices: readonly PageDevice[];
  readonly owners: readonly PageOwners[];
}

/** @param owners as many ways of naming owners as there are, the best first. */
export function pageDataOf(
  snapshot: Snapshot,
  owners: (devices: readonly PageDevice[]) => readonly PageOwners[],
): PageData {
  const devices = snapshot.devices.map((device) => pageDeviceOf(snapshot, device));
  const { strings, frames, stacks, streams, pools } = snapshot;
  return { strings, frames, stacks, streams, pools, devices, owners: owners(devices) };
}

function pageDeviceOf(snapshot: Snapshot, device: Device): PageDevice {
  const time = timesOf(device.events.time);
  return {
    index: device.index,
    events: device.events.count,
    ...(time !== undefined && { time }),
    allocations: livesOf(snapshot, device),
    segments: segmentLivesOf(snapshot, device),
    ooms: oomsOf(device),
    phases: phasesOf(snapshot, device, time),
  };
}

/** A time that is missing is that of the event before; one that goes back stands still. */
function timesOf(given: Float64Array | undefined): Float64Array | undefined {
  let last = given?.find((each) => !Number.isNaN(each));
  if (given === undefined || last === undefined) return undefined;
  const times = new Float64Array(given.length);
  for (let i = 0; i < given.length; i++) {
    const at = given[i] as number;
    if (at > last) last = at;
    times[i] = last;
  }
  return times;
}

const roundUp = (bytes: number): number => Math.ceil(bytes / 512) * 512;

/** Pairs allocations with their frees by address, as the allocator itself does. */
function livesOf(snapshot: Snapshot, device: Device): PageAllocations {
  const { events } = device;
  const blocks = liveBlocks(snapshot, device);
  const traced = events.action.reduce((sum, each) => sum + (each === Action.alloc ? 1 : 0), 0);
  const most = events.count + blocks.length;
  const columns = {
    address: new Float64Array(most),
    requested: new Float64Array(most),
    held: new Float64Array(most),
    stream: new Uint16Array(most),
    stack: new Uint32Array(most).fill(NONE),
    from: new Uint32Array(most).fill(NONE),
    freed: new Uint32Array(most).fill(NONE),
    to: new Uint32Array(most).fill(NONE),
  };
  const live = new Map<number, number>();
  let made = 0;
  let before = 0;
  const add = (row: number, address: number, requested: number, stream: number): void => {
    columns.address[row] = address;
    columns.requested[row] = requested;
    columns.held[row] = roundUp(requested);
    columns.stream[row] = stream;
  };
  const rowBefore = (): number => traced + before++;

  for (let i = 0; i < events.count; i++) {
    const action = events.action[i] as number;
    if (action > Action.freeCompleted) continue;
    const address = events.address[i] as number;
    let row = live.get(address);
    if (action === Action.alloc) {
      // Its free was not recorded: it ends here, where its bytes are somebody else's.
      if (row !== undefined) columns.to[row] = i;
      if (row !== undefined && columns.freed[row] === NONE) columns.freed[row] = i;
      live.set(address, made);
      add(made, address, events.size[i] as number, events.stream[i] as number);
      columns.stack[made] = events.stack[i] as number;
      columns.from[made++] = i;
      continue;
    }
    if (row === undefined) {
      row = rowBefore();
      live.set(address, row);
      add(row, address, events.size[i] as number, events.stream[i] as number);
    }
    if (columns.freed[row] === NONE) columns.freed[row] = i;
    if (action === Action.freeCompleted) {
      columns.to[row] = i;
      live.delete(address);
    }
  }

  for (const block of blocks) {
    const address = snapshot.blocks.address[block.row] as number;
    const requested = snapshot.blocks.requested[block.row] as number;
    let row = live.get(address);
    if (row === undefined) {
      row = rowBefore();
      add(row, address, Number.isNaN(requested) ? 0 : requested, block.stream);
    }
    columns.held[row] = snapshot.blocks.size[block.row] as number;
    if (columns.stack[row] === NONE) {
      columns.stack[row] = snapshot.blocks.stack[block.row] as number;
    }
  }

  const count = traced + before;
  return {
    count,
    address: columns.address.slice(0, count),
    requested: columns.requested.slice(0, count),
    held: columns.held.slice(0, count),
    stream: columns.stream.slice(0, count),
    stack: columns.stack.slice(0, count),
    from: columns.from.slice(0, count),
    freed: columns.freed.slice(0, count),
    to: columns.to.slice(0, count),
  };
}

/** Blocks of a device that are not free at the end. */
function liveBlocks(
  { segments, blocks }: Snapshot,
  device: Device,
): { readonly row: number; readonly stream: number }[] {
  const found: { row: number; stream: number }[] = [];
  for (let s = device.segments[0]; s < device.segments[1]; s++) {
    const stream = segments.stream[s] as number;
    const end = segments.firstBlock[s + 1] as number;
    for (let row = segments.firstBlock[s] as number; row < end; row++) {
      if (blocks.state[row] !== BlockState.inactive) found.push({ row, stream });
    }
  }
  return found;
}

/** A mapped range whose life is known from its end back to the event that is looked at. */
interface Mapped {
  readonly address: number;
  readonly end: number;
  readonly to: number;
  readonly stream: number;
  readonly pool: number;
  readonly isExpandable: boolean;
}

/** Undoes the trace from the segments at its end, which are known. */
function segmentLivesOf(snapshot: Snapshot, { events, segments: rows }: Device): PageSegments {
  const { segments } = snapshot;
  const done: (Mapped & { readonly from: number })[] = [];
  /** By address, without overlap. */
  const live: Mapped[] = [];
  for (let s = rows[0]; s < rows[1]; s++) {
    const address = segments.address[s] as number;
    live.push({
      address,
      end: address + (segments.total[s] as number),
      to: NONE,
      stream: segments.stream[s] as number,
      pool: segments.pool[s] as number,
      isExpandable: segments.isExpandable[s] === 1,
    });
  }
  live.sort((a, b) => a.address - b.address);

  for (let i = events.count - 1; i >= 0; i--) {
    const action = events.action[i] as number;
    if (action < Action.segmentAlloc || action > Action.segmentUnmap) continue;
    const address = events.address[i] as number;
    const end = address + (events.size[i] as number);
    const at = firstEndingAfter(live, address);
    if (action === Action.segmentFree || action === Action.segmentUnmap) {
      const next = live[at];
      // Something is mapped there already: the trace contradicts itself, the later state stands.
      if (next !== undefined && next.address < end) continue;
      live.splice(at, 0, {
        address,
        end,
        to: i,
        stream: events.stream[i] as number,
        pool: events.pool?.[i] ?? 0,
        isExpandable: action === Action.segmentUnmap,
      });
      continue;
    }
    const kept: Mapped[] = [];
    let past = at;
    for (let each = live[past]; each !== undefined && each.address < end; each = live[++past]) {
      const from = Math.max(each.address, address);
      const until = Math.min(each.end, end);
      if (each.address < from) kept.push({ ...each, end: from });
      done.push({ ...each, address: from, end: until, from: i });
      if (until < each.end) kept.push({ ...each, address: until });
    }
    live.splice(at, past - at, ...kept);
  }
  for (const each of live) done.push({ ...each, from: NONE });
  // NONE wraps to 0: those before the trace come first.
  done.sort((a, b) => ((a.from + 1) >>> 0) - ((b.from + 1) >>> 0) || a.address - b.address);
  return {
    count: done.length,
    address: Float64Array.from(done, (each) => each.address),
    size: Float64Array.from(done, (each) => each.end - each.address),
    stream: Uint16Array.from(done, (each) => each.stream),
    isExpandable: Uint8Array.from(done, (each) => (each.isExpandable ? 1 : 0)),
    pool: Uint16Array.from(done, (each) => each.pool),
    from: Uint32Array.from(done, (each) => each.from),
    to: Uint32Array.from(done, (each) => each.to),
  };
}

function firstEndingAfter(ranges: readonly Mapped[], address: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle] as Mapped).end <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

function oomsOf({ events }: Device): PageOoms {
  const rows: number[] = [];
  for (let i = 0; i < events.count; i++) if (events.action[i] === Action.oom) rows.push(i);
  return {
    count: rows.length,
    event: Uint32Array.from(rows),
    asked: Float64Array.from(rows, (row) => events.size[row] as number),
    free: Float64Array.from(rows, (row) => events.address[row] as number),
  };
}

/** Phases kept for a page: beyond this they could not be told apart. */
const MOST_PHASES = 20_000;

/** Pairs starts with ends by name, innermost first. What does not end lasts to the end of the trace. */
function phasesOf(
  { annotations, strings }: Snapshot,
  { index, events }: Device,
  time: Float64Array | undefined,
): PagePhases {
  const name: string[] = [];
  const from: number[] = [];
  const to: number[] = [];
  const depth: number[] = [];
  const open: number[] = [];
  const names: number[] = [];
  for (let i = 0; time !== undefined && i < annotations.count; i++) {
    if (annotations.device[i] !== index) continue;
    const at = firstAtOrAfter(time, annotations.time[i] as number);
    const id = annotations.name[i] as number;
    if (annotations.isStart[i] === 1) {
      if (name.length === MOST_PHASES) break;
      open.push(name.length);
      names.push(id);
      name.push(strings[id] ?? '');
      from.push(at);
      to.push(events.count);
      depth.push(open.length - 1);
      continue;
    }
    const place = open.findLastIndex((row) => names[row] === id);
    if (place === -1) continue;
    to[open[place] as number] = at;
    open.splice(place, 1);
  }
  return {
    count: name.length,
    name,
    from: Uint32Array.from(from),
    to: Uint32Array.from(to),
    depth: Uint16Array.from(depth),
  };
}

function firstAtOrAfter(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
