// `unoom plan` as a user meets it: what it prints is what its schema says, in every language and format.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schemas } from '../src/core/index.ts';
import type { PlanData } from '../src/core/report/plans/data.ts';
import { type Run, unoom } from './command.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unoom-plan-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plan = (args: readonly string[], input = ''): Promise<Run> =>
  unoom(['plan', ...args], input, { HF_HUB_OFFLINE: '1', HF_HOME: folder }, folder);

async function data(args: readonly string[], input = ''): Promise<PlanData> {
  const { out, err } = await plan([...args, '--format', 'json'], input);
  expect(err).toBe('');
  return JSON.parse(out) as PlanData;
}

const AXOLOTL = `base_model: meta-llama/Llama-3.1-8B
load_in_4bit: true
adapter: qlora
lora_r: 32
lora_target_linear: true
sequence_len: 2048
micro_batch_size: 8
gradient_accumulation_steps: 2
optimizer: adamw_bnb_8bit
bf16: auto
gradient_checkpointing: true
`;

const SCRIPT = `from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
import torch
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-1.5B", torch_dtype=torch.bfloat16)
args = TrainingArguments(output_dir="o", per_device_train_batch_size=8, bf16=True, deepspeed="ds.json")
Trainer(model=model, args=args).train()
`;

/** A card of which others hold most. */
const SMI = `| NVIDIA-SMI 550.54.15    Driver Version: 550.54.15    CUDA Version: 12.4 |
|-----------------------------------------+------------------------+----------------------+
|   0  NVIDIA GeForce RTX 3090        On  |   00000000:01:00.0 Off |                  N/A |
| 30%   40C    P8             25W /  350W |   20480MiB /  24576MiB |      0%      Default |
`;

const validate = new Ajv2020({ allErrors: true, strict: false }).compile(schemas['plan'] ?? {});

const CASES: readonly (readonly string[])[] = [
  ['--model', 'meta-llama/Llama-3.1-8B', '--on', 'H100', '--for', 'training', '--batch', '4'],
  ['--model', 'Qwen/Qwen3-8B', '--on', '24GB', '--for', 'generation', '--max-context'],
  ['--command', 'vllm serve Qwen/Qwen3-32B --max-model-len 32768', '--on', '2xH100', '--max-batch'],
  ['--command', 'llama-server -hf x/Meta-Llama-3.1-8B-Instruct-GGUF:Q4_K_M -c 8192', '--on', '6GB'],
  ['--model', 'Qwen/Qwen2.5-0.5B', '--on', 'T4', '--for', 'training', '--which-gpu', '--max-model'],
  ['--model', 'meta-llama/Llama-3.1-70B', '--on', 'RTX 3060', '--for', 'training'],
];

const LANGS = ['en', 'zh', 'ru'];

describe('the report', () => {
  test.each(CASES.map((args, at) => [args.join(' '), args, at] as const))(
    'follows its schema: %s',
    async (_, args, at) => {
      for (const lang of [LANGS[at % LANGS.length] ?? 'en']) {
        const found = await data([...args, '--lang', lang]);
        expect(validate(found) ? '' : JSON.stringify(validate.errors)).toBe('');
        for (const { timeline, peak } of found.ranks) {
          const highest = Math.max(...timeline.map(({ device_bytes: { mid } }) => mid));
          expect(Math.abs(highest - peak.device_bytes.mid)).toBeLessThanOrEqual(1);
          for (const { ledger, device_bytes: device } of timeline) {
            const sum = ledger.atoms
              .filter(({ pool }) => pool !== 'host')
              .reduce((all, { bytes }) => all + bytes.mid, 0);
            expect(Math.abs(sum - device.mid)).toBeLessThanOrEqual(ledger.atoms.length + 1);
          }
        }
      }
    },
  );

  test('ends with 0 only where it fits or probably does', async () => {
    expect(
      (await plan(['--model', 'Qwen/Qwen3-8B', '--on', '24GB', '--for', 'generation'])).code,
    ).toBe(0);
    expect(
      (await plan(['--model', 'Qwen/Qwen3-8B', '--on', '8GB', '--for', 'generation'])).code,
    ).toBe(1);
  });

  test('is text that says the verdict first, and Markdown', async () => {
    const args = ['--model', 'Qwen/Qwen3-8B', '--on', '8GB', '--for', 'generation'];
    const [first] = (await plan(args)).out.split('\n');
    expect(first).toMatch(/^Qwen\/Qwen3-8B on 8GB does not fit: generation needs/);
    expect((await plan([...args, '--lang', 'zh'])).out).toContain('放不下');
    expect((await plan([...args, '--format', 'markdown'])).out).toMatch(/^\*\*Qwen/);
  });
});

