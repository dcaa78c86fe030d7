/** Programs without a leak, each with something that grows for a good reason or for a while. */
import { adam, backward, Frames, forward, type Layer, letGo, load, Pen, upTo } from './pen.ts';

const KiB = 2 ** 10;
const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** Workspaces of cuBLAS and cuDNN come in the first steps and stay. */
function workspaces(): string {
  const f = new Frames({ packages: '/opt/conda/lib/python3.11/site-packages', stacks: 'all' });
  const p = new Pen('device 0 24GiB', 'seed 101');
  const main = '/home/fx/ocr/train.py:90 in main';
  const layers: readonly Layer[] = upTo(6).map((i) => ({
    key: `o${i}`,
    saved: [
      [
        f.main([main, ...f.module('/home/fx/ocr/crnn.py:37 in forward'), ...f.conv()], 'conv2d'),
        'random(140MiB, 160MiB)',
      ],
    ],
    weights: [12 * MiB],
    node: 'ConvolutionBackward',
    upstream: 70 * MiB,
  }));
  load(p, f.main(['/home/fx/ocr/train.py:71 in main', ...f.to()], 'to'), layers);
  for (const step of upTo(30)) {
    if (step < 4)
      p.at(
        f.main([main, ...f.module('/home/fx/ocr/crnn.py:41 in forward'), ...f.linear()], 'addmm'),
      ).keep(8 * MiB + 128 * KiB);
    if (step === 1 || step === 3) p.at(f.autograd('CudnnRnnBackward')).keep(33 * MiB);
    forward(p, layers);
    backward(p, f, layers);
    adam(p, f, ['/home/fx/ocr/train.py:95 in main'], layers);
    letGo(p, f.main(['/home/fx/ocr/train.py:96 in main', ...f.zeroGrad()]));
  }
  return p.text();
}

/** Five steps only: Adam's states come at the first. */
function shortRun(): string {
  const f = new Frames({ packages: '/v/lib/python3.12/site-packages', stacks: 'python' });
  const p = new Pen('device 0 40GiB');
  const main = '/v/src/mae/pretrain.py:55';
  const layers: readonly Layer[] = upTo(12).map((i) => ({
    key: `m${i}`,
    saved: [
      [f.main([main, ...f.module('/v/src/mae/vit.py:80 in forward'), ...f.linear()]), 200 * MiB],
    ],
    weights: [100 * MiB, 50 * MiB],
    upstream: 100 * MiB,
  }));
  load(p, f.main(['/v/src/mae/pretrain.py:30', ...f.to()]), layers);
  for (const step of upTo(5)) {
    p.phase(`ProfilerStep#${step}`, () => {
      forward(p, layers);
      backward(p, f, layers);
      p.phase('Optimizer.step#AdamW.step', () => adam(p, f, ['/v/src/mae/pretrain.py:60'], layers));
      letGo(p, f.main(['/v/src/mae/pretrain.py:61', ...f.zeroGrad()]));
    });
  }
  return p.text();
}

/** A data set sorted by length: each step is larger than the one before, until one does not fit. */
function sorted(): string {
  const f = new Frames({ packages: '/usr/local/lib/python3.10/dist-packages', stacks: 'python' });
  const p = new Pen('device 0 24GiB');
  const main = '/workspace/sum/train.py:133 in run';
  const layers = (length: number): readonly Layer[] =>
    upTo(8).map((i) => ({
      key: `s${i}`,
      saved: [
        [
          f.main([main, ...f.module('/workspace/sum/t5.py:52 in forward'), ...f.linear()]),
          length * 2 * MiB,
        ],
        [
          f.main([main, ...f.module('/workspace/sum/t5.py:57 in forward')]),
          length * length * 64 * KiB,
        ],
      ],
      weights: [60 * MiB],
      upstream: length * 2 * MiB,
    }));
  load(p, f.main(['/workspace/sum/train.py:110 in run', ...f.to()]), layers(1));
  for (const step of upTo(50)) {
    p.at(f.main(['/workspace/sum/train.py:130 in run'])).alloc('batch', (10 + step * 4) * 16 * KiB);
    forward(p, layers(10 + step * 4));
    backward(p, f, layers(10 + step * 4));
    adam(p, f, ['/workspace/sum/train.py:138 in run'], layers(1));
    letGo(p, f.main(['/workspace/sum/train.py:139 in run', ...f.zeroGrad()]));
  }
  return p.text();
}

