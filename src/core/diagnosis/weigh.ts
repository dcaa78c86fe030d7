/** Weighs all causes of a case and puts them in order. */
import { compareText } from '../base/texts.ts';
import type { Case } from './case.ts';
import { type Assessment, type Cause, STRENGTHS } from './cause.ts';

export interface WeighedCause extends Assessment {
  readonly cause: Cause;
}

/** Causes shown at most: a longer list is no answer. */
const MOST = 5;

/** Causes in order of strength, then of how specific they are. */
export function weigh(c: Case, causes: readonly Cause[]): WeighedCause[] {
  return causes
    .flatMap((cause): WeighedCause[] => {
      const assessment = cause.assess(c);
      return assessment === undefined ? [] : [{ ...assessment, cause }];
    })
    .sort(
      (a, b) =>
        STRENGTHS.indexOf(a.strength) - STRENGTHS.indexOf(b.strength) ||
        b.weight - a.weight ||
        compareText(a.cause.id, b.cause.id),
    )
    .slice(0, MOST);
}
