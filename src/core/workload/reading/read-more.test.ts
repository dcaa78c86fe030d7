/** Containers, versions, environments, several sources at once, and what nobody should be able to break. */
import { describe, expect, it } from 'vitest';
import type { SettingValue } from '../settings.ts';
import { readWorkload, type WorkloadReading } from './read-workload.ts';
import { withDefaults } from './with-defaults.ts';

type Files = Readonly<Record<string, string>>;

const read = (files: Files): WorkloadReading =>
  readWorkload(Object.entries(files).map(([name, text]) => ({ name, text })));

const settingsOf = ({
  workload,
}: Pick<WorkloadReading, 'workload'>): Record<string, SettingValue> =>
  Object.fromEntries([...workload.settings].map(([name, { value }]) => [name, value]));

const codes = ({ problems }: WorkloadReading): string[] => problems.map(({ code }) => code);

describe('containers', () => {
  it.each<readonly [string, Files, Record<string, SettingValue>, object]>([
    [
      'docker compose with vLLM',
      {
        'compose.yaml': `services:
  llm:
    image: vllm/vllm-openai:v0.10.2
    environment:
      - CUDA_VISIBLE_DEVICES=2,3
    command: >
      --model acme/lm-32b --tensor-parallel-size 2
      --max-model-len 16384
    deploy:
      resources:
        reservations:
          devices:
            - driver: nvidia
              count: 2
              capabilities: [gpu]
`,
      },
      { tensor_parallel: 2, context_length: 16384 },
      { model: 'acme/lm-32b', visible: '2,3', gpus: 2, purpose: 'serving' },
    ],
    [
      'docker compose with ollama',
      {
        'docker-compose.yml': `services:
  ollama:
    image: ollama/ollama:0.9.0
    environment:
      OLLAMA_NUM_PARALLEL: 2
      OLLAMA_KV_CACHE_TYPE: q8_0
`,
      },
      { max_sequences: 2, kv_dtype: 'q8' },
      { purpose: 'serving' },
    ],
    [
      'a Kubernetes Deployment',
      {
        'deploy.yaml': `apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      containers:
        - name: server
          image: lmsysorg/sglang:v0.5.3
          command: ["python3", "-m", "sglang.launch_server"]
          args:
            - --model-path
            - acme/lm
            - --mem-fraction-static
            - "0.85"
          resources:
            limits:
              nvidia.com/gpu: 4
`,
      },
      { engine_fraction: 0.85 },
      { model: 'acme/lm', gpus: 4, purpose: 'serving' },
    ],
    [
      'a Kubernetes Job with a shell',
      {
        'job.yaml': `apiVersion: batch/v1
kind: Job
spec:
  template:
    spec:
      containers:
        - image: acme/train
          command: [bash, -c]
          args: ["torchrun --nproc_per_node=8 train.py --per_device_train_batch_size 2 --bf16"]
          env:
            - name: PYTORCH_CUDA_ALLOC_CONF
              value: "expandable_segments:True"
`,
      },
      { world_size: 8, micro_batch: 2, compute_precision: 'bf16', expandable_segments: true },
      { purpose: 'training' },
    ],
    [
      'docker run of TGI',
      {
        'tgi.sh':
          'docker run --gpus all --shm-size 1g -p 80:80 -e MAX_TOTAL_TOKENS=8192 ghcr.io/huggingface/text-generation-inference:3.3.1 --model-id acme/lm --num-shard 4',
      },
      { tensor_parallel: 4, context_length: 8192 },
      { model: 'acme/lm' },
    ],
    [
      'docker run of llama.cpp',
      {
        'l.sh':
          'docker run -v /m:/models --gpus 1 ghcr.io/ggml-org/llama.cpp:server-cuda -m /models/x.gguf -c 4096 --n-gpu-layers 40',
      },
      { context_length: 4096, gpu_layers: 40 },
      { model: '/models/x.gguf', gpus: 1 },
    ],
    [
      'a Dockerfile',
      {
        Dockerfile: `FROM vllm/vllm-openai:v0.11.0
ENV VLLM_LOGGING_LEVEL=DEBUG
RUN pip install transformers==4.57.0
CMD ["--model", "acme/lm", "--max-num-seqs", "32"]
`,
      },
      { max_sequences: 32 },
      { model: 'acme/lm' },
    ],
    [
      'a Modelfile',
      { Modelfile: 'FROM lm:8b\nPARAMETER num_ctx 16384\nPARAMETER num_gpu 20\nSYSTEM be brief\n' },
      { context_length: 16384, gpu_layers: 20 },
      { model: 'lm:8b', purpose: 'serving' },
    ],
  ])('%s', (_, files, settings, more) => {
    const reading = read(files);
    expect(codes(reading)).toEqual([]);
    expect(settingsOf(reading)).toMatchObject(settings);
    const { workload, machine } = reading;
    expect({ ...machine, model: workload.model, purpose: workload.purpose }).toMatchObject(more);
  });
});