/** A curriculum: images grow each epoch. */
function curriculum(): string {
  const f = new Frames({
    packages: '/home/lu/mamba/envs/cv/lib/python3.10/site-packages',
    stacks: 'all',
  });
  const p = new Pen('device 0 40GiB', 'seed 104');
  const main = ['/home/lu/prog/run.py:70 in <module>', '/home/lu/prog/run.py:41 in epoch'];
  for (const [epoch, side] of [4, 6, 8, 10, 12].entries()) {
    const layers: readonly Layer[] = upTo(5).map((i) => ({
      key: `g${i}`,
      saved: [
        [
          f.main(
            [...main, ...f.module('/home/lu/prog/resnet.py:66 in forward'), ...f.conv()],
            'conv2d',
          ),
          (side * side * 12 * MiB) / (i + 1),
        ],
      ],
      weights: [25 * MiB],
      node: 'ConvolutionBackward',
      upstream: side * side * 2 * MiB,
    }));
    if (epoch === 0)
      load(p, f.main(['/home/lu/prog/run.py:55 in <module>', ...f.to()], 'to'), layers);
    for (const _ of upTo(6)) {
      p.at(
        f.main(['/home/lu/prog/run.py:70 in <module>', '/home/lu/prog/run.py:38 in epoch'], 'to'),
      ).alloc('x', side * side * MiB);
      forward(p, layers);
      backward(p, f, layers);
      adam(p, f, [...main.slice(0, 1), '/home/lu/prog/run.py:44 in epoch'], layers);
      letGo(p, f.main([...main.slice(0, 1), '/home/lu/prog/run.py:45 in epoch', ...f.zeroGrad()]));
    }
  }
  return p.text();
}

/** A cache of twelve entries: full after twelve of forty requests, then the oldest goes. */
function leastRecent(): string {
  const f = new Frames({ packages: '/app/venv/lib/python3.11/site-packages', stacks: 'python' });
  const p = new Pen('device 0 16GiB', 'seed 105');
  const serve = [
    f.package('aiohttp/web_protocol.py', 510, 'start'),
    '/app/voice/api.py:61 in speak',
  ];
  p.at(f.main(['/app/voice/api.py:20 in <module>', ...f.to()]));
  for (const _ of upTo(6)) p.more('w', 220 * MiB);
  for (const request of upTo(40)) {
    p.at(f.main([...serve, '/app/voice/speakers.py:44 in embedding'])).alloc(
      `speaker_${request}`,
      'random(30MiB, 50MiB)',
    );
    if (request >= 12)
      p.at(f.main([...serve, '/app/voice/speakers.py:47 in embedding'])).free(
        `speaker_${request - 12}`,
      );
    for (const _ of upTo(8))
      p.at(f.main([...serve, ...f.module('/app/voice/vits.py:120 in forward'), ...f.conv()])).alloc(
        'h',
        'random(80MiB, 300MiB)',
      );
    p.free('h');
  }
  return p.text();
}

