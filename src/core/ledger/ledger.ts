/**
 * The ledger: one moment of one set of memory spaces, as disjoint atoms and the limits over them.
 * Every tree that a report shows is a view over the same atoms, so trees always agree.
 *
 * Invariants (held by property tests): the groups of any view add up to the view's whole; after
 * `closeTotals` the atoms under each measured total add up to it; an unknown never counts as 0.
 */
import { add, type Interval, interval, known, subtract, sum, ZERO } from '../base/interval.ts';
import type { Content } from '../base/phase.ts';
import { phrase, type Statement } from '../base/texts.ts';
import { isUnknown, type Unknown, unknown } from '../base/unknown.ts';

/** A memory space: `device:0`, `device:?` when the text lost the index, or one of the host's. */
export type Space = `device:${number | '?'}` | 'host' | 'shm' | 'unified';

/** Whose memory it is: the failing process, a named other, others together, nobody, or not told. */
export type Owner = 'this' | `pid:${number}` | 'others' | 'nobody' | 'unknown';

/** Which allocator holds it. An arena is the pool of any other framework. */
export type Pool =
  | 'torch'
  | 'torch-private'
  | 'outside-torch'
  | 'arena'
  | 'outside-arena'
  | 'none'
  | 'unknown';

/** What it is. A content of the model when that is known, else how far it could be told apart. */
export type Category =
  | Content
  /** Live tensors, not told apart further; `may_hold` says what they can be. */
  | 'tensors'
  /** Outputs of a model's head, and their copies in the loss. */
  | 'logits'
  /** Live tensors that come and go within a pass. */
  | 'temporaries'
  /** Buffers of collective communication. */
  | 'communication'
  /** Freed by the program, while another stream may still use it: neither live nor idle. */
  | 'pending'
  /** Held by the allocator without a live tensor in it. */
  | 'idle'
  /** Device memory of a process outside the framework's allocator: context, libraries, NCCL. */
  | 'outside'
  | 'process'
  | 'free'
  | 'unattributed';

const NOT_LIVE: readonly Category[] = [
  'pending',
  'idle',
  'outside',
  'process',
  'free',
  'unattributed',
];

/** True for what the program's tensors hold, told apart or not. */
export const isLive = (category: Category): boolean => !NOT_LIVE.includes(category);

/** Where a number comes from: figures by their names ("total - free - reserved") as they are, or words. */
export type Origin = Statement | string;

/** How a number came about. */
export type Basis = 'exact' | 'measured' | 'modelled' | 'assumed';

export interface Atom {
  readonly bytes: Interval | Unknown;
  readonly metric: 'current' | 'peak';
  readonly space: Space;
  readonly process: Owner;
  readonly pool: Pool;
  readonly category: Category;
  /** For live tensors that are no single content: what they can consist of at this moment. */
  readonly may_hold?: readonly Content[];
  /** For `idle`: true when it lies in segments that hold live tensors, so it cannot be handed back. */
  readonly pinned?: boolean;
  /** The line of code, module or library that holds it, where known. */
  readonly holder?: string;
  readonly basis: Basis;
  readonly source: Origin;
}

/** Selects atoms: each given key must match; of several pools one. The empty selector takes all. */
export interface Selector extends Partial<Pick<Atom, 'space' | 'process' | 'category' | 'metric'>> {
  readonly pool?: Pool | readonly Pool[];
}

export interface Limit {
  readonly name:
    | 'device-total'
    /** All that the allocator had and the device could still give it, at the moment of a refusal. */
    | 'reserved-and-free'
    | 'fraction'
    | 'watermark'
    | 'engine-budget'
    | 'per-buffer'
    | 'host-ram';
  readonly selector: Selector;
  readonly bytes: Interval | Unknown;
  readonly source: Origin;
}

/** A sum that was measured as such. */
export interface Total {
  readonly name: Statement;
  readonly selector: Selector;
  readonly bytes: Interval;
  readonly source: Origin;
}

/** The instant that a ledger shows. Ledgers of different moments are never added. */
export interface Moment {
  readonly name: 'failure' | 'observed' | 'predicted';
  /** For people: "at the failure, after PyTorch had released every cached block that it could". */
  readonly detail: Statement;
}

/** A total that is of the device as a whole. */
export const THE_DEVICE: Statement = phrase({ en: 'the device', zh: '设备', ru: 'устройство' });

export interface Ledger {
  readonly moment: Moment;
  readonly atoms: readonly Atom[];
  readonly limits: readonly Limit[];
  readonly totals: readonly Total[];
}

const KEYS = ['space', 'process', 'category', 'metric'] as const;

const poolsOf = ({ pool }: Selector): readonly Pool[] | undefined =>
  typeof pool === 'string' ? [pool] : pool;

export function matches(atom: Atom, selector: Selector): boolean {
  return (
    KEYS.every((key) => selector[key] === undefined || selector[key] === atom[key]) &&
    poolsOf(selector)?.includes(atom.pool) !== false
  );
}

/** True when every atom that `inner` takes is taken by `outer` too, whatever the atoms. */
function isWithin(inner: Selector, outer: Selector): boolean {
  const [pools, among] = [poolsOf(inner), poolsOf(outer)];
  return (
    KEYS.every((key) => outer[key] === undefined || outer[key] === inner[key]) &&
    (among === undefined || pools?.every((pool) => among.includes(pool)) === true)
  );
}

