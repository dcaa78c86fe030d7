// What somebody who trains and serves every day expects to be told. Recomputation (4), rank logs (5) and
// a container's only process (6) are in scenarios.test.ts.
import { describe, expect, test } from 'vitest';
import { type Diagnosis, diagnose, diagnoseText, type Incident } from '../src/core/index.ts';
import { ERAS, GiB, MiB, type Truth } from './make/messages.ts';
import { smiTable } from './make/smi.ts';

const newest = ERAS.at(-1);
const print = (t: Partial<Truth>): string =>
  newest?.print({
    device: 0,
    requested: GiB,
    total: 79.19 * GiB,
    free: 0.6 * GiB,
    allocated: 74 * GiB,
    idle: 2 * GiB,
    ...t,
  }) ?? '';

const SITE = '/opt/env/lib/python3.12/site-packages';
const TORCH = `${SITE}/torch`;
type Line = readonly [file: string, line: number, name: string, code: string];
const frames = (...lines: readonly Line[]): string =>
  [
    'Traceback (most recent call last):',
    ...lines.flatMap(([file, line, name, code]) => [
      `  File "${file}", line ${line}, in ${name}`,
      `    ${code}`,
    ]),
  ].join('\n');

/** The failing process as the driver sees it: what PyTorch holds and a context. */
const own = (bytes: number): NonNullable<Truth['own']> => ({ pid: 40_112, bytes, isMarked: true });

const FORWARD: Line = ['/w/train.py', 88, 'main', 'loss = model(**batch).loss'];
const LINEAR: Line = [
  `${TORCH}/nn/modules/linear.py`,
  125,
  'forward',
  'return F.linear(input, self.weight, self.bias)',
];

const mainOf = (diagnosis: Diagnosis): Incident => {
  const incident = diagnosis.incidents.find(({ kind }) => kind === diagnosis.verdict);
  if (incident === undefined) throw new Error('no incident');
  return incident;
};
const main = async (text: string): Promise<Incident> => mainOf(await diagnoseText(text));
const files = (all: Readonly<Record<string, string>>): Promise<Diagnosis> =>
  diagnose(
    Object.entries(all).map(([name, text]) => ({ name, bytes: [new TextEncoder().encode(text)] })),
  );

const ids = (items: readonly { readonly remedy: string }[]): string[] =>
  items.map(({ remedy }) => remedy);
const causeIds = ({ causes }: Incident): string[] => causes.map(({ id }) => id);
const commands = ({ ask_for }: Incident): string =>
  ask_for.map(({ command }) => command).join('\n');
const whyDead = ({ dead_ends }: Incident, remedy: string): string =>
  dead_ends.find((one) => one.remedy === remedy)?.why ?? '';

/** A sentence that reckons: it names an amount. */
const IN_BYTES = /\d(?:\.\d+)? (?:bytes|[KMGT]iB)/;

describe('1: GRPO of 4B parameters dies in the optimizer step: the weights are in fp32', () => {
  const text = [
    'loading Qwen/Qwen3-4B-Instruct-2507 for GRPO',
    frames(
      ['/w/grpo_async.py', 211, 'train_step', 'self.optimizer.step()'],
      [`${TORCH}/optim/adamw.py`, 243, 'step', 'has_complex = self._init_group('],
      [`${TORCH}/optim/adamw.py`, 176, '_init_group', 'state["exp_avg_sq"] = torch.zeros_like('],
    ),
    print({
      requested: 3.81 * GiB,
      free: 3.42 * GiB,
      allocated: 74.04 * GiB,
      idle: 0.62 * GiB,
      own: own(75.7 * GiB),
    }),
  ].join('\n');

  test('the arithmetic of bytes per parameter comes first', async () => {
    const [first] = (await main(text)).causes;
    expect(first).toMatchObject({ id: 'fp32-load', family: 'model-does-not-fit' });
    expect(first?.strength).toBe('likely');
    expect(first?.because.join(' ')).toMatch(IN_BYTES);
  });

  test('loading in the checkpoint’s precision is a step, batch and allocator settings are not', async () => {
    const incident = await main(text);
    expect(ids(incident.steps)).toContain('load-in-checkpoint-dtype');
    expect(ids(incident.steps)).not.toContain('smaller-micro-batch');
    // Free and idle together serve this one request and no second one.
    const expandable = incident.steps.find(({ remedy }) => remedy === 'expandable-segments');
    expect(expandable?.serves_request ?? 'no').toMatch(/^(?:barely|no)$/);
    expect(ids(incident.steps).slice(0, 3)).toContain('load-in-checkpoint-dtype');
    expect(ids(incident.dead_ends)).toEqual(
      expect.arrayContaining(['smaller-micro-batch', 'empty-cache']),
    );
    expect(whyDead(incident, 'empty-cache')).toContain('PyTorch did this itself');
  });

  test('the totals leave room for nobody else, so no neighbour is suspected', async () => {
    expect(causeIds(await main(text))).not.toContain('neighbour-process');
  });

  test('with hardly anything idle, allocator settings are a dead end in bytes', async () => {
    const incident = await main(text.replace(/[\d.]+ MiB is reserved/, '184.00 MiB is reserved'));
    expect(ids(incident.steps)).not.toContain('expandable-segments');
    expect(whyDead(incident, 'expandable-segments')).toMatch(IN_BYTES);
  });
});

