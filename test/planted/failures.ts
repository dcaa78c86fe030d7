/** Programs that end for want of memory, each for a reason that stands in truth.json. */
import { adam, backward, Frames, forward, type Layer, letGo, load, Pen, upTo } from './pen.ts';

const KiB = 2 ** 10;
const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** The first optimizer step does not fit: weights, gradients and Adam's states. */
function firstStep(): string {
  const f = new Frames({
    packages: '/opt/conda/envs/llm/lib/python3.11/site-packages',
    stacks: 'all',
  });
  const p = new Pen('device 0 26GiB');
  const main = '/home/iv/sft/finetune.py:164 in main';
  const layers: readonly Layer[] = upTo(16).map((i) => ({
    key: `l${i}`,
    saved: [
      [
        f.main(
          [
            main,
            '/home/iv/sft/finetune.py:103 in step',
            ...f.module('/home/iv/sft/lm.py:77 in forward'),
            ...f.linear(),
          ],
          'linear',
        ),
        40 * MiB,
      ],
    ],
    weights: [224 * MiB, 224 * MiB],
    upstream: 20 * MiB,
  }));
  load(p, f.main(['/home/iv/sft/finetune.py:140 in main', ...f.to()], 'to'), layers);
  forward(p, layers);
  backward(p, f, layers);
  p.phase('Optimizer.step#AdamW.step', () =>
    adam(p, f, [main, '/home/iv/sft/finetune.py:118 in step'], layers),
  );
  return p.text();
}

/** The loss of a large vocabulary: logits in bf16, then in fp32, then their softmax. */
function vocabulary(): string {
  const f = new Frames({ packages: '/root/venv/lib/python3.12/site-packages', stacks: 'python' });
  const p = new Pen('device 0 32GiB');
  const call = (line: number): readonly string[] => [
    '/root/tune/train_llm.py:77 in main',
    ...f.module(f.package('transformers/models/qwen2/modeling_qwen2.py', line, 'forward')),
  ];
  const layers: readonly Layer[] = upTo(24).map((i) => ({
    key: `q${i}`,
    saved: [
      [
        f.main([
          ...call(560),
          ...f.module(f.package('transformers/models/qwen2/modeling_qwen2.py', 230, 'forward')),
          ...f.linear(),
        ]),
        96 * MiB,
      ],
    ],
    weights: [120 * MiB],
    upstream: 28 * MiB,
  }));
  load(p, f.main(['/root/tune/train_llm.py:41 in main', ...f.to()]), layers);
  forward(p, layers);
  p.at(f.main([...call(820), ...f.linear()])).alloc('logits', 4750 * MiB);
  const loss = [...call(824), f.package('transformers/loss/loss_utils.py', 60, 'ForCausalLMLoss')];
  p.at(f.main(loss)).alloc('upcast', 9500 * MiB);
  p.at(
    f.main([
      ...loss,
      f.package('transformers/loss/loss_utils.py', 36, 'fixed_cross_entropy'),
      f.package('torch/nn/functional.py', 3494, 'cross_entropy'),
    ]),
  );
  p.alloc('logsoftmax', 9500 * MiB);
  p.alloc('more', 9500 * MiB);
  return p.text();
}

/** Steps that fit, then one whose backward does not: the batch is longer. */
function longBatch(): string {
  const f = new Frames({ packages: '/usr/local/lib/python3.10/dist-packages', stacks: 'all' });
  const p = new Pen('device 0 24GiB', 'seed 6');
  const main = ['/code/mt/run.py:33 in <module>', '/code/mt/run.py:21 in main'];
  const layers = (scale: number): readonly Layer[] =>
    upTo(12).map((i) => {
      const block = [
        ...main,
        ...f.module('/code/mt/net.py:31 in forward'),
        ...f.module('/code/mt/net.py:64 in forward'),
      ];
      return {
        key: `l${i}`,
        saved: [
          [f.main([...block, ...f.linear()], 'linear'), 64 * MiB * scale],
          [
            f.main(
              [
                ...block,
                '/code/mt/attention.py:27 in attend',
                f.package('torch/nn/functional.py', 1891, 'softmax'),
              ],
              'softmax',
            ),
            400 * MiB * scale,
          ],
        ],
        weights: [30 * MiB, 10 * MiB],
        node: 'SoftmaxBackward',
        upstream: 420 * MiB * scale,
      };
    });
  load(p, f.main([...main.slice(0, 1), '/code/mt/run.py:12 in main', ...f.to()], 'to'), layers(1));
  for (const step of upTo(9)) {
    const now = layers(step === 8 ? 3.9 : 1 + (step % 3) / 4);
    forward(p, now);
    backward(p, f, now);
    adam(p, f, ['/code/mt/run.py:33 in <module>', '/code/mt/run.py:25 in main'], now);
    letGo(
      p,
      f.main(['/code/mt/run.py:33 in <module>', '/code/mt/run.py:26 in main', ...f.zeroGrad()]),
    );
  }
  return p.text();
}

