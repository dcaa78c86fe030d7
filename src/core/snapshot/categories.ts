/**
 * Puts every allocation into a category and says by which rule. Stacks come first; how an allocation
 * came and went decides between what a stage makes to keep and what it makes to use.
 */
import { isUnknown, type Unknown } from '../base/unknown.ts';
import { CATEGORIES, type Category, RULES, type RuleId } from './categories-rules.ts';
import { NONE } from './columns.ts';
import { BEFORE } from './lifetimes.ts';
import { isForward, Stage, Trait } from './owners-frames.ts';
import { type DeviceView, hasFrames } from './phases.ts';
import { isOfLoop, type Steps } from './phases-steps.ts';

export interface Categories {
  /** Per allocation: index into RULES. */
  readonly rule: Uint8Array;
  /** Per rule: index into CATEGORIES. */
  readonly categoryOfRule: Uint8Array;
}

const RULE = Object.fromEntries(RULES.map(({ id }, i) => [id, i])) as Readonly<
  Record<RuleId, number>
>;

/** What profilers write (torch.profiler's categories), and where it belongs. */
const WRITTEN: Readonly<Record<string, RuleId>> = {
  parameter: 'written-parameters',
  optimizer_state: 'written-optimizer',
  optimizerstate: 'written-optimizer',
  input: 'written-inputs',
  temporary: 'written-temporaries',
  activation: 'written-activations',
  gradient: 'written-gradients',
  autograd_detail: 'written-temporaries',
};

/** Events from an allocation to its free within which it was only an intermediate result. */
const SHORT = 16;
/** The default cuBLAS workspace, `:4096:2:16:8` (pytorch@v2.6.0: CUDABlas handle pool). */
const CUBLAS_WORKSPACE = 8320 * 1024;
/** Smaller tensors of the loss are sums and counts, no logits. */
const SMALLEST_LOGITS = 1 << 20;
/** Forward allocations that are looked back at when the loss begins. */
const LOOK_BACK = 8;
/** Allocations after which something made in an unfinished backward pass is taken to be kept. */
const OLD_IN_BACKWARD = 256;

export function categoriesOf(view: DeviceView, steps: Steps | Unknown): Categories {
  const { lifetimes } = view;
  const rule = new Uint8Array(lifetimes.count);
  const written = writtenRules(view);
  const lifes = new Lifes(view, isUnknown(steps) ? undefined : steps);
  const recent = new Uint32Array(LOOK_BACK).fill(NONE);
  let at = 0;
  for (let row = 0; row < lifetimes.count; row++) {
    const start = lifetimes.start[row] as number;
    const category = start === NONE ? NONE : (view.device.events.category?.[start] ?? NONE);
    const known = category === NONE ? undefined : written.get(category);
    const decided = known ?? RULE[ruleOf(lifes, row)];
    rule[row] = decided;
    // Logits that no name gives away are as large as what the loss makes of them.
    if (decided === RULE['loss-frames']) markLogits(view, rule, recent, row);
    else if (isForwardRule(decided)) {
      recent[at] = row;
      at = (at + 1) % LOOK_BACK;
    }
  }
  markParameters(lifes, rule);
  const categoryOfRule = Uint8Array.from(RULES, ({ category }) => CATEGORIES.indexOf(category));
  return { rule, categoryOfRule };
}

const isForwardRule = (rule: number): boolean =>
  rule === RULE.forward || rule === RULE['forward-saved'] || rule === RULE['saved-lifetime'];

function writtenRules(view: DeviceView): ReadonlyMap<number, number> {
  const ids = view.device.events.category;
  const rules = new Map<number, number>();
  if (ids === undefined) return rules;
  for (const id of new Set(ids)) {
    if (id === NONE) continue;
    const name = (view.snapshot.strings[id] ?? '').toLowerCase().replace(/^category\./, '');
    const rule = Object.hasOwn(WRITTEN, name) ? WRITTEN[name] : undefined;
    if (rule !== undefined) rules.set(id, RULE[rule]);
  }
  return rules;
}

