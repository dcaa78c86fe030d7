/**
 * Intervals of bytes. Two kinds of uncertainty are kept apart: `bound` is a hard limit (the rounding
 * of a printed figure), `p90` holds nine times of ten (a modelled value).
 */
import type { Unknown } from './unknown.ts';
import { isUnknown } from './unknown.ts';

export type IntervalKind = 'bound' | 'p90';

export interface Interval {
  readonly low: number;
  readonly mid: number;
  readonly high: number;
  readonly kind: IntervalKind;
}

/** A hard bound. Without limits it is exact. */
export function bound(mid: number, low: number = mid, high: number = mid): Interval {
  return interval(low, mid, high, 'bound');
}

/** @throws if the three are not numbers in order: that is a bug of ours. */
export function interval(low: number, mid: number, high: number, kind: IntervalKind): Interval {
  if (!(low <= mid && mid <= high)) {
    throw new RangeError(`interval out of order: ${low} ${mid} ${high}`);
  }
  return { low, mid, high, kind };
}

export const ZERO: Interval = bound(0);

const weaker = (a: Interval, b: Interval): IntervalKind =>
  a.kind === 'p90' || b.kind === 'p90' ? 'p90' : 'bound';

export function add(a: Interval, b: Interval): Interval {
  return interval(a.low + b.low, a.mid + b.mid, a.high + b.high, weaker(a, b));
}

export function subtract(a: Interval, b: Interval): Interval {
  return interval(a.low - b.high, a.mid - b.mid, a.high - b.low, weaker(a, b));
}

export function sum(parts: Iterable<Interval>): Interval {
  let total = ZERO;
  for (const part of parts) total = add(total, part);
  return total;
}

/** The part of an interval above zero. */
export function atLeastZero(a: Interval): Interval {
  return interval(Math.max(0, a.low), Math.max(0, a.mid), Math.max(0, a.high), a.kind);
}

/** The value if it is known. */
export function known(amount: Interval | Unknown | undefined): Interval | undefined {
  return amount === undefined || isUnknown(amount) ? undefined : amount;
}