describe('engines', () => {
  test('llama.cpp lays its layers over all cards', async () => {
    const command =
      'llama-server -hf bartowski/Meta-Llama-3.1-70B-Instruct-GGUF:Q4_K_M -c 8192 -ngl 99';
    const found = await data(['--command', command, '--on', '2x24GB']);
    expect(found.fits).toBe('yes');
    expect(found.ranks.map(({ role }) => role)).toEqual(['card 0', 'card 1']);
    const alone = await data(['--command', `${command} -sm none`, '--on', '2x24GB']);
    expect(alone.fits).toBe('no');
    expect(alone.ranks.map(({ role }) => role)).toEqual(['every']);
  });

  test('a share of the card is raised where the rest of it would do', async () => {
    const command =
      'vllm serve Qwen/Qwen3-8B --max-model-len 8192 --gpu-memory-utilization 0.7 --max-num-seqs 8';
    const { fits, plans } = await data(['--command', command, '--on', '24GB']);
    expect(fits).toBe('no');
    const shares = plans.flatMap(({ steps }) =>
      steps.flatMap(({ settings }) =>
        settings.flatMap(({ name, to }) => (name === 'engine_fraction' ? [Number(to)] : [])),
      ),
    );
    expect(shares).not.toEqual([]);
    for (const share of shares) {
      expect(share).toBeGreaterThan(0.7);
      expect(share).toBeLessThanOrEqual(0.95);
    }
  });

  test('a context beyond what the model is made for is said to be', async () => {
    const args = ['--model', 'Qwen/Qwen2.5-0.5B', '--on', 'H100', '--for', 'serving'];
    const found = await data([...args, '--context', '100000']);
    expect(found.machine.notes.join()).toContain('rope_scaling');
    expect((await data([...args, '--max-context'])).max_context).toBe(32768);
  });

  test('what does not fit is not said to start', async () => {
    const command = 'python -m sglang.launch_server --model-path Qwen/Qwen3-32B';
    const { out } = await plan(['--command', command, '--on', '24GB']);
    expect(out).toContain('does not fit');
    expect(out).not.toContain('it starts');
  });
});

