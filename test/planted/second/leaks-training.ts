/** Training that keeps what it should let go. What is wrong with each stands in truth.json. */
import { upTo } from '../pen.ts';
import { about, Code, Loop, type Part } from './code.ts';
import {
  GiB,
  KiB,
  lightningClosure,
  lightningFit,
  lightningOptimizer,
  lightningValidation,
  llama,
  MiB,
  trainerCallback,
  trainerOptimizer,
  trainerStep,
  written,
} from './nets.ts';

/** Trainer, four micro-batches a step: a callback clones the embedding's gradient after each step. */
function callbackClones(): string {
  const c = new Code({ lib: '/opt/conda/envs/sft/lib/python3.11', torch: '2.6', frames: 'python' });
  const run = new Loop(c, 'device 0 40GiB', 'seed 201');
  const user = ['/home/anya/sft/train.py:88 in <module>'];
  const net = llama(c, trainerStep(c, user), {
    count: 8,
    hidden: 24 * MiB,
    weights: [18 * MiB, 50 * MiB],
    vary: (size) => about(size, 12),
  });
  const p = run.pen;
  run.load(c.main(['/home/anya/sft/train.py:41 in <module>', ...c.to()]), net);
  for (const step of upTo(14)) {
    for (const _ of upTo(4)) {
      p.at(c.main([...trainerStep(c, user).slice(0, 4)])).alloc('ids', 128 * KiB);
      run.forward(net);
      p.at(
        c.main([
          ...trainerStep(c, user),
          ...c.lib('transformers/loss/loss_utils.py:47 in ForCausalLMLoss'),
        ]),
      );
      p.alloc('logp', about(220 * MiB, 12));
      p.at('').free('logp');
      run.backward(net);
    }
    run.adam(trainerOptimizer(c, user), net);
    p.at(
      c.main([
        ...trainerCallback(c, user, 'on_step_end'),
        '/home/anya/sft/callbacks.py:29 in on_step_end',
      ]),
    );
    p.alloc(`kept_${step}`, 64 * MiB);
    run.zero(trainerOptimizer(c, user).slice(0, 3));
  }
  return run.text();
}

/** Lightning: predictions of validation go to a list of the module that nothing clears. */
function closureFit(): string {
  const c = new Code({
    lib: '/usr/lib/python3.10',
    packages: 'dist-packages',
    torch: '2.4',
    frames: 'symbols',
  });
  const run = new Loop(c, 'device 0 24GiB', 'seed 202');
  const user = ['/home/piotr/seg/fit.py:31 in main'];
  const net = (caller: readonly string[]): readonly Part[] =>
    written(c, caller, {
      file: '/home/piotr/seg/unet.py',
      count: 6,
      lines: [
        [40, 'conv2d', 160 * MiB],
        [41, 'batch_norm', 40 * MiB],
        [42, 'relu', 40 * MiB],
      ],
      weights: [9 * MiB, 64 * KiB],
      upstream: 40 * MiB,
      node: 'ConvolutionBackward0',
    });
  const train = net([...lightningClosure(c, user), '/home/piotr/seg/lit.py:47 in training_step']);
  const valid = net([
    ...lightningValidation(c, user),
    '/home/piotr/seg/lit.py:55 in validation_step',
  ]);
  const p = run.pen;
  run.load(
    c.main([
      ...user,
      ...c.lib('lightning/pytorch/strategies/strategy.py:158 in model_to_device'),
      ...c.to(),
    ]),
    train,
  );
  for (const epoch of upTo(6)) {
    for (const _ of upTo(5)) {
      p.phase('run_training_batch', () => {
        p.phase('Optimizer.step#AdamW.step', () => {
          p.phase('training_step', () => run.forward(train));
          p.phase('backward', () => run.backward(train));
          run.adam(lightningOptimizer(c, user), train);
        });
      });
      run.zero([...lightningFit(c, user), '/home/piotr/seg/lit.py:80 in optimizer_zero_grad']);
    }
    for (const batch of upTo(4)) {
      p.phase('validation_step', () => {
        run.infer(valid, 'out');
        p.at(
          c.main(
            [...lightningValidation(c, user), '/home/piotr/seg/lit.py:58 in validation_step'],
            'softmax',
          ),
        );
        p.alloc(`pred_${epoch}_${batch}`, 24 * MiB);
        p.free('out');
      });
    }
  }
  return run.text();
}

