/**
 * A snapshot as trace events, which ui.perfetto.dev and chrome://tracing show: counters of memory,
 * annotations as slices, large allocations from their birth to their end, segments and failures as marks.
 *
 * Source: the "Trace Event Format" of the Chromium project: `C` counter, `X` slice, `b`/`e` asynchronous
 * slice, `i` instant, `M` metadata; times in microseconds. Viewers stack the series of one counter on each
 * other, so each figure is a counter of its own; slices of a thread have to nest.
 */
import { type DeviceAnalysis, framesOf } from '../analyse.ts';
import { CATEGORIES } from '../categories-rules.ts';
import { Action, type Device, NONE, type Snapshot } from '../columns.ts';
import { METRICS, type Metric, TimelineCursor, type Totals } from '../timeline.ts';
import { exactDevices } from './exact.ts';
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
  const clock = clockOf(snapshot);
  const about = {
    clock: clock.is,
    pytorch: snapshot.shape.version,
    ...(snapshot.shape.isSynthetic && { synthetic: true }),
  };
  yield `{"displayTimeUnit":"ms","otherData":${JSON.stringify(about)},"traceEvents":[`;
  let isFirst = true;
  for (const analysis of exactDevices(snapshot)) {
    for (const event of new DeviceEvents(analysis, clock, options).all()) {
      yield isFirst ? `\n${event}` : `,\n${event}`;
      isFirst = false;
    }
  }
  yield '\n]}\n';
}

interface Clock {
  readonly is: 'microseconds' | 'events';
  /** Microseconds after the first event of the file, or the number of the event where there are no times. */
  at(device: Device, event: number): number;
}