/** Predictions of an epoch are gathered and let go at its end; the snapshot is taken amid the fifth. */
function epochLists(): string {
  const f = new Frames({ packages: '/opt/ml/lib/python3.10/site-packages', stacks: 'python' });
  const p = new Pen('device 0 16GiB');
  const main = '/opt/ml/code/train.py:151 in main';
  const layers: readonly Layer[] = upTo(5).map((i) => ({
    key: `e${i}`,
    saved: [
      [
        f.main([
          main,
          '/opt/ml/code/train.py:88 in epoch',
          ...f.module('/opt/ml/code/effnet.py:31 in forward'),
          ...f.conv(),
        ]),
        170 * MiB,
      ],
    ],
    weights: [18 * MiB],
    upstream: 85 * MiB,
  }));
  load(p, f.main(['/opt/ml/code/train.py:120 in main', ...f.to()]), layers);
  for (const epoch of upTo(5)) {
    for (const step of upTo(10)) {
      if (epoch === 4 && step === 6) break;
      forward(p, layers);
      p.at(f.main([main, '/opt/ml/code/train.py:93 in epoch'])).more('predictions', 16 * MiB);
      backward(p, f, layers);
      adam(p, f, [main, '/opt/ml/code/train.py:95 in epoch'], layers);
      letGo(p, f.main([main, '/opt/ml/code/train.py:96 in epoch', ...f.zeroGrad()]));
    }
    if (epoch < 4) p.at(f.main([main, '/opt/ml/code/train.py:101 in epoch'])).free('predictions');
  }
  return p.text();
}

/** Eight micro-steps a step; their losses are a list that is emptied with the gradients. */
function microSteps(): string {
  const f = new Frames({ packages: '/home/ed/x/lib/python3.12/site-packages', stacks: 'all' });
  const p = new Pen('device 0 32GiB', 'seed 107');
  const main = '/home/ed/llm/pretrain.py:310 in <module>';
  const layers: readonly Layer[] = upTo(6).map((i) => ({
    key: `a${i}`,
    saved: [
      [
        f.main(
          [
            main,
            '/home/ed/llm/pretrain.py:255 in micro',
            ...f.module('/home/ed/llm/gpt.py:144 in forward'),
            ...f.linear(),
          ],
          'linear',
        ),
        'random(180MiB, 260MiB)',
      ],
    ],
    weights: [70 * MiB],
    upstream: 100 * MiB,
  }));
  load(p, f.main(['/home/ed/llm/pretrain.py:280 in <module>', ...f.to()], 'to'), layers);
  for (const _ of upTo(7)) {
    for (const _micro of upTo(8)) {
      forward(p, layers);
      p.at(f.main([main, '/home/ed/llm/pretrain.py:258 in micro'], 'div')).more('losses', 4 * MiB);
      backward(p, f, layers);
    }
    adam(p, f, ['/home/ed/llm/pretrain.py:318 in <module>'], layers);
    letGo(p, f.main(['/home/ed/llm/pretrain.py:319 in <module>', ...f.zeroGrad()]));
    p.at(f.main(['/home/ed/llm/pretrain.py:320 in <module>'])).free('losses');
  }
  return p.text();
}

/** A moving average of the weights begins at step 20 of 40. */
function movingAverage(): string {
  const f = new Frames({ packages: '/opt/conda/lib/python3.9/site-packages', stacks: 'python' });
  const p = new Pen('device 0 24GiB');
  const main = '/data/diff/train.py:64 in main';
  const layers: readonly Layer[] = upTo(8).map((i) => ({
    key: `d${i}`,
    saved: [
      [f.main([main, ...f.module('/data/diff/dit.py:59 in forward'), ...f.linear()]), 210 * MiB],
    ],
    weights: [40 * MiB, 20 * MiB],
    upstream: 105 * MiB,
  }));
  load(p, f.main(['/data/diff/train.py:39 in main', ...f.to()]), layers);
  for (const step of upTo(40)) {
    p.phase(`ProfilerStep#${step}`, () => {
      forward(p, layers);
      backward(p, f, layers);
      p.phase('Optimizer.step#AdamW.step', () =>
        adam(p, f, ['/data/diff/train.py:70 in main'], layers),
      );
      letGo(p, f.main(['/data/diff/train.py:71 in main', ...f.zeroGrad()]));
      if (step === 20)
        load(
          p,
          f.main([
            '/data/diff/train.py:75 in main',
            '/data/diff/ema.py:12 in start',
            '/opt/conda/lib/python3.9/copy.py:153 in deepcopy',
            f.package('torch/nn/parameter.py', 68, '__deepcopy__'),
          ]),
          layers,
          'ema',
        );
      if (step > 20)
        p.at(f.main(['/data/diff/train.py:77 in main', '/data/diff/ema.py:19 in update'])).temp(
          60 * MiB,
        );
    });
  }
  return p.text();
}

