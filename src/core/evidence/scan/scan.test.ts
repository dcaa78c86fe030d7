import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { numRuns } from '../../../../test/ring.ts';
import { countLines, type Hit, MIN_NEEDLE_BYTES, NeedleScanner } from './needles.ts';
import { WindowCollector } from './windows.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The plain way, to compare with. */
function naive(text: string, needles: readonly string[]): Hit[] {
  const hits: Hit[] = [];
  const folded = text.toLowerCase();
  needles.forEach((needle, index) => {
    for (let at = folded.indexOf(needle); at >= 0; at = folded.indexOf(needle, at + 1)) {
      hits.push({ at, needle: index });
    }
  });
  return hits.sort((a, b) => a.at - b.at || a.needle - b.needle);
}

// Few letters and overlapping needles, so that near misses and overlaps are common.
const letter = fc.constantFrom('a', 'b', 'A', 'B', ' ', '\n', '!');
const needle = fc
  .array(fc.constantFrom('a', 'b', ' '), { minLength: MIN_NEEDLE_BYTES, maxLength: 14 })
  .map((chars) => chars.join(''));
const needleSet = fc.uniqueArray(needle, { minLength: 1, maxLength: 6 });

/** Text in which the needles really occur, in any case. */
const haystack = (needles: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        fc.string({ unit: letter, maxLength: 30 }),
        fc.constantFrom(...needles, ...needles.map((n) => n.toUpperCase())),
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(''));

const withText = needleSet.chain((needles) => fc.tuple(fc.constant(needles), haystack(needles)));

describe('the scanner', () => {
  test('finds exactly what a plain search finds', () => {
    fc.assert(
      fc.property(withText, ([needles, text]) => {
        expect(new NeedleScanner(needles).scan(encode(text))).toEqual(naive(text, needles));
      }),
      { numRuns: numRuns(500) },
    );
  });

  test('tells apart what folding makes alike', () => {
    const scanner = new NeedleScanner(['out of memory']);
    expect(scanner.scan(encode('OUT OF MEMORY out`of memory out of\0memory'))).toEqual([
      { at: 0, needle: 0 },
    ]);
  });

  test('refuses a needle that is too short', () => {
    expect(() => new NeedleScanner(['Killed'])).toThrow('shorter than');
  });

  test('counts lines as a plain loop does, wherever it starts', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: letter, maxLength: 300 }),
        fc.nat(300),
        fc.nat(300),
        (text, a, b) => {
          const bytes = encode(text);
          const from = Math.min(a, b, bytes.length);
          const to = Math.min(Math.max(a, b), bytes.length);
          expect(countLines(bytes, from, to)).toBe(text.slice(from, to).split('\n').length - 1);
        },
      ),
    );
  });
});

describe('windows', () => {
  const scanner = new NeedleScanner(['the needle', 'another one']);
  const filler = (lines: number): string =>
    Array.from({ length: lines }, (_, i) => `line ${i} of a long and quiet log\n`).join('');

  /** Pushes the text in chunks of the given sizes, with one buffer that is used again and again. */
  function collect(text: string, sizes: readonly number[]): ReturnType<WindowCollector['finish']> {
    const collector = new WindowCollector(() => ({ scanner, statusNeedles: [] }));
    const bytes = encode(text);
    const buffer = new Uint8Array(Math.max(1, ...sizes));
    let at = 0;
    for (let i = 0; at < bytes.length; i++) {
      const size = Math.min(sizes[i % sizes.length] ?? 1, bytes.length - at);
      buffer.set(bytes.subarray(at, at + size));
      collector.push(buffer.subarray(0, size));
      at += size;
    }
    return collector.finish();
  }

  test('the same windows come out whatever the chunks', () => {
    const text = `${filler(9000)}here is THE NEEDLE\n${filler(200)}another one\n${filler(12000)}the needle again\n`;
    const whole = collect(text, [text.length]);
    expect(whole.windows.length).toBe(2);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 700, max: 200_000 }), { minLength: 1, maxLength: 5 }),
        (sizes) => {
          const cut = collect(text, sizes);
          expect(
            cut.windows.map((w) => [w.line, w.bytes.length, [...(w.needles ?? [])].sort()]),
          ).toEqual(
            whole.windows.map((w) => [w.line, w.bytes.length, [...(w.needles ?? [])].sort()]),
          );
          expect(cut.totalLines).toBe(text.split('\n').length - 1);
        },
      ),
      { numRuns: numRuns(40) },
    );
  });

  test('a needle across every boundary is found', () => {
    const text = `${'x'.repeat(50)}\nthe needle\n${'y'.repeat(50)}\n`;
    for (let size = 1; size < 70; size++) {
      const { windows } = collect(text, [size]);
      expect(windows).toHaveLength(1);
      expect(new TextDecoder().decode(windows[0]?.bytes)).toContain('the needle');
    }
  });

  test('a window knows its first line', () => {
    const text = `${filler(20_000)}the needle\n`;
    const [window] = collect(text, [65_536]).windows;
    if (window === undefined) throw new Error('no window');
    const lines = new TextDecoder().decode(window.bytes).split('\n');
    expect(window.line + lines.indexOf('the needle')).toBe(20_001);
  });

  test('memory stays bounded when needles are everywhere, and what is left out is counted', () => {
    const dense = `the needle${'-'.repeat(300_000)}\n`.repeat(200);
    const { windows, unread } = collect(dense, [1 << 20]);
    const kept = windows.reduce((sum, window) => sum + window.bytes.length, 0);
    expect(windows.length).toBeLessThanOrEqual(52);
    expect(kept).toBeLessThan(52 * 1024 * 1024);
    expect(unread).toBe(200 - 52);
  });
});
