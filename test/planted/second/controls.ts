/** Programs without a leak, each with something that grows for a good reason or for a while. */
import { upTo } from '../pen.ts';
import { about, Code, Loop, type Part } from './code.ts';
import {
  GiB,
  KiB,
  lightningClosure,
  lightningFit,
  lightningOptimizer,
  llama,
  MiB,
  trainerOptimizer,
  trainerStep,
  written,
} from './nets.ts';

/** Sequences that grow to the end; the rotary table is made anew, longer, and takes the old one's place. */
function longerSequences(): string {
  const c = new Code({ lib: '/opt/conda/lib/python3.11', torch: '2.6', frames: 'python' });
  const run = new Loop(c, 'device 0 40GiB', 'seed 401');
  const p = run.pen;
  const user = ['/home/jun/long/train.py:77 in main'];
  const net = (length: number): readonly Part[] =>
    llama(c, trainerStep(c, user), {
      count: 6,
      hidden: length * MiB,
      weights: [60 * MiB, 40 * MiB],
    });
  run.load(c.main(['/home/jun/long/train.py:40 in main', ...c.to()]), net(1));
  for (const step of upTo(36)) {
    const length = 8 + step;
    p.at(c.main([...trainerStep(c, user), '/home/jun/long/rope.py:33 in extend'], 'cos')).alloc(
      'cos',
      length * 256 * KiB,
    );
    p.alloc('sin', length * 256 * KiB);
    run.forward(net(length));
    run.backward(net(length));
    run.adam(trainerOptimizer(c, user), net(1));
    run.zero(user);
  }
  return run.text();
}

/** Lightning, whose closure has all within optimizer.step(); crops grow in four stages. */
function growingCrops(): string {
  const c = new Code({
    lib: '/usr/lib/python3.10',
    packages: 'dist-packages',
    torch: '2.4',
    frames: 'symbols',
  });
  const run = new Loop(c, 'device 0 40GiB', 'seed 402');
  const p = run.pen;
  const user = ['/app/crops/main.py:19 in main'];
  const net = (side: number): readonly Part[] =>
    written(c, [...lightningClosure(c, user), '/app/crops/lit.py:61 in training_step'], {
      file: '/app/crops/fpn.py',
      count: 6,
      lines: [
        [28, 'conv2d', about(side * side * 2 * MiB, 2)],
        [29, 'batch_norm', about(side * side * MiB, 2)],
      ],
      weights: [20 * MiB],
      upstream: side * side * 2 * MiB,
      node: 'ConvolutionBackward0',
    });
  run.load(c.main([...user, ...c.to()]), net(1));
  for (const step of upTo(32)) {
    const parts = net(4 + 2 * Math.floor(step / 8));
    p.phase(`ProfilerStep#${step}`, () => {
      run.forward(parts);
      run.backward(parts);
      run.adam(lightningOptimizer(c, user), parts);
      run.zero(lightningFit(c, user));
    });
  }
  return run.text();
}

/** Prompts' states are cached: nine places, full after two thirds of the requests. */
function cachedPrompts(): string {
  const c = new Code({ lib: '/srv/rag/venv/lib/python3.12', torch: '2.6', frames: 'python' });
  const run = new Loop(c, 'device 0 16GiB', 'seed 403');
  const p = run.pen;
  const at = (line: number): readonly string[] => [
    ...c.lib('uvicorn/protocols/http/h11_impl.py:403 in run_asgi'),
    `/srv/rag/app.py:${line} in answer`,
  ];
  p.at(c.main(['/srv/rag/app.py:18 in <module>', ...c.to()]));
  for (const i of upTo(10)) p.alloc(`w_${i}`, 500 * MiB);
  let made = 0;
  for (const request of upTo(36)) {
    // Every third request or so brings a new prompt, later ones fewer.
    if (request % 3 === 0 || request % 7 === 3) {
      p.at(c.main([...at(42), '/srv/rag/prompt_cache.py:27 in get'], 'clone')).alloc(
        `state_${made}`,
        about(60 * MiB, 10),
      );
      if (made >= 9)
        p.at(c.main([...at(42), '/srv/rag/prompt_cache.py:30 in get'])).free(`state_${made - 9}`);
      made++;
    }
    run.infer(
      llama(c, at(45), {
        count: 4,
        hidden: 10 * MiB,
        weights: [],
        vary: (size) => about(size, 30),
      }),
      'out',
    );
    p.at(c.main(at(48))).free('out');
  }
  return run.text();
}

