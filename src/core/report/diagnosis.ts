/**
 * The diagnosis as data that others build on: what `--format json` prints and the library returns.
 * snake_case; bytes are integers; what the text does not hold is absent in `figures` and
 * `{ unknown }` in ledgers. schemas/diagnosis.json describes the same (a test holds them together).
 */

import type { Phase } from '../base/phase.ts';
import type { Lang } from '../base/texts.ts';
import type { Strength } from '../diagnosis/cause.ts';
import type { Relation } from '../diagnosis/observed.ts';
import type { Turn } from '../evidence/phase-of.ts';
import type { Backend, IncidentKind, Tensor } from '../evidence/reader.ts';
import type { SeenEvent } from '../evidence/status.ts';
import type { MigSlice, SeenDevice } from '../ledger/device.ts';
import type { CountName, Quantity, Scope } from '../ledger/fact.ts';
import type { Atom, Limit, Moment, Selector } from '../ledger/ledger.ts';
import type {
  Grown,
  RecordedMoment,
  RecordedStage,
  Replayed,
  Reproduced,
} from '../ledger/recorded.ts';
import type { Alteration } from '../remedies/remedy.ts';
import type { PlanData } from './plans/data.ts';

export type Verdict = IncidentKind | 'none';

/** A figure beyond 2^53 bytes, or no size at all. */
export interface RawFigure {
  readonly raw: string;
  readonly why: string;
}

export type Figure = number | RawFigure;

/** An amount with its uncertainty, in bytes. */
export interface Estimate {
  readonly low: number;
  readonly mid: number;
  readonly high: number;
  readonly kind: 'bound' | 'p90';
  readonly basis: Atom['basis'];
}

export interface UnknownAmount {
  readonly unknown: string;
  readonly at_most?: number;
}

export interface BufferFigure {
  readonly name: string;
  readonly role: NonNullable<Scope['role']>;
  readonly bytes: Figure;
}

/** Figures as printed, by quantity: `requested_bytes`, `kv_tokens`; corrections live in the ledger. */
export type Figures = {
  readonly [Q in Exclude<Quantity, 'listed_process' | 'buffer'> as `${Q}_bytes`]?: Figure;
} & { readonly [Name in CountName]?: number } & {
  readonly other_processes?: readonly { readonly pid: number; readonly bytes: Figure }[];
  readonly buffers?: readonly BufferFigure[];
  /** The tensor that was asked for. */
  readonly tensor?: Tensor;
};

export interface Where {
  readonly source: string;
  readonly line?: number;
  /** Of a memory snapshot, counted from 0. */
  readonly event?: number;
  readonly rank?: number;
  readonly pid?: number;
}

export interface FrameData {
  readonly file: string;
  readonly line?: number;
  readonly function?: string;
  readonly code?: string;
}

export interface LedgerData {
  readonly moment: { readonly name: Moment['name']; readonly detail: string };
  readonly atoms: readonly (Omit<Atom, 'bytes' | 'basis' | 'source'> & {
    readonly bytes: Estimate | UnknownAmount;
    readonly source: string;
  })[];
  readonly limits: readonly {
    readonly name: Limit['name'];
    readonly selector: Selector;
    readonly bytes: Estimate | UnknownAmount;
    readonly source: string;
  }[];
  readonly totals: readonly {
    readonly name: string;
    readonly selector: Selector;
    readonly bytes: Estimate;
    readonly source: string;
  }[];
}

export interface CauseData {
  readonly id: string;
  readonly code: string;
  readonly title: string;
  readonly family: string;
  readonly strength: Strength;
  readonly because: readonly string[];
  readonly against: readonly string[];
}

/** A piece of evidence that would settle what is open, and how it is had. */
export interface RequestData {
  readonly what: string;
  readonly command: string;
  readonly settles: string;
}

/** One change; diagnosis and plan share the shape. */
export interface StepData {
  readonly remedy: string;
  readonly code: string;
  readonly title: string;
  readonly category: string;
  readonly claim: 'at_most' | 'saves' | 'fits';
  /** For the claim at_most: the upper bound. Absent when the text does not tell. */
  readonly at_most_bytes?: number;
  /** For the claims saves and fits: the estimate. */
  readonly bytes?: Estimate;
  /** Of an engine: the limit at which there is so much more room. */
  readonly room_at?: PlanData['limits'][number]['limit'];
  /** Why there is no amount. */
  readonly unknown?: string;
  readonly basis: Atom['basis'];
  /** yes: a replay of the recorded requests served it. */
  readonly serves_request: 'yes' | 'possibly' | 'barely' | 'no' | 'unknown';
  readonly because: string;
  readonly how: string;
  readonly cost: string;
  /** What it changes of what the run computes. */
  readonly alters: Alteration;
  /** The change as the frameworks that are there write it, and commands. */
  readonly change: readonly string[];
  /** Where it does harm, as far as that bears on this failure. */
  readonly cautions: readonly string[];
}

