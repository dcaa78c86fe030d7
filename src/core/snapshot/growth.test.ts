import { describe, expect, it } from 'vitest';
import { drawn, type Run, training } from '../../../test/drawn.ts';
import { MiB } from '../base/bytes.ts';
import { isUnknown } from '../base/unknown.ts';
import { analyse } from './analyse.ts';
import type { DeviceReport } from './report-data.ts';

function report(text: string): DeviceReport {
  const device = analyse(drawn(text)).devices[0];
  if (device === undefined) throw new Error('no device');
  return device;
}

const found = (run: Run): readonly (readonly [string, number])[] =>
  report(training(run)).growth_by_line.map((own) => [own.line, own.bytes_per_step] as const);

describe('a leak', () => {
  it('is named by line, with what it leaves per step', () => {
    const { growth_by_line, growth, steps } = report(training({ each: 'kept += alloc 2MiB' }));
    expect(steps).toMatchObject({ count: 10, how: 'optimizer' });
    expect(growth_by_line).toMatchObject([
      {
        kind: 'left_behind',
        strength: 'likely',
        line: 'train.py:30',
        file: 'train.py',
        line_number: 30,
        function: 'main',
        stack: [{ name: 'main', file: 'train.py', line: 30 }],
        bytes_per_step: 2 * MiB,
        allocations_per_step: 1,
        steps: 7,
        first_step: 2,
        last_step: 8,
      },
    ]);
    expect(growth[0]?.stack).toEqual([{ name: 'main', file: 'train.py', line: 30 }]);
  });

  it('of every third step is one', () => {
    expect(found({ steps: 24, each: 'if step % 3 == 0:\n  kept += alloc 6MiB' })).toEqual([
      ['train.py:30', 2 * MiB],
    ]);
  });

  it('of a graph shows its activations first, and who keeps them', () => {
    const { growth_by_line } = report(training({ keepsGraph: true }));
    expect(growth_by_line.map(({ line }) => line)).toEqual([
      'model.py:30',
      'model.py:31',
      'train.py:22',
    ]);
    const graph = growth_by_line[0]?.because.find(({ key }) => key === 'graph-kept');
    expect(graph?.params).toMatchObject({ line: 'train.py:22' });
  });

  it('that begins in the middle of the run is only possible', () => {
    const text = training({ steps: 24, each: 'if step > 12:\n  kept += alloc 2MiB' });
    const { growth_by_line } = report(text);
    expect(growth_by_line).toMatchObject([{ line: 'train.py:30', strength: 'possible' }]);
    expect(growth_by_line[0]?.against.map(({ key }) => key)).toContain('late');
  });

  it('is found in inference by the calls of the model, and only possible', () => {
    const { steps, growth_by_line } = report(`
at infer.py:3 in <module> > model.py:8 in load_state_dict:
  w += alloc 500MiB
for step in 1..12:
  at infer.py:10 in <module> > model.py:20 in forward:
    h = alloc 20MiB
  at infer.py:10 in <module> > model.py:22 in forward:
    out += alloc 5MiB
  free h`);
    expect(steps).toMatchObject({ how: 'calls', count: 12 });
    expect(growth_by_line).toMatchObject([{ line: 'model.py:22', strength: 'possible' }]);
  });

  it('is found without stacks by what recurs, and only possible', () => {
    const { steps, growth_by_line } = report(`
for step in 1..10:
  x = alloc 10MiB
  y = alloc 30MiB
  kept += alloc 1MiB
  free y
  free x`);
    expect(steps).toMatchObject({ how: 'falls', count: 10 });
    expect(growth_by_line).toMatchObject([
      { line: 'no stack', strength: 'possible', bytes_per_step: MiB },
    ]);
  });

  it('is found between annotations', () => {
    const { steps, growth_by_line } = report(`
for step in 1..9:
  phase ProfilerStep#{step}:
    at train.py:7 in main:
      x = alloc 10MiB
    at train.py:8 in main:
      kept += alloc 1MiB
    free x`);
    expect(steps).toMatchObject({ how: 'annotation', name: 'ProfilerStep', count: 9 });
    expect(growth_by_line).toMatchObject([{ line: 'train.py:8', bytes_per_step: MiB }]);
  });

  it('shows as one tensor that is replaced by a larger one', () => {
    const { growth_by_line } = report(`
for step in 1..12:
  at train.py:21 in main > model.py:10 in forward:
    a = alloc 64MiB
  at train.py:23 in main > model.py:11 in backward:
    temp 64MiB
    free a
  at train.py:31 in main:
    history = alloc (2MiB * step)`);
    expect(growth_by_line).toMatchObject([
      {
        kind: 'larger_each_step',
        strength: 'possible',
        line: 'train.py:31',
        bytes_per_step: 2 * MiB,
      },
    ]);
  });

  it('of as few as four steps is possible, if all are alike', () => {
    const { growth_by_line } = report(training({ steps: 4, each: 'kept += alloc 2MiB' }));
    expect(growth_by_line).toMatchObject([
      { line: 'train.py:30', strength: 'possible', bytes_per_step: 2 * MiB },
    ]);
    expect(growth_by_line[0]?.against.map(({ key }) => key)).toContain('short');
  });

  it.each<[string, Run, number]>([
    [
      'that comes by chance',
      { steps: 60, each: 'if random(0, 9) < 4:\n  kept += alloc 3MiB' },
      1.2,
    ],
    ['of every tenth step', { steps: 45, each: 'if step % 10 == 0:\n  kept += alloc 9MiB' }, 0.9],
    ['in bursts', { steps: 42, each: 'if step % 8 < 2:\n  kept += alloc 4MiB' }, 1],
    [
      'beside a cache of the same line',
      { steps: 40, each: 'cache[step % 6] = alloc 20MiB\nkept += alloc 2MiB' },
      2,
    ],
    [
      'beside one large copy',
      { steps: 30, each: 'kept += alloc 2MiB\nif step == 17:\n  kept += alloc 900MiB' },
      2,
    ],
  ])('%s is found', (_, run, rate) => {
    const [first, ...others] = found(run);
    expect(others).toEqual([]);
    expect(first?.[0]).toBe('train.py:30');
    expect((first?.[1] ?? 0) / MiB / rate).toBeGreaterThan(0.8);
    expect((first?.[1] ?? 0) / MiB / rate).toBeLessThan(1.25);
  });

  it('of a program without lines, steps or annotations is found by where memory falls', () => {
    const { steps, growth_by_line } = report(`
seed 5
for step in 1..30:
  x = alloc random(50MiB, 90MiB)
  y = alloc random(50MiB, 90MiB)
  z = alloc random(50MiB, 90MiB)
  kept += alloc random(3MiB, 6MiB)
  free z
  free y
  free x`);
    expect(steps).toMatchObject({ how: 'falls', count: 30 });
    expect(growth_by_line).toMatchObject([{ line: 'no stack', strength: 'possible' }]);
  });

  it('of the caches of conversations is found by turns, not by tokens', () => {
    const { steps, growth_by_line } = report(`
seed 2
for turn in 1..9:
  let prompt = random(4, 9)
  for token in 1..12:
    for layer in 1..3:
      at chat.py:9 in answer > model.py:20 in forward > cache_utils.py:77 in update:
        k[turn * 10 + layer] = alloc ((prompt + token) * 1MiB)
    at chat.py:9 in answer > model.py:20 in forward:
      temp 1MiB`);
    expect(steps).toMatchObject({ how: 'falls', count: 9 });
    expect(growth_by_line).toMatchObject([{ line: 'cache_utils.py:77', strength: 'possible' }]);
  });
});