function clockOf(snapshot: Snapshot): Clock {
  let first = snapshot.firstTime ?? Number.POSITIVE_INFINITY;
  for (const { events } of snapshot.devices) {
    const own = events.time?.find((at) => !Number.isNaN(at));
    if (own !== undefined) first = Math.min(first, own);
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

const MARKS: ReadonlyMap<number, string> = new Map([
  [Action.segmentAlloc, 'segment_alloc'],
  [Action.segmentFree, 'segment_free'],
  [Action.segmentMap, 'segment_map'],
  [Action.segmentUnmap, 'segment_unmap'],
  [Action.oom, 'oom'],
]);

/** Frames of a stack that a slice carries. */
const MOST_FRAMES = 16;

/** The events of one device, which is a process of the trace; each as JSON. */
class DeviceEvents {
  private readonly analysis: DeviceAnalysis;
  private readonly clock: Clock;
  private readonly least: number;
  private readonly pid: number;
  private readonly stacks = new Map<number, readonly string[]>();
  /** As the counters show them. */
  private readonly shown: Record<Metric, number> = {
    allocated: Number.NaN,
    active: Number.NaN,
    reserved: Number.NaN,
    requested: Number.NaN,
  };

  constructor(analysis: DeviceAnalysis, clock: Clock, { least }: TraceOptions) {
    this.analysis = analysis;
    this.clock = clock;
    this.least = least;
    this.pid = analysis.view.device.index;
  }

  *all(): Generator<string> {
    const { pid } = this;
    const { snapshot, device, lifetimes } = this.analysis.view;
    yield json({ ph: 'M', pid, name: 'process_name', args: { name: `GPU ${pid}` } });
    yield json({ ph: 'M', pid, name: 'process_sort_index', args: { sort_index: pid } });
    yield json(this.threadName(Track.annotations, 'annotations'));
    yield json(this.threadName(Track.segments, 'segments and failures'));
    for (const slice of this.annotations()) yield json(slice);
    const start = this.clock.at(device, 0);
    const cursor = new TimelineCursor(snapshot, device, lifetimes);
    yield* this.counters(cursor.totals, start);
    for (let row = lifetimes.traced; row < lifetimes.count; row++) {
      if (this.isLarge(row)) yield json(this.birth(row, start));
    }
    const { action } = device.events;
    for (let e = 0; cursor.step(); e++) {
      const ts = this.clock.at(device, e);
      const mark = MARKS.get(action[e] as number);
      if (mark !== undefined) yield json(this.mark(mark, e, ts));
      const row = lifetimes.ofEvent[e] as number;
      if (row !== NONE && this.isLarge(row)) {
        if (action[e] === Action.alloc) yield json(this.birth(row, ts));
        else if (lifetimes.end[row] === e) yield json({ ph: 'e', ...this.slice(row, ts) });
      }
      yield* this.counters(cursor.totals, ts);
    }
  }

  private threadName(tid: number, name: string): TraceEvent {
    return { ph: 'M', pid: this.pid, tid, name: 'thread_name', args: { name } };
  }

  /** Slices that nest: one whose END is missing ends with the one around it. */
  private *annotations(): Generator<TraceEvent> {
    const { snapshot, device, spans } = this.analysis.view;
    const around: number[] = [];
    for (const { name, from, to } of spans) {
      while (around.length > 0 && (around.at(-1) as number) <= from) around.pop();
      const end = Math.min(to, around.at(-1) ?? to);
      around.push(end);
      const ts = this.clock.at(device, from);
      const dur = Math.max(0, this.clock.at(device, end) - ts);
      const text = snapshot.strings[name] ?? '';
      yield {
        ph: 'X',
        pid: this.pid,
        tid: Track.annotations,
        ts,
        dur,
        cat: 'annotation',
        name: text,
      };
    }
  }

  /** Counters whose figure changed. */
  private *counters(totals: Readonly<Totals>, ts: number): Generator<string> {
    for (const metric of METRICS) {
      const bytes = totals[metric];
      if (bytes === this.shown[metric]) continue;
      this.shown[metric] = bytes;
      // Most of a trace is this: written out, as it needs no escapes.
      yield `{"ph":"C","pid":${this.pid},"ts":${ts},"name":"${metric}","args":{"bytes":${bytes}}}`;
    }
  }

  private mark(name: string, e: number, ts: number): TraceEvent {
    const { snapshot, device } = this.analysis.view;
    const { address, size, stream, stack } = device.events;
    const isOom = device.events.action[e] === Action.oom;
    const place = address[e] as number;
    const args = {
      event: this.numberOf(e),
      size_bytes: size[e] as number,
      ...(isOom ? { device_free_bytes: place } : { address: hex(place) }),
      stream: snapshot.streams[stream[e] as number] ?? '',
      ...this.stackOf(stack[e] as number),
    };
    const scope = isOom ? 'p' : 't';
    return {
      ph: 'i',
      s: scope,
      pid: this.pid,
      tid: Track.segments,
      ts,
      cat: 'segment',
      name,
      args,
    };
  }

  private isLarge(row: number): boolean {
    return (this.analysis.view.lifetimes.block[row] as number) >= this.least;
  }

  private birth(row: number, ts: number): TraceEvent {
    const { snapshot, lifetimes } = this.analysis.view;
    const { rule, categoryOfRule } = this.analysis.categories;
    const start = lifetimes.start[row] as number;
    const args = {
      // Without an event it was there before the recording.
      ...(start !== NONE && { event: this.numberOf(start) }),
      size_bytes: lifetimes.size[row] as number,
      block_bytes: lifetimes.block[row] as number,
      address: hex(lifetimes.address[row] as number),
      stream: snapshot.streams[lifetimes.stream[row] as number] ?? '',
      category: CATEGORIES[categoryOfRule[rule[row] as number] as number] ?? 'unknown',
      ...this.stackOf(lifetimes.stack[row] as number),
    };
    return { ph: 'b', ...this.slice(row, ts), args };
  }

  /** What begin and end of an allocation's slice have in common. */
  private slice(row: number, ts: number): TraceEvent {
    const { pid } = this;
    const { name } = this.analysis.names.ofAllocation('line', row);
    return { pid, tid: 0, ts, cat: 'allocation', id: `${pid}:${row}`, name };
  }

  /** Outermost first, as the format has its stacks. */
  private stackOf(stack: number): { readonly stack?: readonly string[] } {
    let frames = this.stacks.get(stack);
    if (frames === undefined) {
      frames = framesOf(this.analysis.view, stack)
        .slice(0, MOST_FRAMES)
        .map(({ name, file, line }) => (line > 0 ? `${name} (${file}:${line})` : name))
        .reverse();
      this.stacks.set(stack, frames);
    }
    return frames.length === 0 ? {} : { stack: frames };
  }

  private numberOf(e: number): number {
    return (this.analysis.view.device.firstEvent ?? 0) + e;
  }
}

const json = (event: TraceEvent): string => JSON.stringify(event);
const hex = (address: number): string => `0x${address.toString(16)}`;
