/**
 * From failures to incidents: the same failure printed twice is one, failures of the same line of
 * code are one that is repeated, and the first comes first.
 */
import { isUnknown } from '../base/unknown.ts';
import type { Fact } from '../ledger/fact.ts';
import type { Failure } from './failure.ts';

/** A failure with how often the evidence shows it. */
export interface Repeated {
  readonly failure: Failure;
  /** How many times it was printed; 1 is once. */
  readonly repeats: number;
  /** True when later ones had other figures. */
  readonly figuresDiffer: boolean;
}

/** Lines between two prints of one event. */
const SAME_EVENT = 60;

/** The figures of a failure as one string; made once for each list of facts. */
const FIGURES = new WeakMap<readonly Fact[], string>();

function figures(facts: readonly Fact[]): string {
  const made = FIGURES.get(facts) ?? figuresText(facts);
  FIGURES.set(facts, made);
  return made;
}

const figuresText = (facts: readonly Fact[]): string =>
  facts
    .map((fact) => `${fact.quantity}=${isUnknown(fact.value) ? fact.raw : fact.value.mid}`)
    .join(',');

/** True when `b` says no more than that what `a` already told: the same event again. */
function isSameEvent(a: Failure, b: Failure): boolean {
  if (a.where.rank !== undefined && b.where.rank !== undefined && a.where.rank !== b.where.rank)
    return false;
  if (a.reading.kind !== b.reading.kind) return false;
  const [one, two] = [a.reading.device, b.reading.device];
  if (one !== undefined && two !== undefined && one !== two) return false;
  const [x, y] = [figures(a.reading.facts), figures(b.reading.facts)];
  const distance = Math.abs((b.where.line ?? 0) - (a.where.line ?? 0));
  const isNear = a.where.source === b.where.source && distance <= SAME_EVENT;
  if (x !== '' && y !== '')
    return a.format === b.format && x === y && a.where.source === b.where.source;
  // A bare line beside a message with figures is the same event in other words.
  if (isNear && (x !== '' || y !== '')) return true;
  return isNear && (a.format === b.format || isGeneric(a) || isGeneric(b));
}

const isGeneric = (failure: Failure): boolean =>
  failure.reading.clues.includes('first-line-only') || failure.format === 'cuda-error';

/** True when `b` is the same failure happening again: a later turn of a loop that goes on. */
function isAgain(a: Failure, b: Failure): boolean {
  if (a.format !== b.format || a.where.source !== b.where.source) return false;
  if (a.where.rank !== b.where.rank || a.reading.device !== b.reading.device) return false;
  if (a.reading.wording !== b.reading.wording) return false;
  if (a.own !== undefined && b.own !== undefined) {
    // At a prompt every statement is line 1.
    return (
      a.own.file === b.own.file &&
      a.own.line === b.own.line &&
      !/^<(?:stdin|string)>$/.test(a.own.file)
    );
  }
  if (a.own !== b.own) return false;
  // A loop that catches its failures says the same words in front of each.
  return (
    figures(a.reading.facts) === figures(b.reading.facts) || (a.lead !== '' && a.lead === b.lead)
  );
}

/** Lines after a kernel fault in which complaints of libraries are its consequence. */
const AFTERMATH = 400;

/** A fault breaks the context: what libraries and the runtime complain of afterwards follows from it. */
function withConsequences(failures: readonly Failure[]): Failure[] {
  let fault: Failure | undefined;
  return failures.map((failure) => {
    const { reading, where } = failure;
    if (reading.clues.includes('kernel-fault')) fault = failure;
    const isAfter =
      fault !== undefined &&
      fault.where.source === where.source &&
      (where.line ?? 0) - (fault.where.line ?? 0) <= AFTERMATH;
    if (!isAfter || reading.facts.length > 0 || !reading.clues.includes('library-workspace'))
      return failure;
    return {
      ...failure,
      reading: { ...reading, kind: 'look_alike', clues: [...reading.clues, 'kernel-fault'] },
    };
  });
}

/** Groups failures in the order given. Comparing stays bounded: see MOST_KINDS. */
export function groupFailures(failures: readonly Failure[]): Repeated[] {
  const groups: { failure: Failure; repeats: number; figuresDiffer: boolean; last: Failure }[] = [];
  for (const failure of withConsequences(failures)) {
    const recent = groups.slice(-MOST_KINDS);
    const same = recent.findLast((group) => isSameEvent(group.last, failure));
    if (same !== undefined) {
      // Printed once more, near by or far away; a bare line beside it is no print of its own.
      same.repeats += isPrintedAgain(same.last, failure) ? 1 : 0;
      same.failure = richer(same.failure, failure);
      same.last = failure.reading.facts.length > 0 ? failure : same.last;
      continue;
    }
    const again = recent.findLast((group) => isAgain(group.failure, failure));
    if (again !== undefined) {
      again.repeats++;
      again.figuresDiffer = true;
      again.last = failure;
      continue;
    }
    groups.push({ failure, repeats: 1, figuresDiffer: false, last: failure });
  }
  return inTime(
    groups.map(({ failure, repeats, figuresDiffer }) => ({ failure, repeats, figuresDiffer })),
  );
}

/** Kinds of failure that are compared with a new one; a text with more repeats none of the old. */
const MOST_KINDS = 64;

const isPrintedAgain = (a: Failure, b: Failure): boolean =>
  b.reading.facts.length > 0 && a.format === b.format;

/** Of two tellings of one event: the one that knows more keeps its place in time. */
function richer(a: Failure, b: Failure): Failure {
  const worth = (failure: Failure): number =>
    failure.reading.facts.length * 10 +
    (isGeneric(failure) ? 0 : 8) +
    Math.min(5, failure.frames.length) +
    (failure.phase.value === 'unknown' ? 0 : 2);
  const [more, less] = worth(b) > worth(a) ? [b, a] : [a, b];
  const rank = more.where.rank ?? less.where.rank;
  const exception = more.reading.exception ?? less.reading.exception;
  const framed = more.frames.length > 0 ? more : less;
  return {
    ...more,
    reading: exception === undefined ? more.reading : { ...more.reading, exception },
    where: {
      ...more.where,
      ...(a.where.line !== undefined && { line: a.where.line }),
      ...(rank !== undefined && { rank }),
    },
    frames: framed.frames,
    inForce: framed.inForce,
    phase: more.phase.value === 'unknown' ? less.phase : more.phase,
    distributed: a.distributed || b.distributed,
    ...(framed.own !== undefined && { own: framed.own }),
  };
}

/** By time stamp when several sources are at hand and every failure has one; else as read. */
function inTime(groups: Repeated[]): Repeated[] {
  const sources = new Set(groups.map(({ failure }) => failure.where.source));
  const times = new Map(groups.map((group) => [group, Date.parse(iso(group.failure.time ?? ''))]));
  if (sources.size < 2 || [...times.values()].some(Number.isNaN)) return groups;
  return groups.sort((a, b) => (times.get(a) ?? 0) - (times.get(b) ?? 0));
}

/** The printed forms of a time stamp in the form that Date.parse() reads everywhere. */
const iso = (time: string): string =>
  (/^\d{10}$/.test(time) ? new Date(Number(time) * 1000).toISOString() : time)
    .replace(/^(\d{4})\/(\d\d)\/(\d\d)/, '$1-$2-$3')
    .replace(',', '.')
    .replace(' ', 'T')
    .replaceAll(' ', '')
    .replace(/(\.\d{3})\d+/, '$1')
    // A stamp without a zone is taken as UTC: the core knows no local time.
    .replace(/(T[\d:.]+)$/, '$1Z');
