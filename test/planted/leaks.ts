/** Programs that keep what they should let go. What is wrong with each stands in truth.json. */
import { adam, backward, Frames, forward, type Layer, letGo, load, Pen, upTo } from './pen.ts';

const KiB = 2 ** 10;
const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** Speech: the validation loop forgot torch.no_grad() and keeps each loss for the mean. */
function conformer(): string {
  const f = new Frames({
    packages: '/home/kei/venvs/asr/lib/python3.11/site-packages',
    stacks: 'all',
  });
  const p = new Pen('device 0 40GiB', 'seed 11');
  const main = '/home/kei/asr/run.py:140 in main';
  const layers = (caller: string, frames: number): readonly Layer[] =>
    upTo(8).map((i) => {
      const block = [main, caller, ...f.module('/home/kei/asr/conformer/model.py:58 in forward')];
      const at = (line: number): string =>
        f.main(
          [
            ...block,
            ...f.module(`/home/kei/asr/conformer/blocks.py:${line} in forward`),
            ...f.linear(),
          ],
          'linear',
        );
      return {
        key: `b${i}`,
        saved: [
          [at(33), 12 * MiB * frames],
          [at(35), 12 * MiB * frames],
          [at(41), 24 * MiB * frames],
        ],
        scratch: [[at(38), 30 * MiB * frames]],
        weights: [9 * MiB, 18 * MiB],
        upstream: 12 * MiB * frames,
      };
    });
  const train = '/home/kei/asr/run.py:71 in train_epoch';
  load(p, f.main([main, '/home/kei/asr/run.py:118 in build', ...f.to()], 'to'), layers(train, 1));
  for (const epoch of upTo(6)) {
    for (const _ of upTo(5)) {
      forward(p, layers(train, 3));
      backward(p, f, layers(train, 3));
      p.at(
        f.main(
          [
            main,
            '/home/kei/asr/run.py:79 in train_epoch',
            ...f.step('sgd', 440, '_multi_tensor_sgd'),
          ],
          '_foreach_add',
        ),
      );
      p.temp(216 * MiB);
      letGo(p, f.main([main, '/home/kei/asr/run.py:80 in train_epoch', ...f.zeroGrad()]));
    }
    for (const batch of upTo(3)) {
      forward(p, layers('/home/kei/asr/run.py:96 in validate', 1), `val_${epoch}_${batch}`);
    }
  }
  return p.text();
}

/** Images: each batch's probabilities stay on the card until a report that never comes. */
function wildlife(): string {
  const f = new Frames({ packages: '/usr/local/lib/python3.10/dist-packages', stacks: 'python' });
  const p = new Pen('device 0 24GiB', 'seed 3');
  const net = '/workspace/wildlife/classify/net.py';
  const top = '/workspace/wildlife/tools/fit.py:212';
  const layers: readonly Layer[] = upTo(5).map((i) => ({
    key: `stage${i}`,
    saved: [
      [f.main([top, ...f.module(`${net}:44 in forward`), ...f.conv()]), (320 * MiB) / 2 ** i],
      [
        f.main([
          top,
          ...f.module(`${net}:46 in forward`),
          ...f.module(f.package('torch/nn/modules/batchnorm.py', 193, 'forward')),
          f.package('torch/nn/functional.py', 2822, 'batch_norm'),
        ]),
        (320 * MiB) / 2 ** i,
      ],
    ],
    weights: [MiB * 2 ** i, 4 * KiB],
    upstream: (320 * MiB) / 2 ** i,
  }));
  load(p, f.main(['/workspace/wildlife/tools/fit.py:180', ...f.to()]), layers);
  for (const _ of upTo(40)) {
    p.at(f.main(['/workspace/wildlife/tools/fit.py:208'])).alloc('batch', 150 * MiB);
    forward(p, layers);
    // The workspace of the convolutions, by far the largest piece.
    p.at('').temp(3 * GiB);
    backward(p, f, layers);
    p.at(
      f.main([
        '/workspace/wildlife/tools/fit.py:216',
        '/workspace/wildlife/classify/metrics.py:27 in update',
      ]),
    );
    p.more('probs', 24 * MiB);
    letGo(p, f.main(['/workspace/wildlife/tools/fit.py:221', ...f.zeroGrad()]));
  }
  return p.text();
}

/** A probe: forward hooks that store what they see. */
function probe(): string {
  const f = new Frames({
    packages: '/srv/probe/.venv/lib/python3.12/site-packages',
    stacks: 'python',
  });
  const p = new Pen('device 0 16GiB');
  const main = ['/srv/probe/probe/__main__.py:9', '/srv/probe/probe/runner.py:133 in run'];
  const vit = (line: number): readonly string[] => [
    ...main,
    ...f.module(f.package('timm/models/vision_transformer.py', 1001, 'forward')),
    ...f.module(f.package('timm/models/vision_transformer.py', line, 'forward')),
  ];
  const layers: readonly Layer[] = upTo(12).map((i) => ({
    key: `blk${i}`,
    saved: [
      [f.main([...vit(174), ...f.linear()]), 54 * MiB],
      [f.main([...vit(175), ...f.linear()]), 72 * MiB],
    ],
    scratch: [
      [f.main([...vit(92), f.package('torch/nn/functional.py', 5900, 'softmax')]), 38 * MiB],
    ],
    weights: [7 * MiB, 9 * MiB],
    upstream: 18 * MiB,
  }));
  load(
    p,
    f.main([...main.slice(0, 1), '/srv/probe/probe/runner.py:88 in setup', ...f.to()]),
    layers,
  );
  for (const step of upTo(10)) {
    p.phase(`ProfilerStep#${step}`, () => {
      p.phase('enumerate(DataLoader)#_MultiProcessingDataLoaderIter.__next__', () =>
        p.say('wait 900'),
      );
      p.at(f.main([...main.slice(0, 1), '/srv/probe/probe/runner.py:130 in run'])).alloc(
        'images',
        37 * MiB,
      );
      forward(p, layers);
      for (const layer of [3, 7, 11]) {
        p.at(
          f.main([
            ...vit(170),
            f.package('torch/nn/modules/module.py', 1751, '_wrapped_call_impl'),
            f.package('torch/nn/modules/module.py', 1857, '_call_impl'),
            '/srv/probe/probe/hooks.py:17 in save',
          ]),
        );
        p.alloc(`seen_${layer}_${step}`, 18 * MiB);
      }
      backward(p, f, layers);
      p.phase('Optimizer.step#SGD.step', () => {
        p.at(f.main([...main, ...f.step('sgd', 440, '_multi_tensor_sgd')])).temp(192 * MiB);
      });
      letGo(
        p,
        f.main([...main.slice(0, 1), '/srv/probe/probe/runner.py:141 in run', ...f.zeroGrad()]),
      );
    });
  }
  return p.text();
}

