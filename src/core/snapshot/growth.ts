/**
 * What stays behind step after step. An allocation is left behind when it is still there at the end
 * and its step is over; a place in the code leaks when it leaves something behind in nearly all of the
 * later steps, and hardly ever takes it back. Starting up, caches that fill and lists that are cleared
 * do not look like that.
 */
import { type Statement, say, type TextTable } from '../base/texts.ts';
import { isUnknown, type Unknown, unknown } from '../base/unknown.ts';
import { type Categories, categoryOf } from './categories.ts';
import type { Category } from './categories-rules.ts';
import { NONE } from './columns.ts';
import { OwnerNames } from './owners.ts';
import { type DeviceView, hasFrames } from './phases.ts';
import type { Steps } from './phases-steps.ts';

/** First steps in which programs make what they keep: states, gradients, workspaces, caches. */
const WARM_UP = 2;
/** Fewer steps after the warm-up show nothing. */
const FEWEST_AFTER = 4;
/** What begins in the middle of the run has to show itself for longer. */
const FEWEST_LATE = 6;
/** Shares of what was left behind: more taken back is no leak; less in the last third is an end. */
const MOST_TAKEN_BACK = 0.1;
const LEAST_IN_LAST_THIRD = 0.6;
/** Growth that is so much of the rest of the step follows the input. */
const FOLLOWS_REST = 0.05;
const MOST_ENTRIES = 100;

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
  readonly kind: 'left_behind' | 'larger_each_step';
  /** `likely`: the evidence leaves little else. `possible`: the steps are guessed, or it may end. */
  readonly strength: 'likely' | 'possible';
  /** Index of the stack, or NONE: of the line as a whole, or without stacks. */
  readonly stack: number;
  /** The line of the user's code, as owners name it. */
  readonly line: string;
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

const TEXTS = {
  en: {
    'few-after': '{n} steps after the first {warm} show nothing; at least {needed} are needed.',
    left: '{steps} of {of} last steps left {count} allocations that nothing has freed.',
    every: 'It happens every {period} steps.',
    'never-freed': 'None that outlived its step was ever freed.',
    'graph-kept':
      'It stays together with small values of {line}: something keeps a result whose graph holds these tensors. Look for a value that is stored without .item() or .detach().',
    larger:
      'In {steps} of {of} steps a larger one took its place, while the rest of the step did not grow.',
    late: 'It begins only with step {first}; before that nothing stayed.',
    guessed: 'Where steps begin is read from what recurs, not from annotations.',
    'may-be-layers':
      'Only calls of the model tell the steps. If the recording begins within a pass, they may be its layers.',
    'some-freed': '{n} that outlived their step were freed later.',
    'few-steps': 'Only {n} steps after the start were seen.',
    'may-be-cleared':
      'It may be cleared after the end of the recording, as at the end of an epoch.',
  },
  zh: {
    'few-after': '前 {warm} 步之后只有 {n} 步，说明不了什么，至少需要 {needed} 步。',
    left: '最后 {of} 步中有 {steps} 步留下了 {count} 块从未释放的分配。',
    every: '每 {period} 步发生一次。',
    'never-freed': '活过所在步的分配没有一块被释放过。',
    'graph-kept':
      '它与 {line} 的小张量一起留下：有东西保留了结果，而结果的计算图持有这些张量。应查找未经 .item() 或 .detach() 就保存的值。',
    larger: '{of} 步中有 {steps} 步由更大的一块取代，而该步的其余部分没有增长。',
    late: '从第 {first} 步才开始，此前没有留下任何东西。',
    guessed: '步的起点是根据重复规律推断的，不是来自标注。',
    'may-be-layers': '步只能由模型的调用看出。若记录从一次前向中间开始，它们可能只是其中的层。',
    'some-freed': '有 {n} 块活过所在步的分配后来被释放了。',
    'few-steps': '起步之后只看到 {n} 步。',
    'may-be-cleared': '它可能在记录结束之后被清空，例如在一个 epoch 结束时。',
  },
  ru: {
    'few-after': 'Шагов после первых {warm}: {n}. Этого мало, нужно не меньше {needed}.',
    left: 'Последних шагов {of}, из них {steps} оставили {count} выделений, которые никто не освободил.',
    every: 'Это происходит раз в {period} шага(ов).',
    'never-freed': 'Ни одно выделение, пережившее свой шаг, не было освобождено.',
    'graph-kept':
      'Остаётся вместе с маленькими значениями из {line}: что-то хранит результат, граф которого держит эти тензоры. Ищите значение, сохранённое без .item() или .detach().',
    larger: 'На {steps} из {of} шагов его сменяло большее, а остальное на шаге не росло.',
    late: 'Начинается лишь с шага {first}; до того ничего не оставалось.',
    guessed: 'Начало шагов определено по повторам, а не по разметке.',
    'may-be-layers':
      'Шаги видны только по вызовам модели. Если запись начата посреди прохода, это могут быть его слои.',
    'some-freed': 'Из переживших свой шаг потом освобождено: {n}.',
    'few-steps': 'После начала видно лишь шагов: {n}.',
    'may-be-cleared': 'Возможно, это очищается после конца записи, например в конце эпохи.',
  },
} as const satisfies TextTable;