/** Whether a step can serve the request with room to spare, as far as the text tells. */
export const couldHelp = ({ serves_request: serves }: StepData): boolean =>
  serves === 'yes' || serves === 'possibly' || serves === 'unknown';

export interface DeadEndData {
  readonly remedy: string;
  readonly title: string;
  readonly why: string;
  readonly at_most_bytes: number;
}

/** What a place in the code leaves behind with each step. */
export interface GrownData extends Omit<Grown, 'because' | 'against'> {
  readonly because: readonly string[];
  readonly against: readonly string[];
}

/** The recorded requests, run again under other settings of the allocator. */
export interface ReplayedData {
  readonly id: string;
  /** The whole environment variable; absent when none is set. */
  readonly settings?: string;
  /** A call that the program has to make besides. */
  readonly call?: string;
  readonly peak_reserved_bytes: number;
  /** Whether the requests that failed are served; null when none failed, or it is not known. */
  readonly served: boolean | null;
  /** The event of a request that was served and fails here. */
  readonly failed_at: number | null;
  readonly basis: Replayed['basis'];
  readonly is_best: boolean;
  readonly is_reference: boolean;
  readonly why: readonly string[];
  readonly dangers: readonly string[];
}

/** The moment of a memory snapshot that an incident or an observation is of. */
export interface RecordingData {
  readonly source: string;
  readonly device: number;
  readonly rank?: number;
  readonly moment: RecordedMoment['kind'];
  /** Counted from 0; absent where only a state was recorded. */
  readonly event?: number;
  readonly stage: RecordedStage;
  /** The line of the user's code that asked for what was refused. */
  readonly asked_by?: string;
  /** Why none of the free pieces served. */
  readonly why?: string;
  readonly events: number;
  readonly failures: number;
  /** Versions of the framework that write such a file. */
  readonly written_by: string;
  readonly is_synthetic: boolean;
  readonly reproduced: Reproduced | { readonly unknown: string };
  readonly growth: readonly GrownData[] | { readonly unknown: string };
  readonly replays: readonly ReplayedData[];
}

/** How a prediction stands to what the failure measured. */
export interface AnchorData {
  readonly role: string;
  readonly phase: string;
  readonly turn: 'once' | 'first' | 'later';
  /** The model accounts for what was measured, to a tenth. */
  readonly holds: boolean;
  readonly parts: readonly {
    readonly name: 'live' | 'idle' | 'outside';
    readonly measured_bytes: Estimate;
    readonly predicted_bytes: Estimate;
    readonly residual_bytes: number;
  }[];
  /** Kinds of live tensors, where a memory snapshot tells them apart. */
  readonly kinds?: readonly {
    readonly kind: 'weights' | 'gradients' | 'optimizer' | 'kv_cache' | 'states' | 'passing';
    readonly measured_bytes: Estimate;
    readonly predicted_bytes: Estimate;
    readonly residual_bytes: number;
  }[];
  /** Signed: what the model lacks, or has too much. */
  readonly residual_bytes: number;
  readonly residual_share: number;
  readonly residual_name?: string;
  /** Values that nobody stated, each of which would make the model agree. */
  readonly explained_by: readonly {
    readonly setting: string;
    readonly value: string | number | boolean;
  }[];
  readonly why: string;
}

/** The failing job priced with a model: where its peak is, and what makes it fit. */
export interface PricingData {
  readonly plan: PlanData;
  /** False where the failure contradicts the prediction: then nothing is said to fit. */
  readonly may_fit: boolean;
  readonly anchor?: AnchorData;
  /** Tensors of the model that have the size of the request. */
  readonly failing_tensors: readonly {
    readonly what: string;
    readonly dimensions: string;
    readonly bytes: number;
    /** The frames speak of it as well; else its size is consistent with the request, no more. */
    readonly is_named: boolean;
  }[];
  /** Measures that are on already or go no further, and where that was said. */
  readonly in_force: readonly {
    readonly remedy: string;
    readonly source: string;
    readonly why: 'set' | 'lowest';
  }[];
  /** Measures of which even the strongest value gives less than what failed is missing. */
  readonly too_little: readonly {
    readonly remedy: string;
    readonly gives_bytes: number;
    readonly missing_bytes: number;
  }[];
  /** Changes of steps in the words of the frameworks that the job's files show. */
  readonly written: readonly { readonly remedy: string; readonly change: readonly string[] }[];
  /** What measures of the diagnosis free at the peak, each by itself. */
  readonly steps: readonly {
    readonly remedy: string;
    readonly bytes: Estimate;
    readonly room_at?: PlanData['limits'][number]['limit'];
    readonly fits: PlanData['fits'];
  }[];
}