describe('command lines of launchers', () => {
  it.each<readonly [string, string, Record<string, SettingValue>]>([
    [
      'deepspeed',
      'deepspeed --num_gpus=8 train.py --deepspeed ds.json --per_device_train_batch_size 1',
      { world_size: 8, micro_batch: 1 },
    ],
    [
      'deepspeed with chosen cards',
      'deepspeed --include localhost:0,2 train.py --fp16 --output_dir x',
      { world_size: 2, compute_precision: 'fp16' },
    ],
    [
      'python -m torch.distributed.run',
      'python -u -m torch.distributed.run --nproc-per-node 4 --nnodes 2 t.py --batch_size 3',
      { world_size: 8, micro_batch: 3 },
    ],
    [
      'accelerate with FSDP',
      'accelerate launch --use_fsdp --num_processes=4 --mixed_precision=bf16 t.py --per_device_train_batch_size=2',
      { sharding: 'full', world_size: 4, micro_batch: 2, compute_precision: 'bf16' },
    ],
    ['axolotl', 'axolotl train c.yml --micro-batch-size 4', { micro_batch: 4 }],
    [
      'llamafactory-cli',
      'FORCE_TORCHRUN=1 NPROC_PER_NODE=4 llamafactory-cli train c.yaml per_device_train_batch_size=2',
      { world_size: 4, micro_batch: 2 },
    ],
    [
      'torchtitan',
      'torchrun --nproc_per_node=8 -m torchtitan.train --job.config_file x.toml --training.local_batch_size 2 --parallelism.tensor_parallel_degree 4',
      { world_size: 8, micro_batch: 2, tensor_parallel: 4 },
    ],
    [
      'mpirun',
      'mpirun -np 16 python train.py --batch_size 32',
      { world_size: 16, micro_batch: 32 },
    ],
    [
      'srun and a container',
      'srun --ntasks 2 torchrun --nproc_per_node 4 --nnodes 2 t.py --bf16 --output_dir o',
      { world_size: 8, compute_precision: 'bf16' },
    ],
    [
      'Lightning CLI',
      'python main.py fit --trainer.precision=16-mixed --trainer.accumulate_grad_batches 4 --data.batch_size 8',
      { compute_precision: 'fp16', accumulation_steps: 4, micro_batch: 8 },
    ],
    [
      'PowerShell',
      'llama-server.exe -m m.gguf `\n  -c 2048 `\n  -ngl 10',
      { context_length: 2048, gpu_layers: 10 },
    ],
    ['uv', 'uv run --with vllm vllm serve acme/x --max-model-len=1024', { context_length: 1024 }],
    [
      'a variable with a fallback',
      'BS=$' + '{BS:-6}\npython train.py --output_dir o --per_device_train_batch_size $BS',
      { micro_batch: 6 },
    ],
    [
      'Megatron flags of another script',
      'python examples/x.py --micro-batch-size 2 --tensor-model-parallel-size 4 --seq-length 2048 --expert-model-parallel-size 2',
      { micro_batch: 2, tensor_parallel: 4, sequence_length: 2048, expert_parallel: 2 },
    ],
    [
      'verl',
      'python3 -m verl.trainer.main_ppo actor_rollout_ref.rollout.gpu_memory_utilization=0.4 actor_rollout_ref.rollout.n=5',
      { engine_fraction: 0.4, rollouts: 5 },
    ],
    [
      'an unreadable count',
      'torchrun --nproc_per_node=gpu t.py --batch_size 2',
      { micro_batch: 2 },
    ],
  ])('%s', (_, text, settings) => {
    const reading = read({ 'run.sh': text });
    expect(codes(reading)).toEqual([]);
    expect(settingsOf(reading)).toMatchObject(settings);
  });

  it('writes the files of here-documents', () => {
    const reading = read({
      'run.sh': `cat <<'EOF' > ds.json
{"zero_optimization": {"stage": 3}, "bf16": {"enabled": true}}
EOF
deepspeed --num_gpus 2 t.py --deepspeed ds.json --output_dir o
`,
    });
    expect(settingsOf(reading)).toMatchObject({
      sharding: 'full',
      world_size: 2,
      compute_precision: 'bf16',
    });
    expect(reading.mentions).toEqual([]);
  });
});

