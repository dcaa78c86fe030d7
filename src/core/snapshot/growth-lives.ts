/**
 * The lives of the allocations of each place in the code, counted in steps: which are still there at the
 * end, how long those lived that were let go, and which stay longer than that can explain.
 */
import { NONE } from './columns.ts';
import type { Series } from './growth-series.ts';
import { BEFORE } from './lifetimes.ts';
import type { OwnerNames } from './owners.ts';
import { type DeviceView, hasFrames } from './phases.ts';
import type { Steps } from './phases-steps.ts';

/** Of `Ages.age`: still there at the end. */
export const ALIVE: number = NONE;

/** Steps of the traced allocations. */
export interface Ages {
  /** Per traced allocation: its step; NONE before the first. */
  readonly step: Uint32Array;
  /** Per traced allocation: steps until it was let go, or ALIVE. */
  readonly age: Uint32Array;
  /** Rows of those that outlived their step: most do not. */
  readonly outliving: Uint32Array;
}

export function agesOf({ lifetimes }: DeviceView, { starts }: Steps): Ages {
  const step = new Uint32Array(lifetimes.traced).fill(NONE);
  const age = new Uint32Array(lifetimes.traced).fill(ALIVE);
  const outliving = new Uint32Array(lifetimes.traced);
  let count = 0;
  let current = -1;
  for (let row = 0; row < lifetimes.traced; row++) {
    const start = lifetimes.start[row] as number;
    while (current + 1 < starts.length && (starts[current + 1] as number) <= start) current++;
    if (current < 0) continue;
    step[row] = current;
    const freed = lifetimes.freed[row] as number;
    if (freed < BEFORE) age[row] = stepAt(starts, freed, current) - current;
    if (age[row] !== 0) outliving[count++] = row;
  }
  return { step, age, outliving: outliving.slice(0, count) };
}

/** The step of an event in or after a step. Most are let go in their own or the next one. */
function stepAt(starts: Uint32Array, event: number, from: number): number {
  let low = from;
  let high = Math.min(starts.length, from + 2);
  if (high < starts.length && (starts[high] as number) <= event) high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] as number) <= event) low = middle;
    else high = middle;
  }
  return low;
}

/** A number per traced allocation, NONE for those left out. */
export interface Groups {
  readonly ofRow: Uint32Array;
  readonly count: number;
}

/**
 * Numbers what has a stack by `numberOf`, and what has none by its size.
 * @param count of numbers that `numberOf` gives.
 */
function groupsBy(view: DeviceView, numberOf: (stack: number) => number, count: number): Groups {
  const { lifetimes, facts } = view;
  const ofRow = new Uint32Array(lifetimes.traced);
  const sizes = new Map<number, number>();
  for (let row = 0; row < lifetimes.traced; row++) {
    const stack = lifetimes.stack[row] as number;
    if (hasFrames(facts, stack)) {
      ofRow[row] = numberOf(stack);
      continue;
    }
    const size = lifetimes.size[row] as number;
    let group = sizes.get(size);
    if (group === undefined) {
      group = count + sizes.size;
      sizes.set(size, group);
    }
    ofRow[row] = group;
  }
  return { ofRow, count: count + sizes.size };
}

export const stackGroups = (view: DeviceView): Groups =>
  groupsBy(view, (stack) => stack, view.facts.traits.length);

/** A group per line of the user's code; there are at most as many as stacks. */
export function lineGroups(view: DeviceView, names: OwnerNames): Groups {
  const stacks = view.facts.traits.length;
  const ofStack = new Uint32Array(stacks).fill(NONE);
  const ids = new Map<string, number>();
  const numberOf = (stack: number): number => {
    const known = ofStack[stack] as number;
    if (known !== NONE) return known;
    const { name } = names.nameOf('line', stack);
    const id = ids.get(name) ?? ids.size;
    ids.set(name, id);
    ofStack[stack] = id;
    return id;
  };
  return groupsBy(view, numberOf, stacks);
}

