/**
 * Where one step of the program ends and the next begins: from annotations, from the stages of its
 * stacks, or, where there are neither, from what recurs most evenly.
 */
import { say, type TextTable } from '../base/texts.ts';
import { type Unknown, unknown } from '../base/unknown.ts';
import { Action, NONE } from './columns.ts';
import { isForward, Stage, Trait } from './owners-frames.ts';
import { type DeviceView, hasFrames, type Span } from './phases.ts';
import { fallStarts } from './phases-falls.ts';
import { type CallPaths, callPaths, loopStarts } from './phases-loops.ts';

/** By what steps are told apart, the surest first. */
export const STEP_SIGNS = [
  'annotation',
  'optimizer',
  'backward',
  'loop',
  'calls',
  'falls',
  'recurrence',
] as const;

export interface Steps {
  /** First event of each step. The last step reaches to the end of the trace and may be cut off. */
  readonly starts: Uint32Array;
  /**
   * What shows them: annotations, stages of the stacks, a loop that goes back to an earlier line, calls
   * of the model, moments when nothing is there that is let go later, or allocations that recur evenly.
   */
  readonly how: (typeof STEP_SIGNS)[number];
  /** The annotation. */
  readonly name?: string;
  /** How even the steps are, 0 to 1: 1 minus the spread of their lengths in allocations. */
  readonly regularity: number;
}

/** Fewer show nothing that could be told from a start. */
export const FEWEST_STEPS = 4;

const TEXTS = {
  en: {
    'no-trace': 'The snapshot holds no trace, only a state.',
    'no-steps': 'Nothing in the trace recurs evenly enough to be a step.',
    'few-steps': 'The trace holds {n} steps; at least {needed} are needed.',
  },
  zh: {
    'no-trace': '快照没有事件记录，只有一个状态。',
    'no-steps': '事件记录中没有足够规律的重复，看不出步。',
    'few-steps': '事件记录只包含 {n} 步，至少需要 {needed} 步。',
  },
  ru: {
    'no-trace': 'В снимке нет записи событий, только состояние.',
    'no-steps': 'В записи ничто не повторяется достаточно ровно, чтобы считать это шагом.',
    'few-steps': 'В записи шагов: {n}; нужно не меньше {needed}.',
  },
} as const satisfies TextTable;

/** The steps of a device's trace, or why they are not known. */
export function stepsOf(view: DeviceView): Steps | Unknown {
  if (view.lifetimes.traced === 0) return unknown(say(TEXTS, 'no-trace'));
  let known: CallPaths | undefined;
  const paths = (): CallPaths => {
    known ??= callPaths(view);
    return known;
  };
  let most: Steps | undefined;
  for (const find of FINDERS) {
    // Where the program tells a few steps, guessing would find parts of them.
    if (isGuess(find) && (most?.starts.length ?? 0) >= FEWEST_STEPS - 1) break;
    const steps = find(view, paths);
    if (steps === undefined) continue;
    if (steps.starts.length >= FEWEST_STEPS) return steps;
    if (most === undefined || steps.starts.length > most.starts.length) most = steps;
  }
  if (most === undefined || most.starts.length < 2) return unknown(say(TEXTS, 'no-steps'));
  return unknown(say(TEXTS, 'few-steps', { n: most.starts.length, needed: FEWEST_STEPS }));
}

type Finder = (view: DeviceView, paths: () => CallPaths) => Steps | undefined;

const loopSteps: Finder = (view, paths) => {
  const loop = loopStarts(view, paths(), FEWEST_STEPS - 1);
  if (loop === undefined || !hasWork(view, loop.starts)) return undefined;
  return made(view, [0, ...loop.starts], loop.isPass ? 'calls' : 'loop');
};

const fallSteps: Finder = (view, paths) => {
  const starts = fallStarts(view, paths(), FEWEST_STEPS);
  return starts && made(view, starts, 'falls');
};

/** 1 minus the coefficient of variation of the lengths, in allocations. */
function regularityOf(view: DeviceView, starts: Uint32Array): number {
  if (starts.length < 3) return 0;
  const { lifetimes } = view;
  const lengths: number[] = [];
  let row = 0;
  let before = -1;
  for (const start of starts) {
    while (row < lifetimes.traced && (lifetimes.start[row] as number) < start) row++;
    if (before >= 0) lengths.push(row - before);
    before = row;
  }
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  if (mean === 0) return 0;
  const variance = lengths.reduce((sum, length) => sum + (length - mean) ** 2, 0) / lengths.length;
  return Math.max(0, 1 - Math.sqrt(variance) / mean);
}

const made = (
  view: DeviceView,
  starts: readonly number[],
  how: Steps['how'],
  name?: string,
): Steps | undefined => {
  // Steps without an event between them are one.
  const distinct = starts.filter(
    (start, i) =>
      start < view.device.events.count && (i === 0 || start > (starts[i - 1] as number)),
  );
  if (distinct.length === 0) return undefined;
  const columns = Uint32Array.from(distinct);
  return {
    starts: columns,
    how,
    ...(name === undefined ? {} : { name }),
    regularity: regularityOf(view, columns),
  };
};

