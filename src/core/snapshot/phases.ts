/**
 * What the program was doing, over the events of a device: spans from annotations, and stages from the
 * stacks of the allocations. An event between two allocations belongs to the stage of the earlier one.
 */
import { Action, type Device, NONE, type Snapshot } from './columns.ts';
import { type KnownBlocks, type Lifetimes, lifetimesOf } from './lifetimes.ts';
import { type StackFacts, Stage } from './owners-frames.ts';

/** A stretch of the trace that the program gave a name, `record_function` or the optimizer's step. */
export interface Span {
  /** String id. */
  readonly name: number;
  /** First event in it; the count of events when it begins after the last. */
  readonly from: number;
  /** First event after it. */
  readonly to: number;
  /** 0 for the outermost. */
  readonly depth: number;
  /** Its START or its END is not in the file. */
  readonly isOpen: boolean;
}

/**
 * First event after a time. Times never decrease; those that are NaN count as before it. Events of
 * the same microsecond are taken to have come before.
 */
export function eventAfter(device: Device, time: number): number {
  const times = device.events.time;
  if (times === undefined) return 0;
  let low = 0;
  let high = device.events.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** So many scopes around an END are looked at for its START. */
const MOST_OPEN = 64;

/** The annotations of a device as nested spans, in order of their start. */
export function spansOf(snapshot: Snapshot, device: Device): readonly Span[] {
  const { annotations } = snapshot;
  if (annotations.count === 0 || device.events.time === undefined) return [];
  const order: number[] = [];
  for (let i = 0; i < annotations.count; i++) {
    const at = annotations.device[i] as number;
    // Some recorders write -1 for what happens on the host.
    if (at === device.index || at < 0) order.push(i);
  }
  order.sort((a, b) => (annotations.time[a] as number) - (annotations.time[b] as number) || a - b);
  const spans: Span[] = [];
  const open: { name: number; from: number; at: number }[] = [];
  for (const i of order) {
    const name = annotations.name[i] as number;
    const event = eventAfter(device, annotations.time[i] as number);
    if (annotations.isStart[i] === 1) {
      open.push({ name, from: event, at: spans.length });
      spans.push({
        name,
        from: event,
        to: device.events.count,
        depth: open.length - 1,
        isOpen: true,
      });
      continue;
    }
    const lowest = Math.max(0, open.length - MOST_OPEN);
    let top = open.length - 1;
    while (top >= lowest && open[top]?.name !== name) top--;
    const started = top < lowest ? undefined : open[top];
    if (started === undefined) {
      spans.push({ name, from: 0, to: event, depth: 0, isOpen: true });
      continue;
    }
    open.length = top;
    spans[started.at] = { name, from: started.from, to: event, depth: top, isOpen: false };
  }
  return spans.sort((a, b) => a.from - b.from || a.depth - b.depth);
}

export interface Stages {
  /** Per event: `Stage`. */
  readonly stage: Uint8Array;
  /** Per event: number of its run, a stretch of one stage. */
  readonly run: Uint32Array;
  /** First event of each run, and the count of events at the end. */
  readonly runStart: Uint32Array;
  readonly runStage: Uint8Array;
  /** Allocations without a stack after a forward pass come from the engine's threads, without Python. */
  readonly framelessIsBackward: boolean;
}

/**
 * Python-only stacks are empty in threads that run no Python, and the engine's is the one that
 * allocates. That holds only where other allocations do have frames, before and after.
 */
function isFramelessBackward(device: Device, facts: StackFacts): boolean {
  if (!facts.hasPython || facts.hasNative) return false;
  const { events } = device;
  let framed = 0;
  let framelessAfter = 0;
  for (let e = 0; e < events.count; e++) {
    if (events.action[e] !== Action.alloc) continue;
    if (hasFrames(facts, events.stack[e] as number)) framed++;
    else if (framed > 0) framelessAfter++;
  }
  return framed > 0 && framelessAfter > 0;
}

export const hasFrames = (facts: StackFacts, stack: number): boolean =>
  stack !== NONE && facts.hasFrames[stack] === 1;

const OPTIMIZER_SPAN: RegExp = /^Optimizer\.step#/;

/** Per event: 1 while the optimizer's own annotation is open. */
function optimizerEvents(snapshot: Snapshot, device: Device, spans: readonly Span[]): Uint8Array {
  const inside = new Uint8Array(device.events.count);
  let reached = 0;
  for (const span of spans) {
    if (!OPTIMIZER_SPAN.test(snapshot.strings[span.name] ?? '')) continue;
    // Spans come in the order of their start: what an earlier one has marked is left alone.
    const from = Math.max(span.from, reached);
    if (span.to <= from) continue;
    inside.fill(1, from, span.to);
    reached = span.to;
  }
  return inside;
}

/** A backward pass comes after a forward pass, and goes on. */
const follows = (stage: number): boolean => stage === Stage.forward || stage === Stage.backward;

/** The stage of every event. */
export function stagesOf(
  snapshot: Snapshot,
  device: Device,
  facts: StackFacts,
  spans: readonly Span[],
): Stages {
  const { events } = device;
  const framelessIsBackward = isFramelessBackward(device, facts);
  const stage = new Uint8Array(events.count);
  const run = new Uint32Array(events.count);
  const runStart: number[] = [];
  const runStage: number[] = [];
  const inOptimizer = optimizerEvents(snapshot, device, spans);
  let current: number = Stage.unknown;
  for (let e = 0; e < events.count; e++) {
    // A request that failed tells the stage by its own stack, as one that was served does.
    if (events.action[e] === Action.alloc || events.action[e] === Action.oom) {
      const stack = events.stack[e] as number;
      let own: number = Stage.unknown;
      if (hasFrames(facts, stack)) {
        own = facts.stage[stack] as number;
      } else if (framelessIsBackward && follows(current)) own = Stage.backward;
      if (own === Stage.unknown && inOptimizer[e] === 1) own = Stage.optimizer;
      if (own !== Stage.unknown) current = own;
    } else if (inOptimizer[e] === 1 && current !== Stage.optimizer && stageless(current)) {
      current = Stage.optimizer;
    }
    if (runStage.length === 0 || runStage[runStage.length - 1] !== current) {
      runStart.push(e);
      runStage.push(current);
    }
    stage[e] = current;
    run[e] = runStage.length - 1;
  }
  runStart.push(events.count);
  return {
    stage,
    run,
    runStart: Uint32Array.from(runStart),
    runStage: Uint8Array.from(runStage),
    framelessIsBackward,
  };
}

const stageless = (stage: number): boolean => stage === Stage.unknown || stage === Stage.backward;

/** All that later passes ask of a device, made once. */
export interface DeviceView {
  readonly snapshot: Snapshot;
  readonly device: Device;
  readonly facts: StackFacts;
  readonly lifetimes: Lifetimes;
  readonly spans: readonly Span[];
  readonly stages: Stages;
}

/** @param known exact bytes of blocks, from a replay. */
export function viewOf(
  snapshot: Snapshot,
  device: Device,
  facts: StackFacts,
  known?: KnownBlocks,
): DeviceView {
  const spans = spansOf(snapshot, device);
  return {
    snapshot,
    device,
    facts,
    lifetimes: lifetimesOf(snapshot, device, known),
    spans,
    stages: stagesOf(snapshot, device, facts, spans),
  };
}
