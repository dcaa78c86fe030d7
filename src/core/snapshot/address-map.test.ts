import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AddressMap } from './address-map.ts';

it('does what a Map does', () => {
  const address = fc.oneof(
    fc.integer({ min: 0, max: 40 }).map((n) => 0x7f00_0000_0000 + n * 512),
    fc.integer({ min: 0, max: 10 }).map((n) => n * 2 ** 40),
    fc.double(),
  );
  const step = fc.record({ address, row: fc.nat(1000), isSet: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const map = new AddressMap(4);
      const plain = new Map<number, number>();
      for (const { address, row, isSet } of steps) {
        if (Number.isNaN(address)) continue;
        if (isSet) {
          map.set(address, row);
          plain.set(address, row);
        } else {
          expect(map.delete(address)).toBe(plain.get(address) ?? -1);
          plain.delete(address);
        }
        expect(map.get(address)).toBe(plain.get(address) ?? -1);
        expect(map.size).toBe(plain.size);
      }
      expect(map.rows().sort()).toEqual([...plain.values()].sort());
    }),
  );
});
