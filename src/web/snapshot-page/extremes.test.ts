import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Extremes } from './extremes.ts';

it('finds what a plain search finds, in any range', () => {
  const cases = fc
    .array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 700 })
    .chain((values) =>
      fc.tuple(fc.constant(values), fc.nat(values.length - 1), fc.nat(values.length)),
    );
  fc.assert(
    fc.property(cases, ([values, from, length]) => {
      const to = Math.min(values.length, from + length);
      const extremes = new Extremes(Float64Array.from(values));
      const part = values.slice(from, to);
      const first = (value: number): number =>
        part.length === 0 ? from : from + part.indexOf(value);
      expect(extremes.greatestIn(from, to)).toBe(first(Math.max(...part)));
    }),
  );
});