/** Layers thaw: each of the first epochs more of them get gradients and Adam's states. */
function thawing(): string {
  const c = new Code({ lib: '/home/ro/lib/python3.10', torch: '2.1', frames: 'python' });
  const run = new Loop(c, 'device 0 24GiB', 'seed 404');
  const at = (line: number): readonly string[] => [
    '/home/ro/ulm/main.py:15 in <module>',
    `/home/ro/ulm/fit.py:${line} in epoch`,
  ];
  const net = written(c, at(30), {
    file: '/home/ro/ulm/tower.py',
    count: 6,
    lines: [
      [44, 'linear', about(110 * MiB)],
      [45, 'gelu', about(110 * MiB)],
    ],
    weights: [70 * MiB, 20 * MiB],
    upstream: 55 * MiB,
  });
  run.load(c.main(['/home/ro/ulm/main.py:9 in <module>', ...c.to()]), net);
  for (const epoch of upTo(12))
    for (const _ of upTo(4)) {
      const thawed = net.slice(Math.max(0, 5 - epoch));
      run.infer(net.slice(0, net.length - thawed.length).concat(thawed.slice(0, 1)), 'frozen');
      run.forward(thawed);
      run.backward(thawed);
      run.pen.at('').free('frozen');
      run.adam(at(36), thawed);
      run.zero(at(37));
    }
  return run.text();
}

/** A run goes on from a checkpoint, which stays on the card until the second step. */
function resumed(): string {
  const c = new Code({ lib: '/opt/venv/lib/python3.11', torch: '2.6', frames: 'symbols' });
  const run = new Loop(c, 'device 0 40GiB', 'seed 405');
  const p = run.pen;
  const at = (line: number): readonly string[] => [`/jobs/resume/train.py:${line} in main`];
  const net = written(c, at(80), {
    file: '/jobs/resume/model.py',
    count: 6,
    lines: [
      [50, 'linear', about(180 * MiB)],
      [52, 'relu', about(180 * MiB)],
    ],
    weights: [100 * MiB],
    upstream: 90 * MiB,
  });
  const restore = [
    ...at(60),
    ...c.lib(
      'torch/serialization.py:1351 in load',
      'torch/serialization.py:1848 in _load',
      'torch/serialization.py:1812 in load_tensor',
    ),
  ];
  run.load(c.main([...at(55), ...c.to()]), net);
  run.load(c.main(restore, 'to'), net, 'ckpt');
  run.load(c.main(restore, 'to'), net, 'ckpt_m');
  run.load(c.main(restore, 'to'), net, 'ckpt_v');
  run.load(
    c.main([...at(62), ...c.lib('torch/optim/optimizer.py:880 in load_state_dict')], 'clone'),
    net,
    'adam_m',
  );
  run.load(
    c.main([...at(62), ...c.lib('torch/optim/optimizer.py:880 in load_state_dict')], 'clone'),
    net,
    'adam_v',
  );
  for (const step of upTo(15)) {
    run.forward(net);
    run.backward(net);
    run.adam(at(88), net);
    run.zero(at(89));
    if (step === 1) for (const name of p.names('ckpt')) p.at(c.main(at(91))).free(name);
  }
  return run.text();
}

/** Two long generations: the cache grows with each token and goes with its request. */
function longGenerations(): string {
  const c = new Code({ lib: '/home/em/lib/python3.12', torch: '2.8', frames: 'python' });
  const run = new Loop(c, 'device 0 24GiB', 'seed 406');
  const p = run.pen;
  const generate = [
    '/home/em/story/tell.py:31 in <module>',
    ...c.lib(
      'transformers/generation/utils.py:2564 in generate',
      'transformers/generation/utils.py:2784 in _sample',
    ),
    ...c.call(...c.lib('transformers/models/mistral/modeling_mistral.py:433 in forward')),
  ];
  p.at(
    c.main([
      '/home/em/story/tell.py:12 in <module>',
      ...c.lib('transformers/modeling_utils.py:4834 in from_pretrained'),
    ]),
  );
  for (const i of upTo(14)) p.alloc(`w_${i}`, 500 * MiB);
  for (const most of [70, 90, 40]) {
    for (const token of upTo(most)) {
      for (const layer of upTo(6)) {
        p.at(c.main([...generate, ...c.lib('transformers/cache_utils.py:118 in update')], 'cat'));
        p.alloc(`k_${layer}`, (token + 40) * 768 * KiB);
        p.alloc(`v_${layer}`, (token + 40) * 768 * KiB);
        p.at(c.op(generate, 'linear')).temp(8 * MiB);
      }
    }
    p.at(c.main(['/home/em/story/tell.py:31 in <module>']));
    for (const layer of upTo(6)) {
      p.free(`k_${layer}`);
      p.free(`v_${layer}`);
    }
  }
  return run.text();
}