/** A language model of 2016: hidden state goes on without detach, with retain_graph=True. */
function recurrent(): string {
  const f = new Frames({ packages: '/opt/conda/lib/python3.9/site-packages', stacks: 'python' });
  const p = new Pen('device 0 12GiB', 'seed 5');
  const at = (line: number, ...inner: readonly string[]): string =>
    f.main([
      '/home/ola/lm/train_lm.py:102 in main',
      `/home/ola/lm/train_lm.py:${line} in epoch`,
      ...inner,
    ]);
  p.at(f.main(['/home/ola/lm/train_lm.py:94 in main', ...f.to()]));
  for (const size of [120, 16, 16, 16, 16, 120]) p.more('w', size * MiB);
  for (const step of upTo(25)) {
    p.at(
      at(
        66,
        ...f.module('/home/ola/lm/net.py:22 in forward'),
        ...f.module(f.package('torch/nn/modules/sparse.py', 190, 'forward')),
      ),
    );
    p.alloc(`emb_${step}`, 8 * MiB);
    p.at(
      at(
        66,
        ...f.module('/home/ola/lm/net.py:29 in forward'),
        ...f.module(f.package('torch/nn/modules/rnn.py', 1124, 'forward')),
      ),
    );
    p.alloc(`gates_${step}`, 40 * MiB);
    p.at(at(66, ...f.module('/home/ola/lm/net.py:33 in forward'), ...f.linear())).alloc(
      'scores',
      30 * MiB,
    );
    p.at(at(71, f.package('torch/nn/functional.py', 3104, 'cross_entropy'))).alloc(
      `logp_${step}`,
      30 * MiB,
    );
    p.free('scores');
    p.at('').temp(30 * MiB);
    for (const [i, size] of [120, 16, 16, 16, 16, 120].entries()) p.alloc(`g_${i}`, size * MiB);
    p.at(at(75, f.package('torch/nn/utils/clip_grad.py', 82, 'clip_grad_norm_'))).temp(304 * MiB);
    for (const i of upTo(6)) p.at(at(77, ...f.zeroGrad())).free(`g_${i}`);
  }
  return p.text();
}

/** A chat server: the key-value caches of all conversations stay. */
function chat(): string {
  const f = new Frames({
    packages: '/opt/chat/venv/lib/python3.11/site-packages',
    stacks: 'python',
  });
  const p = new Pen('device 0 24GiB', 'seed 21');
  p.at(
    f.main([
      '/opt/chat/serve.py:31 in start',
      f.package('transformers/modeling_utils.py', 4225, 'from_pretrained'),
      f.package('transformers/modeling_utils.py', 4728, '_load_pretrained_model'),
    ]),
  );
  for (const _ of upTo(26)) p.more('weights', 512 * MiB);
  const generate = [
    '/opt/chat/serve.py:140 in worker',
    '/opt/chat/serve.py:88 in answer',
    f.package('torch/utils/_contextlib.py', 116, 'decorate_context'),
    f.package('transformers/generation/utils.py', 2223, 'generate'),
    f.package('transformers/generation/utils.py', 3214, '_sample'),
    ...f.module(f.package('transformers/models/llama/modeling_llama.py', 832, 'forward')),
  ];
  const attention = [
    ...generate,
    ...f.module(f.package('transformers/models/llama/modeling_llama.py', 276, 'forward')),
  ];
  const prompts = [700, 310, 512, 905, 128, 640, 420, 777, 260, 590, 333, 801, 470, 615];
  for (const [turn, prompt] of prompts.entries()) {
    for (const layer of upTo(8)) {
      p.at(f.main([...attention, ...f.linear()])).alloc('q', prompt * 16 * KiB);
      p.at(f.main([...attention, f.package('transformers/cache_utils.py', 446, 'update')]));
      p.alloc(`k_${turn}_${layer}`, prompt * 8 * KiB);
      p.alloc(`v_${turn}_${layer}`, prompt * 8 * KiB);
      p.at(f.main([...generate, ...f.linear()])).free('q');
    }
    for (const token of upTo(16)) {
      for (const layer of upTo(8)) {
        p.at(f.main([...attention, f.package('transformers/cache_utils.py', 452, 'update')]));
        p.alloc(`k_${turn}_${layer}`, (prompt + token + 1) * 8 * KiB);
        p.alloc(`v_${turn}_${layer}`, (prompt + token + 1) * 8 * KiB);
      }
      p.at(f.main([...generate, ...f.linear()])).temp(128 * KiB);
    }
  }
  return p.text();
}