/** A GAN: for a log, the critic looks at the fakes once more, with a graph that nobody runs backward. */
function criticLog(): string {
  const c = new Code({ lib: '/root/miniconda3/lib/python3.12', torch: '2.6', frames: 'sources' });
  const run = new Loop(c, 'device 0 24GiB', 'seed 203');
  const net = (line: number, file: string, at: number, key: string): readonly Part[] =>
    written(c, [`/data/faces/gan/train_gan.py:${line} in <module>`], {
      file: `/data/faces/gan/${file}`,
      count: 4,
      lines: [
        [at, 'conv2d', about(60 * MiB)],
        [at + 2, 'batch_norm', about(40 * MiB)],
      ],
      weights: [11 * MiB],
      upstream: 24 * MiB,
      node: 'ConvolutionBackward0',
      key,
    });
  const generator = net(97, 'generator.py', 33, 'g');
  const critic = net(103, 'critic.py', 71, 'd');
  const critics = [critic, net(110, 'critic.py', 71, 'd'), net(118, 'critic.py', 71, 'd')];
  const p = run.pen;
  run.load(c.main(['/data/faces/gan/train_gan.py:52 in <module>', ...c.to()]), generator);
  run.load(c.main(['/data/faces/gan/train_gan.py:53 in <module>', ...c.to()]), critic);
  for (const step of upTo(16)) {
    p.at(c.main(['/data/faces/gan/train_gan.py:91 in <module>'], 'to')).alloc('real', 12 * MiB);
    run.forward(generator);
    run.forward(critics[0] ?? []);
    run.backward(critic, 'act', 'gd');
    run.adam(['/data/faces/gan/train_gan.py:106 in <module>'], critic, 'opt_d', 'adam');
    run.zero(['/data/faces/gan/train_gan.py:101 in <module>'], 'gd');
    run.forward(critics[1] ?? []);
    run.backward(critic, 'act', 'gd');
    run.backward(generator, 'act', 'gg');
    run.adam(['/data/faces/gan/train_gan.py:113 in <module>'], generator, 'opt_g', 'adam');
    run.zero(['/data/faces/gan/train_gan.py:108 in <module>'], 'gg');
    run.zero(['/data/faces/gan/train_gan.py:101 in <module>'], 'gd');
    run.forward(critics[2] ?? [], `log${step}`);
  }
  return run.text();
}

/** A world model: latents of all episodes, of any length, stay on the card. */
function episodes(): string {
  const c = new Code({ lib: '/srv/agents/.venv/lib/python3.12', torch: '2.8', frames: 'python' });
  const run = new Loop(c, 'device 0 16GiB', 'seed 204');
  const main = '/srv/agents/dreamer/__main__.py:40 in main';
  const net = written(c, [main, '/srv/agents/dreamer/learner.py:66 in update'], {
    file: '/srv/agents/dreamer/rssm.py',
    count: 4,
    lines: [
      [52, 'linear', about(70 * MiB, 10)],
      [55, undefined, about(30 * MiB, 10)],
    ],
    weights: [14 * MiB, 32 * KiB],
    upstream: 35 * MiB,
  });
  const p = run.pen;
  run.load(c.main(['/srv/agents/dreamer/__main__.py:22 in main', ...c.to()]), net);
  const lengths = [9, 14, 6, 21, 11, 17, 8, 25, 13, 10, 19, 7, 22, 15, 12, 18, 9, 16];
  for (const [episode, length] of lengths.entries()) {
    for (const t of upTo(length)) {
      p.at(
        c.main([
          main,
          '/srv/agents/dreamer/driver.py:71 in rollout',
          ...c.call('/srv/agents/dreamer/rssm.py:88 in observe'),
          ...c.leaf('linear'),
        ]),
      );
      p.temp(about(2 * MiB, 20));
      p.at(c.main([main, '/srv/agents/dreamer/driver.py:83 in store'])).alloc(
        `ep_${episode}_${t}`,
        3 * MiB,
      );
    }
    for (const _ of upTo(6)) {
      run.forward(net);
      run.backward(net);
      run.adam([main, '/srv/agents/dreamer/learner.py:74 in update'], net);
      run.zero([main, '/srv/agents/dreamer/learner.py:62 in update']);
    }
  }
  return run.text();
}

/** Contrastive learning: the queue of keys is joined with the new ones and never cut. */
function growingQueue(): string {
  const c = new Code({ lib: '/data/ssl/env/lib/python3.9', torch: '2.1', frames: 'python' });
  const run = new Loop(c, 'device 0 24GiB', 'seed 205');
  const main = '/data/ssl/main_moco.py:301 in train';
  const net = written(c, [main, ...c.call('/data/ssl/moco.py:122 in forward')], {
    file: '/data/ssl/encoder.py',
    count: 5,
    lines: [
      [28, 'conv2d', about(260 * MiB, 3)],
      [29, 'batch_norm', about(65 * MiB, 3)],
    ],
    weights: [13 * MiB, 8 * KiB],
    upstream: 65 * MiB,
    node: 'ConvolutionBackward0',
  });
  const p = run.pen;
  run.load(c.main(['/data/ssl/main_moco.py:160 in main_worker', ...c.to()]), net);
  run.load(c.main(['/data/ssl/main_moco.py:160 in main_worker', ...c.to()]), net, 'key');
  p.at(c.main(['/data/ssl/moco.py:31 in __init__'])).alloc('queue', 64 * MiB);
  for (const step of upTo(32)) {
    p.at(c.main([main])).alloc('im_q', 37 * MiB);
    run.forward(net);
    run.infer(net, 'k');
    p.at(c.main([main, ...c.call('/data/ssl/moco.py:140 in forward')])).alloc(
      'sims',
      about(40 * MiB, 2),
    );
    p.at(
      c.main(
        [main, ...c.call('/data/ssl/moco.py:150 in forward'), '/data/ssl/moco.py:96 in enqueue'],
        'cat',
      ),
    );
    p.alloc('queue', (68 + 4 * step) * MiB);
    p.free('k');
    p.at('').free('sims');
    run.backward(net);
    p.at(
      c.main([
        '/data/ssl/main_moco.py:318 in train',
        ...c.lib('torch/optim/sgd.py:76 in step', 'torch/optim/sgd.py:300 in _multi_tensor_sgd'),
      ]),
    );
    p.temp(65 * MiB);
    run.zero(['/data/ssl/main_moco.py:316 in train']);
  }
  return run.text();
}