/** cudnn.benchmark: large workspaces for every new shape, held for a moment; cuBLAS takes its own for good. */
function benchmarked(): string {
  const c = new Code({ lib: '/opt/conda/lib/python3.9', torch: '2.0', frames: 'symbols' });
  const run = new Loop(c, 'device 0 24GiB', 'seed 407');
  const p = run.pen;
  const at = (line: number): readonly string[] => [`/root/det/train.py:${line} in main`];
  const net = written(c, at(90), {
    file: '/root/det/yolo.py',
    count: 7,
    lines: [
      [110, 'conv2d', about(90 * MiB, 8)],
      [111, 'relu', about(90 * MiB, 8)],
    ],
    weights: [9 * MiB],
    upstream: 45 * MiB,
    node: 'ConvolutionBackward0',
  });
  run.load(c.main(['/root/det/train.py:70 in main', ...c.to()]), net);
  for (const step of upTo(28)) {
    if ([0, 2, 3, 9].includes(step)) {
      for (const size of [300, 1200, 2600, 80])
        p.at(c.op([...at(90), ...c.call('/root/det/yolo.py:110 in forward')], 'conv2d')).temp(
          size * MiB,
        );
      p.at(c.engine('ConvolutionBackward0')).temp(3 * GiB);
    }
    if (step < 3)
      p.at(c.op([...at(90), ...c.call('/root/det/yolo.py:140 in forward')], 'linear')).keep(
        8519680,
      );
    run.forward(net);
    run.backward(net);
    run.adam(at(96), net, 'adam', 'adam');
    run.zero(at(95));
  }
  return run.text();
}

/** A moving average that evaluation swaps in: the weights are copied aside and come back. */
function swappedAverage(): string {
  const c = new Code({ lib: '/data/gen/env/lib/python3.11', torch: '2.6', frames: 'python' });
  const run = new Loop(c, 'device 0 24GiB', 'seed 408');
  const p = run.pen;
  const at = (line: number): readonly string[] => [
    '/data/gen/main.py:51 in <module>',
    `/data/gen/trainer.py:${line} in train`,
  ];
  const net = written(c, at(140), {
    file: '/data/gen/dit.py',
    count: 6,
    lines: [
      [88, 'layer_norm', about(60 * MiB)],
      [90, 'linear', about(180 * MiB)],
    ],
    weights: [50 * MiB, 50 * MiB],
    upstream: 60 * MiB,
  });
  run.load(c.main(['/data/gen/main.py:30 in <module>', ...c.to()]), net);
  run.load(
    c.main(
      [
        '/data/gen/main.py:33 in <module>',
        '/data/gen/ema.py:20 in __init__',
        ...c.std('copy.py:153 in deepcopy'),
      ],
      'clone',
    ),
    net,
    'ema',
  );
  for (const step of upTo(40)) {
    run.forward(net);
    run.backward(net);
    run.adam(at(148), net);
    run.zero(at(149));
    p.at(c.main([...at(151), '/data/gen/ema.py:34 in update'], '_foreach_lerp_')).temp(50 * MiB);
    if (step % 8 !== 7) continue;
    run.load(c.main([...at(155), '/data/gen/ema.py:47 in store'], 'clone'), net, 'aside');
    for (const _ of upTo(3)) {
      run.infer(net, 'sample');
      p.at(c.main(at(158), 'clamp')).more('samples', 30 * MiB);
      p.free('sample');
    }
    p.at(c.main([...at(161), '/data/gen/ema.py:55 in restore']));
    for (const name of p.names('aside_')) p.free(name);
    p.at(c.main(at(163))).free('samples');
  }
  return run.text();
}

