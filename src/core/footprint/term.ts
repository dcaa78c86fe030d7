/** The contract of a term: one part of a predicted ledger, as a function of named factors. */
import type { Modelled } from '../base/factor.ts';
import type { Unit } from '../base/unit.ts';
import type { Basis, Category } from '../ledger/ledger.ts';

export interface Term extends Unit {
  /** What the bytes are, in the ledger's words. */
  readonly category: Category;
  readonly basis: Basis;
  /** The formula for people. */
  readonly formula: string;
  /** Bytes per process on one device. */
  bytes(): Modelled;
}