/** An evaluation every eighth step gathers its outputs and lets them go. */
function evaluations(): string {
  const f = new Frames({ packages: '/srv/nmt/lib/python3.11/site-packages', stacks: 'python' });
  const p = new Pen('device 0 24GiB', 'seed 109');
  const main = '/srv/nmt/nmt/__main__.py:28';
  const layers = (line: number): readonly Layer[] =>
    upTo(6).map((i) => ({
      key: `n${i}`,
      saved: [
        [
          f.main([
            main,
            `/srv/nmt/nmt/loop.py:${line} in ${line > 90 ? 'evaluate' : 'train'}`,
            ...f.module('/srv/nmt/nmt/model.py:83 in forward'),
            ...f.linear(),
          ]),
          'random(150MiB, 170MiB)',
        ],
      ],
      weights: [34 * MiB],
      upstream: 80 * MiB,
    }));
  load(p, f.main([main, '/srv/nmt/nmt/loop.py:22 in build', ...f.to()]), layers(60));
  for (const step of upTo(34)) {
    forward(p, layers(60));
    backward(p, f, layers(60));
    adam(p, f, [main, '/srv/nmt/nmt/loop.py:66 in train'], layers(60));
    letGo(p, f.main([main, '/srv/nmt/nmt/loop.py:67 in train', ...f.zeroGrad()]));
    if (step % 8 !== 7) continue;
    for (const _ of upTo(5)) {
      for (const { saved } of layers(97))
        for (const [stack, size] of saved) p.at(stack).alloc('h', size);
      p.at(f.main([main, '/srv/nmt/nmt/loop.py:101 in evaluate'])).more('outputs', 70 * MiB);
      p.free('h');
    }
    p.at(
      f.main([
        main,
        '/srv/nmt/nmt/loop.py:104 in evaluate',
        f.package('torch/functional.py', 100, 'cat'),
      ]),
    ).temp(350 * MiB);
    p.at(f.main([main, '/srv/nmt/nmt/loop.py:107 in evaluate'])).free('outputs');
  }
  return p.text();
}

/** The batch grows with the learning rate's warm-up, then stays. */
function growingBatch(): string {
  const f = new Frames({ packages: 'D:\\py\\Lib\\site-packages', stacks: 'python' });
  const p = new Pen('device 0 16GiB');
  const main = 'D:\\work\\tabular\\fit.py:47';
  for (const step of upTo(36)) {
    const batch = Math.min(16, 1 + step / 2);
    const layers: readonly Layer[] = upTo(4).map((i) => ({
      key: `t${i}`,
      saved: [
        [
          f.main([main, ...f.module('D:\\work\\tabular\\mlp.py:18 in forward'), ...f.linear()]),
          Math.floor(batch * 32 * MiB),
        ],
      ],
      weights: [48 * MiB],
      upstream: Math.floor(batch * 16 * MiB),
    }));
    if (step === 0) load(p, f.main(['D:\\work\\tabular\\fit.py:33', ...f.to()]), layers);
    p.at(f.main(['D:\\work\\tabular\\fit.py:45'])).alloc('rows', Math.floor(batch * 4 * MiB));
    forward(p, layers);
    backward(p, f, layers);
    adam(p, f, ['D:\\work\\tabular\\fit.py:50'], layers);
    letGo(p, f.main(['D:\\work\\tabular\\fit.py:51', ...f.zeroGrad()]));
  }
  return p.text();
}

