/** The highest moment of each metric, and the failures of a trace. */
import { Action, type Device, NONE, type Snapshot } from './columns.ts';
import { BEFORE, isAllocatedAt, type Lifetimes } from './lifetimes.ts';
import { type Metric, RESERVED_SIGN, type Totals, totalsBefore } from './timeline.ts';

export interface Peak {
  readonly bytes: number;
  /** The event after which it was reached first; -1: already there before the first event. */
  readonly event: number;
}

export interface Peaks {
  readonly peak: Readonly<Record<Metric, Peak>>;
  readonly final: Totals;
  /** Rows of the `oom` events. */
  readonly failures: readonly number[];
  /** Bytes of the blocks are exact, as a replay or the state tells them, for all of the peak. */
  readonly isExact: boolean;
}

/** One pass over the trace. A snapshot without one has its state as the only moment. */
export function peaksOf(snapshot: Snapshot, device: Device, lifetimes: Lifetimes): Peaks {
  const before = totalsBefore(snapshot, device, lifetimes);
  // Plain numbers, because this loop sees every event.
  let { allocated, active, reserved, requested } = before;
  let [mostAllocated, mostActive, mostReserved, mostRequested] = [
    allocated,
    active,
    reserved,
    requested,
  ];
  let [atAllocated, atActive, atReserved, atRequested] = [-1, -1, -1, -1];
  const failures: number[] = [];
  const { action, size, count } = device.events;
  const { ofEvent, block, size: asked, freed, end } = lifetimes;
  for (let e = 0; e < count; e++) {
    const row = ofEvent[e] as number;
    const kind = action[e] as number;
    if (row === NONE) {
      const sign = RESERVED_SIGN[kind] as number;
      if (sign !== 0 && lifetimes.isTrace) reserved += sign * (size[e] as number);
      else if (kind === Action.oom) failures.push(e);
      if (reserved > mostReserved) {
        mostReserved = reserved;
        atReserved = e;
      }
      continue;
    }
    const bytes = block[row] as number;
    if (kind !== Action.alloc) {
      if (freed[row] === e) allocated -= bytes;
      if (end[row] === e) {
        active -= bytes;
        requested -= asked[row] as number;
      }
      continue;
    }
    allocated += bytes;
    active += bytes;
    requested += asked[row] as number;
    if (allocated > mostAllocated) {
      mostAllocated = allocated;
      atAllocated = e;
    }
    if (active > mostActive) {
      mostActive = active;
      atActive = e;
    }
    if (requested > mostRequested) {
      mostRequested = requested;
      atRequested = e;
    }
  }
  return {
    peak: {
      allocated: { bytes: mostAllocated, event: atAllocated },
      active: { bytes: mostActive, event: atActive },
      reserved: { bytes: mostReserved, event: atReserved },
      requested: { bytes: mostRequested, event: atRequested },
    },
    final: { allocated, active, reserved, requested },
    failures,
    isExact: isExactAt(lifetimes, atAllocated),
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