/** `ProfilerStep#12` and the like are one annotation with a number. */
const withoutNumber = (name: string): string => name.replace(/#?\d+$/, '');

/** The profiler's steps, else the optimizer's, else the outermost scope that recurs most. */
function annotatedSteps(view: DeviceView): Steps | undefined {
  const { snapshot, spans } = view;
  const groups = new Map<string, Span[]>();
  for (const span of spans) {
    const name = withoutNumber(snapshot.strings[span.name] ?? '');
    const group = groups.get(name) ?? [];
    group.push(span);
    groups.set(name, group);
  }
  const rank = (name: string): number =>
    name.startsWith('ProfilerStep') ? 3 : name.startsWith('Optimizer.step') ? 2 : 1;
  const ranked = [...groups].sort(
    ([a, as], [b, bs]) =>
      rank(b) - rank(a) || (as[0]?.depth ?? 0) - (bs[0]?.depth ?? 0) || bs.length - as.length,
  );
  for (const [name, group] of ranked) {
    if (group.length < FEWEST_STEPS) continue;
    // A step ends with the optimizer; other scopes begin one.
    const isOptimizer = name.startsWith('Optimizer.step');
    const starts = group.map((span) => (isOptimizer ? span.to : span.from)).sort((a, b) => a - b);
    return made(view, isOptimizer ? [0, ...starts] : starts, 'annotation', name);
  }
  return undefined;
}

/**
 * A step ends where the optimizer's stage does, if a backward pass came before it. Where two lines call
 * optimizers in turn, as in a GAN, only both together are a step.
 */
function optimizerSteps(view: DeviceView): Steps | undefined {
  const { runStage, runStart } = view.stages;
  const ends: number[] = [];
  const callers: number[] = [];
  let sawBackward = false;
  for (let run = 0; run < runStage.length; run++) {
    if (runStage[run] === Stage.backward) sawBackward = true;
    if (runStage[run] !== Stage.optimizer || !sawBackward) continue;
    const end = runStart[run + 1] as number;
    ends.push(end);
    callers.push(callerIn(view, runStart[run] as number, end));
    sawBackward = false;
  }
  const cycle = turnOf(callers);
  const starts = ends.filter((_, i) => i % cycle === cycle - 1);
  return starts.length === 0 ? undefined : made(view, [0, ...starts], 'optimizer');
}

/** Line of the user's code of the first allocation in a stretch. */
function callerIn({ device, facts }: DeviceView, from: number, to: number): number {
  for (let e = from; e < to; e++) {
    const stack = device.events.stack[e] as number;
    if (device.events.action[e] === Action.alloc && stack !== NONE) {
      return facts.userFrame[stack] as number;
    }
  }
  return NONE;
}

/** So many callers can take turns. */
const MOST_IN_TURN = 4;

/** How many different callers take turns, always in the same order; 1 where they do not. */
function turnOf(callers: readonly number[]): number {
  for (let cycle = 2; cycle <= MOST_IN_TURN; cycle++) {
    const first = callers.slice(0, cycle);
    if (new Set(first).size < cycle || callers.length < cycle * 2) continue;
    if (callers.every((caller, i) => caller === first[i % cycle])) return cycle;
  }
  return 1;
}

/** A step begins with the first allocation after a backward pass. */
function backwardSteps(view: DeviceView): Steps | undefined {
  const { runStage, runStart } = view.stages;
  const starts: number[] = [0];
  for (let run = 0; run + 1 < runStage.length; run++) {
    if (runStage[run] !== Stage.backward) continue;
    starts.push(runStart[run + 1] as number);
  }
  return starts.length < 2 ? undefined : made(view, starts, 'backward');
}

/** How evenly something recurs, counted in allocations. */
interface Recurrence {
  readonly count: number;
  readonly first: number;
  /** Standard deviation of the gaps over their mean. */
  readonly spread: number;
}

const LARGEST_SPREAD = 0.35;
/** Allocations of a step that are let go again. */
const LEAST_WORK = 2;
/** So many counts are tried. */
const CANDIDATES = 6;

/**
 * What stands once in every step has the same count, and even gaps; what stands there several times
 * has uneven ones. So the count that most kinds of allocations share, with even gaps, is that of the
 * steps. A kind is a stack, or a size where hardly anything has a stack.
 */
function recurringSteps(view: DeviceView): Steps | undefined {
  const { kinds, ofRow, isStack } = kindsOf(view);
  const recurrences = recurrencesOf(kinds, ofRow);
  const support = new Map<number, number>();
  for (const { count, spread } of recurrences) {
    if (count < FEWEST_STEPS || spread > LARGEST_SPREAD) continue;
    // The trace can begin or end within a step.
    for (const near of [count - 1, count, count + 1]) {
      support.set(near, (support.get(near) ?? 0) + (near === count ? 2 : 1));
    }
  }
  const ranked = [...support]
    .filter(([count]) => count >= FEWEST_STEPS)
    .sort(([a, as], [b, bs]) => bs - as || b - a)
    .slice(0, CANDIDATES);
  for (const [count] of ranked) {
    let anchor = -1;
    for (let kind = 0; kind < kinds; kind++) {
      const recurrence = recurrences[kind];
      if (recurrence === undefined || recurrence.spread > LARGEST_SPREAD) continue;
      if (Math.abs(recurrence.count - count) > 1) continue;
      // Layers recur as evenly as steps do: only what is outside of the model can tell.
      if (isStack && !isOutside(view, kind)) continue;
      const best = recurrences[anchor];
      if (best === undefined || isBetter(recurrence, best)) anchor = kind;
    }
    if (anchor < 0) continue;
    const starts: number[] = [];
    for (let row = 0; row < view.lifetimes.traced; row++) {
      if (ofRow[row] === anchor) starts.push(view.lifetimes.start[row] as number);
    }
    if (hasWork(view, starts)) return made(view, starts, 'recurrence');
  }
  return undefined;
}

/**
 * Steps use memory and let it go; loading, one tensor after the other, takes it, by way of a copy at most.
 * What a model uses is work in any case.
 */
function hasWork(view: DeviceView, starts: readonly number[]): boolean {
  const { lifetimes, facts, device } = view;
  const last = starts.at(-1) as number;
  let freed = 0;
  for (let row = 0; row < lifetimes.traced; row++) {
    const start = lifetimes.start[row] as number;
    if (start < (starts[0] as number) || start >= last) continue;
    if ((lifetimes.freed[row] as number) >= device.events.count) continue;
    const stack = lifetimes.stack[row] as number;
    freed += stack !== NONE && isForward(facts.work[stack] as number) ? LEAST_WORK : 1;
  }
  return freed >= LEAST_WORK * (starts.length - 1);
}

const isBetter = (a: Recurrence, b: Recurrence): boolean =>
  a.count > b.count ||
  (a.count === b.count && (a.spread < b.spread || (a.spread === b.spread && a.first < b.first)));

/** Numbers the kinds of traced allocations. */
function kindsOf(view: DeviceView): { kinds: number; ofRow: Uint32Array; isStack: boolean } {
  const { lifetimes, facts } = view;
  const ofRow = new Uint32Array(lifetimes.traced);
  let framed = 0;
  for (let row = 0; row < lifetimes.traced; row++) {
    if (hasFrames(facts, lifetimes.stack[row] as number)) framed++;
  }
  if (framed * 10 > lifetimes.traced) {
    // One more for those without a stack.
    const kinds = facts.traits.length + 1;
    for (let row = 0; row < lifetimes.traced; row++) {
      const stack = lifetimes.stack[row] as number;
      ofRow[row] = stack === NONE ? kinds - 1 : stack;
    }
    return { kinds, ofRow, isStack: true };
  }
  const sizes = new Map<number, number>();
  for (let row = 0; row < lifetimes.traced; row++) {
    const size = lifetimes.size[row] as number;
    let kind = sizes.get(size);
    if (kind === undefined) {
      kind = sizes.size;
      sizes.set(size, kind);
    }
    ofRow[row] = kind;
  }
  return { kinds: sizes.size, ofRow, isStack: false };
}

function recurrencesOf(kinds: number, ofRow: Uint32Array): readonly Recurrence[] {
  const count = new Uint32Array(kinds);
  const first = new Uint32Array(kinds).fill(NONE);
  const last = new Uint32Array(kinds);
  const squares = new Float64Array(kinds);
  for (let row = 0; row < ofRow.length; row++) {
    const kind = ofRow[row] as number;
    if (first[kind] === NONE) first[kind] = row;
    else squares[kind] = (squares[kind] as number) + (row - (last[kind] as number)) ** 2;
    last[kind] = row;
    count[kind] = (count[kind] as number) + 1;
  }
  return Array.from({ length: kinds }, (_, kind) => {
    const gaps = (count[kind] as number) - 1;
    if (gaps < 1) return { count: count[kind] as number, first: first[kind] as number, spread: 1 };
    const mean = ((last[kind] as number) - (first[kind] as number)) / gaps;
    const variance = Math.max(0, (squares[kind] as number) / gaps - mean * mean);
    return {
      count: count[kind] as number,
      first: first[kind] as number,
      spread: Math.sqrt(variance) / mean,
    };
  });
}

const isOutside = (view: DeviceView, stack: number): boolean =>
  stack < view.facts.traits.length && isOfLoop(view.facts.traits[stack] as number);

const NOT_OF_LOOP: number =
  Trait.forward | Trait.backward | Trait.optimizer | Trait.load | Trait.capture;

/** Whether an allocation of this stack brings data, loads or runs the model: not the loop itself. */
export const isOfLoop = (traits: number): boolean => (traits & NOT_OF_LOOP) === 0;

/** From what the program says to what its memory shows. */
const FINDERS: readonly Finder[] = [
  annotatedSteps,
  optimizerSteps,
  backwardSteps,
  loopSteps,
  fallSteps,
  recurringSteps,
];

const isGuess = (find: Finder): boolean =>
  find === loopSteps || find === fallSteps || find === recurringSteps;