describe('2: step 1 passes and step 2 dies in its forward pass: Adam’s states', () => {
  const text = (log: string): string =>
    [log, frames(FORWARD, LINEAR), print({ own: own(77 * GiB) })].join('\n');

  test('states are the cause, growth is none', async () => {
    const incident = await main(text('  0%|          | 1/3120 [00:07<6:31:40, 7.53s/it]'));
    expect(incident.phase).toMatchObject({ value: 'forward', turn: 'second' });
    expect(causeIds(incident)).toContain('optimizer-states-do-not-fit');
    expect(causeIds(incident)).not.toContain('growth-over-steps');
    expect(causeIds(incident)).not.toContain('longest-sample');
    expect(ids(incident.steps)).toContain('eight-bit-optimizer');
  });
});

describe('3: dies at step 5,850', () => {
  const log = (at: (step: number) => number): string =>
    [
      ...Array.from({ length: 10 }, (_, i) => {
        const step = 5840 + i;
        return `step ${step} loss 1.82 memory allocated: ${at(i).toFixed(2)} GiB`;
      }),
      ' 47%|████▋     | 5850/12500 [3:51:12<4:22:50,  2.37s/it]',
      frames(FORWARD, LINEAR),
      print({ own: own(77 * GiB) }),
    ].join('\n');

  test('with flat figures at the end of each step: the longest sample', async () => {
    const incident = await main(log((i) => 41.3 + (i % 2) * 0.01));
    expect(incident.causes[0]).toMatchObject({
      id: 'longest-sample',
      family: 'activations-too-large',
      strength: 'likely',
    });
    expect(causeIds(incident)).not.toContain('growth-over-steps');
    expect(ids(incident.steps)).toContain('bound-batch-by-tokens');
  });

  test('with a rising baseline: something is kept, and the growth is named', async () => {
    const incident = await main(log((i) => 52 + i * 2.1));
    expect(incident.causes[0]).toMatchObject({
      id: 'growth-over-steps',
      family: 'leak',
      strength: 'likely',
    });
    expect(incident.causes[0]?.because.join(' ')).toMatch(/from 56\.2\d? GiB to 70\.9\d? GiB/);
  });

  test('without figures it stays open, and the figures are asked for', async () => {
    const incident = await main(
      ` 47%|████▋     | 5850/12500 [3:51:12<4:22:50,  2.37s/it]\n${frames(FORWARD, LINEAR)}\n${print({ own: own(77 * GiB) })}`,
    );
    expect(incident.causes.find(({ id }) => id === 'longest-sample')?.strength).toBe('possible');
    expect(commands(incident)).toContain('torch.cuda.memory_allocated()');
  });
});