/** Each tenth step a checkpoint is written, by way of copies of all weights. */
function checkpoints(): string {
  const f = new Frames({ packages: '/fsx/env/lib/python3.11/site-packages', stacks: 'all' });
  const p = new Pen('device 0 40GiB');
  const main = '/fsx/jobs/pre/main.py:120 in main';
  const layers: readonly Layer[] = upTo(6).map((i) => ({
    key: `c${i}`,
    saved: [
      [
        f.main([main, ...f.module('/fsx/jobs/pre/bert.py:33 in forward'), ...f.linear()], 'linear'),
        220 * MiB,
      ],
    ],
    weights: [90 * MiB],
    upstream: 110 * MiB,
  }));
  load(p, f.main(['/fsx/jobs/pre/main.py:88 in main', ...f.to()], 'to'), layers);
  for (const step of upTo(40)) {
    forward(p, layers);
    backward(p, f, layers);
    p.phase('Optimizer.step#AdamW.step', () =>
      adam(p, f, ['/fsx/jobs/pre/main.py:126 in main'], layers),
    );
    letGo(p, f.main(['/fsx/jobs/pre/main.py:127 in main', ...f.zeroGrad()]));
    if (step % 10 !== 9) continue;
    const save = ['/fsx/jobs/pre/main.py:133 in main', '/fsx/jobs/pre/ckpt.py:20 in save'];
    load(p, f.main([...save, '/fsx/jobs/pre/ckpt.py:24 in <dictcomp>'], 'clone'), layers, 'state');
    letGo(p, f.main(save), 'state_');
  }
  return p.text();
}

/** torch.compile: each of the first shapes makes code, buffers and a pool; later ones find theirs. */
function compiling(): string {
  const f = new Frames({ packages: '/home/q/dev/lib/python3.12/site-packages', stacks: 'python' });
  const p = new Pen('device 0 24GiB', 'seed 112');
  const compiled = [
    '/home/q/dev/rec/train.py:71 in train',
    f.package('torch/_dynamo/eval_frame.py', 655, '_fn'),
    '/home/q/dev/rec/model.py:29 in forward',
    f.package('torch/_functorch/aot_autograd.py', 1201, 'forward'),
    f.package('torch/_inductor/output_code.py', 460, '__call__'),
  ];
  p.at(f.main(['/home/q/dev/rec/train.py:50 in train', ...f.to()]));
  for (const _ of upTo(10)) p.more('w', 100 * MiB);
  const shapes = [0, 1, 2, 0, 3, 1, 4, ...upTo(30).map((i) => i % 5)];
  const seen = new Set<number>();
  for (const shape of shapes) {
    if (!seen.has(shape)) {
      seen.add(shape);
      p.on('graph 1', () => {
        p.at(
          f.main([...compiled, f.package('torch/_inductor/cudagraph_trees.py', 1105, '_record')]),
        ).keep((40 + 5 * shape) * MiB);
        p.temp(200 * MiB);
      });
      p.at(
        f.main([...compiled, f.package('torch/_inductor/select_algorithm.py', 2100, 'benchmark')]),
      ).temp(GiB);
    }
    const call = `/tmp/torchinductor_q/x${shape}/cx${shape}abcd.py:${300 + shape} in call`;
    for (const i of upTo(6))
      p.at(f.main([...compiled, call])).alloc(`buf_${i}`, (60 + 10 * shape) * MiB);
    for (const i of [...upTo(6)].reverse()) {
      if (!p.has(`g_${i}`)) p.at('').alloc(`g_${i}`, 100 * MiB);
      p.at('').free(`buf_${i}`);
    }
    p.at(
      f.main(['/home/q/dev/rec/train.py:78 in train', ...f.step('sgd', 440, '_multi_tensor_sgd')]),
    ).temp(600 * MiB);
    letGo(p, f.main(['/home/q/dev/rec/train.py:79 in train', ...f.zeroGrad()]), 'g_');
  }
  return p.text();
}