/** A metric with list states is updated each step and never reset. */
function aurocState(): string {
  const c = new Code({ lib: '/opt/conda/lib/python3.10', torch: '2.1', frames: 'python' });
  const run = new Loop(c, 'device 0 16GiB', 'seed 206');
  const at = (line: number): readonly string[] => [
    '/opt/ml/input/code/train.py:140 in main',
    `/opt/ml/input/code/train.py:${line} in train_one_epoch`,
  ];
  const net = upTo(6).map((i): Part => {
    const frames = [
      ...at(71),
      ...c.call(...c.lib('timm/models/resnet.py:571 in forward')),
      ...c.call(...c.lib('timm/models/resnet.py:242 in forward')),
    ];
    return {
      key: `s${i}`,
      ops: [
        { stack: c.op(frames, 'conv2d'), size: 96 * MiB, isSaved: true },
        { stack: c.op(frames, 'batch_norm'), size: 96 * MiB, isSaved: true },
        { stack: c.op(frames, 'batch_norm'), size: 2 * KiB, isSaved: true },
      ],
      weights: [6 * MiB, 4 * KiB],
      node: 'ConvolutionBackward0',
      upstream: 96 * MiB,
    };
  });
  const p = run.pen;
  run.load(c.main(['/opt/ml/input/code/train.py:118 in main', ...c.to()]), net);
  const update = [...at(77), ...c.lib('torchmetrics/metric.py:484 in wrapped_func')];
  for (const step of upTo(26)) {
    p.at(c.main(at(68), 'to')).alloc('x', 19 * MiB);
    run.forward(net);
    p.at(
      c.main(
        [
          ...update,
          ...c.lib(
            'torchmetrics/classification/precision_recall_curve.py:343 in update',
            'torchmetrics/functional/classification/precision_recall_curve.py:391 in _multiclass_precision_recall_curve_format',
          ),
        ],
        'softmax',
      ),
    );
    p.alloc(`preds_${step}`, 3 * MiB);
    p.alloc(`target_${step}`, 768 * KiB);
    run.backward(net);
    run.adam(at(82), net);
    run.zero(at(80));
  }
  return run.text();
}

/** Mixed precision; an own autograd.Function keeps its input on ctx, and the sum of losses keeps the graph. */
function ctxAttributes(): string {
  const c = new Code({
    lib: '/home/mei/.pyenv/versions/3.11.9/lib/python3.11',
    torch: '2.4',
    frames: 'symbols',
  });
  const run = new Loop(c, 'device 0 24GiB', 'seed 207');
  const main = '/home/mei/kernels/train_amp.py:95 in <module>';
  const at = (line: number): readonly string[] => [
    main,
    `/home/mei/kernels/train_amp.py:${line} in run`,
  ];
  const net = written(c, at(61), {
    file: '/home/mei/kernels/model.py',
    count: 6,
    lines: [
      [18, 'layer_norm', 40 * MiB],
      [20, 'linear', 120 * MiB],
      [22, 'dropout', 60 * MiB],
    ],
    weights: [32 * MiB, 32 * MiB],
    upstream: 40 * MiB,
  });
  const fused = c.main(
    [
      ...at(61),
      ...c.call('/home/mei/kernels/model.py:21 in forward'),
      ...c.lib('torch/autograd/function.py:574 in apply'),
      '/home/mei/kernels/ops/fused.py:34 in forward',
    ],
    'empty_like',
  );
  const p = run.pen;
  run.load(c.main(['/home/mei/kernels/train_amp.py:40 in run', ...c.to()]), net);
  for (const step of upTo(12)) {
    p.phase('train_step', () => {
      p.at(c.main(at(58), 'to')).alloc('x', 10 * MiB);
      for (const [i, part] of net.entries()) {
        run.forward([part]);
        p.at(fused).alloc(`ctx_${step}_${i}`, 20 * MiB);
      }
      p.at(c.main([...at(63), ...c.lib('torch/amp/grad_scaler.py:203 in scale')])).alloc(
        `scaled_${step}`,
        4,
      );
      run.backward(net);
      run.adam(
        [
          ...at(67),
          ...c.lib(
            'torch/amp/grad_scaler.py:454 in step',
            'torch/amp/grad_scaler.py:352 in _maybe_opt_step',
          ),
        ],
        net,
      );
      run.zero(at(69));
      p.at(c.main(at(71), 'add')).alloc(`total_${step}`, 4);
    });
  }
  return run.text();
}