/** A replay buffer made in chunks as it fills: eleven of them, the last at three fifths of the run. */
function chunkedReplay(): string {
  const c = new Code({ lib: '/rl/td3/venv/lib/python3.10', torch: '2.1', frames: 'python' });
  const run = new Loop(c, 'device 0 12GiB', 'seed 409');
  const p = run.pen;
  const at = (line: number): readonly string[] => [`/rl/td3/main.py:${line} in train`];
  const net = written(c, at(66), {
    file: '/rl/td3/nets.py',
    count: 3,
    lines: [
      [19, 'linear', 36 * MiB],
      [20, 'relu', 36 * MiB],
    ],
    weights: [4 * MiB],
    upstream: 36 * MiB,
  });
  run.load(c.main(['/rl/td3/main.py:40 in main', ...c.to()]), net);
  for (const step of upTo(90)) {
    if (step % 5 === 0 && step < 55)
      p.at(c.main([...at(60), '/rl/td3/replay.py:31 in grow'], 'empty')).more('chunks', 80 * MiB);
    p.at(c.main([...at(63), '/rl/td3/replay.py:52 in sample'], 'index')).alloc(
      'batch',
      about(12 * MiB, 1),
    );
    run.forward(net);
    run.backward(net);
    run.adam(at(70), net, 'adam', 'adam');
    run.zero(at(69));
  }
  return run.text();
}

/** Validation each epoch gathers its predictions until the metric is made; the snapshot is from amid the fourth. */
function amidValidation(): string {
  const c = new Code({ lib: '/home/yu/.venv/lib/python3.11', torch: '2.4', frames: 'symbols' });
  const run = new Loop(c, 'device 0 16GiB', 'seed 410');
  const p = run.pen;
  const net = (caller: readonly string[]): readonly Part[] =>
    written(c, caller, {
      file: '/home/yu/tab/ft.py',
      count: 5,
      lines: [
        [39, 'linear', about(80 * MiB, 3)],
        [40, 'layer_norm', about(60 * MiB, 3)],
      ],
      weights: [16 * MiB],
      upstream: 80 * MiB,
    });
  const main = '/home/yu/tab/run.py:60 in <module>';
  const train = net([main, '/home/yu/tab/run.py:25 in train']);
  const valid = net([main, '/home/yu/tab/run.py:42 in validate']);
  run.load(c.main(['/home/yu/tab/run.py:55 in <module>', ...c.to()]), train);
  for (const epoch of upTo(4)) {
    for (const _ of upTo(7)) {
      run.forward(train);
      run.backward(train);
      run.adam([main, '/home/yu/tab/run.py:30 in train'], train);
      run.zero([main, '/home/yu/tab/run.py:31 in train']);
    }
    for (const _ of upTo(epoch === 3 ? 7 : 12)) {
      run.infer(valid, 'out');
      p.at(c.main([main, '/home/yu/tab/run.py:44 in validate'], 'sigmoid')).more('preds', 10 * MiB);
      p.free('out');
    }
    if (epoch === 3) break;
    p.at(c.main([main, '/home/yu/tab/run.py:46 in validate'], 'cat')).temp(120 * MiB);
    p.at(c.main([main, '/home/yu/tab/run.py:48 in validate'])).free('preds');
  }
  return run.text();
}

/** Token budgets: batches of all shapes, by turns and at random. */
function tokenBudget(): string {
  const c = new Code({ lib: '/opt/conda/envs/mt/lib/python3.10', torch: '2.1', frames: 'python' });
  const run = new Loop(c, 'device 0 32GiB', 'settings expandable_segments:True', 'seed 411');
  const at = (line: number): readonly string[] => [`/mt/fairish/train.py:${line} in train`];
  run.load(
    c.main(['/mt/fairish/train.py:50 in main', ...c.to()]),
    llama(c, [], { count: 5, hidden: 1, weights: [80 * MiB] }),
  );
  for (const step of upTo(50)) {
    const length = 4 + ((step * 17) % 29);
    const net = llama(c, at(81), {
      count: 5,
      hidden: length * MiB,
      weights: [80 * MiB],
      vary: (size) => about(size, 6),
    });
    run.forward(net);
    run.backward(net);
    run.adam(at(88), net);
    run.zero(at(89));
  }
  return run.text();
}

