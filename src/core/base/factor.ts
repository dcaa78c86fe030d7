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
  /** It never falls where a factor grows: its ends are at the ends of its factors. */
  readonly rises?: boolean;
  at(values: FactorValues): number;
  /** The same for a whole sample at once; the result may be shared and is not written to. */
  over?(sample: Sample): Float64Array;
}

/** `at` for each row of a sample. */
export const overSample = (value: Modelled, sample: Sample): Float64Array =>
  value.over?.(sample) ?? Float64Array.from(sample.rows, (values) => value.at(values));

/** A new column, each of its values made of its place. */
export function columnOf(of: (at: number) => number): Float64Array {
  const column = new Float64Array(SAMPLES);
  for (let i = 0; i < SAMPLES; i += 1) column[i] = of(i);
  return column;
}

const NO_FACTORS: readonly Factor[] = [];

/** Classes, for most values are one of the two: thousands of them are made in a search. */
class Constant implements Modelled {
  readonly factors = NO_FACTORS;
  readonly rises = true;
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  at(): number {
    return this.value;
  }

  over(): Float64Array {
    return new Float64Array(SAMPLES).fill(this.value);
  }
}

export const constant = (value: number): Modelled => new Constant(value);

export function ofFactor(factor: Factor): Modelled {
  return {
    factors: [factor],
    rises: true,
    at: (values) => values.get(factor.name) ?? factor.mid,
    over: (sample) => sample.column(factor),
  };
}

/** Bytes times a ratio. */
export function scaled(bytes: number, factor: Factor): Modelled {
  return {
    factors: [factor],
    rises: bytes >= 0,
    at: (values) => bytes * (values.get(factor.name) ?? factor.mid),
    over: (sample) => {
      const column = sample.column(factor);
      return columnOf((i) => bytes * (column[i] as number));
    },
  };
}

/** The value with some of its factors known better: their ranges, and their mids where nothing else is said. */
export function withFactors(value: Modelled, known: ReadonlyMap<string, Factor>): Modelled {
  const factors = value.factors.map((factor) => known.get(factor.name) ?? factor);
  if (factors.every((factor, i) => factor === value.factors[i])) return value;
  const mids = factors.map(({ name, mid }): [string, number] => [name, mid]);
  return {
    ...risingOf([value]),
    factors,
    at: (values) => value.at(new Map([...mids, ...values])),
    over: (sample) => overSample(value, sample),
  };
}

