/** Programs that end for want of memory, each for a reason that stands in truth.json. */
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

/** Adam's states, made at the first step, lie in what activations have left; later its lists of temporaries find no whole piece. */
function statesInHoles(): string {
  const c = new Code({ lib: '/opt/conda/lib/python3.10', torch: '2.1', frames: 'python' });
  const run = new Loop(c, 'device 0 17920MiB', 'seed 301');
  const at = (line: number): readonly string[] => [`/home/ines/align/train.py:${line} in main`];
  const net = (size: number): readonly Part[] =>
    written(c, at(55), {
      file: '/home/ines/align/encoder.py',
      count: 28,
      lines: [[61, 'linear', size]],
      weights: [110 * MiB],
      upstream: 20 * MiB,
    });
  run.load(c.main(['/home/ines/align/train.py:30 in main', ...c.to()]), net(1));
  for (const size of [200, 200, 190, 196, 252]) {
    const parts = net(size * MiB);
    run.forward(parts);
    run.backward(parts);
    run.adam(at(60), parts);
    run.zero(at(61));
  }
  return run.text();
}

/** Layers are fetched on a copy stream; small tables pin what it has freed, and the main stream finds nothing. */
function fetchedLayers(): string {
  const c = new Code({ lib: '/home/v/lib/python3.12', torch: '2.6', frames: 'symbols' });
  const run = new Loop(c, 'device 0 16GiB');
  const p = run.pen;
  const main = '/home/v/offload/serve.py:77 in <module>';
  p.at(c.main(['/home/v/offload/serve.py:20 in <module>', ...c.to()]));
  for (const i of upTo(4)) p.alloc(`w_${i}`, 700 * MiB);
  p.on('stream 201', () => {
    p.at(c.main([main, '/home/v/offload/prefetch.py:33 in fetch'], 'copy_'));
    for (const i of upTo(7)) p.alloc(`layer_${i}`, (1300 - 40 * i) * MiB);
  });
  p.at(c.op([main, ...c.call('/home/v/offload/block.py:15 in forward')], 'linear')).temp(900 * MiB);
  for (const i of upTo(7))
    p.on('stream 201', () => {
      p.at(c.main([main, '/home/v/offload/prefetch.py:41 in evict'])).free(`layer_${i}`);
      p.at(c.main([main, '/home/v/offload/prefetch.py:52 in scales'], 'copy_')).alloc(
        `scale_${i}`,
        14 * MiB,
      );
    });
  p.at(c.op([main, ...c.call('/home/v/offload/block.py:19 in forward')], 'linear'));
  for (const i of upTo(6)) p.alloc(`hidden_${i}`, 1100 * MiB);
  return run.text();
}

/** Communication buffers lie in a MemPool of their own: idle between uses, and of no use to the model. */
function symmetricPool(): string {
  const c = new Code({ lib: '/opt/pt/lib/python3.12', torch: '2.8', frames: 'python' });
  const run = new Loop(c, 'device 0 24GiB');
  const p = run.pen;
  const at = (line: number): readonly string[] => [
    '/lustre/moe/main.py:44 in <module>',
    `/lustre/moe/engine.py:${line} in step`,
  ];
  p.at(c.main(['/lustre/moe/main.py:19 in <module>', ...c.to()]));
  for (const i of upTo(16)) p.alloc(`w_${i}`, 450 * MiB);
  p.on('pool 1', () => {
    p.at(
      c.main(
        [
          ...at(30),
          '/lustre/moe/dispatch.py:25 in buffers',
          ...c.lib('torch/cuda/memory.py:1195 in use_mem_pool'),
        ],
        'empty',
      ),
    );
    for (const i of upTo(10)) p.alloc(`send_${i}`, 800 * MiB);
  });
  p.at(c.op([...at(38), ...c.call('/lustre/moe/experts.py:70 in forward')], 'linear')).temp(
    2 * GiB,
  );
  p.on('pool 1', () => {
    p.at(c.main([...at(33), '/lustre/moe/dispatch.py:48 in release']));
    for (const i of upTo(10)) p.free(`send_${i}`);
  });
  p.at(c.op([...at(38), ...c.call('/lustre/moe/experts.py:70 in forward')], 'linear'));
  for (const i of upTo(9)) p.alloc(`tokens_${i}`, 1200 * MiB);
  return run.text();
}