/** Counts of one place in the code, a column entry per group. */
interface Counts {
  /** Left behind: allocations, bytes, steps that did, in the window after the warm-up. */
  readonly count: Uint32Array;
  readonly bytes: Float64Array;
  readonly steps: Uint32Array;
  readonly first: Uint32Array;
  readonly last: Uint32Array;
  readonly largestGap: Uint32Array;
  /** Left behind in the first and the last third of the window. */
  readonly firstThird: Uint32Array;
  readonly lastThird: Uint32Array;
  /** Outlived its step by two and was freed. */
  readonly takenBack: Uint32Array;
  /** Any left behind, the warm-up included. */
  readonly allBytes: Float64Array;
  readonly allCount: Uint32Array;
  readonly oldest: Uint32Array;
  /** One of them, and the largest one's stack. */
  readonly sample: Uint32Array;
  /** Replaced each step: steps seen, times larger, bytes of the first and latest. */
  readonly replacedSteps: Uint32Array;
  readonly replacedLarger: Uint32Array;
  readonly replacedSmaller: Uint32Array;
  readonly replacedFirst: Float64Array;
  readonly replacedBytes: Float64Array;
  readonly replacedStep: Uint32Array;
  readonly replacedEver: Uint32Array;
}

function makeCounts(groups: number): Counts {
  const integers = (fill = 0): Uint32Array => new Uint32Array(groups).fill(fill);
  const numbers = (): Float64Array => new Float64Array(groups);
  return {
    count: integers(),
    bytes: numbers(),
    steps: integers(),
    first: integers(NONE),
    last: integers(NONE),
    largestGap: integers(),
    firstThird: integers(),
    lastThird: integers(),
    takenBack: integers(),
    allBytes: numbers(),
    allCount: integers(),
    oldest: integers(NONE),
    sample: integers(NONE),
    replacedSteps: integers(),
    replacedLarger: integers(),
    replacedSmaller: integers(),
    replacedFirst: numbers(),
    replacedBytes: numbers(),
    replacedStep: integers(NONE),
    replacedEver: integers(),
  };
}

const add = (column: Uint32Array | Float64Array, group: number, amount: number): void => {
  column[group] = (column[group] as number) + amount;
};

