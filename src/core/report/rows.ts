/** The ledger as rows that people read: by process, then by pool. A view, so it adds up. */
import { formatBytes } from '../base/bytes.ts';
import { CONTENT_WORDS, CONTENTS } from '../base/phase.ts';
import { render } from '../base/render.ts';
import { enumerated, phrase } from '../base/texts.ts';
import type { Estimate, Incident, LedgerData, UnknownAmount } from './diagnosis.ts';
import { CATEGORY_WORDS, GROUPS, PARTS, REMARKS } from './words/ledger.ts';
import type { Vocabulary } from './words.ts';

export interface Row {
  readonly group: string;
  readonly label: string;
  /** What people should know of it. */
  readonly remark: string;
  readonly bytes: Estimate | UnknownAmount;
}

type AtomData = LedgerData['atoms'][number];

const isKnown = (bytes: Estimate | UnknownAmount): bytes is Estimate => 'mid' in bytes;

/** Prints an amount: its value, or the bound of what is unknown. */
export function amountText(bytes: Estimate | UnknownAmount, words: Vocabulary): string {
  if (isKnown(bytes)) return formatBytes(bytes.mid);
  return bytes.at_most === undefined
    ? words.say('unknown')
    : words.say('at-most', { size: { size: bytes.at_most } });
}

export function midOf(bytes: Estimate | UnknownAmount): number {
  return isKnown(bytes) ? bytes.mid : 0;
}

type Group = keyof typeof GROUPS;

/** The groups in the order of reading. */
const ORDER: readonly Group[] = ['this', 'process', 'unclear', 'unattributed', 'free'];

function groupOf(atom: AtomData): Group {
  if (atom.category === 'free') return 'free';
  if (atom.process === 'this') return 'this';
  if (atom.process.startsWith('pid:')) return 'process';
  return atom.category === 'unattributed' ? 'unattributed' : 'unclear';
}

const groupName = (atom: AtomData, { lang }: Vocabulary): string =>
  render(phrase(GROUPS[groupOf(atom)], { pid: atom.process.replace('pid:', '') }), lang);

interface Description {
  readonly part?: keyof typeof PARTS;
  readonly remark?: keyof typeof REMARKS;
}

/** Live tensors that a recording has told apart. */
const TOLD_APART: ReadonlySet<string> = new Set([
  ...CONTENTS,
  'logits',
  'temporaries',
  'communication',
  'pending',
]);

function describe(atom: AtomData): Description {
  const isOwn = atom.process === 'this';
  const isPool = atom.pool === 'arena' || atom.pool === 'outside-arena';
  switch (atom.category) {
    case 'tensors':
      return { part: 'tensors' };
    case 'idle':
      if (atom.pool === 'torch-private') return { part: 'idle-graphs', remark: 'private-pools' };
      return {
        part: isPool ? 'idle-pool' : 'idle-torch',
        remark: atom.pinned === true ? 'pinned' : 'releasable',
      };
    case 'outside':
      if (!isOwn) {
        return {
          part: isPool ? 'outside-own-pool' : 'outside-own-torch',
          remark: 'context-and-others',
        };
      }
      return {
        part: isPool ? 'outside-pool' : 'outside-torch',
        remark: atom.space === 'unified' ? 'other-allocations' : 'context',
      };
    case 'unattributed':
      return { part: 'unattributed', ...remarkOfRest(atom) };
    default:
      return {};
  }
}

function remarkOfRest(atom: AtomData): Pick<Description, 'remark'> {
  if (!isKnown(atom.bytes)) return {};
  if (isRounding(atom)) return { remark: 'rounding' };
  return { remark: atom.bytes.mid < 0 ? 'above-the-card' : 'hidden' };
}

function remarkText(atom: AtomData, remark: Description['remark'], words: Vocabulary): string {
  if (atom.category === 'tensors') return contentsOf(atom, words);
  return remark === undefined ? '' : words.word(REMARKS[remark]);
}

/** The first few of what tensors can hold; nothing where nothing narrows it down. */
function contentsOf({ may_hold: held = [] }: AtomData, words: Vocabulary): string {
  if (held.length === CONTENTS.length || held.length === 0) return '';
  const few = enumerated(held.slice(0, 3).map((content) => CONTENT_WORDS[content]));
  return `${words.word(few.words)}${held.length > 3 ? ' …' : ''}`;
}

