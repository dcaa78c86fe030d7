import { describe, expect, test } from 'vitest';
import { squeeze } from './squeeze.ts';

const squeezed = (...texts: readonly string[]): string =>
  squeeze(texts.map((text, at) => ({ text, lane: '', number: at + 1 }))).text;

const LONG = 'the allocator could not serve a request of ';

describe('numbers at the end of a line', () => {
  test('go on where a full line was broken', () => {
    expect(squeezed(`${LONG}5426`, '2464512 bytes')).toContain('54262464512bytes');
  });

  test.each([
    ['a stamp of minutes', '1.06.520.086 E next'],
    ['a time of day', '12:30:01 next'],
    ['a date', '2026-03-04 next'],
    ['a date without dashes', '20260304 21:55:01.443740 UTC 8354 next'],
    ['a date of six digits', '260304 21:55:01 next'],
    ['hours and minutes', '21:55 next'],
    ['seconds since 1970', '1772661301.443 next'],
    ['a progress bar', '12%|█'],
  ])('end before %s', (_, next) => {
    expect(squeezed(`${LONG}54262464512`, next)).toContain('54262464512\u0001');
  });
});