/** Clustering: one matrix of all distances, larger than any card. */
function allDistances(): string {
  const c = new Code({ lib: '/root/miniconda3/lib/python3.12', torch: '2.6', frames: 'sources' });
  const run = new Loop(c, 'device 0 24GiB');
  const p = run.pen;
  p.at(
    c.main(
      ['/root/cluster/kmeans.py:88 in <module>', '/root/cluster/kmeans.py:12 in points'],
      'to',
    ),
  ).alloc('points', 620 * MiB);
  p.at(
    c.main(
      ['/root/cluster/kmeans.py:90 in <module>', '/root/cluster/kmeans.py:31 in seed'],
      'cdist',
    ),
  );
  for (const _ of upTo(5)) p.temp(about(420 * MiB, 30));
  p.alloc('centres', 9 * MiB);
  p.at(
    c.main(
      [
        '/root/cluster/kmeans.py:93 in <module>',
        '/root/cluster/kmeans.py:57 in merge',
        ...c.lib('torch/functional.py:1406 in cdist'),
      ],
      'cdist',
    ),
  );
  p.alloc('matrix', 160 * GiB);
  return run.text();
}

/** A shared card, 40 % of it allowed; the backward of a larger batch fails, and Python has no frame there. */
function fortyPercent(): string {
  const c = new Code({
    lib: '/usr/local/lib/python3.10',
    packages: 'dist-packages',
    torch: '2.4',
    frames: 'python',
  });
  const run = new Loop(c, 'device 0 40GiB', 'settings per_process_memory_fraction:0.4');
  const at = (line: number): readonly string[] => [`/workspaces/team/train.py:${line} in fit`];
  const net = (scale: number): readonly Part[] =>
    written(c, at(40), {
      file: '/workspaces/team/swin.py',
      count: 6,
      lines: [
        [91, 'linear', 240 * MiB * scale],
        [93, 'gelu', 240 * MiB * scale],
      ],
      weights: [80 * MiB],
      upstream: 1200 * MiB * scale,
    });
  run.load(c.main(['/workspaces/team/train.py:22 in fit', ...c.to()]), net(1));
  for (const scale of [1, 1, 1, 1, 4]) {
    run.forward(net(scale));
    run.backward(net(scale));
    run.adam(at(44), net(scale));
    run.zero(at(45));
  }
  return run.text();
}

/** Plenty of steps, then a long one: forward fits, the gradient of the scores does not. Python frames only. */
function silentBackward(): string {
  const c = new Code({
    lib: '/home/al/.conda/envs/mt/lib/python3.9',
    torch: '2.0',
    frames: 'python',
  });
  const run = new Loop(c, 'device 0 24GiB', 'seed 306');
  const at = (line: number): readonly string[] => [
    '/home/al/mt/cli.py:9 in <module>',
    `/home/al/mt/trainer.py:${line} in step`,
  ];
  const net = (scale: number): readonly Part[] =>
    written(c, at(120), {
      file: '/home/al/mt/transformer.py',
      count: 8,
      lines: [
        [60, 'linear', about(64 * MiB * scale, 2)],
        [66, undefined, about(230 * MiB * scale, 2)],
      ],
      weights: [44 * MiB, 22 * MiB],
      upstream: 900 * MiB * scale,
    });
  run.load(c.main(['/home/al/mt/cli.py:7 in <module>', ...c.to()]), net(1));
  for (const step of upTo(14)) {
    const parts = net(step === 13 ? 6.6 : 1 + (step % 4) / 5);
    run.forward(parts);
    run.backward(parts);
    run.adam(at(127), parts, 'adam', 'adam');
    run.zero(at(118));
  }
  return run.text();
}

