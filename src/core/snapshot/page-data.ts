/**
 * A snapshot as a viewer wants it: allocations with their lives instead of events, segments with theirs.
 * Nothing of it is guessed; what the trace does not hold is NONE or absent.
 */

import { SortedList } from '../base/sorted-list.ts';
import type { Lang } from '../base/texts.ts';
import type { DeviceAnalysis } from './analyse.ts';
import { Action, type Device, type Frames, NONE, type Snapshot, type Stacks } from './columns.ts';
import { STAGES } from './owners-frames.ts';
import { pageOwnersOf } from './page-owners.ts';

/** Lives of one device's allocations: those of the trace by event, then those from before it. */
export interface PageAllocations {
  readonly count: number;
  readonly address: Float64Array;
  /** As the program asked for it, in bytes. */
  readonly requested: Float64Array;
  /** Bytes of its block; of a block that is gone the request as the allocator rounds it. */
  readonly held: Float64Array;
  /** Index into `PageData.streams`. */
  readonly stream: Uint16Array;
  /** A stack, or NONE. */
  readonly stack: Uint32Array;
  /** The event that made it; NONE when it was there before the trace. */
  readonly from: Uint32Array;
  /** The event that let it go, NONE, or BEFORE: let go before the trace. */
  readonly freed: Uint32Array;
  /** The event after which its bytes can be used again, or NONE. Later than `freed` when other streams used it. */
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

/** What the program named: from event `from` up to event `to`. */
export interface PagePhases {
  readonly count: number;
  readonly name: readonly string[];
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** 0 is the outermost. */
  readonly depth: Uint16Array;
}

/** What the stacks show that the program was doing. Stage i lasts from event `from[i]` to the next. */
export interface PageStages {
  readonly count: number;
  readonly from: Uint32Array;
  /** Index into STAGES. */
  readonly stage: Uint8Array;
}

/** Whose each allocation is, under one way of naming owners. */
export interface PageOwners {
  /** `category`, `line`, `module` or `library`. */
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
  readonly stages: PageStages;
}

export interface PageData {
  readonly strings: readonly string[];
  readonly frames: Frames;
  readonly stacks: Stacks;
  readonly streams: readonly string[];
  readonly pools: readonly (readonly [number, number])[];
  /** Names of stages, see `PageStages`. */
  readonly stages: readonly string[];
  readonly devices: readonly PageDevice[];
  readonly owners: readonly PageOwners[];
}

/** @param analyses of the devices that the page shows */
export function pageDataOf(
  snapshot: Snapshot,
  analyses: readonly DeviceAnalysis[],
  lang: Lang,
): PageData {
  const { strings, frames, stacks, streams, pools } = snapshot;
  return {
    strings,
    frames,
    stacks,
    streams,
    pools,
    stages: STAGES,
    devices: analyses.map((analysis) => pageDeviceOf(snapshot, analysis)),
    owners: pageOwnersOf(analyses, lang),
  };
}

function pageDeviceOf(snapshot: Snapshot, { view }: DeviceAnalysis): PageDevice {
  const { device, lifetimes } = view;
  const time = timesOf(device.events.time);
  return {
    index: device.index,
    events: device.events.count,
    ...(time !== undefined && { time }),
    allocations: {
      count: lifetimes.count,
      address: lifetimes.address,
      requested: lifetimes.size,
      held: lifetimes.block,
      stream: lifetimes.stream,
      stack: lifetimes.stack,
      from: lifetimes.start,
      freed: lifetimes.freed,
      to: lifetimes.end,
    },
    segments: segmentLivesOf(snapshot, device),
    ooms: oomsOf(device),
    phases: phasesOf(view),
    stages: stagesOf(view),
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
  const known: Mapped[] = [];
  for (let s = rows[0]; s < rows[1]; s++) {
    const address = segments.address[s] as number;
    known.push({
      address,
      end: address + (segments.total[s] as number),
      to: NONE,
      stream: segments.stream[s] as number,
      pool: segments.pool[s] as number,
      isExpandable: segments.isExpandable[s] === 1,
    });
  }
  const live = new SortedList<Mapped>(({ address }) => address, known);
  const firstEndingAfter = (address: number): Mapped | undefined => {
    const before = live.atOrBefore(address);
    return before !== undefined && before.end > address ? before : live.after(address);
  };

  for (let i = events.count - 1; i >= 0; i--) {
    const action = events.action[i] as number;
    if (action < Action.segmentAlloc || action > Action.segmentUnmap) continue;
    const address = events.address[i] as number;
    const end = address + (events.size[i] as number);
    let each = firstEndingAfter(address);
    if (action === Action.segmentFree || action === Action.segmentUnmap) {
      // Something is mapped there already: the trace contradicts itself, the later state stands.
      if (each !== undefined && each.address < end) continue;
      live.add({
        address,
        end,
        to: i,
        stream: events.stream[i] as number,
        pool: events.pool?.[i] ?? 0,
        isExpandable: action === Action.segmentUnmap,
      });
      continue;
    }
    while (each !== undefined && each.address < end) {
      const from = Math.max(each.address, address);
      const until = Math.min(each.end, end);
      live.remove(each.address);
      if (each.address < from) live.add({ ...each, end: from });
      done.push({ ...each, address: from, end: until, from: i });
      if (until < each.end) live.add({ ...each, address: until });
      each = live.after(Math.max(address, each.address));
    }
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

/** Phases and stages kept for a page: more could not be told apart in any window. */
const MOST_PHASES = 20_000;

function phasesOf({ snapshot, spans }: DeviceAnalysis['view']): PagePhases {
  const kept = spans.slice(0, MOST_PHASES);
  return {
    count: kept.length,
    name: kept.map(({ name }) => snapshot.strings[name] ?? ''),
    from: Uint32Array.from(kept, ({ from }) => from),
    to: Uint32Array.from(kept, ({ to }) => to),
    depth: Uint16Array.from(kept, ({ depth }) => depth),
  };
}

function stagesOf({ stages }: DeviceAnalysis['view']): PageStages {
  const count = Math.min(MOST_PHASES, stages.runStage.length);
  return {
    count,
    from: stages.runStart.slice(0, count),
    stage: stages.runStage.slice(0, count),
  };
}
