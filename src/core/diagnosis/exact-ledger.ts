/**
 * A failure and the moment of a recording that is provably the same: when they are, and what their
 * facts and ledgers come to together. Index and rank can part them; alone they prove nothing.
 */
import { type Interval, subtract } from '../base/interval.ts';
import type { Failure } from '../evidence/failure.ts';
import type { Fact, Quantity } from '../ledger/fact.ts';
import { type Atom, type Ledger, matches } from '../ledger/ledger.ts';
import { reservedOf, valueIn } from '../ledger/observe.ts';
import type { Recorded, RecordedMoment } from '../ledger/recorded.ts';

/** A moment of a recording, with the recording that it is of. */
export interface AtMoment {
  readonly recorded: Recorded;
  readonly moment: RecordedMoment;
}

/** Figures beside the request that have to agree; one alone can be chance. */
const FEWEST_AGREEING = 2;

/**
 * The moment of a recording that a message is of: every figure that both have agrees to within the
 * rounding of the message, the request and two more among them. A recording that was taken when the
 * request had failed has no request of its own; then allocated and reserved bytes have to agree.
 */
export function momentOf(recorded: Recorded, failure: Failure): RecordedMoment | undefined {
  const { device } = failure.reading;
  if (device !== undefined && device !== recorded.device) return undefined;
  const { rank } = failure.where;
  if (rank !== undefined && recorded.rank !== undefined && rank !== recorded.rank) return undefined;
  const failed = recorded.failures.findLast((one) => agree(failure.reading.facts, one));
  if (failed !== undefined) return failed;
  const isStateOfFailure =
    recorded.failure_count === 0 && agree(failure.reading.facts, recorded.end);
  return isStateOfFailure ? recorded.end : undefined;
}

function agree(printed: readonly Fact[], { kind, facts }: RecordedMoment): boolean {
  const exact = (quantity: Quantity): number | undefined => valueIn(facts, quantity)?.mid;
  const requested = valueIn(printed, 'requested');
  if (kind === 'failure') {
    if (requested === undefined) return false;
    const asked = [exact('requested'), exact('requested_block')];
    if (!asked.some((bytes) => isWithin(bytes, requested))) return false;
  }
  const [allocated, idleInPools] = [
    valueIn(printed, 'allocated'),
    valueIn(printed, 'private_pool'),
  ];
  // What lies idle in private pools is printed as if it were allocated.
  const live =
    allocated === undefined || idleInPools === undefined
      ? allocated
      : subtract(allocated, idleInPools);
  const compared: readonly (readonly [Interval | undefined, number | undefined])[] = [
    [live, exact('allocated')],
    [reservedOf(printed), exact('reserved')],
    [valueIn(printed, 'free'), exact('free')],
  ];
  const both = compared.filter(([a, b]) => a !== undefined && b !== undefined);
  return (
    both.length >= FEWEST_AGREEING && both.every(([a, b]) => a !== undefined && isWithin(b, a))
  );
}

const isWithin = (bytes: number | undefined, { low, high }: Interval): boolean =>
  bytes !== undefined && bytes >= low && bytes <= high;

/** Printed beside the allocator's own figures, of which the recording has all. */
const OF_THE_ALLOCATOR: readonly Quantity[] = ['reserved_unallocated', 'private_pool'];

/** Facts of one moment: exact ones stand for printed ones. */
export function exactFacts(exact: readonly Fact[], printed: readonly Fact[]): Fact[] {
  const has = new Set(exact.map(({ quantity }) => quantity));
  return [
    ...exact,
    ...printed.filter(({ quantity }) => !has.has(quantity) && !OF_THE_ALLOCATOR.includes(quantity)),
  ];
}

const isOfAllocator = (atom: Atom): boolean =>
  matches(atom, { process: 'this', pool: ['torch', 'torch-private'] });

/**
 * The ledger of the allocator put in the place of its few sums. Both add up to the same reserved bytes,
 * so what was closed stays closed.
 * @param sums made from `exactFacts`.
 */
export function exactLedger(sums: Ledger, exact: Ledger): Ledger {
  const isOutside = ({ category }: Atom): boolean => category === 'outside';
  const isSeenOutside = sums.atoms.some(isOutside);
  return {
    moment: exact.moment,
    atoms: [
      ...exact.atoms.filter((atom) => isOfAllocator(atom) || (isOutside(atom) && !isSeenOutside)),
      ...sums.atoms.filter((atom) => !isOfAllocator(atom)),
    ],
    limits: [...sums.limits, ...exact.limits],
    totals: [...sums.totals, ...exact.totals],
  };
}