/** A queue of eight batches fills, then each new one takes the place of the one in use. */
function queue(): string {
  const f = new Frames({ packages: '/opt/dali/lib/python3.10/site-packages', stacks: 'python' });
  const p = new Pen('device 0 16GiB', 'seed 113');
  const main = '/opt/dali/app/main.py:66 in fit';
  const layers: readonly Layer[] = upTo(4).map((i) => ({
    key: `q${i}`,
    saved: [
      [f.main([main, ...f.module('/opt/dali/app/net.py:25 in forward'), ...f.conv()]), 200 * MiB],
    ],
    weights: [16 * MiB],
    upstream: 100 * MiB,
  }));
  const fetch = f.main([
    '/opt/conda/lib/python3.10/threading.py:1016 in _bootstrap_inner',
    '/opt/dali/app/feeder.py:31 in run',
  ]);
  load(p, f.main(['/opt/dali/app/main.py:44 in fit', ...f.to()]), layers);
  for (const step of upTo(24)) {
    // The feeder is ahead by one more batch each step, until the queue is full.
    p.on('stream 20481', () => {
      const ahead = Math.min(8, step + 1);
      for (let i = step + ahead - 1; i < step + ahead + Number(step < 7); i++)
        p.at(fetch).alloc(`batch_${i}`, 48 * MiB);
    });
    if (!p.has(`batch_${step}`)) continue;
    forward(p, layers);
    backward(p, f, layers);
    adam(p, f, ['/opt/dali/app/main.py:70 in fit'], layers);
    letGo(p, f.main(['/opt/dali/app/main.py:71 in fit', ...f.zeroGrad()]));
    p.at(f.main([main])).free(`batch_${step}`);
  }
  return p.text();
}

/** A buffer that doubles when it is full: the old one goes, and in the end it is large enough. */
function doubling(): string {
  const f = new Frames({ packages: '/w/venv/lib/python3.11/site-packages', stacks: 'all' });
  const p = new Pen('device 0 16GiB', 'seed 114');
  const main = '/w/slam/map.py:204 in run';
  p.at(f.main(['/w/slam/map.py:180 in run', ...f.to()], 'to'));
  for (const _ of upTo(4)) p.more('w', 50 * MiB);
  let capacity = 1;
  for (const frame of upTo(50)) {
    if (frame === 0)
      p.at(f.main([main, '/w/slam/cloud.py:15 in __init__'], 'empty')).alloc('cloud', 40 * MiB);
    if (frame < 20 && frame + 1 > capacity) {
      capacity *= 2;
      p.at(f.main([main, '/w/slam/cloud.py:38 in reserve'], 'empty')).alloc(
        'cloud',
        capacity * 40 * MiB,
      );
    }
    p.at(
      f.main([main, ...f.module('/w/slam/depth.py:61 in forward'), ...f.conv()], 'conv2d'),
    ).alloc('h', 'random(300MiB, 360MiB)');
    p.at(f.main([main, ...f.module('/w/slam/depth.py:66 in forward')], 'relu')).temp(300 * MiB);
    p.at(f.main([main])).free('h');
  }
  return p.text();
}

/** A replay memory of twenty places on the card: full at two thirds, then overwritten. */
function replayMemory(): string {
  const f = new Frames({ packages: '/rl/lib/python3.10/site-packages', stacks: 'python' });
  const p = new Pen('device 0 12GiB', 'seed 115');
  const main = '/rl/sac/train.py:49';
  const layers: readonly Layer[] = upTo(3).map((i) => ({
    key: `r${i}`,
    saved: [
      [
        f.main([
          main,
          '/rl/sac/agent.py:70 in learn',
          ...f.module('/rl/sac/critic.py:22 in forward'),
          ...f.linear(),
        ]),
        110 * MiB,
      ],
    ],
    weights: [9 * MiB],
    upstream: 55 * MiB,
  }));
  load(p, f.main(['/rl/sac/train.py:30', ...f.to()]), layers);
  for (const step of upTo(36)) {
    p.at(f.main(['/rl/sac/train.py:44', '/rl/sac/memory.py:26 in push'])).alloc(
      `place[${step % 20}]`,
      24 * MiB,
    );
    forward(p, layers);
    backward(p, f, layers);
    adam(p, f, [main, '/rl/sac/agent.py:78 in learn'], layers);
    letGo(p, f.main([main, '/rl/sac/agent.py:79 in learn', ...f.zeroGrad()]));
  }
  return p.text();
}

