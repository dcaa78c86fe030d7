import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { literalsOf } from './literals.ts';

describe('what a pattern cannot match without', () => {
  test.each([
    [/load_in_4bit["']?\s*[=:]\s*true|bnb_4bit|\bqlora\b/i, ['load_in_4bit', 'bnb_4bit', 'qlora']],
    [/[\\/]torch[\\/]utils[\\/]data[\\/]/, ['torch']],
    [/^\/mnt\/[a-z]\//, ['/mnt/']],
    [/Capturing (?:the model for )?CUDA ?graph/, ['capturing ']],
    [/colou?r|gre+y/, ['colo', 'gre']],
    [/abc{0,2}def/, ['def']],
    [/abc{2}/, ['abc']],
    [/(?:one|two)/, undefined],
    [/\d+\w*/, undefined],
    [/ab|longer/, undefined],
    [/a(?:b(c)|[)])defg/, ['defg']],
    [/state_dict\(/, ['state_dict(']],
    [/\x41bc\u0042cd\p{Lu}efgh/u, ['efgh']],
  ])('%s', (pattern, literals) => {
    expect(literalsOf(pattern)).toEqual(literals);
  });

  test('every text that matches holds one of them', () => {
    const patterns = [
      /load_in_4bit["']?\s*[=:]\s*true|bnb_4bit|qlora/,
      /os\.(?:environ(?:\[|\.(?:update)\()|putenv\().{0,20}PYTORCH_(?:(?:CUDA|HIP)_)?ALLOC/,
      /colou?r|gre+y/,
      /abc{0,2}def|x[yz]{3}tail?s/,
    ];
    for (const pattern of patterns) {
      const literals = literalsOf(pattern) ?? [];
      fc.assert(
        fc.property(fc.stringMatching(pattern), (text) =>
          literals.some((literal) => text.toLowerCase().includes(literal)),
        ),
        { numRuns: 200, seed: 4 },
      );
    }
  });
});
