import type { Snapshot } from '../src/core/snapshot/columns.ts';
import { makeDrawing, renderDrawingProblem } from '../src/core/snapshot/make/drawing.ts';

/** The snapshot of a drawing (docs/snapshot-drawings.md); a mistake in it fails the test. */
export function drawn(text: string): Snapshot {
  const made = makeDrawing(text);
  if ('problem' in made) throw new Error(renderDrawingProblem(made.problem));
  return made.snapshot;
}

/** A training run: a model, and in each step data, forward, loss, backward and Adam. */
export interface Run {
  readonly steps?: number;
  /** Lines at the end of each step, as `main` in train.py runs them. */
  readonly each?: string;
  /** Bytes of the activations of each layer, an expression with `step`. */
  readonly activation?: string;
  /** Whether backward lets the activations go. */
  readonly keepsGraph?: boolean;
}

const TORCH = '/usr/lib/python3.11/site-packages/torch';

export function training({
  steps = 10,
  each = '',
  activation = '64MiB',
  keepsGraph,
}: Run = {}): string {
  const lines = each.split('\n').map((line) => `    ${line}`);
  return `at train.py:5 in main > model.py:3 in __init__ > ${TORCH}/nn/modules/linear.py:100 in __init__:
  w += alloc 100MiB
  w += alloc 50MiB
for step in 1..${steps}:
  at train.py:20 in main > data.py:8 in get_batch:
    x = alloc 4MiB
  at train.py:21 in main > model.py:10 in forward > model.py:30 in forward:
    a += alloc ${activation}
    temp 8MiB
  at train.py:21 in main > model.py:11 in forward > model.py:31 in forward:
    a += alloc ${activation}
  at train.py:22 in main > ${TORCH}/nn/functional.py:3104 in cross_entropy:
    logits = alloc 24MiB
    ${keepsGraph === true ? 'losses += alloc 4' : 'loss = alloc 4'}
  at train.py:23 in main > ${TORCH}/_tensor.py:500 in backward:
    if step == 1:
      g += alloc 100MiB
      g += alloc 50MiB
    temp 64MiB
    ${keepsGraph === true ? 'temp 4KiB' : 'free a'}
    temp 64MiB
    free logits
  if step == 1:
    at train.py:24 in main > ${TORCH}/optim/adamw.py:100 in _init_group:
      m += alloc 100MiB
      m += alloc 50MiB
      m += alloc 100MiB
      m += alloc 50MiB
  at train.py:24 in main > ${TORCH}/optim/adamw.py:400 in _multi_tensor_adamw:
    temp 100MiB
  at train.py:30 in main:
    let unused = 0
${lines.join('\n')}
`;
}
