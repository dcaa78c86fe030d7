import { describe, expect, test } from 'vitest';
import { phaseOfFrames, progressOf } from './phase-of.ts';
import type { Frame } from './tracebacks/frame.ts';

const PKG = '/opt/env/lib/python3.11/site-packages';

/** "file:function: code", outermost first. */
const stack = (...lines: readonly string[]): Frame[] =>
  lines.map((line, index) => {
    const [file = '', name = '', ...code] = line.split(/: ?/);
    return { file: file.replace('PKG', PKG), function: name, code: code.join(': '), at: index + 1 };
  });

const RELU = 'PKG/torch/nn/modules/activation.py: forward: return F.relu(input)';

describe('the phase of frames', () => {
  test.each([
    [
      'backward',
      [
        'train.py: main: loss.backward()',
        'PKG/torch/_tensor.py: backward: torch.autograd.backward(',
      ],
    ],
    [
      'backward',
      [
        'train.py: main: scaler.scale(loss).backward()',
        'PKG/torch/utils/checkpoint.py: unpack_hook: frame.recompute_fn(*args)',
        RELU,
      ],
    ],
    [
      'optimizer',
      ['train.py: main: opt.step()', 'PKG/torch/optim/adamw.py: _init_group: state = {}'],
    ],
    ['optimizer', ['PKG/deepspeed/runtime/engine.py: _take_model_step: self.optimizer.step()']],
    [
      'forward',
      [
        'PKG/lightning/loop.py: run: optimizer.step(closure=closure)',
        'PKG/lightning/opt.py: closure: self._step()',
        'lit.py: training_step: y = self.net(x)',
        RELU,
      ],
    ],
    [
      'init',
      [
        'PKG/deepspeed/runtime/zero/stage_1_and_2.py: initialize_optimizer_states: self.optimizer.step()',
      ],
    ],
    ['init', ['PKG/torch/nn/parallel/distributed.py: __init__: _sync_module_states(']],
    [
      'forward',
      [
        'PKG/engine/logits.py: _get_logits: logits = torch.matmul(hidden_states.to(lm_head.weight.dtype), lm_head.weight.T)',
      ],
    ],
    ['forward', ['run.py: main: y = model(x.to(torch.float16), mask)']],
    ['transfer', ['run.py: main: y = model(x.to(device, torch.float16))']],
    ['transfer', ['run.py: main: model.to(torch.float16)']],
    ['transfer', ['run.py: main: x = x.to(torch.float16).cuda()']],
    [
      'transfer',
      [
        'train.py: main: model = model.to(device)',
        'PKG/torch/nn/modules/module.py: to: return self._apply(convert)',
        'PKG/torch/nn/modules/module.py: convert: return t.to(device)',
      ],
    ],
    [
      'load',
      [
        'app.py: main: m = AutoModel.from_pretrained(name)',
        'PKG/torch/nn/modules/module.py: to: return self._apply(convert)',
      ],
    ],
    ['forward', ['train.py: load_and_run: y = model(x)', RELU]],
    ['transfer', ['train.py: load_batch: return x.cuda()']],
    ['eval', ['train.py: validate: out = model(x)', RELU]],
    [
      'eval',
      [
        'train.py: evaluate: ids = model.generate(x)',
        'PKG/transformers/generation/utils.py: generate: ...',
      ],
    ],
    [
      'eval',
      [
        'tools/test.py: main: single_gpu_test(model)',
        'PKG/mmdet/apis/test.py: single_gpu_test: result = model(return_loss=False)',
        RELU,
      ],
    ],
    [
      'forward',
      [
        'PKG/ultralytics/engine/trainer.py: _do_train: self.loss = self.model(batch)',
        'PKG/ultralytics/nn/tasks.py: forward: return self.loss(x)',
        'PKG/ultralytics/nn/tasks.py: predict: return self._predict_once(x)',
      ],
    ],
    [
      'generate',
      [
        'app.py: inference: out = model.generate(x)',
        'PKG/transformers/generation/utils.py: generate: ...',
        RELU,
      ],
    ],
    ['generate', ['chat.py: stream_chat: outputs = self(x)']],
    ['forward', ['boxes.py: bbox_overlaps: wh = (rb - lt).clamp(min=0)']],
    ['eval', ['eval.py: evaluate: score = iou(x)', 'boxes.py: mask_iou: inter = a[:, None] & b']],
    [
      'generate',
      [
        'modeling_llama.py: forward: key_states = torch.cat([past_key_value[0], key_states], dim=2)',
      ],
    ],
    ['kv_alloc', ['PKG/vllm/worker.py: initialize_cache: self._init_cache_engine()']],
    ['capture', ['PKG/vllm/runner.py: capture_model: graph_runner.capture(x)', RELU]],
    ['save', ['train.py: main: torch.save(model.state_dict(), path)']],
    ['compile', ['PKG/torch/_inductor/compile_fx.py: compile_fx_inner: ...']],
    [
      'init',
      [
        'run.py: <module>: x = torch.ones(2)',
        'PKG/torch/cuda/__init__.py: _lazy_init: torch._C._cuda_init()',
      ],
    ],
    [
      'forward',
      [
        'PKG/torch/_inductor/codecache.py: __call__: return self.current_callable(inputs)',
        '/tmp/torchinductor_me/ab/cab.py: call: buf0 = empty_strided_cuda(',
      ],
    ],
  ] as const)('%s: %s', (phase, lines) => {
    expect(phaseOfFrames(stack(...lines))?.value).toBe(phase);
  });

  test('frames that show nothing give nothing', () => {
    expect(
      phaseOfFrames(stack('run.py: <module>: launch()', 'launcher.py: launch: run()')),
    ).toBeUndefined();
  });

  test('the frame that shows it is the outermost of its phase', () => {
    const found = phaseOfFrames(
      stack(
        'train.py: main: loss.backward()',
        'PKG/torch/_tensor.py: backward: torch.autograd.backward(',
      ),
    );
    expect(found?.because).toMatchObject({ kind: 'frame', frame: { file: 'train.py' } });
  });
});

describe('how far a loop was', () => {
  const last = (text: string) => progressOf([{ text }]).at(-1);

  test.each([
    ['[run_64 epoch 7, it 7990, t 1.1] loss_g = 1.0, loss_d = 1.1', 7990],
    ['Epoch: [3][ 120/5005]  Time 0.3 (0.3)  Loss 2.1 (2.2)', 120],
    ['iter 12000: loss 1.2043, time 201.10ms', 12000],
    ['{"global_step": 450, "loss": 0.31}', 450],
    ['120/500 [====>.........] - ETA: 1:02 - loss: 0.3021', 120],
    ['INFO - Iter(train) [ 1250/80000] lr: 1e-2  loss: 0.81 step: 1250', 1250],
  ])('%s', (text, done) => {
    expect(last(text)).toMatchObject({ done, turn: 'later', isLogged: true });
  });

  test('whole epochs without a step', () => {
    expect(last("{'loss': 1.1, 'epoch': 3.21}")).toMatchObject({ turn: 'later', isLogged: true });
    expect(last("{'loss': 1.1, 'epoch': 3.21}")?.done).toBeUndefined();
  });

  test.each([
    ['Namespace(batch_size=8, epoch=200, loss_weight=0.5)'],
    ['max step 10000, loss_scale 128'],
    ['Resumed from step 5000 with loss 0.31'],
    ['Epoch 7/100'],
    ['step 0 loss 9.1'],
    ['step 12:30 acc 0.5'],
  ])('no progress: %s', (text) => {
    expect(last(text)).toBeUndefined();
  });
});
