/**
 * What stays behind step after step. An allocation is left behind when it is still there at the end, its
 * step is over, and others of its place do not live so long; a place in the code leaks when that goes on
 * to the end of the trace at a steady pace. Starting up, caches that fill and lists that are cleared do not
 * look like that.
 */
import { type Statement, say } from '../base/texts.ts';
import { isUnknown, type Unknown } from '../base/unknown.ts';
import { type Categories, categoryOf } from './categories.ts';
import type { Category } from './categories-rules.ts';
import { NONE } from './columns.ts';
import {
  type Ages,
  agesOf,
  aliveIn,
  type Groups,
  type Lives,
  lineGroups,
  livesOf,
  longAgesIn,
  overdueAge,
  seriesOf,
  stackGroups,
  unframedGroup,
} from './growth-lives.ts';
import { isInputGrowing, type Replaced, replacedByLarger } from './growth-replaced.ts';
import { type Pace, paceOf, type Window } from './growth-series.ts';
import { TEXTS } from './growth-texts.ts';
import { OwnerNames } from './owners.ts';
import { Stage } from './owners-frames.ts';
import { type DeviceView, hasFrames } from './phases.ts';
import type { Steps } from './phases-steps.ts';

/** First steps in which programs make what they keep: states, gradients, workspaces, caches. */
const WARM_UP = 2;
/** Of few steps so large a part. */
const WARM_UP_PART = 4;
/** Steps that show something by themselves, and those that leave no doubt. */
const PLAIN = 6;
const MANY = 12;
const MOST_ENTRIES = 100;
/** Copies of the parameters that an optimizer makes by right: two of Adam, and a little. */
const STATES = 2.1;

export const GROWTH_KINDS = ['left_behind', 'larger_each_step'] as const;

export interface GrowthSteps {
  readonly count: number;
  readonly how: Steps['how'];
  readonly name?: string;
  readonly regularity: number;
}

export interface Growth {
  /**
   * `left_behind`: each step leaves allocations that nothing frees. `larger_each_step`: one allocation
   * is replaced by a larger one.
   */
  readonly kind: (typeof GROWTH_KINDS)[number];
  /** `likely`: the evidence leaves little else. `possible`: steps are few or guessed, or it may end. */
  readonly strength: 'likely' | 'possible';
  /** Index of the stack of the largest of them, or NONE: without stacks. */
  readonly stack: number;
  /** The line of the user's code, as owners name it, and its frame, or NONE. */
  readonly line: string;
  readonly frame: number;
  readonly category: Category;
  readonly bytesPerStep: number;
  readonly countPerStep: number;
  /** What it has left behind by the end. */
  readonly bytes: number;
  readonly count: number;
  /** First and last step that left something behind, and how many steps in between did. */
  readonly firstStep: number;
  readonly lastStep: number;
  readonly steps: number;
  /** Age of the oldest, in steps. */
  readonly oldestSteps: number;
  readonly because: readonly Statement[];
  readonly against: readonly Statement[];
}

export interface GrowthReport {
  readonly steps: GrowthSteps;
  /** By stack, most bytes per step first. */
  readonly stacks: readonly Growth[];
  /** By line of the user's code, the same. */
  readonly lines: readonly Growth[];
}

/** What stays behind, or why that cannot be told. */
export function growthOf(
  view: DeviceView,
  categories: Categories,
  steps: Steps | Unknown,
  names: OwnerNames = new OwnerNames(view),
): GrowthReport | Unknown {
  if (isUnknown(steps)) return steps;
  const total = steps.starts.length;
  const ages = agesOf(view, steps);
  const stacks = stackGroups(view);
  const warmUp = Math.min(WARM_UP, Math.floor((total - 1) / WARM_UP_PART));
  // The last step may not be over.
  const window = { from: warmUp, to: total - 1 };
  const isFollowing = isInputGrowing(view, ages, stacks, window);
  const judge = { view, categories, steps, ages, window, names, isFollowing };
  return {
    steps: {
      count: total,
      how: steps.how,
      ...(steps.name === undefined ? {} : { name: steps.name }),
      regularity: steps.regularity,
    },
    stacks: growthIn(judge, stacks),
    lines: growthIn(judge, lineGroups(view, names)),
  };
}