describe('versions and environments', () => {
  it('reads requirements, lists of pip and ranges', () => {
    const { workload } = read({
      'requirements.txt':
        '# pinned\ntorch==2.6.0+cu124\ntrl[vllm]>=0.19,<0.24  # new\ntransformers~=4.51.3\nnumpy\n',
    });
    expect(workload.versions.get('torch')).toEqual({ from: '2.6.0', to: '2.6.0' });
    expect(workload.versions.get('trl')).toEqual({ from: '0.19', to: '0.23.999' });
    expect(workload.versions.get('transformers')).toEqual({ from: '4.51.3', to: '4.51.999' });
    const listed = read({
      'pip.txt':
        'Package      Version\n------------ -------\ntorch        2.8.0\npeft         0.17.1\n',
    });
    expect(listed.workload.versions.get('peft')).toEqual({ from: '0.17.1', to: '0.17.1' });
  });

  it('reads a file of variables', () => {
    const reading = read({
      '.env':
        'PYTORCH_CUDA_ALLOC_CONF=max_split_size_mb:128\nOLLAMA_KV_CACHE_TYPE=q4_0\nCUDA_VISIBLE_DEVICES=0\n',
    });
    expect(settingsOf(reading)).toMatchObject({ max_split_size: 128, kv_dtype: 'q4' });
    expect(reading.machine.visible).toBe('0');
  });
});