/** A notebook whose cell is run again and again; the old models live on in Out[] and in a list of results. */
function rerunCell(): string {
  const c = new Code({ lib: '/opt/conda/lib/python3.11', torch: '2.6', frames: 'python' });
  const run = new Loop(c, 'device 0 24GiB', 'seed 208');
  const cell = (line: number): readonly string[] => [
    ...c.lib(
      'ipykernel/zmqshell.py:549 in run_cell',
      'IPython/core/interactiveshell.py:3577 in run_code',
    ),
    `/tmp/ipykernel_4411/2187334910.py:${line} in <module>`,
  ];
  const net = written(c, cell(12), {
    file: '/home/jovyan/nets/net.py',
    count: 4,
    lines: [
      [15, 'linear', 110 * MiB],
      [16, 'gelu', 110 * MiB],
    ],
    weights: [90 * MiB, 30 * MiB],
    upstream: 55 * MiB,
  });
  for (const again of upTo(6)) {
    run.load(c.main([...cell(6), ...c.to()]), net, `w${again}`);
    for (const _ of upTo(3)) {
      run.forward(net);
      run.backward(net, 'act', `grad${again}`);
      run.adam(cell(14), net, `adam${again}`);
      run.zero(cell(10), `grad${again}`);
    }
  }
  return run.text();
}

/** Backward hooks that store the gradients they see. */
function gradientHooks(): string {
  const c = new Code({ lib: '/users/rk/venv/lib/python3.10', torch: '2.1', frames: 'symbols' });
  const run = new Loop(c, 'device 0 16GiB', 'seed 210');
  const at = (line: number): readonly string[] => [
    '/users/rk/probe/main.py:77 in <module>',
    `/users/rk/probe/main.py:${line} in fit`,
  ];
  const net = written(c, at(50), {
    file: '/users/rk/probe/mixer.py',
    count: 9,
    lines: [
      [61, 'layer_norm', 32 * MiB],
      [62, 'linear', 128 * MiB],
      [63, 'gelu', 96 * MiB],
    ],
    weights: [16 * MiB, 16 * MiB],
    upstream: 32 * MiB,
  });
  const p = run.pen;
  const hook = c.engine(
    'AddBackward0',
    [...c.lib('torch/utils/hooks.py:112 in __call__'), '/users/rk/probe/hooks.py:22 in keep_grad'],
    'clone',
  );
  run.load(c.main(['/users/rk/probe/main.py:70 in <module>', ...c.to()]), net);
  for (const step of upTo(9)) {
    p.phase(`ProfilerStep#${step}`, () => {
      p.at(c.main(at(48), 'to')).alloc('x', 8 * MiB);
      run.forward(net);
      for (const third of [2, 1, 0]) {
        run.backward(net.slice(third * 3, third * 3 + 3));
        p.at(hook).alloc(`seen_${step}_${third}`, 32 * MiB);
      }
      p.phase('Optimizer.step#AdamW.step', () => run.adam(at(54), net));
      run.zero(at(55));
    });
  }
  return run.text();
}

/** Physics: second derivatives with create_graph, retain_graph=True, and a list of residuals with their graphs. */
function residualGraphs(): string {
  const c = new Code({ lib: '/home/z/micromamba/lib/python3.11', torch: '2.4', frames: 'python' });
  const run = new Loop(c, 'device 0 12GiB', 'seed 211');
  const at = (line: number): readonly string[] => [`/home/z/pinn/solve.py:${line} in <module>`];
  const p = run.pen;
  p.at(c.main([...at(20), ...c.to()]));
  for (const i of upTo(6)) p.alloc(`w_${i}`, 2 * MiB);
  for (const step of upTo(24)) {
    p.at(c.main(at(33), 'rand')).alloc('xy', about(2 * MiB, 15));
    for (const i of upTo(5)) {
      p.at(c.op([...at(36), ...c.call('/home/z/pinn/model.py:19 in forward')], 'linear'));
      p.alloc(`lin_${step}_${i}`, 8 * MiB);
      p.at(c.op([...at(36), ...c.call('/home/z/pinn/model.py:19 in forward')]));
      p.alloc(`tanh_${step}_${i}`, 8 * MiB);
    }
    // torch.autograd.grad(..., create_graph=True) works in autograd's thread.
    for (const order of ['first', 'second'])
      for (const i of upTo(5)) p.at('').alloc(`${order}_${step}_${i}`, 10 * MiB);
    p.at(c.main([...at(38), '/home/z/pinn/physics.py:44 in residual'])).alloc(
      `res_${step}`,
      2 * MiB,
    );
    p.at('');
    for (const i of upTo(6)) p.alloc(`g_${i}`, 2 * MiB);
    p.at(
      c.main([
        ...at(44),
        ...c.lib(
          'torch/optim/optimizer.py:484 in wrapper',
          'torch/optim/adam.py:205 in step',
          'torch/optim/adam.py:145 in _init_group',
        ),
      ]),
    );
    if (step === 0) for (const i of upTo(6)) p.more('adam', 4 * MiB + i);
    p.at(c.main([...at(31), ...c.lib('torch/optim/optimizer.py:963 in zero_grad')]));
    for (const i of upTo(6)) p.free(`g_${i}`);
  }
  return run.text();
}

