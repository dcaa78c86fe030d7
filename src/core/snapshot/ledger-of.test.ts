import { describe, expect, test } from 'vitest';
import { drawn, training } from '../../../test/drawn.ts';
import { known } from '../base/interval.ts';
import { isUnknown } from '../base/unknown.ts';
import { isLive, type Ledger, select, sumOf } from '../ledger/ledger.ts';
import { valueIn } from '../ledger/observe.ts';
import type { Recorded, RecordedMoment } from '../ledger/recorded.ts';
import { recordingsOf } from './recorded-of.ts';

const recordedOf = (text: string): Recorded => {
  const { recorded, problems } = recordingsOf(drawn(text), { source: 'x.pickle' });
  expect(problems).toEqual([]);
  const [first] = recorded;
  if (first === undefined) throw new Error('no device');
  return first;
};

const sumWhere = (ledger: Ledger, isWanted: (category: string) => boolean): number =>
  ledger.atoms
    .filter(({ category, process }) => process === 'this' && isWanted(category))
    .reduce((sum, { bytes }) => sum + (known(bytes)?.mid ?? 0), 0);

const DRAWINGS: readonly (readonly [string, string])[] = [
  ['a training run', training()],
  ['a training run that keeps its graph', training({ keepsGraph: true, each: 'temp 3MiB' })],
  [
    'graphs, streams, expandable segments and a refusal',
    `device 0 8GiB
settings expandable_segments:True
at a.py:1 in main
w = alloc 1GiB
on graph 1:
  at a.py:2 in capture
  temp 300MiB
  held = alloc 100MiB
on stream 7:
  at a.py:3 in prefetch
  x = alloc 200MiB
  record_stream x
at a.py:4 in main
record_stream w
free w
oom 9GiB
y = alloc 40MiB`,
  ],
  [
    'pieces between blocks that stay',
    `device 0 4GiB
at a.py:1 in main
for i in 1..8:
  temp 480MiB
  x[i] = alloc 472MiB
  y[i] = alloc 8MiB
free x
oom 3GiB`,
  ],
];

describe.each(DRAWINGS)('the ledgers of %s', (_, text) => {
  const recorded = recordedOf(text);
  const moments: readonly RecordedMoment[] = [recorded.peak, recorded.end, ...recorded.failures];

  test('add up to what was reserved, and live atoms to what was allocated', () => {
    for (const { ledger, facts, kind } of moments) {
      const [total] = ledger.totals;
      const reserved = valueIn(facts, 'reserved')?.mid;
      expect(total?.bytes.mid, kind).toBe(reserved);
      const under = sumOf(select(ledger, total?.selector ?? {}));
      expect(under.unknowns).toEqual([]);
      expect(under.known.mid, kind).toBe(reserved);
      expect(sumWhere(ledger, (category) => isLive(category as 'tensors'))).toBe(
        valueIn(facts, 'allocated')?.mid,
      );
      expect(sumWhere(ledger, (category) => category === 'unattributed')).toBe(0);
    }
  });

  test('name what the snapshot cannot know', () => {
    for (const { ledger } of moments) {
      const outside = ledger.atoms.filter(({ category }) => category === 'outside');
      expect(outside.map(({ bytes }) => isUnknown(bytes))).toEqual([true]);
    }
  });
});

test('a refusal has its request, its pieces, and what the device had free', () => {
  const [failed] = recordedOf(DRAWINGS[3]?.[1] ?? '').failures;
  if (failed === undefined) throw new Error('no failure');
  const bytes = (quantity: Parameters<typeof valueIn>[1]): number | undefined =>
    valueIn(failed.facts, quantity)?.mid;
  const MiB = 2 ** 20;
  expect(bytes('requested')).toBe(3072 * MiB);
  expect(bytes('largest_usable')).toBe(472 * MiB);
  expect(bytes('idle_in_pieces')).toBe(8 * 472 * MiB);
  expect(bytes('free')).toBe((4096 - 8 * 480) * MiB);
  expect(failed.ledger.limits.map(({ name, bytes: room }) => [name, known(room)?.mid])).toEqual([
    ['reserved-and-free', 4096 * MiB],
  ]);
});

test('lines of code hold what they allocated, and what they leave behind grows', () => {
  const leak = recordedOf(training({ each: 'kept += alloc 12MiB' }));
  const holders = leak.end.ledger.atoms.flatMap(({ holder, bytes }) =>
    holder === undefined ? [] : [[holder, known(bytes)?.mid] as const],
  );
  expect(holders).toContainEqual(['train.py:30', 10 * 12 * 2 ** 20]);
  if (isUnknown(leak.growth)) throw new Error('no steps');
  expect(
    leak.growth.map(({ line, strength, bytes_per_step: each }) => [line, strength, each]),
  ).toEqual([['train.py:30', 'likely', 12 * 2 ** 20]]);
});

test('a device that is not in it is a problem', async () => {
  const { recorded, problems } = recordingsOf(
    { ...drawn('alloc 1GiB'), devices: [] },
    { source: 'x', device: 3 },
  );
  expect(recorded).toEqual([]);
  expect(problems.map(({ code }) => code)).toEqual(['snapshot-no-device']);
});