describe('7: the message says GPU 0 is full, the pasted nvidia-smi shows GPU 0 empty', () => {
  test('nothing of the table enters the ledger, and the UUID is asked for', async () => {
    const table = smiTable([
      { index: 0, used: 4, total: 81_089 },
      { index: 1, used: 61_200, total: 81_089, processes: [{ pid: 7714, mib: 61_190 }] },
    ]);
    const diagnosis = await diagnoseText(
      `${frames(FORWARD, LINEAR)}\n${print({ allocated: 14 * GiB, idle: GiB, free: 0.4 * GiB, own: own(15.5 * GiB) })}\n${table}`,
    );
    expect(diagnosis.observations[0]?.relation.value).not.toBe('same_moment');
    const incident = mainOf(diagnosis);
    expect(incident.ledger.atoms.some(({ process }) => process === 'pid:7714')).toBe(false);
    expect(commands(incident)).toContain('nvidia-smi -L');
    expect(commands(incident)).toContain('CUDA_VISIBLE_DEVICES');
  });
});

describe('8: memory in use and an empty list of processes', () => {
  const table = smiTable([{ index: 0, used: 63_900, total: 81_089 }]);

  test('by itself: a hidden holder, with the command that shows holders', async () => {
    const diagnosis = await diagnoseText(table);
    const [finding] = diagnosis.findings;
    expect(finding).toMatchObject({ id: 'hidden-holder', strength: 'proven' });
    expect(finding?.commands.join('\n')).toContain('fuser -v /dev/nvidia*');
    expect(finding?.because.join(' ')).toMatch(IN_BYTES);
  });

  test('in a failure whose own process is small: the holder, not the batch', async () => {
    const incident = await main(
      `${frames(FORWARD, LINEAR)}\n${print({ requested: 2 * GiB, free: 0.9 * GiB, allocated: 12 * GiB, idle: 0.5 * GiB, own: own(13 * GiB) })}`,
    );
    expect(incident.causes[0]).toMatchObject({
      id: 'hidden-holder',
      family: 'neighbour',
      strength: 'likely',
    });
    expect(incident.causes[0]?.because.join(' ')).toMatch(IN_BYTES);
    expect(commands(incident)).toContain('fuser -v /dev/nvidia*');
    expect(JSON.stringify(incident.steps)).not.toMatch(/\bkill -9\b/);
  });
});

describe('9: vLLM with 14B parameters in bf16 on a card of 32 GB', () => {
  const start = [
    'INFO 03-11 10:02:11 [__init__.py:239] Automatically detected platform cuda.',
    "INFO 03-11 10:02:21 [core.py:58] Initializing a V1 LLM engine (v0.8.5) with config: model='Qwen/Qwen2.5-14B-Instruct', dtype=torch.bfloat16, max_seq_len=32768, tensor_parallel_size=1, quantization=None, enforce_eager=False",
    'INFO 03-11 10:03:02 [gpu_model_runner.py:1347] Model loading took 27.5916 GiB and 38.214 seconds',
  ];

  test('no room for cache blocks: the weights are why', async () => {
    const incident = await main(
      [
        ...start,
        'INFO 03-11 10:03:20 [kv_cache_utils.py:578] Available KV cache memory: -1.42 GiB',
        'ERROR 03-11 10:03:20 [core.py:396] ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.',
      ].join('\n'),
    );
    expect(incident.causes[0]).toMatchObject({
      id: 'model-does-not-fit',
      family: 'model-does-not-fit',
    });
    expect(incident.causes[0]?.because.join(' ')).toMatch(/27\.59 GiB/);
    expect(ids(incident.steps)).not.toContain('lower-engine-budget');
    expect(ids(incident.steps)).toEqual(expect.arrayContaining(['tensor-parallel']));
    expect(ids(incident.steps)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^(?:quantized-weights|weights-in-lower-precision)$/),
      ]),
    );
  });

  test('out of memory in the sampler’s warm-up: less for the engine, never more', async () => {
    const incident = await main(
      [
        ...start,
        frames(
          [
            `${SITE}/vllm/v1/worker/gpu_worker.py`,
            248,
            'compile_or_warm_up_model',
            'self.model_runner._dummy_sampler_run(',
          ],
          [
            `${SITE}/vllm/v1/worker/gpu_model_runner.py`,
            1501,
            '_dummy_sampler_run',
            'sampler_output = self.sampler(logits=logits,',
          ],
          [
            `${SITE}/vllm/v1/sample/ops/topk_topp_sampler.py`,
            131,
            'apply_top_k_top_p',
            'logits_sort, logits_idx = logits.sort(dim=-1, descending=False)',
          ],
        ),
        print({
          total: 31.36 * GiB,
          requested: 594 * MiB,
          free: 310 * MiB,
          allocated: 30.1 * GiB,
          idle: 90 * MiB,
          own: own(30.7 * GiB),
        }),
        'RuntimeError: CUDA out of memory occurred when warming up sampler with 1024 dummy requests. Please try lowering `max_num_seqs` or `gpu_memory_utilization` when initializing the engine.',
      ].join('\n'),
    );
    expect(incident.causes[0]).toMatchObject({
      id: 'engine-reservation-too-high',
      family: 'engine-reservation',
      strength: 'likely',
    });
    expect(ids(incident.steps)).toContain('lower-engine-budget');
    expect(ids(incident.steps)).toContain('fewer-sequences-at-once');
    expect(ids(incident.steps)).not.toContain('raise-engine-budget');
  });
});

