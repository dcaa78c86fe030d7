// A diagnosis that is priced with a model: anchored to the failure's own figures, and honest where they disagree.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schemas } from '../src/core/index.ts';
import type { Diagnosis, Incident, PricingData } from '../src/core/report/diagnosis.ts';
import { writeSnapshot } from '../src/core/snapshots.ts';
import { type Run, unoom } from './command.ts';
import { drawn } from './drawn.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unoom-pricing-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const validate = new Ajv2020({ allErrors: true, strict: false }).compile(
  schemas['diagnosis'] ?? {},
);

const diagnose = (args: readonly string[], input = ''): Promise<Run> =>
  unoom(['diagnose', ...args], input, { HF_HUB_OFFLINE: '1', HF_HOME: folder }, folder);

async function incidentOf(
  args: readonly string[],
  input = '',
): Promise<Incident & { readonly report: Diagnosis }> {
  const { out, err } = await diagnose([...args, '--format', 'json'], input);
  expect(err).toBe('');
  const report = JSON.parse(out) as Diagnosis;
  expect(validate(report), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
  const [incident] = report.incidents;
  if (incident === undefined) throw new Error('an incident was expected');
  return { ...incident, report };
}

function priced({ pricing }: Incident): PricingData {
  if (pricing === undefined) throw new Error('a price was expected');
  return pricing;
}

/** A card of 23.64 GiB on which PyTorch held so many GiB when it asked for more. */
const failure = (
  held: number,
  asked: string,
  frames = '',
  idle = '463.42 MiB',
): string => `${frames}
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ${asked}. GPU 0 has a total capacity of 23.64 GiB of which ${(23.64 - held - 0.95).toFixed(2)} GiB is free. Including non-PyTorch memory, this process has ${(held + 0.95).toFixed(2)} GiB memory in use. Of the allocated memory ${held.toFixed(2)} GiB is allocated by PyTorch, and ${idle} is reserved by PyTorch but unallocated.
`;

const IN_LOSS = `Traceback (most recent call last):
  File "/home/me/train.py", line 88, in <module>
    trainer.train()
  File "/opt/lib/python3.10/site-packages/transformers/trainer.py", line 3700, in compute_loss
    outputs = model(**inputs)
  File "/opt/lib/python3.10/site-packages/transformers/models/qwen2/modeling_qwen2.py", line 1100, in forward
    logits = logits.float()`;

const LORA = `model_name_or_path: Qwen/Qwen2.5-7B
stage: sft
finetuning_type: lora
lora_rank: 16
per_device_train_batch_size: 4
cutoff_len: 2048
bf16: true
gradient_checkpointing: true
`;

describe('a log beside the configuration of its run', () => {
  test('is priced on the card that failed, and fits after the cheapest change', async () => {
    writeFileSync(join(folder, 'lora.yaml'), LORA);
    const incident = await incidentOf(['-', 'lora.yaml'], failure(19.5, '4.64 GiB', IN_LOSS));
    const { plan, anchor, may_fit: mayFit, failing_tensors: tensors } = priced(incident);
    expect(plan.model.name).toBe('Qwen/Qwen2.5-7B');
    expect(plan.machine.cards[0]?.usable_bytes.mid).toBeCloseTo(23.64 * 2 ** 30, -7);
    expect(plan.fits).toBe('no');
    expect(anchor).toMatchObject({ phase: 'forward', holds: true, explained_by: [] });
    expect(mayFit).toBe(true);
    expect(plan.plans[0]?.fits).toMatch(/^(?:yes|probably)$/);
    // 4 × 2048 × 152064 logits in fp32.
    expect(tensors).toMatchObject([{ bytes: 4 * 2048 * 152064 * 4, is_named: true }]);
  });

  test('has savings instead of bounds, and no measure that is on already', async () => {
    writeFileSync(join(folder, 'lora.yaml'), LORA);
    const incident = await incidentOf(['-', 'lora.yaml'], failure(19.5, '4.64 GiB', IN_LOSS));
    const step = incident.steps.find(({ remedy }) => remedy === 'chunked-loss');
    expect(step).toMatchObject({ claim: 'fits', basis: 'modelled' });
    expect(step?.bytes?.mid).toBeGreaterThan(4 * 2 ** 30);
    expect(step?.at_most_bytes).toBeUndefined();
    const on = incident.dead_ends.find(({ remedy }) => remedy === 'checkpoint-activations');
    expect(on?.why).toContain('lora.yaml:8');
    expect(incident.steps.map(({ remedy }) => remedy)).not.toContain('checkpoint-activations');
  });
});

describe('a failure that the description does not account for', () => {
  const named = [
    '--model',
    'Qwen/Qwen2.5-1.5B',
    '--for',
    'training',
    '--batch',
    '1',
    '--seq',
    '512',
  ];

  test('withdraws the word, and says which unsaid value would make it agree', async () => {
    // A tenth of this is more than the description ever holds.
    const incident = await incidentOf(['-', ...named], failure(22.1, '890.00 MiB'));
    const { plan, anchor, may_fit: mayFit } = priced(incident);
    expect(anchor?.holds).toBe(false);
    expect(anchor?.residual_bytes).toBeGreaterThan(0);
    expect(mayFit).toBe(false);
    for (const { fits } of [plan, ...plan.plans, ...plan.limits]) {
      expect(fits).not.toMatch(/^(?:yes|probably)$/);
    }
    expect(incident.steps.map(({ claim }) => claim)).not.toContain('fits');
    expect(anchor?.explained_by.map(({ setting }) => setting)).toContain('weights_dtype');
  });

  test('makes no plan of a run more than half of which it does not account for', async () => {
    const small = ['--model', 'Qwen/Qwen2.5-0.5B', '--batch', '1', '--seq', '128'];
    const lora = ['--set', 'adapter=lora', '--set', 'checkpointing=true'];
    const args = ['-', '--for', 'training', ...small, ...lora];
    const incident = await incidentOf(args, failure(22.1, '890.00 MiB'));
    const { plan, anchor } = priced(incident);
    expect(anchor?.residual_share).toBeGreaterThan(0.5);
    expect(plan.plans).toEqual([]);
    const { out } = await diagnose(args, failure(22.1, '890.00 MiB'));
    expect(out.replaceAll(/\s+/g, ' ')).toContain('no plan is made of it');
  });

  test('calls what PyTorch could not use fragmentation', async () => {
    const split = await incidentOf(
      ['-', ...named, '--set', 'weights_dtype=bf16'],
      failure(9, '1.20 GiB', '', '12.40 GiB').replace(/9\.95 GiB memory/, '22.40 GiB memory'),
    );
    expect(priced(split).anchor).toMatchObject({ holds: false, residual_name: 'fragmentation' });
  });
});

test('a loss that is said to be fused and yet made whole logits is a measure, and said so', async () => {
  writeFileSync(join(folder, 'liger.yaml'), `${LORA}enable_liger_kernel: true\n`);
  const log = failure(19.5, '4.64 GiB', IN_LOSS);
  const { steps, dead_ends: ends, report, ...rest } = await incidentOf(['-', 'liger.yaml'], log);
  expect(report.notes.find(({ code }) => code === 'overruled')?.text).toContain('liger.yaml');
  expect(steps.map(({ remedy }) => remedy)).toContain('chunked-loss');
  expect(priced({ ...rest, steps, dead_ends: ends }).anchor?.holds).toBe(true);
  // What a plan is made of is no dead end above it.
  const planned = rest.pricing?.plan.plans.flatMap((plan) =>
    plan.steps.map(({ remedy }) => remedy),
  );
  for (const { remedy } of ends) expect(planned).not.toContain(remedy);
  // Frames of the fused kernel itself contradict nothing.
  const inKernel = IN_LOSS.replace(
    'models/qwen2/modeling_qwen2.py',
    'liger_kernel/ops/cross_entropy.py',
  );
  const other = await incidentOf(['-', 'liger.yaml'], failure(19.5, '4.64 GiB', inKernel));
  expect(other.report.notes.map(({ code }) => code)).not.toContain('overruled');
});

test('an engine that makes states in its set-up holds more than weights by then', async () => {
  writeFileSync(
    join(folder, 'zero2.json'),
    JSON.stringify({
      zero_optimization: { stage: 2 },
      bf16: { enabled: true },
      train_micro_batch_size_per_gpu: 1,
    }),
  );
  const frames = `Traceback (most recent call last):
  File "/opt/lib/python3.10/site-packages/deepspeed/runtime/engine.py", line 1500, in _configure_zero_optimizer
    optimizer = DeepSpeedZeroOptimizer(
  File "/opt/lib/python3.10/site-packages/deepspeed/runtime/zero/stage_1_and_2.py", line 376, in __init__
    self.single_partition_of_fp32_groups.append(part.to(self.device).clone().float().detach())`;
  // 1.54 billion parameters between four ranks, in fp32.
  const log = failure(21.5, '1.44 GiB', frames, '20.00 MiB');
  const { anchor, failing_tensors: tensors } = priced(
    await incidentOf(
      [
        ...['-', 'zero2.json', '--model', 'Qwen/Qwen2.5-1.5B'],
        ...['--command', 'deepspeed --num_gpus 4 train.py'],
      ],
      log,
    ),
  );
  expect(anchor?.phase).toBe('load');
  expect(anchor?.parts.find(({ name }) => name === 'live')?.predicted_bytes.high).toBeGreaterThan(
    6 * 2 ** 30,
  );
  expect(tensors[0]?.what).toMatch(/this rank’s part/);
});

test('a pass outside training keeps a graph unless told otherwise, and no_grad is what mends it', async () => {
  const script = (guard: string): string => `import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
tok = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-1.5B")
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-1.5B", torch_dtype=torch.bfloat16).cuda()
batch = tok(texts[:8], return_tensors="pt", padding="max_length", max_length=2048).to("cuda")
${guard}
out = model(**batch)
`;
  const frames = `Traceback (most recent call last):
  File "/srv/score.py", line 7, in <module>
    out = model(**batch)
  File "/opt/lib/python3.11/site-packages/transformers/models/qwen2/modeling_qwen2.py", line 812, in forward
    hidden_states = self.mlp(hidden_states)`;
  const log = failure(22.1, '280.00 MiB', frames, '20.00 MiB');
  writeFileSync(join(folder, 'score.py'), script(''));
  const open = priced(await incidentOf(['-', 'score.py'], log));
  expect(open.plan.workload.purpose).toBe('generation');
  expect(open.plan.plans[0]?.steps.map(({ remedy }) => remedy)).toEqual(['no-grad']);
  writeFileSync(join(folder, 'score.py'), script('torch.set_grad_enabled(False)'));
  const guarded = priced(await incidentOf(['-', 'score.py'], log));
  for (const { steps } of guarded.plan.plans)
    expect(steps.map(({ remedy }) => remedy)).not.toContain('no-grad');
});

test('a part that has too much does not hide one that has too little', async () => {
  // Far fewer tensors than the weights alone, and as much more outside the pool.
  const incident = await incidentOf(
    ['-', '--model', 'Qwen/Qwen2.5-7B', '--for', 'generation'],
    failure(6, '890.00 MiB', IN_LOSS, '20.00 MiB').replace(/6\.95 GiB memory/, '16.00 GiB memory'),
  );
  const { anchor, may_fit: mayFit } = priced(incident);
  const residuals = (anchor?.parts ?? []).map(({ residual_bytes: bytes }) => bytes);
  expect(Math.min(...residuals)).toBeLessThan(-4 * 2 ** 30);
  expect(Math.max(...residuals)).toBeGreaterThan(4 * 2 ** 30);
  expect({ holds: anchor?.holds, mayFit }).toEqual({ holds: false, mayFit: false });
});

describe('what prices nothing', () => {
  test('is a log that names no model', async () => {
    const incident = await incidentOf(['-'], failure(22.1, '890.00 MiB', IN_LOSS));
    expect(incident.pricing).toBeUndefined();
    expect(incident.report.notes).toEqual([]);
  });

  test('is a model that nobody knows: a note where it is guessed, an error where it was said', async () => {
    const frames = `Traceback (most recent call last):
  File "/home/me/run.py", line 9, in <module>
    model = AutoModel.from_pretrained("somebody/never-heard-of-7b").cuda()`;
    const incident = await incidentOf(['-'], failure(22.1, '890.00 MiB', frames));
    expect(incident.pricing).toBeUndefined();
    expect(incident.report.notes.map(({ code }) => code)).toEqual(['not-priced']);
    const said = await diagnose(
      ['-', '--model', 'somebody/never-heard-of-7b'],
      failure(22.1, '890.00 MiB'),
    );
    expect(said.code).toBe(2);
    expect(said.err).toContain('somebody/never-heard-of-7b');
  });

  test('is --no-price', async () => {
    writeFileSync(join(folder, 'lora.yaml'), LORA);
    const incident = await incidentOf(
      ['-', 'lora.yaml', '--no-price'],
      failure(19.5, '4.64 GiB', IN_LOSS),
    );
    expect(incident.pricing).toBeUndefined();
  });
});

test('a script names the model and the weight that failed, in every language', async () => {
  const frames = `Traceback (most recent call last):
  File "/home/me/run.py", line 12, in <module>
    model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.1-8B-Instruct", torch_dtype=torch.float32).cuda()
  File "/opt/lib/python3.10/site-packages/torch/nn/modules/module.py", line 1071, in _apply
    param_applied = fn(param)`;
  const log = failure(22.1, '224.00 MiB', frames);
  const incident = await incidentOf(['-'], log);
  const { plan, failing_tensors: tensors } = priced(incident);
  expect(plan.workload.purpose).toBe('generation');
  // 14336 × 4096 in fp32.
  expect(tensors).toMatchObject([{ bytes: 224 * 2 ** 20, is_named: true }]);
  for (const lang of ['en', 'zh', 'ru']) {
    for (const format of ['text', 'markdown']) {
      const { out, code } = await diagnose(['-', '--lang', lang, '--format', format], log);
      expect(code).toBe(1);
      expect(out).toContain('meta-llama/Llama-3.1-8B-Instruct');
      expect(out).not.toMatch(/undefined|NaN|\{\w+\}/);
    }
  }
});

test('a memory snapshot says of which kind the tensors are that the model does not have', async () => {
  const drawing = `device 0 16GiB
at train.py:5 in main > /usr/lib/python3.11/site-packages/torch/nn/modules/module.py:900 in _apply:
  for layer in 1..24:
    w[layer] = alloc 251.2MiB
at train.py:30 in main > /usr/lib/python3.11/site-packages/torch/nn/modules/module.py:1700 in _call_impl > model.py:50 in forward:
  for layer in 1..24:
    a[layer] = alloc 400MiB
  oom 2GiB`;
  writeFileSync(join(folder, 'oom.pickle'), Buffer.concat([...writeSnapshot(drawn(drawing), {})]));
  writeFileSync(
    join(folder, 'full.yaml'),
    LORA.replace('Qwen2.5-7B', 'Qwen2.5-1.5B').replace('lora\nlora_rank: 16', 'full') +
      'pure_bf16: true\n',
  );
  const incident = await incidentOf(['oom.pickle', 'full.yaml', '--on', 'RTX4080']);
  const { anchor, may_fit: mayFit } = priced(incident);
  const weights = anchor?.kinds?.find(({ kind }) => kind === 'weights');
  // 5.91 GiB of weights in fp32 where 2.88 GiB in bf16 were described; the total alone would have fitted in.
  expect((weights?.residual_bytes ?? 0) / 2 ** 30).toBeCloseTo(3.03, 2);
  expect(anchor).toMatchObject({ holds: false, residual_bytes: weights?.residual_bytes });
  expect(anchor?.why).toContain('Weights: the snapshot has 5.91 GiB, the model at most 2.88 GiB.');
  expect(mayFit).toBe(false);
});

describe('an engine that took its pool before requests came', () => {
  const IN_LOGITS = `Traceback (most recent call last):
  File "/opt/lib/python3.12/site-packages/sglang/srt/managers/scheduler.py", line 1816, in run_scheduler_process
    scheduler.event_loop_overlap()
  File "/opt/lib/python3.12/site-packages/sglang/srt/model_executor/model_runner.py", line 820, in forward_extend
    return self.model.forward(
  File "/opt/lib/python3.12/site-packages/sglang/srt/layers/logits_processor.py", line 310, in _get_logits
    logits = torch.matmul(hidden_states, lm_head.weight.T)`;
  const COMMAND =
    'python -m sglang.launch_server --model-path Qwen/Qwen2.5-7B-Instruct --mem-fraction-static 0.92 --context-length 32768 --chunked-prefill-size 8192';

  test('is told to take less, in its own words and until the work of a request fits', async () => {
    const incident = await incidentOf(
      ['-', '--command', COMMAND, '--on', 'rtx4090'],
      failure(21.9, '2.32 GiB', IN_LOGITS, '110.25 MiB'),
    );
    const step = incident.steps.find(({ remedy }) => remedy === 'lower-engine-budget');
    expect(step).toBeDefined();
    expect(JSON.stringify(priced(incident).plan.plans)).toMatch(
      /--mem-fraction-static 0\.[4-8]\d?/,
    );
  });
});

describe('an engine that failed while it planned', () => {
  const BLOCKS = `ERROR 11-21 09:01:02 [core.py:708] ValueError: No available memory for the cache blocks. Try increasing \`gpu_memory_utilization\` when initializing the engine.
`;

  test('has measures judged by the room at its budget, not by a card that the pool fills', async () => {
    const command = 'vllm serve Qwen/Qwen2.5-32B-Instruct --max-model-len 16384';
    const { steps, dead_ends: ends } = await incidentOf(
      ['-', '--command', command, '--on', 'A100-80GB'],
      BLOCKS,
    );
    const quantised = steps.find(({ remedy }) => remedy === 'quantized-weights');
    expect(quantised).toMatchObject({ room_at: 'budget', basis: 'modelled' });
    expect(quantised?.bytes?.mid).toBeGreaterThan(30 * 2 ** 30);
    // The budget holds weights and the profile run: what the cache would take is no part of it.
    const cache = ends.find(({ remedy }) => remedy === 'kv-cache-in-8-bit');
    expect(cache?.why).toContain('the engine’s budget');
  });

  const TOO_LONG = `INFO 11-21 09:00:01 [api_server.py:1890] vLLM API server version 0.11.0
ERROR 11-21 09:01:02 [core.py:708] ValueError: To serve at least one request with the models's max seq len (131072), (16.00 GiB KV cache is needed, which is larger than the available KV cache memory (4.21 GiB). Based on the available memory, the estimated maximum model length is 34490. Try increasing \`gpu_memory_utilization\` or decreasing \`max_model_len\` when initializing the engine.
`;
  const SERVED = 'vllm serve meta-llama/Llama-3.1-8B-Instruct --gpu-memory-utilization 0.9';

  test('has the length that the message says fits first, where nobody asked for another', async () => {
    const incident = await incidentOf(['-', '--command', SERVED, '--on', 'RTX 4090'], TOO_LONG);
    // Whole pages of 16 tokens.
    const change = ['--max-model-len 34480'];
    expect(incident.steps[0]).toMatchObject({ remedy: 'shorter-context', change, claim: 'fits' });
    const [plan] = priced(incident).plan.plans;
    expect(plan?.steps).toMatchObject([{ remedy: 'shorter-context', change }]);
    const raise = incident.dead_ends.find(({ remedy }) => remedy === 'raise-engine-budget');
    expect(raise?.why).toContain('11.79 GiB are missing');
  });

  test('what the engine measured for its cache stands, whatever the model has for it', async () => {
    // Of the two halves of a model of 32 thousand million weights on cards of 40 GB.
    const measured = TOO_LONG.replace('(131072)', '(32768)')
      .replace('(16.00 GiB', '(4.00 GiB')
      .replace('(4.21 GiB)', '(2.60 GiB)')
      .replace('34490', '21280');
    const args = ['-', '--model', 'Qwen/Qwen2.5-32B-Instruct', '--on', '2xA100-40GB'];
    const incident = await incidentOf([...args, '--set', 'tensor_parallel=2'], measured);
    const { plan } = priced(incident);
    expect(plan.capacity?.kv_bytes.mid).toBeCloseTo(2.6 * 2 ** 30, -8);
    // What the engine itself estimates, in whole pages.
    expect(plan.capacity?.kv_tokens).toBeGreaterThan(21200);
    expect(plan.capacity?.kv_tokens).toBeLessThan(21400);
    expect(plan.fits).toBe('no');
    expect(plan.assumptions).toContainEqual(
      expect.objectContaining({ setting: 'context_length', value: 32768 }),
    );
    expect(incident.report.notes.map(({ code }) => code)).toContain('engine-measured');
  });

  test('a measurement that is far off is of another job, and no plan counts on it', async () => {
    const half = TOO_LONG.replace('(4.21 GiB)', '(14.50 GiB)');
    const incident = await incidentOf(
      ['-', '--model', 'meta-llama/Llama-3.1-8B-Instruct', '--on', '24GB'],
      half,
    );
    const note = incident.report.notes.find(({ code }) => code === 'engine-measured');
    expect(note?.text).toContain('does not count on the measurement');
    const { plan } = priced(incident);
    expect(plan.capacity?.kv_bytes.mid).toBeLessThan(8 * 2 ** 30);
  });

  test('weights that the log has and the model does not are pointed at', async () => {
    const other = `INFO 11-21 09:00:41 [gpu_model_runner.py:2653] Model loading took 30.6100 GiB and 27.8 seconds\n${TOO_LONG}`;
    const { report } = await incidentOf(
      ['-', '--model', 'Qwen/Qwen2.5-14B-Instruct', '--on', 'A100-40GB'],
      other,
    );
    expect(report.notes.map(({ code }) => code)).toContain('other-weights');
  });

  test('leaves a length that was asked for to those who allow another experiment', async () => {
    const asked = `${SERVED} --max-model-len 131072`;
    const incident = await incidentOf(['-', '--command', asked, '--on', 'RTX 4090'], TOO_LONG);
    const steps = priced(incident).plan.plans.flatMap((plan) => plan.steps);
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.map(({ remedy }) => remedy)).not.toContain('shorter-context');
  });
});