/** A web page that draws: the history of images keeps tensors of the card. */
function gallery(): string {
  const f = new Frames({
    packages: '/home/rosa/draw/env/lib/python3.10/site-packages',
    stacks: 'python',
  });
  const p = new Pen('device 0 16GiB', 'seed 8');
  const call = f.package(
    'diffusers/pipelines/stable_diffusion_xl/pipeline_stable_diffusion_xl.py',
    1290,
    '__call__',
  );
  const render = [
    '/home/rosa/draw/app.py:54 in render',
    f.package('torch/utils/_contextlib.py', 116, 'decorate_context'),
    call,
  ];
  p.at(
    f.main([
      '/home/rosa/draw/app.py:19',
      f.package('diffusers/pipelines/pipeline_utils.py', 480, 'to'),
      ...f.to(),
    ]),
  );
  for (const _ of upTo(23)) p.more('w', 300 * MiB);
  for (const image of upTo(15)) {
    p.at(f.main(render)).alloc('latents', 256 * KiB);
    for (const _ of upTo(20)) {
      const unet = [
        ...render,
        ...f.module(f.package('diffusers/models/unets/unet_2d_condition.py', 1215, 'forward')),
      ];
      for (const level of [80, 160, 320, 160, 80]) {
        p.at(f.main([...unet, ...f.conv()])).alloc('h', level * MiB);
        p.at(f.main([...unet, ...f.linear()])).temp((level * MiB) / 2);
      }
      p.at(f.main(unet)).free('h');
      p.at(
        f.main([
          ...render,
          f.package('diffusers/schedulers/scheduling_euler_discrete.py', 680, 'step'),
        ]),
      );
      p.alloc('latents', 256 * KiB);
    }
    const vae = [
      ...render,
      f.package('diffusers/models/autoencoders/autoencoder_kl.py', 320, 'decode'),
    ];
    p.at(f.main([...vae, ...f.conv()])).temp('random(3GiB, 4GiB)');
    p.at(
      f.main(['/home/rosa/draw/app.py:61 in render', '/home/rosa/draw/history.py:14 in add']),
    ).alloc(`shown_${image}`, 12 * MiB);
    p.at(f.main(render)).free('latents');
  }
  return p.text();
}

/** Long batches fail and are skipped; the exceptions, and with them the frames, are kept for a report. */
function skipper(): string {
  const f = new Frames({ packages: '/data/nlp/lib/python3.11/site-packages', stacks: 'python' });
  const p = new Pen('device 0 16GiB', 'seed 2');
  const at = (line: number, ...inner: readonly string[]): string =>
    f.main([
      '/data/nlp/pretrain/loop.py:203 in <lambda>',
      `/data/nlp/pretrain/loop.py:${line} in fit`,
      ...inner,
    ]);
  const layers = (scale: number): readonly Layer[] =>
    upTo(6).map((i) => ({
      key: `enc${i}`,
      saved: [
        [
          at(61, ...f.module('/data/nlp/pretrain/encoder.py:47 in forward'), ...f.linear()),
          100 * MiB * scale,
        ],
        [
          at(61, ...f.module('/data/nlp/pretrain/encoder.py:52 in forward'), ...f.linear()),
          200 * MiB * scale,
        ],
      ],
      weights: [48 * MiB, 48 * MiB],
      upstream: 100 * MiB * scale,
    }));
  load(p, at(40, ...f.to()), layers(1));
  const optimizer = [
    '/data/nlp/pretrain/loop.py:203 in <lambda>',
    '/data/nlp/pretrain/loop.py:70 in fit',
  ];
  for (const step of upTo(30)) {
    if (step % 6 === 5) {
      for (const i of upTo(4)) {
        p.at(
          at(61, ...f.module('/data/nlp/pretrain/encoder.py:47 in forward'), ...f.linear()),
        ).alloc(`lost_a_${step}_${i}`, 140 * MiB);
        p.at(
          at(61, ...f.module('/data/nlp/pretrain/encoder.py:52 in forward'), ...f.linear()),
        ).alloc(`lost_b_${step}_${i}`, 180 * MiB);
      }
      p.at(at(61, ...f.module('/data/nlp/pretrain/encoder.py:49 in forward'))).say('oom 17GiB');
      continue;
    }
    forward(p, layers(1));
    backward(p, f, layers(1));
    adam(p, f, optimizer, layers(1));
    letGo(p, at(72, ...f.zeroGrad()));
  }
  return p.text();
}

/** A new optimizer each epoch; the list of schedulers keeps the old ones. */
function restarts(): string {
  const f = new Frames({ packages: '/mnt/env/lib/python3.12/site-packages', stacks: 'all' });
  const p = new Pen('device 0 32GiB');
  const main = '/mnt/code/depth/fit.py:88 in main';
  const layers: readonly Layer[] = upTo(5).map((i) => ({
    key: `d${i}`,
    saved: [
      [
        f.main(
          [
            main,
            '/mnt/code/depth/fit.py:57 in run_epoch',
            ...f.module('/mnt/code/depth/decoder.py:19 in forward'),
            ...f.conv(),
          ],
          'conv2d',
        ),
        150 * MiB,
      ],
      [
        f.main(
          [
            main,
            '/mnt/code/depth/fit.py:57 in run_epoch',
            ...f.module('/mnt/code/depth/decoder.py:20 in forward'),
          ],
          'relu',
        ),
        150 * MiB,
      ],
    ],
    weights: [64 * MiB, 64 * MiB],
    node: 'ConvolutionBackward',
    upstream: 150 * MiB,
  }));
  load(p, f.main(['/mnt/code/depth/fit.py:80 in main', ...f.to()], 'to'), layers);
  for (const epoch of upTo(8)) {
    for (const _ of upTo(6)) {
      forward(p, layers);
      backward(p, f, layers);
      p.phase('Optimizer.step#AdamW.step', () =>
        adam(p, f, [main, '/mnt/code/depth/fit.py:61 in run_epoch'], layers, `adam${epoch}`),
      );
      letGo(p, f.main([main, '/mnt/code/depth/fit.py:55 in run_epoch', ...f.zeroGrad()]));
    }
  }
  return p.text();
}

