/**
 * Named factors and the values that depend on them. A modelled value is a function of factors; its
 * interval is computed only at the end, so a factor that stands on both sides of a difference
 * cancels.
 */
import { type Interval, interval } from './interval.ts';

/** A named source of uncertainty, in its own unit (bytes, or a ratio). */
export interface Factor {
  readonly name: string;
  readonly low: number;
  readonly mid: number;
  readonly high: number;
  readonly unit: 'bytes' | 'ratio';
  /** Where the range comes from. */
  readonly source: string;
}

export type FactorValues = ReadonlyMap<string, number>;

/** A value that depends on named factors. Pure: equal factor values give equal results. */
export interface Modelled {
  readonly factors: readonly Factor[];
  at(values: FactorValues): number;
}

export function constant(value: number): Modelled {
  return { factors: [], at: () => value };
}

export function ofFactor(factor: Factor): Modelled {
  return { factors: [factor], at: (values) => values.get(factor.name) ?? factor.mid };
}

/** Bytes times a ratio. */
export function scaled(bytes: number, factor: Factor): Modelled {
  return {
    factors: [factor],
    at: (values) => bytes * (values.get(factor.name) ?? factor.mid),
  };
}

/** The value with some of its factors known better: their ranges, and their mids where nothing else is said. */
export function withFactors(value: Modelled, known: ReadonlyMap<string, Factor>): Modelled {
  const factors = value.factors.map((factor) => known.get(factor.name) ?? factor);
  if (factors.every((factor, i) => factor === value.factors[i])) return value;
  const mids = factors.map(({ name, mid }): [string, number] => [name, mid]);
  return { factors, at: (values) => value.at(new Map([...mids, ...values])) };
}

function combine(
  parts: readonly Modelled[],
  join: (values: readonly number[]) => number,
): Modelled {
  return {
    factors: factorsOf(parts),
    at: (values) => join(parts.map((part) => part.at(values))),
  };
}

/** The factors of all parts, each once. */
function factorsOf(parts: readonly Modelled[]): readonly Factor[] {
  const all: Factor[] = [];
  for (const part of parts) {
    for (const factor of part.factors) {
      const other = all.find(({ name }) => name === factor.name);
      if (other === undefined) all.push(factor);
      else if (other.low !== factor.low || other.high !== factor.high) {
        throw new Error(`two factors share the name ${factor.name} but not the range`);
      }
    }
  }
  return all;
}

const NO_VALUES: FactorValues = new Map();

/** Constants are added at once; what depends on factors stays a function of them. */
export function plus(...parts: readonly Modelled[]): Modelled {
  let known = 0;
  const open: Modelled[] = [];
  for (const part of parts) {
    if (part.factors.length === 0) known += part.at(NO_VALUES);
    else open.push(part);
  }
  const [only] = open;
  if (only === undefined) return constant(known);
  if (open.length === 1) {
    return known === 0 ? only : { factors: only.factors, at: (values) => known + only.at(values) };
  }
  return {
    factors: factorsOf(open),
    at: (values) => {
      let sum = known;
      for (const part of open) sum += part.at(values);
      return sum;
    },
  };
}

export function minus(a: Modelled, b: Modelled): Modelled {
  return combine([a, b], ([x = 0, y = 0]) => x - y);
}

export function largest(...parts: readonly Modelled[]): Modelled {
  return combine(parts, (values) => Math.max(...values));
}

const SAMPLES = 512;
const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53];

/** Position `index` of the Halton sequence to `base`: evenly spread, the same on every machine. */
function halton(index: number, base: number): number {
  let result = 0;
  let fraction = 1;
  for (let i = index; i > 0; i = Math.floor(i / base)) {
    fraction /= base;
    result += fraction * (i % base);
  }
  return result;
}

/** Inverse of the triangular distribution over (low, mid, high). */
function triangular(factor: Factor, u: number): number {
  const { low, mid, high } = factor;
  if (high === low) return low;
  const turn = (mid - low) / (high - low);
  return u < turn
    ? low + Math.sqrt(u * (high - low) * (mid - low))
    : high - Math.sqrt((1 - u) * (high - low) * (high - mid));
}

/** Samples of sets of factors that were asked for lately: the same factors stand in many values. */
const drawn = new Map<string, readonly FactorValues[]>();
const MOST_DRAWN = 64;

/** A fixed, evenly spread sample of factors, each triangular over its range. */
function samplesOf(factors: readonly Factor[]): readonly FactorValues[] {
  const key = factors.map(({ name, low, mid, high }) => `${name} ${low} ${mid} ${high}`).join('\n');
  const known = drawn.get(key);
  if (known !== undefined) return known;
  const samples: FactorValues[] = [];
  for (let i = 1; i <= SAMPLES; i++) {
    const values = factors.map((factor, at): [string, number] => {
      const prime = PRIMES[at % PRIMES.length] ?? 2;
      // More factors than primes: shift the sequence so that no two factors move together.
      const shift = Math.floor(at / PRIMES.length) * 0.381966;
      return [factor.name, triangular(factor, (halton(i, prime) + shift) % 1)];
    });
    samples.push(new Map(values));
  }
  if (drawn.size >= MOST_DRAWN) drawn.clear();
  drawn.set(key, samples);
  return samples;
}

/**
 * The p90 interval of a modelled value, in whole bytes: 5th and 95th percentile over a fixed, evenly spread sample
 * of its factors (each triangular over its range), with the value at every mid in the middle.
 */
export function spread(value: Modelled): Interval {
  const mid = Math.round(
    value.at(new Map(value.factors.map((factor) => [factor.name, factor.mid]))),
  );
  if (value.factors.length === 0) return interval(mid, mid, mid, 'p90');
  const results = Float64Array.from(samplesOf(value.factors), (values) =>
    Math.round(value.at(values)),
  ).sort();
  const low = results[Math.floor(SAMPLES * 0.05)] ?? mid;
  const high = results[Math.ceil(SAMPLES * 0.95) - 1] ?? mid;
  return interval(Math.min(low, mid), mid, Math.max(high, mid), 'p90');
}
