/** The contract of a cause. */
import type { Statement } from '../base/texts.ts';
import type { KnowledgeUnit } from '../base/unit.ts';
import type { Case } from './case.ts';

/** proven: arithmetic or replay. likely: the evidence points there. possible: it fits, so do others. */
export type Strength = 'proven' | 'likely' | 'possible';
export const STRENGTHS: readonly Strength[] = ['proven', 'likely', 'possible'];

export interface Assessment {
  readonly strength: Strength;
  readonly because: readonly Statement[];
  readonly against: readonly Statement[];
  /** Orders causes of equal strength: the more specific first. 0 to 10; below 0 behind what is usual. */
  readonly weight: number;
  /** The answer in one sentence, when the unit's own headline needs figures. */
  readonly headline?: Statement;
}

export interface Cause extends KnowledgeUnit<'headline'> {
  /** What the cause claims of this case, or undefined when the evidence does not show it. */
  assess(c: Case): Assessment | undefined;
}