/** All that has no stack as one: leaks of changing sizes do not show by size. */
export function unframedGroup({ lifetimes, facts }: DeviceView): Groups {
  const ofRow = new Uint32Array(lifetimes.traced).fill(NONE);
  for (let row = 0; row < lifetimes.traced; row++) {
    if (!hasFrames(facts, lifetimes.stack[row] as number)) ofRow[row] = 0;
  }
  return { ofRow, count: 1 };
}

/** Rows or ages of groups, one group after the other: those of `g` from `offset[g]` to `offset[g + 1]`. */
interface Lists {
  readonly offset: Uint32Array;
  readonly of: Uint32Array;
}

export interface Lives {
  /** Rows of what is still there, in the order of their allocation. */
  readonly alive: Lists;
  /** Ages of what was let go after two steps or later. */
  readonly longAges: Lists;
  /** Per group: what lived into the next step and no further. */
  readonly carried: Uint32Array;
}

export function livesOf({ age, outliving }: Ages, groups: Groups): Lives {
  const carried = new Uint32Array(groups.count);
  const isAlive = (row: number): boolean => age[row] === ALIVE;
  const isLong = (row: number): boolean => age[row] !== ALIVE && (age[row] as number) >= 2;
  for (const row of outliving) {
    const group = groups.ofRow[row] as number;
    if (age[row] === 1 && group !== NONE) carried[group] = (carried[group] as number) + 1;
  }
  const rows = (is: (row: number) => boolean, value: (row: number) => number): Lists =>
    listed(groups, outliving.filter(is), value);
  return {
    alive: rows(isAlive, (row) => row),
    longAges: rows(isLong, (row) => age[row] as number),
    carried,
  };
}

function listed(
  { ofRow, count }: Groups,
  rows: Uint32Array,
  value: (row: number) => number,
): Lists {
  const offset = new Uint32Array(count + 1);
  for (const row of rows) {
    const group = ofRow[row] as number;
    if (group !== NONE) offset[group + 1] = (offset[group + 1] as number) + 1;
  }
  for (let group = 0; group < count; group++) {
    offset[group + 1] = (offset[group + 1] as number) + (offset[group] as number);
  }
  const next = offset.slice();
  const of = new Uint32Array(offset[count] as number);
  for (const row of rows) {
    const group = ofRow[row] as number;
    if (group === NONE) continue;
    const at = next[group] as number;
    of[at] = value(row);
    next[group] = at + 1;
  }
  return { offset, of };
}

const listOf = ({ offset, of }: Lists, group: number): Uint32Array =>
  of.subarray(offset[group] as number, offset[group + 1] as number);

export const aliveIn = (lives: Lives, group: number): Uint32Array => listOf(lives.alive, group);
export const longAgesIn = (lives: Lives, group: number): Uint32Array =>
  listOf(lives.longAges, group);

/** Exceptions among what was let go, as a share of what is still there. */
const EXCEPTIONS = 0.05;
/** What has been there for so many times the longest life stays for another reason. */
const OVERDUE = 1.5;

/**
 * Steps after which what is still there is not explained by how long others of its place lived: a cache
 * that drops its oldest, or a list that each epoch clears, holds nothing older.
 */
export function overdueAge(lives: Lives, group: number): number {
  const alive = aliveIn(lives, group).length;
  const exceptions = Math.floor(alive * EXCEPTIONS);
  const long = longAgesIn(lives, group).slice().sort();
  const longest = long[long.length - 1 - exceptions];
  if (longest !== undefined) return Math.floor(longest * OVERDUE) + 1;
  return (lives.carried[group] as number) + long.length > exceptions ? 2 : 1;
}

/** Steps that left something, of rows in the order of their allocation. @param before rows of later steps are left out. */
export function seriesOf(
  { lifetimes }: DeviceView,
  { step }: Ages,
  rows: Uint32Array,
  before: number,
): Series {
  const series = { step: [] as number[], count: [] as number[], bytes: [] as number[] };
  for (const row of rows) {
    const own = step[row] as number;
    if (own >= before) break;
    let at = series.step.length - 1;
    if (series.step[at] !== own) {
      at = series.step.push(own) - 1;
      series.count.push(0);
      series.bytes.push(0);
    }
    series.count[at] = (series.count[at] as number) + 1;
    series.bytes[at] = (series.bytes[at] as number) + (lifetimes.block[row] as number);
  }
  return series;
}
