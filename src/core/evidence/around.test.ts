import { describe, expect, test } from 'vitest';
import { hostOf, momentsOf, signalName, signalOfExit, stampOf } from './around.ts';
import type { SeenEvent } from './status.ts';
import { linesOf } from './text/dress.ts';

const line = (text: string) => {
  const [first] = linesOf(text, 1, false);
  if (first === undefined) throw new Error('no line');
  return first;
};

test.each([
  ['9', 'SIGKILL'],
  ['KILL', 'SIGKILL'],
  ['SIGKILL', 'SIGKILL'],
  ['Signals.SIGTERM', 'SIGTERM'],
  ['Killed', 'SIGKILL'],
  ['Segmentation fault', 'SIGSEGV'],
  ['99', undefined],
  ['', undefined],
  ['nothing', undefined],
])('signal %s is %s', (text, name) => {
  expect(signalName(text)).toBe(name);
});

test.each([
  [-9, 'SIGKILL'],
  [137, 'SIGKILL'],
  [139, 'SIGSEGV'],
  [1, undefined],
  [128, undefined],
  [255, undefined],
])('exit code %s is %s', (code, name) => {
  expect(signalOfExit(code)).toBe(name);
});

describe('moment and host of a line', () => {
  test.each([
    ['Jun 11 07:41:12 cn07 kernel: [55.100200] text', 'Jun 11 07:41:12', 'cn07'],
    ['2025-06-11T07:41:12.5+02:00 cn07 kernel: text', '2025-06-11T07:41:12.5+02:00', 'cn07'],
    ['[Wed Jun 11 07:41:12 2025] text', 'Wed Jun 11 07:41:12 2025', undefined],
    ['[55120.100200] text', '55120.100200', undefined],
    ['[rank7]:[E626 05:14:36.39 F.cpp:1] text', '626 05:14:36.39', undefined],
    ['E0611 07:41:12.310000 5120 api.py:869] text', '0611 07:41:12.310000', undefined],
    ['text', undefined, undefined],
  ])('%s', (text, time, host) => {
    expect(stampOf(line(text))).toBe(time);
    expect(hostOf(line(text))).toBe(host);
  });
});

test('two tellings of one end are one event; far ones are moments of their own', () => {
  const exit = (at: number, more: Partial<SeenEvent>): SeenEvent => ({
    kind: 'exit',
    line: at,
    says: `line ${at}`,
    pid: 7,
    exit_code: 1,
    ...more,
  });
  const moments = momentsOf([exit(9, { rank: 3, is_first: true }), exit(2, {}), exit(900, {})]);
  expect(moments.map(({ line: at, last }) => [at, last])).toEqual([
    [2, 9],
    [900, 900],
  ]);
  expect(moments[0]?.events).toEqual([
    { kind: 'exit', line: 2, says: 'line 2', pid: 7, exit_code: 1, rank: 3, is_first: true },
  ]);
});