/** Losses of eight batches are added up with their graphs; one backward for all of them. */
function jointBackward(): string {
  const c = new Code({ lib: '/home/fe/miniconda3/lib/python3.11', torch: '2.4', frames: 'python' });
  const run = new Loop(c, 'device 0 24GiB', 'seed 412');
  const p = run.pen;
  const at = (line: number): readonly string[] => [`/home/fe/meta/reptile.py:${line} in outer`];
  const net = written(c, at(28), {
    file: '/home/fe/meta/conv4.py',
    count: 4,
    lines: [
      [12, 'conv2d', about(40 * MiB)],
      [13, 'batch_norm', about(30 * MiB)],
    ],
    weights: [6 * MiB],
    upstream: 40 * MiB,
    node: 'ConvolutionBackward0',
  });
  run.load(c.main(['/home/fe/meta/reptile.py:10 in <module>', ...c.to()]), net);
  for (const _ of upTo(9)) {
    for (const task of upTo(8)) {
      run.forward(net, `task${task}`);
      p.at(c.main(at(30), 'add')).alloc(`loss_${task}`, 4);
    }
    for (const task of upTo(8).toReversed()) {
      run.backward(net, `task${task}`);
      p.at('').free(`loss_${task}`);
    }
    run.adam(at(36), net);
    run.zero(at(37));
  }
  return run.text();
}

/** The last twelve outputs are kept in a deque for a plot. */
function lastTwelve(): string {
  const c = new Code({
    lib: '/usr/lib/python3.12',
    packages: 'dist-packages',
    torch: '2.8',
    frames: 'python',
  });
  const run = new Loop(c, 'device 0 16GiB', 'seed 413');
  const p = run.pen;
  const at = (line: number): readonly string[] => [`/home/op/flow/fit.py:${line} in run`];
  const net = written(c, at(44), {
    file: '/home/op/flow/glow.py',
    count: 6,
    lines: [
      [90, 'conv2d', about(70 * MiB)],
      [92, undefined, about(100 * MiB)],
    ],
    weights: [8 * MiB],
    upstream: 70 * MiB,
    node: 'ConvolutionBackward0',
  });
  run.load(c.main(['/home/op/flow/fit.py:20 in main', ...c.to()]), net);
  for (const step of upTo(36)) {
    p.phase('train_step', () => {
      run.forward(net);
      p.at(c.main([...at(47), '/home/op/flow/plot.py:18 in push'], 'clone')).alloc(
        `pic_${step}`,
        28 * MiB,
      );
      if (step >= 12) p.free(`pic_${step - 12}`);
      run.backward(net);
      run.adam(at(52), net);
      run.zero(at(53));
    });
  }
  return run.text();
}

/** A pool of fifty fakes, full at step 25 of 50, then an old one goes for each that comes. */
function fiftyFakes(): string {
  const c = new Code({ lib: 'C:\\ProgramData\\Anaconda3\\Lib', torch: '2.4', frames: 'python' });
  const run = new Loop(c, 'device 0 8GiB', 'seed 414');
  const p = run.pen;
  const at = (line: number): readonly string[] => [`E:\\cycle\\train.py:${line} in <module>`];
  const net = (key: string, line: number): readonly Part[] =>
    written(c, at(line), {
      file: `E:\\cycle\\${key}.py`,
      count: 3,
      lines: [
        [21, 'conv2d', 60 * MiB],
        [22, 'relu', 60 * MiB],
      ],
      weights: [9 * MiB],
      upstream: 60 * MiB,
      node: 'ConvolutionBackward0',
      key,
    });
  const generator = net('gen', 40);
  const critic = net('critic', 47);
  run.load(c.main([...at(20), ...c.to()]), generator);
  run.load(c.main([...at(21), ...c.to()]), critic);
  for (const step of upTo(50)) {
    run.forward(generator);
    for (const i of upTo(2)) {
      const n = 2 * step + i;
      p.at(c.main([...at(44), 'E:\\cycle\\pool.py:19 in query'], 'clone')).alloc(
        `fake_${n}`,
        6 * MiB,
      );
      if (n >= 50) p.free(`fake_${n - 50}`);
    }
    run.forward(critic);
    run.backward(critic, 'act', 'gd');
    run.adam(at(52), critic, 'ad', 'adam');
    run.zero(at(51), 'gd');
    run.backward(generator, 'act', 'gg');
    run.adam(at(58), generator, 'ag', 'adam');
    run.zero(at(57), 'gg');
  }
  return run.text();
}