/** The logits themselves, in the type of the loss or in one of half its width. */
function markLogits(view: DeviceView, rule: Uint8Array, recent: Uint32Array, row: number): void {
  const { size, start, end } = view.lifetimes;
  const bytes = size[row] as number;
  for (let i = 0; i < recent.length; i++) {
    const candidate = recent[i] as number;
    if (candidate === NONE) continue;
    const own = size[candidate] as number;
    if (own !== bytes && own * 2 !== bytes) continue;
    const freed = end[candidate] as number;
    if (freed !== NONE && freed < (start[row] as number)) continue;
    rule[candidate] = RULE['loss-size'];
    recent[i] = NONE;
  }
}

interface SizeGroup {
  readonly isGradient: boolean;
  bytes: number;
  /** How many of each size. */
  readonly sizes: Map<number, number>;
}

/**
 * Parameters that were there before the first step: every gradient and every optimizer state is as
 * large as its parameter, so their sizes, one by one, find them among what lives all through the trace.
 */
function markParameters(lifes: Lifes, rule: Uint8Array): void {
  const { lifetimes, stages } = lifes.view;
  // A group makes one tensor for each parameter: the gradients of one backward pass, the states that
  // one line makes in one optimizer step. The largest group is the most complete.
  const groups = new Map<string, SizeGroup>();
  let hasGradients = false;
  for (let row = 0; row < lifetimes.traced; row++) {
    const own = rule[row] as number;
    const isGradient = own === RULE['accumulate-grad'] || own === RULE['backward-kept'];
    if (!isGradient && own !== RULE['optimizer-kept'] && own !== RULE['optimizer-init']) continue;
    const run = stages.run[lifetimes.start[row] as number] as number;
    const key = isGradient ? `${run}` : `${run} ${lifetimes.stack[row] as number}`;
    const group = groups.get(key) ?? { isGradient, bytes: 0, sizes: new Map<number, number>() };
    hasGradients ||= isGradient && (lifetimes.size[row] as number) >= 1 << 20;
    groups.set(key, group);
    const size = lifetimes.size[row] as number;
    group.bytes += size;
    group.sizes.set(size, (group.sizes.get(size) ?? 0) + 1);
  }
  let largest: SizeGroup | undefined;
  for (const group of groups.values()) {
    if (largest === undefined || group.bytes > largest.bytes) largest = group;
  }
  if (largest === undefined) return;
  const found: number[] = [];
  let bytes = 0;
  for (let row = 0; row < lifetimes.count; row++) {
    if (!isUntold(rule[row] as number) || !lifes.isAlive(row)) continue;
    const start = lifetimes.start[row] as number;
    if (start !== NONE && start >= lifes.firstPass) continue;
    const size = lifetimes.size[row] as number;
    const left = largest.sizes.get(size) ?? 0;
    if (left === 0) continue;
    largest.sizes.set(size, left - 1);
    found.push(row);
    bytes += size;
  }
  // Half a match, or one size, is a coincidence.
  if (bytes < largest.bytes * 0.8 || largest.sizes.size < 2) return;
  for (const row of found) rule[row] = RULE['sized-parameters'];
  if (!largest.isGradient && !hasGradients) markGradients(lifes, rule, found);
}

const isUntold = (rule: number): boolean =>
  rule === RULE['before-recording'] || rule === RULE['no-rule'] || rule === RULE['no-stack'];

/**
 * Where backward left no gradients in the trace and the optimizer made its states there, gradients
 * were there before: a second set of the sizes of the parameters.
 */
function markGradients(lifes: Lifes, rule: Uint8Array, parameters: readonly number[]): void {
  const { lifetimes } = lifes.view;
  const sizes = new Map<number, number>();
  for (const row of parameters) {
    const size = lifetimes.size[row] as number;
    sizes.set(size, (sizes.get(size) ?? 0) + 1);
  }
  const found: number[] = [];
  for (let row = lifetimes.traced; row < lifetimes.count; row++) {
    if (rule[row] !== RULE['before-recording']) continue;
    const size = lifetimes.size[row] as number;
    const left = sizes.get(size) ?? 0;
    if (left === 0) continue;
    sizes.set(size, left - 1);
    found.push(row);
  }
  if (found.length < parameters.length * 0.8) return;
  for (const row of found) rule[row] = RULE['before-gradients'];
}