/** Generation: the cache grows token by token within a request and goes with it. */
function requests(): string {
  const f = new Frames({ packages: '/opt/serve/lib/python3.12/site-packages', stacks: 'python' });
  const p = new Pen('device 0 24GiB', 'seed 116');
  p.at(
    f.main([
      '/opt/serve/app.py:25 in lifespan',
      f.package('transformers/modeling_utils.py', 4574, 'from_pretrained'),
    ]),
  );
  for (const _ of upTo(14)) p.more('w', 500 * MiB);
  const generate = [
    '/opt/serve/app.py:66 in complete',
    f.package('transformers/generation/utils.py', 2465, 'generate'),
  ];
  const attention = [
    ...generate,
    ...f.module(f.package('transformers/models/phi3/modeling_phi3.py', 250, 'forward')),
  ];
  for (const prompt of [300, 800, 150, 900, 420, 610, 700, 280, 950, 500, 333, 870]) {
    for (const token of upTo(20)) {
      for (const layer of upTo(6)) {
        p.at(f.main([...attention, f.package('transformers/cache_utils.py', 446, 'update')]));
        p.alloc(`k_${layer}`, (prompt + token) * 12 * KiB);
        p.alloc(`v_${layer}`, (prompt + token) * 12 * KiB);
      }
      p.at(f.main([...generate, ...f.linear()])).alloc('logits', 600 * KiB);
      p.at(
        f.main([...generate, f.package('transformers/generation/utils.py', 3460, '_sample')]),
      ).more('scores', 600 * KiB);
    }
    p.at(f.main(['/opt/serve/app.py:66 in complete']));
    for (const layer of upTo(6)) for (const half of ['k', 'v']) p.free(`${half}_${layer}`);
    p.free('scores');
    p.free('logits');
  }
  return p.text();
}

/** An ordinary run of which the recorder's ring holds the end only. */
function ringOfCalm(): string {
  const f = new Frames({
    packages: '/root/miniconda3/lib/python3.11/site-packages',
    stacks: 'all',
  });
  const p = new Pen('device 0 24GiB', 'max_entries 500', 'seed 117');
  const main = '/root/pose/tools/train.py:88 in main';
  const layers: readonly Layer[] = upTo(7).map((i) => ({
    key: `p${i}`,
    saved: [
      [
        f.main([main, ...f.module('/root/pose/hrnet.py:301 in forward'), ...f.conv()], 'conv2d'),
        'random(60MiB, 240MiB)',
      ],
      [
        f.main([main, ...f.module('/root/pose/hrnet.py:304 in forward')], 'relu_'),
        'random(10MiB, 40MiB)',
      ],
    ],
    weights: [13 * MiB, 64 * KiB],
    node: 'ConvolutionBackward',
    upstream: 'random(60MiB, 90MiB)',
  }));
  load(p, f.main(['/root/pose/tools/train.py:70 in main', ...f.to()], 'to'), layers);
  for (const _ of upTo(30)) {
    forward(p, layers);
    backward(p, f, layers);
    adam(p, f, ['/root/pose/tools/train.py:93 in main'], layers);
    letGo(p, f.main(['/root/pose/tools/train.py:94 in main', ...f.zeroGrad()]));
  }
  return p.text();
}