/** The ring holds but the last third of a run, and its end lies amid a forward. */
function cutAmidForward(): string {
  const c = new Code({ lib: '/home/bo/venv/lib/python3.10', torch: '2.6', frames: 'symbols' });
  const run = new Loop(c, 'device 0 40GiB', 'max_entries 1500', 'seed 415');
  const at = (line: number): readonly string[] => [`/home/bo/asr/train.py:${line} in main`];
  const net = written(c, at(66), {
    file: '/home/bo/asr/rnnt.py',
    count: 9,
    lines: [
      [70, 'linear', about(160 * MiB)],
      [71, 'relu', about(120 * MiB)],
      [74, 'layer_norm', about(80 * MiB)],
    ],
    weights: [25 * MiB],
    upstream: 80 * MiB,
  });
  run.load(c.main(['/home/bo/asr/train.py:40 in main', ...c.to()]), net);
  for (const _ of upTo(15)) {
    run.forward(net);
    run.backward(net);
    run.adam(at(71), net);
    run.zero(at(72));
  }
  run.forward(net.slice(0, 6), 'cut');
  return run.text();
}

/** Four stages of a pipeline: the first holds four micro-batches in flight, the last one. */
function fourStages(): string {
  const c = new Code({ lib: '/opt/pp/lib/python3.12', torch: '2.8', frames: 'python' });
  const run = new Loop(c, ...upTo(4).map((i) => `device ${i} 24GiB`), 'seed 416');
  const p = run.pen;
  const schedule = [
    '/opt/jobs/pp/main.py:70 in <module>',
    ...c.lib('torch/distributed/pipelining/schedules.py:700 in _step_microbatches'),
  ];
  const net = (device: number): readonly Part[] =>
    written(
      c,
      [...schedule, ...c.lib('torch/distributed/pipelining/stage.py:640 in forward_one_chunk')],
      {
        file: '/opt/jobs/pp/stage.py',
        count: 3,
        lines: [
          [33, 'linear', 90 * MiB],
          [35, 'gelu', 60 * MiB],
        ],
        weights: [150 * MiB],
        upstream: 90 * MiB,
        key: `d${device}_`,
      },
    );
  for (const device of upTo(4))
    p.on(`device ${device}`, () =>
      run.load(c.main(['/opt/jobs/pp/main.py:40 in <module>', ...c.to()]), net(device)),
    );
  for (const step of upTo(7)) {
    for (const device of upTo(4)) {
      p.on(`device ${device}`, () => {
        const inFlight = 4 - device;
        for (const micro of upTo(8)) {
          run.forward(net(device), `m${step}_${micro}`);
          if (micro >= inFlight)
            run.backward(net(device), `m${step}_${micro - inFlight}`, `grad${device}`);
        }
        for (const micro of upTo(inFlight))
          run.backward(net(device), `m${step}_${8 - inFlight + micro}`, `grad${device}`);
        run.adam(['/opt/jobs/pp/main.py:76 in <module>'], net(device), `adam${device}`);
        run.zero(['/opt/jobs/pp/main.py:77 in <module>'], `grad${device}`);
      });
    }
  }
  return run.text();
}

/** FSDP in its steady state, with gathers on a stream of their own that are freed late. */
function shardedSteady(): string {
  const c = new Code({ lib: '/fsx/py/lib/python3.10', torch: '2.4', frames: 'python' });
  const run = new Loop(c, 'device 0 40GiB', 'seed 417');
  const p = run.pen;
  const at = (line: number): readonly string[] => [`/fsx/vlm/train.py:${line} in main`];
  const net = written(c, at(120), {
    file: '/fsx/vlm/tower.py',
    count: 7,
    lines: [
      [55, 'linear', about(140 * MiB)],
      [57, 'gelu', about(100 * MiB)],
    ],
    weights: [30 * MiB],
    upstream: 70 * MiB,
  });
  const unshard = c.lib(
    'torch/distributed/fsdp/_runtime_utils.py:413 in _pre_forward_unshard',
    'torch/distributed/fsdp/_flat_param.py:1288 in unshard',
    'torch/distributed/utils.py:184 in _alloc_storage',
  );
  run.load(
    c.main([
      '/fsx/vlm/train.py:80 in main',
      ...c.lib('torch/distributed/fsdp/_flat_param.py:1129 in shard'),
    ]),
    net,
  );
  for (const step of upTo(18)) {
    p.phase(`ProfilerStep#${step}`, () => {
      for (const part of net) {
        p.on('stream 55120', () => {
          p.at(c.main([...at(120), ...unshard])).alloc(`full_${part.key}`, 240 * MiB);
          p.say(`record_stream full_${part.key}`);
        });
        run.forward([part]);
        p.at(
          c.main([
            ...at(120),
            ...c.lib('torch/distributed/fsdp/_runtime_utils.py:470 in _post_forward_reshard'),
          ]),
        ).free(`full_${part.key}`);
        p.say('synchronize');
      }
      for (const part of [...net].reverse()) {
        p.on('stream 55120', () => {
          p.at(c.engine('AddmmBackward0', unshard)).alloc(`full_${part.key}`, 240 * MiB);
          p.say(`record_stream full_${part.key}`);
        });
        run.backward([part]);
        p.at(
          c.engine(
            'AccumulateGrad',
            c.lib('torch/distributed/fsdp/_runtime_utils.py:750 in _post_backward_hook'),
          ),
        ).free(`full_${part.key}`);
        p.say('synchronize');
      }
      run.adam(at(131), net);
      run.zero(at(132));
    });
  }
  return run.text();
}

