import { describe, expect, it } from 'vitest';
import { drawn } from '../../../test/drawn.ts';
import { Code, classifyFile, Places, STAGES, stackFacts, Trait } from './owners-frames.ts';

describe('whose code a file is', () => {
  it.each([
    ['/home/me/project/train.py', Code.user, undefined],
    ['C:\\Dev\\project\\model.py', Code.user, undefined],
    ['/tmp/ipykernel_17/1234.py', Code.user, undefined],
    ['<ipython-input-3-0a1b2c>', Code.user, undefined],
    ['<string>', Code.user, undefined],
    ['/usr/local/bin/torchrun', Code.user, undefined],
    ['/opt/env/lib/python3.12/site-packages/torch/nn/modules/module.py', Code.library, 'torch'],
    ['C:\\p\\.venv\\Lib\\site-packages\\einops\\einops.py', Code.library, 'einops'],
    ['/usr/lib/python3/dist-packages/numpy/core.py', Code.library, 'numpy'],
    ['/x/site-packages/apex-0.1-py3.8.egg/apex/optimizers/fused_adam.py', Code.library, 'apex'],
    ['/x/site-packages/six.py', Code.library, 'six'],
    ['/workspace/pytorch/torch/nn/modules/linear.py', Code.library, 'torch'],
    ['/opt/conda/envs/torch/lib/python3.10/contextlib.py', Code.runtime, 'python'],
    ['<frozen runpy>', Code.runtime, 'python'],
    ['/tmp/torchinductor_me/ab/cabc.py', Code.runtime, 'torch'],
    ['??', Code.native, undefined],
    ['', Code.native, undefined],
    ['CUDACachingAllocator.cpp', Code.native, undefined],
    ['/usr/local/src/conda/python-3.12.3/Objects/call.c', Code.native, undefined],
    ['thread48.o', Code.native, undefined],
    ['/lib/x86_64-linux-gnu/libc.so.6', Code.native, undefined],
  ])('%s', (file, code, library) => {
    expect(classifyFile(file)).toMatchObject({ code, library });
  });
});

/** Stage and line of the only stack of a drawing, given from the outside in. */
function stackOf(frames: string): { stage: string | undefined; line: string; traits: number } {
  const snapshot = drawn(`at ${frames}:\n  x = alloc 1MiB`);
  const facts = stackFacts(snapshot);
  const frame = facts.userFrame[0] as number;
  const places = new Places(snapshot);
  return {
    stage: STAGES[facts.stage[0] as number],
    line: frame === 0xffff_ffff ? '' : places.line(frame),
    traits: facts.traits[0] as number,
  };
}

const TORCH = '/x/site-packages/torch';

describe('what a stack shows', () => {
  it.each([
    ['train.py:5 in main > model.py:3 in forward', 'forward', 'model.py:3'],
    [`train.py:5 in main > ${TORCH}/_tensor.py:2 in backward`, 'backward', 'train.py:5'],
    ['torch::autograd::Engine::thread_main > at::native::empty_cuda', 'backward', ''],
    [`train.py:5 in main > ${TORCH}/optim/adamw.py:9 in step`, 'optimizer', 'train.py:5'],
    ['train.py:5 in main > my/optimizer.py:7 in step', 'optimizer', 'optimizer.py:7'],
    [`train.py:5 in main > ${TORCH}/optim/lr_scheduler.py:9 in step`, 'unknown', 'train.py:5'],
    // A step that calls a closure: the innermost stage counts.
    [
      `${TORCH}/optim/sgd.py:9 in step > train.py:5 in closure > model.py:3 in forward`,
      'forward',
      'model.py:3',
    ],
    [`train.py:5 in main > ${TORCH}/nn/modules/module.py:900 in _apply`, 'load', 'train.py:5'],
    ['train.py:5 in main > data.py:3 in collate_fn', 'data', 'data.py:3'],
    ['train.py:5 in main', 'unknown', 'train.py:5'],
    ['train.py:5 in main > val.py:7 in run_eval > model.py:3 in forward', 'eval', 'model.py:3'],
    ['train.py:5 in main > val.py:7 in validate', 'eval', 'val.py:7'],
    // Loading for an evaluation is loading.
    [`val.py:7 in evaluate > ${TORCH}/serialization.py:900 in _load`, 'load', 'val.py:7'],
    ['train.py:5 in evaluator_of > model.py:3 in forward', 'forward', 'model.py:3'],
    [
      'app.py:5 in evaluate > /x/site-packages/transformers/generation/utils.py:9 in _sample',
      'generate',
      'app.py:5',
    ],
    [`w.py:5 in warm_up > ${TORCH}/cuda/graphs.py:186 in __enter__`, 'capture', 'w.py:5'],
    // The first pass of a checkpointed block is a forward pass, the second belongs to backward.
    [`${TORCH}/utils/checkpoint.py:488 in checkpoint > b.py:3 in forward`, 'forward', 'b.py:3'],
    [`${TORCH}/utils/checkpoint.py:1528 in recompute_fn > b.py:3 in forward`, 'backward', 'b.py:3'],
    ['Trainer.py:5 in Trainer.train > net.py:3 in Net.forward', 'forward', 'net.py:3'],
  ])('%s', (frames, stage, line) => {
    expect(stackOf(frames)).toMatchObject({ stage, line });
  });

  it('tells a forward pass that is computed again', () => {
    const { stage, traits } = stackOf(
      `torch::autograd::Engine::thread_main > ${TORCH}/utils/checkpoint.py:9 in recompute_fn > model.py:3 in forward`,
    );
    expect(stage).toBe('backward');
    expect(traits & Trait.recompute).not.toBe(0);
  });

  it('names files as shortly as tells them apart', () => {
    const snapshot = drawn('at a/b/model.py:1 > c/b/model.py:2 > d/train.py:3:\n  x = alloc 1MiB');
    const places = new Places(snapshot);
    const names = Array.from({ length: snapshot.frames.count }, (_, frame) => places.line(frame));
    expect(names.sort()).toEqual(['a/b/model.py:1', 'c/b/model.py:2', 'train.py:3']);
  });
});
