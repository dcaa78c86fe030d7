/** From a question to its answer: does it fit, which plans make it fit, what does not help, how much would. */

import { largest, type Modelled, minus, spread } from '../base/factor.ts';
import type { Interval } from '../base/interval.ts';
import type { KnownModel } from '../footprint/decide.ts';
import { isReplayable } from '../footprint/pool.ts';
import { CATEGORIES, type Remedy } from '../remedies/remedy.ts';
import type { Machine } from '../workload/machine.ts';
import type { SettingName } from '../workload/settings.ts';
import { changed, type Purpose, type Stated, type Workload } from '../workload/workload.ts';
import { type AbsoluteChange, type Constraints, type Option, optionsOf } from './options.ts';
import {
  cardsOf,
  isAtLeast,
  type Priced,
  peakBytes,
  price,
  type Question,
  type Room,
  roomAt,
  tightest,
  verdictOf,
} from './price.ts';
import {
  type Aim,
  BY_SLOWDOWN,
  BY_STEPS,
  bearing,
  type Choice,
  changesOf,
  cheapest,
  type Found,
  keyOf,
  Pricer,
  setsAllocator,
} from './search.ts';
import { CLASSES, type CostClass, type Verdict } from './words.ts';

export type PlanName = 'cheapest' | 'safe' | 'least-change';

/** A measure of a plan, with what it frees when those before it are in force. */
export interface PlannedStep {
  readonly remedy: Remedy;
  readonly class: CostClass;
  readonly changes: ReturnType<typeof changesOf>;
  /** What each setting was before. */
  readonly before: ReadonlyMap<SettingName, Stated>;
  readonly saves: Interval;
  /** Of an engine: the limit at which it gives that much more room. */
  readonly limit?: Room['limit'];
  readonly after: Interval;
  readonly slowdown: number;
}

export interface Plan {
  /** What it is best at; one plan can be several. */
  readonly names: readonly PlanName[];
  readonly steps: readonly PlannedStep[];
  readonly priced: Priced;
  readonly verdict: Verdict;
  readonly slowdown: number;
  readonly isProven: boolean;
}

/** A measure that people try and that leaves the peak here as it is. */
export interface PlanDeadEnd {
  readonly remedy: Remedy;
  /** What it frees at the peak, at most; below 0 where the peak is higher with it. Bytes. */
  readonly frees: number;
  /** What is missing even without all that lies idle. Bytes. */
  readonly missing?: number;
}

export interface Answer {
  readonly priced: Priced;
  readonly verdict: Verdict;
  readonly tightest: Room;
  readonly plans: readonly Plan[];
  readonly dead_ends: readonly PlanDeadEnd[];
  /** Where nothing fits: all measures together, and by how much even they miss. */
  readonly best?: { readonly priced: Priced; readonly missing: number };
}

/** The most of all roles on a card. */
export const cardNeed = ({ rooms }: Priced): Modelled =>
  largest(...rooms.filter(({ limit }) => limit === 'card').map(({ need }) => need));

/** The limit at which an engine gains: where it failed, or else the tightest. */
function judgedAt(before: Priced, failedAt?: Room['limit']): Room {
  const rooms = before.rooms.filter(({ limit }) => limit === failedAt);
  return tightest(rooms.length > 0 ? { ...before, rooms } : before);
}

/**
 * What a change leaves more of. For an engine, whose pool takes whatever is there, that is the room at the limit that
 * failed or is tightest now; for everybody else what the card has to hold.
 */
function gain(before: Priced, after: Priced, failedAt?: Room['limit']): Modelled {
  if (before.job.purpose !== 'serving') return minus(cardNeed(before), cardNeed(after));
  const worst = judgedAt(before, failedAt);
  const same =
    after.rooms.find(({ limit, role }) => limit === worst.limit && role === worst.role) ??
    tightest(after);
  return minus(minus(same.have, same.need), minus(worst.have, worst.need));
}

/** Where an engine gains: its pool takes what the card has, so that little of it is saved there. */
const gainsAt = (before: Priced, failedAt?: Room['limit']): { readonly limit?: Room['limit'] } =>
  before.job.purpose === 'serving' ? { limit: judgedAt(before, failedAt).limit } : {};

