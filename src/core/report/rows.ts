/** The ledger as rows that people read: by process, then by pool. A view, so it adds up. */
import { formatBytes } from '../base/bytes.ts';
import { CONTENTS } from '../base/phase.ts';
import type { Estimate, Incident, LedgerData, UnknownAmount } from './diagnosis.ts';

export interface Row {
  readonly group: string;
  readonly label: string;
  /** What people should know of it. */
  readonly remark: string;
  readonly bytes: Estimate | UnknownAmount;
}

type AtomData = LedgerData['atoms'][number];

const isKnown = (bytes: Estimate | UnknownAmount): bytes is Estimate => 'mid' in bytes;

/** Prints an amount: its value, and the bound when the rounding is a considerable part of it. */
export function amountText(bytes: Estimate | UnknownAmount): string {
  if (isKnown(bytes)) return formatBytes(bytes.mid);
  return bytes.at_most === undefined ? 'unknown' : `at most ${formatBytes(bytes.at_most)}`;
}

export function midOf(bytes: Estimate | UnknownAmount): number {
  return isKnown(bytes) ? bytes.mid : 0;
}

function groupOf(atom: AtomData): string {
  if (atom.category === 'free') return 'free';
  if (atom.process === 'this') return 'this process';
  if (atom.process.startsWith('pid:')) return `process ${atom.process.slice(4)}`;
  if (atom.category === 'unattributed') return 'unattributed';
  return 'not told apart';
}

function describe(atom: AtomData): { label: string; remark: string } {
  switch (atom.category) {
    case 'tensors':
      return { label: 'tensors', remark: isUndivided(atom) ? '' : contentsOf(atom) };
    case 'idle':
      if (atom.pool === 'torch-private')
        return { label: 'idle in graph pools', remark: 'private pools' };
      return {
        label: atom.pool === 'arena' ? 'idle in the pool' : 'idle in PyTorch',
        remark:
          atom.pinned === true ? 'in segments with live tensors' : 'cached, can be handed back',
      };
    case 'outside':
      return atom.process === 'this'
        ? {
            label: atom.pool === 'outside-arena' ? 'outside the pool' : 'outside PyTorch',
            remark:
              atom.space === 'unified'
                ? 'other allocations of the process'
                : 'CUDA context, libraries',
          }
        : {
            label: atom.pool === 'outside-arena' ? 'outside its pool' : 'outside this PyTorch',
            remark: 'own context and other processes',
          };
    case 'unattributed':
      return { label: 'unattributed', remark: roundingRemark(atom) };
    default:
      return { label: '', remark: '' };
  }
}

/** True when nothing narrows down what the tensors are. */
const isUndivided = (atom: AtomData): boolean => atom.may_hold?.length === CONTENTS.length;

function contentsOf(atom: AtomData): string {
  const few = (atom.may_hold ?? []).slice(0, 3).join(', ').replaceAll('_', ' ');
  return few === '' ? '' : `${few}${(atom.may_hold?.length ?? 0) > 3 ? ' …' : ''}`;
}

function roundingRemark(atom: AtomData): string {
  if (!isKnown(atom.bytes)) return '';
  if (isRounding(atom)) return 'rounding of the figures';
  return atom.bytes.mid < 0
    ? 'above the card: system memory behind it'
    : 'driver, hidden processes';
}

/** Rows in the order of reading: this process, others, what is not told apart, free. */
export function rowsOf(ledger: LedgerData, isDetailed: boolean): Row[] {
  const order = (atom: AtomData): number =>
    ['this process', 'not told apart', 'unattributed', 'free'].indexOf(groupOf(atom)) * 10 +
    (groupOf(atom).startsWith('process') ? 15 : 0);
  return [...ledger.atoms]
    .filter((atom) => isDetailed || !isRounding(atom))
    .sort((a, b) => order(a) - order(b))
    .map((atom) => ({ group: groupOf(atom), bytes: atom.bytes, ...describe(atom) }));
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
export function versionText({ versions }: Incident): string {
  if (versions === undefined) return '';
  const name = versions.package === 'torch' ? 'PyTorch' : versions.package;
  const { from, to } = versions;
  if (to === undefined) return `${name} ${from ?? ''}+`;
  if (from === undefined) return `${name} up to ${to}`;
  return from === to ? `${name} ${from}` : `${name} ${from}-${to}`;
}