test('an engine that makes completions on the card of the training may take less of it', async () => {
  const script = `from trl import GRPOConfig, GRPOTrainer
args = GRPOConfig(per_device_train_batch_size=8, max_prompt_length=512, max_completion_length=1024, use_vllm=True, vllm_mode="colocate", vllm_gpu_memory_utilization=0.5, bf16=True, gradient_checkpointing=True)
GRPOTrainer(model="Qwen/Qwen2.5-3B-Instruct", args=args).train()
`;
  writeFileSync(join(folder, 'grpo.py'), script);
  const held = `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.32 GiB. GPU 0 has a total capacity of 79.10 GiB of which 1.10 GiB is free. Including non-PyTorch memory, this process has 77.99 GiB memory in use. Of the allocated memory 74.90 GiB is allocated by PyTorch, with 1.21 GiB allocated in private pools (e.g., CUDA Graphs), and 1.52 GiB is reserved by PyTorch but unallocated.
`;
  const { plan } = priced(await incidentOf(['-', 'grpo.py'], held));
  const [first] = plan.plans;
  const lower = first?.steps.find(({ remedy }) => remedy === 'lower-engine-budget');
  expect(lower?.change[0]).toMatch(/^GRPOConfig\(vllm_gpu_memory_utilization=0\.[34]/);
  // What the engine checks at its start stands against a share that is too small.
  expect(plan.limits.map(({ limit }) => limit)).toEqual(
    expect.arrayContaining(['card', 'budget', 'longest-sequence']),
  );
});