/** Tables by bucket of length: a new bucket comes ever more seldom, and there are nine. */
function buckets(): string {
  const f = new Frames({
    packages: '/home/u/.venv/lib/python3.10/site-packages',
    stacks: 'python',
  });
  const p = new Pen('device 0 16GiB', 'seed 118');
  const main = '/home/u/ner/train.py:59 in main';
  p.at(f.main(['/home/u/ner/train.py:40 in main', ...f.to()]));
  for (const _ of upTo(8)) p.more('w', 90 * MiB);
  const order = [
    4, 5, 3, 4, 6, 2, 5, 4, 7, 3, 4, 5, 6, 1, 4, 3, 5, 8, 4, 5, 2, 6, 4, 0, 3, 5, 4, 7, 5, 4, 3, 6,
    4, 5, 2, 4, 3, 8, 5, 4,
  ];
  for (const bucket of order) {
    if (!p.has(`table_${bucket}`))
      p.at(f.main([main, ...f.module('/home/u/ner/rope.py:33 in forward')])).alloc(
        `table_${bucket}`,
        (bucket + 1) * 9 * MiB,
      );
    for (const i of upTo(5))
      p.at(f.main([main, ...f.module('/home/u/ner/tagger.py:48 in forward'), ...f.linear()])).alloc(
        `h_${i}`,
        (bucket + 1) * 40 * MiB,
      );
    for (const i of [...upTo(5)].reverse()) p.at('').free(`h_${i}`);
  }
  return p.text();
}

/** No stacks, no annotations, nothing wrong. */
function blank(): string {
  const f = new Frames({ packages: '', stacks: 'none' });
  const p = new Pen('device 0 16GiB', 'seed 119');
  const layers: readonly Layer[] = upTo(8).map((i) => ({
    key: `b${i}`,
    saved: [['', 'random(70MiB, 130MiB)']],
    weights: [20 * MiB],
    upstream: 40 * MiB,
  }));
  load(p, '', layers);
  for (const _ of upTo(25)) {
    forward(p, layers);
    backward(p, f, layers);
    adam(p, f, [], layers);
    letGo(p, '');
  }
  return p.text();
}

/** Two cards, data parallel; reduction buckets come with the second step, as DDP rebuilds them. */
function twins(): string {
  const f = new Frames({ packages: '/opt/ddp/lib/python3.11/site-packages', stacks: 'python' });
  const p = new Pen('device 0 24GiB', 'device 1 24GiB', 'seed 120');
  const main = '/home/s/ddp/main.py:101 in worker';
  const layers = (device: number): readonly Layer[] =>
    upTo(5).map((i) => ({
      key: `w${device}_${i}`,
      saved: [
        [
          f.main([
            main,
            f.package('torch/nn/parallel/distributed.py', 1643, 'forward'),
            ...f.module('/home/s/ddp/swin.py:77 in forward'),
            ...f.linear(),
          ]),
          'random(190MiB, 230MiB)',
        ],
      ],
      weights: [45 * MiB],
      upstream: 100 * MiB,
    }));
  for (const device of upTo(2))
    p.on(`device ${device}`, () =>
      load(p, f.main(['/home/s/ddp/main.py:80 in worker', ...f.to()]), layers(device)),
    );
  for (const step of upTo(18)) {
    for (const device of upTo(2)) {
      p.on(`device ${device}`, () => {
        if (step < 2)
          p.at(
            f.main([main, f.package('torch/nn/parallel/distributed.py', 1560, '_pre_forward')]),
          ).alloc(`bucket_${device}`, 225 * MiB);
        forward(p, layers(device));
        backward(p, f, layers(device));
        adam(p, f, ['/home/s/ddp/main.py:106 in worker'], layers(device));
        letGo(p, f.main(['/home/s/ddp/main.py:107 in worker', ...f.zeroGrad()]), `grad_w${device}`);
      });
    }
  }
  return p.text();
}

export const CONTROLS: Readonly<Record<string, () => string>> = {
  workspaces,
  'short-run': shortRun,
  sorted,
  curriculum,
  'least-recent': leastRecent,
  'epoch-lists': epochLists,
  'micro-steps': microSteps,
  'moving-average': movingAverage,
  evaluations,
  'growing-batch': growingBatch,
  checkpoints,
  compiling,
  queue,
  doubling,
  'replay-memory': replayMemory,
  requests,
  'ring-of-calm': ringOfCalm,
  buckets,
  blank,
  twins,
};
