/**
 * What readers of a program's own memory figures share: rules that take figures from one line, and
 * the joining of neighbouring lines into moments.
 */
import type { Rounding, UnitMeaning } from '../base/bytes.ts';
import type { SeenDevice } from '../ledger/device.ts';
import type { CountName, Fact, Quantity, Scope } from '../ledger/fact.ts';
import type { Counts } from './reader.ts';
import { type Gap, type SeenEvent, type Sighting, statusFact } from './status.ts';
import type { Line } from './text/dress.ts';

/** A figure in a line: `pattern` has a group `size`, and `unit` unless the rule names it. */
export interface SizeRule {
  readonly quantity: Quantity;
  readonly pattern: RegExp;
  readonly unit?: string;
  readonly meaning?: UnitMeaning;
  readonly rounding?: Rounding;
  readonly scope?: Scope;
}

/** A figure that is no size: `pattern` has a group `count`. */
export interface CountRule {
  readonly count: CountName;
  readonly pattern: RegExp;
}

const NUMBER = String.raw`(?<![\d.])-?\d[\d,]{0,18}(?:\.\d{1,17})?`;

/**
 * A pattern of a line: `{size}` is a number with its unit, `{number}` a size whose unit stands
 * elsewhere, `{count}` a number that is no size, a blank any white space or none.
 */
export function figure(source: string): RegExp {
  return new RegExp(
    source
      .replaceAll(' ', String.raw`\s{0,40}`)
      .replaceAll(
        '{size}',
        String.raw`(?<size>${NUMBER})\s{0,4}(?<unit>[KMGT]i?B|bytes|B)(?![A-Za-z])`,
      )
      .replaceAll('{number}', String.raw`(?<size>${NUMBER})(?![\d.])`)
      .replaceAll('{count}', String.raw`(?<count>\d[\d,]{0,15}(?:\.\d{1,6})?)(?![\d])`),
    'i',
  );
}

/** Digits without the commas between thousands; other commas stay. */
export function plainDigits(text: string): string {
  return /^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text;
}

/** Every figure that the rules find in a line. */
export function sizesIn(
  text: string,
  rules: readonly SizeRule[],
  place: { readonly source: string; readonly line: number },
): Fact[] {
  return rules.flatMap(({ quantity, pattern, unit, scope, ...options }) => {
    const groups = pattern.exec(text)?.groups;
    const digits = groups?.['size'];
    const word = groups?.['unit'] ?? unit;
    if (digits === undefined || word === undefined) return [];
    const size = { digits: plainDigits(digits), unit: word, ...options };
    return [statusFact(quantity, size, place, scope)];
  });
}

export function countsIn(text: string, rules: readonly CountRule[]): Counts {
  const counts: Partial<Record<CountName, number>> = {};
  for (const { count, pattern } of rules) {
    const digits = pattern.exec(text)?.groups?.['count'];
    const value = digits === undefined ? Number.NaN : Number(digits.replaceAll(',', ''));
    if (Number.isFinite(value)) counts[count] ??= value;
  }
  return counts;
}

/** What one line says, before lines of one moment are joined. */
export interface Entry {
  readonly line: Line;
  readonly facts?: readonly Fact[];
  readonly counts?: Counts;
  readonly devices?: readonly SeenDevice[];
  readonly events?: readonly SeenEvent[];
  readonly gaps?: readonly Gap[];
  readonly label?: string;
  readonly rank?: number;
  readonly pid?: number;
  /** A line with which a moment begins, whatever stands in it. */
  readonly begins?: boolean;
}

export interface Joining {
  readonly source: string;
  /** Lines without a figure that may stand within one moment. */
  readonly apart: number;
  /** Figures that one moment can have several of under one name; by default the same name begins a new one. */
  readonly many?: (fact: Fact) => boolean;
}

export function hasFigures(entry: Entry): boolean {
  return (
    (entry.facts?.length ?? 0) > 0 ||
    (entry.devices?.length ?? 0) > 0 ||
    (entry.events?.length ?? 0) > 0 ||
    Object.keys(entry.counts ?? {}).length > 0
  );
}

const keyOf = ({ quantity, scope }: Fact): string =>
  [quantity, scope.device, scope.buffer, scope.role, scope.pool, scope.rank].join(' ');

