/** Figures that a program prints again and again: whether they rise, and from where to where. */
import type { Quantity } from '../ledger/fact.ts';
import { valueIn } from '../ledger/observe.ts';
import type { Observed } from './observed.ts';

export interface Point {
  readonly value: number;
  /** Position of the observation. */
  readonly observation: number;
}

/** The first figures come before optimizer states exist. */
const WARM_UP = 2;
const FEWEST = 6;
/** Growth below this share of the first figure is noise. */
const NOISE = 0.02;

/** Allocated bytes as each program prints them, in the order of its log. */
export const allocatedSeries = (observed: readonly Observed[]): Point[][] =>
  seriesOf(observed, 'allocated');

function seriesOf(observed: readonly Observed[], quantity: Quantity): Point[][] {
  const series = new Map<string, Point[]>();
  observed.forEach(({ sighted }, observation) => {
    const value = valueIn(sighted.facts ?? [], quantity);
    if (value === undefined) return;
    const key = `${sighted.format} ${sighted.source} ${sighted.rank ?? ''}`;
    series.set(key, [...(series.get(key) ?? []), { value: value.mid, observation }]);
  });
  return [...series.values()];
}

export interface Growth {
  readonly from: number;
  readonly to: number;
  /** Moments after the first. */
  readonly count: number;
  /** Moments that lie above the one before. */
  readonly rising: number;
  readonly last: Point;
}

/** How a series grows; undefined when it is too short or does not. */
export function growthOf(all: readonly Point[]): Growth | undefined {
  const points = all.slice(WARM_UP);
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < FEWEST) return undefined;
  const rising = points.filter((p, i) => i > 0 && p.value > (points[i - 1]?.value ?? 0)).length;
  const count = points.length - 1;
  if (rising < 0.6 * count || last.value - first.value < NOISE * first.value) return undefined;
  // A saw that goes up and down is none: the lowest of the end must lie above the highest of the start.
  const third = Math.floor(points.length / 3);
  const values = points.map(({ value }) => value);
  if (Math.min(...values.slice(-third)) <= Math.max(...values.slice(0, third))) return undefined;
  return { from: first.value, to: last.value, count, rising, last };
}

/** What grows by what programs print: bytes in use, or peaks that never come to rest. */
export const growthIn = (observed: readonly Observed[]): readonly Growth[] => [
  ...allocatedSeries(observed).flatMap((points) => growthOf(points) ?? []),
  ...seriesOf(observed, 'peak').flatMap((points) => steadyGrowthOf(points) ?? []),
  ...seriesOf(observed.filter(isOfTraining), 'peak').flatMap(
    (points) => evenGrowthOf(points) ?? [],
  ),
];

/** So many readings of a machine's memory, each above the one before, and so many times the first. */
const FEWEST_OF_HOST = 4;
const GROWN = 2.5;

/** What a tool that somebody called again and again shows of the machine: only ever more in use. */
export const hostGrowthIn = (observed: readonly Observed[]): readonly Growth[] =>
  seriesOf(
    observed.filter(({ sighted: { label } }) => label === undefined),
    'host_used',
  ).flatMap((points) => {
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined || points.length < FEWEST_OF_HOST) return [];
    const isRising = points.every(({ value }, i) => i === 0 || value > (points[i - 1]?.value ?? 0));
    if (!isRising || last.value < GROWN * first.value) return [];
    const count = points.length - 1;
    return [{ from: first.value, to: last.value, count, rising: count, last }];
  });

/** Moments of which each peak has to lie above the one before. */
const FEWEST_PEAKS = 10;
/** A longer batch lifts a peak once: steps of a leak are alike. */
const ALIKE = 3;

/** A peak only rises; where it does so every time, and as much each time, something is kept. */
function steadyGrowthOf(all: readonly Point[]): Growth | undefined {
  const points = all.slice(WARM_UP);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < FEWEST_PEAKS) return undefined;
  const steps = points.slice(1).map(({ value }, i) => value - (points[i]?.value ?? value));
  const typical = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  const isSteady = steps.every((step) => step > 0 && step <= ALIKE * typical);
  if (!isSteady || last.value - first.value < NOISE * first.value) return undefined;
  const count = points.length - 1;
  return { from: first.value, to: last.value, count, rising: count, last };
}

/** Rows of a loop that trains: elsewhere figures rise with what is measured, size by size. */
const isOfTraining = ({ sighted }: Observed): boolean =>
  sighted.format === 'training-progress-memory';

/** So few peaks do where each lies the same bytes above the one before: no data are so even. */
const FEWEST_EVEN = 5;
/** Fewer still, where they have come to so many times the first; chosen, no source. */
const FEWEST_STEEP = 3;
const STEEP = 1.5;
const EVEN = 0.1;

function evenGrowthOf(points: readonly Point[]): Growth | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const isSteep = last.value >= STEEP * first.value;
  if (points.length < (isSteep ? FEWEST_STEEP : FEWEST_EVEN)) return undefined;
  const mean = (last.value - first.value) / (points.length - 1);
  const isEven = points.every(
    ({ value }, i) =>
      i === 0 || Math.abs(value - (points[i - 1]?.value ?? value) - mean) <= EVEN * mean,
  );
  if (mean <= 0 || !isEven || last.value - first.value < NOISE * first.value) return undefined;
  const count = points.length - 1;
  return { from: first.value, to: last.value, count, rising: count, last };
}

/** True when a series is long enough to tell and stays where it is. */
export function isFlat(all: readonly Point[]): boolean {
  const values = all.slice(WARM_UP).map(({ value }) => value);
  if (values.length < FEWEST) return false;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return high - low <= NOISE * high;
}
