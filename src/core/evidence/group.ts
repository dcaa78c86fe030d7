/**
 * From failures to incidents: the same failure printed twice is one, failures of the same line of
 * code are one that is repeated, and the first comes first.
 */
import { isUnknown } from '../base/unknown.ts';
import { type Fact, factOf } from '../ledger/fact.ts';
import type { Failure } from './failure.ts';
import type { Clue, Reading } from './reader.ts';

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

/** Named buffers stand beside a failure; they do not tell one failure from another. */
const figuresText = (facts: readonly Fact[]): string =>
  facts
    .filter((fact) => fact.quantity !== 'buffer')
    .map((fact) => `${fact.quantity}=${isUnknown(fact.value) ? fact.raw : fact.value.mid}`)
    .join(',');

/** True when `b` says no more than that what `a` already told: the same event again. */
function isSameEvent(a: Failure, b: Failure): boolean {
  if (a.where.rank !== undefined && b.where.rank !== undefined && a.where.rank !== b.where.rank)
    return false;
  if (a.reading.kind !== b.reading.kind) return false;
  // What one program only warned of is not what another one failed of.
  if (a.format !== b.format && isWarning(a) !== isWarning(b)) return false;
  // In a report of several messages a warning is an event of its own.
  const isReport = a.reading.reportLines !== undefined || b.reading.reportLines !== undefined;
  if (isReport && a.format === b.format && isWarning(a) !== isWarning(b)) return false;
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

const isWarning = ({ reading }: Failure): boolean => reading.clues.includes('only-a-warning');

/** Formats that any program prints; a framework's own words beside them say more. */
const GENERIC: ReadonlySet<string> = new Set([
  'cuda-error',
  'driver-binding',
  'gpu-memory-words',
  'application-oom',
]);

const isGeneric = (failure: Failure): boolean =>
  failure.reading.clues.includes('first-line-only') || GENERIC.has(failure.format);

/** True when `b`, at some lines below the last part, is a further part of the report that `a` begins. */
function isSameReport(a: Failure, b: Failure, distance: number): boolean {
  const [one, two] = [a.reading, b.reading];
  if (one.reportLines === undefined || two.reportLines === undefined) return false;
  if (a.format !== b.format || a.where.source !== b.where.source || one.kind !== two.kind)
    return false;
  if (a.where.rank !== undefined && b.where.rank !== undefined && a.where.rank !== b.where.rank)
    return false;
  if (one.device !== undefined && two.device !== undefined && one.device !== two.device)
    return false;
  const evidence = compared(one, two);
  if (evidence === 'contradicts') return false;
  if (distance <= SAME_EVENT) return true;
  // A dump of the allocator lies between them: then a figure has to show that they belong together.
  return evidence === 'agrees' && distance <= Math.max(one.reportLines, two.reportLines);
}

/** What two parts of a report say about each other. */
function compared(a: Reading, b: Reading): 'agrees' | 'contradicts' | undefined {
  let agrees = false;
  if (a.tensor !== undefined && b.tensor !== undefined) {
    if (String(a.tensor.shape) !== String(b.tensor.shape)) return 'contradicts';
    agrees = true;
  }
  const retries = a.clues.includes('retries-smaller') || b.clues.includes('retries-smaller');
  for (const fact of b.facts) {
    const other = fact.quantity === 'buffer' ? undefined : factOf(a.facts, fact.quantity);
    if (other === undefined || (retries && fact.quantity === 'requested')) continue;
    if (!overlap(fact, other)) return 'contradicts';
    agrees = true;
  }
  return agrees || holds(a, b) || holds(b, a) ? 'agrees' : undefined;
}

const overlap = ({ value: x }: Fact, { value: y }: Fact): boolean =>
  isUnknown(x) || isUnknown(y) || (x.low <= y.high && y.low <= x.high);

/** Whether the request of one is the tensor of the other, in elements of 1 to 16 bytes. */
function holds({ facts }: Reading, { tensor }: Reading): boolean {
  const size = factOf(facts, 'requested')?.value;
  if (size === undefined || isUnknown(size) || tensor === undefined) return false;
  const elements = tensor.shape.reduce((product, n) => product * n, 1);
  // An allocator of chunks rounds a request up to 256 bytes.
  return [1, 2, 4, 8, 16].some(
    (width) => elements * width <= size.high && elements * width >= size.low - 255,
  );
}

/** Figures of one report. */
const MOST_FACTS = 64;

/** Both parts as one reading. What came first counts; the more exact of two figures is kept. */
function joined(first: Reading, later: Reading): Reading {
  // A pool that could not grow, in smaller and smaller steps, is not the request that failed in the end.
  const isRetry = first.clues.includes('retries-smaller');
  const instead = isRetry && !later.clues.includes('retries-smaller');
  const facts = first.facts.map((fact) => {
    const other = fact.quantity === 'buffer' ? undefined : factOf(later.facts, fact.quantity);
    if (other === undefined) return fact;
    if (fact.quantity === 'requested' && isRetry) return instead ? other : fact;
    return overlap(fact, other) && width(other) < width(fact) ? other : fact;
  });
  const rest = later.facts.filter((fact) => facts.every((own) => !isOfSame(own, fact)));
  const replaced = instead && factOf(later.facts, 'requested') !== undefined;
  const clues = [...new Set([...first.clues, ...later.clues])];
  return {
    ...later,
    ...first,
    counts: { ...later.counts, ...first.counts },
    facts: [...facts, ...rest].slice(0, MOST_FACTS),
    clues: replaced ? clues.filter((clue) => clue !== 'retries-smaller') : clues,
    reportLines: Math.max(first.reportLines ?? 0, later.reportLines ?? 0),
  };
}

/** Whether two figures are of one thing; a report can name many buffers. */
const isOfSame = (a: Fact, b: Fact): boolean =>
  a.quantity === b.quantity &&
  (a.quantity !== 'buffer' || (a.scope.buffer === b.scope.buffer && a.raw === b.raw));

const width = ({ value }: Fact): number =>
  isUnknown(value) ? Number.POSITIVE_INFINITY : value.high - value.low;

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

/** Lines before a fault in which they are too: the kernel prints when the stream is waited for. */
const SHORTLY_BEFORE = 40;

/** A fault breaks the context: what libraries and the runtime complain of afterwards follows from it. */
function withConsequences(failures: readonly Failure[]): Failure[] {
  const faults = failures.filter(({ reading }) => reading.clues.includes('kernel-fault'));
  if (faults.length === 0) return [...failures];
  let fault: Failure | undefined;
  let next = 0;
  return failures.map((failure) => {
    const { reading, where } = failure;
    if (failure === faults[next]) {
      fault = failure;
      next++;
    }
    const isNear = (other: Failure | undefined, before: number, after: number): boolean => {
      // A fault in one process breaks no context of another.
      if (other === undefined || other.where.source !== where.source) return false;
      if (other.where.rank !== where.rank || other.where.pid !== where.pid) return false;
      const lines = (where.line ?? 0) - (other.where.line ?? 0);
      return lines >= -before && lines <= after;
    };
    const isBefore = !isNear(fault, 0, AFTERMATH) && isNear(faults[next], SHORTLY_BEFORE, 0);
    const isOfFault = isBefore || isNear(fault, 0, AFTERMATH);
    if (!isOfFault || reading.facts.length > 0 || !reading.clues.includes('library-workspace'))
      return failure;
    return {
      ...failure,
      reading: {
        ...reading,
        kind: 'look_alike',
        clues: [...reading.clues, 'kernel-fault'],
        ...(isBefore && { wording: 'fault-after' }),
      },
    };
  });
}

interface Group {
  failure: Failure;
  repeats: number;
  figuresDiffer: boolean;
  last: Failure;
  /** Line of the last message that belongs to it. */
  line: number;
}

/**
 * Groups failures in the order given; what a program only warned of comes last. Comparing stays
 * bounded: see MOST_KINDS.
 */
export function groupFailures(failures: readonly Failure[]): Repeated[] {
  const groups: Group[] = [];
  for (const failure of withConsequences(failures)) {
    const recent = groups.slice(-MOST_KINDS);
    const line = failure.where.line ?? 0;
    const report = recent.findLast((group) =>
      isSameReport(group.failure, failure, line - group.line),
    );
    if (report !== undefined) {
      const whole = joined(report.failure.reading, failure.reading);
      const { followedBy, ...told } = richer(report.failure, failure);
      // The exception that repeats the log's line is no other one.
      const isOther = followedBy !== undefined && followedBy.line !== failure.where.line;
      report.failure = { ...told, ...(isOther && { followedBy }), reading: whole };
      report.last = failure;
      report.line = line;
      continue;
    }
    const same = recent.findLast((group) => isSameEvent(group.last, failure));
    if (same !== undefined) {
      // Printed once more, near by or far away; a bare line beside it is no print of its own.
      same.repeats += isPrintedAgain(same.last, failure) ? 1 : 0;
      same.failure = richer(same.failure, failure);
      same.last = figures(failure.reading.facts) === '' ? same.last : failure;
      continue;
    }
    const again = recent.findLast((group) => isAgain(group.failure, failure));
    if (again !== undefined) {
      again.repeats++;
      again.figuresDiffer = true;
      again.last = failure;
      continue;
    }
    groups.push({ failure, repeats: 1, figuresDiffer: false, last: failure, line });
  }
  const found = inTime(
    groups.map(({ failure, repeats, figuresDiffer }) => ({ failure, repeats, figuresDiffer })),
  );
  return [
    ...found.filter(({ failure }) => !isWarning(failure)),
    ...found.filter(({ failure }) => isWarning(failure)),
  ];
}

/** Kinds of failure that are compared with a new one; a text with more repeats none of the old. */
const MOST_KINDS = 64;

const isPrintedAgain = (a: Failure, b: Failure): boolean =>
  figures(a.reading.facts) !== '' && figures(b.reading.facts) !== '' && a.format === b.format;

/** What an engine says of its own budget holds, whichever telling of the event has the figures. */
const OF_ENGINE: ReadonlySet<Clue> = new Set<Clue>([
  'kv-cache',
  'engine-budget-too-small',
  'engine-budget-too-large',
  'sequence-exceeds-kv',
  'taken-at-start',
]);

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
  const device = more.reading.device ?? less.reading.device;
  const framed = more.frames.length > 0 ? more : less;
  const { clues, counts } = more.reading;
  const added = less.reading.clues.filter((clue) => OF_ENGINE.has(clue) && !clues.includes(clue));
  return {
    ...more,
    reading: {
      ...more.reading,
      clues: [...clues, ...added],
      ...((counts ?? less.reading.counts) !== undefined && {
        counts: { ...less.reading.counts, ...counts },
      }),
      ...(exception !== undefined && { exception }),
      ...(device !== undefined && { device }),
    },
    where: {
      ...more.where,
      ...(a.where.line !== undefined && { line: a.where.line }),
      ...(rank !== undefined && { rank }),
    },
    frames: framed.frames,
    frameworks: [...new Set([...more.frameworks, ...less.frameworks])],
    signs: framed.signs,
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
