// Two rings of the same tests. The everyday one (`npm test`) takes a fixed sample of the sweeps over many
// inputs; the deep one (`npm run test:deep`) takes all of them. What is asserted is the same in both.
import { inject } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    ring: 'everyday' | 'deep';
  }
}

const ring: string | undefined = inject('ring');
// A project that does not say its ring would never go deep, and nobody would see it.
if (ring === undefined) throw new Error('this project provides no ring: see vitest.config.ts');

export const isDeep: boolean = ring === 'deep';

/**
 * Of the items that share a group the first one, so that no group is left out, and one of `every` of the
 * rest. It is the same sample each time: a failure of today was no luck of yesterday.
 */
export function sampled<T>(
  items: readonly T[],
  groupOf: (item: T) => unknown,
  every: number,
): readonly T[] {
  if (isDeep) return items;
  const seen = new Set<unknown>();
  let rest = 0;
  return items.filter((item) => {
    const group = groupOf(item);
    const isFirst = !seen.has(group);
    seen.add(group);
    return isFirst || rest++ % every === 0;
  });
}

/**
 * For a sweep of every item in every variant: the items that this variant takes. In the everyday ring each
 * item is taken by one variant, in turn.
 */
export const inTurn = <T>(items: readonly T[], variant: number, variants: number): readonly T[] =>
  isDeep ? items : items.filter((_, index) => index % variants === variant);

/** Of two sizes of the same test the one of this ring. */
export const inRing = <T>(deep: T, everyday: T): T => (isDeep ? deep : everyday);

/** Runs of a property; the given number in the deep ring. */
export const numRuns = (deep: number): number => inRing(deep, Math.max(5, Math.ceil(deep / 10)));