describe('several sources', () => {
  const files: Files = {
    'accelerate.yaml':
      'distributed_type: DEEPSPEED\nmixed_precision: bf16\nnum_processes: 8\ndeepspeed_config:\n  zero_stage: 2\n',
    'train.py':
      'from transformers import TrainingArguments\nargs = TrainingArguments("o", per_device_train_batch_size=4, gradient_checkpointing=True)\n',
    'run.sh':
      'accelerate launch --config_file accelerate.yaml train.py --per_device_train_batch_size 2\n',
  };

  it('ranks options above command lines, scripts, files', () => {
    const reading = read(files);
    const { settings } = reading.workload;
    expect(settings.get('micro_batch')).toEqual({ value: 2, by: 'file', source: 'run.sh:1' });
    expect(settings.get('sharding')).toEqual({
      value: 'gradients',
      by: 'file',
      source: 'accelerate.yaml:5',
    });
    expect(settings.get('world_size')?.value).toBe(8);
    expect(reading.overridden).toContainEqual({
      setting: 'micro_batch',
      value: 4,
      source: 'train.py:2',
      by: 'run.sh:1',
    });
    const asked = readWorkload(
      Object.entries(files).map(([name, text]) => ({ name, text })),
      {
        settings: [{ setting: 'micro_batch', value: 1, source: '--batch' }],
        purpose: 'evaluation',
      },
    );
    expect(asked.workload.settings.get('micro_batch')).toEqual({
      value: 1,
      by: 'option',
      source: '--batch',
    });
    expect(asked.workload.purpose).toBe('evaluation');
  });

  it('does not depend on the order of the sources', () => {
    const turned = Object.fromEntries(Object.entries(files).reverse());
    expect(settingsOf(read(turned))).toEqual(settingsOf(read(files)));
  });

  it('fills defaults by version, and keeps what was said', () => {
    const old = read({ ...files, 'requirements.txt': 'torch==2.5.0\n' });
    const filled = withDefaults(old.workload);
    expect(filled.settings.get('optimizer')?.value).toBe('adamw');
    expect(withDefaults(read(files).workload).settings.get('optimizer')?.value).toBe('adamw-fused');
    expect(filled.settings.get('accumulation_steps')).toMatchObject({ value: 1, by: 'default' });
    expect(filled.settings.get('micro_batch')?.value).toBe(2);
  });

  it('takes a flag that is off for what it is', () => {
    const precisionOf = (argument: string): SettingValue | undefined =>
      withDefaults(
        read({ 't.py': `from trl import SFTConfig\nSFTConfig("o", ${argument})\n` }).workload,
      ).settings.get('compute_precision')?.value;
    expect(precisionOf('bf16=False')).toBe('fp32');
    expect(precisionOf('bf16=False, fp16=True')).toBe('fp16');
    expect(precisionOf('packing=True')).toBe('bf16');
  });
});

describe('workload files', () => {
  it('are read in the words of unoom', () => {
    const reading = read({
      'w.yaml':
        'unoom: workload\npurpose: training\nmodel: acme/lm\nframeworks: [trl]\nversions: {trl: "0.19.0"}\nsettings:\n  micro_batch: 2\n  adapter: lora\n  adapter_targets: [q_proj, v_proj]\nmachine: {gpus: 4}\n',
    });
    expect(codes(reading)).toEqual([]);
    expect(settingsOf(reading)).toEqual({
      micro_batch: 2,
      adapter: 'lora',
      adapter_targets: 'q_proj,v_proj',
    });
    expect(reading.workload.versions.get('trl')?.from).toBe('0.19.0');
    expect(reading.machine.gpus).toBe(4);
  });

  it('name fields and types that cannot be', () => {
    const reading = read({
      'w.json':
        '{\n "unoom": "workload",\n "colour": 1,\n "settings": {\n  "micro_batch": "four",\n  "weight": 3,\n  "optimizer": "sgd"\n }\n}',
    });
    expect(reading.problems.map(({ code, at }) => [code, at])).toEqual([
      ['workload-unknown-field', { source: 'w.json', line: 3 }],
      ['workload-wrong-type', { source: 'w.json', line: 5 }],
      ['workload-unknown-field', { source: 'w.json', line: 6 }],
    ]);
    expect(settingsOf(reading)).toEqual({ optimizer: 'sgd' });
  });
});

