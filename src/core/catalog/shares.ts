/** Counts over outcomes: k of n, never a rate. */
import type { Share } from '../base/unit.ts';
import { OUTCOMES } from './outcomes.ts';

const counted = (pick: 'helped' | 'in_vain'): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const outcome of OUTCOMES) {
    for (const id of new Set(outcome[pick])) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
};

const HELPED = counted('helped');
const IN_VAIN = counted('in_vain');

/** In how many threads a remedy was tried and did not help. */
export const triedInVain = (remedy: string): number => IN_VAIN.get(remedy) ?? 0;

/** The threads that a remedy was counted in, those in which it helped first. */
export const threadsOf = (remedy: string): readonly string[] =>
  (['helped', 'in_vain'] as const).flatMap((how) =>
    OUTCOMES.filter((outcome) => outcome[how].includes(remedy)).map(({ thread }) => thread),
  );

/** How often a remedy helped, of the threads in which it was tried; undefined when in none. */
export function helpedShare(remedy: string): Share | undefined {
  const k = HELPED.get(remedy) ?? 0;
  const n = k + triedInVain(remedy);
  return n === 0 ? undefined : { k, n, of: 'threads' };
}

/** In how many threads a cause was the cause, of all that tell one; undefined when in none. */
export function causeShare(cause: string): Share | undefined {
  const told = OUTCOMES.filter((outcome) => outcome.cause !== undefined);
  const k = told.filter((outcome) => outcome.cause === cause).length;
  return k === 0 ? undefined : { k, n: told.length, of: 'threads' };
}
