import { describe, expect, test } from 'vitest';
import { linesOf } from './dress.ts';

const read = (text: string) =>
  linesOf(text, 1, false).map(({ text: said, rank, host }) => ({ said, rank, host }));

describe('who wrote a line', () => {
  test.each([
    ['[1,5]<stderr>:loss', { said: 'loss', rank: 5 }],
    ['[1,5]<stderr>: loss', { said: 'loss', rank: 5 }],
    ['[prterun-cn07-4711@1,5]<stdout>: loss', { said: 'loss', rank: 5 }],
    ['[1,mpirank:6,algo-2]<stdout>:loss', { said: 'loss', rank: 6, host: 'algo-2' }],
    ['[pod/job-worker-3/pytorch] loss', { said: 'loss', host: 'job-worker-3' }],
    ['job-worker-3 pytorch \u203a loss', { said: 'loss', host: 'job-worker-3' }],
    ['[default2]:loss', { said: 'loss', rank: 2 }],
  ])('%s', (text, wanted) => {
    expect(read(text)[0]).toMatchObject(wanted);
  });
});

describe('labels in front of most lines', () => {
  test('srun --label: the numbers are ranks', () => {
    const text = [' 0: a', ' 1: a', '10: a', ' 0:   b', ' 1:   b', '10:   b', 'srun: done'].join(
      '\n',
    );
    expect(read(text)).toMatchObject([
      { said: 'a', rank: 0 },
      { said: 'a', rank: 1 },
      { said: 'a', rank: 10 },
      { said: '  b', rank: 0 },
      { said: '  b', rank: 1 },
      { said: '  b', rank: 10 },
      { said: 'srun: done', rank: undefined },
    ]);
  });

  test.each([
    ['10.0.0.5', '10.0.0.6'],
    ['node-1', 'node-2'],
    ['gpunode07', 'gpunode08'],
    ['ip-10-0-0-5', 'ip-10-0-0-6'],
    ['cn1.cluster.local', 'cn2.cluster.local'],
  ])('pdsh: %s is a host', (one, other) => {
    const text = [`${one}: a`, `${other}: a`, `${one}: [rank3]: b`, `${other}: b`].join('\n');
    expect(read(text)).toMatchObject([
      { said: 'a', host: one },
      { said: 'a', host: other },
      { said: 'b', host: one, rank: 3 },
      { said: 'b', host: other },
    ]);
    expect(linesOf(text, 1, false)[0]?.raw).toBe(`${one}: a`);
  });

  test.each([
    ['one line', '5: something'],
    ['a list', '1: a\n2: b\n3: c\n4: d\n5: e'],
    ['grep -n', '12: a\n15: b\n120: c\n121: d\n300: e'],
    ['two lists', '1: a\n2: b\n3: c\n1: d\n2: e\n3: f\n'.repeat(1)],
    ['epochs', '0: a\n0: b\n1: a\n1: b\n2: a\n2: b'],
    ['one label only', '0: a\n0: b\n0: c\n0: d'],
    ['few among many', `0: a\n1: b\n0: c\n1: d\n${'text\n'.repeat(20)}`],
    ['large numbers', '4000: a\n4711: b\n4000: c\n4711: d'],
    ['modules', 'torch.nn: a\ntorch.optim: b\ntorch.nn: c\ntorch.optim: d'],
    ['layers', 'layer1: a\nlayer2: b\nlayer1: c\nlayer2: d'],
  ])('%s bears none', (_, text) => {
    for (const { rank, host, said } of read(text)) {
      expect(rank).toBeUndefined();
      expect(host).toBeUndefined();
      expect(text).toContain(said);
    }
  });
});

describe('the error file of torchrun', () => {
  const record = (extra: object): string =>
    JSON.stringify({ message: { message: 'ValueError: x', extraInfo: extra } });

  test('the call stack is the text, its moment the time', () => {
    const lines = linesOf(
      record({ py_callstack: 'Traceback:\n  a\nValueError: x\n', timestamp: '1749627672' }),
      1,
      false,
    );
    expect(lines.map(({ text }) => text)).toEqual(['Traceback:', '  a', 'ValueError: x']);
    expect(lines[0]?.time).toBe('1749627672');
    expect(lines[0]?.raw).toContain('extraInfo');
  });

  test('without a call stack the message is', () => {
    expect(linesOf(record({}), 1, false).map(({ text }) => text)).toEqual(['ValueError: x']);
  });
});
