import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatBytes, GiB, KiB, MiB, readSize, unitBytes } from './bytes.ts';
import { constant, type Factor, largest, minus, ofFactor, plus, spread } from './factor.ts';
import { add, bound, interval, subtract } from './interval.ts';
import { CONTENT_WORDS, CONTENTS, PHASES } from './phase.ts';
import { joinSentences, render } from './render.ts';
import { enumerated, parametersOf, say } from './texts.ts';
import { isBefore } from './unit.ts';
import { isUnknown } from './unknown.ts';

/** As c10 prints a size: binary units, two decimals, thresholds with <=. */
function formatSize(n: number): readonly [digits: string, unit: string] {
  if (n <= 1024) return [String(n), 'bytes'];
  if (n <= MiB) return [(n / KiB).toFixed(2), 'KiB'];
  if (n <= GiB) return [(n / MiB).toFixed(2), 'MiB'];
  return [(n / GiB).toFixed(2), 'GiB'];
}

describe('sizes', () => {
  test('the true value lies within the bound of what PyTorch printed of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 42 }), (n) => {
        const { bytes } = readSize(...formatSize(n));
        if (isUnknown(bytes)) throw new Error('unknown');
        expect(bytes.low).toBeLessThanOrEqual(n);
        expect(bytes.high).toBeGreaterThanOrEqual(n);
        expect(bytes.high - bytes.low).toBeLessThanOrEqual(
          n <= MiB ? 12 : n <= GiB ? 10488 : 10737421,
        );
      }),
    );
  });

  test('any digits with any unit give a bound that holds the value', () => {
    const digits = fc
      .tuple(fc.nat(99_999), fc.stringMatching(/^\d{0,6}$/))
      .map(([whole, rest]) => (rest === '' ? `${whole}` : `${whole}.${rest}`));
    fc.assert(
      fc.property(digits, fc.constantFrom('bytes', 'B', 'KiB', 'MB', 'GiB', 'G'), (text, unit) => {
        const { bytes } = readSize(text, unit);
        if (isUnknown(bytes)) return;
        expect(bytes.low).toBeLessThanOrEqual(bytes.mid);
        expect(bytes.mid).toBe(Math.round(Number(text) * (unitBytes(unit) ?? 0)));
        expect(bytes.high).toBeGreaterThanOrEqual(bytes.mid);
      }),
    );
  });

  test.each([
    ['1024.00', 'MiB', GiB],
    ['0', 'bytes', 0],
    ['768.00', 'MB', 768 * MiB],
    ['17.79', 'G', Math.round(17.79 * GiB)],
    ['2.5', 'TiB', 2.5 * 1024 * GiB],
    ['805,306,368', 'bytes', 768 * MiB],
    ['1,002.50', 'MiB', 1002.5 * MiB],
    ['10,5', 'MiB', 10.5 * MiB],
  ])('%s %s', (digits, unit, expected) => {
    expect(readSize(digits, unit).bytes).toMatchObject({ mid: expected, kind: 'bound' });
  });

  test('the unset sentinel and overflows are unknown, each with its reason', () => {
    const why = (digits: string): string => {
      const { bytes } = readSize(digits, 'GiB');
      return isUnknown(bytes) ? render(bytes.unknown) : '';
    };
    expect(why('17179869184.00')).toContain('unset');
    expect(why('99999999999.00')).toContain('2^53');
  });

  test('a cut-off figure reaches upwards only', () => {
    expect(readSize('72', 'GB', { rounding: 'floor' }).bytes).toMatchObject({
      low: 72 * GiB,
      high: 73 * GiB,
    });
  });

  test('unit words', () => {
    expect([unitBytes('GB', 'decimal'), unitBytes('GiB', 'decimal'), unitBytes('furlong')]).toEqual(
      [1e9, GiB, undefined],
    );
  });

  test.each([
    [0, '0 B'],
    [GiB - 1, '1.00 GiB'],
    [-3 * MiB, '-3.0 MiB'],
    [78.31 * GiB, '78.31 GiB'],
  ])('%d prints as %s', (n, text) => {
    expect(formatBytes(n)).toBe(text);
  });
});

describe('intervals', () => {
  const any = fc
    .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.nat(1e6), fc.nat(1e6))
    .map(([mid, down, up]) => bound(mid, mid - down, mid + up));
  const within = fc.tuple(any, fc.double({ min: 0, max: 1, noNaN: true })).map(([i, t]) => ({
    interval: i,
    value: i.low + (i.high - i.low) * t,
  }));

  test('sums and differences hold every combination of values', () => {
    fc.assert(
      fc.property(within, within, (a, b) => {
        const s = add(a.interval, b.interval);
        const d = subtract(a.interval, b.interval);
        const slack = 1e-3;
        expect(s.low - slack <= a.value + b.value && a.value + b.value <= s.high + slack).toBe(
          true,
        );
        expect(d.low - slack <= a.value - b.value && a.value - b.value <= d.high + slack).toBe(
          true,
        );
      }),
    );
  });

  test('a p90 part makes the sum a p90', () => {
    expect(add(bound(1), interval(0, 1, 2, 'p90')).kind).toBe('p90');
  });

  test('an interval out of order is a bug', () => {
    expect(() => interval(2, 1, 3, 'bound')).toThrow(RangeError);
    expect(() => bound(Number.NaN)).toThrow(RangeError);
  });
});