/** Questions about the life of an allocation. */
class Lifes {
  readonly view: DeviceView;
  readonly steps: Steps | undefined;
  /** Per stack: allocations. */
  readonly timesOfStack: Uint32Array;
  /** Per stack: allocations that are still there at the end. */
  readonly aliveOfStack: Uint32Array;
  /** Row of the first allocation of a forward or backward pass; the count when there is none. */
  readonly firstPass: number;

  /** Per run of a stage: event of its last allocation. */
  readonly #lastAllocation: Uint32Array;

  constructor(view: DeviceView, steps: Steps | undefined) {
    this.view = view;
    this.steps = steps;
    const { lifetimes, facts } = view;
    this.timesOfStack = new Uint32Array(facts.traits.length);
    this.aliveOfStack = new Uint32Array(facts.traits.length);
    this.#lastAllocation = new Uint32Array(view.stages.runStage.length);
    let firstPass = view.device.events.count;
    for (let row = 0; row < lifetimes.traced; row++) {
      const stack = lifetimes.stack[row] as number;
      if (stack !== NONE) {
        this.timesOfStack[stack] = (this.timesOfStack[stack] as number) + 1;
        if (this.isAlive(row)) this.aliveOfStack[stack] = (this.aliveOfStack[stack] as number) + 1;
      }
      const start = lifetimes.start[row] as number;
      const stage = view.stages.stage[start] as number;
      this.#lastAllocation[view.stages.run[start] as number] = start;
      if ((isForward(stage) || stage === Stage.backward) && start < firstPass) {
        firstPass = start;
      }
    }
    this.firstPass = firstPass;
  }

  end(row: number): number {
    const { freed, end } = this.view.lifetimes;
    return (freed[row] === BEFORE ? end[row] : freed[row]) as number;
  }

  isAlive(row: number): boolean {
    return this.end(row) >= this.view.device.events.count;
  }

  /** Freed a few events later, before any other line allocates. */
  isShort(row: number): boolean {
    const { lifetimes } = this.view;
    const start = lifetimes.start[row] as number;
    const end = this.end(row);
    if (start === NONE || this.isAlive(row) || end - start > SHORT) return false;
    const line = this.#lineOf(row);
    for (let next = row + 1; next < lifetimes.traced; next++) {
      if ((lifetimes.start[next] as number) > end) break;
      if (line === NONE || this.#lineOf(next) !== line) return false;
    }
    return true;
  }

  /** The frame of the user's code, else the stack. Without a stack nothing tells lines apart. */
  #lineOf(row: number): number {
    const { lifetimes, facts } = this.view;
    const stack = lifetimes.stack[row] as number;
    if (!hasFrames(facts, stack)) return NONE;
    const frame = facts.userFrame[stack] as number;
    // Frames count from 0, stacks from behind them.
    return frame === NONE ? facts.code.length + stack : frame;
  }