/** The first step of an optimizer that the user wrote. */
function ownOptimizer(): string {
  const c = new Code({ lib: '/home/hc/venv/lib/python3.11', torch: '2.6', frames: 'symbols' });
  const run = new Loop(c, 'device 0 24GiB');
  const p = run.pen;
  const at = (line: number): readonly string[] => [`/home/hc/opt/pretrain.py:${line} in <module>`];
  const net = written(c, at(63), {
    file: '/home/hc/opt/gpt.py',
    count: 12,
    lines: [
      [38, 'layer_norm', 30 * MiB],
      [39, 'linear', 60 * MiB],
    ],
    weights: [260 * MiB, 260 * MiB],
    upstream: 30 * MiB,
  });
  run.load(c.main(['/home/hc/opt/pretrain.py:50 in <module>', ...c.to()]), net);
  run.forward(net);
  run.backward(net);
  for (const { key, weights } of net)
    for (const [i, size] of weights.entries()) {
      p.at(
        c.main(
          [
            ...at(66),
            ...c.lib('torch/optim/optimizer.py:493 in wrapper'),
            '/home/hc/opt/sophia.py:52 in step',
          ],
          'zeros_like',
        ),
      );
      p.alloc(`exp_${key}_${i}`, size);
      p.at(
        c.main(
          [
            ...at(66),
            ...c.lib('torch/optim/optimizer.py:493 in wrapper'),
            '/home/hc/opt/sophia.py:53 in step',
          ],
          'zeros_like',
        ),
      );
      p.alloc(`hess_${key}_${i}`, size);
    }
  return run.text();
}

/** Trainer: training fits, evaluation gathers all logits on the card. */
function gatheredLogits(): string {
  const c = new Code({ lib: '/opt/conda/lib/python3.11', torch: '2.6', frames: 'python' });
  const run = new Loop(c, 'device 0 24GiB', 'seed 308');
  const p = run.pen;
  const train = ['/code/run_clm.py:512 in main'];
  const evaluate = [
    '/code/run_clm.py:530 in main',
    ...c.lib(
      'transformers/trainer.py:4154 in evaluate',
      'transformers/trainer.py:4348 in evaluation_loop',
    ),
  ];
  const shape = { count: 6, hidden: 14 * MiB, weights: [90 * MiB, 90 * MiB] };
  const net = llama(c, trainerStep(c, train), shape);
  run.load(
    c.main([
      '/code/run_clm.py:401 in main',
      ...c.lib(
        'transformers/modeling_utils.py:279 in _wrapper',
        'transformers/modeling_utils.py:4399 in from_pretrained',
      ),
    ]),
    net,
  );
  for (const _ of upTo(8)) {
    run.forward(net);
    run.backward(net);
    run.adam(trainerOptimizer(c, train), net);
    run.zero([
      ...train,
      ...c.lib(
        'transformers/trainer.py:2245 in train',
        'transformers/trainer.py:2635 in _inner_training_loop',
      ),
    ]);
  }
  const model = [
    ...evaluate,
    ...c.lib(
      'transformers/trainer.py:4564 in prediction_step',
      'transformers/trainer.py:3801 in compute_loss',
    ),
  ];
  const passes = llama(c, model, shape);
  for (const batch of upTo(40)) {
    run.infer(passes, 'hidden');
    p.at(
      c.op(
        [
          ...model,
          ...c.call(...c.lib('transformers/models/llama/modeling_llama.py:830 in forward')),
        ],
        'linear',
      ),
    ).alloc('logits', 600 * MiB);
    p.at(
      c.main(
        [
          ...evaluate,
          ...c.lib(
            'transformers/trainer_pt_utils.py:321 in add',
            'transformers/trainer_pt_utils.py:130 in nested_concat',
            'transformers/trainer_pt_utils.py:88 in torch_pad_and_concatenate',
          ),
        ],
        'cat',
      ),
    );
    p.alloc('all', (batch + 1) * 600 * MiB);
  }
  return run.text();
}

/** Preference tuning: the reference model is loaded beside the policy. */
function referenceModel(): string {
  const c = new Code({ lib: '/root/dpo/.venv/lib/python3.12', torch: '2.8', frames: 'python' });
  const run = new Loop(c, 'device 0 24GiB');
  const p = run.pen;
  const pretrained = c.lib(
    'transformers/models/auto/auto_factory.py:571 in from_pretrained',
    'transformers/modeling_utils.py:4834 in from_pretrained',
    'transformers/modeling_utils.py:5297 in _load_pretrained_model',
    'transformers/modeling_utils.py:748 in _load_state_dict_into_meta_model',
  );
  p.at(c.main(['/root/dpo/dpo.py:58 in main', ...pretrained], 'to'));
  for (const i of upTo(32)) p.alloc(`policy_${i}`, 470 * MiB);
  p.at(c.main(['/root/dpo/dpo.py:64 in main', ...pretrained], 'to'));
  for (const i of upTo(32)) p.alloc(`reference_${i}`, 470 * MiB);
  return run.text();
}

