import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bound, type Interval } from '../base/interval.ts';
import { phrase, type Statement } from '../base/texts.ts';
import { isUnknown, unknown } from '../base/unknown.ts';
import {
  type Atom,
  bytesOf,
  closeTotals,
  compare,
  headroom,
  type Ledger,
  type Moment,
  matches,
  type Selector,
  sumOf,
  type Total,
  viewBy,
} from './ledger.ts';

const notPrinted = phrase({ en: 'not printed', zh: '未给出', ru: 'нет' });
const SPACES = ['device:0', 'device:1', 'host'] as const;
const OWNERS = ['this', 'pid:7', 'others', 'nobody'] as const;
const POOLS = ['torch', 'outside-torch', 'none'] as const;
const CATEGORIES = ['tensors', 'idle', 'outside', 'process', 'free'] as const;

const size = fc.integer({ min: 0, max: 2 ** 40 });
const rounded = fc
  .tuple(size, fc.integer({ min: 0, max: 2 ** 24 }))
  .map(([mid, slack]) => bound(mid, Math.max(0, mid - slack), mid + slack));

const atom: fc.Arbitrary<Atom> = fc.record({
  bytes: rounded,
  metric: fc.constant('current' as const),
  space: fc.constantFrom(...SPACES),
  process: fc.constantFrom(...OWNERS),
  pool: fc.constantFrom(...POOLS),
  category: fc.constantFrom(...CATEGORIES),
  basis: fc.constant('measured' as const),
  source: fc.constant('test'),
});

const named = (name: string): Statement => phrase({ en: name, zh: name, ru: name });
const moment: Moment = { name: 'failure', detail: named('test') };

/** Totals as they are measured: of a device, of one process on it, of one pool of that process. */
const nested = (space: (typeof SPACES)[number]): readonly Selector[] => [
  { space },
  { space, process: 'this' },
  { space, process: 'this', pool: 'torch' },
];

const totals: fc.Arbitrary<readonly Total[]> = fc
  .tuple(fc.subarray([...nested('device:0'), ...nested('device:1')]), fc.infiniteStream(rounded))
  .map(([selectors, sizes]) =>
    selectors.map((selector, index): Total => {
      const next = sizes.next().value ?? bound(0);
      return { name: named(`total ${index}`), selector, bytes: next, source: 'test' };
    }),
  );

const ledger: fc.Arbitrary<Ledger> = fc
  .tuple(fc.array(atom, { maxLength: 12 }), totals)
  .map(([atoms, sums]) => ({ moment, atoms, limits: [], totals: sums }));

const mids = (atoms: readonly Atom[]): number =>
  atoms.reduce((all, { bytes }) => all + (isUnknown(bytes) ? 0 : bytes.mid), 0);