interface Judge {
  readonly view: DeviceView;
  readonly categories: Categories;
  readonly steps: Steps;
  readonly ages: Ages;
  readonly window: Window;
  readonly names: OwnerNames;
  /** What steps use grows as well: the inputs do. */
  readonly isFollowing: boolean;
}

function growthIn(judge: Judge, groups: Groups): readonly Growth[] {
  const found = [...leftIn(judge, groups), ...largerIn(judge, groups)];
  if (!found.some(({ stack }) => stack === NONE)) {
    found.push(...leftIn(judge, unframedGroup(judge.view)));
  }
  return nameGraphs(found)
    .sort(
      (a, b) =>
        // What is surer comes first, then what is larger.
        Number(b.strength === 'likely') - Number(a.strength === 'likely') ||
        b.bytesPerStep - a.bytesPerStep ||
        (a.line < b.line ? -1 : 1),
    )
    .slice(0, MOST_ENTRIES);
}

function leftIn(judge: Judge, groups: Groups): readonly Growth[] {
  const lives = livesOf(judge.ages, groups);
  const found: Growth[] = [];
  for (let group = 0; group < groups.count; group++) {
    const entry = left(judge, lives, group);
    if (entry !== undefined) found.push(entry);
  }
  return found;
}

function left(judge: Judge, lives: Lives, group: number): Growth | undefined {
  const { view, ages, steps, window } = judge;
  const rows = aliveIn(lives, group);
  if (rows.length === 0) return undefined;
  const last = steps.starts.length - 1;
  const overdue = overdueAge(lives, group);
  const to = last - overdue + 1;
  const series = seriesOf(view, ages, rows, to);
  if (series.step.length === 0) return undefined;
  const all = seriesOf(view, ages, rows, last + 1);
  const pace = paceOf(series, all, { from: window.from, to }, last);
  if (pace === undefined) return undefined;
  const sample = largestOf(view, rows);
  const described = describe(judge, sample);
  const bytes = all.bytes.reduce((sum, own) => sum + own, 0);
  if (isByRight(judge, sample, bytes, pace)) return undefined;
  const long = longAgesIn(lives, group);
  const isPlain = pace.steps >= PLAIN || isTold(steps);
  return {
    ...described,
    kind: 'left_behind',
    strength: pace.isLate || pace.isShort || !isPlain ? 'possible' : described.strength,
    bytesPerStep: pace.bytesPerStep,
    countPerStep: pace.countPerStep,
    bytes,
    count: rows.length,
    firstStep: pace.first,
    lastStep: pace.last,
    steps: pace.steps,
    oldestSteps: last - (all.step[0] as number),
    because: reasons(pace, series.count, overdue, long, to),
    against: [...objections(pace, long), ...doubts(judge), say(TEXTS, 'may-be-cleared')],
  };
}

function reasons(
  pace: Pace,
  count: readonly number[],
  overdue: number,
  long: Uint32Array,
  to: number,
): readonly Statement[] {
  const because = [
    say(TEXTS, 'left', {
      steps: pace.steps,
      of: to - pace.first,
      count: count.reduce((sum, own) => sum + own, 0),
    }),
  ];
  const period = Math.round(pace.period);
  if (period > 1) because.push(say(TEXTS, 'every', { period }));
  if (long.length === 0) because.push(say(TEXTS, 'never-freed'));
  else if (overdue > 2) because.push(say(TEXTS, 'overdue', { n: overdue - 1 }));
  return because;
}

function objections(pace: Pace, long: Uint32Array): readonly Statement[] {
  const against: Statement[] = [];
  if (pace.isLate) against.push(say(TEXTS, 'late', { first: pace.first }));
  if (pace.isShort) against.push(say(TEXTS, 'short'));
  if (long.length > 0) against.push(say(TEXTS, 'some-freed', { n: long.length }));
  return against;
}

/** What grows because it should. @param sample the largest allocation. @param bytes of all. */
function isByRight(judge: Judge, sample: number, bytes: number, pace: Pace): boolean {
  const { view, categories, steps } = judge;
  const category = categoryOf(categories, sample);
  // Each parameter has its states, once: those of layers that thaw one by one come late.
  if (category === 'optimizer_state') return bytes <= STATES * parameterBytes(judge);
  if (isTold(steps)) return false;
  // One graph after the other is captured, and each keeps what it needs.
  const stage = view.stages.stage[view.lifetimes.start[sample] as number];
  if (stage === Stage.capture) return true;
  // Tokens that calls of the model add to the cache of their request.
  const isByCall = steps.how === 'calls' || steps.how === 'recurrence';
  return category === 'kv_cache' && isByCall && pace.period < 2;
}