/** Policy optimization: the completions of a step are generated in too large a group. */
function groupGeneration(): string {
  const c = new Code({ lib: '/home/tm/env/lib/python3.12', torch: '2.6', frames: 'python' });
  const run = new Loop(c, 'device 0 24GiB', 'seed 310');
  const p = run.pen;
  const user = ['/home/tm/reason/grpo.py:71 in <module>'];
  const net = llama(c, trainerStep(c, user), {
    count: 6,
    hidden: 10 * MiB,
    weights: [110 * MiB, 110 * MiB],
  });
  run.load(
    c.main([
      '/home/tm/reason/grpo.py:40 in <module>',
      ...c.lib('transformers/modeling_utils.py:4399 in from_pretrained'),
    ]),
    net,
  );
  const generate = [
    ...user,
    ...c.lib(
      'transformers/trainer.py:2245 in train',
      'transformers/trainer.py:3730 in training_step',
      'trl/extras/profiling.py:87 in wrapper',
      'trl/trainer/grpo_trainer.py:647 in _prepare_inputs',
      'trl/trainer/grpo_trainer.py:770 in _generate_and_score_completions',
      'transformers/generation/utils.py:2465 in generate',
      'transformers/generation/utils.py:3431 in _sample',
    ),
    ...c.call(...c.lib('transformers/models/qwen2/modeling_qwen2.py:823 in forward')),
  ];
  for (const step of upTo(4)) {
    const most = step === 3 ? 400 : 30;
    for (const token of upTo(most)) {
      for (const layer of upTo(6)) {
        p.at(c.main([...generate, ...c.lib('transformers/cache_utils.py:446 in update')], 'cat'));
        p.alloc(`k_${layer}`, (token + 1) * (step === 3 ? 12 : 3) * MiB);
        p.alloc(`v_${layer}`, (token + 1) * (step === 3 ? 12 : 3) * MiB);
      }
      p.at(c.op(generate, 'linear')).temp(40 * MiB);
    }
    p.at(c.main(user));
    for (const layer of upTo(6)) {
      p.free(`k_${layer}`);
      p.free(`v_${layer}`);
    }
    run.forward(net);
    run.backward(net);
    run.adam(trainerOptimizer(c, user), net);
    run.zero(user);
  }
  return run.text();
}

/** FSDP: training is sharded; for the checkpoint all parameters are gathered in full on the card. */
function fullState(): string {
  const c = new Code({ lib: '/fsx/py/lib/python3.10', torch: '2.1', frames: 'symbols' });
  const run = new Loop(c, 'device 0 16GiB', 'seed 311');
  const p = run.pen;
  const at = (line: number): readonly string[] => [
    '/fsx/llm/train.py:330 in <module>',
    `/fsx/llm/train.py:${line} in train`,
  ];
  const net = written(c, at(260), {
    file: '/fsx/llm/layers.py',
    count: 8,
    lines: [
      [77, 'linear', 180 * MiB],
      [80, 'linear', 90 * MiB],
    ],
    weights: [150 * MiB],
    upstream: 90 * MiB,
  });
  const unshard = c.lib(
    'torch/distributed/fsdp/fully_sharded_data_parallel.py:839 in forward',
    'torch/distributed/fsdp/_runtime_utils.py:428 in _pre_forward_unshard',
    'torch/distributed/fsdp/flat_param.py:1257 in unshard',
    'torch/distributed/utils.py:137 in _alloc_storage',
  );
  run.load(
    c.main([
      '/fsx/llm/train.py:320 in <module>',
      ...c.lib('torch/distributed/fsdp/flat_param.py:1129 in shard'),
    ]),
    net,
  );
  for (const step of upTo(6)) {
    p.phase(`step ${step}`, () => {
      for (const part of net) {
        p.at(c.main([...at(260), ...unshard])).alloc('full', 600 * MiB);
        run.forward([part]);
      }
      p.at('').free('full');
      run.backward(net);
      run.adam(at(271), net);
      run.zero(at(272));
    });
  }
  p.at(
    c.main(
      [
        '/fsx/llm/train.py:335 in <module>',
        '/fsx/llm/train.py:301 in save_checkpoint',
        ...c.lib(
          'torch/nn/modules/module.py:1820 in state_dict',
          'torch/distributed/fsdp/_state_dict_utils.py:717 in _pre_state_dict_hook',
          'torch/distributed/fsdp/_state_dict_utils.py:303 in _full_pre_state_dict_hook',
          'torch/distributed/fsdp/_unshard_param_utils.py:198 in _unshard_fsdp_state_params',
        ),
      ],
      'empty',
    ),
  );
  for (const i of upTo(32)) p.alloc(`gathered_${i}`, 600 * MiB);
  return run.text();
}