describe('10: GRPO with vLLM on the same card, the trainer dies in its backward pass', () => {
  const text = [
    'GRPOConfig(use_vllm=True, vllm_mode="colocate", vllm_gpu_memory_utilization=0.55, per_device_train_batch_size=4)',
    frames(
      [
        `${SITE}/transformers/trainer.py`,
        2674,
        '_inner_training_loop',
        'tr_loss_step = self.training_step(',
      ],
      [
        `${SITE}/trl/trainer/grpo_trainer.py`,
        1021,
        'training_step',
        'output = super().training_step(',
      ],
      [`${SITE}/accelerate/accelerator.py`, 2553, 'backward', 'loss.backward(**kwargs)'],
      [`${TORCH}/_tensor.py`, 648, 'backward', 'torch.autograd.backward('],
    ),
    print({ requested: 1.9 * GiB, free: 1.2 * GiB, allocated: 75.4 * GiB, own: own(77.9 * GiB) }),
  ].join('\n');

  test('the engine’s share is why, and it is what the steps touch', async () => {
    const incident = await main(text);
    expect(incident.phase.value).toBe('backward');
    expect(incident.causes[0]).toMatchObject({
      id: 'colocated-engine',
      family: 'engine-reservation',
    });
    expect(ids(incident.steps)).toEqual(
      expect.arrayContaining(['lower-engine-budget', 'sleep-the-engine']),
    );
    expect(ids(incident.steps)).not.toContain('raise-engine-budget');
  });

  test('the engine comes before the batch', async () => {
    const order = ids((await main(text)).steps);
    const batch = order.indexOf('smaller-micro-batch');
    if (batch >= 0) expect(order.indexOf('sleep-the-engine')).toBeLessThan(batch);
  });
});

describe('11: ZeRO-3 with offload, killed with -9', () => {
  const text = [
    '"zero_optimization": {"stage": 3, "offload_optimizer": {"device": "cpu", "pin_memory": true}, "offload_param": {"device": "cpu"}}',
    '[2026-05-04 02:17:44,120] [INFO] [config.py:1000:print]   world_size ................... 8',
    '[2026-05-04 02:19:03,871] [INFO] [launch.py:316:sigkill_handler] Killing subprocess 51230',
    "[2026-05-04 02:19:04,002] [ERROR] [launch.py:322:sigkill_handler] ['/opt/env/bin/python', '-u', 'train.py', '--local_rank=7', '--deepspeed', 'ds3.json'] exits with return code = -9",
  ].join('\n');

  test('it is the node’s memory, not the card’s', async () => {
    const diagnosis = await diagnoseText(text);
    expect(diagnosis.verdict).toBe('host_oom');
    const incident = mainOf(diagnosis);
    expect(incident.causes[0]).toMatchObject({
      id: 'host-ram-exhausted',
      family: 'host-memory',
      strength: 'likely',
    });
    expect(ids(incident.steps)).toEqual(expect.arrayContaining(['less-offload']));
    expect(ids(incident.steps)).not.toContain('smaller-micro-batch');
    expect(ids(incident.steps)).not.toContain('empty-cache');
    expect(commands(incident)).toMatch(/dmesg/);
    expect(commands(incident)).toMatch(/cgroup/);
  });
});

