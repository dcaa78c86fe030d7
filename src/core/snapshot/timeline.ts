/**
 * Allocated, active, reserved and requested bytes after each event. The state before the trace is what
 * is left when the final state is taken back event by event, so a trace whose oldest entries were
 * overwritten has the same totals as a complete one.
 */
import { Action, type Device, NONE, type Snapshot } from './columns.ts';
import { BEFORE, type Lifetimes } from './lifetimes.ts';

export const METRICS = ['allocated', 'active', 'reserved', 'requested'] as const;
export type Metric = (typeof METRICS)[number];

/** Bytes at one moment. */
export interface Totals {
  /** In blocks that the program holds. */
  allocated: number;
  /** As `allocated`, and blocks let go that still wait for a stream. */
  active: number;
  /** In segments. */
  reserved: number;
  /** What the program asked for, of active blocks. */
  requested: number;
}

/** What an event does to reserved bytes, by action. */
export const RESERVED_SIGN: Int8Array = new Int8Array(256);
RESERVED_SIGN[Action.segmentAlloc] = 1;
RESERVED_SIGN[Action.segmentMap] = 1;
RESERVED_SIGN[Action.segmentFree] = -1;
RESERVED_SIGN[Action.segmentUnmap] = -1;

/** Totals before the first event. @param stream only of this stream (index into `streams`). */
export function totalsBefore(
  snapshot: Snapshot,
  device: Device,
  lifetimes: Lifetimes,
  stream?: number,
): Totals {
  const { events } = device;
  const totals: Totals = { allocated: 0, active: 0, reserved: 0, requested: 0 };
  for (let row = lifetimes.traced; row < lifetimes.count; row++) {
    if (stream !== undefined && lifetimes.stream[row] !== stream) continue;
    const bytes = lifetimes.block[row] as number;
    if (lifetimes.freed[row] !== BEFORE) totals.allocated += bytes;
    totals.active += bytes;
    totals.requested += lifetimes.size[row] as number;
  }
  const [from, to] = device.segments;
  for (let s = from; s < to; s++) {
    if (stream !== undefined && snapshot.segments.stream[s] !== stream) continue;
    totals.reserved += snapshot.segments.total[s] as number;
  }
  for (let e = 0; e < events.count && lifetimes.isTrace; e++) {
    const sign = RESERVED_SIGN[events.action[e] as number] as number;
    if (sign === 0) continue;
    if (stream !== undefined && events.stream[e] !== stream) continue;
    totals.reserved -= sign * (events.size[e] as number);
  }
  return totals;
}

/** Goes through the events one by one, with the totals after each. */
export class TimelineCursor {
  readonly totals: Totals;
  readonly #device: Device;
  readonly #lifetimes: Lifetimes;
  readonly #stream: number | undefined;
  #next = 0;

  /** @param stream only what is on this stream (index into `streams`). */
  constructor(snapshot: Snapshot, device: Device, lifetimes: Lifetimes, stream?: number) {
    this.#device = device;
    this.#lifetimes = lifetimes;
    this.#stream = stream;
    this.totals = totalsBefore(snapshot, device, lifetimes, stream);
  }

  /** Takes the next event into the totals; false after the last. */
  step(): boolean {
    const { events } = this.#device;
    const e = this.#next;
    if (e >= events.count) return false;
    this.#next = e + 1;
    if (this.#stream !== undefined && events.stream[e] !== this.#stream) return true;
    const { totals } = this;
    const { freed, end, block, size, ofEvent, isTrace } = this.#lifetimes;
    const row = ofEvent[e] as number;
    if (row !== NONE) {
      const bytes = block[row] as number;
      if (events.action[e] === Action.alloc) {
        totals.allocated += bytes;
        totals.active += bytes;
        totals.requested += size[row] as number;
      } else {
        if (freed[row] === e) totals.allocated -= bytes;
        if (end[row] === e) {
          totals.active -= bytes;
          totals.requested -= size[row] as number;
        }
      }
    } else if (isTrace) {
      const sign = RESERVED_SIGN[events.action[e] as number] as number;
      if (sign !== 0) totals.reserved += sign * (events.size[e] as number);
    }
    return true;
  }
}

/**
 * Calls `visit` after every event, with the totals at that moment. The object is the same each time.
 * @param stream only what is on this stream.
 */
function walkTimeline(
  snapshot: Snapshot,
  device: Device,
  lifetimes: Lifetimes,
  visit: (event: number, totals: Readonly<Totals>) => void,
  stream?: number,
): void {
  const cursor = new TimelineCursor(snapshot, device, lifetimes, stream);
  for (let e = 0; cursor.step(); e++) visit(e, cursor.totals);
}

export interface Timeline {
  /** Before the first event. */
  readonly before: Totals;
  readonly allocated: Float64Array;
  readonly active: Float64Array;
  readonly reserved: Float64Array;
  readonly requested: Float64Array;
}

/** The totals as columns, a value per event: 32 bytes each. For a picture take `sampleTimeline`. */
export function timelineOf(
  snapshot: Snapshot,
  device: Device,
  lifetimes: Lifetimes,
  stream?: number,
): Timeline {
  const { count } = device.events;
  const column = (): Float64Array => new Float64Array(count);
  const timeline = {
    allocated: column(),
    active: column(),
    reserved: column(),
    requested: column(),
  };
  walkTimeline(
    snapshot,
    device,
    lifetimes,
    (e, totals) => {
      timeline.allocated[e] = totals.allocated;
      timeline.active[e] = totals.active;
      timeline.reserved[e] = totals.reserved;
      timeline.requested[e] = totals.requested;
    },
    stream,
  );
  return { before: totalsBefore(snapshot, device, lifetimes, stream), ...timeline };
}

/** A timeline in few points: the highest value of each metric in each stretch of events. */
export interface SampledTimeline {
  /** First event of each stretch. */
  readonly event: Uint32Array;
  readonly high: Readonly<Record<Metric, Float64Array>>;
}

/** Down-samples on the way, without the columns. @param points at most so many stretches. */
export function sampleTimeline(
  snapshot: Snapshot,
  device: Device,
  lifetimes: Lifetimes,
  points: number,
): SampledTimeline {
  const { count } = device.events;
  const n = Math.min(Math.max(1, points), count);
  const event = new Uint32Array(n);
  const column = (): Float64Array => new Float64Array(n);
  const high = { allocated: column(), active: column(), reserved: column(), requested: column() };
  for (let i = 0; i < n; i++) event[i] = Math.floor((i * count) / n);
  let at = 0;
  walkTimeline(snapshot, device, lifetimes, (e, totals) => {
    if (at + 1 < n && e >= (event[at + 1] as number)) at++;
    for (const metric of METRICS) {
      if (totals[metric] > (high[metric][at] as number)) high[metric][at] = totals[metric];
    }
  });
  return { event, high };
}