/** vLLM in its own process: no line of the user at all. The cache of keys and values does not fit. */
function engineCache(): string {
  const c = new Code({
    lib: '/usr/local/lib/python3.12',
    packages: 'dist-packages',
    torch: '2.8',
    frames: 'python',
  });
  const run = new Loop(c, 'device 0 24GiB');
  const p = run.pen;
  const core = [
    '/usr/lib/python3.12/multiprocessing/process.py:108 in run',
    ...c.lib(
      'vllm/v1/engine/core.py:704 in run_engine_core',
      'vllm/v1/engine/core.py:91 in __init__',
    ),
  ];
  p.at(
    c.main(
      [
        ...core,
        ...c.lib(
          'vllm/v1/worker/gpu_worker.py:213 in load_model',
          'vllm/model_executor/model_loader/base_loader.py:46 in load_model',
          'vllm/model_executor/layers/linear.py:378 in create_weights',
        ),
      ],
      'empty',
    ),
  );
  for (const i of upTo(36)) p.alloc(`w_${i}`, 400 * MiB);
  p.at(
    c.main(
      [
        ...core,
        ...c.lib(
          'vllm/v1/worker/gpu_worker.py:263 in determine_available_memory',
          'vllm/v1/worker/gpu_model_runner.py:2950 in profile_run',
          'vllm/v1/worker/gpu_model_runner.py:2660 in _dummy_run',
          'vllm/model_executor/models/qwen2.py:355 in forward',
        ),
      ],
      'addmm',
    ),
  );
  for (const _ of upTo(6)) p.temp(about(500 * MiB, 20));
  p.say('empty_cache');
  p.at(
    c.main(
      [
        ...core,
        ...c.lib(
          'vllm/v1/engine/core.py:199 in _initialize_kv_caches',
          'vllm/v1/worker/gpu_model_runner.py:3580 in initialize_kv_cache_tensors',
          'vllm/v1/worker/gpu_model_runner.py:3420 in _allocate_kv_cache_tensors',
        ),
      ],
      'zeros',
    ),
  );
  for (const i of upTo(36)) p.alloc(`kv_${i}`, 320 * MiB);
  return run.text();
}

/** Graphs are captured from the largest batch down; the pool of the captures outgrows the card. */
function captureSizes(): string {
  const c = new Code({ lib: '/opt/vllm/lib/python3.12', torch: '2.8', frames: 'python' });
  const run = new Loop(c, 'device 0 24GiB');
  const p = run.pen;
  const user = '/opt/batch/infer.py:14 in main';
  p.at(
    c.main(
      [
        user,
        ...c.lib(
          'vllm/entrypoints/llm.py:285 in __init__',
          'vllm/v1/worker/gpu_worker.py:213 in load_model',
        ),
      ],
      'empty',
    ),
  );
  for (const i of upTo(30)) p.alloc(`w_${i}`, 420 * MiB);
  p.at(
    c.main(
      [user, ...c.lib('vllm/v1/worker/gpu_model_runner.py:3420 in _allocate_kv_cache_tensors')],
      'zeros',
    ),
  );
  for (const i of upTo(30)) p.alloc(`kv_${i}`, 300 * MiB);
  const capture = [
    user,
    ...c.lib(
      'vllm/v1/worker/gpu_worker.py:340 in compile_or_warm_up_model',
      'vllm/v1/worker/gpu_model_runner.py:3104 in capture_model',
      'vllm/v1/worker/gpu_model_runner.py:3183 in _capture_cudagraphs',
      'vllm/compilation/cuda_graph.py:168 in __call__',
    ),
    ...c.call(...c.lib('vllm/model_executor/models/llama.py:378 in forward')),
  ];
  for (const size of [512, 504, 496, 488, 480, 472, 464, 456, 448, 440, 432, 424, 416])
    p.on('graph 1', () => {
      p.at(c.op(capture, 'linear')).alloc('up', size * MiB);
      p.at(c.main(capture, 'silu_and_mul')).alloc(`kept_${size}`, (size / 2) * MiB);
      p.free('up');
    });
  return run.text();
}

