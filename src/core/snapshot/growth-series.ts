/**
 * What a series of steps that left something behind looks like: growth that goes on, or a start, a cache
 * that fills, a burst. Pure arithmetic; steps are counted from 0.
 */

/** Steps that left something behind, ascending: how many allocations each, and their bytes. */
export interface Series {
  readonly step: readonly number[];
  readonly count: readonly number[];
  readonly bytes: readonly number[];
}

/** Steps that decide, `from` included and `to` not: after the start, and before what may yet be let go. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

export interface Pace {
  readonly first: number;
  readonly last: number;
  /** Steps of the window that left something. */
  readonly steps: number;
  /** Steps between two of them, on average. */
  readonly period: number;
  /** It begins only in the midst of the run. */
  readonly isLate: boolean;
  /** Too few to be told from a start, but all alike from the first to the last. */
  readonly isShort: boolean;
  /** Robust against single bursts. */
  readonly bytesPerStep: number;
  readonly countPerStep: number;
}

/** Fewer steps that left something show growth only if they are all alike. */
const FEWEST = 4;
/** Of these, so many at least are over. */
const FEWEST_OVER = 3;
/** What begins in the midst of the run has to show itself for longer, and for a part of it. */
const FEWEST_LATE = 6;
const LEAST_LATE_PART = 1 / 4;
/** Growth that slows down: gaps between steps become so much longer, and the more they scatter the more. */
const SLOWER = 1.3;
const SLOWER_SIGMAS = 1.64;
/** Each of the last steps leaves so much less than each of the first. */
const FADED = 0.5;
/** Bursts stand apart by a gap of so many usual ones. */
const APART = 4;
/** Bytes of one step that count, in median steps. */
const LARGEST_OF_USUAL = 4;
/** Pairs of so many points are compared. */
const MOST_POINTS = 48;

/** The pace of growth that goes on to the end of the window; undefined where it is none. */
export function paceOf(
  series: Series,
  all: Series,
  window: Window,
  last: number,
): Pace | undefined {
  const after = within(series, window);
  return (
    steady(after, window) ??
    steady(bursts(after), window) ??
    (isAlike(series, all, last) ? short(series) : undefined)
  );
}

function within({ step, count, bytes }: Series, { from, to }: Window): Series {
  const begin = step.findIndex((own) => own >= from);
  if (begin < 0) return { step: [], count: [], bytes: [] };
  let end = step.length;
  while (end > begin && (step[end - 1] as number) >= to) end--;
  return {
    step: step.slice(begin, end),
    count: count.slice(begin, end),
    bytes: bytes.slice(begin, end),
  };
}

/** Growth step by step, or every so many steps. */
function steady(series: Series, window: Window): Pace | undefined {
  const { step } = series;
  const steps = step.length;
  if (steps < FEWEST) return undefined;
  const first = step[0] as number;
  const last = step.at(-1) as number;
  const period = (window.to - first) / steps;
  const gaps = gapsOf(step);
  // Steps that come by chance, such as misses of a cache, leave longer gaps the more of them there are.
  const allowed = Math.max(2, Math.ceil(period * (2 + spreadOf(gaps) * Math.log(steps))));
  const silence = window.to - 1 - last;
  if (Math.max(silence, ...gaps) > allowed) return undefined;
  const isLate = first - window.from >= Math.max(2, Math.ceil(period * 2));
  const isLong = window.to - first >= (window.to - window.from) * LEAST_LATE_PART;
  if (isLate && (steps < FEWEST_LATE || !isLong)) return undefined;
  if (slowsDown(gaps, silence) || fades(series.count)) return undefined;
  return { first, last, steps, period, isLate, isShort: false, ...slopes(series) };
}

/** Each burst as one step, its first, where steps come in bursts; else nothing. */
function bursts({ step, count, bytes }: Series): Series {
  const none = { step: [], count: [], bytes: [] };
  const gaps = gapsOf(step);
  const usual = median(gaps);
  if (gaps.length < FEWEST || Math.max(...gaps) < usual * APART) return none;
  const joined = { step: [] as number[], count: [] as number[], bytes: [] as number[] };
  for (let i = 0; i < step.length; i++) {
    const isNew = i === 0 || (gaps[i - 1] as number) > usual * 2;
    if (isNew) {
      joined.step.push(step[i] as number);
      joined.count.push(0);
      joined.bytes.push(0);
    }
    const at = joined.step.length - 1;
    joined.count[at] = (joined.count[at] as number) + (count[i] as number);
    joined.bytes[at] = (joined.bytes[at] as number) + (bytes[i] as number);
  }
  return joined;
}