  /** First event after the run of its stage. */
  #runEnd(row: number): number {
    const { stages, lifetimes } = this.view;
    return stages.runStart[(stages.run[lifetimes.start[row] as number] as number) + 1] as number;
  }

  /** The stage that made it is still under way when the trace ends. */
  isOpenRun(row: number): boolean {
    return this.#runEnd(row) >= this.view.device.events.count;
  }

  outlivesRun(row: number): boolean {
    return this.end(row) >= this.#runEnd(row) && !(this.isOpenRun(row) && this.isAlive(row));
  }

  /** Freed while a backward pass was under way. */
  isFreedByBackward(row: number): boolean {
    return !this.isAlive(row) && this.view.stages.stage[this.end(row)] === Stage.backward;
  }

  /** Freed among the allocations of an optimizer step; zero_grad comes after them. */
  isReplacedByOptimizer(row: number): boolean {
    if (this.isAlive(row)) return false;
    const { stages } = this.view;
    const end = this.end(row);
    if (stages.stage[end] !== Stage.optimizer) return false;
    return end < (this.#lastAllocation[stages.run[end] as number] as number);
  }

  /** The step of an event; -1 before the first. */
  stepOf(event: number): number {
    const starts = this.steps?.starts;
    if (starts === undefined) return -1;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] as number) <= event) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function ruleOf(lifes: Lifes, row: number): RuleId {
  const { lifetimes, facts, stages } = lifes.view;
  const stack = lifetimes.stack[row] as number;
  const start = lifetimes.start[row] as number;
  if (!hasFrames(facts, stack)) return ruleWithoutStack(lifes, row);
  const traits = facts.traits[stack] as number;
  if ((traits & Trait.workspace) !== 0) return 'workspace-frames';
  if (lifetimes.size[row] === CUBLAS_WORKSPACE) return 'workspace-size';
  const own = facts.work[stack] as number;
  const stage =
    own === Stage.unknown && start !== NONE && stages.stage[start] === Stage.optimizer
      ? Stage.unknown
      : own;
  if ((traits & Trait.kvCache) !== 0 && stage !== Stage.backward) {
    return lifes.isShort(row) ? 'short-lived' : 'kv-cache';
  }
  if (stage === Stage.optimizer) return optimizerRule(lifes, row, traits);
  if (stage === Stage.backward) return backwardRule(lifes, row, traits);
  if ((traits & Trait.communication) !== 0) return 'communication';
  if (stage === Stage.forward) return forwardRule(lifes, row, traits);
  if (stage === Stage.load) return isKept(lifes, row) ? 'load-frames' : 'load-freed';
  if (stage === Stage.data) return 'data-frames';
  return loopRule(lifes, row, stack, traits);
}

/** Alive at the end, or for most of the trace. */
function isKept(lifes: Lifes, row: number): boolean {
  const start = lifes.view.lifetimes.start[row] as number;
  if (start === NONE || lifes.isAlive(row)) return true;
  return (lifes.end(row) - start) * 2 > lifes.view.device.events.count;
}

function optimizerRule(lifes: Lifes, row: number, traits: number): RuleId {
  if ((traits & Trait.optimizerInit) !== 0) return 'optimizer-init';
  if ((traits & Trait.clip) !== 0) return 'optimizer-freed';
  if (lifes.view.lifetimes.start[row] === NONE) return 'optimizer-kept';
  if (lifes.isShort(row)) return 'optimizer-freed';
  return lifes.outlivesRun(row) || lifes.isAlive(row) ? 'optimizer-kept' : 'optimizer-freed';
}

function backwardRule(lifes: Lifes, row: number, traits: number): RuleId {
  const { lifetimes } = lifes.view;
  if ((traits & Trait.communication) !== 0) return 'communication';
  if ((traits & Trait.accumulateGrad) !== 0) return 'accumulate-grad';
  if ((traits & Trait.recompute) !== 0) {
    return lifes.isShort(row) ? 'recomputed-freed' : 'recomputed';
  }
  const isLarge = (lifetimes.size[row] as number) >= SMALLEST_LOGITS;
  if ((traits & Trait.loss) !== 0 && isLarge) return 'loss-frames';
  if (lifetimes.start[row] === NONE) return 'backward-kept';
  return backwardLife(lifes, row);
}

function backwardLife(lifes: Lifes, row: number): RuleId {
  if (lifes.outlivesRun(row)) return 'backward-kept';
  if (!lifes.isAlive(row)) return 'backward-freed';
  // The trace ends within this pass. What is older than any intermediate result is kept.
  return lifes.view.lifetimes.traced - row > OLD_IN_BACKWARD ? 'backward-open' : 'backward-recent';
}