describe('closing totals', () => {
  test('the atoms under every measured total add up to it', () => {
    fc.assert(
      fc.property(ledger, (open) => {
        const closed = closeTotals(open);
        for (const total of closed.totals) {
          expect(mids(closed.atoms.filter((a) => matches(a, total.selector)))).toBe(
            total.bytes.mid,
          );
        }
      }),
    );
  });

  test('no atom is changed or lost, and only unattributed ones are added', () => {
    fc.assert(
      fc.property(ledger, (open) => {
        const closed = closeTotals(open);
        expect(closed.atoms.slice(0, open.atoms.length)).toEqual(open.atoms);
        for (const added of closed.atoms.slice(open.atoms.length)) {
          expect(added.category).toBe('unattributed');
        }
      }),
    );
  });

  test('closing twice adds nothing', () => {
    fc.assert(
      fc.property(ledger, (open) => {
        const once = closeTotals(open);
        expect(closeTotals(once).atoms).toEqual(once.atoms);
      }),
    );
  });

  test('an unknown is bounded by the remainder and never becomes 0', () => {
    fc.assert(
      fc.property(rounded, rounded, (total, part) => {
        const base = {
          metric: 'current',
          space: 'device:0',
          process: 'this',
          basis: 'measured',
          source: 't',
        } as const;
        const closed = closeTotals({
          moment,
          limits: [],
          atoms: [
            { ...base, pool: 'torch', category: 'tensors', bytes: part },
            {
              ...base,
              pool: 'outside-torch',
              category: 'outside',
              bytes: unknown(notPrinted),
            },
          ],
          totals: [
            { name: named('process'), selector: { process: 'this' }, bytes: total, source: 't' },
          ],
        });
        const gap = closed.atoms[1]?.bytes;
        expect(gap !== undefined && isUnknown(gap)).toBe(true);
        expect(closed.atoms).toHaveLength(2);
        if (gap !== undefined && isUnknown(gap)) {
          expect(gap.at_most).toBe(Math.max(0, total.high - part.low));
        }
        expect(bytesOf(closed, { category: 'outside' })).toEqual({ unknown: notPrinted });
      }),
    );
  });

  test('a gap below zero is shown as such: memory above the card', () => {
    const closed = closeTotals({
      moment,
      limits: [],
      atoms: [
        {
          bytes: bound(12),
          metric: 'current',
          space: 'device:0',
          process: 'this',
          pool: 'torch',
          category: 'tensors',
          basis: 'measured',
          source: 't',
        },
      ],
      totals: [
        { name: named('device'), selector: { space: 'device:0' }, bytes: bound(8), source: 't' },
      ],
    });
    expect(closed.atoms[1]).toMatchObject({ category: 'unattributed', bytes: { mid: -4 } });
  });
});

describe('views', () => {
  const keys: readonly ((a: Atom) => string)[] = [
    (a) => a.process,
    (a) => a.pool,
    (a) => a.category,
    (a) => `${a.space}/${a.category}`,
  ];

  test('the groups of every view add up to the whole', () => {
    fc.assert(
      fc.property(ledger, fc.constantFrom(...keys), (open, key) => {
        const closed = closeTotals(open);
        const whole = sumOf(closed.atoms).known;
        let low = 0;
        let mid = 0;
        let high = 0;
        let count = 0;
        for (const { sum, atoms } of viewBy(closed, key).values()) {
          low += sum.known.low;
          mid += sum.known.mid;
          high += sum.known.high;
          count += atoms.length;
        }
        expect([low, mid, high, count]).toEqual([
          whole.low,
          whole.mid,
          whole.high,
          closed.atoms.length,
        ]);
      }),
    );
  });

  test('a comparison accounts for the whole change', () => {
    fc.assert(
      fc.property(ledger, ledger, fc.constantFrom(...keys), (before, after, key) => {
        const change = compare(before, after, key).reduce((all, row) => all + row.change.mid, 0);
        expect(change).toBe(mids(after.atoms) - mids(before.atoms));
      }),
    );
  });

  test('a peak never enters a sum', () => {
    const peak = fc.sample(atom, 2).map((a): Atom => ({ ...a, metric: 'peak' }));
    expect(() => sumOf(peak)).toThrow('peak');
    expect(sumOf(peak.slice(0, 1)).unknowns).toEqual([]);
  });
});

test('headroom is what the limit leaves, and unknown when a part is', () => {
  const part = (bytes: Atom['bytes'], category: Atom['category']): Atom => ({
    bytes,
    metric: 'current',
    space: 'device:0',
    process: 'this',
    pool: 'torch',
    category,
    basis: 'measured',
    source: 't',
  });
  const limit = {
    name: 'fraction',
    selector: { pool: 'torch' },
    bytes: bound(10),
    source: 't',
  } as const;
  const with_ = (atoms: readonly Atom[]): Interval | undefined =>
    headroom({ moment, atoms, limits: [limit], totals: [] }, limit);
  expect(with_([part(bound(7), 'tensors'), part(bound(5), 'free')])?.mid).toBe(3);
  expect(with_([part(unknown(phrase({ en: '?', zh: '?', ru: '?' })), 'tensors')])).toBeUndefined();
});