/** A loader that copies on its own stream, and a history of batches for "debugging". */
function deviceLoader(): string {
  const c = new Code({ lib: '/repo/nlp/.venv/lib/python3.12', torch: '2.8', frames: 'symbols' });
  const run = new Loop(c, 'device 0 24GiB', 'seed 212');
  const at = (line: number): readonly string[] => [`/repo/nlp/train.py:${line} in train`];
  const net = written(c, at(91), {
    file: '/repo/nlp/model/layers.py',
    count: 5,
    lines: [
      [44, 'linear', about(90 * MiB, 20)],
      [47, 'gelu', about(90 * MiB, 20)],
      [49, 'linear', about(30 * MiB, 20)],
    ],
    weights: [20 * MiB, 20 * MiB],
    upstream: about(30 * MiB, 20),
  });
  const p = run.pen;
  run.load(c.main(['/repo/nlp/train.py:60 in train', ...c.to()]), net);
  const fetch = (step: number): void =>
    p.on('stream 94387213', () => {
      p.at(c.main([...at(88), '/repo/nlp/data/device_loader.py:61 in __next__'], 'to'));
      p.alloc(`ids_${step}`, about(18 * MiB, 30));
      p.alloc(`mask_${step}`, about(5 * MiB, 30));
      p.say(`record_stream ids_${step}`);
    });
  fetch(0);
  for (const step of upTo(30)) {
    fetch(step + 1);
    run.forward(net);
    run.backward(net);
    run.adam(at(97), net);
    run.zero(at(98));
    p.say('synchronize');
  }
  return run.text();
}

/** Checkpointed blocks note their attention maps; the recomputation within backward notes them again. */
function mapsTwice(): string {
  const c = new Code({
    lib: '/home/ct/miniforge3/lib/python3.10',
    torch: '2.4',
    frames: 'symbols',
  });
  const run = new Loop(c, 'device 0 24GiB', 'seed 217');
  const at = (line: number): readonly string[] => [
    '/home/ct/vit/run.py:12 in <module>',
    `/home/ct/vit/engine.py:${line} in step`,
  ];
  const checkpoint = c.lib(
    'torch/_compile.py:31 in inner',
    'torch/utils/checkpoint.py:487 in checkpoint',
  );
  const again = c.lib(
    'torch/utils/checkpoint.py:1110 in unpack_hook',
    'torch/utils/checkpoint.py:1524 in recompute_fn',
  );
  const p = run.pen;
  p.at(c.main(['/home/ct/vit/run.py:8 in <module>', ...c.to()]));
  for (const i of upTo(8)) p.alloc(`w_${i}`, 40 * MiB);
  const line = (outer: readonly string[], n: number): readonly string[] => [
    ...outer,
    ...c.call(`/home/ct/vit/blocks.py:${n} in forward`),
  ];
  for (const step of upTo(10)) {
    const outer = [...at(40), ...c.call('/home/ct/vit/vit.py:77 in forward'), ...checkpoint];
    for (const i of upTo(8)) {
      p.at(c.op(line(outer, 30), 'linear')).alloc('qkv', 150 * MiB);
      p.at(c.main(line(outer, 36), 'softmax')).alloc('attn', 300 * MiB);
      p.at(c.main(line(outer, 38), 'clone')).alloc(`map_${step}_${i}_a`, 10 * MiB);
      p.at(c.op(line(outer, 41), 'linear')).alloc(`in_${i}`, 50 * MiB);
      p.free('qkv');
      p.free('attn');
    }
    for (const i of upTo(8).toReversed()) {
      const inBackward = (n: number, op: string): string =>
        c.engine('AddmmBackward0', line(again, n), op);
      p.at(inBackward(30, 'addmm')).alloc('qkv', 150 * MiB);
      p.at(inBackward(36, 'softmax')).alloc('attn', 300 * MiB);
      p.at(inBackward(38, 'clone')).alloc(`map_${step}_${i}_b`, 10 * MiB);
      p.at(c.engine('SoftmaxBackward0')).temp(300 * MiB);
      if (!p.has(`g_${i}`)) p.at(c.engine('AddmmBackward0')).alloc(`g_${i}`, 40 * MiB);
      p.at(c.engine('AddmmBackward0')).free('attn');
      p.free('qkv');
      p.free(`in_${i}`);
    }
    p.at(
      c.main(
        [
          ...at(46),
          ...c.lib(
            'torch/optim/optimizer.py:484 in wrapper',
            'torch/optim/sgd.py:80 in step',
            'torch/optim/sgd.py:404 in _multi_tensor_sgd',
          ),
        ],
        '_foreach_add',
      ),
    );
    if (step === 0) for (const i of upTo(8)) p.alloc(`mom_${i}`, 40 * MiB);
    p.temp(40 * MiB);
    p.at(c.main([...at(47), ...c.lib('torch/optim/optimizer.py:963 in zero_grad')]));
    for (const i of upTo(8)) p.free(`g_${i}`);
  }
  return run.text();
}

