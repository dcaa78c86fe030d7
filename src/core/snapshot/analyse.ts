/** From a snapshot to its report: every device is looked at once, pass by pass. */
import type { Problem } from '../base/problem.ts';
import { say, type TextTable } from '../base/texts.ts';
import { isUnknown } from '../base/unknown.ts';
import { type Categories, categoriesOf } from './categories.ts';
import { RULE_TEXTS, type RuleId } from './categories-rules.ts';
import { type Device, NONE, type Snapshot } from './columns.ts';
import { type Failure, type FailureOptions, failuresOf } from './failure-of.ts';
import { type Growth, growthOf } from './growth.ts';
import type { KnownBlocks } from './lifetimes.ts';
import { eventOf, type MomentWanted } from './moment-of.ts';
import { type Owner, OwnerNames, type Owners, ownersAt } from './owners.ts';
import { Code, Places, STAGES, type StackFacts, stackFacts } from './owners-frames.ts';
import { type Peaks, peaksByStream, peaksOf } from './peak.ts';
import { type DeviceView, hasFrames, viewOf } from './phases.ts';
import { type Steps, stepsOf } from './phases-steps.ts';
import type {
  DeviceReport,
  FailureEntry,
  FrameEntry,
  GrowthEntry,
  OwnerEntry,
  PeakEntry,
  SnapshotReport,
  SourceEntry,
  TotalsEntry,
  WasteEntry,
} from './report-data.ts';
import { TimelineCursor, type Totals } from './timeline.ts';
import { type Waste, wasteAt } from './waste.ts';

export interface AnalyseOptions {
  /** What the source is called. */
  readonly source?: string;
  /** Only these devices; all without it. */
  readonly devices?: readonly number[];
  /** Exact blocks of a device, from a replay: see lifetimes-replayed.ts. */
  readonly known?: (device: Device) => KnownBlocks | undefined;
  /** What is known of a device beside the snapshot. */
  readonly failure?: (device: Device) => FailureOptions;
  /** Entries of each kind of owner; the rest is added up. */
  readonly mostOwners?: number;
  /** A moment to look at beside the peak, the failure and the end. */
  readonly at?: MomentWanted;
}

const TEXTS = {
  en: {
    'trace-and-state': 'The trace and the state of GPU {device}',
    disagree:
      '{n} allocations do not agree: an address is allocated twice, or is not in the final state',
    'go-on':
      'Totals before those events may be off by these allocations; the rest is analysed as it stands.',
  },
  zh: {
    'trace-and-state': 'GPU {device} 的事件记录与状态',
    disagree: '{n} 块分配对不上：同一地址被分配两次，或不在最终状态中',
    'go-on': '这些事件之前的总量可能因此有偏差；其余照常分析。',
  },
  ru: {
    'trace-and-state': 'Запись событий и состояние GPU {device}',
    disagree: 'не сходятся выделения: {n}; адрес выделен дважды или его нет в конечном состоянии',
    'go-on':
      'Суммы до этих событий могут отличаться на эти выделения; остальное разобрано как есть.',
  },
} as const satisfies TextTable;

const MOST_OWNERS = 50;
const MOST_ANNOTATIONS = 300;
const MOST_FRAMES = 40;

/** What the passes over one device have made, for callers that go on from there. */
export interface DeviceAnalysis {
  readonly view: DeviceView;
  readonly steps: ReturnType<typeof stepsOf>;
  readonly categories: Categories;
  readonly peaks: Peaks;
  readonly names: OwnerNames;
}

/** The passes that everything else needs. @param facts of the snapshot, made once for all devices. */
export function analyseDevice(
  snapshot: Snapshot,
  device: Device,
  facts: StackFacts,
  places: Places,
  known?: KnownBlocks,
): DeviceAnalysis {
  const view = viewOf(snapshot, device, facts, known);
  const steps = stepsOf(view);
  return {
    view,
    steps,
    categories: categoriesOf(view, steps),
    peaks: peaksOf(snapshot, device, view.lifetimes),
    names: new OwnerNames(view, places),
  };
}

/** The whole analysis as plain data. `replay` and `what_if` are left for the replayer to fill. */
export function analyse(snapshot: Snapshot, options: AnalyseOptions = {}): SnapshotReport {
  const facts = stackFacts(snapshot);
  const places = new Places(snapshot);
  const problems: Problem[] = [...snapshot.problems];
  const devices: DeviceReport[] = [];
  for (const device of snapshot.devices) {
    if (options.devices !== undefined && !options.devices.includes(device.index)) continue;
    const analysis = analyseDevice(snapshot, device, facts, places, options.known?.(device));
    const { contradictions } = analysis.view.lifetimes;
    if (contradictions > 0) problems.push(disagreement(device, contradictions));
    devices.push(deviceReport(analysis, options));
  }
  return {
    schema: 'unoom/snapshot/1',
    source: sourceOf(snapshot, options.source ?? ''),
    devices,
    problems,
    notes: snapshot.notes,
  };
}

