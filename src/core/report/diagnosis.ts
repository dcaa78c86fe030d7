/**
 * The diagnosis as data that others build on: what `--format json` prints and the library returns.
 * snake_case; bytes are integers; what the text does not hold is absent in `figures` and
 * `{ unknown }` in ledgers. schemas/diagnosis.json describes the same (a test holds them together).
 */

import type { Phase } from '../base/phase.ts';
import type { Strength } from '../diagnosis/cause.ts';
import type { Turn } from '../evidence/phase-of.ts';
import type { Backend, IncidentKind, Tensor } from '../evidence/reader.ts';
import type { CountName, Quantity, Scope } from '../ledger/fact.ts';
import type { Atom, Limit, Moment, Selector } from '../ledger/ledger.ts';

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
  readonly moment: Moment;
  readonly atoms: readonly (Omit<Atom, 'bytes' | 'basis'> & {
    readonly bytes: Estimate | UnknownAmount;
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
  /** Why there is no amount. */
  readonly unknown?: string;
  readonly basis: Atom['basis'];
  readonly serves_request: 'possibly' | 'barely' | 'no' | 'unknown';
  readonly because: string;
  readonly how: string;
  readonly cost: string;
  readonly change: readonly string[];
}

/** Whether a step can serve the request with room to spare, as far as the text tells. */
export const couldHelp = ({ serves_request: serves }: StepData): boolean =>
  serves === 'possibly' || serves === 'unknown';

export interface DeadEndData {
  readonly remedy: string;
  readonly title: string;
  readonly why: string;
  readonly at_most_bytes: number;
}

export interface Incident {
  readonly kind: IncidentKind;
  readonly framework: string;
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
  readonly causes: readonly CauseData[];
  readonly steps: readonly StepData[];
  readonly dead_ends: readonly DeadEndData[];
  readonly ask_for: readonly {
    readonly what: string;
    readonly command: string;
    readonly settles: string;
  }[];
  readonly notes: readonly NoteData[];
}

export interface NoteData {
  readonly code: string;
  readonly text: string;
  readonly at?: { readonly source: string; readonly line?: number };
}

export interface ProblemData {
  readonly code: string;
  readonly what: string;
  readonly why: string;
  readonly do: string;
  readonly at?: { readonly source: string; readonly line?: number };
}

export interface Diagnosis {
  readonly schema: 'unoom/diagnosis/1';
  readonly verdict: Verdict;
  /** The answer in a sentence or two. */
  readonly headline: string;
  readonly incidents: readonly Incident[];
  /** Ledgers without a failure, such as an nvidia-smi paste. */
  readonly observations: readonly {
    readonly ledger: LedgerData;
    readonly notes: readonly NoteData[];
  }[];
  /** How many of the sources held text that could be read. */
  readonly sources_read: number;
  readonly problems: readonly ProblemData[];
  readonly notes: readonly NoteData[];
}