const gapsOf = (step: readonly number[]): readonly number[] =>
  step.slice(1).map((own, i) => own - (step[i] as number));

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Standard deviation over mean, at most 1, which is that of pure chance. */
function spreadOf(values: readonly number[]): number {
  const middle = mean(values);
  if (middle === 0) return 0;
  const variance = mean(values.map((value) => (value - middle) ** 2));
  return Math.min(1, Math.sqrt(variance) / middle);
}

/**
 * Whether gaps become longer: a cache that fills misses ever more seldom.
 * @param silence steps since the last one: at least so long is the gap that is still open.
 */
function slowsDown(closed: readonly number[], silence: number): boolean {
  const gaps = silence > mean(closed) ? [...closed, silence] : closed;
  const half = gaps.length >> 1;
  const early = gaps.slice(0, half);
  const late = gaps.slice(gaps.length - half);
  const slower = mean(late) / Math.max(1, mean(early));
  const isSteeper = gaps.length >= 3 && isRising(gaps) && slower >= SLOWER;
  const chance = (spreadOf(early) + spreadOf(late)) / 2;
  const limit = 1 + Math.max(SLOWER - 1, SLOWER_SIGMAS * chance * Math.sqrt(2 / Math.max(1, half)));
  return isSteeper || (gaps.length >= FEWEST_LATE && slower > limit);
}

/** Nearly every later value is larger than every earlier one. */
function isRising(values: readonly number[]): boolean {
  let balance = 0;
  let pairs = 0;
  const points = thinned(values.length);
  for (let a = 0; a < points.length; a++) {
    for (let b = a + 1; b < points.length; b++) {
      const [earlier, later] = [values[points[a] as number], values[points[b] as number]];
      balance += Math.sign((later as number) - (earlier as number));
      pairs++;
    }
  }
  return pairs > 0 && balance >= pairs * 0.8;
}

/** The last steps that left something left much less than the first. */
function fades(count: readonly number[]): boolean {
  if (count.length < FEWEST_LATE) return false;
  const third = Math.floor(count.length / 3);
  return mean(count.slice(-third)) < mean(count.slice(0, third)) * FADED;
}

/** From the start to the end, evenly, and each the same. @param all those of the last steps, too. */
function isAlike(over: Series, all: Series, last: number): boolean {
  const { step, count } = all;
  if (step.length < FEWEST || over.step.length < FEWEST_OVER) return false;
  const gaps = gapsOf(step);
  const shortest = Math.min(...gaps);
  const longest = Math.max(...gaps);
  if (longest - shortest > Math.floor(shortest / 5)) return false;
  if ((step[0] as number) > longest || last - (step.at(-1) as number) > longest) return false;
  // The last step may not be over.
  return (
    over.count.every((own) => own === over.count[0]) &&
    (count.at(-1) as number) <= (count[0] as number)
  );
}

function short(series: Series): Pace {
  const { step } = series;
  const first = step[0] as number;
  const last = step.at(-1) as number;
  const steps = step.length;
  const period = (last - first) / (steps - 1);
  return { first, last, steps, period, isLate: false, isShort: true, ...slopes(series) };
}

/** Indices of at most MOST_POINTS of so many, evenly, the first and last among them. */
function thinned(length: number): readonly number[] {
  const points = Math.min(length, MOST_POINTS);
  return Array.from({ length: points }, (_, i) =>
    points < 2 ? 0 : Math.round((i * (length - 1)) / (points - 1)),
  );
}

/**
 * What a step adds on average, the first that left something not counted: it tells where the others begin.
 * A burst counts for no more than a few usual steps, so that one large copy does not pass for a pace.
 */
function slopes({ step, count, bytes }: Series): Pick<Pace, 'bytesPerStep' | 'countPerStep'> {
  return { bytesPerStep: slope(step, bytes), countPerStep: slope(step, count) };
}

function slope(step: readonly number[], added: readonly number[]): number {
  const most = median(added) * LARGEST_OF_USUAL;
  const sum = added.slice(1).reduce((total, own) => total + Math.min(own, most), 0);
  return sum / ((step.at(-1) as number) - (step[0] as number));
}