export function sourceOf(snapshot: Snapshot, name: string): SourceEntry {
  const { bytes, container, version, isSynthetic } = snapshot.shape;
  return { name, bytes, container, version, is_synthetic: isSynthetic };
}

/** The trace and the state contradict each other. */
export const disagreement = (device: Device, n: number): Problem => ({
  code: 'snapshot-trace-state',
  what: say(TEXTS, 'trace-and-state', { device: device.index }),
  why: say(TEXTS, 'disagree', { n }),
  todo: say(TEXTS, 'go-on'),
});

/** The report of one device from its passes. */
export function deviceReport(analysis: DeviceAnalysis, options: AnalyseOptions = {}): DeviceReport {
  const { view, steps, categories, peaks, names } = analysis;
  const { snapshot, device, lifetimes } = view;
  const last = device.events.count - 1;
  const most = options.mostOwners ?? MOST_OWNERS;
  const owners = (moment: number): readonly OwnerEntry[] =>
    ownerEntries(ownersAt(view, categories, moment, names), most);
  const at = peaks.peak.allocated.event;
  const failures = failuresOf(view, peaks.failures.slice(-1), options.failure?.(device), names);
  const failure = failures[0];
  const growth = growthOf(view, categories, steps, names);
  const entries = (found: readonly Growth[]): readonly GrowthEntry[] =>
    found.map((entry) => growthEntry(view, entry));
  const from = device.events.time?.find(Number.isFinite);
  const to = device.events.time?.findLast(Number.isFinite);
  return {
    device: device.index,
    events: device.events.count,
    ...(device.firstEvent === undefined ? {} : { first_event: device.firstEvent }),
    ...(from === undefined || to === undefined ? {} : { time_us: { from, to } }),
    ...(device.overflowed === undefined ? {} : { overflowed: device.overflowed }),
    peak: peakEntry(view, peaks),
    end: totalsEntry(peaks.final),
    streams: peaksByStream(snapshot, device, lifetimes).map(({ stream, allocated, event }) => ({
      stream: snapshot.streams[stream] ?? '',
      peak_allocated_bytes: allocated,
      at_event: moment(event),
    })),
    owners: owners(at),
    ...(failure === undefined ? {} : { owners_at_failure: owners(failure.event) }),
    owners_at_end: owners(last),
    ...momentEntry(analysis, options.at, owners),
    steps: isUnknown(growth) ? growth : stepsEntry(steps as Steps),
    growth: isUnknown(growth) ? [] : entries(growth.stacks),
    growth_by_line: isUnknown(growth) ? [] : entries(growth.lines),
    ...(failure === undefined ? {} : { failure: failureEntry(view, failure) }),
    failures: peaks.failures.length,
    waste: { peak: wasteEntry(wasteAt(view, at)), end: wasteEntry(wasteAt(view, last)) },
    annotations: view.spans.slice(0, MOST_ANNOTATIONS).map(({ name, from, to, depth }) => ({
      name: snapshot.strings[name] ?? '',
      from_event: from,
      to_event: to,
      depth,
    })),
  };
}

function momentEntry(
  { view, peaks }: DeviceAnalysis,
  at: AnalyseOptions['at'],
  owners: (moment: number) => readonly OwnerEntry[],
): Pick<DeviceReport, 'moment'> {
  const { snapshot, device, lifetimes, stages } = view;
  const event = at === undefined ? undefined : eventOf(at, snapshot, device, peaks);
  if (event === undefined) return {};
  const cursor = new TimelineCursor(snapshot, device, lifetimes);
  for (let e = 0; e <= event; e++) cursor.step();
  const time = device.events.time?.[event] ?? Number.NaN;
  return {
    moment: {
      event,
      ...(Number.isNaN(time) ? {} : { time_us: time }),
      stage: STAGES[stages.stage[event] ?? 0] ?? 'unknown',
      ...totalsEntry(cursor.totals),
      owners: owners(event),
      waste: wasteEntry(wasteAt(view, event)),
    },
  };
}

const moment = (event: number): number | null => (event < 0 ? null : event);

const stepsEntry = ({ starts, how, name, regularity }: Steps): DeviceReport['steps'] => ({
  count: starts.length,
  how,
  ...(name === undefined ? {} : { name }),
  regularity,
});

const totalsEntry = (totals: Totals): TotalsEntry => ({
  allocated_bytes: totals.allocated,
  active_bytes: totals.active,
  reserved_bytes: totals.reserved,
  requested_bytes: totals.requested,
});

function peakEntry(view: DeviceView, { peak, isExact }: Peaks): PeakEntry {
  const { allocated, active, reserved, requested } = peak;
  const time = view.device.events.time?.[allocated.event];
  return {
    allocated_bytes: allocated.bytes,
    active_bytes: active.bytes,
    reserved_bytes: reserved.bytes,
    requested_bytes: requested.bytes,
    at_event: moment(allocated.event),
    reserved_at_event: moment(reserved.event),
    ...(time === undefined || Number.isNaN(time) ? {} : { time_us: time }),
    stage: STAGES[view.stages.stage[allocated.event] ?? 0] ?? 'unknown',
    basis: isExact ? 'exact' : 'modelled',
  };
}

