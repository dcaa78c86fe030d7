/**
 * The analysis of a snapshot as plain data, the shape that `unoom snapshot --format json` prints. Bytes
 * are integers; what is not known is `{ unknown: why }`. Sentences are Statements until they are
 * rendered. Moments are rows of the device's events; null is the state before the first of them.
 */
import type { Note, Problem } from '../base/problem.ts';
import type { Statement } from '../base/texts.ts';
import type { Unknown } from '../base/unknown.ts';
import type { OwnerBy, OwnerKind } from './owners.ts';
import type { StageName } from './owners-frames.ts';

export interface SnapshotReport {
  readonly schema: 'unoom/snapshot/1';
  readonly source: SourceEntry;
  readonly devices: readonly DeviceReport[];
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
}

export interface SourceEntry {
  /** As the user named it. */
  readonly name: string;
  readonly bytes: number;
  readonly container: 'pickle' | 'json';
  /** Versions of PyTorch that write such files. */
  readonly version: string;
  /** Made by `unoom snapshot make`: no real run. */
  readonly is_synthetic: boolean;
}

export interface DeviceReport {
  readonly device: number;
  readonly events: number;
  /** Number in the file of event 0 of this report, when earlier ones were left out. */
  readonly first_event?: number;
  /** Of the first and last event, microseconds since the epoch. */
  readonly time_us?: { readonly from: number; readonly to: number };
  /** Older events were overwritten, when the file says so. */
  readonly overflowed?: boolean;
  readonly peak: PeakEntry;
  readonly end: TotalsEntry;
  readonly streams: readonly StreamEntry[];
  /** Filled by the replay of the trace. */
  readonly replay?: unknown;
  /** Filled by the replay under other settings. */
  readonly what_if?: readonly unknown[];
  /** At the peak of allocated bytes. */
  readonly owners: readonly OwnerEntry[];
  readonly owners_at_failure?: readonly OwnerEntry[];
  readonly owners_at_end: readonly OwnerEntry[];
  /** Of a moment that was asked for. */
  readonly moment?: MomentEntry;
  readonly steps: StepsEntry | Unknown;
  /** What stays behind step after step, by stack; most bytes per step first. */
  readonly growth: readonly GrowthEntry[];
  /** The same by line of the user's code. */
  readonly growth_by_line: readonly GrowthEntry[];
  /** The last failure, and how many there were. */
  readonly failure?: FailureEntry;
  readonly failures: number;
  readonly waste: { readonly peak: WasteEntry; readonly end: WasteEntry };
  /** Named stretches of the trace, at most a few hundred. */
  readonly annotations: readonly AnnotationEntry[];
}

export interface MomentEntry extends TotalsEntry {
  readonly event: number;
  readonly time_us?: number;
  readonly stage: string;
  readonly owners: readonly OwnerEntry[];
  readonly waste: WasteEntry;
}

export interface TotalsEntry {
  readonly allocated_bytes: number;
  readonly active_bytes: number;
  readonly reserved_bytes: number;
  readonly requested_bytes: number;
}

/** Each figure at its own highest moment; `at_event` is that of the allocated bytes. */
export interface PeakEntry extends TotalsEntry {
  readonly at_event: number | null;
  readonly reserved_at_event: number | null;
  readonly time_us?: number;
  readonly stage: StageName;
  /** `exact`: all blocks as the state or a replay has them. `modelled`: some are rounded requests. */
  readonly basis: 'exact' | 'modelled';
}

export interface StreamEntry {
  /** The stream's handle in decimal; "0" is the default stream. */
  readonly stream: string;
  readonly peak_allocated_bytes: number;
  readonly at_event: number | null;
}

export interface OwnerEntry {
  readonly by: OwnerBy;
  readonly name: string;
  readonly kind: OwnerKind | 'rest';
  readonly bytes: number;
  readonly count: number;
  readonly file?: string;
  readonly line?: number;
  readonly function?: string;
  readonly rules?: readonly RuleEntry[];
}