describe('what cannot be read', () => {
  const long = 'x'.repeat(10 * 2 ** 20);
  const lines = (count: number, line: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => line(index)).join('\n');

  it.each<readonly [string, string, string]>([
    ['ten megabytes', `batch_size: ${long}`, 'workload-too-large'],
    ['binary data', `\u0000\u0001\u0002${'\u0000'.repeat(100)}`, 'workload-binary'],
    ['nothing', '', 'workload-unknown-kind'],
    ['prose', 'Dear all,\nit does not fit.\n', 'workload-unknown-kind'],
    ['deep flow in YAML', `batch_size: ${'['.repeat(50_000)}`, 'workload-broken'],
    ['deep blocks in YAML', lines(400, (index) => `${' '.repeat(index)}a:`), 'workload-broken'],
    ['deep dashes in YAML', `batch_size:\n  ${'- '.repeat(50_000)}x`, 'workload-broken'],
    ['deep keys in YAML', `batch_size: 1\n${'? '.repeat(50_000)}x`, 'workload-broken'],
    ['stray brackets in YAML', `batch_size: 1\n${'}]'.repeat(50_000)}`, 'workload-broken'],
    ['very many values in YAML', `a: 1\nb:\n${'- 1\n'.repeat(60_000)}`, 'workload-broken'],
    ['deep JSON', '{"a":'.repeat(100_000), 'workload-broken'],
    ['broken JSON', '{"batch_size": 4,\n "x" 3}', 'workload-broken'],
    ['broken TOML', '[training]\nlocal_batch_size = = 1\n', 'workload-broken'],
    ['broken YAML', 'batch_size: 4\nx: [1\ny: 2\n', 'workload-broken'],
    [
      'a bomb of aliases',
      `batch_size: 1\na0: &a0 [x, x, x, x, x, x, x, x, x]\n${lines(12, (index) => `a${index + 1}: &a${index + 1} [${`*a${index}, `.repeat(8)}*a${index}]`)}`,
      'workload-broken',
    ],
    ['an alias of itself', 'batch_size: 1\na: &a\n  b: *a\n', 'workload-broken'],
    ['an array as a workload', '[1, 2, 3]', 'workload-unknown-kind'],
  ])('%s', (_, text, code) => {
    expect(codes(read({ x: text }))).toEqual([code]);
  });

  it.each<readonly [string, string]>([
    ['open brackets in Python', `import torch\nDataLoader(${'(['.repeat(50_000)}`],
    ['signs in Python', `import torch\nx = ${'-'.repeat(100_000)}1\nf(${'not '.repeat(50_000)}x)`],
    ['wrong brackets in Python', `import torch\nf(${')]}('.repeat(20_000)}`],
    ['names in circles', 'import torch\na = b\nb = a\nx = f(a)\nDataLoader(d, batch_size=a)\n'],
    ['an open string', `import torch\nx = """${'y\n'.repeat(1000)}`],
    ['variables that double', `A=aa\n${lines(60, () => 'A=$A$A')}\npython t.py --batch_size $A`],
    ['arrays that double', `A=(a a)\n${lines(40, () => 'A=($A $A)')}\npython t.py --batch_size 1`],
    ['quotes without end', `python t.py --batch_size "${'x '.repeat(1000)}`],
    ['dots and dashes', lines(3000, () => 'python t.py -- - -- --=1 -=')],
  ])('%s do no harm', (_, text) => {
    expect(() => read({ x: text })).not.toThrow();
  });

  it('says the line of a value of the wrong type', () => {
    const reading = read({
      'a.yaml': 'output_dir: o\nper_device_train_batch_size: four\nbf16: true\n',
    });
    expect(reading.problems.map(({ code, at }) => [code, at])).toEqual([
      ['workload-wrong-type', { source: 'a.yaml', line: 2 }],
    ]);
    expect(settingsOf(reading)).toEqual({ compute_precision: 'bf16' });
  });

  it('never throws on what is cut anywhere', () => {
    const whole =
      'services:\n  a: &x\n    image: "vllm/vllm-openai:v1"\n    command: [--model, "a b", \'c\']\n    <<: *x\n';
    for (let end = 0; end <= whole.length; end++) {
      expect(() => read({ x: whole.slice(0, end) })).not.toThrow();
    }
  });
});