/** What a set of atoms comes to: the known part, and what in it is unknown. */
export interface Sum {
  readonly known: Interval;
  readonly unknowns: readonly Unknown[];
}

/** @throws when peaks of different instants would enter the sum: that is a bug of ours. */
export function sumOf(atoms: Iterable<Atom>): Sum {
  const parts: Interval[] = [];
  const unknowns: Unknown[] = [];
  let peaks = 0;
  let count = 0;
  for (const atom of atoms) {
    count++;
    if (atom.metric === 'peak') peaks++;
    if (isUnknown(atom.bytes)) unknowns.push(atom.bytes);
    else parts.push(atom.bytes);
  }
  if (peaks > 0 && count > 1) throw new Error('a peak never enters a sum');
  return { known: sum(parts), unknowns };
}

export function select(ledger: Ledger, selector: Selector): readonly Atom[] {
  return ledger.atoms.filter((atom) => matches(atom, selector));
}

/** The bytes under a selector, or undefined when nothing is there, or the reason it is unknown. */
export function bytesOf(ledger: Ledger, selector: Selector): Interval | Unknown | undefined {
  const atoms = select(ledger, selector);
  if (atoms.length === 0) return undefined;
  const { known: total, unknowns } = sumOf(atoms);
  const first = unknowns[0];
  return first === undefined ? total : unknown(first.unknown);
}

/** A view: the same atoms, grouped. The groups' sums add up to the sum of all atoms. */
export function viewBy(
  ledger: Ledger,
  key: (atom: Atom) => string,
): ReadonlyMap<string, { readonly atoms: readonly Atom[]; readonly sum: Sum }> {
  const groups = new Map<string, Atom[]>();
  for (const atom of ledger.atoms) {
    const group = groups.get(key(atom));
    if (group === undefined) groups.set(key(atom), [atom]);
    else group.push(atom);
  }
  return new Map([...groups].map(([name, atoms]) => [name, { atoms, sum: sumOf(atoms) }]));
}

/**
 * Closes every measured total: what its atoms leave open becomes one signed `unattributed` atom.
 * Unknown atoms under a total are bounded by the remainder instead. Inner totals are closed first,
 * so that an outer total does not count the same gap twice.
 */
export function closeTotals(ledger: Ledger): Ledger {
  const atoms = [...ledger.atoms];
  const depth = (total: Total): number =>
    ledger.totals.filter((other) => other !== total && isWithin(total.selector, other.selector))
      .length;
  for (const total of [...ledger.totals].sort((a, b) => depth(b) - depth(a))) {
    const under = atoms.filter((atom) => matches(atom, total.selector));
    const { known: accounted, unknowns } = sumOf(under);
    const rest = subtract(total.bytes, accounted);
    if (unknowns.length > 0) {
      const atMost = Math.max(0, rest.high);
      for (const atom of under) {
        if (!isUnknown(atom.bytes)) continue;
        const limit = Math.min(atMost, atom.bytes.at_most ?? Number.POSITIVE_INFINITY);
        atoms[atoms.indexOf(atom)] = { ...atom, bytes: unknown(atom.bytes.unknown, limit) };
      }
    } else if (rest.mid !== 0) {
      atoms.push(unattributed(total, rest));
    }
  }
  return { ...ledger, atoms };
}

function unattributed(total: Total, bytes: Interval): Atom {
  return {
    bytes,
    metric: total.selector.metric ?? 'current',
    space: total.selector.space ?? 'device:?',
    process: total.selector.process ?? 'unknown',
    pool: poolsOf(total.selector)?.[0] ?? 'unknown',
    category: 'unattributed',
    basis: 'measured',
    source: phrase(
      {
        en: '{name} less its parts ({source})',
        zh: '{name}减去其各部分（{source}）',
        ru: '{name} за вычетом частей ({source})',
      },
      { name: total.name, source: total.source },
    ),
  };
}

/** The room that a limit leaves, or undefined when it or what it limits is unknown. */
export function headroom(ledger: Ledger, limit: Limit): Interval | undefined {
  const cap = known(limit.bytes);
  if (cap === undefined) return undefined;
  const used = ledger.atoms.filter(
    (atom) => matches(atom, limit.selector) && atom.category !== 'free',
  );
  const { known: total, unknowns } = sumOf(used);
  return unknowns.length > 0 ? undefined : subtract(cap, total);
}

/** One line of a comparison of two ledgers. */
export interface Difference {
  readonly group: string;
  readonly before: Interval;
  readonly after: Interval;
  readonly change: Interval;
}

/** Compares two ledgers group by group; a group that one side lacks counts as nothing there. */
export function compare(
  before: Ledger,
  after: Ledger,
  key: (atom: Atom) => string,
): readonly Difference[] {
  const left = viewBy(before, key);
  const right = viewBy(after, key);
  return [...new Set([...left.keys(), ...right.keys()])].map((group) => {
    const a = left.get(group)?.sum.known ?? ZERO;
    const b = right.get(group)?.sum.known ?? ZERO;
    return { group, before: a, after: b, change: subtract(b, a) };
  });
}

/** The sum of intervals of one moment, widened to what unknowns with a bound can add. */
export function upperBound(atoms: readonly Atom[]): Interval | Unknown {
  const { known: total, unknowns } = sumOf(atoms);
  let extra = 0;
  for (const gap of unknowns) {
    if (gap.at_most === undefined) return gap;
    extra += gap.at_most;
  }
  return add(total, interval(0, 0, extra, 'bound'));
}