describe('sources', () => {
  test('axolotl from standard input; options stand before it', async () => {
    const found = await data(['-', '--on', 'RTX 4090', '--batch', '1'], AXOLOTL);
    expect(found.workload.dialects[0]).toBe('axolotl');
    const batch = found.workload.settings.find(({ name }) => name === 'micro_batch');
    expect(batch).toMatchObject({ value: 1, by: 'option', source: '--batch' });
    expect(found.model.name).toBe('meta-llama/Llama-3.1-8B');
  });

  test('a file that a script points to is read beside it', async () => {
    writeFileSync(join(folder, 'train.py'), SCRIPT);
    writeFileSync(
      join(folder, 'ds.json'),
      '{"bf16": {"enabled": true}, "zero_optimization": {"stage": 3}}',
    );
    const found = await data(['train.py', '--on', '4xA100-40GB']);
    const sharding = found.workload.settings.find(({ name }) => name === 'sharding');
    expect(sharding?.value).toBe('full');
    expect(sharding?.source).toContain('ds.json');
    expect(found.ranks.reduce((sum, { count }) => sum + count, 0)).toBe(4);
  });

  test('a config of a model', async () => {
    const config = {
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      hidden_size: 512,
      intermediate_size: 1024,
      num_hidden_layers: 4,
      num_attention_heads: 8,
      vocab_size: 1000,
      torch_dtype: 'bfloat16',
    };
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    const found = await data(['--model', 'config.json', '--on', '8GB', '--for', 'training']);
    expect(found.fits).toBe('yes');
    expect(found.model.family).toBe('llama');
  });

  test('a folder, whose headers say what its config does not', async () => {
    const model = mkdtempSync(join(folder, 'model-'));
    const config = {
      model_type: 'llama',
      hidden_size: 512,
      intermediate_size: 1024,
      num_hidden_layers: 1,
      num_attention_heads: 8,
      vocab_size: 1000,
      tie_word_embeddings: true,
    };
    writeFileSync(join(model, 'config.json'), JSON.stringify(config));
    const bytes = 4 * 10_000_000;
    const header = JSON.stringify({
      'model.embed_tokens.weight': { dtype: 'F32', shape: [10_000_000], data_offsets: [0, bytes] },
    });
    const head = Buffer.alloc(8);
    head.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(join(model, 'model.safetensors'), Buffer.concat([head, Buffer.from(header)]));
    const found = await data(['--model', model, '--on', '8GB', '--for', 'generation']);
    const [load] = found.ranks[0]?.timeline ?? [];
    const weights = load?.ledger.atoms.find(({ term }) => term === 'weights');
    expect(weights?.bytes.mid).toBe(bytes);
  });

  test('an ONNX file has exactly its initialisers; what its layers are a config says', async () => {
    const model = mkdtempSync(join(folder, 'graph-'));
    // One initialiser of 25 million floats, whose data lies elsewhere.
    const tensor = [0x08, 0xc0, 0xf0, 0xf5, 0x0b, 0x10, 1, 0x42, 1, 0x77];
    const graph = Buffer.from([0x3a, tensor.length + 2, 0x2a, tensor.length, ...tensor]);
    writeFileSync(join(model, 'model.onnx'), graph);
    const args = ['--model', join(model, 'model.onnx'), '--on', '8GB', '--for', 'evaluation'];
    const alone = await plan(args);
    expect([alone.code, alone.err]).toEqual([2, expect.stringContaining('95.4 MiB')]);
    const config = { model_type: 'bert', hidden_size: 128, num_hidden_layers: 2 };
    writeFileSync(join(model, 'config.json'), JSON.stringify(config));
    const [load] = (await data(args)).ranks[0]?.timeline ?? [];
    const weights = load?.ledger.atoms.find(({ term }) => term === 'weights');
    expect(weights?.bytes.mid).toBe(100_000_000);
  });

  test('flags of Megatron-LM that describe a model', async () => {
    const line =
      'torchrun --nproc_per_node 8 pretrain_gpt.py --num-layers 32 --hidden-size 4096 --ffn-hidden-size 14336 --num-attention-heads 32 --group-query-attention --num-query-groups 8 --swiglu --normalization RMSNorm --position-embedding-type rope --disable-bias-linear --untie-embeddings-and-output-weights --seq-length 4096 --micro-batch-size 1 --tensor-model-parallel-size 2 --bf16';
    const found = await data(['--command', `${line} --vocab-size 128256`, '--on', '8xA100-80GB']);
    expect(found.model).toMatchObject({ name: 'llama-32x4096', parameters: 8_030_261_248 });
    expect(found.workload.unread).toEqual([]);
    const { code, err } = await plan(['--command', line, '--on', '8xA100-80GB']);
    expect([code, err]).toEqual([2, expect.stringContaining('--vocab-size')]);
  });

  test('a tag of ollama, and settings that are not counted are named', async () => {
    const served = await data(['--command', 'ollama run llama3.1:8b', '--on', '8GB']);
    expect(served.model.parameters).toBeGreaterThan(8e9);
    // 4096 tokens of context are ollama's own, not what the model allows.
    expect(served.assumptions.map(({ value }) => value)).toEqual(
      expect.arrayContaining(['Q4_K_M', 4096]),
    );
    const trained = await data([
      '--model',
      'Qwen/Qwen3-8B',
      '--on',
      'H100',
      '--for',
      'training',
      '--set',
      'preallocation=true',
    ]);
    expect(trained.not_counted).toEqual(['preallocation']);
  });

  test('a training loop of one’s own is changed in its own words', async () => {
    const loop = `import torch
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-3B", torch_dtype=torch.bfloat16).cuda()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5)
for batch in DataLoader(data, batch_size=8):
    loss = model(**batch).loss
    loss.backward()
    optimizer.step()
`;
    const changes = async (text: string): Promise<string> => {
      writeFileSync(join(folder, 'loop.py'), text);
      const { plans } = await data(['loop.py', '--on', '24GB']);
      return plans
        .flatMap(({ steps }) => steps)
        .flatMap(({ change }) => change)
        .join('\n');
    };
    expect(await changes(loop)).toContain('DataLoader(dataset, batch_size=');
    expect(await changes(loop)).not.toMatch(/TrainingArguments|Accelerator\(/);
    const trained = `${loop.slice(0, loop.indexOf('optimizer ='))}
class Own(Trainer):
    def training_step(self, model, batch):
        self.compute_loss(model, batch).backward()
Own(model=model, args=TrainingArguments("out", per_device_train_batch_size=8)).train()
`;
    expect(await changes(trained)).toContain('TrainingArguments(per_device_train_batch_size=');
  });

  test('a second model that a script holds takes its part of the card', async () => {
    const two = (name: string): string => `import torch
from transformers import AutoModelForCausalLM
${name} = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-8B", torch_dtype=torch.bfloat16).cuda().eval()
student = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-0.6B", torch_dtype=torch.bfloat16).cuda()
optimizer = torch.optim.AdamW(student.parameters(), lr=1e-5)
loss = student(**batch).loss
loss.backward()
optimizer.step()
`;
    writeFileSync(join(folder, 'two.py'), two('teacher'));
    const both = await data(['two.py', '--on', 'RTX 4090']);
    expect(both.model.name).toBe('Qwen/Qwen3-0.6B');
    expect(both.machine.notes.join()).toContain('Qwen/Qwen3-8B is held too (two.py:3)');
    // 8.19 thousand million weights of two bytes.
    const [first] = both.machine.cards;
    expect(first?.taken_bytes.mid).toBeGreaterThan(15.2 * 2 ** 30);
    expect(both.fits).toBe('no');
    // Of one name the later one stands.
    writeFileSync(join(folder, 'two.py'), two('student'));
    const one = await data(['two.py', '--on', 'RTX 4090']);
    expect([one.fits, one.machine.cards[0]?.taken_bytes.mid]).toEqual(['yes', 0]);
    expect(one.workload.overridden).toMatchObject([{ setting: 'model', value: 'Qwen/Qwen3-8B' }]);
  });

  test('the cards that a launch sees are its processes', async () => {
    writeFileSync(join(folder, 'seen.py'), SCRIPT.replace(', deepspeed="ds.json"', ''));
    const command = 'CUDA_VISIBLE_DEVICES=0,1 torchrun --nproc_per_node 2 seen.py';
    const seen = await data(['--command', command, 'seen.py', '--on', '8xH100']);
    expect(seen.ranks.reduce((sum, { count }) => sum + count, 0)).toBe(2);
    expect(seen.machine.notes.join()).not.toContain('processes');
    const more = await data([
      '--command',
      'torchrun --nproc_per_node 8 seen.py',
      'seen.py',
      '--on',
      '2xH100',
    ]);
    expect(more.machine.notes.join()).toMatch(/8 processes .* only 2 cards/);
  });

  test('cards that others use have less room', async () => {
    writeFileSync(join(folder, 'smi.txt'), SMI);
    const found = await data([
      '--model',
      'Qwen/Qwen3-4B',
      '--on',
      'smi.txt',
      '--for',
      'generation',
    ]);
    expect(found.machine.cards[0]?.taken_bytes.mid).toBeGreaterThan(15 * 2 ** 30);
    expect(found.fits).toBe('no');
  });
});

describe('where no machine is named', () => {
  const args = ['--model', 'Qwen/Qwen3-8B', '--for', 'generation'];
  /** @param path where tools are looked for */
  const seeing = async (path: string, more: readonly string[]): Promise<PlanData> =>
    JSON.parse(
      (await unoom(['plan', ...more, '--format', 'json'], '', { PATH: path }, folder)).out,
    );

  test('and no card is seen, the smallest card on which it fits is planned for', async () => {
    const found = await seeing('', args);
    expect(found.fits).toMatch(/yes|probably/);
    expect(found.which_gpus?.[0]?.name).toBe(found.machine.name);
    expect(found.machine.notes.join()).toContain('--on');
    const huge = ['--model', 'meta-llama/Llama-3.1-405B', '--for', 'generation'];
    const large = await seeing('', huge);
    expect([large.fits, large.which_gpus]).toEqual(['no', []]);
  });

  test.skipIf(process.platform === 'win32')('this one is, as nvidia-smi shows it', async () => {
    const tools = mkdtempSync(join(folder, 'tools-'));
    const script = `#!/bin/sh\ncat <<'END'\n${SMI}END\n`;
    writeFileSync(join(tools, 'nvidia-smi'), script, { mode: 0o755 });
    const { machine, fits, which_gpus } = await seeing(`${tools}:/usr/bin:/bin`, args);
    expect(machine.name).toBe('RTX 3090');
    expect(machine.cards[0]?.taken_bytes.mid).toBeGreaterThan(15 * 2 ** 30);
    expect(machine.notes.join()).toContain('nvidia-smi');
    expect([fits, which_gpus]).toEqual(['no', undefined]);
  });
});

describe('another experiment, when it is allowed', () => {
  const args = ['--model', 'Qwen/Qwen3-8B', '--on', '8GB', '--for', 'generation'];

  test('is a smaller model of the family', async () => {
    const found = await data([...args, '--allow', 'experiment']);
    expect(validate(found) ? '' : JSON.stringify(validate.errors)).toBe('');
    const [first] = found.smaller_models ?? [];
    expect(first).toMatchObject({ fits: expect.stringMatching(/yes|probably/) });
    expect(first?.name).toMatch(/^Qwen\//);
    expect(first?.parameters).toBeLessThan(8e9);
  });

  test('is not spoken of else', async () => {
    expect((await data(args)).smaller_models).toBeUndefined();
  });
});

describe('bad usage', () => {
  test.each([
    [['--on', 'H100'], 'no model is named'],
    [['--model', 'nobody/nothing', '--on', 'H100'], '--fetch'],
    [['--model', 'yolov8x.pt', '--on', 'H100'], 'a file of weights'],
    [['--model', 'Qwen/Qwen3-8B', '--on', 'H99'], 'no machine that is known'],
    [['--model', 'Qwen/Qwen3-8B', '--on', 'H100', '--batch', '0'], '--batch'],
    [['--model', 'Qwen/Qwen3-8B', '--on', 'H100', '--margin', 'much'], '--margin'],
    [['--model', 'Qwen/Qwen3-8B', '--on', 'H100', '--max-slowdown', '-1'], '--max-slowdown'],
    [['--model', 'Qwen/Qwen3-8B', '--on', 'H100', '--set', 'nonsense=1'], '--set'],
    [['--model', 'Qwen/Qwen3-8B', '--on', 'H100', '--optimizer', 'magic'], 'adamw-8bit'],
    [
      ['--model', 'Qwen/Qwen3-8B', '--on', 'H100', '--set', 'tensor_parallel=-3'],
      'tensor_parallel',
    ],
    [
      [
        '--model',
        'Qwen/Qwen3-8B',
        '--on',
        'H100',
        '--for',
        'training',
        '--batch',
        '100000000',
        '--seq',
        '100000000',
      ],
      '--batch, --seq',
    ],
    [['--model', 'google/vit-base-patch16-224', '--on', 'H100', '--for', 'serving'], 'vocabulary'],
    [['--model', 'Qwen/Qwen2.5-7B-Instruct-AWQ', '--on', 'H100', '--for', 'training'], 'awq'],
    [
      ['--command', 'vllm serve Qwen/Qwen2.5-0.5B -tp 4', '--on', '4xH100'],
      '14 attention heads, which 4 cards',
    ],
    [['none.yml', '--on', 'H100'], 'none.yml'],
  ])('%j ends with 2 and says what to do', async (args, says) => {
    const { code, err, out } = await plan(args);
    expect(code).toBe(2);
    expect(err).toContain(says);
    expect(out).toBe('');
  });
});

test('DDP gets no optimizer inside the backward pass: the hook would step before the gradient is reduced', async () => {
  const job = [
    '--model',
    'Qwen/Qwen2.5-7B',
    '--for',
    'training',
    '--dtype',
    'bf16',
    '--seq',
    '128',
  ];
  const only = ['--only', 'optimizer-in-backward'];
  const one = await data([...job, ...only, '--on', '56GB']);
  expect(one.plans.flatMap(({ steps }) => steps.map(({ remedy }) => remedy))).toContain(
    'optimizer-in-backward',
  );
  const several = await data([...job, ...only, '--on', '4x56GB']);
  expect(several.plans).toEqual([]);
  const divided = await data([...job, ...only, '--on', '2x36GB', '--set', 'sharding=full']);
  expect(divided.plans.flatMap(({ steps }) => steps.map(({ remedy }) => remedy))).toContain(
    'optimizer-in-backward',
  );
});

test('a measure of an engine gives room, it saves nothing: the cache takes what the card has', async () => {
  const command = 'vllm serve Qwen/Qwen3-32B --max-model-len 40960 --tensor-parallel-size 2';
  const args = ['--command', command, '--on', '2xA100-40GB'];
  const [first] = (await data(args)).plans;
  expect(first?.steps[0]).toMatchObject({
    remedy: 'kv-cache-in-8-bit',
    room_at: 'longest-sequence',
  });
  const { out } = await plan(args);
  expect(out.replace(/\s+/g, ' ')).toContain('2.50 GiB more room (cache for the longest sequence)');
  expect(out).not.toContain('saves');
});

test('llama.cpp can leave layers on the host though nobody said how many are on the card', async () => {
  const command = 'llama-server -hf x/Llama-3.1-8B-Instruct-GGUF:Q4_K_M -c 16384';
  const found = await data(['--command', command, '--on', '6GB']);
  expect(found.plans[0]?.steps[0]).toMatchObject({ remedy: 'fewer-gpu-layers' });
  expect(found.plans[0]?.steps[0]?.change[0]).toMatch(/^-ngl \d+$/);
});

test('settings have names in the language of the report', async () => {
  const args = ['--model', 'Qwen/Qwen2.5-0.5B', '--for', 'training', '--on', 'T4', '--seq', '8192'];
  expect((await plan([...args, '--batch', '4', '--lang', 'zh'])).out).toContain('微批次');
  expect((await plan([...args, '--batch', '4', '--lang', 'ru'])).out).toContain('микробатч');
});

test('what one measure does alone is found among all of them', async () => {
  const job = ['--model', 'meta-llama/Llama-3.1-70B', '--for', 'training', '--lora-rank', '16'];
  const rest = ['--batch', '1', '--seq', '4096', '--set', 'checkpointing=true', '--on', '8xH100'];
  const alone = await data([...job, ...rest, '--only', 'shard-model-states']);
  expect(alone.plans.length).toBeGreaterThan(0);
  const all = await data([...job, ...rest]);
  expect(all.plans.length).toBeGreaterThan(0);
});