describe('12: resuming dies where a fresh start fits', () => {
  const resumed = (message: string): string =>
    [
      'Resuming from /ckpt/step_4000.pt',
      frames(
        ['/w/train.py', 61, 'main', 'state = torch.load(args.resume)'],
        [`${TORCH}/serialization.py`, 1471, 'load', 'return _load('],
        [`${TORCH}/serialization.py`, 1964, '_load', 'result = unpickler.load()'],
        [`${TORCH}/serialization.py`, 1928, 'persistent_load', 'typed_storage = load_tensor('],
        [
          `${TORCH}/serialization.py`,
          1893,
          'load_tensor',
          'wrap_storage=restore_location(storage, location),',
        ],
        [
          `${TORCH}/serialization.py`,
          698,
          'default_restore_location',
          'result = fn(storage, location)',
        ],
        [`${TORCH}/serialization.py`, 636, '_deserialize', 'return obj.to(device=device)'],
      ),
      message,
    ].join('\n');
  const text = resumed(
    print({
      requested: 224 * MiB,
      free: 180 * MiB,
      allocated: 20.1 * GiB,
      idle: 60 * MiB,
      total: 23.65 * GiB,
      own: own(20.7 * GiB + 2.4 * GiB),
    }),
  );

  test('torch.load put a second copy on the card: map_location', async () => {
    const incident = await main(text);
    expect(incident.causes.slice(0, 2).map(({ id }) => id)).toContain('duplicate-state-on-load');
    const cause = incident.causes.find(({ id }) => id === 'duplicate-state-on-load');
    expect(cause?.strength).toBe('likely');
    expect(incident.steps.slice(0, 3).map(({ remedy }) => remedy)).toContain('load-to-host-first');
    const load = incident.steps.find(({ remedy }) => remedy === 'load-to-host-first');
    expect(`${load?.how} ${load?.change.join(' ')}`).toContain('map_location');
    expect(ids(incident.steps)).not.toContain('smaller-micro-batch');
  });

  test('the ranks’ copies on GPU 0: their own loading is named beside the neighbours', async () => {
    const ranks = [40_113, 40_114, 40_115].map((pid) => ({ pid, bytes: 19.4 * GiB }));
    const incident = await main(
      resumed(
        print({
          requested: 224 * MiB,
          free: 180 * MiB,
          allocated: 20.1 * GiB,
          idle: 60 * MiB,
          own: own(20.7 * GiB),
          others: ranks,
        }),
      ),
    );
    expect(causeIds(incident)).toEqual(
      expect.arrayContaining(['duplicate-state-on-load', 'many-processes-on-one-gpu']),
    );
    expect(incident.causes.every(({ strength }) => strength !== 'proven')).toBe(true);
    expect(causeIds(incident)[0]).toBe('many-processes-on-one-gpu');
    expect(ids(incident.steps)).toEqual(
      expect.arrayContaining(['load-to-host-first', 'one-process-per-card']),
    );
  });
});

describe('13: dies only when an FSDP model is saved', () => {
  const text = [
    '{"step": 2000, "loss": 1.412}',
    'Saving checkpoint at step 2000',
    frames(
      ['/w/train.py', 198, 'save', 'state = model.state_dict()'],
      [`${TORCH}/nn/modules/module.py`, 2248, 'state_dict', 'hook(self, prefix, keep_vars)'],
      [
        `${TORCH}/distributed/fsdp/_state_dict_utils.py`,
        777,
        '_pre_state_dict_hook',
        '_pre_state_dict_hook_fn[fsdp_state._state_dict_type](',
      ],
      [
        `${TORCH}/distributed/fsdp/_state_dict_utils.py`,
        310,
        '_full_pre_state_dict_hook',
        '_common_unshard_pre_state_dict_hook(',
      ],
      [
        `${TORCH}/distributed/fsdp/_flat_param.py`,
        1369,
        '_alloc_padded_unsharded_flat_param',
        '_alloc_storage(unsharded_flat_param, flat_param._padded_unsharded_size)',
      ],
    ),
    print({ requested: 3.26 * GiB, free: 1.1 * GiB, own: own(77.5 * GiB) }),
  ].join('\n');

  test('the full state is gathered on one card: save sharded', async () => {
    const incident = await main(text);
    expect(incident.phase.value).toBe('save');
    expect(incident.causes[0]).toMatchObject({
      id: 'full-state-gather-on-save',
      strength: 'likely',
    });
    expect(ids(incident.steps)[0]).toBe('save-sharded-state');
    expect(ids(incident.dead_ends)).toContain('smaller-micro-batch');
    expect(whyDead(incident, 'expandable-segments')).toMatch(IN_BYTES);
    expect(ids(incident.steps)).not.toContain('smaller-micro-batch');
    expect(ids(incident.steps)).not.toContain('checkpoint-activations');
  });
});

