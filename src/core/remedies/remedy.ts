/**
 * The contract of a remedy. It says what it touches; how much that is, and whether it helps, is
 * worked out from the ledger for all remedies alike (judge.ts). No remedy counts bytes.
 */
import type { Content } from '../base/phase.ts';
import type { Statement } from '../base/texts.ts';
import type { KnowledgeUnit } from '../base/unit.ts';
import type { Case } from '../diagnosis/case.ts';
import type { Situation } from '../workload/situation.ts';

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
] as const;

export type RemedyCategory = (typeof CATEGORIES)[number];

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
  /** Host memory and its segments. */
  | { readonly host: true }
  /** The program itself: a wrong size, a faulting kernel, a setting of a library. */
  | { readonly program: true };

export interface Remedy extends KnowledgeUnit<'how' | 'cost' | 'nothing'> {
  readonly category: RemedyCategory;
  /**
   * How often it was seen tried in vain among about 200 labelled public cases (1: told, not counted).
   * Above 0 it is worth calling a dead end where it is one; the most tried comes first.
   */
  readonly tried_in_vain: number;
  readonly touches: Touch;
  /** Whether it has any bearing on this case. */
  concerns(c: Case): boolean;
  /** Why it cannot apply here or is in force already, whatever it would touch. */
  barred?(c: Case): Statement | undefined;
  /**
   * The changed situations, for plans: a saving is then the difference of two footprints. Absent while
   * only a ledger can judge it.
   */
  readonly apply?: (situation: Situation) => readonly Situation[];
  /** The change as code or commands, for people. */
  readonly change: readonly string[];
}
