import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Occurring } from './occurring.ts';

// Few letters, so that groups are there and the needle is not.
const letter = fc.constantFrom('a', 'b', 'A', 'B', ' ', '!', 'é', '…');
const needles = fc.array(fc.string({ unit: letter, maxLength: 12 }), { maxLength: 4 });

test('tells what a plain search tells', () => {
  const text = fc
    .array(fc.oneof(fc.string({ unit: letter, maxLength: 40 }), fc.string()), { maxLength: 6 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, needles, fc.nat(), (around, list, at) => {
      const cut = at % (around.length + 1);
      for (const hay of [around, around.slice(0, cut) + (list[0] ?? '') + around.slice(cut)]) {
        const folded = hay.toLowerCase();
        expect(new Occurring(hay).hasAny(list)).toBe(
          list.some((needle) => folded.includes(needle.toLowerCase())),
        );
      }
    }),
    { numRuns: 500 },
  );
});
