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
    expect(steps).toMatchObject({ how: 'recurrence', count: 10 });
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
    const { steps, growth } = report(training({ steps: 4, each: 'kept += alloc 2MiB' }));
    expect(growth).toEqual([]);
    expect(isUnknown(steps) && steps.unknown.key).toBe('few-after');
  });
});