const gainAtMids = (before: Priced, after: Priced, failedAt?: Room['limit']): number =>
  gain(before, after, failedAt).at(new Map());

const needAtMids = (priced: Priced): number => cardNeed(priced).at(new Map());

/** Below this share of the peak a measure counts as one that frees nothing. */
const NOTHING = 0.005;

/** What the cheapest plan spares: time, the formats of numbers, or the number of measures. */
export type Prefer = 'speed' | 'quality' | 'simplicity';

/** Whoever spares the formats would rather wait for the host. */
const QUALITY_ORDER: readonly CostClass[] = [
  'same-mathematics',
  'recomputation',
  'offload',
  'numerics',
  'experiment',
];

export function answer(
  question: Question,
  remedies: readonly Remedy[],
  constraints: Constraints,
  prefer: Prefer = 'speed',
): Answer {
  const pricer = new Pricer(question);
  const priced = pricer.price([]);
  const verdict = verdictOf(priced);
  const room = tightest(priced);
  const stated = completed(question.workload, priced);
  const all = optionsOf(remedies, stated, constraints, possible(question));
  const useful = bearing(all, pricer);
  const ends = deadEndsOf(remedies, question, stated, constraints, pricer);
  if (isAtLeast(verdict, 'probably')) {
    return { priced, verdict, tightest: room, plans: [], dead_ends: ends };
  }
  const aim: Aim = {
    sure: 'probably',
    maxSlowdown: constraints.maxSlowdown,
    prefer: prefer === 'simplicity' ? BY_STEPS : BY_SLOWDOWN,
    stages: (prefer === 'quality' ? QUALITY_ORDER : CLASSES).map((one) => [one]),
  };
  const cheap = cheapest(useful, pricer, aim);
  // What is cheapest of all that probably fits, and is sure, is cheapest of all that is sure.
  const safe =
    cheap === undefined || (cheap.verdict === 'yes' && cheap.isProven)
      ? cheap
      : cheapest(useful, pricer, { ...aim, sure: 'yes' });
  // All classes alike: the fewest measures, and fewer than there are already.
  const few = { ...aim, prefer: BY_STEPS, stages: [CLASSES], known: (safe ?? cheap)?.choices };
  const found: readonly (readonly [PlanName, Found | undefined])[] = [
    ['cheapest', cheap],
    ['safe', safe],
    ['least-change', cheapest(useful, pricer, few)],
  ];
  const plans = plansOf(found, stated, pricer);
  // Too little alone, and a part of what fits.
  const planned = new Set(plans.flatMap(({ steps }) => steps.map(({ remedy }) => remedy.id)));
  const dead_ends = ends.filter(({ remedy }) => !planned.has(remedy.id));
  if (plans.length > 0) return { priced, verdict, tightest: room, plans, dead_ends };
  return { priced, verdict, tightest: room, plans, dead_ends, best: bestOf(useful, pricer) };
}

/** With what the job takes for granted: a measure can halve a number that nobody said. */
function completed(workload: Workload, { job }: Priced): Workload {
  const taken = job.assumptions.map(
    ({ setting, value }) => [setting, { value, by: 'default', source: 'assumed' }] as const,
  );
  const settings = new Map<SettingName, Stated>([...taken, ...workload.settings]);
  const layers = settings.get('gpu_layers');
  const all = 1 + job.model.stacks.reduce((sum, { pattern }) => sum + pattern.length, 0);
  // `-ngl 99` is all of them, and half of that still is.
  if (typeof layers?.value === 'number' && (layers.value > all || layers.value < 0)) {
    settings.set('gpu_layers', { ...layers, value: all });
  }
  return { ...workload, settings };
}