describe('14: dies only in evaluation', () => {
  const text = [
    '100%|██████████| 500/500 [12:44<00:00,  1.52s/it]',
    ' 62%|██████▏   | 310/500 [01:02<00:38,  4.98it/s]',
    frames(
      ['/w/sft.py', 92, '<module>', 'trainer.train()'],
      [`${SITE}/transformers/trainer.py`, 4228, 'evaluate', 'output = eval_loop('],
      [`${SITE}/transformers/trainer.py`, 4473, 'evaluation_loop', 'all_preds.add(logits)'],
      [
        `${SITE}/transformers/trainer_pt_utils.py`,
        323,
        'add',
        'self.tensors = nested_concat(self.tensors, tensors, padding_index=self.padding_index)',
      ],
      [
        `${SITE}/transformers/trainer_pt_utils.py`,
        140,
        'nested_concat',
        'return torch_pad_and_concatenate(tensors, new_tensors, padding_index=padding_index)',
      ],
      [
        `${SITE}/transformers/trainer_pt_utils.py`,
        99,
        'torch_pad_and_concatenate',
        'return torch.cat((tensor1, tensor2), dim=0)',
      ],
    ),
    print({ requested: 18.4 * GiB, free: 11.2 * GiB, allocated: 62 * GiB, own: own(66 * GiB) }),
  ].join('\n');

  test('logits are kept on the card: shrink or move them', async () => {
    const incident = await main(text);
    expect(incident.phase.value).toBe('eval');
    expect(incident.causes[0]).toMatchObject({
      id: 'eval-accumulation',
      family: 'leak',
      strength: 'likely',
    });
    expect(ids(incident.steps)[0]).toBe('move-eval-outputs-to-host');
    const [move] = incident.steps;
    const words = `${move?.how} ${move?.change.join(' ')} ${move?.cautions.join(' ')}`;
    expect(words).toContain('preprocess_logits_for_metrics');
    expect(words).toContain('eval_accumulation_steps');
    expect(whyDead(incident, 'smaller-eval-batch')).not.toBe('');
    // Without gradients there is no graph to recompute.
    expect(ids(incident.steps)).not.toContain('checkpoint-activations');
    expect(ids(incident.steps)).not.toContain('gradient-accumulation');
  });
});

describe('15: free is more than what was asked for: five answers', () => {
  const room = { requested: 2 * GiB, free: 30 * GiB, allocated: 40 * GiB, idle: GiB } as const;

  test.each([
    ['a cap that the program set', print({ ...room, allowed: 42 * GiB }), 'memory-cap'],
    [
      'a limit per allocation',
      'torch.OutOfMemoryError: XPU out of memory. Tried to allocate 6.20 GiB. GPU 0 has a total capacity of 15.91 GiB. Of the allocated memory 2.10 GiB is allocated by PyTorch, and 80.00 MiB is reserved by PyTorch but unallocated.',
      'memory-cap',
    ],
    [
      'WSL',
      `Linux box 5.15.167.4-microsoft-standard-WSL2 x86_64\n${print({ ...room, total: 23.99 * GiB, free: 12 * GiB, allocated: 9 * GiB })}`,
      'refused-though-free',
    ],
    [
      'a graph’s pool',
      `${frames([
        `${TORCH}/cuda/graphs.py`,
        84,
        'capture_begin',
        'super().capture_begin(pool=pool, capture_error_mode=capture_error_mode)',
      ])}\n${print({ ...room, privateIdle: 6 * GiB })}`,
      'cuda-graphs-private-pools',
    ],
    [
      'a machine with unified memory',
      `NVIDIA GB10, driver 580.95.05\n${print({ ...room, total: 119.7 * GiB, free: 4 * GiB, allocated: 50 * GiB })}`,
      'unified-memory',
    ],
  ])('%s', async (_, text, cause) => {
    const incident = await main(text);
    expect(causeIds(incident).slice(0, 2)).toContain(cause);
    // Only a limit per allocation is served by smaller tensors.
    if (incident.backend !== 'xpu') {
      expect(incident.causes.map(({ family }) => family)).not.toContain('activations-too-large');
      expect(ids(incident.steps)).not.toContain('smaller-micro-batch');
      expect(ids(incident.steps)).not.toContain('checkpoint-activations');
    }
  });
});