/** The steps that decide: after the warm-up, and before the last one, which may not be over. */
interface Window {
  readonly from: number;
  readonly to: number;
  readonly steps: number;
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
  const window: Window = { from: WARM_UP, to: total - 1, steps: total - 1 - WARM_UP };
  if (window.steps < FEWEST_AFTER) {
    return unknown(
      say(TEXTS, 'few-after', {
        n: Math.max(0, window.steps),
        warm: WARM_UP,
        needed: FEWEST_AFTER,
      }),
    );
  }
  const stepOfRow = stepsOfRows(view, steps);
  const volume = volumeOf(view, stepOfRow, total);
  const found = (groupOf: Uint32Array, groups: number, isLine: boolean): readonly Growth[] => {
    const counts = countGroups(view, steps, stepOfRow, groupOf, groups, window);
    const judge = { view, categories, steps, window, counts, volume, names, groupOf, isLine };
    const entries: Growth[] = [];
    for (let group = 0; group < groups; group++) {
      const entry = judgeLeft(judge, group) ?? judgeLarger(judge, group);
      if (entry !== undefined) entries.push(entry);
    }
    return nameGraphs(entries)
      .sort((a, b) => b.bytesPerStep - a.bytesPerStep || (a.line < b.line ? -1 : 1))
      .slice(0, MOST_ENTRIES);
  };
  const stacks = stackGroups(view);
  const lines = lineGroups(view, names);
  return {
    steps: {
      count: total,
      how: steps.how,
      ...(steps.name === undefined ? {} : { name: steps.name }),
      regularity: steps.regularity,
    },
    stacks: found(stacks.ofRow, stacks.count, false),
    lines: found(lines.ofRow, lines.count, true),
  };
}

/** Per traced allocation: its step; NONE before the first. */
function stepsOfRows(view: DeviceView, steps: Steps): Uint32Array {
  const { lifetimes } = view;
  const ofRow = new Uint32Array(lifetimes.traced).fill(NONE);
  let step = -1;
  for (let row = 0; row < lifetimes.traced; row++) {
    const start = lifetimes.start[row] as number;
    while (step + 1 < steps.starts.length && (steps.starts[step + 1] as number) <= start) step++;
    if (step >= 0) ofRow[row] = step;
  }
  return ofRow;
}

/** Bytes allocated in each step. */
function volumeOf(view: DeviceView, stepOfRow: Uint32Array, total: number): Float64Array {
  const volume = new Float64Array(total);
  for (let row = 0; row < stepOfRow.length; row++) {
    const step = stepOfRow[row] as number;
    if (step !== NONE) add(volume, step, view.lifetimes.size[row] as number);
  }
  return volume;
}