interface Open {
  first: Line;
  last: number;
  isEmpty: boolean;
  facts: Fact[];
  raws: Map<string, string>;
  counts: Partial<Record<CountName, number>>;
  devices: SeenDevice[];
  events: SeenEvent[];
  gaps: Gap[];
  label?: string;
  rank?: number;
  pid?: number;
}

/** Joins neighbouring entries into moments; a figure that comes again with another value begins a new one. */
export function joinEntries(entries: readonly Entry[], joining: Joining): Sighting[] {
  const found: Sighting[] = [];
  let open: Open | undefined;
  const end = (): void => {
    if (open !== undefined && !open.isEmpty) found.push(closed(open, joining.source));
    open = undefined;
  };
  for (const entry of entries) {
    const { line } = entry;
    if (
      open !== undefined &&
      (entry.begins === true ||
        line.number - open.last > joining.apart ||
        contradicts(open, entry, joining))
    ) {
      end();
    }
    open ??= opened(line);
    take(open, entry, joining);
  }
  end();
  return found;
}

const opened = (line: Line): Open => ({
  first: line,
  last: line.number,
  isEmpty: true,
  facts: [],
  raws: new Map(),
  counts: {},
  devices: [],
  events: [],
  gaps: [],
});

function contradicts(open: Open, entry: Entry, { many }: Joining): boolean {
  const hasOther = (entry.facts ?? []).some((fact) => {
    const raw = open.raws.get(keyOf(fact));
    return raw !== undefined && raw !== fact.raw && many?.(fact) !== true;
  });
  const counts = new Map<string, number>(Object.entries(open.counts));
  return (
    hasOther ||
    Object.entries(entry.counts ?? {}).some(
      ([name, value]) => (counts.get(name) ?? value) !== value,
    ) ||
    isOther(entry.rank, open.rank) ||
    isOther(entry.label, open.label)
  );
}

const isOther = <T>(one: T | undefined, other: T | undefined): boolean =>
  one !== undefined && other !== undefined && one !== other;

function take(open: Open, entry: Entry, { many }: Joining): void {
  open.last = entry.line.number;
  if (open.isEmpty && hasFigures(entry)) {
    open.first = entry.line;
    open.isEmpty = false;
  }
  for (const fact of entry.facts ?? []) {
    const key = keyOf(fact);
    // A line told twice (each worker prints it) is one figure; buffers of one name add up.
    if (open.raws.get(key) === fact.raw && many?.(fact) !== true) continue;
    open.raws.set(key, fact.raw);
    open.facts.push(fact);
  }
  Object.assign(open.counts, entry.counts);
  open.devices.push(...(entry.devices ?? []));
  open.events.push(...(entry.events ?? []));
  open.gaps.push(...(entry.gaps ?? []));
  if (entry.label !== undefined) open.label ??= entry.label;
  if (entry.rank !== undefined) open.rank ??= entry.rank;
  if (entry.pid !== undefined) open.pid ??= entry.pid;
}

function closed(open: Open, source: string): Sighting {
  const { first, last, facts, counts, devices, events, gaps, label, rank, pid } = open;
  const moment = `${source}:${first.number}`;
  return {
    line: first.number,
    last,
    ...(first.time !== undefined && { time: first.time }),
    ...(label !== undefined && { label }),
    ...(rank !== undefined && { rank }),
    ...(pid !== undefined && { pid }),
    ...(facts.length > 0 && { facts: facts.map((fact) => ({ ...fact, moment })) }),
    ...(Object.keys(counts).length > 0 && { counts }),
    ...(devices.length > 0 && { devices }),
    ...(events.length > 0 && { events }),
    ...(gaps.length > 0 && { gaps }),
  };
}

/** An event that an allocator counts; none when the count is 0. */
export function countedEvent(
  kind: 'counted-failures' | 'allocation-retries',
  count: number,
  at: { readonly line: number; readonly says: string; readonly device?: number },
): SeenEvent[] {
  return Number.isInteger(count) && count > 0 ? [{ kind, count, ...at }] : [];
}

/** Lines that are source code or advice: their figures are of nobody. */
export function isCodeOrAdvice(text: string): boolean {
  return /\bprint\s?\(|\bf["']|logger\.\w+\(|console\.log|can take additional|\{[\w.()[\] /*]{1,80}(?::[.\w]{1,8})?\}\s?[KMG]i?B|out of memory|OutOfMemory|Tried to allocate/i.test(
    text,
  );
}