/** Rows in the order of reading: this process, others, what is not told apart, free. */
export function rowsOf(ledger: LedgerData, isDetailed: boolean, words: Vocabulary): Row[] {
  const isToldApart = ledger.atoms.some(({ category }) => TOLD_APART.has(category));
  const atoms = isToldApart ? byCategory(ledger.atoms) : ledger.atoms;
  return [...atoms]
    .filter((atom) => isDetailed || !isRounding(atom))
    .sort((a, b) => ORDER.indexOf(groupOf(a)) - ORDER.indexOf(groupOf(b)))
    .map((atom) => {
      const { part, remark } = describe(atom);
      return {
        group: groupName(atom, words),
        label: labelOf(atom, part, isToldApart, words),
        remark: remarkText(atom, remark, words),
        bytes: atom.bytes,
      };
    });
}

function labelOf(
  atom: AtomData,
  part: Description['part'],
  isToldApart: boolean,
  words: Vocabulary,
): string {
  if (TOLD_APART.has(atom.category)) return words.word(CATEGORY_WORDS[atom.category]);
  if (isToldApart && atom.category === 'tensors') return words.word(PARTS['other-tensors']);
  if (isToldApart && part === 'idle-torch' && atom.pinned === false) {
    return words.word(PARTS['idle-segments']);
  }
  return part === undefined ? '' : words.word(PARTS[part]);
}

/** One row for all that is of one kind, whichever line of code holds it; live tensors first, largest first. */
function byCategory(atoms: readonly AtomData[]): readonly AtomData[] {
  const sums = new Map<string, AtomData>();
  for (const atom of atoms) {
    const { process, pool, category, pinned, may_hold: _, holder: __, bytes, ...rest } = atom;
    const isOfCode = TOLD_APART.has(category) || category === 'tensors';
    const key = isOfCode ? category : `${process} ${pool} ${category} ${pinned ?? ''}`;
    const sum = sums.get(key);
    const one = {
      ...rest,
      process,
      pool,
      category,
      bytes,
      ...(pinned !== undefined && { pinned }),
    };
    sums.set(key, sum === undefined ? one : { ...sum, bytes: added(sum.bytes, bytes) });
  }
  const rank = ({ category }: AtomData): number =>
    category === 'pending' ? 1 : TOLD_APART.has(category) || category === 'tensors' ? 0 : 2;
  return [...sums.values()].sort(
    (a, b) => rank(a) - rank(b) || (rank(a) === 0 ? midOf(b.bytes) - midOf(a.bytes) : 0),
  );
}

/** A sum is as sure as the least sure of its parts. */
function added(a: Estimate | UnknownAmount, b: Estimate | UnknownAmount): Estimate | UnknownAmount {
  if (!isKnown(a)) return a;
  if (!isKnown(b)) return b;
  return {
    low: a.low + b.low,
    mid: a.mid + b.mid,
    high: a.high + b.high,
    kind: a.kind === 'p90' ? a.kind : b.kind,
    basis: a.basis === 'exact' ? b.basis : a.basis,
  };
}

/** What one line of code holds. */
export interface Holder {
  readonly line: string;
  readonly bytes: number;
  /** What of it is what, largest first. */
  readonly what: readonly string[];
}

/** The lines of code that hold live tensors, as a recording tells them, largest first. */
export function holdersOf(ledger: LedgerData, words: Vocabulary): Holder[] {
  const lines = new Map<string, Map<string, number>>();
  for (const { holder, bytes, category, process } of ledger.atoms) {
    if (holder === undefined || process !== 'this' || !isKnown(bytes)) continue;
    const parts = lines.get(holder) ?? new Map<string, number>();
    lines.set(holder, parts);
    const name = words.word(CATEGORY_WORDS[category]);
    parts.set(name, (parts.get(name) ?? 0) + bytes.mid);
  }
  return [...lines]
    .map(([line, parts]) => ({
      line,
      bytes: [...parts.values()].reduce((sum, bytes) => sum + bytes, 0),
      what: [...parts].sort((a, b) => b[1] - a[1]).map(([name]) => name),
    }))
    .sort((a, b) => b.bytes - a.bytes);
}

/** A rest that is no more than the rounding of the printed figures says nothing. */
function isRounding(atom: AtomData): boolean {
  return (
    atom.category === 'unattributed' &&
    isKnown(atom.bytes) &&
    atom.bytes.low <= 0 &&
    atom.bytes.high >= 0
  );
}

/** The versions of the framework that print such a message. */
export function versionText({ versions }: Incident, words: Vocabulary): string {
  if (versions === undefined) return '';
  const name = versions.package === 'torch' ? 'PyTorch' : versions.package;
  const { from, to } = versions;
  if (to === undefined) return `${name} ${from ?? ''}+`;
  if (from === undefined) return words.say('up-to-version', { name, version: to });
  return from === to ? `${name} ${from}` : `${name} ${from}-${to}`;
}
