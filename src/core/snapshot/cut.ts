/**
 * A trace that ends earlier: events from a moment on are taken back, so that the state is that of the
 * moment. Leaving them out alone would pair a trace with the state of another time, and every total with it.
 */
import { say, type TextTable } from '../base/texts.ts';
import { isUnknown } from '../base/unknown.ts';
import {
  Action,
  type Annotations,
  BlockState,
  type Blocks,
  type Device,
  type Events,
  NONE,
  type Segments,
  type Snapshot,
} from './columns.ts';
import { isActiveAt, isAllocatedAt, type Lifetimes, lifetimesOf } from './lifetimes.ts';
import { replayedBlocks } from './lifetimes-replayed.ts';
import { prepareReplay } from './replay.ts';
import { layoutAt, type Segment } from './waste-layout.ts';

const NEVER = Number.POSITIVE_INFINITY;

const TEXTS: TextTable<'undone'> = {
  en: {
    undone:
      'GPU {device}: {count} events after the end that was asked for were undone; its state is that of that moment.',
  },
  zh: {
    undone: 'GPU {device}：所要求的终点之后的 {count} 个事件已撤销；状态是该时刻的状态。',
  },
  ru: {
    undone:
      'GPU {device}: событий после запрошенного конца, которые отменены: {count}; состояние — на этот момент.',
  },
};

/**
 * The snapshot as PyTorch would have written it before event `endOf(device)`: the trace up to there, and the
 * segments and blocks of that moment, with the stacks that the trace has for them. Blocks whose size only a
 * replay tells are as large as there; without one they are rounded requests. A device whose end lies behind
 * its trace stays as it is, and so does one whose state alone was recorded.
 */
export function cutSnapshot(snapshot: Snapshot, endOf: (device: Device) => number): Snapshot {
  const ends = snapshot.devices.map((device) => {
    const { count } = device.events;
    return count > 1 ? Math.min(count, Math.max(0, endOf(device))) : count;
  });
  if (snapshot.devices.every(({ events }, row) => ends[row] === events.count)) return snapshot;
  const state = new State(snapshot);
  const notes = [...snapshot.notes];
  const devices = snapshot.devices.map((device, row): Device => {
    const end = ends[row] as number;
    const from = state.segmentCount;
    if (end === device.events.count) state.copy(device);
    else {
      state.rebuild(device, lifetimesFor(snapshot, device, row), end - 1);
      const count = device.events.count - end;
      const text = say(TEXTS, 'undone', { device: device.index, count });
      notes.push({ code: 'snapshot-events-undone', text });
    }
    return { ...device, events: head(device.events, end), segments: [from, state.segmentCount] };
  });
  return {
    ...snapshot,
    devices,
    segments: state.segments(),
    blocks: state.blocks(),
    annotations: annotationsBefore(snapshot, ends),
    notes,
  };
}

/** How many events of a device come before a time; all where none has one. Times never decrease. */
export function eventsBefore({ events: { time, count } }: Device, at: number): number {
  if (time === undefined || at === NEVER) return count;
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((time[middle] as number) >= at) high = middle;
    else low = middle + 1;
  }
  return low;
}

function lifetimesFor(snapshot: Snapshot, device: Device, row: number): Lifetimes {
  const prepared = prepareReplay(snapshot, row);
  return lifetimesOf(snapshot, device, isUnknown(prepared) ? undefined : replayedBlocks(prepared));
}

