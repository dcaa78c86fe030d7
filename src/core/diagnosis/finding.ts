/**
 * The contract of a finding: what a status shows by itself, whether or not anything failed. A card
 * that is nearly full, a holder that no tool lists, a driver fault.
 */
import { render } from '../base/render.ts';
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

/** All findings, the graver first. Of several moments that show the same the last one stands. */
export function find(
  observed: readonly Observed[],
  rules: readonly FindingRule[],
): WeighedFinding[] {
  const found = new Map<string, WeighedFinding>();
  for (const rule of rules) {
    for (const one of rule.assess(observed))
      found.set(identityOf(one, rule, observed), { ...one, rule });
  }
  return [...found.values()]
    .sort((a, b) => b.weight - a.weight || a.observation - b.observation)
    .slice(0, MOST_FINDINGS);
}

const MOST_FINDINGS = 32;

/** What a finding is about: the same card, or the same words. */
function identityOf(found: Found, rule: FindingRule, observed: readonly Observed[]): string {
  const { sighted } = observed[found.observation] ?? {};
  const card = found.device === undefined ? undefined : sighted?.devices?.[found.device];
  if (card === undefined) return `${rule.id} ${render(found.headline)}`;
  const { index, uuid, bus_id: bus, mig } = card;
  const pid = rule.id === 'left-over-process' ? render(found.headline) : '';
  return `${rule.id} ${sighted?.source} ${sighted?.host ?? ''} ${uuid ?? bus ?? index} ${mig?.gpu_instance ?? mig?.device ?? ''} ${pid}`;
}