/** No more ranks than there are cards, and heads that they can divide. */
function possible({
  workload,
  known,
  machine,
}: Question): (changes: readonly AbsoluteChange[]) => boolean {
  const cards = cardsOf(machine).count;
  const heads = known.model.stacks.flatMap(({ layers }) =>
    layers.flatMap(({ mixers }) =>
      mixers.flatMap((mixer) => (mixer.kind === 'softmax' ? [mixer.heads] : [])),
    ),
  );
  return (changes) => {
    const { settings } = changed(workload, changes, '');
    const of = (name: SettingName): number => Number(settings.get(name)?.value ?? 1);
    const tensor = of('tensor_parallel');
    const ranks = tensor * of('pipeline_parallel') * of('sequence_parallel');
    const world = Math.max(cards, Number(settings.get('world_size')?.value ?? 1));
    // One rank has nobody to share with; only what waits on the host is gathered by it alone.
    const isShared = changes.some(({ setting, to }) => setting === 'sharding' && to !== 'none');
    if (isShared && world === 1 && settings.get('parameter_offload')?.value !== true) return false;
    // The hook steps before DDP has reduced the gradient; only where states are divided is that done by then.
    const isEarly = changes.some(
      ({ setting, to }) => setting === 'optimizer_in_backward' && to === true,
    );
    if (isEarly && world > 1 && settings.get('sharding')?.value !== 'full') return false;
    // TRL refuses a GRPO batch that is no whole number of groups (trl@0.21.0:trl/trainer/grpo_config.py).
    if (workload.dialects.includes('trl') && settings.get('task')?.value === 'grpo') {
      const steps = settings.has('rollout_steps') ? 'rollout_steps' : 'accumulation_steps';
      const batch = of('micro_batch') * world * of(steps);
      if (batch % of('rollouts') !== 0) return false;
    }
    return ranks <= cards && heads.every((count) => count % tensor === 0);
  };
}

function plansOf(
  found: readonly (readonly [PlanName, Found | undefined])[],
  stated: Workload,
  pricer: Pricer,
): readonly Plan[] {
  const byKey = new Map<string, { names: PlanName[]; plan: Found }>();
  for (const [name, plan] of found) {
    if (plan === undefined) continue;
    const key = keyOf(plan.choices);
    const same = byKey.get(key);
    if (same === undefined) byKey.set(key, { names: [name], plan });
    else same.names.push(name);
  }
  return [...byKey.values()].map(({ names, plan }) => ({
    names,
    steps: stepsOf(inOrder(plan.choices, pricer), stated, pricer),
    priced: plan.priced,
    verdict: plan.verdict,
    slowdown: plan.slowdown,
    isProven: plan.isProven,
  }));
}

/** As one would try them: what costs least first, but what frees nothing yet only after what makes it do so. */
function inOrder(choices: readonly Choice[], pricer: Pricer): readonly Choice[] {
  const place = ({ option: { class: costs, remedy } }: Choice): number =>
    CLASSES.indexOf(costs) * CATEGORIES.length + CATEGORIES.indexOf(remedy.category);
  const left = [...choices].sort((a, b) => place(a) - place(b));
  const ordered: Choice[] = [];
  while (left.length > 1) {
    const before = pricer.price(ordered);
    const enough = NOTHING * needAtMids(before);
    let [next, most] = [0, Number.NEGATIVE_INFINITY];
    for (const [at, choice] of left.entries()) {
      const gained = gainAtMids(before, pricer.price([...ordered, choice]));
      if (gained > most) [next, most] = [at, gained];
      if (gained > enough) break;
    }
    ordered.push(...left.splice(next, 1));
  }
  return [...ordered, ...left];
}

function stepsOf(
  choices: readonly Choice[],
  workload: Workload,
  pricer: Pricer,
): readonly PlannedStep[] {
  return choices.map((choice, index) => {
    const before = pricer.price(choices.slice(0, index));
    const after = pricer.price(choices.slice(0, index + 1));
    const need = cardNeed(after);
    const now = choices
      .slice(0, index)
      .reduce((so, one) => changed(so, changesOf(one), one.option.remedy.id), workload);
    return {
      remedy: choice.option.remedy,
      class: choice.option.class,
      changes: changesOf(choice),
      before: now.settings,
      saves: spread(gain(before, after)),
      ...gainsAt(before),
      after: spread(need),
      slowdown: choice.option.variants[choice.level]?.slowdown ?? 1,
    };
  });
}

