/**
 * The search for the cheapest combination of measures that fits. Plans are compared by the dearest class that
 * they use, then by how much longer the work takes, then by how many measures they are, then by how little these alter and how early they stand in the order of measures, then by how far they go.
 *
 * Branch and bound: a branch is cut when even the strongest values of all measures that are left do not fit,
 * or when it costs as much as the best plan so far. That is exact where a measure never raises the need and the
 * strongest of rivals is the strongest beside every other; the
 * bound is checked with the need at the mids of all factors, a plan with its whole range.
 *
 * Bounds are taken with nothing idle in the allocator, which no replay can be below. So the cheapest plan that fits
 * with nothing idle is found first, and only that one is replayed. It stands when its replay fits as well; if not, it is
 * struck out, and the search is done again over prices that are all known by then.
 *
 * Where the bound says that nothing fits, single measures and a climb are tried all the same: some measures get into
 * each other's way, and what is found so is not called proven.
 */

import type { FactorValues } from '../base/factor.ts';
import { isReplayable } from '../footprint/pool.ts';
import { ALTERATIONS, CATEGORIES, type Remedy } from '../remedies/remedy.ts';
import type { SettingName } from '../workload/settings.ts';
import { changed } from '../workload/workload.ts';
import { type AbsoluteChange, CLASS_SLOWDOWN, type Option } from './options.ts';
import {
  type Idle,
  isAtLeast,
  isThrough,
  type Priced,
  price,
  type Question,
  roomAt,
  tightest,
  verdictOf,
} from './price.ts';
import type { CostClass, Verdict } from './words.ts';

/** A measure with the value that a plan takes. */
export interface Choice {
  readonly option: Option;
  readonly level: number;
}

export interface Found {
  readonly choices: readonly Choice[];
  readonly priced: Priced;
  readonly verdict: Verdict;
  readonly slowdown: number;
  /** False where the search ended early: a cheaper plan may be there. */
  readonly isProven: boolean;
}

/** Situations that one search prices and replays, at most. */
const MOST_PRICED = 1500;
const MOST_REPLAYED = 60;

export const changesOf = ({ option, level }: Choice): readonly AbsoluteChange[] =>
  option.variants[level]?.changes ?? [];

/** The same for the same combination in any order. */
export const keyOf = (choices: readonly Choice[]): string =>
  choices
    .map(({ option, level }) => `${option.remedy.id}:${level}`)
    .sort()
    .join(' ');

/** Prices combinations; each once. */
export class Pricer {
  readonly #question: Question;
  readonly #seen = new Map<string, Priced>();
  readonly #replayed = new Map<string, Priced>();
  constructor(question: Question) {
    this.#question = question;
  }

  /** How many situations were priced. */
  get count(): number {
    return this.#seen.size;
  }

  /** How many were replayed. */
  get replays(): number {
    return this.#replayed.size;
  }

  /** As it is: with a replayed step where there can be one. */
  price(choices: readonly Choice[]): Priced {
    return this.#priced(choices, 'replayed', this.#replayed);
  }

  /** The least that it can be: nothing idle. A hundredth of the work. */
  least(choices: readonly Choice[]): Priced {
    return this.#priced(choices, 'none', this.#seen);
  }