/** FSDP: what a metric gathers from all ranks is kept. All-gathers come and go on their own stream. */
function gatheredMetrics(): string {
  const c = new Code({ lib: '/fsx/envs/pt28/lib/python3.12', torch: '2.8', frames: 'python' });
  const run = new Loop(c, 'device 0 40GiB', 'settings expandable_segments:True', 'seed 218');
  const at = (line: number): readonly string[] => [
    '/fsx/code/pretrain/train.py:210 in <module>',
    `/fsx/code/pretrain/train.py:${line} in main`,
  ];
  const net = written(c, at(160), {
    file: '/fsx/code/pretrain/model.py',
    count: 8,
    lines: [
      [120, 'linear', 160 * MiB],
      [121, undefined, 80 * MiB],
      [124, 'linear', 220 * MiB],
    ],
    weights: [12 * MiB, 24 * MiB],
    upstream: 80 * MiB,
  });
  const p = run.pen;
  const fsdp = (line: number, name: string): readonly string[] =>
    c.lib(
      'torch/distributed/fsdp/_fully_shard/_fsdp_state.py:63 in fsdp_hook_wrapper',
      `torch/distributed/fsdp/_fully_shard/_fsdp_param_group.py:${line} in ${name}`,
    );
  const gather = (frames: readonly string[], key: string): void =>
    p.phase(`FSDP::all_gather (${key})`, () =>
      p.on('stream 140231', () => {
        p.at(
          c.main([
            ...frames,
            ...c.lib(
              'torch/distributed/fsdp/_fully_shard/_fsdp_collectives.py:166 in foreach_all_gather',
            ),
          ]),
        );
        p.alloc(`flat_${key}`, 288 * MiB);
      }),
    );
  run.load(
    c.main([
      '/fsx/code/pretrain/train.py:88 in main',
      ...c.lib('torch/nn/modules/module.py:1081 in to_empty'),
    ]),
    net,
  );
  for (const step of upTo(20)) {
    p.phase(`ProfilerStep#${step}`, () => {
      for (const part of net) {
        gather([...at(160), ...fsdp(391, 'pre_forward')], part.key);
        run.forward([part]);
        p.at(c.main([...at(160), ...fsdp(405, 'post_forward')])).free(`flat_${part.key}`);
      }
      for (const part of [...net].reverse()) {
        gather(fsdp(430, 'pre_backward'), part.key);
        run.backward([part]);
        p.on('stream 140232', () => {
          p.at(
            c.main([
              ...fsdp(460, 'post_backward'),
              ...c.lib(
                'torch/distributed/fsdp/_fully_shard/_fsdp_collectives.py:420 in foreach_reduce',
              ),
            ]),
          );
          p.temp(288 * MiB);
        });
        p.at('').free(`flat_${part.key}`);
      }
      p.at(
        c.main([
          ...at(171),
          '/fsx/code/pretrain/metrics.py:19 in gather',
          ...c.lib(
            'torch/distributed/c10d_logger.py:81 in wrapper',
            'torch/distributed/distributed_c10d.py:3822 in all_gather',
          ),
        ]),
      );
      p.alloc(`all_${step}`, 16 * MiB);
      p.phase('Optimizer.step#AdamW.step', () => run.adam(at(175), net));
      run.zero(at(176));
    });
  }
  return run.text();
}

/** Four profiled steps, no more; what a hook of evaluation keeps beside all that comes with the first steps. */
function fourSteps(): string {
  const c = new Code({ lib: '/home/lab/asr/venv/lib/python3.10', torch: '2.6', frames: 'python' });
  const run = new Loop(c, 'device 0 40GiB', 'seed 219');
  const at = (line: number): readonly string[] => [`/home/lab/asr/pretrain.py:${line} in main`];
  const net = written(c, at(70), {
    file: '/home/lab/asr/wav2vec.py',
    count: 10,
    lines: [
      [88, 'layer_norm', 90 * MiB],
      [90, 'linear', 360 * MiB],
      [91, 'gelu', 300 * MiB],
    ],
    weights: [56 * MiB, 14 * MiB],
    upstream: 90 * MiB,
  });
  const p = run.pen;
  run.load(c.main(['/home/lab/asr/pretrain.py:51 in main', ...c.to()]), net);
  for (const step of upTo(4)) {
    p.phase(`ProfilerStep#${step}`, () => {
      if (step === 0)
        p.at(c.op([...at(70), ...c.call('/home/lab/asr/wav2vec.py:90 in forward')], 'linear')).keep(
          8519680,
        );
      if (step === 1) p.at('').keep(8519680);
      run.forward(net);
      run.backward(net);
      p.phase('Optimizer.step#AdamW.step', () => run.adam(at(75), net));
      run.zero(at(76));
      p.at(c.main([...at(79), '/home/lab/asr/eval_hook.py:15 in __call__'], 'clone')).alloc(
        `kept_${step}`,
        220 * MiB,
      );
    });
  }
  return run.text();
}