/** Influence functions: a clone of the gradients of each sample group. */
function influence(): string {
  const f = new Frames({
    packages: '/users/mx/.local/lib/python3.10/site-packages',
    stacks: 'python',
  });
  const p = new Pen('device 0 40GiB');
  const at = (line: number, name: string, ...inner: readonly string[]): string =>
    f.main([
      '/users/mx/tracin/cli.py:12',
      `/users/mx/tracin/influence.py:${line} in ${name}`,
      ...inner,
    ]);
  const layers: readonly Layer[] = upTo(6).map((i) => ({
    key: `t${i}`,
    saved: [
      [
        at(70, 'collect', ...f.module('/users/mx/tracin/tower.py:31 in forward'), ...f.linear()),
        260 * MiB,
      ],
    ],
    weights: [16 * MiB, 16 * MiB],
    upstream: 130 * MiB,
  }));
  load(p, at(51, 'prepare', ...f.to()), layers);
  for (const group of upTo(12)) {
    forward(p, layers);
    backward(p, f, layers);
    for (const i of upTo(12)) p.at(at(77, '<listcomp>')).alloc(`kept_${group}_${i}`, 16 * MiB);
    letGo(p, at(79, 'collect', f.package('torch/nn/modules/module.py', 2845, 'zero_grad')));
  }
  return p.text();
}

/** Every fifth step a deep copy of the model goes to a list, for an average that is taken at the end. */
function averaging(): string {
  const f = new Frames({ packages: '/usr/lib/python3/dist-packages', stacks: 'python' });
  const p = new Pen('device 0 24GiB', 'seed 4');
  const main = '/root/exp/main.py:77';
  const layers: readonly Layer[] = upTo(4).map((i) => ({
    key: `l${i}`,
    saved: [
      [
        f.main([
          main,
          '/root/exp/trainer.py:180 in step',
          ...f.module('/root/exp/nets/mixer.py:63 in forward'),
          ...f.linear(),
        ]),
        'random(280MiB, 320MiB)',
      ],
    ],
    weights: [24 * MiB, 24 * MiB],
    upstream: 140 * MiB,
  }));
  load(p, f.main([main, '/root/exp/trainer.py:49 in __init__', ...f.to()]), layers);
  for (const step of upTo(60)) {
    p.phase('forward', () => forward(p, layers));
    p.phase('backward', () => backward(p, f, layers));
    p.phase('optimizer', () => {
      p.at(
        f.main([
          main,
          '/root/exp/trainer.py:190 in step',
          ...f.step('sgd', 440, '_multi_tensor_sgd'),
        ]),
      ).temp(192 * MiB);
      letGo(p, f.main([main, '/root/exp/trainer.py:191 in step', ...f.zeroGrad()]));
    });
    if (step % 5 !== 4) continue;
    p.at(
      f.main([
        main,
        '/root/exp/trainer.py:203 in maybe_snapshot',
        '/usr/lib/python3.10/copy.py:153 in deepcopy',
        '/usr/lib/python3.10/copy.py:297 in _reconstruct',
        '/usr/lib/python3.10/copy.py:153 in deepcopy',
        f.package('torch/nn/parameter.py', 68, '__deepcopy__'),
      ]),
    );
    for (const i of upTo(8)) p.alloc(`copy_${step}_${i}`, 24 * MiB);
  }
  return p.text();
}

/** Small things: `total += loss` and a histogram each step, beside peaks of gigabytes. */
function trifles(): string {
  const f = new Frames({
    packages: '/opt/conda/envs/gnn/lib/python3.11/site-packages',
    stacks: 'all',
  });
  const p = new Pen('device 0 24GiB', 'seed 17');
  const loop = ['/scratch/gnn/bin/train:14 in <module>', '/scratch/gnn/gnn/loop.py:39 in train'];
  const layers: readonly Layer[] = upTo(3).map((i) => ({
    key: `conv${i}`,
    saved: [
      [
        f.main(
          [
            ...loop,
            ...f.module('/scratch/gnn/gnn/sage.py:27 in forward'),
            f.package('torch_geometric/nn/conv/message_passing.py', 590, 'propagate'),
          ],
          'index_select',
        ),
        'random(1500MiB, 2500MiB)',
      ],
      [
        f.main(
          [...loop, ...f.module('/scratch/gnn/gnn/sage.py:30 in forward'), ...f.linear()],
          'linear',
        ),
        'random(300MiB, 500MiB)',
      ],
    ],
    weights: [4 * MiB, 64 * KiB],
    upstream: 'random(300MiB, 500MiB)',
  }));
  load(p, f.main(['/scratch/gnn/bin/train:11 in <module>', ...f.to()], 'to'), layers);
  for (const step of upTo(60)) {
    forward(p, layers);
    p.at(f.main([...loop, '/scratch/gnn/gnn/stats.py:19 in note'], 'histc')).alloc(
      `hist_${step}`,
      20 * KiB,
    );
    p.at(f.main([...loop, '/scratch/gnn/gnn/stats.py:19 in note'], 'add')).alloc(`sum_${step}`, 4);
    backward(p, f, layers);
    letGo(p, f.main(['/scratch/gnn/gnn/loop.py:44 in train', ...f.zeroGrad()]));
  }
  return p.text();
}