describe('named factors', () => {
  const factor = (name: string, low: number, mid: number, high: number): Factor => ({
    name,
    low,
    mid,
    high,
    unit: 'bytes',
    source: 'test',
  });
  const context = ofFactor(factor('context', 200, 500, 900));
  const workspace = ofFactor(factor('workspace', 0, 64, 128));

  test('a factor on both sides of a difference cancels', () => {
    const difference = spread(minus(plus(context, constant(1000)), plus(context, constant(400))));
    expect(difference).toEqual({ low: 600, mid: 600, high: 600, kind: 'p90' });
  });

  test('independent factors do not cancel, and their spread is narrower than the sum of ranges', () => {
    const both = spread(plus(context, workspace));
    expect(both.low).toBeGreaterThan(200);
    expect(both.high).toBeLessThan(1028);
    expect(both.mid).toBe(564);
    expect(spread(minus(context, workspace)).low).toBeLessThan(500 - 64);
  });

  test('about nine of ten draws of a triangular factor lie inside', () => {
    const { low, high } = spread(context);
    let inside = 0;
    const draws = 4000;
    for (let i = 0; i < draws; i++) {
      const u = (i + 0.5) / draws;
      const turn = 300 / 700;
      const x = u < turn ? 200 + Math.sqrt(u * 700 * 300) : 900 - Math.sqrt((1 - u) * 700 * 400);
      if (x >= low && x <= high) inside++;
    }
    expect(inside / draws).toBeGreaterThan(0.85);
    expect(inside / draws).toBeLessThan(0.95);
  });

  test('the maximum is taken per draw', () => {
    expect(spread(largest(context, plus(context, constant(1)))).mid).toBe(501);
  });

  test('one name with two ranges is a bug', () => {
    expect(() => plus(context, ofFactor(factor('context', 0, 1, 2)))).toThrow('share the name');
  });
});

describe('texts', () => {
  const texts = { en: { a: 'asked for {size} by {who}' }, zh: { a: '{who} 请求 {size}' }, ru: {} };

  test('render in each language, with English where a slot is empty', () => {
    const statement = say(texts, 'a', { size: { size: 2 * GiB }, who: 'rank 3' });
    expect(render(statement)).toBe('asked for 2.00 GiB by rank 3');
    expect(render(statement, 'zh')).toBe('rank 3 请求 2.00 GiB');
    expect(render(statement, 'ru')).toBe('asked for 2.00 GiB by rank 3');
  });

  test('a missing parameter is a bug, and input is never a template', () => {
    expect(() => render(say(texts, 'a', { who: 'x' }))).toThrow('lacks "size"');
    expect(render(say(texts, 'a', { size: '{who}', who: '$&' }))).toBe('asked for {who} by $&');
    expect(parametersOf(texts.en.a)).toEqual(['size', 'who']);
  });

  test('things are listed, and sentences joined, as each language does it', () => {
    const statement = say(texts, 'a', {
      size: enumerated(['rank 1', { en: 'weights', zh: '权重', ru: 'веса' }]),
      who: 'x',
    });
    expect(render(statement, 'zh')).toBe('x 请求 rank 1、权重');
    expect(render(statement)).toBe('asked for rank 1, weights by x');
    expect(joinSentences(['Died.', '', 'Why?'])).toBe('Died. Why?');
    expect(joinSentences(['显存不足。', '原因不明。', 'x=1', '代价：无。'])).toBe(
      '显存不足。原因不明。x=1 代价：无。',
    );
  });
});

test('every phase has words in three languages and says what it can hold', () => {
  for (const row of Object.values(PHASES)) {
    expect(row.holds.length).toBeGreaterThan(0);
    for (const words of [row.name, row.words]) {
      expect(Object.values(words).filter((text) => text.trim() === '')).toEqual([]);
    }
  }
  expect(Object.keys(CONTENT_WORDS)).toEqual(CONTENTS);
  expect(PHASES.optimizer.holds).not.toContain('activations');
});

test('versions compare number by number', () => {
  expect([isBefore('1.9', '1.10'), isBefore('2.0', '2.0'), isBefore('2.1', '2')]).toEqual([
    true,
    false,
    false,
  ]);
});