/** Six steps, no annotation, and the recorder's ring begins amid the second. */
function sixBlind(): string {
  const c = new Code({ lib: '/opt/venv/lib/python3.11', torch: '2.6', frames: 'symbols' });
  const run = new Loop(c, 'device 0 40GiB', 'max_entries 800', 'seed 220');
  const at = (line: number): readonly string[] => [`/workspace/depth/loop.py:${line} in fit`];
  const net = written(c, at(33), {
    file: '/workspace/depth/dpt.py',
    count: 9,
    lines: [
      [57, 'conv2d', about(210 * MiB, 2)],
      [58, 'relu', about(150 * MiB, 2)],
      [60, 'layer_norm', about(105 * MiB, 2)],
    ],
    weights: [30 * MiB],
    upstream: 105 * MiB,
    node: 'ConvolutionBackward0',
  });
  run.load(c.main(['/workspace/depth/loop.py:20 in fit', ...c.to()]), net);
  for (const step of upTo(6)) {
    run.forward(net);
    run.pen
      .at(c.main([...at(36), '/workspace/depth/panel.py:48 in add_images'], 'to'))
      .alloc(`img_${step}`, 128 * MiB);
    run.backward(net);
    run.adam(at(39), net);
    run.zero(at(40));
  }
  return run.text();
}

/** Hundreds of small steps of an agent, a ring of the last of them; a quarter of a MiB a step stays. */
function longDrip(): string {
  const c = new Code({
    lib: '/usr/local/lib/python3.11',
    packages: 'dist-packages',
    torch: '2.4',
    frames: 'python',
  });
  const run = new Loop(c, 'device 0 8GiB', 'max_entries 9000', 'seed 221');
  const main = '/opt/app/rl/sac.py:190 in learn';
  const net = written(c, [main], {
    file: '/opt/app/rl/nets.py',
    count: 3,
    lines: [
      [22, 'linear', about(3 * MiB, 6)],
      [23, 'relu', about(3 * MiB, 6)],
    ],
    weights: [256 * KiB, 2 * KiB],
    upstream: 3 * MiB,
  });
  const p = run.pen;
  run.load(c.main(['/opt/app/rl/sac.py:80 in __init__', ...c.to()]), net);
  for (const step of upTo(320)) {
    p.at(
      c.main(['/opt/app/rl/sac.py:186 in learn', '/opt/app/rl/buffer.py:50 in sample'], 'to'),
    ).alloc('mb', 2 * MiB);
    run.forward(net);
    p.at(
      c.main(['/opt/app/rl/sac.py:193 in learn', '/opt/app/rl/log.py:77 in record'], 'histc'),
    ).alloc(`h_${step}`, 256 * KiB);
    run.backward(net);
    run.adam(['/opt/app/rl/sac.py:196 in learn'], net, 'adam', 'adam');
    run.zero(['/opt/app/rl/sac.py:195 in learn']);
    if (step % 3 === 0)
      p.at(
        c.main(
          ['/opt/app/rl/sac.py:200 in learn', '/opt/app/rl/sac.py:150 in soft_update'],
          'lerp',
        ),
      ).temp(256 * KiB);
  }
  return run.text();
}

/** Each tenth step an evaluation; the confusion of each of its batches stays. */
function evalConfusions(): string {
  const c = new Code({ lib: '/w/cls/venv/lib/python3.10', torch: '2.1', frames: 'python' });
  const run = new Loop(c, 'device 0 16GiB', 'seed 223');
  const net = (caller: readonly string[]): readonly Part[] =>
    written(c, caller, {
      file: '/w/cls/convnext.py',
      count: 4,
      lines: [
        [71, 'conv2d', about(100 * MiB, 5)],
        [73, 'gelu', about(200 * MiB, 5)],
      ],
      weights: [16 * MiB],
      upstream: 50 * MiB,
      node: 'ConvolutionBackward0',
    });
  const train = net(['/w/cls/main.py:120 in main', '/w/cls/main.py:77 in train']);
  const valid = net(['/w/cls/main.py:124 in main', '/w/cls/evaluator.py:81 in run']);
  const p = run.pen;
  run.load(c.main(['/w/cls/main.py:100 in main', ...c.to()]), train);
  for (const step of upTo(70)) {
    run.forward(train);
    run.backward(train);
    run.adam(['/w/cls/main.py:120 in main', '/w/cls/main.py:81 in train'], train);
    run.zero(['/w/cls/main.py:120 in main', '/w/cls/main.py:82 in train']);
    if (step % 10 !== 9) continue;
    for (const batch of upTo(8)) {
      run.infer(valid, 'out');
      p.at(c.main(['/w/cls/main.py:124 in main', '/w/cls/evaluator.py:88 in update'], 'bincount'));
      p.alloc(`conf_${step}_${batch}`, 6 * MiB);
      p.free('out');
    }
  }
  return run.text();
}

