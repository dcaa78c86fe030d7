/**
 * Steps as memory itself shows them: what a step needs is let go by its end, so between two steps
 * nothing is there that will be let go, only what stays. A stretch in between is a spell of work.
 */
import { Action, NONE } from './columns.ts';
import { Stage, Trait } from './owners-frames.ts';
import { type DeviceView, hasFrames } from './phases.ts';
import { type CallPaths, passOf } from './phases-loops.ts';

/** A stretch in which something is there that is let go later. */
interface Spell {
  /** Row of its first allocation. */
  readonly first: number;
  /** Its stack, or NONE: spells that begin alike are alike. */
  readonly kind: number;
  /** Allocations that are let go. */
  readonly work: number;
}

/** What lives longer than such a part of the trace can be set aside: it does not belong to one step. */
const LONGEST_PARTS = [1, 4, 16, 64] as const;
/** Fewer allocations in a spell are no step, only a value on its way. */
const LEAST_WORK = 2;
/** Bytes let go for each one that stays, where only that tells calls of a model from its layers. */
const KEPT_OF_PASS = 2;
/** Spells may end before the trace does, by so many of their mean distance. */
const LATEST_END = 2;

/** First events of at least `needed` spells that make up the trace, if there are such. */
export function fallStarts(
  view: DeviceView,
  paths: CallPaths,
  needed: number,
): readonly number[] | undefined {
  const { count } = view.device.events;
  const joins = new Joins(view, paths);
  for (const part of LONGEST_PARTS) {
    const spells = alike(spellsOf(view, joins, count / part));
    if (spells.length < needed) continue;
    const work = spells.reduce((sum, spell) => sum + spell.work, 0);
    if (work < spells.length * LEAST_WORK) continue;
    const starts = spells.map(({ first }) => view.lifetimes.start[first] as number);
    const from = starts[0] as number;
    const last = starts.at(-1) as number;
    const step = (last - from) / (starts.length - 1);
    if ((last - from) * 2 >= count && count - last <= step * (LATEST_END + 1)) return starts;
  }
  return undefined;
}

/** Of spells those that begin like most of the work; what lies between them belongs to the one before. */
function alike(spells: readonly Spell[]): readonly Spell[] {
  const work = new Map<number, number>();
  for (const { kind, work: own } of spells) work.set(kind, (work.get(kind) ?? 0) + own);
  let most = NONE;
  for (const [kind, sum] of work) {
    if (sum > (work.get(most) ?? 0)) most = kind;
  }
  const chosen: Spell[] = [];
  for (const spell of spells) {
    const before = chosen.at(-1);
    if (spell.kind === most) chosen.push(spell);
    else if (before !== undefined) {
      chosen[chosen.length - 1] = { ...before, work: before.work + spell.work };
    }
  }
  return chosen;
}

/** Making a model or a graph is no step. */
const ONCE: number = Trait.constructor | Trait.capture | Trait.load;

/** Whether an address lies in a private pool, such as that of a captured graph. */
function isPrivate({ snapshot, device }: DeviceView, address: number): boolean {
  const { segments } = snapshot;
  const [from, to] = device.segments;
  let low = from;
  let high = to;
  // Segments of a device come by address.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((segments.address[middle] as number) <= address) low = middle + 1;
    else high = middle;
  }
  const s = low - 1;
  if (s < from || segments.pool[s] === 0) return false;
  return address < (segments.address[s] as number) + (segments.total[s] as number);
}

/** @param longest events that an allocation lives, to count. */
function spellsOf(view: DeviceView, joins: Joins, longest: number): readonly Spell[] {
  const { lifetimes, facts, device } = view;
  const spells: Spell[] = [];
  const hasPools = view.snapshot.pools.length > 1;
  let until = -1;
  let first = NONE;
  let work = 0;
  let kept = 0;
  let released = 0;
  const close = (): void => {
    if (first !== NONE) {
      const stack = lifetimes.stack[first] as number;
      spells.push({ first, kind: hasFrames(facts, stack) ? stack : NONE, work });
    }
    first = NONE;
    work = 0;
    kept = 0;
    released = 0;
  };
  let before = NONE;
  for (let row = 0; row < lifetimes.traced; row++) {
    const start = lifetimes.start[row] as number;
    const end = lifetimes.freed[row] as number;
    const stack = lifetimes.stack[row] as number;
    if (stack !== NONE && ((facts.traits[stack] as number) & ONCE) !== 0) continue;
    if (hasPools && isPrivate(view, lifetimes.address[row] as number)) continue;
    if (end >= device.events.count) kept += lifetimes.block[row] as number;
    else if (end - start <= longest) {
      if (
        start >= until &&
        (first === NONE || !joins.isOne(before, row, kept * KEPT_OF_PASS <= released))
      ) {
        close();
        first = row;
      }
      until = Math.max(until, end);
      released += lifetimes.block[row] as number;
      work++;
    }
    before = row;
  }
  close();
  return spells;
}

/** Whether two allocations, one after the other, belong to the same step for what their stacks show. */
class Joins {
  readonly #view: DeviceView;
  readonly #paths: CallPaths;
  /** The trace ends with a request that failed, in this function. */
  readonly #failed: number;

  constructor(view: DeviceView, paths: CallPaths) {
    this.#view = view;
    this.#paths = paths;
    const { events } = view.device;
    const last = events.action.lastIndexOf(Action.oom, events.count - 1);
    const after = events.action.subarray(last + 1, events.count).includes(Action.alloc);
    const stack = last < 0 || after ? NONE : (events.stack[last] as number);
    this.#failed = passOf(paths, stack)?.id ?? -1;
  }

  /**
   * Whether the later one is part of what the earlier one belongs to.
   * @param isLean whether most of what was made was let go: layers whose results wait for a backward
   * pass keep most of it.
   */
  isOne(before: number, row: number, isLean: boolean): boolean {
    const { lifetimes, stages } = this.#view;
    // Their loops are over parameters and nodes of the graph, and no step begins with them.
    const stage = stages.stage[lifetimes.start[row] as number];
    if (stage === Stage.backward || stage === Stage.optimizer) return true;
    const stack = lifetimes.stack[row] as number;
    const earlier = before === NONE ? NONE : (lifetimes.stack[before] as number);
    const own = passOf(this.#paths, stack);
    const last = passOf(this.#paths, earlier);
    if (own === undefined || last?.id !== own.id) return false;
    const firstLine = this.#paths.firstLine[own.id] as number;
    // A pass with several lines goes back to the first of them when it is called again.
    if (firstLine < (this.#paths.lastLine[own.id] as number)) {
      return !(own.line === firstLine && last.line > own.line);
    }
    return own.id === this.#failed || !isLean;
  }
}
