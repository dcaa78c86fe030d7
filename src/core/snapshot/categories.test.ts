import { describe, expect, it } from 'vitest';
import { drawn, training } from '../../../test/drawn.ts';
import { MiB } from '../base/bytes.ts';
import { LANGS, parametersOf } from '../base/texts.ts';
import { analyse } from './analyse.ts';
import { CATEGORIES, RULE_TEXTS, RULES } from './categories-rules.ts';
import { NONE, type Snapshot } from './columns.ts';
import { stackFacts } from './owners-frames.ts';

/** Categories at the peak, in MiB, with their rules. */
function categories(snapshot: Snapshot): Record<string, readonly [number, ...string[]]> {
  const owners = analyse(snapshot).devices[0]?.owners ?? [];
  return Object.fromEntries(
    owners
      .filter(({ by, bytes }) => by === 'category' && bytes >= MiB)
      .map(({ name, bytes, rules }) => [
        name,
        [
          Math.round(bytes / MiB),
          ...(rules ?? []).filter((own) => own.bytes >= MiB).map(({ id }) => id),
        ],
      ]),
  );
}

/** The same stacks, one of them without frames. */
function withoutStack(stacks: Snapshot['stacks'], empty: number): Snapshot['stacks'] {
  const frames: number[] = [];
  const offsets = [0];
  for (let stack = 0; stack < stacks.count; stack++) {
    if (stack !== empty) {
      frames.push(...stacks.frames.subarray(stacks.offsets[stack], stacks.offsets[stack + 1]));
    }
    offsets.push(frames.length);
  }
  return { ...stacks, offsets: Uint32Array.from(offsets), frames: Uint32Array.from(frames) };
}

const TORCH = '/x/site-packages/torch';

describe('the rules', () => {
  it('each have a category and a sentence in every language', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
    for (const lang of LANGS) {
      expect(Object.keys(RULE_TEXTS[lang]).sort()).toEqual(RULES.map(({ id }) => id).sort());
      for (const text of Object.values(RULE_TEXTS[lang])) expect(parametersOf(text)).toEqual([]);
    }
    expect(new Set(RULES.map(({ category }) => category))).toEqual(new Set(CATEGORIES));
  });

  it('tell apart what a training run holds at its peak', () => {
    expect(categories(drawn(training()))).toEqual({
      parameters: [150, 'constructor'],
      gradients: [150, 'backward-kept'],
      optimizer_state: [300, 'optimizer-init'],
      activations: [128, 'forward-saved'],
      logits: [24, 'loss-frames'],
      temporaries: [64, 'backward-freed'],
      inputs: [4, 'data-frames'],
    });
  });

  it('read Python-only stacks: what has none after a forward pass comes from the engine', () => {
    const snapshot = drawn(`
for step in 1..5:
  at train.py:21 in main > model.py:10 in forward:
    a = alloc 64MiB
  at engine:
    g = alloc 100MiB
    temp 30MiB
    free a
  at train.py:24 in main > ${TORCH}/optim/adamw.py:400 in _multi_tensor_adamw:
    temp 40MiB
  free g`);
    // A recorder of Python's frames writes no stack where a drawing has a native one.
    const native = stackFacts(snapshot).pythonFrame.indexOf(NONE);
    const devices = snapshot.devices.map((device) => {
      const stack = device.events.stack.map((id) => (id === native ? NONE : id));
      return { ...device, events: { ...device.events, stack } };
    });
    const pythonOnly = { ...snapshot, devices, stacks: withoutStack(snapshot.stacks, native) };
    expect(categories(pythonOnly)).toEqual({
      gradients: [100, 'backward-kept'],
      activations: [64, 'forward-saved'],
      temporaries: [30, 'backward-freed'],
    });
  });

  it('find the logits by their size', () => {
    const found = categories(
      drawn(`
at train.py:21 in main > model.py:30 in forward:
  a = alloc 64MiB
at train.py:21 in main > model.py:99 in forward:
  z = alloc 300MiB
at train.py:22 in main > loss.py:4 in cross_entropy:
  l = alloc 600MiB
at train.py:23 in main > ${TORCH}/_tensor.py:500 in backward:
  g = alloc 1MiB`),
    );
    expect(found['logits']).toEqual([900, 'loss-frames', 'loss-size']);
  });

  it('find parameters from before the recording by the sizes of their gradients', () => {
    const found = categories(
      drawn(`
at train.py:5 in main > model.py:3 in build:
  w += alloc 100MiB
  w += alloc 52MiB
  other = alloc 7MiB
record
at train.py:21 in main > model.py:30 in forward:
  a = alloc 64MiB
at torch::autograd::AccumulateGrad::apply > torch::autograd::Engine::thread_main:
  g += alloc 100MiB
  g += alloc 52MiB
  free a
at train.py:24 in main > ${TORCH}/optim/adamw.py:400 in _multi_tensor_adamw:
  temp 400MiB`),
    );
    expect(found['gradients']).toEqual([152, 'accumulate-grad']);
    expect(found['parameters']).toEqual([152, 'sized-parameters']);
    expect(found['unknown']).toEqual([7, 'before-recording']);
  });

  it('believe a profiler before all else', () => {
    const snapshot = drawn('at train.py:21 in main > model.py:10 in forward:\n  a = alloc 64MiB');
    const device = snapshot.devices[0];
    if (device === undefined) throw new Error('no device');
    const { events } = device;
    const category = new Uint32Array(events.count).fill(NONE);
    category[1] = snapshot.strings.length;
    const written = {
      ...snapshot,
      strings: [...snapshot.strings, 'Category.PARAMETER'],
      devices: [{ ...device, events: { ...events, category } }],
    };
    expect(categories(written)).toEqual({ parameters: [64, 'written-parameters'] });
  });

  it('say that they do not know', () => {
    expect(categories(drawn('x = alloc 30MiB\ny = alloc 1MiB'))).toEqual({
      unknown: [31, 'no-stack'],
    });
    expect(
      categories(drawn('at play.py:3:\n  x = alloc 30MiB\ny = alloc 1MiB'))['unknown'],
    ).toEqual([31, 'no-rule', 'no-stack']);
  });
});