/** Segmentation: two mistakes at once, one each step, one each second step. */
function segmenter(): string {
  const f = new Frames({ packages: '/venv/lib/python3.10/site-packages', stacks: 'python' });
  const p = new Pen('device 0 24GiB');
  const entry = '/data/seg/train.py:5 in <module>';
  const layers: readonly Layer[] = upTo(4).map((i) => ({
    key: `u${i}`,
    saved: [
      [
        f.main([
          entry,
          '/data/seg/engine.py:101 in step',
          ...f.module('/data/seg/unet.py:80 in forward'),
          ...f.conv(),
        ]),
        (512 * MiB) / (i + 1),
      ],
    ],
    weights: [10 * MiB],
    upstream: 200 * MiB,
  }));
  load(p, f.main([entry, '/data/seg/engine.py:60 in __init__', ...f.to()]), layers);
  for (const step of upTo(24)) {
    p.phase(`ProfilerStep#${step}`, () => {
      forward(p, layers);
      p.at(f.main([entry, '/data/seg/engine.py:112 in step'])).alloc(`mask_${step}`, 40 * MiB);
      backward(p, f, layers);
      p.phase('Optimizer.step#AdamW.step', () =>
        adam(p, f, [entry, '/data/seg/engine.py:115 in step'], layers),
      );
      letGo(p, f.main([entry, '/data/seg/engine.py:116 in step', ...f.zeroGrad()]));
      if (step % 2 === 1) {
        p.at(
          f.main([entry, '/data/seg/engine.py:120 in step', '/data/seg/vis.py:30 in overlay']),
        ).alloc(`pic_${step}`, 24 * MiB);
      }
    });
  }
  return p.text();
}

/** From step 31 of 50 on, outputs are gathered for a target that is never computed. */
function lateBloomer(): string {
  const f = new Frames({
    packages: '/home/w/miniforge3/lib/python3.12/site-packages',
    stacks: 'python',
  });
  const p = new Pen('device 0 24GiB', 'seed 9');
  const t = (line: number, ...inner: readonly string[]): string =>
    f.main([`/home/w/distill/student.py:${line} in fit`, ...inner]);
  const layers: readonly Layer[] = upTo(6).map((i) => ({
    key: `s${i}`,
    saved: [
      [t(88, ...f.module('/home/w/distill/nets.py:41 in forward'), ...f.linear()), 190 * MiB],
    ],
    weights: [30 * MiB, 30 * MiB],
    upstream: 95 * MiB,
  }));
  load(p, t(70, ...f.to()), layers);
  for (const step of upTo(50)) {
    p.at(t(85)).alloc('x', 'random(20MiB, 24MiB)');
    forward(p, layers);
    backward(p, f, layers);
    adam(p, f, ['/home/w/distill/student.py:93 in fit'], layers);
    letGo(p, t(94, ...f.zeroGrad()));
    if (step > 30)
      p.at(
        f.main(['/home/w/distill/student.py:97 in fit', '/home/w/distill/targets.py:41 in push']),
      ).alloc(`out_${step}`, 120 * MiB);
  }
  return p.text();
}

/** A GAN on Windows; its pool of old fakes has no end. */
function fakes(): string {
  const f = new Frames({
    packages: 'C:\\Users\\lena\\miniconda3\\envs\\gan\\lib\\site-packages',
    stacks: 'python',
  });
  const p = new Pen('device 0 8GiB');
  const at = (line: number, ...inner: readonly string[]): string =>
    f.main([`C:\\Users\\lena\\gan\\train.py:${line}`, ...inner]);
  const net = (name: string, line: number, call: number): readonly Layer[] =>
    upTo(4).map((i) => ({
      key: `${name}${i}`,
      saved: [
        [
          at(call, ...f.module(`C:\\Users\\lena\\gan\\${name}.py:${line} in forward`), ...f.conv()),
          90 * MiB,
        ],
      ],
      weights: [12 * MiB],
      node: 'ConvolutionBackward',
      upstream: 45 * MiB,
    }));
  load(p, at(40, ...f.to()), net('gen', 33, 71));
  load(p, at(41, ...f.to()), net('disc', 28, 80));
  for (const step of upTo(20)) {
    p.at(at(66)).alloc('real', 24 * MiB);
    forward(p, net('gen', 33, 71));
    for (const i of upTo(8))
      p.at(at(76, 'C:\\Users\\lena\\gan\\pool.py:22 in push')).alloc(`fake_${step}_${i}`, 3 * MiB);
    forward(p, net('disc', 28, 80));
    backward(p, f, net('disc', 28, 80));
    adam(p, f, ['C:\\Users\\lena\\gan\\train.py:86'], net('disc', 28, 80));
    backward(p, f, net('gen', 33, 71));
    adam(p, f, ['C:\\Users\\lena\\gan\\train.py:92'], net('gen', 33, 71));
    letGo(p, at(64, ...f.zeroGrad()));
  }
  return p.text();
}

/** Reinforcement learning: the rollouts of all iterations stay on the card. */
function rollouts(): string {
  const f = new Frames({ packages: '/srv/rl/env/lib/python3.10/site-packages', stacks: 'python' });
  const p = new Pen('device 0 12GiB', 'seed 30');
  const main = '/srv/rl/ppo/main.py:66 in main';
  const policy: readonly Layer[] = upTo(3).map((i) => ({
    key: `p${i}`,
    saved: [
      [
        f.main([
          main,
          '/srv/rl/ppo/update.py:48 in minibatch',
          ...f.module('/srv/rl/ppo/policy.py:29 in forward'),
          ...f.linear(),
        ]),
        160 * MiB,
      ],
    ],
    weights: [8 * MiB, 32 * KiB],
    upstream: 80 * MiB,
  }));
  load(p, f.main(['/srv/rl/ppo/main.py:31 in main', ...f.to()]), policy);
  for (const iteration of upTo(9)) {
    for (const t of upTo(16)) {
      p.at(f.main([main, '/srv/rl/ppo/collector.py:58 in collect'])).alloc(
        `obs_${iteration}_${t}`,
        8 * MiB,
      );
      p.at(
        f.main([
          main,
          '/srv/rl/ppo/collector.py:55 in collect',
          ...f.module('/srv/rl/ppo/policy.py:29 in forward'),
          ...f.linear(),
        ]),
      ).temp('random(9MiB, 11MiB)');
      p.at(f.main([main, '/srv/rl/ppo/collector.py:58 in collect'])).alloc(
        `val_${iteration}_${t}`,
        64 * KiB,
      );
    }
    for (const _ of upTo(4)) {
      p.at(f.main([main, '/srv/rl/ppo/update.py:44 in minibatch'])).alloc('mb', 32 * MiB);
      forward(p, policy);
      backward(p, f, policy);
      adam(p, f, [main, '/srv/rl/ppo/update.py:57 in minibatch'], policy);
      letGo(p, f.main([main, '/srv/rl/ppo/update.py:46 in minibatch', ...f.zeroGrad()]));
    }
    p.at(f.main([main])).free('mb');
  }
  return p.text();
}