describe('a log as a source', () => {
  const text = `loading from_pretrained("org/other-7b")
[2026-05-01 10:00:00,100] [INFO] [runner.py:555:main] cmd = /usr/bin/python -u -m deepspeed.launcher.launch --world_info=eyJsb2NhbGhvc3QiOiBbMCwgMSwgMiwgM119 train.py --model_name_or_path org/one-7b --per_device_train_batch_size 8
loss: 0.3
micro_batch_size: 77
`;

  it('gives its command lines and nothing else of what it prints', () => {
    const { workload, problems } = readWorkload([{ name: 'train.log', text, isLog: true }]);
    expect(workload.model).toBe('org/one-7b');
    expect(workload.settings.get('micro_batch')).toMatchObject({ value: 8, source: 'train.log:2' });
    expect(workload.settings.get('world_size')?.value).toBe(4);
    expect(problems).toEqual([]);
  });

  it('names the model where no command does, and is no problem where it says nothing', () => {
    const read = (log: string) => readWorkload([{ name: 'x.log', text: log, isLog: true }]);
    expect(read(text.split('\n')[0] ?? '').workload.model).toBe('org/other-7b');
    const { workload, problems } = read('RuntimeError: CUDA out of memory.\nmodels/data/train.py');
    expect(workload.model).toBeUndefined();
    expect(problems).toEqual([]);
  });
});

describe('a training loop of one’s own', () => {
  const LOOP = `from transformers import AutoModelForCausalLM, AutoTokenizer
tok = AutoTokenizer.from_pretrained("acme/lm")
model = AutoModelForCausalLM.from_pretrained("acme/lm").cuda()
for i in range(0, len(texts), 6):
    b = tok(texts[i:i+6], return_tensors="pt", padding="max_length", truncation=True, max_length=768)
    loss = model(**b, labels=b["input_ids"]).loss
    loss.backward()
`;

  it('has the rows that its tokenizer is given, and their length', () => {
    const { workload } = readWorkload([{ name: 'loop.py', text: LOOP }]);
    const settingOf = (name: 'micro_batch' | 'sequence_length' | 'prompt_length' | 'own_loop') =>
      workload.settings.get(name)?.value;
    expect(workload.purpose).toBe('training');
    expect([settingOf('micro_batch'), settingOf('sequence_length')]).toEqual([6, 768]);
    expect([settingOf('prompt_length'), settingOf('own_loop')]).toEqual([undefined, true]);
    // What accelerate would wrap is not wrapped.
    expect(workload.dialects).not.toContain('accelerate');
  });

  it.each([
    ['a class of a trainer', 'class Own(Trainer):\n    pass\n'],
    ['a parser of its arguments', 'parser = HfArgumentParser((TrainingArguments,))\n'],
  ])('is none where %s is', (_, more) => {
    const read = (settings: readonly { setting: 'own_loop'; value: boolean; source: string }[]) =>
      readWorkload([{ name: 'loop.py', text: `${LOOP}${more}` }], { settings }).workload.settings;
    expect(read([]).has('own_loop')).toBe(false);
    const said = { setting: 'own_loop', value: true, source: '--set' } as const;
    expect(read([said]).get('own_loop')?.value).toBe(true);
  });

  it('trains the model whose parameters its optimizer is given', () => {
    const loads = ['student', 'teacher'].map(
      (name) =>
        `${name} = AutoModelForCausalLM.from_pretrained("acme/${name}", torch_dtype=torch.float16)`,
    );
    const rest =
      'teacher.cuda()\nopt = AdamW(student.parameters())\nstudent(**b).loss.backward()\n';
    const read = (more: string) =>
      readWorkload([
        {
          name: 'x.py',
          text: `import torch\nimport transformers\n${loads.join('\n')}\n${rest}${more}`,
        },
      ]);
    const { workload, companions } = read('');
    expect(workload.model).toBe('acme/student');
    expect(companions).toEqual([
      { name: 'acme/teacher', source: 'x.py:4', isCounted: true, width: 2 },
    ]);
    // What is let go is not there to the end.
    expect(read('del teacher\n').companions).toMatchObject([{ isCounted: false }]);
  });

  it('reads a model that is held under any name, and many of them at once', () => {
    const odd =
      'import torch\nimport transformers\nheld["a[("] = AutoModel.from_pretrained("acme/lm").cuda()\n';
    expect(readWorkload([{ name: 'x.py', text: odd }]).workload.model).toBe('acme/lm');
    const many = Array.from(
      { length: 3000 },
      (_, at) => `m${at} = AutoModel.from_pretrained("acme/lm${at}")\n`,
    ).join('');
    const { companions, workload } = readWorkload([
      { name: 'x.py', text: `import transformers\n${many}` },
    ]);
    expect(workload.model).toBe('acme/lm2999');
    expect(companions.length).toBeLessThan(64);
  });

  it('is none where a trainer is called, whatever its hooks do', () => {
    const text = `${LOOP}trainer = Trainer(model=model)\ntrainer.train()\n`;
    const { settings } = readWorkload([{ name: 'loop.py', text }]).workload;
    expect(settings.has('own_loop')).toBe(false);
  });
});