  #priced(choices: readonly Choice[], idle: Idle, known: Map<string, Priced>): Priced {
    const key = keyOf(choices);
    const seen = known.get(key);
    if (seen !== undefined) return seen;
    const workload = choices.reduce(
      (now, choice) => changed(now, changesOf(choice), choice.option.remedy.id),
      this.#question.workload,
    );
    const priced = price({ ...this.#question, workload }, idle);
    known.set(key, priced);
    return priced;
  }

  /** What is left at the tightest limit, at the mids, with nothing idle. Bytes. */
  room(choices: readonly Choice[]): number {
    return roomAt(tightest(this.least(choices)));
  }

  /** The same as it is. */
  replayedRoom(choices: readonly Choice[]): number {
    return roomAt(tightest(this.price(choices)));
  }

  /** Whether it fits at least so surely with nothing idle: without that it fits in no way. */
  mayFit(choices: readonly Choice[], sure: Verdict): boolean {
    return holds(this.least(choices), sure);
  }

  /** Whether it fits at least so surely: with nothing idle first, which is cheap to see. */
  fits(choices: readonly Choice[], sure: Verdict): boolean {
    const isThere = this.mayFit(choices, sure) && isThrough(this.least(choices), this.#question);
    return isThere && holds(this.price(choices), sure);
  }
}

const holds = (priced: Priced, sure: Verdict): boolean =>
  roomAt(tightest(priced)) >= 0 && isAtLeast(verdictOf(priced), sure);

const strongest = (option: Option): Choice => ({ option, level: option.variants.length - 1 });

/** Ways to divide each step among the same cards. */
const DIVIDING: readonly SettingName[] = [
  'tensor_parallel',
  'pipeline_parallel',
  'sequence_parallel',
];

/** Settings of the allocator: what they do shows in a replay only, and two of them get into each other's way. */
export const OF_ALLOCATOR: readonly SettingName[] = [
  'expandable_segments',
  'max_split_size',
  'roundup_divisions',
  'gc_threshold',
];

/** Where the optimizer steps: inside the backward pass, or on the host. */
const STEPPING: readonly SettingName[] = ['optimizer_in_backward', 'optimizer_offload'];

/**
 * What a measure takes for itself: its settings, where ways to divide the cards, settings of the allocator and places of
 * the step each count as one.
 */
const takenBy = ({ variants }: Option): readonly string[] =>
  (variants[0]?.changes ?? []).map(({ setting }) =>
    DIVIDING.includes(setting)
      ? 'division'
      : OF_ALLOCATOR.includes(setting)
        ? 'allocator'
        : STEPPING.includes(setting)
          ? 'stepping'
          : setting,
  );

/** True for measures whose only effect is on what the allocator holds idle. */
export const setsAllocator = ({ variants }: Option): boolean =>
  (variants[0]?.changes ?? []).every(({ setting }) => OF_ALLOCATOR.includes(setting));

/** True where two measures change the same: a plan takes one of them. */
function collide(a: Option, b: Option): boolean {
  const names = takenBy(a);
  return takenBy(b).some((name) => names.includes(name));
}

const without = (choices: readonly Choice[], option: Option): readonly Choice[] =>
  choices.filter((choice) => !collide(choice.option, option));

/** Settings that give room at one limit and take it at another: the strongest value is not the best one. */
const TRADED: readonly SettingName[] = ['engine_fraction'];

const tradesOff = ({ variants }: Option): boolean =>
  (variants[0]?.changes ?? []).some(({ setting }) => TRADED.includes(setting));

/** What is at best left at each limit shows whether anything can fit: nothing at all, or one that is traded off. */
function mayFit(
  chosen: readonly Choice[],
  left: readonly Option[],
  strength: Strength,
  pricer: Pricer,
): boolean {
  const all = [...chosen, ...allOf(left, strength)];
  if (pricer.room(all) >= 0) return true;
  const traded = left.filter(tradesOff);
  if (traded.length === 0) return false;
  const ends = [all, ...traded.map((option) => [...all, strongest(option)])].map(
    (choices) => pricer.least(choices).rooms,
  );
  const limits = new Set(ends.flatMap((rooms) => rooms.map(({ limit }) => limit)));
  return [...limits].every((limit) =>
    ends.some((rooms) => rooms.every((room) => room.limit !== limit || roomAt(room) >= 0)),
  );
}

/**
 * Room that each measure leaves beside the strongest values of all others, but of what is traded off. Bytes.
 */
type Strength = ReadonlyMap<Option, number>;

function strengthOf(options: readonly Option[], pricer: Pricer): Strength {
  const plain = options.filter((option) => !tradesOff(option));
  let all: readonly Choice[] = [];
  for (const option of plain) {
    const others = without(all, option);
    const next = [...others, strongest(option)];
    if (others.length === all.length || pricer.room(next) > pricer.room(all)) all = next;
  }
  return new Map(
    plain.map((option) => [option, pricer.room([...without(all, option), strongest(option)])]),
  );
}

/** The strongest values together; of those that change the same the one that leaves most room. */
function allOf(options: readonly Option[], strength: Strength): readonly Choice[] {
  const byRoom = options
    .filter((option) => strength.has(option))
    .sort((a, b) => (strength.get(b) ?? 0) - (strength.get(a) ?? 0));
  let taken: readonly Choice[] = [];
  for (const option of byRoom)
    if (without(taken, option).length === taken.length) taken = [...taken, strongest(option)];
  return taken;
}

/**
 * Measures that need less at some moment, alone or beside all others. The rest have no bearing here. Settings of the
 * allocator are among them where all others together leave room: what they do shows in a replay only.
 */
export function bearing(options: readonly Option[], pricer: Pricer): readonly Option[] {
  const all = allOf(options, strengthOf(options, pricer));
  const fits = pricer.room(all) >= 0;
  return options.filter((option) =>
    setsAllocator(option)
      ? fits
      : lowers([], option, pricer) || lowers(without(all, option), option, pricer),
  );
}

const lowers = (before: readonly Choice[], option: Option, pricer: Pricer): boolean =>
  isLower(pricer.least([...before, strongest(option)]), pricer.least(before));

/** Whether some limit has more room, or some moment needs less: what is highest now need not be so later. */
function isLower(after: Priced, before: Priced): boolean {
  const needs = ({ prediction }: Priced): readonly number[] =>
    prediction.roles.flatMap(({ footprint }) =>
      footprint.moments.map(({ device }) => device.at(MIDS)),
    );
  const earlier = needs(before);
  return (
    roomAt(tightest(after)) > roomAt(tightest(before)) ||
    needs(after).some((need, at) => need < (earlier[at] ?? 0))
  );
}

const MIDS: FactorValues = new Map();

interface Cost {
  readonly slowdown: number;
  readonly steps: number;
  /** How much its measures alter of what is computed, then how far down the list of what is worth trying they stand. */
  readonly trouble: number;
  readonly levels: number;
}

const isCheaper = (a: Cost, b: Cost): boolean =>
  a.slowdown !== b.slowdown
    ? a.slowdown < b.slowdown
    : a.steps !== b.steps
      ? a.steps < b.steps
      : a.trouble !== b.trouble
        ? a.trouble < b.trouble
        : a.levels < b.levels;

/** What alters less comes first, whatever its place in the list. */
const troubleOf = ({ alters, category }: Remedy): number =>
  ALTERATIONS.indexOf(alters) * MOST_TROUBLE + CATEGORIES.indexOf(category);

/** More than places in the list add up to. */
const MOST_TROUBLE = 1000;

const costOf = (choices: readonly Choice[]): Cost => ({
  slowdown: choices.reduce(
    (all, { option, level }) => all * (option.variants[level]?.slowdown ?? 1),
    1,
  ),
  steps: choices.length,
  trouble: choices.reduce((sum, { option: { remedy } }) => sum + troubleOf(remedy), 0),
  levels: choices.reduce((sum, { level }) => sum + level, 0),
});

/** How plans are compared within a class. */
export type Preference = (choices: readonly Choice[]) => Cost;

export const BY_SLOWDOWN: Preference = costOf;
/** Fewest measures first. */
export const BY_STEPS: Preference = (choices) => {
  const { slowdown, steps, ...rest } = costOf(choices);
  return { slowdown: steps, steps: slowdown, ...rest };
};

/** What a search looks for. */
export interface Aim {
  /** Its plans fit at least so surely. */
  readonly sure: Verdict;
  /** Most times longer, for a plan as a whole. */
  readonly maxSlowdown?: number | undefined;
  /** How plans are compared within a stage. */
  readonly prefer: Preference;
  /** Classes that are as good as one another; a stage is tried where those before it have no plan. */
  readonly stages: readonly (readonly CostClass[])[];
  /** A plan that is as sure: only cheaper ones are looked for. */
  readonly known?: readonly Choice[] | undefined;
}

function isTooSlow(choices: readonly Choice[], { maxSlowdown }: Aim): boolean {
  if (maxSlowdown !== undefined) return costOf(choices).slowdown > maxSlowdown;
  return choices.some(
    ({ option: { class: own } }) =>
      costOf(choices.filter(({ option }) => option.class === own)).slowdown > CLASS_SLOWDOWN,
  );
}

/** The cheapest plan, going from stage to stage. */
export function cheapest(options: readonly Option[], pricer: Pricer, aim: Aim): Found | undefined {
  const allowed: CostClass[] = [];
  for (const [at, stage] of aim.stages.entries()) {
    allowed.push(...stage);
    if (at > 0 && !options.some((option) => stage.includes(option.class))) continue;
    const here = options.filter((option) => allowed.includes(option.class));
    const found = within(here, pricer, aim);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Plans that are replayed for nothing, at most, before each one on the way is. */
const MOST_STRUCK = 24;

function within(options: readonly Option[], pricer: Pricer, aim: Aim): Found | undefined {
  // What frees most is decided first: branches without it are cut soon.
  const alone = new Map(options.map((option) => [option, pricer.room([strongest(option)])]));
  const all = [...options].sort((a, b) => (alone.get(b) ?? 0) - (alone.get(a) ?? 0));
  // What changes only what lies idle is for what was struck out.
  const order = withoutIdle(all, pricer);
  const strength = strengthOf(order, pricer);
  const struck = new Set<string>();
  const fits = (choices: readonly Choice[]): boolean => pricer.fits(choices, aim.sure);
  const fitsAtLeast = (choices: readonly Choice[]): boolean =>
    pricer.mayFit(choices, aim.sure) && !struck.has(keyOf(choices));
  let found = branchAndBound(order, strength, pricer, fitsAtLeast, aim);
  while (found.choices !== undefined && found.choices !== aim.known && !fits(found.choices)) {
    struck.add(keyOf(found.choices));
    const isLate = struck.size > MOST_STRUCK;
    found = branchAndBound(all, strength, pricer, isLate ? fits : fitsAtLeast, aim);
  }
  // Some measures get into each other's way: all of them together may not fit where a few do.
  const some = found.choices ?? single(order, pricer, aim) ?? climbed(order, pricer, aim);
  if (some === undefined) return undefined;
  const isProven = found.choices !== undefined && found.isProven;
  const choices = isProven ? some : trimmed(some, pricer, aim.sure);
  const priced = pricer.price(choices);
  return {
    choices,
    priced,
    verdict: verdictOf(priced),
    slowdown: costOf(choices).slowdown,
    isProven,
  };
}

/**
 * Without settings of the allocator where they leave what a plan needs at least: everywhere but in jobs that are not
 * replayed, of which a share for what lies idle is in that.
 */
function withoutIdle(options: readonly Option[], pricer: Pricer): readonly Option[] {
  const others = options.filter((option) => !setsAllocator(option));
  const open = [[], ...others.map((option) => [strongest(option)])].filter(
    (choices) => !isReplayable(pricer.least(choices).job),
  );
  const counts = (option: Option): boolean =>
    open.some((choices) => pricer.room([...choices, strongest(option)]) > pricer.room(choices));
  return open.length === 0
    ? others
    : options.filter((option) => !setsAllocator(option) || counts(option));
}

/** The cheapest combination that fits; `isProven` is false where the search ended early. */
function branchAndBound(
  order: readonly Option[],
  strength: Strength,
  pricer: Pricer,
  fits: (choices: readonly Choice[]) => boolean,
  aim: Aim,
): { readonly choices: readonly Choice[] | undefined; readonly isProven: boolean } {
  const { prefer } = aim;
  const first = aim.known ?? piledUp(order, strength, pricer, fits, aim);
  let best = first === undefined ? undefined : { choices: first, cost: prefer(first) };
  const { count: start, replays } = pricer;
  let isProven = true;
  const visit = (chosen: readonly Choice[], at: number): void => {
    const cost = prefer(chosen);
    if (isTooSlow(chosen, aim)) return;
    if (best !== undefined && !isCheaper(cost, best.cost)) return;
    if (pricer.count - start > MOST_PRICED || pricer.replays - replays > MOST_REPLAYED) {
      isProven = false;
      return;
    }
    if (fits(chosen)) {
      best = { choices: chosen, cost };
      return;
    }
    // A measure that makes the plan as dear as the best one by itself is part of no cheaper one.
    const left = order
      .slice(at)
      .filter(
        (option) =>
          !chosen.some((choice) => collide(choice.option, option)) &&
          (best === undefined || isCheaper(prefer([...chosen, { option, level: 0 }]), best.cost)),
      );
    if (left.length === 0 || !mayFit(chosen, left, strength, pricer)) return;
    const [option, ...rest] = left;
    if (option === undefined) return;
    const next = order.indexOf(option) + 1;
    option.variants.forEach((_, level) => {
      visit([...chosen, { option, level }], next);
    });
    if (rest.length > 0) visit(chosen, next);
  };
  visit([], 0);
  return { choices: best?.choices, isProven };
}

/**
 * Some plan to begin with, found at once: the strongest values, those that take no time first, until it fits, or else all
 * of them; and of these what is needed. Most others are cut soon because they are dearer.
 */
function piledUp(
  order: readonly Option[],
  strength: Strength,
  pricer: Pricer,
  fits: (choices: readonly Choice[]) => boolean,
  aim: Aim,
): readonly Choice[] | undefined {
  const time = (choice: Choice): number => costOf([choice]).slowdown;
  const quickest = (all: readonly Choice[]): readonly Choice[] =>
    [...all].sort((a, b) => time(a) - time(b));
  let pile: readonly Choice[] = [];
  for (const choice of quickest(order.map(strongest))) {
    if (fits(pile)) break;
    const next = [...pile, choice];
    const isOther = pile.every(({ option }) => !collide(option, choice.option));
    if (isOther && !isTooSlow(next, aim) && pricer.room(next) > pricer.room(pile)) pile = next;
  }
  const all = fits(pile) ? pile : quickest(allOf(order, strength));
  return fits(all) && !isTooSlow(all, aim) ? needed([...all].reverse(), fits) : undefined;
}

/** The cheapest measure that does by itself. */
function single(
  options: readonly Option[],
  pricer: Pricer,
  aim: Aim,
): readonly Choice[] | undefined {
  let best: readonly Choice[] | undefined;
  for (const option of options) {
    for (const level of option.variants.keys()) {
      const choices = [{ option, level }];
      if (isTooSlow(choices, aim)) continue;
      if (best !== undefined && !isCheaper(aim.prefer(choices), aim.prefer(best))) break;
      if (!pricer.fits(choices, aim.sure)) continue;
      best = choices;
      break;
    }
  }
  return best;
}

/** Measures that one climb takes, at most. */
const MOST_CLIMBED = 6;

/** What gives most room, one after the other, until it fits; then all that is not needed is taken back. */
function climbed(
  options: readonly Option[],
  pricer: Pricer,
  aim: Aim,
): readonly Choice[] | undefined {
  const { sure } = aim;
  let chosen: readonly Choice[] = [];
  while (!pricer.fits(chosen, sure)) {
    let [best, room] = [chosen, pricer.room(chosen)];
    for (const option of options) {
      if (chosen.some((choice) => collide(choice.option, option))) continue;
      const levels = tradesOff(option) ? [...option.variants.keys()] : [strongest(option).level];
      for (const level of levels) {
        const next = [...chosen, { option, level }];
        if (isTooSlow(next, aim) || pricer.room(next) <= room) continue;
        [best, room] = [next, pricer.room(next)];
      }
    }
    if (best === chosen || best.length > MOST_CLIMBED) return undefined;
    chosen = best;
  }
  return chosen;
}

/** Without what is not needed. */
function needed(
  all: readonly Choice[],
  fits: (choices: readonly Choice[]) => boolean,
): readonly Choice[] {
  let chosen = all;
  for (const choice of all) {
    const fewer = chosen.filter((one) => one !== choice);
    if (fits(fewer)) chosen = fewer;
  }
  return chosen;
}

/** Without what is not needed, and no stronger than needed. */
function trimmed(all: readonly Choice[], pricer: Pricer, sure: Verdict): readonly Choice[] {
  const fits = (choices: readonly Choice[]): boolean => pricer.fits(choices, sure);
  let chosen = needed(all, fits);
  for (const choice of chosen) {
    for (let level = 0; level < choice.level; level += 1) {
      const weaker = chosen.map((one) => (one === choice ? { ...one, level } : one));
      if (!fits(weaker)) continue;
      chosen = weaker;
      break;
    }
  }
  return chosen;
}
