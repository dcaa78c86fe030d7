/**
 * One device's trace, ready to be drawn. A *position* is the state after that many events: 0 is the state
 * before the trace, `positions - 1` the one at its end.
 */
import { BEFORE, NONE, type PageDevice } from '../../core/snapshots.ts';
import { Extremes } from './extremes.ts';

/** What an event does to an allocation. */
export const Effect = { begins: 0, ends: 1, waits: 2, isDone: 3 } as const;

export class Trace {
  readonly device: PageDevice;
  readonly positions: number;
  /** Allocations by row. Live from `start` up to, not including, `end`. */
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** Where bytes that waited for another stream came free: `end` where they did not wait. */
  readonly done: Uint32Array;
  /** Bytes in live allocations, by position. */
  readonly allocated: Extremes;
  /** Bytes in segments, by position. */
  readonly reserved: Extremes;
  /** Position of the greatest `allocated`. */
  readonly peak: number;
  /** Positions between which each segment was there. */
  readonly segmentStart: Uint32Array;
  readonly segmentEnd: Uint32Array;
  /** Effects of the event before position p: `effects[first[p] … first[p + 1])`, each row * 4 + Effect. */
  readonly first: Uint32Array;
  readonly effects: Uint32Array;

  constructor(device: PageDevice) {
    const { allocations, segments } = device;
    this.device = device;
    this.positions = device.events + 1;
    this.start = allocations.from.map(after);
    this.end = allocations.freed.map((event) => (event === NONE ? this.positions : after(event)));
    this.done = allocations.to.map((event, row) => this.#doneOf(event, row));
    this.segmentStart = segments.from.map(after);
    this.segmentEnd = segments.to.map((event) => (event === NONE ? this.positions : event + 1));
    [this.first, this.effects] = this.#sortEffects();
    this.allocated = new Extremes(sums(this.positions, allocations.held, this.start, this.end));
    this.reserved = new Extremes(
      sums(this.positions, segments.size, this.segmentStart, this.segmentEnd),
    );
    this.peak = this.allocated.greatestIn(0, this.positions);
  }

  /** One event at most: a recorder that was told to keep the state only. */
  get isState(): boolean {
    return this.positions < 3;
  }

  /** Microseconds from the first event to the last; 0 when the file has no times. */
  get duration(): number {
    const { time } = this.device;
    return time === undefined ? 0 : this.timeAt(this.positions - 1);
  }

  /** Microseconds since the first event. */
  timeAt(position: number): number {
    const time = this.device.time;
    if (time === undefined || time.length === 0) return 0;
    const event = Math.min(Math.max(position - 1, 0), time.length - 1);
    return (time[event] as number) - (time[0] as number);
  }

  /** The state at a moment: how many events are not later than it. */
  positionAt(microseconds: number): number {
    const time = this.device.time;
    if (time === undefined || time.length === 0) return 0;
    const moment = microseconds + (time[0] as number);
    let low = 0;
    let high = time.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((time[middle] as number) <= moment) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Rows of the allocations that are live at a position. */
  liveAt(position: number): number[] {
    const { start, end } = this;
    const rows: number[] = [];
    for (let row = 0; row < start.length; row++) {
      if ((start[row] as number) <= position && position < (end[row] as number)) rows.push(row);
    }
    return rows;
  }

  /** A free that completes with the next event did not wait. */
  #doneOf(event: number, row: number): number {
    const end = this.end[row] as number;
    const done = event === NONE ? this.positions : event + 1;
    return done <= end + 1 && event !== NONE ? end : done;
  }

  #sortEffects(): [Uint32Array, Uint32Array] {
    const { positions, start, end, done } = this;
    const first = new Uint32Array(positions + 2);
    const count = (position: number): void => {
      if (position > 0 && position < positions) {
        first[position + 1] = (first[position + 1] as number) + 1;
      }
    };
    for (let row = 0; row < start.length; row++) {
      count(start[row] as number);
      count(end[row] as number);
      if (done[row] !== end[row]) count(done[row] as number);
    }
    for (let p = 1; p < first.length; p++) {
      first[p] = (first[p] as number) + (first[p - 1] as number);
    }
    const next = first.slice();
    const effects = new Uint32Array(first[positions] as number);
    const put = (position: number, effect: number): void => {
      if (position <= 0 || position >= positions) return;
      const at = next[position] as number;
      effects[at] = effect;
      next[position] = at + 1;
    };
    for (let row = 0; row < start.length; row++) {
      const waits = done[row] !== end[row];
      put(start[row] as number, row * 4 + Effect.begins);
      put(end[row] as number, row * 4 + (waits ? Effect.waits : Effect.ends));
      if (waits) put(done[row] as number, row * 4 + Effect.isDone);
    }
    return [first, effects];
  }
}

/** The position after an event; 0 for what was before the trace. */
const after = (event: number): number => (event >= BEFORE ? 0 : event + 1);

/** Sizes of what is there, by position. */
function sums(
  positions: number,
  size: Float64Array,
  start: Uint32Array,
  end: Uint32Array,
): Float64Array {
  const sum = new Float64Array(positions);
  for (let row = 0; row < size.length; row++) {
    const from = start[row] as number;
    const to = end[row] as number;
    sum[from] = (sum[from] as number) + (size[row] as number);
    if (to < positions) sum[to] = (sum[to] as number) - (size[row] as number);
  }
  for (let p = 1; p < positions; p++) sum[p] = (sum[p] as number) + (sum[p - 1] as number);
  return sum;
}