/** A value that is never below nothing, times a ratio. */
export function timesFactor(value: Modelled, factor: Factor): Modelled {
  return {
    ...risingOf([value]),
    factors: [...value.factors, factor],
    at: (values) => value.at(values) * (values.get(factor.name) ?? factor.mid),
    over: (sample) => {
      const [column, bytes] = [sample.column(factor), overSample(value, sample)];
      return columnOf((i) => (bytes[i] as number) * (column[i] as number));
    },
  };
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
      if (all.includes(factor)) continue;
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

const risingOf = (parts: readonly Modelled[]): { readonly rises?: boolean } =>
  parts.every(({ rises }) => rises === true) ? { rises: true } : {};

/** A value at the ends of all its factors, where that tells its ends. */
export function endsOf(
  value: Modelled,
): { readonly low: number; readonly high: number } | undefined {
  if (value.rises !== true) return undefined;
  const at = (end: 'low' | 'high'): number =>
    value.at(new Map(value.factors.map((factor) => [factor.name, factor[end]])));
  return { low: at('low'), high: at('high') };
}

/** Something known, and values that depend on factors. */
class Sum implements Modelled {
  readonly factors: readonly Factor[];
  readonly rises: boolean;
  readonly #known: number;
  readonly #open: readonly Modelled[];

  constructor(known: number, open: readonly Modelled[]) {
    const [only] = open;
    this.factors = open.length === 1 && only !== undefined ? only.factors : factorsOf(open);
    this.rises = open.every(({ rises }) => rises === true);
    this.#known = known;
    this.#open = open;
  }

  at(values: FactorValues): number {
    let sum = this.#known;
    for (const part of this.#open) sum += part.at(values);
    return sum;
  }

  over(sample: Sample): Float64Array {
    const sum = new Float64Array(SAMPLES).fill(this.#known);
    for (const part of this.#open) {
      const column = overSample(part, sample);
      for (let i = 0; i < SAMPLES; i += 1) (sum[i] as number) += column[i] as number;
    }
    return sum;
  }
}

/** Constants are added at once; what depends on factors stays a function of them. */
export function plus(...parts: readonly Modelled[]): Modelled {
  let known = 0;
  const open: Modelled[] = [];
  for (const part of parts) {
    if (part instanceof Constant) known += part.value;
    else if (part.factors.length === 0) known += part.at(NO_VALUES);
    else open.push(part);
  }
  const [only] = open;
  if (only === undefined) return constant(known);
  return open.length === 1 && known === 0 ? only : new Sum(known, open);
}

export function minus(a: Modelled, b: Modelled): Modelled {
  return {
    ...combine([a, b], ([x = 0, y = 0]) => x - y),
    over: (sample) => {
      const [whole, part] = [overSample(a, sample), overSample(b, sample)];
      return columnOf((i) => (whole[i] as number) - (part[i] as number));
    },
  };
}

export function largest(...parts: readonly Modelled[]): Modelled {
  return {
    ...combine(parts, (values) => Math.max(...values)),
    ...risingOf(parts),
    over: (sample) => {
      const columns = parts.map((part) => overSample(part, sample));
      return columnOf((i) =>
        columns.reduce((most, column) => Math.max(most, column[i] as number), -Infinity),
      );
    },
  };
}

/** Rows of a sample. */
export const SAMPLES = 512;
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

/** Positions of a place in a list of factors, one for each row of a sample. */
const positions: (Float64Array | undefined)[] = [];

function positionsOf(place: number): Float64Array {
  let found = positions[place];
  if (found === undefined) {
    const prime = PRIMES[place % PRIMES.length] ?? 2;
    // More factors than primes: shift the sequence so that no two factors move together.
    const shift = Math.floor(place / PRIMES.length) * 0.381966;
    found = columnOf((i) => (halton(i + 1, prime) + shift) % 1);
    positions[place] = found;
  }
  return found;
}

/** A fixed, evenly spread sample of factors, each triangular over its range. */
export class Sample {
  readonly #factors: readonly Factor[];
  readonly #columns = new Map<string, Float64Array>();
  #rows: readonly FactorValues[] | undefined;

  constructor(factors: readonly Factor[]) {
    this.#factors = factors;
  }

  /** Values of a factor; its mid where it is none of the sample's. */
  column(factor: Factor): Float64Array {
    let column = this.#columns.get(factor.name);
    if (column === undefined) {
      const place = this.#factors.findIndex(({ name }) => name === factor.name);
      const own = this.#factors[place];
      const at = place === -1 ? undefined : positionsOf(place);
      column = columnOf((i) =>
        own === undefined || at === undefined ? factor.mid : triangular(own, at[i] as number),
      );
      this.#columns.set(factor.name, column);
    }
    return column;
  }

  /** For values that are computed one by one. */
  get rows(): readonly FactorValues[] {
    this.#rows ??= Array.from(
      { length: SAMPLES },
      (_, i) =>
        new Map(
          this.#factors.map((factor) => [factor.name, this.column(factor)[i] as number] as const),
        ),
    );
    return this.#rows;
  }
}

/** Samples of sets of factors that were asked for lately: the same factors stand in many values. */
const drawn = new Map<string, Sample>();
const MOST_DRAWN = 64;

function sampleOf(factors: readonly Factor[]): Sample {
  const key = factors.map(({ name, low, mid, high }) => `${name} ${low} ${mid} ${high}`).join('\n');
  let sample = drawn.get(key);
  if (sample === undefined) {
    if (drawn.size >= MOST_DRAWN) drawn.clear();
    sample = new Sample(factors);
    drawn.set(key, sample);
  }
  return sample;
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
  const column = overSample(value, sampleOf(value.factors));
  const results = columnOf((i) => Math.round(column[i] as number)).sort();
  const low = results[Math.floor(SAMPLES * 0.05)] ?? mid;
  const high = results[Math.ceil(SAMPLES * 0.95) - 1] ?? mid;
  return interval(Math.min(low, mid), mid, Math.max(high, mid), 'p90');
}