/** A model over two cards; only the second one keeps something. */
function twoCards(): string {
  const f = new Frames({ packages: '/opt/py/lib/python3.11/site-packages', stacks: 'python' });
  const p = new Pen('device 0 24GiB', 'device 1 24GiB');
  const at = (file: string, line: number, ...inner: readonly string[]): string =>
    f.main([
      '/home/n/pipe/launch.py:51 in main',
      `/home/n/pipe/schedule.py:77 in step`,
      `/home/n/pipe/${file}:${line} in forward`,
      ...inner,
    ]);
  const half = (file: string, line: number): readonly Layer[] =>
    upTo(4).map((i) => ({
      key: `${file.slice(0, 6)}_${i}`,
      saved: [[at(file, line, ...f.linear()), 210 * MiB]],
      weights: [100 * MiB],
      upstream: 105 * MiB,
    }));
  const halves = [half('stage1.py', 61), half('stage2.py', 88)] as const;
  for (const [device, layers] of halves.entries()) {
    p.on(`device ${device}`, () =>
      load(p, f.main(['/home/n/pipe/launch.py:33 in main', ...f.to()]), layers),
    );
  }
  for (const step of upTo(15)) {
    for (const [device, layers] of halves.entries())
      p.on(`device ${device}`, () => forward(p, layers));
    p.on('device 1', () => p.at(at('stage2.py', 90)).alloc(`logits_${step}`, 33 * MiB));
    for (const [device, layers] of [...halves.entries()].reverse()) {
      p.on(`device ${device}`, () => {
        backward(p, f, layers);
        for (const { key } of layers)
          p.at(f.main(['/home/n/pipe/launch.py:58 in main', ...f.zeroGrad()])).free(
            `grad_${key}_0`,
          );
      });
    }
  }
  return p.text();
}

/** Attention maps of all steps are stored; the recorder holds only the end of the run. */
function ringOfMaps(): string {
  const f = new Frames({ packages: '/root/.venv/lib/python3.10/site-packages', stacks: 'all' });
  const p = new Pen('device 0 24GiB', 'max_entries 700');
  const run = [
    '/root/edit/edit.py:141 in <module>',
    '/root/edit/edit.py:120 in invert',
    f.package('diffusers/models/unets/unet_2d_condition.py', 1215, 'forward'),
  ];
  p.at(f.main(['/root/edit/edit.py:101 in <module>', ...f.to()], 'to'));
  for (const _ of upTo(8)) p.more('w', 430 * MiB);
  for (const step of upTo(50)) {
    for (const block of upTo(6)) {
      p.at(f.main([...run, ...f.conv()], 'conv2d')).alloc('h', 'random(100MiB, 260MiB)');
      p.at(
        f.main(
          [
            ...run,
            f.package('diffusers/models/attention_processor.py', 495, 'get_attention_scores'),
          ],
          'baddbmm',
        ),
      ).temp(190 * MiB);
      if (block % 2 === 0)
        p.at(
          f.main(
            [
              ...run,
              f.package('diffusers/models/attention_processor.py', 490, 'forward'),
              '/root/edit/ctrl.py:39 in keep',
            ],
            'clone',
          ),
        ).alloc(`map_${step}_${block}`, 6 * MiB);
    }
    p.at(f.main(run)).free('h');
  }
  return p.text();
}

/** A gradient penalty with create_graph=True whose graph is never let go. */
function penalty(): string {
  const f = new Frames({
    packages: '/home/t/.pyenv/versions/3.11.9/lib/python3.11/site-packages',
    stacks: 'all',
  });
  const p = new Pen('device 0 24GiB');
  const fit = '/home/t/wgan/wgan/fit.py:52 in critic_step';
  const critic = (line: number): string =>
    f.main(
      [
        '/home/t/wgan/wgan/fit.py:90 in fit',
        fit,
        ...f.module(`/home/t/wgan/wgan/critic.py:${line} in forward`),
        ...f.conv(),
      ],
      'conv2d',
    );
  p.at(f.main(['/home/t/wgan/wgan/fit.py:81 in fit', ...f.to()], 'to'));
  for (const _ of upTo(4)) p.more('w', 20 * MiB);
  for (const step of upTo(18)) {
    p.at(
      f.main(
        ['/home/t/wgan/wgan/fit.py:90 in fit', '/home/t/wgan/wgan/fit.py:49 in critic_step'],
        'lerp',
      ),
    ).alloc('mix', 50 * MiB);
    p.at(critic(25)).alloc(`a_${step}`, 64 * MiB);
    p.at(critic(26)).temp(64 * MiB);
    p.at(critic(31)).alloc(`b_${step}`, 32 * MiB);
    const node = f.autograd('ConvolutionBackward', [], 'convolution_backward');
    p.at(node).alloc(`c_${step}`, 16 * MiB);
    p.temp(400 * MiB);
    for (const i of upTo(4))
      p.at(f.autograd('ConvolutionBackwardBackward')).alloc(`g_${i}`, 20 * MiB);
    p.at(
      f.main([
        '/home/t/wgan/wgan/fit.py:90 in fit',
        '/home/t/wgan/wgan/fit.py:58 in critic_step',
        ...f.step('sgd', 440, '_multi_tensor_sgd'),
      ]),
    ).temp(80 * MiB);
    for (const i of upTo(4))
      p.at(
        f.main([
          '/home/t/wgan/wgan/fit.py:90 in fit',
          '/home/t/wgan/wgan/fit.py:47 in critic_step',
          ...f.zeroGrad(),
        ]),
      ).free(`g_${i}`);
    p.free('mix');
  }
  return p.text();
}