/** Collects segments and blocks of devices, one device after another. */
class State {
  segmentCount = 0;
  private readonly snapshot: Snapshot;
  private readonly rows: SegmentRow[] = [];
  private readonly blockRows: BlockRow[] = [];

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  /** Takes a device's state over as the file has it. */
  copy(device: Device): void {
    const { segments, blocks } = this.snapshot;
    for (let s = device.segments[0]; s < device.segments[1]; s += 1) {
      this.open({
        device: device.index,
        address: segments.address[s] as number,
        size: segments.total[s] as number,
        stream: segments.stream[s] as number,
        isLarge: segments.isLarge[s] === 1,
        isExpandable: segments.isExpandable[s] === 1,
        pool: segments.pool[s] as number,
        stack: segments.stack[s] as number,
        stated: [segments.allocated[s], segments.active[s], segments.requested[s]].map(
          (bytes) => bytes ?? Number.NaN,
        ),
      });
      const last = segments.firstBlock[s + 1] as number;
      for (let b = segments.firstBlock[s] as number; b < last; b += 1) {
        this.blockRows.push({
          address: blocks.address[b] as number,
          size: blocks.size[b] as number,
          requested: blocks.requested[b] as number,
          state: blocks.state[b] as number,
          stack: blocks.stack[b] as number,
        });
      }
    }
  }

  /** Makes a device's state after event `moment`; -1 is the start of the trace. */
  rebuild(device: Device, lifetimes: Lifetimes, moment: number): void {
    const layout = layoutAt({ snapshot: this.snapshot, device, lifetimes }, moment);
    const rows: number[] = [];
    for (let row = 0; row < lifetimes.count; row += 1) {
      if (isActiveAt(lifetimes, row, moment)) rows.push(row);
    }
    const addressOf = (at: number): number => lifetimes.address[rows[at] as number] as number;
    rows.sort((a, b) => (lifetimes.address[a] as number) - (lifetimes.address[b] as number));
    const stackOf = segmentStacks(this.snapshot, device, moment);
    let next = 0;
    for (const segment of layout.segments) {
      const end = segment.address + segment.size;
      const own: SegmentRow = {
        ...segment,
        device: device.index,
        stack: stackOf(segment),
        stated: [],
      };
      const sums = [0, 0, 0];
      this.open(own);
      let at = segment.address;
      while (next < rows.length && addressOf(next) < segment.address) next += 1;
      for (; next < rows.length && addressOf(next) < end; next += 1) {
        const row = rows[next] as number;
        const address = addressOf(next);
        // Two blocks at one place: the trace contradicts itself, and the first stands.
        if (address < at) continue;
        if (address > at) this.free(at, address);
        const room = Math.min(end, next + 1 < rows.length ? addressOf(next + 1) : end) - address;
        const size = Math.min(room, lifetimes.block[row] as number);
        const isAllocated = isAllocatedAt(lifetimes, row, moment);
        const requested = lifetimes.size[row] as number;
        this.blockRows.push({
          address,
          size,
          requested,
          state: isAllocated ? BlockState.active : BlockState.pendingFree,
          stack: lifetimes.stack[row] as number,
        });
        if (isAllocated) sums[0] = (sums[0] as number) + size;
        sums[1] = (sums[1] as number) + size;
        sums[2] = (sums[2] as number) + requested;
        at = address + size;
      }
      if (at < end) this.free(at, end);
      own.stated = sums;
    }
  }

  segments(): Segments {
    const { rows } = this;
    const floats = (of: (row: SegmentRow) => number): Float64Array => Float64Array.from(rows, of);
    const firstBlock = new Uint32Array(rows.length + 1);
    rows.forEach((row, s) => {
      firstBlock[s] = row.firstBlock ?? 0;
    });
    firstBlock[rows.length] = this.blockRows.length;
    return {
      count: rows.length,
      device: Uint16Array.from(rows, ({ device }) => device),
      address: floats(({ address }) => address),
      total: floats(({ size }) => size),
      allocated: floats(({ stated }) => stated[0] ?? Number.NaN),
      active: floats(({ stated }) => stated[1] ?? Number.NaN),
      requested: floats(({ stated }) => stated[2] ?? Number.NaN),
      stream: Uint16Array.from(rows, ({ stream }) => stream),
      isLarge: Uint8Array.from(rows, ({ isLarge }) => (isLarge ? 1 : 0)),
      isExpandable: Uint8Array.from(rows, ({ isExpandable }) => (isExpandable ? 1 : 0)),
      pool: Uint16Array.from(rows, ({ pool }) => pool),
      stack: Uint32Array.from(rows, ({ stack }) => stack),
      firstBlock,
    };
  }