test('15: each answer says what it rests on', async () => {
  const room = { requested: 2 * GiB, free: 12 * GiB, allocated: 9 * GiB, idle: GiB };
  const wsl = await main(
    `5.15.167.4-microsoft-standard-WSL2\n${print({ ...room, total: 23.99 * GiB })}`,
  );
  expect(wsl.causes[0]?.because.join(' ')).toMatch(/WSL/);
  expect(wsl.causes[0]?.because.join(' ')).toMatch(IN_BYTES);
  const capped = await main(print({ ...room, total: 23.99 * GiB, allowed: 11 * GiB }));
  expect(capped.causes[0]).toMatchObject({ id: 'memory-cap', strength: 'proven' });
  expect(ids(capped.steps)[0]).toBe('raise-cap');
  // Nothing tells: the settings that could are asked for.
  const open = await main(print({ ...room, total: 23.99 * GiB }));
  expect(open.causes[0]?.strength).toBe('possible');
  expect(commands(open)).toContain('set_per_process_memory_fraction');
});

describe('controls: what looks like it and is not', () => {
  test.each([
    [
      'a kernel’s shared memory',
      'triton.runtime.errors.OutOfResources: out of resource: shared memory, Required: 180224, Hardware limit: 101376. Reducing block sizes or `num_stages` may help.',
    ],
    [
      'an encoder’s sessions',
      '[h264_nvenc @ 0x55d0c8a1] OpenEncodeSessionEx failed: out of memory (10): (no details)\n[h264_nvenc @ 0x55d0c8a1] No capable devices found',
    ],
    [
      'labels out of range',
      '../aten/src/ATen/native/cuda/Loss.cu:250: nll_loss_forward_reduce_cuda_kernel_2d: block: [0,0,0], thread: [7,0,0] Assertion `t >= 0 && t < n_classes` failed.\nRuntimeError: CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`',
    ],
  ])('%s', async (_, text) => {
    const diagnosis = await diagnoseText(text);
    expect(diagnosis.verdict).toBe('look_alike');
    const incident = mainOf(diagnosis);
    expect(ids(incident.steps)).not.toContain('smaller-micro-batch');
    expect(ids(incident.steps)).not.toContain('empty-cache');
  });

  test('another error: no memory failure here, and the last error is named', async () => {
    const diagnosis = await diagnoseText(
      `step 12 loss 0.41\n${frames(['/w/train.py', 31, 'main', "rows = table['labels']"])}\nKeyError: 'labels'\n`,
    );
    expect(diagnosis.verdict).toBe('none');
    expect(diagnosis.incidents).toEqual([]);
    expect(`${diagnosis.headline} ${diagnosis.notes.map(({ text }) => text).join(' ')}`).toContain(
      'the last error is KeyError',
    );
  });

  test('a run that ends well: nothing is found and nothing is asked', async () => {
    const diagnosis = await files({
      'train.log':
        'epoch 1 loss 0.61\nepoch 2 loss 0.44\nepoch 3 loss 0.39\nsaved to out/model.pt\n',
    });
    expect(diagnosis.verdict).toBe('none');
    expect(diagnosis.incidents).toEqual([]);
    expect(diagnosis.findings).toEqual([]);
  });
});