/** Graph trees: pools are filled in the first three calls and stay as they are. */
function graphTrees(): string {
  const c = new Code({ lib: '/home/dk/.venv/lib/python3.12', torch: '2.6', frames: 'python' });
  const run = new Loop(c, 'device 0 16GiB', 'seed 418');
  const p = run.pen;
  const call = (line: number): readonly string[] => [
    `/home/dk/fast/infer.py:${line} in <module>`,
    ...c.lib(
      'torch/_inductor/cudagraph_trees.py:1917 in add_function',
      'torch/_inductor/cudagraph_trees.py:1984 in run',
    ),
  ];
  p.at(c.main(['/home/dk/fast/infer.py:14 in <module>', ...c.to()]));
  for (const i of upTo(8)) p.alloc(`w_${i}`, 350 * MiB);
  for (const step of upTo(30)) {
    p.at(c.main(['/home/dk/fast/infer.py:25 in <module>'], 'to')).alloc('x', 24 * MiB);
    if (step < 3)
      p.on('graph 1', () => {
        p.at(
          c.main([...call(27), ...c.lib('torch/_inductor/cudagraph_trees.py:1230 in _record')]),
        ).alloc(`static_${step}`, 90 * MiB);
        p.temp(300 * MiB);
      });
    p.at(c.main(['/home/dk/fast/infer.py:29 in <module>'], 'clone')).alloc('y', about(24 * MiB, 1));
  }
  return run.text();
}

/** A queue of keys that is joined and cut to its length: full at step 16 of 48. */
function cutQueue(): string {
  const c = new Code({ lib: '/data/byol/lib/python3.11', torch: '2.4', frames: 'python' });
  const run = new Loop(c, 'device 0 16GiB', 'seed 419');
  const p = run.pen;
  const at = (line: number): readonly string[] => [`/data/byol/main.py:${line} in train`];
  const net = written(c, at(70), {
    file: '/data/byol/resnet.py',
    count: 5,
    lines: [
      [31, 'conv2d', about(130 * MiB, 3)],
      [32, 'batch_norm', about(65 * MiB, 3)],
    ],
    weights: [12 * MiB],
    upstream: 65 * MiB,
    node: 'ConvolutionBackward0',
  });
  run.load(c.main(['/data/byol/main.py:40 in main', ...c.to()]), net);
  for (const step of upTo(48)) {
    run.forward(net);
    p.at(c.main([...at(73), '/data/byol/queue.py:22 in push'], 'cat')).alloc(
      'joined',
      Math.min(step + 1, 17) * 8 * MiB,
    );
    p.at(c.main([...at(73), '/data/byol/queue.py:23 in push'], 'clone')).alloc(
      'queue',
      Math.min(step + 1, 16) * 8 * MiB,
    );
    p.free('joined');
    run.backward(net);
    run.adam(at(78), net);
    run.zero(at(79));
  }
  return run.text();
}