/** Training fits, evaluation with eight times the batch does not. */
function bigEvaluation(): string {
  const f = new Frames({
    packages: '/home/gu/.conda/envs/q/lib/python3.10/site-packages',
    stacks: 'python',
  });
  const p = new Pen('device 0 16GiB');
  const main = '/home/gu/retrieval/run.py:19 in <module>';
  const layers = (caller: string, batch: number): readonly Layer[] =>
    upTo(6).map((i) => {
      const block = [
        main,
        caller,
        ...f.module('/home/gu/retrieval/model/encoder.py:40 in forward'),
      ];
      return {
        key: `e${i}`,
        saved: [
          [f.main([...block, '/home/gu/retrieval/model/attn.py:51 in scores']), 60 * MiB * batch],
          [f.main([...block, ...f.linear()]), 30 * MiB * batch],
        ],
        weights: [40 * MiB],
        upstream: 30 * MiB * batch,
      };
    });
  const train = layers('/home/gu/retrieval/run.py:66 in train', 2);
  load(p, f.main([main, '/home/gu/retrieval/run.py:30 in build', ...f.to()]), train);
  for (const _ of upTo(10)) {
    forward(p, train);
    backward(p, f, train);
    adam(p, f, [main, '/home/gu/retrieval/run.py:70 in train'], train);
    letGo(p, f.main([main, '/home/gu/retrieval/run.py:71 in train', ...f.zeroGrad()]));
  }
  for (const { saved } of layers('/home/gu/retrieval/run.py:92 in evaluate', 40)) {
    const [scores, hidden] = saved;
    if (scores === undefined || hidden === undefined) continue;
    p.at(scores[0]).alloc('s', scores[1]);
    p.at(hidden[0]).more('pairs', hidden[1]);
  }
  p.at(f.main([main, '/home/gu/retrieval/run.py:95 in evaluate'])).alloc('all', 9 * GiB);
  return p.text();
}

/** A checkpoint is read to the card beside the model that will take it. */
function loadTwice(): string {
  const f = new Frames({ packages: '/opt/conda/lib/python3.12/site-packages', stacks: 'python' });
  const p = new Pen('device 0 24GiB');
  p.at(
    f.main([
      '/w/bot/main.py:8 in <module>',
      '/w/bot/load.py:14 in restore',
      f.package('torch/serialization.py', 1525, 'load'),
      f.package('torch/serialization.py', 2119, '_load'),
      f.package('torch/serialization.py', 2078, 'load_tensor'),
      f.package('torch/serialization.py', 627, '_deserialize'),
    ]),
  );
  for (const _ of upTo(56)) p.more('checkpoint', 256 * MiB);
  p.at(f.main(['/w/bot/main.py:8 in <module>', '/w/bot/load.py:21 in restore', ...f.to()]));
  for (const _ of upTo(56)) p.more('model', 256 * MiB);
  return p.text();
}

/** Ever longer inputs, and between them small results that stay: each pins the segment it lies in. */
function pinnedResults(): string {
  const f = new Frames({ packages: '/srv/tr/venv/lib/python3.11/site-packages', stacks: 'python' });
  const p = new Pen('device 0 20GiB', 'seed 10');
  const main = ['/srv/tr/server.py:12 in <module>', '/srv/tr/server.py:88 in serve'];
  p.at(f.main([...main.slice(0, 1), '/srv/tr/server.py:40 in boot', ...f.to()]));
  for (const _ of upTo(8)) p.more('w', 256 * MiB);
  for (const i of upTo(60)) {
    const length = (300 + 14 * i) * MiB;
    p.at(f.main([...main, ...f.module('/srv/tr/encoder.py:70 in forward'), ...f.linear()])).temp(
      length,
    );
    p.at(f.main([...main, ...f.module('/srv/tr/decoder.py:44 in forward'), ...f.linear()])).alloc(
      'decoded',
      length - 20 * MiB,
    );
    p.at(f.main([...main, '/srv/tr/server.py:97 in remember'])).more('results', 16 * MiB);
    p.at(f.main(main)).free('decoded');
  }
  return p.text();
}