/** torch.compile: the benchmark of kernels clones its arguments. */
function autotuning(): string {
  const c = new Code({ lib: '/home/wq/.venv/lib/python3.11', torch: '2.6', frames: 'python' });
  const run = new Loop(c, 'device 0 16GiB');
  const p = run.pen;
  const call = [
    '/home/wq/fast/bench.py:44 in <module>',
    ...c.lib('torch/_dynamo/eval_frame.py:574 in _fn'),
    '/home/wq/fast/model.py:28 in forward',
    ...c.lib(
      'torch/_functorch/aot_autograd.py:1184 in forward',
      'torch/_inductor/output_code.py:466 in __call__',
    ),
    '/tmp/torchinductor_wq/ab/cabq4x5nkz3h.py:310 in call',
  ];
  p.at(c.main(['/home/wq/fast/bench.py:20 in <module>', ...c.to()]));
  for (const i of upTo(10)) p.alloc(`w_${i}`, 380 * MiB);
  p.at(c.main(call, 'empty_strided_cuda'));
  for (const i of upTo(4)) p.alloc(`buf${i}`, 1600 * MiB);
  p.at(
    c.main(
      [
        ...call,
        ...c.lib(
          'torch/_inductor/runtime/triton_heuristics.py:986 in run',
          'torch/_inductor/runtime/triton_heuristics.py:843 in autotune_to_one_config',
          'torch/_inductor/runtime/triton_heuristics.py:808 in benchmark_all_configs',
          'torch/_inductor/runtime/triton_heuristics.py:720 in bench',
          'torch/_inductor/runtime/triton_heuristics.py:772 in clone_args',
        ),
      ],
      'clone',
    ),
  );
  for (const i of upTo(4)) p.alloc(`clone_${i}`, 1600 * MiB);
  return run.text();
}

/** A notebook: the traceback of the first failure holds the activations, so half the batch fails as well. */
function heldByTraceback(): string {
  const c = new Code({ lib: '/opt/conda/lib/python3.10', torch: '2.4', frames: 'python' });
  const run = new Loop(c, 'device 0 16GiB', 'seed 315');
  const p = run.pen;
  const cell = (file: number, line: number): readonly string[] => [
    ...c.lib('IPython/core/interactiveshell.py:3577 in run_code'),
    `/tmp/ipykernel_902/${file}.py:${line} in <module>`,
  ];
  const net = (file: number, batch: number): readonly Part[] =>
    written(c, cell(file, 5), {
      file: '/home/jovyan/seg/unet3d.py',
      count: 14,
      lines: [
        [71, 'conv2d', 32 * MiB * batch],
        [72, 'relu', 16 * MiB * batch],
      ],
      weights: [12 * MiB],
      upstream: 16 * MiB,
      node: 'ConvolutionBackward0',
    });
  run.load(c.main([...cell(1190334, 3), ...c.to()]), net(0, 1));
  for (const part of net(771204, 32).slice(0, 9)) run.forward([part], 'lost');
  p.at(
    c.op([...cell(771204, 5), ...c.call('/home/jovyan/seg/unet3d.py:71 in forward')], 'conv2d'),
  ).say('oom 4GiB');
  run.forward(net(771205, 16), 'act');
  return run.text();
}

/** Lightning: the forward of a large crop fails, within the closure that optimizer.step() runs. */
function closureForward(): string {
  const c = new Code({ lib: '/home/ev/env/lib/python3.12', torch: '2.6', frames: 'symbols' });
  const run = new Loop(c, 'device 0 24GiB', 'seed 316');
  const p = run.pen;
  const user = ['/home/ev/volumes/fit.py:22 in <module>'];
  const net = (scale: number): readonly Part[] =>
    written(c, [...lightningClosure(c, user), '/home/ev/volumes/lit.py:39 in training_step'], {
      file: '/home/ev/volumes/resunet.py',
      count: 8,
      lines: [
        [50, 'conv2d', about(120 * MiB * scale, 2)],
        [51, 'batch_norm', about(80 * MiB * scale, 2)],
      ],
      weights: [22 * MiB, 16 * KiB],
      upstream: 120 * MiB * scale,
      node: 'ConvolutionBackward0',
    });
  run.load(
    c.main([
      ...user,
      ...c.lib('lightning/pytorch/strategies/strategy.py:158 in model_to_device'),
      ...c.to(),
    ]),
    net(1),
  );
  for (const step of upTo(7)) {
    const parts = net(step === 6 ? 16 : 1);
    p.phase('run_training_batch', () =>
      p.phase('Optimizer.step#AdamW.step', () => {
        run.forward(parts);
        run.backward(parts);
        run.adam(lightningOptimizer(c, user), parts);
      }),
    );
    run.zero(lightningFit(c, user));
  }
  return run.text();
}

