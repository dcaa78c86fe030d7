/** The ledger as rows that people read: by process, then by pool. A view, so it adds up. */
import { formatBytes } from '../base/bytes.ts';
import { CONTENT_WORDS, CONTENTS } from '../base/phase.ts';
import { render } from '../base/render.ts';
import { enumerated, phrase } from '../base/texts.ts';
import type { Estimate, Incident, LedgerData, UnknownAmount } from './diagnosis.ts';
import { GROUPS, PARTS, REMARKS } from './words/ledger.ts';
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
  return [...ledger.atoms]
    .filter((atom) => isDetailed || !isRounding(atom))
    .sort((a, b) => ORDER.indexOf(groupOf(a)) - ORDER.indexOf(groupOf(b)))
    .map((atom) => {
      const { part, remark } = describe(atom);
      return {
        group: groupName(atom, words),
        label: part === undefined ? '' : words.word(PARTS[part]),
        remark: remarkText(atom, remark, words),
        bytes: atom.bytes,
      };
    });
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