/** Four steps, no more: states, workspaces and rebuilt buckets all come with the first two. */
function fourStepsOnly(): string {
  const c = new Code({ lib: '/opt/conda/lib/python3.12', torch: '2.8', frames: 'symbols' });
  const run = new Loop(c, 'device 0 40GiB', 'seed 420');
  const p = run.pen;
  const at = (line: number): readonly string[] => [`/mnt/ddp/train.py:${line} in main`];
  const net = written(
    c,
    [...at(88), ...c.lib('torch/nn/parallel/distributed.py:1661 in forward')],
    {
      file: '/mnt/ddp/vit.py',
      count: 8,
      lines: [
        [101, 'layer_norm', 60 * MiB],
        [102, 'linear', 240 * MiB],
        [103, 'gelu', 200 * MiB],
      ],
      weights: [64 * MiB, 16 * MiB],
      upstream: 60 * MiB,
    },
  );
  run.load(c.main(['/mnt/ddp/train.py:60 in main', ...c.to()]), net);
  p.at(
    c.main([
      '/mnt/ddp/train.py:66 in main',
      ...c.lib('torch/nn/parallel/distributed.py:841 in __init__'),
    ]),
  );
  for (const i of upTo(4)) p.alloc(`bucket_${i}`, 160 * MiB);
  for (const step of upTo(4)) {
    p.phase(`ProfilerStep#${step}`, () => {
      if (step < 2)
        p.at(c.op([...at(88), ...c.call('/mnt/ddp/vit.py:102 in forward')], 'linear')).keep(
          8519680,
        );
      run.forward(net);
      run.backward(net);
      if (step === 1) {
        p.at(c.engine('AccumulateGrad'));
        for (const i of upTo(5)) p.alloc(`rebuilt_${i}`, 128 * MiB);
        for (const i of upTo(4)) p.free(`bucket_${i}`);
      }
      p.phase('Optimizer.step#AdamW.step', () => run.adam(at(93), net));
      run.zero(at(94));
    });
  }
  return run.text();
}

/** Adapters on demand, three on the card at most. */
function threeAdapters(): string {
  const c = new Code({ lib: '/app/lora/lib/python3.11', torch: '2.4', frames: 'python' });
  const run = new Loop(c, 'device 0 24GiB', 'seed 421');
  const p = run.pen;
  const at = (line: number): readonly string[] => [`/app/lora/serve.py:${line} in handle`];
  p.at(c.main(['/app/lora/serve.py:15 in <module>', ...c.to()]));
  for (const i of upTo(10)) p.alloc(`w_${i}`, 700 * MiB);
  const asked = [0, 1, 0, 2, 1, 3, 3, 0, 4, 2, 5, 5, 1, 6, 0, 7, 7, 3, 8, 2, 9, 1, 4, 0];
  const held: number[] = [];
  for (const [request, adapter] of asked.entries()) {
    if (!held.includes(adapter)) {
      p.at(
        c.main(
          [
            ...at(40),
            '/app/lora/registry.py:28 in load',
            ...c.lib('peft/peft_model.py:1120 in load_adapter'),
          ],
          'to',
        ),
      );
      for (const i of upTo(12)) p.alloc(`lora_${adapter}_${i}`, 6 * MiB);
      held.push(adapter);
      const oldest = held.length > 3 ? held.shift() : undefined;
      if (oldest !== undefined)
        for (const i of upTo(12))
          p.at(c.main([...at(40), '/app/lora/registry.py:35 in evict'])).free(
            `lora_${oldest}_${i}`,
          );
    }
    run.infer(
      llama(c, at(44), { count: 3, hidden: (9 + (request % 4)) * MiB, weights: [] }),
      'out',
    );
    p.at(c.main(at(46))).free('out');
  }
  return run.text();
}

export const CONTROLS: Readonly<Record<string, () => string>> = {
  'longer-sequences': longerSequences,
  'growing-crops': growingCrops,
  'cached-prompts': cachedPrompts,
  thawing,
  resumed,
  'long-generations': longGenerations,
  benchmarked,
  'swapped-average': swappedAverage,
  'chunked-replay': chunkedReplay,
  'amid-validation': amidValidation,
  'token-budget': tokenBudget,
  'joint-backward': jointBackward,
  'last-twelve': lastTwelve,
  'fifty-fakes': fiftyFakes,
  'cut-amid-forward': cutAmidForward,
  'four-stages': fourStages,
  'sharded-steady': shardedSteady,
  'graph-trees': graphTrees,
  'cut-queue': cutQueue,
  'four-steps-only': fourStepsOnly,
  'three-adapters': threeAdapters,
};