/** Training on sentences of varying length; tables for each length are made when it first comes, and stay. */
function varyingLengths(): string {
  const f = new Frames({ packages: '/opt/conda/lib/python3.9/site-packages', stacks: 'all' });
  const p = new Pen('device 0 12GiB', 'seed 31');
  const main = '/exp/parser/train.py:301 in <module>';
  const at = (file: string, ...inner: readonly string[]): string =>
    f.main(
      [main, '/exp/parser/train.py:240 in train', ...f.module(`/exp/parser/${file}`), ...inner],
      'bmm',
    );
  p.at(f.main([main, '/exp/parser/train.py:200 in train', ...f.to()], 'to'));
  for (const _ of upTo(6)) p.more('w', 128 * MiB);
  const lengths = [
    20, 23, 26, 29, 32, 35, 38, 41, 44, 47, 50, 53, 56, 59, 62, 65, 68, 71, 74, 77, 80, 83,
  ];
  for (const [i, length] of lengths.entries()) {
    p.at(at('crf.py:55 in forward')).alloc('scores', length * 10 * MiB);
    p.at(f.autograd('BmmBackward')).free('scores');
    p.at(at('crf.py:57 in forward')).alloc('inside', length * 10 * MiB - 14 * MiB);
    p.at(at('positions.py:18 in table')).alloc(`table_${i}`, 11 * MiB);
    p.at(f.autograd('BmmBackward')).free('inside');
    // The same length once more, with the table at hand.
    p.at(at('crf.py:57 in forward')).temp(length * 10 * MiB - 14 * MiB);
  }
  p.at(at('crf.py:55 in forward')).alloc('scores', 3 * GiB);
  p.at(at('crf.py:61 in forward')).alloc('outside', 3 * GiB);
  return p.text();
}

/** What the copy stream has freed, and cannot give back, the main stream cannot use. */
function copyStream(): string {
  const f = new Frames({ packages: '/env/lib/python3.10/site-packages', stacks: 'python' });
  const p = new Pen('device 0 16GiB');
  const main = '/git/offload/run.py:30 in main';
  p.at(f.main(['/git/offload/run.py:14 in main', ...f.to()]));
  for (const _ of upTo(10)) p.more('w', 400 * MiB);
  for (const i of upTo(6)) {
    p.on('stream 139872', () => {
      p.at(f.main([main, '/git/offload/stage.py:47 in fetch'])).alloc(`big_${i}`, 1500 * MiB);
    });
    p.at(f.main([main, ...f.module('/git/offload/net.py:52 in forward'), ...f.linear()])).temp(
      300 * MiB,
    );
    p.on('stream 139872', () => {
      p.at(f.main([main, '/git/offload/stage.py:58 in release'])).free(`big_${i}`);
      // Lies at the beginning of what was just freed.
      p.at(f.main([main, '/git/offload/stage.py:63 in index'])).alloc(`index_${i}`, 12 * MiB);
      p.at(f.main([main, '/git/offload/stage.py:47 in fetch'])).alloc(`fill_${i}`, 1485 * MiB);
    });
  }
  p.on('stream 139872', () => {
    for (const i of upTo(6))
      p.at(f.main([main, '/git/offload/stage.py:58 in release'])).free(`fill_${i}`);
  });
  p.at(f.main([main, ...f.module('/git/offload/net.py:57 in forward'), ...f.linear()]));
  for (const _ of upTo(4)) p.more('h', 1200 * MiB);
  return p.text();
}