/** Gradient checkpointing of transformers: a layer's recomputation within backward finds no room. */
function recomputedLayer(): string {
  const c = new Code({ lib: '/opt/conda/envs/ft/lib/python3.11', torch: '2.6', frames: 'symbols' });
  const run = new Loop(c, 'device 0 12GiB');
  const p = run.pen;
  const user = ['/home/sol/ft/sft.py:90 in main'];
  const shape = { count: 1, hidden: 70 * MiB, weights: [] };
  const again = c.lib(
    'torch/utils/checkpoint.py:1129 in unpack_hook',
    'torch/utils/checkpoint.py:1538 in recompute_fn',
  );
  p.at(
    c.main([
      '/home/sol/ft/sft.py:44 in main',
      ...c.lib('transformers/modeling_utils.py:4399 in from_pretrained'),
    ]),
  );
  for (const i of upTo(24)) p.alloc(`w_${i}`, 330 * MiB);
  for (const step of upTo(3)) {
    const hidden = step === 2 ? 130 : 40;
    for (const i of upTo(12)) {
      p.at(
        c.op([
          ...trainerStep(c, user),
          ...c.lib('torch/utils/checkpoint.py:488 in checkpoint'),
          ...c.call(...c.lib('transformers/models/llama/modeling_llama.py:328 in forward')),
        ]),
      );
      p.alloc(`in_${i}`, hidden * MiB);
      p.temp(hidden * 3 * MiB);
    }
    for (const i of upTo(12).toReversed()) {
      for (const [n, op] of (llama(c, again, shape)[0]?.ops ?? []).entries()) {
        // The frames of a recomputation are Python's, in autograd's thread.
        p.at(
          c.engine(
            'AddmmBackward0',
            [
              ...again,
              ...c.call(...c.lib('transformers/models/llama/modeling_llama.py:318 in forward')),
            ],
            op.isSaved ? 'addmm' : 'mul',
          ),
        );
        p.alloc(`again_${n}`, hidden * 2 * MiB);
      }
      p.at(c.engine('MmBackward0'));
      for (const n of upTo(13)) p.free(`again_${n}`);
      p.free(`in_${i}`);
    }
  }
  return run.text();
}

/** accelerate with an optimizer of bitsandbytes: its first step fails. */
function eightBitStates(): string {
  const c = new Code({ lib: '/workspace/venv/lib/python3.10', torch: '2.4', frames: 'python' });
  const run = new Loop(c, 'device 0 22GiB');
  const p = run.pen;
  const at = (line: number): readonly string[] => [
    `/workspace/kohya/train_network.py:${line} in train`,
  ];
  const net = written(c, at(488), {
    file: '/workspace/kohya/library/unet.py',
    count: 10,
    lines: [
      [700, 'conv2d', 40 * MiB],
      [702, 'layer_norm', 40 * MiB],
    ],
    weights: [560 * MiB, 420 * MiB],
    upstream: 40 * MiB,
    node: 'ConvolutionBackward0',
  });
  run.load(
    c.main([...at(350), ...c.lib('accelerate/accelerator.py:1329 in prepare'), ...c.to()]),
    net,
  );
  run.forward(net);
  run.backward(net);
  p.at(
    c.main(
      [
        ...at(501),
        ...c.lib(
          'accelerate/optimizer.py:172 in step',
          'torch/optim/lr_scheduler.py:130 in wrapper',
          'torch/optim/optimizer.py:484 in wrapper',
          'bitsandbytes/optim/optimizer.py:287 in step',
          'bitsandbytes/optim/optimizer.py:477 in init_state',
          'bitsandbytes/optim/optimizer.py:328 in get_state_buffer',
        ),
      ],
      'zeros_like',
    ),
  );
  for (const { key, weights } of net)
    for (const [i, size] of weights.entries()) {
      p.alloc(`s1_${key}_${i}`, size / 4);
      p.alloc(`s2_${key}_${i}`, size / 4);
    }
  return run.text();
}

