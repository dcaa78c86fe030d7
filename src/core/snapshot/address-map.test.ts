import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inRing } from '../../../test/ring.ts';
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

it('is not slowed down by addresses that meet in one slot', () => {
  // Pages whose halves cancel out before they are mixed: all of them have one hash.
  const addresses = Array.from(
    { length: inRing(60_000, 10_000) },
    (_, high) => (high * 2 ** 32 + (Math.imul(high, 0x27d4eb2f) >>> 0)) * 512,
  );
  const map = new AddressMap();
  for (const [row, address] of addresses.entries()) map.set(address, row);
  expect(map.size).toBe(addresses.length);
  for (const [row, address] of addresses.entries()) {
    expect(map.get(address)).toBe(row);
    if (row % 2 === 0) expect(map.delete(address)).toBe(row);
  }
  map.set(addresses[1] as number, 7);
  expect(map.get(addresses[1] as number)).toBe(7);
  expect(map.get(addresses[0] as number)).toBe(-1);
  expect(map.size).toBe(addresses.length / 2);
  expect(map.rows().length).toBe(addresses.length / 2);
});