export interface Incident {
  readonly kind: IncidentKind;
  /** Whose message it is. */
  readonly framework: string;
  /** What else frames and lines around it show, the nearest to the user first. */
  readonly frameworks: readonly string[];
  readonly format: string;
  readonly wording?: string;
  readonly versions?: { readonly package: string; readonly from?: string; readonly to?: string };
  readonly backend: Backend;
  readonly exception?: string;
  readonly where: Where;
  /** How many times it was printed; 1 is once. */
  readonly repeats: number;
  readonly time?: string;
  readonly device?: number;
  readonly headline: string;
  readonly figures: Figures;
  readonly phase: { readonly value: Phase; readonly because: string; readonly turn?: Turn };
  /** The user's own deepest frame. */
  readonly own_frame?: FrameData;
  /** Outermost first. */
  readonly frames: readonly FrameData[];
  readonly ledger: LedgerData;
  /** The memory snapshot that the ledger is from. */
  readonly recording?: RecordingData;
  readonly causes: readonly CauseData[];
  readonly steps: readonly StepData[];
  readonly dead_ends: readonly DeadEndData[];
  readonly ask_for: readonly RequestData[];
  readonly notes: readonly NoteData[];
  /** Where the evidence has a model: the job as a plan sees it. */
  readonly pricing?: PricingData;
}

/** A size as a tool showed it, or why it showed none. */
export type ShownData = Figure | { readonly unknown: string };

export interface ProcessData {
  readonly pid?: number;
  readonly name?: string;
  readonly type?: string;
  readonly user?: string;
  readonly bytes: ShownData;
  readonly gpu_instance?: number;
  readonly compute_instance?: number;
}

/** A device, or a MIG slice of one, as a tool shows it. */
export interface DeviceData {
  /** The tool's own index, which need not be the program's. */
  readonly index?: number;
  readonly uuid?: string;
  readonly bus_id?: string;
  readonly name?: string;
  readonly vendor: SeenDevice['vendor'];
  readonly mig?: MigSlice;
  readonly total_bytes?: ShownData;
  readonly used_bytes?: ShownData;
  readonly free_bytes?: ShownData;
  readonly reserved_bytes?: ShownData;
  readonly utilization_percent?: number;
  readonly memory_utilization_percent?: number;
  readonly modes?: Readonly<Record<string, string>>;
  readonly processes: readonly ProcessData[];
  /** all: an empty list says that there is no process. part: cut. none: the text has no list. */
  readonly processes_listed: SeenDevice['listed'];
  readonly ledger: LedgerData;
}

/** A moment of what a tool or a program shows of itself. */
export interface Observation {
  readonly format: string;
  readonly title: string;
  readonly where: Where & { readonly last_line?: number; readonly host?: string };
  readonly time?: string;
  readonly label?: string;
  readonly versions?: Readonly<Record<string, string>>;
  /** How the moment stands to the failure; only same_moment was put into one ledger with it. */
  readonly relation: { readonly value: Relation; readonly because: string };
  readonly devices: readonly DeviceData[];
  readonly figures: Figures;
  readonly events: readonly EventData[];
  /** Of a memory snapshot: its peak. */
  readonly ledger?: LedgerData;
  readonly recording?: RecordingData;
}

export type EventData = SeenEvent;

/** What a status shows by itself. */
export interface Finding {
  readonly id: string;
  readonly code: string;
  readonly title: string;
  readonly strength: Strength;
  readonly headline: string;
  readonly because: readonly string[];
  readonly do: readonly string[];
  readonly commands: readonly string[];
  /** Position in `observations`. */
  readonly observation: number;
  /** Position in the observation's devices. */
  readonly device?: number;
}

export interface NoteData {
  readonly code: string;
  readonly text: string;
  readonly at?: { readonly source: string; readonly line?: number; readonly event?: number };
}

export interface ProblemData {
  readonly code: string;
  readonly what: string;
  readonly why: string;
  readonly do: string;
  readonly at?: { readonly source: string; readonly line?: number; readonly event?: number };
}

export interface Diagnosis {
  readonly schema: 'unoom/diagnosis/1';
  /** The language of all sentences; keys, ids and values of enumerations are the same in each. */
  readonly lang: Lang;
  readonly verdict: Verdict;
  /** The answer in a sentence or two. */
  readonly headline: string;
  readonly incidents: readonly Incident[];
  /** What was shown of moments at which nothing need have failed: nvidia-smi, start-up lines, exits. */
  readonly observations: readonly Observation[];
  /** What the observations show by themselves, the graver first. */
  readonly findings: readonly Finding[];
  /** Where nothing failed: what the evidence points to, never more than possible. */
  readonly causes: readonly CauseData[];
  /** What would settle that. */
  readonly ask_for: readonly RequestData[];
  /** All frameworks that the text shows, the nearest to the user first. */
  readonly frameworks: readonly string[];
  /** How many of the sources held text that could be read. */
  readonly sources_read: number;
  readonly problems: readonly ProblemData[];
  readonly notes: readonly NoteData[];
}