export interface RuleEntry {
  readonly id: string;
  readonly bytes: number;
  /** `written` by a profiler, or modelled from `frames` or the `lifetime`; `none`: unknown. */
  readonly basis: string;
  readonly text: Statement;
}

export interface StepsEntry {
  readonly count: number;
  readonly how: string;
  readonly name?: string;
  /** 1: all steps have as many allocations. */
  readonly regularity: number;
}

export interface FrameEntry {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

export interface GrowthEntry {
  readonly kind: string;
  readonly strength: 'likely' | 'possible';
  /** The line of the user's code as owners name it; then its path as the snapshot has it, number, function. */
  readonly line: string;
  readonly file?: string;
  readonly line_number?: number;
  readonly function?: string;
  readonly category: string;
  readonly bytes_per_step: number;
  readonly allocations_per_step: number;
  readonly bytes: number;
  readonly count: number;
  readonly first_step: number;
  readonly last_step: number;
  readonly steps: number;
  readonly oldest_steps: number;
  /**
   * Innermost first, without the frames of the allocator and the interpreter; of a line, that of its
   * largest allocation. Empty: recorded without stacks.
   */
  readonly stack: readonly FrameEntry[];
  readonly because: readonly Statement[];
  readonly against: readonly Statement[];
}

export interface FailureEntry {
  readonly at_event: number;
  readonly time_us?: number;
  readonly asked_bytes: number;
  readonly segment_bytes: number;
  readonly stream: string;
  readonly stage: StageName;
  readonly line: string;
  readonly stack: readonly FrameEntry[];
  readonly reserved_bytes: number;
  readonly allocated_bytes: number;
  readonly device_free_bytes: number;
  readonly capacity_bytes: number;
  readonly largest_usable_bytes: number;
  readonly idle_bytes: number;
  readonly idle: readonly {
    readonly reason: string;
    readonly bytes: number;
    readonly pieces: number;
    readonly largest_bytes: number;
  }[];
  readonly pending_free_bytes: number;
  readonly released_bytes: number;
  readonly released_segments: number;
  readonly outside_bytes: number | Unknown;
  readonly verdict: string;
  readonly why: Statement;
}

export interface WasteEntry {
  readonly reserved_bytes: number;
  readonly allocated_bytes: number;
  readonly rounding_bytes: number;
  readonly inactive_split_bytes: number;
  readonly expandable_free_bytes: number;
  readonly cached_segment_bytes: number;
  readonly private_pool_bytes: number;
  readonly pending_free_bytes: number;
  readonly largest_free_bytes: number;
  readonly classes: readonly {
    readonly pool: string;
    readonly size_class: string;
    readonly blocks: number;
    readonly bytes: number;
    readonly rounding_bytes: number;
    readonly free_pieces: number;
    readonly free_bytes: number;
  }[];
}

export interface AnnotationEntry {
  readonly name: string;
  readonly from_event: number;
  readonly to_event: number;
  readonly depth: number;
}

export interface DiffReport {
  readonly schema: 'unoom/snapshot-diff/1';
  readonly before: SourceEntry;
  readonly after: SourceEntry;
  readonly devices: readonly DeviceDiff[];
}

export interface DeviceDiff {
  readonly device: number;
  readonly peak_allocated: ChangeEntry;
  readonly peak_reserved: ChangeEntry;
  /** What grew or shrank at the peaks, largest growth first. */
  readonly owners: readonly (ChangeEntry & {
    readonly by: OwnerBy;
    readonly name: string;
    readonly kind: OwnerKind | 'rest';
  })[];
}

export interface ChangeEntry {
  readonly before_bytes: number;
  readonly after_bytes: number;
  readonly change_bytes: number;
  /** Of the bytes before; null when there were none. */
  readonly change_percent: number | null;
}

/** The change of one peak. */
export interface PeakGrowth extends ChangeEntry {
  readonly device: number;
  readonly figure: 'allocated' | 'reserved';
}