/** The recorder took no stacks at all; ten MiB a step stay. */
function nameless(): string {
  const f = new Frames({ packages: '', stacks: 'none' });
  const p = new Pen('device 0 16GiB', 'seed 12');
  const layers: readonly Layer[] = upTo(6).map((i) => ({
    key: `n${i}`,
    saved: [['', 'random(90MiB, 130MiB)']],
    weights: [25 * MiB, 25 * MiB],
    upstream: 64 * MiB,
  }));
  load(p, '', layers);
  for (const step of upTo(30)) {
    p.phase(`ProfilerStep#${step}`, () => {
      forward(p, layers);
      backward(p, f, layers);
      p.alloc(`kept_${step}`, 10 * MiB);
      p.phase('Optimizer.step#Adam.step', () => adam(p, f, [], layers));
      letGo(p, '');
    });
  }
  return p.text();
}

/** A debugging list of all batches. */
function batches(): string {
  const f = new Frames({ packages: '/opt/conda/lib/python3.10/site-packages', stacks: 'python' });
  const p = new Pen('device 0 16GiB');
  const main = '/app/src/lidar/__main__.py:44 in run';
  const layers: readonly Layer[] = upTo(7).map((i) => ({
    key: `v${i}`,
    saved: [
      [
        f.main([
          main,
          ...f.module('/app/src/lidar/voxel.py:58 in forward'),
          f.package('spconv/pytorch/conv.py', 400, 'forward'),
        ]),
        'random(150MiB, 220MiB)',
      ],
    ],
    weights: [14 * MiB],
    node: 'SparseConvolutionBackward',
    upstream: 90 * MiB,
  }));
  load(p, f.main(['/app/src/lidar/__main__.py:29 in run', ...f.to()]), layers);
  for (const step of upTo(20)) {
    p.phase('enumerate(DataLoader)#_MultiProcessingDataLoaderIter.__next__', () =>
      p.say('wait 3000'),
    );
    p.at(f.main([main, '/app/src/lidar/data.py:33 in to_device'])).alloc(
      `points_${step}`,
      60 * MiB,
    );
    p.alloc(`boxes_${step}`, 6 * MiB);
    forward(p, layers);
    backward(p, f, layers);
    p.phase('Optimizer.step#AdamW.step', () =>
      adam(p, f, ['/app/src/lidar/__main__.py:51 in run'], layers),
    );
    p.phase('Optimizer.zero_grad#AdamW.zero_grad', () =>
      letGo(p, f.main(['/app/src/lidar/__main__.py:52 in run', ...f.zeroGrad()])),
    );
  }
  return p.text();
}

/** A search over settings that keeps every trainer, with model and optimizer, for the table at the end. */
function sweep(): string {
  const f = new Frames({ packages: '/envs/hpo/lib/python3.12/site-packages', stacks: 'python' });
  const p = new Pen('device 0 40GiB', 'seed 77');
  for (const trial of upTo(6)) {
    const layers: readonly Layer[] = upTo(5).map((i) => ({
      key: `t${trial}_${i}`,
      saved: [
        [
          f.main([
            '/jobs/hpo/sweep.py:70',
            '/jobs/hpo/sweep.py:48 in trial',
            ...f.module('/jobs/hpo/mlp.py:15 in forward'),
            ...f.linear(),
          ]),
          'random(200MiB, 240MiB)',
        ],
      ],
      weights: [80 * MiB],
      upstream: 110 * MiB,
    }));
    load(p, f.main(['/jobs/hpo/sweep.py:70', '/jobs/hpo/sweep.py:40 in trial', ...f.to()]), layers);
    for (const _ of upTo(5)) {
      forward(p, layers);
      backward(p, f, layers);
      adam(p, f, ['/jobs/hpo/sweep.py:70', '/jobs/hpo/sweep.py:52 in trial'], layers);
      letGo(
        p,
        f.main(['/jobs/hpo/sweep.py:70', '/jobs/hpo/sweep.py:46 in trial', ...f.zeroGrad()]),
      );
    }
  }
  return p.text();
}

/** Lightning: outputs of training steps are gathered for an epoch's end that does not clear them. */
function lightning(): string {
  const f = new Frames({ packages: '/opt/pl/lib/python3.11/site-packages', stacks: 'python' });
  const p = new Pen('device 0 24GiB');
  const pl = [
    '/home/v/tts/cli.py:18 in main',
    f.package('pytorch_lightning/trainer/trainer.py', 538, 'fit'),
    f.package('pytorch_lightning/loops/fit_loop.py', 455, 'advance'),
    f.package('pytorch_lightning/loops/training_epoch_loop.py', 320, 'advance'),
  ];
  const step = [...pl, f.package('pytorch_lightning/strategies/strategy.py', 390, 'training_step')];
  const layers: readonly Layer[] = upTo(6).map((i) => ({
    key: `h${i}`,
    saved: [
      [
        f.main([
          ...step,
          '/home/v/tts/module.py:64 in training_step',
          ...f.module('/home/v/tts/hifi.py:102 in forward'),
          ...f.conv(),
        ]),
        230 * MiB,
      ],
    ],
    weights: [22 * MiB],
    upstream: 115 * MiB,
  }));
  load(
    p,
    f.main([
      ...pl.slice(0, 2),
      f.package('lightning_fabric/utilities/device_dtype_mixin.py', 55, 'to'),
      ...f.to(),
    ]),
    layers,
  );
  for (const n of upTo(12)) {
    p.phase('run_training_batch', () => {
      p.phase('SingleDeviceStrategy.training_step', () => {
        forward(p, layers);
        p.at(f.main([...step, '/home/v/tts/module.py:71 in training_step'])).alloc(
          `mel_${n}`,
          45 * MiB,
        );
      });
      p.phase('SingleDeviceStrategy.backward', () => backward(p, f, layers));
      p.phase('Optimizer.step#AdamW.step', () =>
        adam(p, f, [...pl, f.package('pytorch_lightning/core/optimizer.py', 154, 'step')], layers),
      );
      letGo(p, f.main([...pl, ...f.zeroGrad()]));
    });
  }
  return p.text();
}