interface Groups {
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

const stackGroups = (view: DeviceView): Groups =>
  groupsBy(view, (stack) => stack, view.facts.traits.length);

/** A group per line of the user's code; there are at most as many as stacks. */
function lineGroups(view: DeviceView, names: OwnerNames): Groups {
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

function countGroups(
  view: DeviceView,
  steps: Steps,
  stepOfRow: Uint32Array,
  groupOf: Uint32Array,
  groups: number,
  window: Window,
): Counts {
  const counts = makeCounts(groups);
  const { lifetimes } = view;
  const { starts } = steps;
  const third = Math.floor(window.steps / 3);
  for (let row = 0; row < lifetimes.traced; row++) {
    const group = groupOf[row] as number;
    const step = stepOfRow[row] as number;
    if (step === NONE || step >= window.to) continue;
    const freed = lifetimes.freed[row] as number;
    const size = lifetimes.block[row] as number;
    if (freed !== NONE) {
      const next = starts[step + 1];
      if (next === undefined || freed < next) continue;
      const afterNext = starts[step + 2];
      if (afterNext !== undefined && freed >= afterNext) add(counts.takenBack, group, 1);
      else noteReplaced(counts, group, step, size, window);
      add(counts.replacedEver, group, 1);
      continue;
    }
    add(counts.allBytes, group, size);
    add(counts.allCount, group, 1);
    if (counts.oldest[group] === NONE) counts.oldest[group] = step;
    const sample = counts.sample[group] as number;
    if (sample === NONE || size > (lifetimes.block[sample] as number)) counts.sample[group] = row;
    if (step < window.from) continue;
    add(counts.count, group, 1);
    add(counts.bytes, group, size);
    if (counts.first[group] === NONE) {
      counts.first[group] = step;
    }
    const last = counts.last[group] as number;
    if (last !== step) {
      add(counts.steps, group, 1);
      if (last !== NONE && step - last > (counts.largestGap[group] as number)) {
        counts.largestGap[group] = step - last;
      }
      counts.last[group] = step;
      if (step < window.from + third) add(counts.firstThird, group, 1);
      if (step >= window.to - third) add(counts.lastThird, group, 1);
    }
  }
  return counts;
}

/** Lives into the next step and no further: the latest of its kind, until one takes its place. */
function noteReplaced(
  counts: Counts,
  group: number,
  step: number,
  size: number,
  window: Window,
): void {
  if (step < window.from) return;
  const before = counts.replacedBytes[group] as number;
  if (counts.replacedStep[group] === step) {
    // More than one a step: what matters is the largest.
    if (size > before) counts.replacedBytes[group] = size;
    return;
  }
  if (counts.replacedStep[group] === NONE) counts.replacedFirst[group] = size;
  else if (size > before) add(counts.replacedLarger, group, 1);
  else if (size < before) add(counts.replacedSmaller, group, 1);
  add(counts.replacedSteps, group, 1);
  counts.replacedStep[group] = step;
  counts.replacedBytes[group] = size;
}

interface Judge {
  readonly view: DeviceView;
  readonly categories: Categories;
  readonly steps: Steps;
  readonly window: Window;
  readonly counts: Counts;
  readonly volume: Float64Array;
  readonly names: OwnerNames;
  readonly groupOf: Uint32Array;
  readonly isLine: boolean;
}

function judgeLeft(judge: Judge, group: number): Growth | undefined {
  const { counts, window } = judge;
  const steps = counts.steps[group] as number;
  if (steps < FEWEST_AFTER) return undefined;
  // Every step, or every k-th: the gaps say which, and none may be out of line.
  const first = counts.first[group] as number;
  const last = counts.last[group] as number;
  const period = (window.to - first) / steps;
  const allowed = Math.max(2, Math.ceil(period * 2));
  const gap = Math.max(counts.largestGap[group] as number, window.to - 1 - last);
  if (gap > allowed) return undefined;
  const isLate = first - window.from >= allowed;
  if (isLate && (steps < FEWEST_LATE || (window.to - first) * 4 < window.steps)) return undefined;
  const taken = counts.takenBack[group] as number;
  const count = counts.count[group] as number;
  if (taken > (taken + count) * MOST_TAKEN_BACK) return undefined;
  const early = counts.firstThird[group] as number;
  if (early > 1 && (counts.lastThird[group] as number) < early * LEAST_IN_LAST_THIRD) {
    return undefined;
  }
  const sample = counts.sample[group] as number;
  // From the first to the last, so that it does not matter where in a period the window begins.
  const often = (steps - 1) / (last - first);
  const because = [say(TEXTS, 'left', { steps, of: window.to - first, count })];
  const rounded = Math.round(period);
  if (rounded > 1) because.push(say(TEXTS, 'every', { period: rounded }));
  const against: Statement[] = [];
  if (isLate) against.push(say(TEXTS, 'late', { first }));
  if (taken === 0) because.push(say(TEXTS, 'never-freed'));
  else against.push(say(TEXTS, 'some-freed', { n: taken }));
  const described = describe(judge, sample);
  return {
    ...described,
    kind: 'left_behind',
    strength: isLate ? 'possible' : described.strength,
    bytesPerStep: ((counts.bytes[group] as number) / steps) * often,
    countPerStep: (count / steps) * often,
    bytes: counts.allBytes[group] as number,
    count: counts.allCount[group] as number,
    firstStep: first,
    lastStep: last,
    steps,
    oldestSteps: judge.steps.starts.length - 1 - (counts.oldest[group] as number),
    because,
    against: [...against, ...doubts(judge), say(TEXTS, 'may-be-cleared')],
  };
}

function judgeLarger(judge: Judge, group: number): Growth | undefined {
  const { counts, window, volume } = judge;
  const steps = counts.replacedSteps[group] as number;
  if (steps < FEWEST_AFTER || steps < (window.steps - 1) * 0.9) return undefined;
  const larger = counts.replacedLarger[group] as number;
  if (larger < (steps - 1) * 0.9 || (counts.replacedSmaller[group] as number) > 0) return undefined;
  const first = counts.replacedFirst[group] as number;
  const latest = counts.replacedBytes[group] as number;
  const grown = latest - first;
  if (grown <= 0) return undefined;
  // What grows with the input grows in the rest of the step as well.
  const third = Math.max(1, Math.floor(window.steps / 3));
  const early = mean(volume, window.from, window.from + third) - first;
  const late = mean(volume, window.to - third, window.to) - latest;
  if (late > early * (1 + FOLLOWS_REST) + grown) return undefined;
  let sample = NONE;
  for (let row = judge.groupOf.length - 1; row >= 0 && sample === NONE; row--) {
    if (judge.groupOf[row] === group) sample = row;
  }
  const described = describe(judge, sample);
  // Growing with every token is what a KV cache is for.
  if (described.category === 'kv_cache') return undefined;
  return {
    ...described,
    kind: 'larger_each_step',
    strength: 'possible',
    bytesPerStep: grown / Math.max(1, steps - 1),
    countPerStep: 0,
    bytes: latest,
    count: 1,
    firstStep: window.from,
    lastStep: counts.replacedStep[group] as number,
    steps,
    oldestSteps: 1,
    because: [say(TEXTS, 'larger', { steps: larger, of: steps - 1 })],
    against: doubts(judge),
  };
}

function mean(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] as number;
  return sum / Math.max(1, to - from);
}

type Described = Pick<Growth, 'stack' | 'line' | 'category' | 'strength'>;

function describe(judge: Judge, sample: number): Described {
  const { view, categories, names, isLine, steps, window } = judge;
  const stack = view.lifetimes.stack[sample] as number;
  const isFramed = hasFrames(view.facts, stack);
  const isSeen = steps.how !== 'recurrence' && steps.how !== 'loop';
  const isPlain = steps.how !== 'calls' && (isSeen || window.steps >= FEWEST_AFTER + 2);
  return {
    stack: isFramed && !isLine ? stack : NONE,
    line: isFramed ? names.nameOf('line', stack).name : 'no stack',
    category: categoryOf(categories, sample),
    strength: isFramed && isPlain ? 'likely' : 'possible',
  };
}

function doubts(judge: Judge): Statement[] {
  const { steps, window } = judge;
  const statements: Statement[] = [];
  if (steps.how === 'recurrence' || steps.how === 'loop') statements.push(say(TEXTS, 'guessed'));
  if (steps.how === 'calls') statements.push(say(TEXTS, 'may-be-layers'));
  if (window.steps < FEWEST_AFTER * 3) {
    statements.push(say(TEXTS, 'few-steps', { n: window.steps }));
  }
  return statements;
}

/** Values so small are numbers, such as a loss. */
const SMALL_VALUE = 4096;

/** Activations that stay together with small results: a graph is kept by whoever keeps the result. */
function nameGraphs(entries: readonly Growth[]): Growth[] {
  const left = entries.filter((entry) => entry.kind === 'left_behind');
  const isSmall = (entry: Growth): boolean => entry.bytes <= entry.count * SMALL_VALUE;
  const isHeld = (entry: Growth): boolean =>
    !isSmall(entry) && (entry.category === 'activations' || entry.category === 'logits');
  const small = left.filter((entry) => isSmall(entry) && entry.line !== 'no stack');
  const value = small.find((entry) => entry.category === 'logits') ?? small.at(-1);
  if (value === undefined || !left.some(isHeld)) return [...entries];
  return entries.map((entry) =>
    isHeld(entry)
      ? { ...entry, because: [...entry.because, say(TEXTS, 'graph-kept', { line: value.line })] }
      : entry,
  );
}