describe('no leak is claimed', () => {
  it.each<[string, Run]>([
    ['of a run that starts', {}],
    ['of a long run', { steps: 40 }],
    [
      'of what is made in the first steps',
      { steps: 14, each: 'if step < 4:\n  kept += alloc 2MiB' },
    ],
    [
      'of a cache that is full half-way',
      { steps: 24, each: 'if step < 12:\n  kept += alloc 2MiB' },
    ],
    [
      'of a cache that fills ever slower',
      {
        steps: 33,
        each: 'for i in 1..6:\n  if step == i * i:\n    kept += alloc 2MiB',
      },
    ],
    ['of sequences that grow', { steps: 12, activation: '(8MiB * step)' }],
    ['of sequences in stages', { steps: 16, activation: '(64MiB + 64MiB * (step > 8))' }],
    [
      'of a list that each epoch clears',
      {
        steps: 22,
        each: 'kept += alloc 2MiB\nif step % 5 == 0:\n  free kept',
      },
    ],
    ['of a value that the next step replaces', { each: 'latest = alloc 2MiB' }],
    [
      'of a buffer that keeps the last three',
      {
        steps: 20,
        each: 'kept[step % 3] = alloc 2MiB',
      },
    ],
    [
      'of what begins in the first seven',
      { steps: 30, each: 'if step < 8:\n  kept += alloc 9MiB' },
    ],
    [
      'of the last four of rare copies',
      { steps: 50, each: 'if step % 5 == 0:\n  copies[step / 5 % 4] = alloc 100MiB' },
    ],
    [
      'of layers that thaw one by one',
      {
        steps: 30,
        each: 'if step % 5 == 1:\n  at optim.py:3 in _init_group:\n    m += alloc 25MiB\n    m += alloc 25MiB',
      },
    ],
    [
      'of a latest value that grows with the input',
      { steps: 20, activation: '(8MiB * step)', each: 'latest = alloc (2MiB * step)' },
    ],
    ['of a result in the last steps', { steps: 12, each: 'if step > 9:\n  kept += alloc 2MiB' }],
    [
      'of an evaluation once in a while',
      {
        steps: 20,
        each: 'if step % 5 == 0:\n  at eval.py:3 in evaluate:\n    e = alloc 30MiB\n    free e',
      },
    ],
  ])('%s', (_, run) => {
    expect(found(run)).toEqual([]);
  });

  it('of a KV cache that grows with the tokens, request after request', () => {
    const { steps, growth_by_line } = report(`
for request in 1..6:
  for token in 1..30:
    for layer in 1..2:
      at serve.py:9 in main > model.py:20 in forward > cache_utils.py:77 in update:
        k[layer] = alloc (token * 64KiB)
    at serve.py:9 in main > model.py:25 in forward:
      temp 10MiB
  free k`);
    expect(steps).toMatchObject({ how: 'calls', count: 180 });
    expect(growth_by_line).toEqual([]);
  });

  it('of a forward pass that fails deep in its layers', () => {
    const { steps, growth_by_line, failures } = report(`device 0 3GiB
at train.py:21 in main > model.py:9 in forward:
  e = alloc 10MiB
for layer in 1..24:
  at train.py:21 in main > model.py:10 in forward > model.py:30 in forward:
    a += alloc 64MiB
    temp 8MiB
  at train.py:21 in main > model.py:10 in forward > model.py:31 in forward:
    a += alloc 32MiB
at train.py:21 in main > model.py:12 in forward:
  oom 2GiB`);
    expect(failures).toBe(1);
    expect(isUnknown(steps)).toBe(true);
    expect(growth_by_line).toEqual([]);
  });

  it('of too few steps, and says so', () => {
    const { steps, growth } = report(training({ steps: 2, each: 'kept += alloc 2MiB' }));
    expect(growth).toEqual([]);
    expect(isUnknown(steps) && steps.unknown.key).toBe('few-steps');
  });

  it('of weights that are loaded one by one, by way of a copy', () => {
    for (const at of ['at load.py:8 in read:', 'if 1:']) {
      const { growth_by_line } = report(`
for layer in 1..60:
  ${at}
    copy = alloc 100MiB
  ${at.replace('8', '9')}
    w += alloc 50MiB
    free copy`);
      expect(growth_by_line).toEqual([]);
    }
  });

  it('of a single pass whose layers keep what backward needs', () => {
    const { growth_by_line } = report(`
for layer in 1..30:
  at a.py:9 in main > net.py:250 in forward > block.py:7 in forward:
    q = alloc 20MiB
    p = alloc 40MiB
    h += alloc 20MiB
    v += alloc 60MiB
    free p
    free q`);
    expect(growth_by_line).toEqual([]);
  });

  it('of graphs that are captured', () => {
    const { growth_by_line } = report(`
for size in 1..12:
  on graph 1:
    at run.py:5 in warm_up > /x/site-packages/torch/cuda/graphs.py:186 in __enter__:
      static += alloc 24MiB
    at run.py:6 in warm_up > model.py:20 in forward:
      inner = alloc 300MiB
      more = alloc 100MiB
      free inner
      free more
at run.py:9 in serve > model.py:20 in forward:
  for part in 1..12:
    h += alloc 100MiB`);
    expect(growth_by_line).toEqual([]);
  });
});