/** Captured graphs hold their pools, empty between replays, and a prompt that runs eagerly finds no room. */
function graphPools(): string {
  const f = new Frames({ packages: '/usr/lib/python3.12/site-packages', stacks: 'python' });
  const p = new Pen('device 0 24GiB');
  const main = ['/opt/engine/api.py:50 in <module>', '/opt/engine/worker.py:112 in warm_up'];
  p.at(
    f.main(['/opt/engine/api.py:50 in <module>', '/opt/engine/worker.py:77 in load', ...f.to()]),
  );
  for (const _ of upTo(20)) p.more('w', 384 * MiB);
  p.phase('capture', () => {
    for (const graph of upTo(8)) {
      p.on(`graph ${graph + 1}`, () => {
        p.at(f.main([...main, f.package('torch/cuda/graphs.py', 186, '__enter__')])).alloc(
          `static_${graph}`,
          24 * MiB,
        );
        p.at(f.main([...main, '/opt/engine/model.py:90 in forward', ...f.linear()]));
        for (const _ of upTo(4)) p.more(`inner_${graph}`, 300 * MiB);
        p.free(`inner_${graph}`);
      });
    }
  });
  p.at(
    f.main([
      '/opt/engine/api.py:50 in <module>',
      '/opt/engine/worker.py:140 in prefill',
      '/opt/engine/model.py:90 in forward',
      ...f.linear(),
    ]),
  );
  for (const _ of upTo(20)) p.more('h', 700 * MiB);
  return p.text();
}

/** One request larger than the whole card: the full attention matrix. */
function fullAttention(): string {
  const f = new Frames({
    packages: '/home/b/.venv/lib/python3.11/site-packages',
    stacks: 'python',
  });
  const p = new Pen('device 0 40GiB');
  const main = '/home/b/genome/predict.py:61 in <module>';
  p.at(f.main(['/home/b/genome/predict.py:33 in <module>', ...f.to()]));
  for (const _ of upTo(12)) p.more('w', 200 * MiB);
  for (const length of [1, 2, 4, 8]) {
    p.at(f.main([main, ...f.module('/home/b/genome/hyena.py:44 in forward'), ...f.linear()])).alloc(
      'qkv',
      200 * MiB * length,
    );
    p.at(f.main([main, ...f.module('/home/b/genome/hyena.py:49 in forward')])).temp(
      300 * MiB * length * length,
    );
    p.free('qkv');
  }
  p.at(f.main([main, ...f.module('/home/b/genome/hyena.py:44 in forward'), ...f.linear()])).alloc(
    'qkv',
    3600 * MiB,
  );
  p.at(f.main([main, ...f.module('/home/b/genome/hyena.py:49 in forward')])).alloc(
    'scores',
    96 * GiB,
  );
  return p.text();
}

/** Activation checkpointing: the recomputation of a block within backward finds no room. */
function recomputation(): string {
  const f = new Frames({ packages: '/opt/conda/lib/python3.10/site-packages', stacks: 'python' });
  const p = new Pen('device 0 8GiB', 'seed 19');
  const main = '/data/gpt/train.py:144 in <module>';
  const wrapped = [
    f.package('torch/utils/checkpoint.py', 488, 'checkpoint'),
    ...f.module('/data/gpt/gpt/block.py:31 in forward'),
  ];
  const again = [
    f.package('torch/utils/checkpoint.py', 1129, 'unpack_hook'),
    f.package('torch/utils/checkpoint.py', 1528, 'recompute_fn'),
    ...f.module('/data/gpt/gpt/block.py:31 in forward'),
  ];
  p.at(f.main(['/data/gpt/train.py:120 in <module>', ...f.to()]));
  for (const _ of upTo(12)) p.more('w', 60 * MiB);
  for (const step of upTo(7)) {
    const scale = step === 6 ? 3 : 1;
    for (const block of upTo(12)) {
      p.at(
        f.main([
          main,
          '/data/gpt/train.py:101 in step',
          ...f.module('/data/gpt/gpt/model.py:70 in forward'),
          ...wrapped,
        ]),
      ).temp(900 * MiB * scale);
      p.alloc(`hidden_${block}`, 64 * MiB * scale);
    }
    for (const block of [...upTo(12)].reverse()) {
      p.at(f.autograd('MmBackward', [...again, '/data/gpt/gpt/block.py:39 in attend'])).alloc(
        'probs',
        1300 * MiB * scale,
      );
      p.at(
        f.autograd('MmBackward', [...again, '/data/gpt/gpt/block.py:44 in forward', ...f.linear()]),
      ).alloc('mlp', 500 * MiB * scale);
      p.at('').alloc('dprobs', 1300 * MiB * scale);
      if (!p.has(`grad_${block}`)) p.alloc(`grad_${block}`, 60 * MiB);
      for (const name of ['mlp', 'probs', 'dprobs', `hidden_${block}`]) p.free(name);
    }
    p.at(
      f.main([main, '/data/gpt/train.py:108 in step', ...f.step('sgd', 440, '_multi_tensor_sgd')]),
    ).temp(720 * MiB);
    letGo(p, f.main([main, '/data/gpt/train.py:109 in step', ...f.zeroGrad()]));
  }
  return p.text();
}