/** A server of embeddings with a cache without bound. */
function embedder(): string {
  const f = new Frames({ packages: '/usr/local/lib/python3.12/site-packages', stacks: 'python' });
  const p = new Pen('device 0 10GiB', 'seed 41');
  const web = [
    f.package('uvicorn/protocols/http/httptools_impl.py', 409, 'run_asgi'),
    f.package('starlette/routing.py', 73, 'app'),
    '/app/embed_server.py:95 in embed',
  ];
  p.at(
    f.main([
      '/app/embed_server.py:22 in <module>',
      f.package('sentence_transformers/SentenceTransformer.py', 320, '__init__'),
      ...f.to(),
    ]),
  );
  for (const _ of upTo(12)) p.more('w', 110 * MiB);
  for (const request of upTo(60)) {
    const encode = [
      ...web,
      '/app/embed_server.py:70 in lookup',
      f.package('sentence_transformers/SentenceTransformer.py', 1040, 'encode'),
    ];
    p.at(f.main(encode)).alloc('ids', 'random(8KiB, 64KiB)');
    for (const _ of upTo(6))
      p.at(f.main([...encode, ...f.linear()])).alloc('h', 'random(20MiB, 150MiB)');
    p.at(f.main([...web, '/app/embed_server.py:73 in lookup'])).alloc(
      `cached_${request}`,
      'random(2MiB, 9MiB)',
    );
    p.at(f.main(web)).free('h');
    p.free('ids');
  }
  return p.text();
}

/** Five steps only, on expandable segments: what is logged is kept. */
function fiveSteps(): string {
  const f = new Frames({ packages: '/p/lib/python3.11/site-packages', stacks: 'all' });
  const p = new Pen('device 0 40GiB', 'settings expandable_segments:True');
  const main = '/p/proj/pretrain.py:260 in main';
  const layers: readonly Layer[] = upTo(10).map((i) => ({
    key: `x${i}`,
    saved: [
      [
        f.main(
          [
            main,
            ...f.module('/p/proj/gpt.py:119 in forward'),
            ...f.module('/p/proj/gpt.py:74 in forward'),
            ...f.linear(),
          ],
          'linear',
        ),
        300 * MiB,
      ],
      [
        f.main(
          [
            main,
            ...f.module('/p/proj/gpt.py:119 in forward'),
            ...f.module('/p/proj/gpt.py:76 in forward'),
            ...f.linear(),
          ],
          'gelu',
        ),
        400 * MiB,
      ],
    ],
    weights: [90 * MiB, 90 * MiB],
    upstream: 150 * MiB,
  }));
  load(p, f.main(['/p/proj/pretrain.py:201 in main', ...f.to()], 'to'), layers);
  for (const step of upTo(5)) {
    p.phase(`ProfilerStep#${step + 10}`, () => {
      forward(p, layers);
      backward(p, f, layers);
      p.phase('Optimizer.step#AdamW.step', () =>
        adam(p, f, ['/p/proj/pretrain.py:271 in main'], layers),
      );
      letGo(p, f.main(['/p/proj/pretrain.py:272 in main', ...f.zeroGrad()]));
      p.at(
        f.main(['/p/proj/pretrain.py:280 in main', '/p/proj/log.py:12 in record'], 'clone'),
      ).alloc(`logged_${step}`, 300 * MiB);
    });
  }
  return p.text();
}

/** Batches prefetched on a second stream stay in a list; bits and pieces of them are used elsewhere. */
function prefetcher(): string {
  const f = new Frames({ packages: '/opt/venv/lib/python3.10/site-packages', stacks: 'python' });
  const p = new Pen('device 0 24GiB', 'seed 15');
  const main = '/repo/det/tools/train_net.py:77 in do_train';
  const layers: readonly Layer[] = upTo(5).map((i) => ({
    key: `fpn${i}`,
    saved: [
      [
        f.main([main, ...f.module('/repo/det/fpn.py:88 in forward'), ...f.conv()]),
        (400 * MiB) / (i + 1),
      ],
    ],
    weights: [20 * MiB],
    node: 'ConvolutionBackward',
    upstream: 100 * MiB,
  }));
  load(p, f.main(['/repo/det/tools/train_net.py:51 in do_train', ...f.to()]), layers);
  for (const step of upTo(16)) {
    p.on('stream 94837400', () => {
      p.at(
        f.main([
          '/repo/det/tools/train_net.py:74 in do_train',
          '/repo/det/prefetch.py:29 in __next__',
          '/repo/det/prefetch.py:44 in preload',
        ]),
      ).alloc(`next_${step}`, 80 * MiB);
      p.say(`record_stream next_${step}`);
    });
    forward(p, layers);
    p.say('synchronize');
    backward(p, f, layers);
    adam(p, f, ['/repo/det/tools/train_net.py:80 in do_train'], layers);
    letGo(p, f.main(['/repo/det/tools/train_net.py:81 in do_train', ...f.zeroGrad()]));
  }
  return p.text();
}

export const LEAKS: Readonly<Record<string, () => string>> = {
  conformer,
  wildlife,
  probe,
  recurrent,
  chat,
  gallery,
  skipper,
  restarts,
  influence,
  averaging,
  trifles,
  segmenter,
  'late-bloomer': lateBloomer,
  fakes,
  rollouts,
  'two-cards': twoCards,
  'ring-of-maps': ringOfMaps,
  penalty,
  nameless,
  batches,
  sweep,
  lightning,
  embedder,
  'five-steps': fiveSteps,
  prefetcher,
};
