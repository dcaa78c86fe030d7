import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SortedList } from './sorted-list.ts';

const key = fc.nat(2000);

test('a sorted list holds what a sorted array holds', () => {
  const step = fc.record({ key, removes: fc.boolean(), sought: key });
  fc.assert(
    fc.property(fc.array(key), fc.array(step, { size: '+2', maxLength: 2000 }), (begin, steps) => {
      const list = new SortedList<number>((item) => item, begin);
      const keys = new Set(begin);
      const inOrder = (): number[] => [...keys].sort((a, b) => a - b);
      for (const { key, removes, sought } of steps) {
        if (removes) {
          list.remove(key);
          keys.delete(key);
        } else {
          expect(list.add(key)).toBe(!keys.has(key));
          keys.add(key);
        }
        expect(list.atOrBefore(sought)).toBe(inOrder().findLast((each) => each <= sought));
        expect(list.after(sought)).toBe(inOrder().find((each) => each > sought));
      }
      expect(list.values()).toEqual(inOrder());
    }),
    { numRuns: 10 },
  );
});