/** Three cards in a pipeline; the last has the head as well and fails. */
function lastStage(): string {
  const f = new Frames({ packages: '/venv/pp/lib/python3.12/site-packages', stacks: 'python' });
  const p = new Pen('device 0 16GiB', 'device 1 16GiB', 'device 2 16GiB');
  const stage = (line: number, ...inner: readonly string[]): string =>
    f.main(['/home/k/pp/main.py:40', `/home/k/pp/stage.py:${line} in forward`, ...inner]);
  const layers = (device: number): readonly Layer[] =>
    upTo(4).map((i) => ({
      key: `d${device}_${i}`,
      saved: [[stage(51, ...f.linear()), 300 * MiB]],
      weights: [200 * MiB],
      upstream: 150 * MiB,
    }));
  for (const device of upTo(3))
    p.on(`device ${device}`, () =>
      load(p, f.main(['/home/k/pp/main.py:22', ...f.to()]), layers(device)),
    );
  for (const step of upTo(6)) {
    for (const device of upTo(3)) p.on(`device ${device}`, () => forward(p, layers(device)));
    p.on('device 2', () => {
      p.at(stage(63, ...f.linear())).alloc('logits', (step === 5 ? 9 : 3) * GiB);
      p.at(
        f.main([
          '/home/k/pp/main.py:44',
          f.package('torch/nn/functional.py', 3494, 'cross_entropy'),
        ]),
      ).alloc('logp', (step === 5 ? 9 : 3) * GiB);
    });
    for (const device of [2, 1, 0]) {
      p.on(`device ${device}`, () => {
        if (device === 2) {
          p.at('').free('logp');
          p.free('logits');
        }
        backward(p, f, layers(device));
      });
    }
    for (const device of upTo(3))
      p.on(`device ${device}`, () =>
        letGo(p, f.main(['/home/k/pp/main.py:49', ...f.zeroGrad()]), `grad_d${device}`),
      );
  }
  return p.text();
}

/** A fraction of the card was allowed: the rest of it is free and of no use. */
function allowance(): string {
  const f = new Frames({ packages: '/opt/shared/lib/python3.11/site-packages', stacks: 'python' });
  const p = new Pen('device 0 40GiB', 'settings per_process_memory_fraction:0.5');
  const main = '/notebooks/shared/fit.py:9';
  p.at(f.main(['/notebooks/shared/fit.py:4', ...f.to()]));
  for (const _ of upTo(8)) p.more('w', 512 * MiB);
  for (const batch of [1, 2, 4]) {
    p.at(f.main([main, ...f.module('/notebooks/shared/cnn.py:21 in forward'), ...f.conv()]));
    for (const _ of upTo(6)) p.more('h', 800 * MiB * batch);
    p.at('').free('h');
  }
  return p.text();
}

/** Generation with a context that is too long: the cache of keys and values fills the card. */
function longContext(): string {
  const f = new Frames({ packages: '/opt/hf/lib/python3.12/site-packages', stacks: 'python' });
  const p = new Pen('device 0 24GiB');
  p.at(
    f.main([
      '/home/a/story/gen.py:20 in <module>',
      f.package('transformers/modeling_utils.py', 309, '_wrapper'),
      f.package('transformers/modeling_utils.py', 4574, 'from_pretrained'),
    ]),
  );
  for (const _ of upTo(16)) p.more('w', 400 * MiB);
  const generate = [
    '/home/a/story/gen.py:47 in <module>',
    f.package('transformers/generation/utils.py', 2465, 'generate'),
    f.package('transformers/generation/utils.py', 3431, '_sample'),
  ];
  const attention = [
    ...generate,
    ...f.module(f.package('transformers/models/mistral/modeling_mistral.py', 160, 'forward')),
  ];
  for (const chunk of upTo(80)) {
    for (const layer of upTo(16)) {
      for (const half of ['k', 'v']) {
        p.at(f.main([...attention, f.package('transformers/cache_utils.py', 446, 'update')])).alloc(
          `${half}_${layer}`,
          (chunk + 1) * 9 * MiB,
        );
      }
    }
    p.at(f.main([...generate, ...f.linear()])).temp(64 * MiB);
  }
  return p.text();
}

