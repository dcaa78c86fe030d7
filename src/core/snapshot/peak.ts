/** The highest moment of each metric, and the failures of a trace. */
import { Action, type Device, type Snapshot } from './columns.ts';
import type { Lifetimes } from './lifetimes.ts';
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
  let atAllocatedPeak = { ...before };
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
  atAllocatedPeak = { ...atAllocatedPeak };
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
    if (lifetimes.isExact[row] === 1) continue;
    const start = lifetimes.start[row] as number;
    if ((start === 0xffff_ffff || start <= moment) && (lifetimes.freed[row] as number) > moment) {
      return false;
    }
  }
  return true;
}