/** Every measure in force, the strongest of each: what is missing even then. */
function bestOf(
  options: readonly Option[],
  pricer: Pricer,
): { readonly priced: Priced; readonly missing: number } {
  let choices: readonly Choice[] = [];
  for (const option of options) {
    const next = [...choices, { option, level: option.variants.length - 1 }];
    const isMore = setsAllocator(option)
      ? pricer.replayedRoom(next) > pricer.replayedRoom(choices)
      : pricer.room(next) > pricer.room(choices);
    if (isMore) choices = next;
  }
  const priced = pricer.price(choices);
  return { priced, missing: Math.max(0, -roomAt(tightest(priced))) };
}

/** What people often try, priced: it stands here where the peak stays. */
function deadEndsOf(
  remedies: readonly Remedy[],
  question: Question,
  stated: Workload,
  constraints: Constraints,
  pricer: Pricer,
): readonly PlanDeadEnd[] {
  const tried = remedies.filter(({ often_tried: often }) => often);
  const { only: _, ...rest } = constraints;
  const options = optionsOf(tried, stated, rest, possible(question));
  const now = pricer.price([]);
  const peak = peakBytes(now);
  const least = pricer.least([]);
  const missing = Math.max(0, -roomAt(tightest(least)));
  const fits = isAtLeast(verdictOf(now), 'probably');
  const idle = peak - peakBytes(least);
  // Of what the prediction does not look at nothing can be said, nor of the allocator where no step is replayed.
  const isPriced = (option: Option): boolean =>
    option.variants.every(({ changes }) =>
      changes.every(({ setting }) => now.considered.has(setting)),
    ) &&
    (!setsAllocator(option) || isReplayable(now.job));
  return options.filter(isPriced).flatMap((option): PlanDeadEnd[] => {
    const last = { option, level: option.variants.length - 1 };
    // Nobody needs less idle where it fits.
    if (setsAllocator(option) && fits) return [];
    // Where live tensors alone are too much no replay has to say how the rest would lie.
    if (setsAllocator(option) && missing > 0 && idle > 0)
      return [{ remedy: option.remedy, frees: idle, missing }];
    // What lowers the live tensors is none; whether the rest frees something idle a replay tells.
    if (gainAtMids(least, pricer.least([last]), question.failedAt) > peak * NOTHING) return [];
    const frees = gainAtMids(now, pricer.price([last]), question.failedAt);
    return frees > peak * NOTHING ? [] : [{ remedy: option.remedy, frees }];
  });
}

/** Whether a situation fits: with nothing idle first, which is cheap to see. */
function fits(question: Question, least: Verdict = 'probably'): Verdict | undefined {
  if (!isAtLeast(verdictOf(price(question, 'none')), least)) return undefined;
  const verdict = verdictOf(price(question));
  return isAtLeast(verdict, least) ? verdict : undefined;
}

/** A measure by itself, in its mildest form that frees anything. */
export interface PricedMeasure {
  /** At the peak of the fullest card; below 0 where it needs more. */
  readonly saves: Interval;
  /** Of an engine: the limit at which it gives that much more room, the one that failed where that is known. */
  readonly limit?: Room['limit'];
  readonly verdict: Verdict;
}

/** What measures free, each alone; those that the prediction does not look at are left out. */
export function pricedAlone(
  question: Question,
  remedies: readonly Remedy[],
  constraints: Constraints,
): ReadonlyMap<string, PricedMeasure> {
  const pricer = new Pricer(question);
  const { failedAt } = question;
  const now = pricer.least([]);
  const peak = needAtMids(now);
  const stated = completed(question.workload, now);
  const found = new Map<string, PricedMeasure>();
  for (const option of optionsOf(
    remedies,
    stated,
    { ...constraints, alone: true },
    possible(question),
  )) {
    const changes = option.variants[0]?.changes ?? [];
    if (!changes.every(({ setting }) => now.considered.has(setting))) continue;
    // The mildest form that frees anything.
    const level = option.variants.findIndex(
      (_, at) => gainAtMids(now, pricer.least([{ option, level: at }]), failedAt) > NOTHING * peak,
    );
    const choices = [{ option, level: Math.max(0, level) }];
    // A replay of each would take a hundred times as long: live tensors tell but for the allocator's own settings.
    const isIdle = setsAllocator(option);
    const before = isIdle ? pricer.price([]) : now;
    const after = isIdle ? pricer.price(choices) : pricer.least(choices);
    const saves = spread(gain(before, after, failedAt));
    const verdict = verdictOf(after) === 'no' ? 'no' : verdictOf(pricer.price(choices));
    found.set(option.remedy.id, { saves, verdict, ...gainsAt(before, failedAt) });
  }
  return found;
}