/** No stacks, but the profiler's annotations tell where it ends. */
function blindOptimizer(): string {
  const f = new Frames({ packages: '', stacks: 'none' });
  const p = new Pen('device 0 16GiB');
  const layers: readonly Layer[] = upTo(14).map((i) => ({
    key: `l${i}`,
    saved: [['', 30 * MiB]],
    weights: [140 * MiB, 140 * MiB],
    upstream: 15 * MiB,
  }));
  load(p, '', layers);
  p.phase('ProfilerStep#0', () => {
    forward(p, layers);
    backward(p, f, layers);
    p.phase('Optimizer.step#AdamW.step', () => adam(p, f, [], layers));
  });
  return p.text();
}

/** A user scope names the phase: the loss of a contrastive model, whose similarities fill the card. */
function similarities(): string {
  const f = new Frames({ packages: '/conda/clip/lib/python3.11/site-packages', stacks: 'all' });
  const p = new Pen('device 0 24GiB', 'seed 52');
  const main = '/proj/clip/src/train.py:402 in main';
  const layers: readonly Layer[] = upTo(6).map((i) => ({
    key: `c${i}`,
    saved: [
      [
        f.main(
          [
            main,
            '/proj/clip/src/train.py:118 in train_one_epoch',
            ...f.module('/proj/clip/src/model.py:240 in forward'),
            ...f.linear(),
          ],
          'linear',
        ),
        280 * MiB,
      ],
    ],
    weights: [50 * MiB],
    upstream: 140 * MiB,
  }));
  load(p, f.main(['/proj/clip/src/train.py:350 in main', ...f.to()], 'to'), layers);
  for (const step of upTo(12)) {
    const size = step === 11 ? 6 * GiB : 2 * GiB;
    p.phase('forward', () => {
      forward(p, layers);
      for (const name of ['i2t', 't2i', 'probs', 'onehot'])
        p.at(
          f.main(
            [
              main,
              '/proj/clip/src/train.py:121 in train_one_epoch',
              ...f.module('/proj/clip/src/loss.py:88 in forward'),
            ],
            'matmul',
          ),
        ).alloc(name, size);
    });
    p.phase('backward', () => {
      for (const name of ['onehot', 'probs', 't2i', 'i2t'])
        p.at(f.autograd('MmBackward')).free(name);
      backward(p, f, layers);
    });
    p.phase('optimizer', () => {
      adam(p, f, [main, '/proj/clip/src/train.py:130 in train_one_epoch'], layers);
      letGo(p, f.main([main, '/proj/clip/src/train.py:131 in train_one_epoch', ...f.zeroGrad()]));
    });
  }
  return p.text();
}

/** It ends well; the peak is that of attention scores which the ring of the recorder still shows. */
function smallRing(): string {
  const f = new Frames({ packages: '/usr/local/lib/python3.11/dist-packages', stacks: 'python' });
  const p = new Pen('device 0 40GiB', 'max_entries 400', 'seed 60');
  const main = '/content/finetune.py:58 in <module>';
  const layers: readonly Layer[] = upTo(8).map((i) => {
    const block = [main, ...f.module('/content/tiny/decoder.py:90 in forward')];
    return {
      key: `k${i}`,
      saved: [
        [f.main([...block, '/content/tiny/decoder.py:52 in scores']), 'random(800MiB, 900MiB)'],
        [f.main([...block, ...f.linear()]), 120 * MiB],
      ],
      scratch: [[f.main([...block, '/content/tiny/decoder.py:54 in scores']), 512 * KiB]],
      weights: [32 * MiB],
      upstream: 60 * MiB,
    };
  });
  load(p, f.main(['/content/finetune.py:41 in <module>', ...f.to()]), layers);
  for (const _ of upTo(20)) {
    forward(p, layers);
    backward(p, f, layers);
    adam(p, f, ['/content/finetune.py:61 in <module>'], layers);
    letGo(p, f.main(['/content/finetune.py:62 in <module>', ...f.zeroGrad()]));
  }
  return p.text();
}

export const FAILURES: Readonly<Record<string, () => string>> = {
  'first-step': firstStep,
  vocabulary,
  'long-batch': longBatch,
  'big-evaluation': bigEvaluation,
  'load-twice': loadTwice,
  'pinned-results': pinnedResults,
  'varying-lengths': varyingLengths,
  'copy-stream': copyStream,
  'graph-pools': graphPools,
  'full-attention': fullAttention,
  recomputation,
  'last-stage': lastStage,
  allowance,
  'long-context': longContext,
  'blind-optimizer': blindOptimizer,
  similarities,
  'small-ring': smallRing,
};
