import { expect, it } from 'vitest';
import { byteTicks, decimalTicks } from './ticks.ts';

it('marks bytes at powers of two', () => {
  expect(byteTicks(0, 12 * 2 ** 30, 6).map((tick) => tick / 2 ** 30)).toEqual([
    0, 2, 4, 6, 8, 10, 12,
  ]);
});

it('marks numbers at 1, 2 or 5 times a power of ten', () => {
  expect(decimalTicks(0, 950, 5)).toEqual([0, 200, 400, 600, 800]);
  expect(decimalTicks(1000.5, 1004.5, 40, 1)).toEqual([1001, 1002, 1003, 1004]);
});

it('gives none for a range that is no range', () => {
  expect(byteTicks(0, Number.POSITIVE_INFINITY, 5)).toEqual([]);
  expect(decimalTicks(0, Number.NaN, 5)).toEqual([]);
});