/** The largest whole value of a setting that still probably fits; undefined where even 1 does not. */
export function largestOf(
  question: Question,
  setting: SettingName,
  most: number,
): number | undefined {
  const at = (value: number): Question => {
    const workload = changed(question.workload, [{ setting, to: value }], `max ${setting}`);
    return { ...question, workload };
  };
  // What fits with nothing idle bounds what fits; the replays then look down from there.
  const bound = largestThat((value) => {
    const least = price(at(value), 'none');
    return isAtLeast(verdictOf(least), 'probably') && servesWhole(least);
  }, most);
  if (bound === undefined) return undefined;
  const holds = (value: number): boolean => fits(at(value)) !== undefined;
  if (holds(bound)) return bound;
  let step = Math.max(1, Math.floor(bound / 64));
  let high = bound;
  let low = Math.max(0, high - step);
  while (low > 0 && !holds(low)) {
    high = low;
    step *= 2;
    low = Math.max(0, high - step);
  }
  const found = between(low, high, holds);
  return found === 0 ? undefined : found;
}

/** An engine may start with a cache that is too small for what it was asked to serve. */
const servesWhole = ({ prediction, job }: Priced): boolean =>
  prediction.roles.every(({ footprint: { capacity } }) =>
    capacity?.longestRequest === undefined
      ? true
      : capacity.longestRequest.at(new Map()) >= (job.serving?.context ?? 0) - 1,
  );

/** The largest value up to `most` of which something holds, where it holds of all below. */
function largestThat(holds: (value: number) => boolean, most: number): number | undefined {
  if (!holds(1)) return undefined;
  let low = 1;
  let high = 2;
  while (high <= most && holds(high)) {
    low = high;
    high *= 2;
  }
  if (high > most && holds(most)) return most;
  return between(low, Math.min(high, most), holds);
}

/** Between a value of which it holds and one of which it does not. */
function between(from: number, to: number, holds: (value: number) => boolean): number {
  let low = from;
  let high = to;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** The setting that `--max-batch` asks about. */
export const batchOf = (purpose: Purpose): SettingName =>
  purpose === 'serving' ? 'max_sequences' : 'micro_batch';

/** The setting that `--max-context` asks about. */
export const lengthOf = (purpose: Purpose): SettingName =>
  purpose === 'serving'
    ? 'context_length'
    : purpose === 'generation'
      ? 'prompt_length'
      : 'sequence_length';

/** Of machines those on which the workload probably fits, the smallest first as they are given: where the last has no room, none has. */
export function machinesThatFit(
  question: Omit<Question, 'machine'>,
  machines: readonly Machine[],
  most: number,
): readonly { readonly machine: Machine; readonly verdict: Verdict }[] {
  const found: { machine: Machine; verdict: Verdict }[] = [];
  const largest = machines.at(-1);
  if (largest === undefined || fits({ ...question, machine: largest }) === undefined) return [];
  for (const machine of machines) {
    if (found.length >= most) break;
    const verdict = fits({ ...question, machine });
    if (verdict !== undefined) found.push({ machine, verdict });
  }
  return found;
}

/** Of models those that probably fit, in the order given. */
export function modelsThatFit(
  question: Question,
  models: Iterable<{ readonly name: string; readonly known: KnownModel }>,
  most: number,
): readonly string[] {
  const found: string[] = [];
  for (const { name, known } of models) {
    if (found.length >= most) break;
    if (fits({ ...question, known }) !== undefined) found.push(name);
  }
  return found;
}