/** Diffusion: the sampling fits, decoding a large picture does not. */
function decodedPicture(): string {
  const c = new Code({ lib: '/home/ki/comfy/lib/python3.11', torch: '2.4', frames: 'symbols' });
  const run = new Loop(c, 'device 0 16GiB', 'seed 319');
  const p = run.pen;
  const render = [
    '/home/ki/poster/make.py:38 in <module>',
    ...c.lib('torch/utils/_contextlib.py:116 in decorate_context'),
  ];
  const pipeline = 'diffusers/pipelines/stable_diffusion_xl/pipeline_stable_diffusion_xl.py';
  p.at(
    c.main([
      '/home/ki/poster/make.py:21 in <module>',
      ...c.lib('diffusers/pipelines/pipeline_utils.py:480 in to'),
      ...c.to(),
    ]),
  );
  for (const i of upTo(24)) p.alloc(`w_${i}`, 280 * MiB);
  p.at(c.main([...render, ...c.lib(`${pipeline}:1180 in __call__`)], 'randn')).alloc(
    'latents',
    4 * MiB,
  );
  for (const _ of upTo(30)) {
    const unet = [
      ...render,
      ...c.lib(`${pipeline}:1216 in __call__`),
      ...c.call(...c.lib('diffusers/models/unets/unet_2d_condition.py:1209 in forward')),
    ];
    for (const level of [200, 100, 50, 100, 200])
      p.at(c.op(unet, 'conv2d')).alloc('h', level * MiB);
    p.at(c.main([...render, ...c.lib(`${pipeline}:1244 in __call__`)])).alloc('latents', 4 * MiB);
  }
  p.at('').free('h');
  const decode = [
    ...render,
    ...c.lib(
      `${pipeline}:1289 in __call__`,
      'diffusers/models/autoencoders/autoencoder_kl.py:320 in decode',
      'diffusers/models/autoencoders/vae.py:333 in forward',
    ),
  ];
  p.at(c.op(decode, 'conv2d'));
  for (const [i, size] of [512, 1024, 2048, 4096, 4096].entries()) p.alloc(`up_${i}`, size * MiB);
  return run.text();
}

/** Graphs of molecules: one batch is so large that its copy to the card fails. */
function batchToDevice(): string {
  const c = new Code({ lib: '/data/mol/env/lib/python3.10', torch: '2.1', frames: 'python' });
  const run = new Loop(c, 'device 0 8GiB', 'seed 320');
  const p = run.pen;
  const at = (line: number): readonly string[] => [`/data/mol/train_gnn.py:${line} in epoch`];
  const net = written(c, at(52), {
    file: '/data/mol/gin.py',
    count: 5,
    lines: [
      [30, undefined, about(180 * MiB, 25)],
      [33, 'linear', about(90 * MiB, 25)],
    ],
    weights: [3 * MiB],
    upstream: about(90 * MiB, 25),
  });
  run.load(c.main(['/data/mol/train_gnn.py:20 in main', ...c.to()]), net);
  for (const step of upTo(18)) {
    p.at(
      c.main(
        [
          ...at(49),
          ...c.lib(
            'torch_geometric/data/data.py:362 in to',
            'torch_geometric/data/storage.py:201 in apply',
          ),
        ],
        'to',
      ),
    );
    p.alloc('x', step === 17 ? 7 * GiB : about(160 * MiB, 40));
    p.alloc('edges', step === 17 ? 5 * GiB : about(60 * MiB, 40));
    run.forward(net);
    run.backward(net);
    run.adam(at(57), net);
    run.zero(at(58));
  }
  return run.text();
}

export const FAILURES: Readonly<Record<string, () => string>> = {
  'states-in-holes': statesInHoles,
  'fetched-layers': fetchedLayers,
  'symmetric-pool': symmetricPool,
  'all-distances': allDistances,
  'forty-percent': fortyPercent,
  'silent-backward': silentBackward,
  'own-optimizer': ownOptimizer,
  'gathered-logits': gatheredLogits,
  'reference-model': referenceModel,
  'group-generation': groupGeneration,
  'full-state': fullState,
  'engine-cache': engineCache,
  'capture-sizes': captureSizes,
  autotuning,
  'held-by-traceback': heldByTraceback,
  'closure-forward': closureForward,
  'recomputed-layer': recomputedLayer,
  'eight-bit-states': eightBitStates,
  'decoded-picture': decodedPicture,
  'batch-to-device': batchToDevice,
};