function ownerEntries(owners: Owners, most: number): readonly OwnerEntry[] {
  const first = (own: readonly Owner[]): readonly OwnerEntry[] => {
    const rest = own.slice(most);
    const entries: OwnerEntry[] = own.slice(0, most).map(({ rules, ...entry }) => ({
      ...entry,
      ...(rules === undefined
        ? {}
        : { rules: rules.map((rule) => ({ ...rule, text: say(RULE_TEXTS, rule.id as RuleId) })) }),
    }));
    if (rest.length > 0) {
      const sum = (key: 'bytes' | 'count'): number => rest.reduce((n, entry) => n + entry[key], 0);
      const by = rest[0]?.by ?? 'line';
      entries.push({ by, name: 'others', kind: 'rest', bytes: sum('bytes'), count: sum('count') });
    }
    return entries;
  };
  return [owners.category, owners.line, owners.module, owners.library].flatMap(first);
}

/** Frames for people: those of the allocator, the recorder and the interpreter are left out. */
export function framesOf(view: DeviceView, stack: number): readonly FrameEntry[] {
  if (!hasFrames(view.facts, stack)) return [];
  const { stacks, frames, strings } = view.snapshot;
  const from = stacks.offsets[stack] as number;
  const ids = [...stacks.frames.subarray(from, stacks.offsets[stack + 1] as number)];
  const python = ids.filter((frame) => view.facts.code[frame] !== Code.native);
  return (python.length > 0 ? python : ids).slice(0, MOST_FRAMES).map((frame) => ({
    name: strings[frames.name[frame] as number] ?? '',
    file: strings[frames.file[frame] as number] ?? '',
    line: frames.line[frame] as number,
  }));
}

function growthEntry(view: DeviceView, growth: Growth): GrowthEntry {
  return {
    kind: growth.kind,
    strength: growth.strength,
    line: growth.line,
    ...placeOf(view, growth.frame),
    category: growth.category,
    bytes_per_step: Math.round(growth.bytesPerStep),
    allocations_per_step: growth.countPerStep,
    bytes: growth.bytes,
    count: growth.count,
    first_step: growth.firstStep,
    last_step: growth.lastStep,
    steps: growth.steps,
    oldest_steps: growth.oldestSteps,
    stack: growth.stack === NONE ? [] : framesOf(view, growth.stack),
    because: growth.because,
    against: growth.against,
  };
}

function placeOf(
  { snapshot }: DeviceView,
  frame: number,
): Pick<GrowthEntry, 'file' | 'line_number' | 'function'> {
  if (frame === NONE) return {};
  const { strings, frames } = snapshot;
  return {
    file: strings[frames.file[frame] as number] ?? '',
    line_number: frames.line[frame] as number,
    function: strings[frames.name[frame] as number] ?? '',
  };
}

function failureEntry(view: DeviceView, failure: Failure): FailureEntry {
  return {
    at_event: failure.event,
    ...(failure.time === undefined ? {} : { time_us: failure.time }),
    asked_bytes: failure.asked,
    segment_bytes: failure.segment,
    stream: view.snapshot.streams[failure.stream] ?? '',
    stage: failure.stage,
    line: failure.line,
    stack: framesOf(view, failure.stack),
    reserved_bytes: failure.reserved,
    allocated_bytes: failure.allocated,
    device_free_bytes: failure.deviceFree,
    capacity_bytes: failure.capacity,
    largest_usable_bytes: failure.largestUsable,
    idle_bytes: failure.idleBytes,
    idle: failure.idle.map(({ reason, bytes, pieces, largest }) => ({
      reason,
      bytes,
      pieces,
      largest_bytes: largest,
    })),
    pending_free_bytes: failure.pending.bytes,
    released_bytes: failure.released.bytes,
    released_segments: failure.released.segments,
    outside_bytes: failure.outside,
    verdict: failure.verdict,
    why: failure.why,
  };
}

const wasteEntry = (waste: Waste): WasteEntry => ({
  reserved_bytes: waste.reserved,
  allocated_bytes: waste.allocated,
  rounding_bytes: waste.rounding,
  inactive_split_bytes: waste.inactiveSplit,
  expandable_free_bytes: waste.expandableFree,
  cached_segment_bytes: waste.cachedSegments,
  private_pool_bytes: waste.privatePools,
  pending_free_bytes: waste.pendingFree,
  largest_free_bytes: waste.largestFree,
  classes: waste.classes.map((own) => ({
    pool: own.pool,
    size_class: own.sizeClass,
    blocks: own.blocks,
    bytes: own.bytes,
    rounding_bytes: own.rounding,
    free_pieces: own.freePieces,
    free_bytes: own.freeBytes,
  })),
});
