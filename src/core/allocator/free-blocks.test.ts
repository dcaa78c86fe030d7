import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BlockRows, NO_ROW } from './block-rows.ts';
import { FreeBlocks } from './free-blocks.ts';

/** Sizes that meet in a class, that are alike, that are none of the allocator's, and those beyond all classes. */
const size = fc.oneof(
  fc.integer({ min: 1, max: 40 }).map((units) => units * 512),
  fc.integer({ min: 1, max: 2 ** 20 }).map((units) => units * 512),
  fc.constantFrom(2 ** 21, 2 ** 21 + 512, 2 ** 45, 2 ** 52, 700, 1, 0, Number.POSITIVE_INFINITY),
);
const step = fc.record({ size, address: fc.nat(50), removes: fc.boolean(), sought: size });

test('free blocks are found by size and then by address, whatever came and went', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const rows = new BlockRows();
      const free = new FreeBlocks(rows);
      const there: { row: number; size: number; address: number }[] = [];
      for (const { size, address, removes, sought } of steps) {
        const gone = removes ? there.splice(address % (there.length || 1), 1)[0] : undefined;
        if (gone !== undefined) {
          free.remove(gone.row);
          rows.drop(gone.row);
        } else {
          const row = rows.add(address * 512, size, 0, NO_ROW);
          free.insert(row);
          there.push({ row, size, address: address * 512 });
        }
        const inOrder = [...there].sort(
          (a, b) => a.size - b.size || a.address - b.address || a.row - b.row,
        );
        const found: number[] = [];
        free.appendTo(found);
        expect(found).toEqual(inOrder.map(({ row }) => row));
        expect(free.seek(sought)).toBe(inOrder.find((each) => each.size >= sought)?.row ?? NO_ROW);
      }
    }),
    { numRuns: 200 },
  );
});