function parameterBytes({ view, categories }: Judge): number {
  const { lifetimes } = view;
  let sum = 0;
  for (let row = 0; row < lifetimes.count; row++) {
    if (lifetimes.freed[row] === NONE && categoryOf(categories, row) === 'parameters') {
      sum += lifetimes.block[row] as number;
    }
  }
  return sum;
}

function largestOf({ lifetimes }: DeviceView, rows: Uint32Array): number {
  let largest = rows[0] as number;
  for (const row of rows) {
    if ((lifetimes.block[row] as number) > (lifetimes.block[largest] as number)) largest = row;
  }
  return largest;
}

function largerIn(judge: Judge, groups: Groups): readonly Growth[] {
  const { view, ages, window, isFollowing } = judge;
  if (isFollowing) return [];
  return replacedByLarger(view, ages, groups, window).flatMap((each) => larger(judge, each) ?? []);
}

function larger(judge: Judge, replaced: Replaced): Growth | undefined {
  const { view, window } = judge;
  const { row, steps, firstBytes, bytes } = replaced;
  const described = describe(judge, row);
  // Growing with every token is what a KV cache, and what a loop of tokens keeps, is for.
  const stage = view.stages.stage[view.lifetimes.start[row] as number];
  if (described.category === 'kv_cache' || stage === Stage.generate) return undefined;
  return {
    ...described,
    kind: 'larger_each_step',
    strength: 'possible',
    bytesPerStep: (bytes - firstBytes) / Math.max(1, steps - 1),
    countPerStep: 0,
    bytes,
    count: 1,
    firstStep: window.from,
    lastStep: replaced.lastStep,
    steps,
    oldestSteps: 1,
    because: [say(TEXTS, 'larger', { steps: replaced.larger, of: steps - 1 })],
    against: doubts(judge),
  };
}

type Described = Pick<Growth, 'stack' | 'line' | 'frame' | 'category' | 'strength'>;

/** The program itself, by annotations or by what its stages are, tells the steps. */
const isTold = ({ how }: Steps): boolean =>
  how === 'annotation' || how === 'optimizer' || how === 'backward';

function describe(judge: Judge, sample: number): Described {
  const { view, categories, names, steps } = judge;
  const stack = view.lifetimes.stack[sample] as number;
  const isFramed = hasFrames(view.facts, stack);
  const name = isFramed ? names.nameOf('line', stack) : undefined;
  return {
    stack: isFramed ? stack : NONE,
    line: name?.name ?? 'no stack',
    frame: name?.frame ?? NONE,
    category: categoryOf(categories, sample),
    strength: isFramed && (isTold(steps) || steps.how === 'loop') ? 'likely' : 'possible',
  };
}

function doubts({ steps, window }: Judge): readonly Statement[] {
  const statements: Statement[] = [];
  if (steps.how === 'calls') statements.push(say(TEXTS, 'may-be-layers'));
  else if (!isTold(steps)) statements.push(say(TEXTS, 'guessed'));
  if (window.to - window.from < MANY) {
    statements.push(say(TEXTS, 'few-steps', { n: steps.starts.length }));
  }
  return statements;
}

/** Values so small are numbers, such as a loss. */
const SMALL_VALUE = 4096;

/** Activations that stay together with small results: a graph is kept by whoever keeps the result. */
function nameGraphs(entries: readonly Growth[]): Growth[] {
  const behind = entries.filter((entry) => entry.kind === 'left_behind');
  const isSmall = (entry: Growth): boolean => entry.bytes <= entry.count * SMALL_VALUE;
  const isHeld = (entry: Growth): boolean =>
    !isSmall(entry) && (entry.category === 'activations' || entry.category === 'logits');
  const small = behind.filter((entry) => isSmall(entry) && entry.line !== 'no stack');
  const value = small.find((entry) => entry.category === 'logits') ?? small.at(-1);
  if (value === undefined || !behind.some(isHeld)) return [...entries];
  return entries.map((entry) =>
    isHeld(entry)
      ? { ...entry, because: [...entry.because, say(TEXTS, 'graph-kept', { line: value.line })] }
      : entry,
  );
}