  blocks(): Blocks {
    const { blockRows: rows } = this;
    return {
      count: rows.length,
      address: Float64Array.from(rows, ({ address }) => address),
      size: Float64Array.from(rows, ({ size }) => size),
      requested: Float64Array.from(rows, ({ requested }) => requested),
      state: Uint8Array.from(rows, ({ state }) => state),
      stack: Uint32Array.from(rows, ({ stack }) => stack),
    };
  }

  private open(row: SegmentRow): void {
    row.firstBlock = this.blockRows.length;
    this.rows.push(row);
    this.segmentCount += 1;
  }

  private free(from: number, to: number): void {
    this.blockRows.push({
      address: from,
      size: to - from,
      requested: Number.NaN,
      state: BlockState.inactive,
      stack: NONE,
    });
  }
}

interface SegmentRow extends Segment {
  readonly device: number;
  readonly stack: number;
  /** Allocated, active and requested bytes. */
  stated: readonly number[];
  firstBlock?: number;
}

interface BlockRow {
  readonly address: number;
  readonly size: number;
  readonly requested: number;
  readonly state: number;
  readonly stack: number;
}

/** The stack with which each segment of a moment was made: of its last event before it, else as the file says. */
function segmentStacks(
  { segments }: Snapshot,
  { events, segments: [from, to] }: Device,
  moment: number,
): (segment: Segment) => number {
  const stacks = new Map<number, number>();
  for (let s = from; s < to; s += 1) {
    stacks.set(segments.address[s] as number, segments.stack[s] as number);
  }
  for (let e = 0; e <= moment; e += 1) {
    const action = events.action[e];
    if (action !== Action.segmentAlloc && action !== Action.segmentMap) continue;
    stacks.set(events.address[e] as number, events.stack[e] as number);
  }
  return ({ address }) => stacks.get(address) ?? NONE;
}

/** The first `count` events: views of the same columns. */
function head(events: Events, count: number): Events {
  const { time, pool, compileContext, userMetadata, category } = events;
  return {
    count,
    action: events.action.subarray(0, count),
    address: events.address.subarray(0, count),
    size: events.size.subarray(0, count),
    stream: events.stream.subarray(0, count),
    stack: events.stack.subarray(0, count),
    ...(time && { time: time.subarray(0, count) }),
    ...(pool && { pool: pool.subarray(0, count) }),
    ...(compileContext && { compileContext: compileContext.subarray(0, count) }),
    ...(userMetadata && { userMetadata: userMetadata.subarray(0, count) }),
    ...(category && { category: category.subarray(0, count) }),
  };
}

/** What was annotated before the cut of its device; what is of no device, before the last of them. */
function annotationsBefore(snapshot: Snapshot, ends: readonly number[]): Annotations {
  const { annotations, devices } = snapshot;
  const untils = new Map(
    devices.map(({ index, events }, row) => {
      const end = ends[row] as number;
      return [index, end === events.count ? NEVER : (events.time?.[end] ?? NEVER)] as const;
    }),
  );
  const last = Math.max(...untils.values());
  const kept: number[] = [];
  for (let i = 0; i < annotations.count; i += 1) {
    const until = untils.get(annotations.device[i] as number) ?? last;
    if ((annotations.time[i] as number) < until || until === NEVER) kept.push(i);
  }
  return {
    count: kept.length,
    name: Uint32Array.from(kept, (i) => annotations.name[i] ?? 0),
    isStart: Uint8Array.from(kept, (i) => annotations.isStart[i] ?? 0),
    device: Int32Array.from(kept, (i) => annotations.device[i] ?? 0),
    time: Float64Array.from(kept, (i) => annotations.time[i] ?? Number.NaN),
  };
}
