/**
 * The contract of a finding: what a status shows by itself, whether or not anything failed. A card
 * that is nearly full, a holder that no tool lists, a driver fault.
 */
import type { Statement } from '../base/texts.ts';
import type { Unit } from '../base/unit.ts';
import type { Strength } from './cause.ts';
import type { Observed } from './observed.ts';

export interface Found {
  readonly strength: Strength;
  /** The finding in one sentence. */
  readonly headline: Statement;
  readonly because: readonly Statement[];
  /** What to do, in order. */
  readonly todo: readonly Statement[];
  /** Commands that show more; never one that ends or changes anything. */
  readonly commands: readonly string[];
  /** Position of the observation that shows it. */
  readonly observation: number;
  /** Position of the device in the observation. */
  readonly device?: number;
  /** Orders findings: the graver first. 0 to 10. */
  readonly weight: number;
}

export interface FindingRule extends Unit {
  assess(observed: readonly Observed[]): readonly Found[];
}

/** A finding with the rule that made it. */
export interface WeighedFinding extends Found {
  readonly rule: FindingRule;
}

/** All findings, the graver first. */
export function find(
  observed: readonly Observed[],
  rules: readonly FindingRule[],
): WeighedFinding[] {
  return rules
    .flatMap((rule) => rule.assess(observed).map((found) => ({ ...found, rule })))
    .sort((a, b) => b.weight - a.weight || a.observation - b.observation);
}
