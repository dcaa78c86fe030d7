/** The highest moment of each metric, and the failures of a trace. */
import { Action, type Device, NONE, type Snapshot } from './columns.ts';
import { BEFORE, isAllocatedAt, type Lifetimes } from './lifetimes.ts';
import { METRICS, type Metric, type Totals, totalsBefore, walkTimeline } from './timeline.ts';

export interface Peak {
  readonly bytes: number;
  /** The event after which it was reached first; -1: already there before the first event. */
  readonly event: number;
}

export interface Peaks {
  readonly peak: Readonly<Record<Metric, Peak>>;
  /** All totals at the moment of the highest allocated bytes. */
  readonly atAllocatedPeak: Totals;
  readonly final: Totals;
  /** Rows of the `oom` events. */
  readonly failures: readonly number[];
  /** Bytes of the blocks are exact, as a replay or the state tells them, for all of the peak. */
  readonly isExact: boolean;
}

/** One pass over the trace. A snapshot without one has its state as the only moment. */
export function peaksOf(snapshot: Snapshot, device: Device, lifetimes: Lifetimes): Peaks {
  const before = totalsBefore(snapshot, device, lifetimes);
  const high: Record<Metric, { bytes: number; event: number }> = {
    allocated: { bytes: before.allocated, event: -1 },
    active: { bytes: before.active, event: -1 },
    reserved: { bytes: before.reserved, event: -1 },
    requested: { bytes: before.requested, event: -1 },
  };
  const atAllocatedPeak = { ...before };
  let final: Totals = { ...before };
  const failures: number[] = [];
  const { action, count } = device.events;
  walkTimeline(snapshot, device, lifetimes, (e, totals) => {
    for (const metric of METRICS) {
      if (totals[metric] > high[metric].bytes) {
        high[metric].bytes = totals[metric];
        high[metric].event = e;
        if (metric === 'allocated') Object.assign(atAllocatedPeak, totals);
      }
    }
    if (action[e] === Action.oom) failures.push(e);
    if (e === count - 1) final = { ...totals };
  });
  return {
    peak: high,
    atAllocatedPeak,
    final,
    failures,
    isExact: isExactAt(lifetimes, high.allocated.event),
  };
}

function isExactAt(lifetimes: Lifetimes, moment: number): boolean {
  for (let row = 0; row < lifetimes.count; row++) {
    if (lifetimes.isExact[row] === 0 && isAllocatedAt(lifetimes, row, moment)) return false;
  }
  return true;
}

/** Per stream: the most that was allocated there, and when. Streams that hold nothing are left out. */
export interface StreamPeak {
  /** Index into `streams`. */
  readonly stream: number;
  readonly allocated: number;
  readonly event: number;
}

/** One pass for all streams together. */
export function peaksByStream(
  snapshot: Snapshot,
  device: Device,
  lifetimes: Lifetimes,
): readonly StreamPeak[] {
  const n = snapshot.streams.length;
  const now = new Float64Array(n);
  for (let row = lifetimes.traced; row < lifetimes.count; row++) {
    if (lifetimes.freed[row] === BEFORE) continue;
    const stream = lifetimes.stream[row] as number;
    now[stream] = (now[stream] as number) + (lifetimes.block[row] as number);
  }
  const high = now.slice();
  const at = new Int32Array(n).fill(-1);
  for (let e = 0; e < device.events.count; e++) {
    const row = lifetimes.ofEvent[e] as number;
    if (row === NONE) continue;
    const stream = lifetimes.stream[row] as number;
    const bytes = lifetimes.block[row] as number;
    if (lifetimes.start[row] === e) {
      const sum = (now[stream] as number) + bytes;
      now[stream] = sum;
      if (sum > (high[stream] as number)) {
        high[stream] = sum;
        at[stream] = e;
      }
    } else if (lifetimes.freed[row] === e) now[stream] = (now[stream] as number) - bytes;
  }
  return Array.from(high, (allocated, stream) => ({
    stream,
    allocated,
    event: at[stream] as number,
  })).filter(({ allocated }) => allocated > 0);
}