describe('the length of what a script trains on', () => {
  const lengthOf = (lines: string): unknown => {
    const text = `from transformers import AutoTokenizer, Trainer\ntok = AutoTokenizer.from_pretrained("acme/lm")\n${lines}\n`;
    const { settings } = readWorkload([{ name: 'train.py', text }]).workload;
    return settings.get('sequence_length')?.value;
  };

  it.each([
    ['ds = ds.map(lambda e: tok(e["text"], truncation=True, max_length=8192))', 8192],
    ['def prepare(e):\n    return tok(e["text"], truncation=True, max_length=4096)', 4096],
    ['collate = DataCollatorWithPadding(tok, padding="max_length", max_length=512)', 512],
    ['collate = trl.SomeCollator(tok, max_length=640)', 640],
    ['block_size = 1024', 1024],
    ['tok.model_max_length = 2048', 2048],
    ['other = LlamaTokenizerFast.from_pretrained("acme/lm", model_max_length=3072)', 3072],
    ['model.generate(**tok("Hello"))', undefined],
  ])('%s', (lines, length) => {
    expect(lengthOf(lines)).toBe(length);
  });

  it('gives way to what a trainer is told', () => {
    const lines =
      'rows = tok(texts, max_length=8192)\nargs = SFTConfig(max_length=1024)\nSFTTrainer(args=args).train()';
    expect(lengthOf(lines)).toBe(1024);
  });
});

it('the arguments of TRL that memory depends on', () => {
  const flags =
    '--use_peft --load_in_4bit --use_bnb_nested_quant --bnb_4bit_quant_type nf4 --lora_modules_to_save lm_head embed_tokens --padding_free --precompute_ref_log_probs --vllm_mode server --use_vllm --beta 0.0';
  const reading = read({ 'run.sh': `trl dpo --model_name_or_path acme/lm-1b ${flags}\n` });
  expect(settingsOf(reading)).toMatchObject({
    adapter: 'qlora',
    quantization: '4bit',
    double_quantization: true,
    adapter_whole: 'lm_head,embed_tokens',
    padded: false,
    reference_model: false,
    rollout_engine: true,
    rollout_apart: true,
    reference_weight: 0,
  });
  expect(reading.workload.unread).toEqual([]);
  const orpo = read({
    'orpo.py':
      'from trl import ORPOConfig, ORPOTrainer\nargs = ORPOConfig(output_dir="x")\nORPOTrainer(model="acme/lm-1b", args=args).train()\n',
  });
  expect(settingsOf(orpo)).toMatchObject({ task: 'dpo', reference_model: false });
});

describe('prompts of a pipeline', () => {
  const call = (prompt: string, rest = ''): string => `from diffusers import FluxPipeline
prompts = ["one", "two", "three"]
pipe = FluxPipeline.from_pretrained("acme/flux")
pipe(${prompt}${rest})
`;
  it.each([
    ['["a dog"] * 8', '', 8],
    ['["a", "b"]', ', num_images_per_prompt=3', 6],
    ['prompts', '', 3],
    ['prompt=prompts * 2', '', 6],
  ])('%s%s are %i images at once', (prompt, rest, images) => {
    expect(settingsOf(read({ 'gen.py': call(prompt, rest) }))['micro_batch']).toBe(images);
  });
});
