/**
 * The contract of a remedy. It says what it touches; how much that is, and whether it helps, is
 * worked out from the ledger for all remedies alike (judge.ts). It says which neutral settings it
 * changes; how they are written, and whether they are made already, is a dialect's business. No
 * remedy counts bytes, and none knows a framework's syntax.
 */
import type { Content } from '../base/phase.ts';
import type { Statement } from '../base/texts.ts';
import type { Family, KnowledgeUnit } from '../base/unit.ts';
import type { Case } from '../diagnosis/case.ts';
import type { Sign } from '../evidence/signs.ts';
import type { Change, SettingName } from '../workload/settings.ts';

/** The order in which measures are worth trying; a later one costs more. */
export const CATEGORIES = [
  'surroundings',
  'same-mathematics',
  'micro-batch',
  'recomputation',
  'precision',
  'sharding',
  'offload',
  'experiment',
  /** What people are told and what frees nothing, anywhere. Always a dead end. */
  'no-remedy',
] as const;

export type RemedyCategory = (typeof CATEGORIES)[number];

/** For whom a measure is: something to type now, or the work of a role. */
export const ROLES = ['quick', 'researcher', 'mlops', 'inference'] as const;
export type Role = (typeof ROLES)[number];

/** What a measure changes of what the run computes. */
export const ALTERATIONS = ['nothing', 'rounding', 'mathematics', 'experiment'] as const;
export type Alteration = (typeof ALTERATIONS)[number];

/** What a remedy acts on. */
export type Touch =
  /** Contents of live tensors (and the failing request, when that is of such a content). */
  | { readonly contents: readonly Content[] }
  /** Cached blocks that the allocator could still hand back. */
  | { readonly idle: 'releasable' }
  /** Cached blocks that a better layout could use, free memory included. */
  | { readonly idle: 'any' }
  | { readonly processes: 'others' }
  /** A limit below the device's own. */
  | { readonly limit: 'own' }
  /** The budget or reservation that an engine plans with: memory moves, none is made. */
  | { readonly budget: 'engine' }
  /** Memory of the own process outside the framework's allocator. */
  | { readonly outside: 'own' }
  /** Host memory and its segments. */
  | { readonly host: true }
  /** The program itself: a wrong size, a faulting kernel, a setting of a library. */
  | { readonly program: true }
  /** Another or a larger machine. */
  | { readonly machine: true }
  /** Nothing at all: a measure that frees no memory anywhere. */
  | { readonly nothing: true };

/** What a measure costs, as a range that somebody measured or published, or one that is assumed. */
export interface Cost {
  readonly what: 'time' | 'throughput' | 'host-memory' | 'quality' | 'traffic' | 'latency';
  /** From and to, in `unit`. Negative where it is a gain. */
  readonly low: number;
  readonly high: number;
  readonly unit: '%' | 'times' | 'bytes/parameter' | 'ms/GB' | 'perplexity';
  /** Key of the remedy's text that says under which conditions. */
  readonly when?: string;
  readonly source: string;
  /** Nobody measured it: `source` is the reason then (assumed-costs.ts). */
  readonly isAssumed?: boolean;
}

/** Texts that every remedy has, besides title and summary. */
export type RemedyText = 'how' | 'cost' | 'nothing';

/** Where a measure does harm or must not be used. */
export interface Caution {
  /** Key of the remedy's text. */
  readonly says: string;
  /** Whether it bears on this case; absent: worth saying always. */
  applies?(c: Case): boolean;
}

/** A change to a value that a message names. */
export interface ToldChange {
  readonly setting: SettingName;
  readonly to: number;
}

/** What a measure changes in a case: to the values that its message names, where it does. */
export const changesIn = (remedy: Remedy, c: Case): readonly Change[] =>
  remedy.told?.(c) ?? remedy.changes;

/** The changes that a framework's words are asked for. */
export const writtenChanges = <C extends { readonly setting: SettingName }>(
  { written_as: one }: Remedy,
  changes: readonly C[],
): readonly C[] => (one === undefined ? changes : changes.filter(({ setting }) => setting === one));

export interface Remedy extends KnowledgeUnit<RemedyText> {
  /** Families of causes that it answers; `family` is the first of them. */
  readonly answers: readonly Family[];
  readonly category: RemedyCategory;
  readonly roles: readonly Role[];
  readonly alters: Alteration;
  /**
   * Whether people reach for it so often that it is worth calling a dead end where it is one. How
   * often it was seen tried in vain is counted (catalog/outcomes.ts).
   */
  readonly often_tried: boolean;
  readonly touches: Touch;
  /** The neutral settings to change; several are one measure. Empty when no setting does it. */
  readonly changes: readonly Change[];
  /** The same with the values that the message itself says would do. */
  told?(c: Case): readonly ToldChange[] | undefined;
  /** It can go further than these settings: that they are in force is nothing against it. */
  readonly is_graded?: boolean;
  /** The one of these settings whose change, as frameworks write it, has the others in it. */
  readonly written_as?: SettingName;
  /** Signs that show it in force already. */
  readonly shown_by?: readonly Sign[];
  /**
   * Which replays of a recording price it: the id of an alternative, `expandable_segments`, or what stands
   * before the colon, `max_split_size_mb`. Absent for what is no setting of the allocator.
   */
  readonly replayed_as?: string;
  /** Commands and code that no dialect has to spell. Never one that ends a process unseen. */
  readonly commands: readonly string[];
  readonly costs: readonly Cost[];
  readonly cautions: readonly Caution[];
  /** Whether it has any bearing on this case. */
  concerns(c: Case): boolean;
  /** Why it cannot apply here, whatever it would touch. What is in force already the judge sees. */
  barred?(c: Case): Statement | undefined;
}
