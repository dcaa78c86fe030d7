import { describe, expect, it } from 'vitest';
import { drawn } from '../../../test/drawn.ts';
import { GiB, MiB } from '../base/bytes.ts';
import { isUnknown } from '../base/unknown.ts';
import { type AnalyseOptions, analyse } from './analyse.ts';
import type { FailureEntry } from './report-data.ts';

function failure(text: string, options?: AnalyseOptions): FailureEntry {
  const found = analyse(drawn(text), options).devices[0]?.failure;
  if (found === undefined) throw new Error('no failure');
  return found;
}

const idle = ({ idle: found }: FailureEntry): Record<string, number> =>
  Object.fromEntries(found.map(({ reason, bytes }) => [reason, bytes / MiB]));

describe('a failed request', () => {
  it('that is too large for the card', () => {
    const found = failure(`device 0 1GiB
at train.py:3 in main > model.py:4 in forward:
  x = alloc 600MiB
at train.py:5 in main > model.py:9 in forward:
  oom 700MiB`);
    expect(found).toMatchObject({
      verdict: 'short',
      asked_bytes: 700 * MiB,
      segment_bytes: 700 * MiB,
      allocated_bytes: 600 * MiB,
      reserved_bytes: 600 * MiB,
      device_free_bytes: 424 * MiB,
      capacity_bytes: GiB,
      line: 'model.py:9',
      stage: 'forward',
      idle_bytes: 0,
    });
    expect(isUnknown(found.outside_bytes)).toBe(true);
  });

  it('with enough free bytes in pieces', () => {
    const found = failure(`device 0 1GiB
for i in 1..10:
  big[i] = alloc 100MiB
for i in 1..10:
  free big[i]
  left[i] = alloc 60MiB
oom 200MiB`);
    expect(found.verdict).toBe('fragmented');
    expect(idle(found)).toEqual({ too_small: 400 });
    expect(found.largest_usable_bytes).toBe(40 * MiB);
  });

  it('with memory in other streams and pools', () => {
    const found = failure(`device 0 1GiB
on stream 7:
  a = alloc 300MiB
  b = alloc 100MiB
on pool 3:
  p = alloc 200MiB
  q = alloc 12MiB
x = alloc 300MiB
s = alloc 4KiB
on stream 7:
  free a
  c = alloc 200MiB
on pool 3:
  free p
  r = alloc 150MiB
oom 250MiB`);
    expect(idle(found)).toMatchObject({ other_stream: 100, private_pool: 50 });
    expect(idle(found)['other_pool']).toBeCloseTo(2, 1);
  });

  it('says what the retry gave back, and what lies outside when the total is known', () => {
    const found = failure(
      `device 0 1GiB
a = alloc 100MiB
b = alloc 200MiB
free a
free b
x = alloc 600MiB
oom 900MiB`,
      { failure: () => ({ deviceTotal: 2 * GiB }) },
    );
    expect(found).toMatchObject({
      released_bytes: 300 * MiB,
      released_segments: 2,
      outside_bytes: GiB,
    });
  });

  it('in the middle of a trace is seen in the state of its moment', () => {
    const found = failure(`device 0 1GiB
x = alloc 600MiB
oom 700MiB
free x
y = alloc 900MiB
free y
z = alloc 12MiB`);
    expect(found).toMatchObject({ allocated_bytes: 600 * MiB, reserved_bytes: 600 * MiB });
  });
});
