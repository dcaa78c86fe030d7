import { describe, expect, test } from 'vitest';
import { withRaised } from './raised.ts';

const raised = (text: string): string | undefined => {
  const window = withRaised({
    bytes: new TextEncoder().encode(text),
    line: 1,
    needles: undefined,
    cut: false,
  });
  return window && new TextDecoder().decode(window.bytes).split('\n').at(-1);
};

describe('what a broken-off traceback was about to raise', () => {
  test.each([
    ['    raise ValueError("no room for it")', 'ValueError: no room for it'],
    [
      `    raise RuntimeError(\n        f"no room "\n        'for it'\n    )`,
      'RuntimeError: no room for it',
    ],
    ['[pid 4] E    raise my.OutOfRoom("a" "b")', '[pid 4] E my.OutOfRoom: ab'],
    ['--> 12     raise ValueError("no room")', '--> 12 ValueError: no room'],
  ])('%s', (text, last) => {
    expect(raised(`  File "a.py", line 3, in f\n${text}`)).toBe(last);
  });

  test.each([
    ['    raise ValueError(message)'],
    ['    raise'],
    ['    raise ValueError("no room")\nthe next run begins'],
    ['    x = 1'],
  ])('nothing: %s', (text) => {
    expect(raised(text)).toBeUndefined();
  });
});
