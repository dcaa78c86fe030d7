import { describe, expect, it } from 'vitest';
import { paceOf, type Series } from './growth-series.ts';

const of = (step: readonly number[], count = 1, bytes = 100): Series => ({
  step,
  count: step.map(() => count),
  bytes: step.map(() => bytes),
});

const pace = (steps: readonly number[], total: number): ReturnType<typeof paceOf> => {
  const over = of(steps.filter((step) => step < total - 1));
  return paceOf(over, of(steps), { from: 2, to: total - 1 }, total - 1);
};

const each = (from: number, to: number, by = 1): number[] =>
  Array.from({ length: Math.ceil((to - from) / by) }, (_, i) => from + i * by);

describe('a series', () => {
  it('that goes on is growth, at a pace that one burst does not move', () => {
    expect(pace(each(0, 20), 20)).toMatchObject({
      bytesPerStep: 100,
      isLate: false,
      isShort: false,
    });
    const burst = of(each(0, 19));
    const bytes = burst.bytes.map((own, i) => (i === 9 ? 1e6 : own));
    const moved = paceOf({ ...burst, bytes }, of(each(0, 20)), { from: 2, to: 19 }, 19);
    expect(moved?.bytesPerStep).toBeLessThan(120);
  });

  it('of every so many steps is slower', () => {
    expect(pace(each(4, 60, 5), 60)).toMatchObject({ bytesPerStep: 20, steps: 11 });
  });

  it('that begins late has to go on for longer', () => {
    expect(pace(each(25, 40), 40)?.isLate).toBe(true);
    expect(pace(each(36, 40), 40)).toBeUndefined();
  });

  it('of few steps counts if all are alike', () => {
    expect(pace(each(0, 4), 4)).toMatchObject({ isShort: true, bytesPerStep: 100 });
    expect(pace(each(0, 3), 4)).toBeUndefined();
    expect(pace([0, 1, 3], 4)).toBeUndefined();
    expect(pace([9, 19, 29, 39], 40)?.isShort).toBe(true);
  });

  it.each([
    ['stops', each(0, 14), 20],
    ['has bursts only at the start', [0, 1, 2, 3], 30],
    ['slows down', [0, 1, 3, 6, 10, 15, 21, 28], 32],
    ['comes ever more seldom', [2, 4, 5, 8, 13, 17, 23], 40],
    ['is empty', [], 20],
  ])('that %s is none', (_, steps, total) => {
    expect(pace(steps, total)).toBeUndefined();
  });

  it('whose steps leave ever less is none', () => {
    const step = each(0, 30);
    const count = step.map((i) => Math.max(1, Math.floor(40 / (i + 1))));
    const series = { step, count, bytes: count };
    expect(paceOf(series, series, { from: 2, to: 29 }, 29)).toBeUndefined();
  });
});
