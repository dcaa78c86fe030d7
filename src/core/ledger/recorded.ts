/**
 * What a recording of a caching allocator shows of one device, as data: the ledgers of its moments with
 * their facts, what grows, and what the same requests would have come to under other settings. The
 * snapshot room makes it, diagnosis reads it; neither needs the other.
 */
import type { Note, Problem } from '../base/problem.ts';
import type { Statement } from '../base/texts.ts';
import type { VersionRange } from '../base/unit.ts';
import type { Unknown } from '../base/unknown.ts';
import type { Fact } from './fact.ts';
import type { Ledger } from './ledger.ts';

/** What the program was doing, as far as the stack of an allocation shows it. */
export type RecordedStage =
  | 'unknown'
  | 'load'
  | 'data'
  | 'forward'
  | 'backward'
  | 'optimizer'
  | 'eval'
  | 'generate'
  | 'capture'
  | 'save'
  | 'compile'
  | 'kv_alloc';

export interface RecordedFrame {
  readonly file: string;
  readonly line: number;
  readonly function: string;
}

/** One moment of the recording. Its ledger is closed against what the allocator had reserved. */
export interface RecordedMoment {
  readonly kind: 'failure' | 'peak' | 'end';
  /** The event after which it stands; absent before the first event, or where only a state was recorded. */
  readonly event?: number;
  readonly stage: RecordedStage;
  readonly ledger: Ledger;
  /** Exact figures: bytes as the allocator counts them. */
  readonly facts: readonly Fact[];
}

/** A request that failed. */
export interface RecordedFailure extends RecordedMoment {
  readonly kind: 'failure';
  readonly event: number;
  /** Microseconds since the epoch. */
  readonly time?: number;
  /** The stack that asked, outermost first. */
  readonly frames: readonly RecordedFrame[];
  /** The line of the user's code that asked, as owners are named; absent without a stack. */
  readonly line?: string;
  /** Why none of the free pieces served. */
  readonly why: Statement;
  /** Steps of the program that had begun, where the recording shows steps. */
  readonly steps?: number;
}

/** What a place in the code leaves behind with every step. Bytes. */
export interface Grown {
  readonly line: string;
  readonly category: string;
  readonly strength: 'likely' | 'possible';
  readonly bytes_per_step: number;
  /** Held by the end of the recording. */
  readonly bytes: number;
  readonly steps: number;
  readonly because: readonly Statement[];
  readonly against: readonly Statement[];
}

/** The recorded requests, run again under other settings of the allocator. */
export interface Replayed {
  /** `as_recorded`, or which settings: `expandable_segments`, `max_split_size_mb:128`, joined by `+`. */
  readonly id: string;
  /** The whole environment variable; absent when none is set. */
  readonly settings?: string;
  /** A call that the program has to make besides. */
  readonly call?: string;
  readonly peak_reserved: number;
  /** Whether the requests that failed are served; absent when none failed, or it is not known. */
  readonly served?: boolean;
  /** The event of a request that was served and fails here. */
  readonly failed_at?: number;
  readonly basis: 'replayed' | 'modelled';
  readonly is_best: boolean;
  /** What the others are compared with. */
  readonly is_reference: boolean;
  /** Why it is modelled only. */
  readonly why: readonly Statement[];
  readonly dangers: readonly Statement[];
}

/** How much of the recording a replay under its own settings reproduces. */
export interface Reproduced {
  readonly allocations: number;
  readonly address_equal: number;
  readonly final_blocks_equal: boolean;
}

/** One device of one recording. */
export interface Recorded {
  readonly source: string;
  readonly device: number;
  /** Of the name of the file. */
  readonly rank?: number;
  readonly events: number;
  /** All stages that the recording shows. */
  readonly stages: readonly RecordedStage[];
  /** Versions of the framework that write such a file, for people. */
  readonly written_by: string;
  readonly versions?: VersionRange;
  /** Made by a tool: it shows no real run. */
  readonly is_synthetic: boolean;
  /** The allocator's settings as the file states them. */
  readonly conf?: string;
  /** Failures, oldest first; the last few of very many. */
  readonly failures: readonly RecordedFailure[];
  readonly failure_count: number;
  /** The highest moment of the allocated bytes. */
  readonly peak: RecordedMoment;
  readonly end: RecordedMoment;
  readonly reproduced: Reproduced | Unknown;
  /** What grows with the steps, most bytes per step first; unknown where there are no steps. */
  readonly growth: readonly Grown[] | Unknown;
  /** Empty where the replay under the recorded settings goes astray. */
  readonly replays: readonly Replayed[];
}

/** All that is taken of one source. */
export interface Recordings {
  /** One for each device; none where the source could not be read. */
  readonly recorded: readonly Recorded[];
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
}
