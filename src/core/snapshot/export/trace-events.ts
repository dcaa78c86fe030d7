/**
 * A snapshot as trace events, which ui.perfetto.dev and chrome://tracing show: counters of memory,
 * annotations as slices, large allocations from their birth to their end, segments and failures as marks.
 *
 * Source: the "Trace Event Format" of the Chromium project: `C` counter, `X` slice, `b`/`e` asynchronous
 * slice, `i` instant, `M` metadata; times in microseconds.
 */
import { Action, type Device, NONE, type Snapshot } from '../columns.ts';
import { BEFORE } from '../lifetimes.ts';
import { OwnerNames } from '../owners.ts';
import { Places, stackFacts } from '../owners-frames.ts';
import { type DeviceView, viewOf } from '../phases.ts';
import { TimelineCursor } from '../timeline.ts';
import { inPieces } from './pieces.ts';

export interface TraceOptions {
  /** Allocations of so many bytes and more become slices. */
  readonly least: number;
}

/** One JSON object: `{"traceEvents": […], …}`. */
export function exportTraceEvents(snapshot: Snapshot, options: TraceOptions): Generator<string> {
  return inPieces(whole(snapshot, options));
}

function* whole(snapshot: Snapshot, options: TraceOptions): Generator<string> {
  const facts = stackFacts(snapshot);
  const places = new Places(snapshot);
  const clock = clockOf(snapshot);
  yield `{"displayTimeUnit":"ms","otherData":{"clock":"${clock.is}"},"traceEvents":[`;
  let isFirst = true;
  for (const device of snapshot.devices) {
    const view = viewOf(snapshot, device, facts);
    const names = new OwnerNames(view, places);
    for (const event of eventsOf(snapshot, view, names, clock, options)) {
      yield `${isFirst ? '' : ','}\n${JSON.stringify(event)}`;
      isFirst = false;
    }
  }
  yield '\n]}\n';
}

interface Clock {
  readonly is: 'microseconds' | 'events';
  /** Microseconds after the first event, or the number of the event where there are no times. */
  at(device: Device, event: number): number;
}

function clockOf(snapshot: Snapshot): Clock {
  let first = Number.POSITIVE_INFINITY;
  for (const { events } of snapshot.devices) {
    for (let e = 0; e < events.count; e++) {
      const at = events.time?.[e] ?? Number.NaN;
      if (Number.isNaN(at)) continue;
      first = Math.min(first, at);
      break;
    }
  }
  if (!Number.isFinite(first)) return { is: 'events', at: (_, event) => event };
  return {
    is: 'microseconds',
    at: ({ events }, event) => {
      const at = events.time?.[Math.min(event, events.count - 1)] ?? Number.NaN;
      return Number.isNaN(at) ? 0 : Math.max(0, at - first);
    },
  };
}

type TraceEvent = Readonly<Record<string, unknown>>;

/** Threads of a device's process: what they show. */
const Track = { annotations: 1, segments: 2 } as const;

const SEGMENT_ACTIONS: ReadonlyMap<number, string> = new Map([
  [Action.segmentAlloc, 'segment_alloc'],
  [Action.segmentFree, 'segment_free'],
  [Action.segmentMap, 'segment_map'],
  [Action.segmentUnmap, 'segment_unmap'],
  [Action.oom, 'oom'],
]);

function* eventsOf(
  snapshot: Snapshot,
  view: DeviceView,
  names: OwnerNames,
  clock: Clock,
  { least }: TraceOptions,
): Generator<TraceEvent> {
  const { device, lifetimes, spans } = view;
  const pid = device.index;
  yield { ph: 'M', pid, name: 'process_name', args: { name: `GPU ${pid}` } };
  yield metadata(pid, Track.annotations, 'annotations');
  yield metadata(pid, Track.segments, 'segments and failures');
  for (const { name, from, to } of spans) {
    const ts = clock.at(device, from);
    const dur = Math.max(0, clock.at(device, to) - ts);
    const text = snapshot.strings[name] ?? '';
    yield { ph: 'X', pid, tid: Track.annotations, ts, dur, name: text, cat: 'annotation' };
  }
  for (let row = lifetimes.traced; row < lifetimes.count; row++) {
    // What lived before the recording begins with it.
    if ((lifetimes.block[row] as number) >= least) yield lifeEvent(view, names, row, BEFORE, 0);
  }
  const { action, size } = device.events;
  const cursor = new TimelineCursor(snapshot, device, lifetimes);
  for (let e = 0; cursor.step(); e++) {
    const ts = clock.at(device, e);
    const what = action[e] as number;
    const mark = SEGMENT_ACTIONS.get(what);
    if (mark !== undefined) {
      const args = { size_bytes: size[e] as number, event: e };
      yield {
        ph: 'i',
        s: what === Action.oom ? 'p' : 't',
        pid,
        tid: Track.segments,
        ts,
        name: mark,
        args,
      };
    }
    const row = lifetimes.ofEvent[e] as number;
    if (row !== NONE && (lifetimes.block[row] as number) >= least) {
      const isBirth = what === Action.alloc;
      if (isBirth || lifetimes.end[row] === e)
        yield lifeEvent(view, names, row, isBirth ? e : NONE, ts);
    }
    const { allocated, active, reserved, requested } = cursor.totals;
    yield { ph: 'C', pid, ts, name: 'memory', args: { allocated, active, reserved, requested } };
  }
}

/** Begin or end of an allocation's slice; both have the same name. @param birth its event, BEFORE, or NONE at the end. */
function lifeEvent(
  { device, lifetimes }: DeviceView,
  names: OwnerNames,
  row: number,
  birth: number,
  ts: number,
): TraceEvent {
  const stack = lifetimes.stack[row] as number;
  const name = stack === NONE ? 'allocation' : names.nameOf('line', stack).name;
  const pid = device.index;
  const common = { pid, tid: 0, ts, cat: 'allocation', id: `${pid}:${row}`, name };
  if (birth === NONE) return { ph: 'e', ...common };
  const args = { size_bytes: lifetimes.size[row] as number };
  return { ph: 'b', ...common, args: birth === BEFORE ? args : { ...args, event: birth } };
}

const metadata = (pid: number, tid: number, name: string): TraceEvent => ({
  ph: 'M',
  pid,
  tid,
  name: 'thread_name',
  args: { name },
});