/** Born again: the student of each round becomes a teacher, and no teacher ever goes. */
function oldTeachers(): string {
  const c = new Code({
    lib: '/usr/lib/python3.10',
    packages: 'dist-packages',
    torch: '2.4',
    frames: 'python',
  });
  const run = new Loop(c, 'device 0 24GiB', 'seed 225');
  const main = '/mnt/nas/born/again.py:101 in <module>';
  const net = written(c, [main, '/mnt/nas/born/again.py:41 in fit'], {
    file: '/mnt/nas/born/bert.py',
    count: 6,
    lines: [
      [33, 'linear', about(70 * MiB)],
      [35, 'layer_norm', about(35 * MiB)],
    ],
    weights: [40 * MiB, 20 * MiB],
    upstream: 35 * MiB,
  });
  const p = run.pen;
  run.load(c.main(['/mnt/nas/born/again.py:90 in <module>', ...c.to()]), net);
  for (const round of upTo(7)) {
    for (const _ of upTo(6)) {
      run.forward(net);
      run.backward(net);
      run.adam([main, '/mnt/nas/born/again.py:47 in fit'], net);
      run.zero([main, '/mnt/nas/born/again.py:39 in fit']);
    }
    p.at(
      c.main(
        [
          main,
          '/mnt/nas/born/again.py:60 in next_round',
          ...c.std(
            'copy.py:153 in deepcopy',
            'copy.py:271 in _reconstruct',
            'copy.py:231 in _deepcopy_dict',
          ),
          ...c.lib('torch/nn/parameter.py:68 in __deepcopy__'),
        ],
        'clone',
      ),
    );
    for (const { key, weights } of net)
      for (const [i, size] of weights.entries()) p.alloc(`teacher_${round}_${key}_${i}`, size);
  }
  return run.text();
}

/** Colab: each run of a cell has a file name of its own; the results of all runs stay in a list. */
function colabCells(): string {
  const c = new Code({
    lib: '/usr/local/lib/python3.11',
    packages: 'dist-packages',
    torch: '2.6',
    frames: 'python',
  });
  const run = new Loop(c, 'device 0 16GiB', 'seed 209');
  const cell = (n: number, line: number): readonly string[] => [
    ...c.lib('IPython/core/interactiveshell.py:3553 in run_code'),
    `/tmp/ipython-input-${n}-3187221095.py:${line} in <cell line: 0>`,
  ];
  const net = (n: number): readonly Part[] =>
    written(c, cell(n, 9), {
      file: '/content/repo/student.py',
      count: 5,
      lines: [
        [24, 'linear', 150 * MiB],
        [25, 'relu', 100 * MiB],
      ],
      weights: [60 * MiB],
      upstream: 75 * MiB,
    });
  const p = run.pen;
  run.load(c.main([`/tmp/ipython-input-4-991827364.py:3 in <cell line: 0>`, ...c.to()]), net(0));
  for (const again of upTo(6)) {
    const n = 7 + 2 * again;
    for (const batch of upTo(4)) {
      run.forward(net(n));
      run.backward(net(n));
      run.adam(cell(n, 12), net(n));
      run.zero(cell(n, 8));
      p.at(c.main(cell(n, 14), 'softmax')).alloc(`outs_${again}_${batch}`, 50 * MiB);
    }
  }
  return run.text();
}

/** A fine-tuning of 1.5 GiB that logs per-token losses with their graphs once every other step. */
function tokenLosses(): string {
  const c = new Code({ lib: '/home/no/.venv/lib/python3.11', torch: '2.8', frames: 'python' });
  const run = new Loop(c, 'device 0 40GiB', 'seed 226');
  const at = (line: number): readonly string[] => [`/home/no/tune/finetune.py:${line} in main`];
  const net = llama(c, at(73), { count: 6, hidden: 20 * MiB, weights: [120 * MiB, 130 * MiB] });
  const p = run.pen;
  run.load(c.main(['/home/no/tune/finetune.py:40 in main', ...c.to()]), net);
  for (const step of upTo(18)) {
    p.phase('forward', () => {
      run.forward(net);
      p.at(
        c.op(
          [
            ...at(73),
            ...c.call(...c.lib('transformers/models/llama/modeling_llama.py:830 in forward')),
          ],
          'linear',
        ),
      ).alloc('logits', 1 * GiB);
      p.at(c.main([...at(75), ...c.lib('torch/nn/functional.py:3494 in cross_entropy')])).alloc(
        'logp',
        1 * GiB,
      );
      if (step % 2 === 0)
        p.at(c.main([...at(78), '/home/no/tune/tracker.py:31 in log'])).alloc(
          `tok_${step}`,
          36 * MiB,
        );
    });
    p.phase('backward', () => {
      p.at('').free('logp');
      p.free('logits');
      run.backward(net);
    });
    p.phase('step', () => {
      run.adam(at(82), net);
      run.zero(at(83));
    });
  }
  return run.text();
}

export const LEAKS_IN_TRAINING: Readonly<Record<string, () => string>> = {
  'callback-clones': callbackClones,
  'closure-fit': closureFit,
  'critic-log': criticLog,
  episodes,
  'growing-queue': growingQueue,
  'auroc-state': aurocState,
  'ctx-attributes': ctxAttributes,
  'rerun-cell': rerunCell,
  'colab-cells': colabCells,
  'gradient-hooks': gradientHooks,
  'residual-graphs': residualGraphs,
  'device-loader': deviceLoader,
  'maps-twice': mapsTwice,
  'gathered-metrics': gatheredMetrics,
  'four-steps': fourSteps,
  'six-blind': sixBlind,
  'long-drip': longDrip,
  'eval-confusions': evalConfusions,
  'old-teachers': oldTeachers,
  'token-losses': tokenLosses,
};