function forwardRule(lifes: Lifes, row: number, traits: number): RuleId {
  const isLarge = (lifes.view.lifetimes.size[row] as number) >= SMALLEST_LOGITS;
  if (isLarge && (traits & Trait.loss) !== 0) return 'loss-frames';
  if (isLarge && (traits & Trait.head) !== 0) return 'head-frames';
  if (lifes.isFreedByBackward(row)) return 'forward-saved';
  return lifes.isShort(row) ? 'forward-freed' : 'forward';
}

/** Its stack shows the user's own code, and no stage. */
function loopRule(lifes: Lifes, row: number, stack: number, traits: number): RuleId {
  const { lifetimes, facts, stages } = lifes.view;
  const start = lifetimes.start[row] as number;
  if (lifes.isFreedByBackward(row)) return 'saved-lifetime';
  if (lifes.isShort(row)) return 'short-lived';
  if (start === NONE) return 'no-rule';
  if ((traits & Trait.constructor) !== 0 && start < lifes.firstPass && isKept(lifes, row)) {
    return 'constructor';
  }
  const steps = lifes.steps?.starts.length ?? 0;
  const times = lifes.timesOfStack[stack] as number;
  if (steps >= 3 && isOfLoop(facts.traits[stack] as number)) {
    const next = stages.runStage[(stages.run[start] as number) + 1];
    const isBeforeForward =
      (next !== undefined && isForward(next)) ||
      (next === undefined && lifes.firstPass < lifes.view.device.events.count);
    // The last one or two of them are still there at the end.
    const diesSoon = lifes.isAlive(row)
      ? lifes.stepOf(start) >= steps - 2 && (lifes.aliveOfStack[stack] as number) <= 2
      : lifes.stepOf(lifes.end(row)) - lifes.stepOf(start) <= 1;
    if (isBeforeForward && diesSoon && times >= steps / 2 && times <= steps * 2 + 2) {
      return 'loop-input';
    }
  }
  return 'no-rule';
}

function ruleWithoutStack(lifes: Lifes, row: number): RuleId {
  const { lifetimes, stages } = lifes.view;
  const start = lifetimes.start[row] as number;
  if (lifetimes.size[row] === CUBLAS_WORKSPACE) return 'workspace-size';
  if (start === NONE) return beforeRule(lifes, row);
  const stage = stages.stage[start] as number;
  if (stages.framelessIsBackward && stage === Stage.backward) return backwardLife(lifes, row);
  if (stage === Stage.optimizer) {
    if (lifes.isShort(row)) return 'optimizer-freed';
    return lifes.outlivesRun(row) || lifes.isAlive(row) ? 'optimizer-kept' : 'optimizer-freed';
  }
  if (lifes.isShort(row)) return 'short-lived';
  if (lifes.steps !== undefined && !lifes.isAlive(row)) {
    const from = lifes.stepOf(start);
    const to = lifes.stepOf(lifes.end(row));
    if (from >= 0 && to === from) return 'step-saved';
    if (from >= 0 && to === from + 1) return 'step-carried';
  }
  return 'no-stack';
}

function beforeRule(lifes: Lifes, row: number): RuleId {
  if (isFreedByFirstBackward(lifes, row)) return 'before-activations';
  return lifes.isReplacedByOptimizer(row) ? 'before-optimizer' : 'before-recording';
}

/** The trace can begin between forward and backward: what that backward frees was saved for it. */
function isFreedByFirstBackward(lifes: Lifes, row: number): boolean {
  if (lifes.isAlive(row)) return false;
  const { stages } = lifes.view;
  const end = lifes.end(row);
  if (stages.stage[end] !== Stage.backward) return false;
  const run = stages.run[end] as number;
  for (let earlier = 0; earlier < run; earlier++) {
    if (stages.runStage[earlier] === Stage.backward) return false;
  }
  return true;
}

/** The category of an allocation. */
export const categoryOf = (categories: Categories, row: number): Category =>
  CATEGORIES[categories.categoryOfRule[categories.rule[row] as number] as number] ?? 'unknown';
