import { describe, expect, it } from 'vitest';
import type { SettingValue } from '../settings.ts';
import { readWorkload, type WorkloadReading } from './read-workload.ts';
import { withDefaults } from './with-defaults.ts';

type Files = Readonly<Record<string, string>>;

const read = (files: Files): WorkloadReading =>
  readWorkload(Object.entries(files).map(([name, text]) => ({ name, text })));

const settingsOf = ({ workload }: WorkloadReading): Record<string, SettingValue> =>
  Object.fromEntries([...workload.settings].map(([name, { value }]) => [name, value]));

interface Expected {
  readonly settings?: Readonly<Record<string, SettingValue>>;
  /** Settings that must not be stated. */
  readonly without?: readonly string[];
  readonly purpose?: string;
  readonly model?: string;
  readonly dialects?: readonly string[];
  readonly unread?: readonly string[];
  readonly sources?: Readonly<Record<string, string>>;
  readonly machine?: object;
  readonly mentions?: readonly string[];
  readonly versions?: Readonly<Record<string, string>>;
}

function check(files: Files, expected: Expected): void {
  const reading = read(files);
  const { workload } = reading;
  expect(reading.problems.map(({ code, what }) => [code, what.params])).toEqual([]);
  expect(settingsOf(reading)).toMatchObject(expected.settings ?? {});
  for (const name of expected.without ?? []) expect(settingsOf(reading)).not.toHaveProperty(name);
  if (expected.purpose !== undefined) expect(workload.purpose).toBe(expected.purpose);
  if (expected.model !== undefined) expect(workload.model).toBe(expected.model);
  if (expected.dialects !== undefined)
    expect(workload.dialects.slice(0, expected.dialects.length)).toEqual(expected.dialects);
  if (expected.unread !== undefined)
    expect(workload.unread.map(({ key }) => key)).toEqual(expected.unread);
  for (const [name, source] of Object.entries(expected.sources ?? {}))
    expect(workload.settings.get(name as 'micro_batch')?.source).toBe(source);
  if (expected.machine !== undefined) expect(reading.machine).toMatchObject(expected.machine);
  if (expected.mentions !== undefined)
    expect(reading.mentions.map(({ path }) => path)).toEqual(expected.mentions);
  for (const [name, version] of Object.entries(expected.versions ?? {}))
    expect(workload.versions.get(name)?.from).toBe(version);
}

describe('configurations', () => {
  it.each<readonly [string, Files, Expected]>([
    [
      'TrainingArguments as JSON',
      {
        'args.json': `{
  "output_dir": "out",
  "model_name_or_path": "acme/lm-7b",
  "per_device_train_batch_size": 4,
  "gradient_accumulation_steps": 8,
  "gradient_checkpointing": true,
  "bf16": true,
  "optim": "adamw_torch_fused",
  "learning_rate": 2e-5,
  "frobnicate": 3
}`,
      },
      {
        settings: {
          micro_batch: 4,
          accumulation_steps: 8,
          checkpointing: true,
          compute_precision: 'bf16',
          optimizer: 'adamw-fused',
        },
        purpose: 'training',
        model: 'acme/lm-7b',
        dialects: ['transformers'],
        unread: ['frobnicate'],
        sources: { micro_batch: 'args.json:4' },
      },
    ],
    [
      'SFTConfig as YAML of trl',
      {
        'sft.yaml': `# trl sft --config sft.yaml
model_name_or_path: acme/lm-1b
dataset_name: acme/chat
max_length: 2048
packing: true
per_device_train_batch_size: 2
use_peft: true
lora_r: 32
lora_target_modules: [q_proj, v_proj]
load_in_4bit: true
`,
      },
      {
        settings: {
          sequence_length: 2048,
          packing: true,
          micro_batch: 2,
          adapter: 'qlora',
          adapter_rank: 32,
          adapter_targets: 'q_proj,v_proj',
          quantization: '4bit',
        },
        dialects: ['trl'],
        model: 'acme/lm-1b',
      },
    ],
    [
      'ZeRO-3 beside TrainingArguments: auto defers',
      {
        'ds_z3.json': `{
  "zero_optimization": {
    "stage": 3,
    "offload_optimizer": { "device": "cpu", "pin_memory": true },
    "offload_param": { "device": "none" },
    "reduce_bucket_size": 5e8,
    "stage3_prefetch_bucket_size": "auto",
    "overlap_comm": true
  },
  "bf16": { "enabled": "auto" },
  "train_micro_batch_size_per_gpu": "auto",
  "gradient_accumulation_steps": "auto"
}`,
        'train.json': `{"per_device_train_batch_size": 1, "bf16": true, "deepspeed": "conf/ds_z3.json"}`,
      },
      {
        settings: {
          sharding: 'full',
          optimizer_offload: true,
          parameter_offload: false,
          micro_batch: 1,
          compute_precision: 'bf16',
          communication_bucket: 500_000_000,
          gather_ahead: 0,
          overlap_communication: true,
        },
        mentions: [],
        without: ['accumulation_steps'],
      },
    ],
    [
      'accelerate with FSDP',
      {
        'fsdp.yaml': `compute_environment: LOCAL_MACHINE
distributed_type: FSDP
mixed_precision: bf16
num_machines: 2
num_processes: 16
fsdp_config:
  fsdp_sharding_strategy: SHARD_GRAD_OP
  fsdp_offload_params: false
  fsdp_activation_checkpointing: true
`,
      },
      {
        settings: {
          sharding: 'gradients',
          compute_precision: 'bf16',
          world_size: 16,
          checkpointing: true,
        },
        machine: { nodes: 2 },
      },
    ],
    [
      'axolotl',
      {
        'qlora.yml': `base_model: acme/lm-8b
load_in_4bit: true
adapter: qlora
lora_r: 16
lora_alpha: 32
lora_dropout: 0.05
lora_target_linear: true
sequence_len: 4096
sample_packing: true
micro_batch_size: 2
gradient_accumulation_steps: 4
optimizer: paged_adamw_8bit
bf16: auto
gradient_checkpointing: true
flash_attention: true
deepspeed: deepspeed_configs/zero2.json
datasets:
  - path: acme/alpaca
    type: alpaca
`,
      },
      {
        settings: {
          micro_batch: 2,
          sequence_length: 4096,
          adapter: 'qlora',
          adapter_rank: 16,
          adapter_targets: 'all-linear',
          adapter_dropout: 0.05,
          optimizer: 'adamw-paged',
          attention: 'flash',
          sharding: 'gradients',
        },
        model: 'acme/lm-8b',
        mentions: ['deepspeed_configs/zero2.json'],
        dialects: ['axolotl'],
      },
    ],
    [
      'LLaMA-Factory',
      {
        'dpo.yaml': `model_name_or_path: acme/lm-8b
stage: dpo
do_train: true
finetuning_type: lora
lora_rank: 8
lora_target: all
cutoff_len: 2048
per_device_train_batch_size: 1
template: acme
quantization_bit: 4
`,
      },
      {
        settings: {
          task: 'dpo',
          adapter: 'qlora',
          adapter_rank: 8,
          adapter_targets: 'all-linear',
          sequence_length: 2048,
          micro_batch: 1,
          quantization: '4bit',
        },
        dialects: ['llama-factory'],
      },
    ],
    [
      'torchtune with components',
      {
        'lora.yaml': `model:
  _component_: torchtune.models.llama3_1.lora_llama3_1_8b
  lora_attn_modules: ['q_proj', 'v_proj', 'output_proj']
  apply_lora_to_mlp: True
  lora_rank: 8
tokenizer:
  _component_: torchtune.models.llama3.llama3_tokenizer
  max_seq_len: 8192
dataset:
  packed: False
batch_size: 2
optimizer:
  _component_: torch.optim.AdamW
  fused: True
loss:
  _component_: torchtune.modules.loss.LinearCrossEntropyLoss
enable_activation_checkpointing: True
dtype: bf16
`,
      },
      {
        settings: {
          micro_batch: 2,
          adapter: 'lora',
          adapter_rank: 8,
          adapter_targets: 'q_proj,v_proj,o_proj,gate_proj,up_proj,down_proj',
          sequence_length: 8192,
          checkpointing: true,
          weights_dtype: 'bf16',
          fused_loss: true,
          packing: false,
          optimizer: 'adamw-fused',
          adapter_dtype: 'bf16',
        },
        model: 'meta-llama/Llama-3.1-8B',
      },
    ],
    [
      'torchtitan',
      {
        'llama3_8b.toml': `[job]
dump_folder = "./outputs"

[model]
name = "llama3"
flavor = "8B"

[training]
local_batch_size = 1
seq_len = 8192

[parallelism]
tensor_parallel_degree = 2

[activation_checkpoint]
mode = "full"
`,
      },
      {
        settings: {
          micro_batch: 1,
          sequence_length: 8192,
          tensor_parallel: 2,
          checkpointing: true,
        },
        model: 'meta-llama/Llama-3.1-8B',
        sources: { micro_batch: 'llama3_8b.toml:9' },
      },
    ],
    [
      'Lightning CLI',
      {
        'config.yaml': `trainer:
  accelerator: gpu
  devices: 4
  num_nodes: 2
  precision: bf16-mixed
  accumulate_grad_batches: 2
  strategy: deepspeed_stage_3
model:
  class_path: my.Net
data:
  class_path: my.Data
  init_args:
    batch_size: 16
    num_workers: 8
`,
      },
      {
        settings: {
          world_size: 8,
          compute_precision: 'bf16',
          accumulation_steps: 2,
          sharding: 'full',
          micro_batch: 16,
          workers: 8,
        },
      },
    ],
    [
      'adapter_config.json',
      {
        'adapter_config.json': `{"peft_type": "LORA", "r": 64, "lora_alpha": 16, "lora_dropout": 0.0,
 "target_modules": ["q_proj", "k_proj"], "use_dora": true, "base_model_name_or_path": "acme/lm"}`,
      },
      {
        settings: {
          adapter: 'lora',
          adapter_rank: 64,
          adapter_targets: 'q_proj,k_proj',
          adapter_magnitude: true,
          adapter_dropout: 0,
        },
        model: 'acme/lm',
      },
    ],
    [
      'adapter_config.json of another method',
      {
        'adapter_config.json': `{"peft_type": "IA3", "target_modules": ["k_proj", "down_proj"],
 "base_model_name_or_path": "acme/lm"}`,
      },
      {
        settings: { adapter: 'other', adapter_method: 'ia3', adapter_targets: 'k_proj,down_proj' },
        model: 'acme/lm',
      },
    ],
    [
      'adapter_config.json of prefix tuning',
      {
        'adapter_config.json': `{"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 30,
 "base_model_name_or_path": "acme/lm"}`,
      },
      {
        settings: { adapter: 'other', adapter_method: 'prefix_tuning', prompt_tokens: 30 },
        model: 'acme/lm',
      },
    ],
  ])('%s', (_, files, expected) => {
    check(files, expected);
  });
});

describe('command lines', () => {
  it.each<readonly [string, string, Expected]>([
    [
      'vllm serve',
      `vllm serve acme/lm-70b \\
  --tensor-parallel-size 4 \\
  --max-model-len 32768 --gpu-memory-utilization 0.92 \\
  --kv-cache-dtype fp8 --enforce-eager`,
      {
        settings: {
          tensor_parallel: 4,
          context_length: 32768,
          engine_fraction: 0.92,
          kv_dtype: 'fp8',
          cuda_graphs: false,
        },
        purpose: 'serving',
        model: 'acme/lm-70b',
        dialects: ['vllm'],
        sources: { tensor_parallel: 'run.sh:2' },
        unread: [],
      },
    ],
    [
      'vllm serve with the model behind a flag',
      'vllm serve --enforce-eager acme/lm-7b',
      { model: 'acme/lm-7b', settings: { cuda_graphs: false } },
    ],
    [
      'docker run of vLLM',
      `docker run --runtime nvidia --gpus '"device=0,1"' -v ~/.cache:/root/.cache -p 8000:8000 \\
  --env "HF_TOKEN=x" --ipc=host vllm/vllm-openai:v0.9.1 --model acme/lm-7b -tp 2 --max-num-seqs 64`,
      {
        settings: { tensor_parallel: 2, max_sequences: 64 },
        model: 'acme/lm-7b',
        machine: { visible: '0,1' },
        versions: { vllm: '0.9.1' },
      },
    ],
    [
      'SGLang',
      'python3 -m sglang.launch_server --model-path acme/lm-8b --mem-fraction-static 0.8 --tp 2 --context-length 8192',
      {
        settings: { engine_fraction: 0.8, tensor_parallel: 2, context_length: 8192 },
        model: 'acme/lm-8b',
        dialects: ['sglang'],
      },
    ],
    [
      'TGI',
      'text-generation-launcher --model-id acme/lm --num-shard 2 --max-total-tokens 4096 --max-batch-prefill-tokens 8192 --quantize bitsandbytes-nf4',
      {
        settings: { tensor_parallel: 2, context_length: 4096, batched_tokens: 8192 },
        dialects: ['tgi'],
      },
    ],
    [
      'llama-server',
      './build/bin/llama-server -m models/lm-Q4_K_M.gguf -c 16384 -ngl 99 -np 4 -b 1024 -ub 256 -fa -ctk q8_0 -ctv q8_0',
      {
        settings: {
          context_length: 16384,
          gpu_layers: 99,
          max_sequences: 4,
          batched_tokens: 1024,
          physical_batch: 256,
          flash_attention: true,
          kv_dtype: 'q8',
        },
        model: 'models/lm-Q4_K_M.gguf',
        purpose: 'serving',
      },
    ],
    [
      'ollama with its variables',
      'OLLAMA_NUM_PARALLEL=4 OLLAMA_KV_CACHE_TYPE=q8_0 OLLAMA_FLASH_ATTENTION=1 ollama run lm:8b',
      {
        settings: { max_sequences: 4, kv_dtype: 'q8', flash_attention: true },
        model: 'lm:8b',
      },
    ],
    [
      'torchrun with HF flags',
      `export CUDA_VISIBLE_DEVICES=0,1,2,3
export PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True,max_split_size_mb:256
torchrun --nnodes=2 --nproc_per_node=4 run_clm.py --model_name_or_path acme/lm --bf16 True \\
  --per_device_train_batch_size 2 --gradient_checkpointing --deepspeed ds.json --block_size 1024`,
      {
        settings: {
          world_size: 8,
          compute_precision: 'bf16',
          micro_batch: 2,
          checkpointing: true,
          expandable_segments: true,
          max_split_size: 256,
          sequence_length: 1024,
        },
        mentions: ['ds.json'],
        machine: { visible: '0,1,2,3', nodes: 2 },
      },
    ],
    [
      'Megatron with arrays',
      `#!/bin/bash
TP=2
GPUS_PER_NODE=8
DISTRIBUTED_ARGS=(
    --nproc_per_node $GPUS_PER_NODE
    --nnodes 1
)
MODEL_ARGS=(
    --num-layers 32   # deep
    --hidden-size 4096
    --seq-length 4096
)
PARALLEL_ARGS="--tensor-model-parallel-size \${TP} --pipeline-model-parallel-size 2 --use-distributed-optimizer"
torchrun \${DISTRIBUTED_ARGS[@]} pretrain_gpt.py "\${MODEL_ARGS[@]}" \${PARALLEL_ARGS} \\
  --micro-batch-size 1 --global-batch-size 64 --bf16 --recompute-activations`,
      {
        settings: {
          world_size: 8,
          tensor_parallel: 2,
          pipeline_parallel: 2,
          sharding: 'optimizer',
          micro_batch: 1,
          sequence_length: 4096,
          compute_precision: 'bf16',
          selective_checkpointing: true,
        },
        dialects: ['megatron'],
      },
    ],
    [
      'trl sft',
      'accelerate launch --num_processes 4 --mixed_precision bf16 trl sft --model_name_or_path acme/lm --max_length 1024 --use_peft --lora_target_modules q_proj k_proj v_proj',
      {
        settings: {
          world_size: 4,
          task: 'sft',
          sequence_length: 1024,
          adapter: 'lora',
          adapter_targets: 'q_proj,k_proj,v_proj',
        },
        dialects: ['trl'],
      },
    ],
    [
      'torchtune with overrides',
      'tune run --nproc_per_node 2 lora_finetune_distributed --config llama3_1/8B_lora batch_size=4 enable_activation_checkpointing=True',
      {
        settings: { world_size: 2, micro_batch: 4, checkpointing: true },
        mentions: ['llama3_1/8B_lora'],
      },
    ],
    [
      'lm_eval',
      'lm_eval --model hf --model_args pretrained=acme/lm,dtype=bfloat16 --tasks hellaswag --batch_size 8',
      { purpose: 'evaluation', model: 'acme/lm', settings: { weights_dtype: 'bf16' } },
    ],
  ])('%s', (_, text, expected) => {
    check({ 'run.sh': text }, expected);
  });
});

describe('scripts', () => {
  it.each<readonly [string, Files, Expected]>([
    [
      'QLoRA with Trainer',
      {
        'train.py': `import torch
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, Trainer, TrainingArguments
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training

MODEL = "acme/lm-7b"
bnb = BitsAndBytesConfig(
    load_in_4bit=True,
    bnb_4bit_quant_type="nf4",
    bnb_4bit_compute_dtype=torch.bfloat16,
)
model = AutoModelForCausalLM.from_pretrained(
    MODEL, quantization_config=bnb, torch_dtype=torch.bfloat16, attn_implementation="flash_attention_2"
)
model = prepare_model_for_kbit_training(model)
peft_config = LoraConfig(r=16, lora_alpha=32, target_modules=["q_proj", "v_proj"], lora_dropout=0.1)
model = get_peft_model(model, peft_config)
model.config.use_cache = False
batch = 2 * 2
args = TrainingArguments(
    output_dir="out",
    per_device_train_batch_size=batch,
    gradient_accumulation_steps=4,
    bf16=torch.cuda.is_bf16_supported(),
    optim="paged_adamw_8bit",
)
trainer = Trainer(model=model, args=args, train_dataset=ds)
trainer.train()
`,
      },
      {
        settings: {
          quantization: '4bit',
          adapter: 'qlora',
          adapter_rank: 16,
          adapter_targets: 'q_proj,v_proj',
          adapter_dropout: 0.1,
          checkpointing: true,
          weights_dtype: 'bf16',
          attention: 'flash',
          micro_batch: 4,
          accumulation_steps: 4,
          compute_precision: 'bf16',
          optimizer: 'adamw-paged',
          generation_cache: false,
        },
        purpose: 'training',
        model: 'acme/lm-7b',
        dialects: ['peft', 'transformers'],
        sources: { micro_batch: 'train.py:18', accumulation_steps: 'train.py:22' },
      },
    ],
    [
      'options of argparse and a command line',
      {
        'run.sh': 'torchrun --nproc_per_node 2 train.py --batch-size 16 --model acme/big',
        'train.py': `import argparse
import torch
from torch.utils.data import DataLoader
parser = argparse.ArgumentParser()
parser.add_argument("-b", "--batch-size", type=int, default=4)
parser.add_argument("--workers", type=int, default=6)
args = parser.parse_args()
train_loader = DataLoader(train, batch_size=args.batch_size, num_workers=args.workers, pin_memory=True)
val_loader = DataLoader(val, batch_size=args.batch_size * 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for x, y in train_loader:
    with torch.autocast("cuda", dtype=torch.bfloat16):
        loss = model(x, y)
    loss.backward()
    optimizer.step()
`,
      },
      {
        settings: {
          world_size: 2,
          micro_batch: 16,
          workers: 6,
          eval_batch: 32,
          pinned: true,
          optimizer: 'sgd',
          compute_precision: 'bf16',
        },
        purpose: 'training',
        sources: { micro_batch: 'run.sh:1', workers: 'train.py:6' },
      },
    ],
    [
      'GRPO with a config from a dict',
      {
        'grpo.py': `from trl import GRPOConfig, GRPOTrainer
settings = {"per_device_train_batch_size": 8, "num_generations": 8, "use_vllm": True}
training_args = GRPOConfig(output_dir="x", max_completion_length=512, vllm_gpu_memory_utilization=0.3, **settings)
trainer = GRPOTrainer(model="acme/lm-1b", args=training_args)
trainer.train()
`,
      },
      {
        settings: {
          task: 'grpo',
          micro_batch: 8,
          rollouts: 8,
          new_tokens: 512,
          engine_fraction: 0.3,
        },
        dialects: ['trl'],
        model: 'acme/lm-1b',
      },
    ],
    [
      'DPO',
      {
        'dpo.py': `from trl import DPOConfig, DPOTrainer
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("acme/sft")
args = DPOConfig(max_length=1024, max_prompt_length=512, per_device_train_batch_size=1, gradient_checkpointing=False)
DPOTrainer(model=model, args=args).train()
`,
      },
      {
        settings: { task: 'dpo', sequence_length: 1024, prompt_length: 512, checkpointing: false },
        model: 'acme/sft',
      },
    ],
    [
      'unsloth',
      {
        'u.py': `from unsloth import FastLanguageModel, is_bfloat16_supported
from trl import SFTTrainer, SFTConfig
max_seq_length = 2048
model, tokenizer = FastLanguageModel.from_pretrained(
    model_name="acme/lm-8b", max_seq_length=max_seq_length, load_in_4bit=True, dtype=None)
model = FastLanguageModel.get_peft_model(model, r=16, target_modules=["q_proj", "o_proj"],
    lora_dropout=0, use_gradient_checkpointing="unsloth")
trainer = SFTTrainer(model=model, args=SFTConfig(per_device_train_batch_size=2,
    fp16=not is_bfloat16_supported(), bf16=is_bfloat16_supported(), optim="adamw_8bit"))
`,
      },
      {
        settings: {
          sequence_length: 2048,
          quantization: '4bit',
          adapter: 'qlora',
          adapter_rank: 16,
          adapter_targets: 'q_proj,o_proj',
          checkpointing: true,
          activation_offload: true,
          compute_precision: 'bf16',
          optimizer: 'adamw-8bit',
        },
        dialects: ['unsloth'],
        model: 'acme/lm-8b',
      },
    ],
    [
      'Lightning',
      {
        'lit.py': `import lightning as L
from torch.utils.data import DataLoader
loader = DataLoader(ds, 32, num_workers=4)
trainer = L.Trainer(devices=4, num_nodes=2, precision="bf16-mixed", accumulate_grad_batches=8, strategy="ddp")
trainer.fit(net, loader)
`,
      },
      {
        settings: {
          world_size: 8,
          compute_precision: 'bf16',
          accumulation_steps: 8,
          sharding: 'none',
          micro_batch: 32,
        },
        dialects: ['lightning'],
      },
    ],
    [
      'plain PyTorch',
      {
        'plain.py': `import os
os.environ["PYTORCH_CUDA_ALLOC_CONF"] = "expandable_segments:True"
import torch
import bitsandbytes as bnb

batch_size = 12
seq_len = 1024
model = Net().to("cuda", dtype=torch.bfloat16)
model.gradient_checkpointing_enable()
model = torch.compile(model)
opt = bnb.optim.AdamW8bit(model.parameters(), lr=1e-4)
x = torch.randint(0, 100, (batch_size, seq_len), device="cuda")
model(x).mean().backward()
`,
      },
      {
        settings: {
          micro_batch: 12,
          sequence_length: 1024,
          weights_dtype: 'bf16',
          checkpointing: true,
          compiled: true,
          optimizer: 'adamw-8bit',
          expandable_segments: true,
        },
        purpose: 'training',
      },
    ],
    [
      'DeepSpeed with a dict',
      {
        'ds.py': `import deepspeed
ds_config = {
    "train_micro_batch_size_per_gpu": 2,
    "zero_optimization": {"stage": 2, "offload_optimizer": {"device": "cpu"}},
    "bf16": {"enabled": True},
}
engine, opt, _, _ = deepspeed.initialize(model=model, config=ds_config)
`,
      },
      {
        settings: {
          micro_batch: 2,
          sharding: 'gradients',
          optimizer_offload: true,
          compute_precision: 'bf16',
        },
        sources: { sharding: 'ds.py:4' },
      },
    ],
    [
      'FSDP2',
      {
        'f.py': `from torch.distributed.fsdp import fully_shard, MixedPrecisionPolicy
import torch
policy = MixedPrecisionPolicy(param_dtype=torch.bfloat16, reduce_dtype=torch.float32)
for block in model.layers:
    fully_shard(block, mp_policy=policy, reshard_after_forward=False)
fully_shard(model, mp_policy=policy)
`,
      },
      { settings: { sharding: 'full', reshard: false, compute_precision: 'bf16' } },
    ],
    [
      'generation',
      {
        'gen.py': `import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
tok = AutoTokenizer.from_pretrained("acme/tok")
model = AutoModelForCausalLM.from_pretrained("acme/lm", dtype="auto", device_map="auto").eval()
with torch.no_grad():
    out = model.generate(**tok("hi", return_tensors="pt"), max_new_tokens=256, num_beams=4)
`,
      },
      {
        settings: { new_tokens: 256, beams: 4, spread: true },
        purpose: 'generation',
        model: 'acme/lm',
      },
    ],
    [
      'a pass that nothing is trained with, and no no_grad around it',
      {
        'pass.py': `import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
tok = AutoTokenizer.from_pretrained("acme/lm")
model = AutoModelForCausalLM.from_pretrained("acme/lm", torch_dtype=torch.bfloat16).to("cuda")
batch = tok(texts[:64], return_tensors="pt", padding="max_length", max_length=2048, truncation=True)
out = model(**batch)
`,
      },
      {
        settings: { micro_batch: 64, prompt_length: 2048, new_tokens: 0, records_graph: true },
        purpose: 'generation',
        model: 'acme/lm',
      },
    ],
    [
      'texts in pieces, of a list that is made, through generate',
      {
        'gen.py': `from transformers import AutoModelForCausalLM, AutoTokenizer
tok = AutoTokenizer.from_pretrained("acme/lm")
model = AutoModelForCausalLM.from_pretrained("acme/lm").to("cuda")
prompts = [line.strip() for line in open("p.txt")]
for i in range(0, len(prompts), 64):
    batch = tok(prompts[i:i+64], return_tensors="pt", padding=True, truncation=True, max_length=512).to("cuda")
    out = model.generate(**batch, max_new_tokens=128)
`,
      },
      { settings: { micro_batch: 64, prompt_length: 512, new_tokens: 128 }, purpose: 'generation' },
    ],
    [
      'a part of one text, which is one text',
      {
        'one.py': `from transformers import AutoModelForCausalLM, AutoTokenizer
tok = AutoTokenizer.from_pretrained("acme/lm")
model = AutoModelForCausalLM.from_pretrained("acme/lm")
ids = tok(doc[:20000], return_tensors="pt")
out = model.generate(**ids, max_new_tokens=100)
`,
      },
      { settings: { new_tokens: 100 }, without: ['micro_batch'], purpose: 'generation' },
    ],
    [
      'texts that a trainer gets, whose number is no batch',
      {
        'fit.py': `from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments
tok = AutoTokenizer.from_pretrained("acme/lm")
model = AutoModelForCausalLM.from_pretrained("acme/lm")
print(model(torch.ones(1, 8)))
encodings = tok(train_texts[:2000], truncation=True, padding=True, max_length=256)
Trainer(model, TrainingArguments(output_dir="x"), train_dataset=encodings).train()
`,
      },
      {
        settings: {},
        without: ['micro_batch', 'prompt_length', 'records_graph'],
        purpose: 'training',
      },
    ],
    [
      'adapters that are loaded for use, and a comment about no_grad',
      {
        'peft.py': `from peft import PeftModel
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("acme/lm")
model = PeftModel.from_pretrained(base, "acme/adapter")
out = model(torch.randint(0, 100, size=(8, 256)).cuda(), use_cache=False)
`,
      },
      {
        settings: {
          micro_batch: 8,
          prompt_length: 256,
          records_graph: false,
          generation_cache: false,
        },
        purpose: 'generation',
      },
    ],
    [
      'a loop over tokens of one’s own, which is none of these',
      {
        'loop.py': `from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("acme/lm")
# nothing is under no_grad here
for _ in range(64):
    out = model(ids, past_key_values=past, use_cache=True)
`,
      },
      { settings: {}, without: ['new_tokens', 'records_graph'] },
    ],
    [
      'the same with inference_mode, and tensors of its own',
      {
        'pass.py': `import torch
from transformers import AutoModel
model = AutoModel.from_pretrained("acme/encoder").cuda()
ids = torch.randint(0, 30000, (16, 512), device="cuda")
with torch.inference_mode():
    out = model(ids)
`,
      },
      {
        settings: { micro_batch: 16, prompt_length: 512, new_tokens: 0, records_graph: false },
        purpose: 'generation',
        model: 'acme/encoder',
      },
    ],
    [
      'vLLM offline',
      {
        'v.py': `from vllm import LLM, SamplingParams
llm = LLM(model="acme/lm", tensor_parallel_size=2, gpu_memory_utilization=0.85, max_model_len=4096, enforce_eager=True)
llm.generate(prompts, SamplingParams(max_tokens=128))
`,
      },
      {
        settings: {
          tensor_parallel: 2,
          engine_fraction: 0.85,
          context_length: 4096,
          cuda_graphs: false,
        },
        purpose: 'serving',
        model: 'acme/lm',
      },
    ],
    [
      'llama-cpp-python',
      {
        'l.py': `from llama_cpp import Llama
llm = Llama(model_path="m.gguf", n_gpu_layers=-1, n_ctx=8192, n_batch=512, flash_attn=True)
`,
      },
      {
        settings: { context_length: 8192, batched_tokens: 512, flash_attention: true },
        model: 'm.gguf',
        purpose: 'serving',
      },
    ],
    [
      'accelerate',
      {
        'a.py': `from accelerate import Accelerator
from torch.utils.data import DataLoader
accelerator = Accelerator(mixed_precision="fp16", gradient_accumulation_steps=2)
dl = DataLoader(data, batch_size=6)
accelerator.backward(loss)
`,
      },
      {
        settings: { compute_precision: 'fp16', accumulation_steps: 2, micro_batch: 6 },
        dialects: ['accelerate'],
        purpose: 'training',
      },
    ],
    [
      'a dataclass of arguments',
      {
        'dc.py': `from dataclasses import dataclass, field
from transformers import TrainingArguments
@dataclass
class Options:
    model_name: str = field(default="acme/lm", metadata={"help": "x"})
    per_gpu: int = 3
opts = HfArgumentParser(Options).parse_args_into_dataclasses()[0]
args = TrainingArguments("out", per_device_train_batch_size=opts.per_gpu)
model = AutoModelForCausalLM.from_pretrained(opts.model_name)
`,
      },
      { settings: { micro_batch: 3 }, model: 'acme/lm', sources: { micro_batch: 'dc.py:6' } },
    ],
    [
      'a value that only a run knows is named',
      {
        'q.py': `from transformers import TrainingArguments
args = TrainingArguments(per_device_train_batch_size=pick(), bf16=True)
args = TrainingArguments(per_device_eval_batch_size=unknown_name)
`,
      },
      {
        settings: { compute_precision: 'bf16' },
        without: ['micro_batch', 'eval_batch'],
        unread: ['per_device_eval_batch_size'],
      },
    ],
    [
      'a notebook',
      {
        'nb.ipynb': JSON.stringify({
          nbformat: 4,
          cells: [
            { cell_type: 'markdown', source: ['import this'] },
            {
              cell_type: 'code',
              source: ['!pip install -q torch==2.6.0 "trl>=0.19,<0.24"\n', 'BATCH = 3'],
            },
            {
              cell_type: 'code',
              source:
                'from trl import SFTConfig\nargs = SFTConfig(\n  per_device_train_batch_size=BATCH,\n  max_length=512)',
            },
          ],
        }),
      },
      {
        settings: { micro_batch: 3, sequence_length: 512, task: 'sft' },
        versions: { torch: '2.6.0', trl: '0.19' },
        sources: { micro_batch: 'nb.ipynb[cell 2]:2', sequence_length: 'nb.ipynb[cell 3]:4' },
      },
    ],
  ])('%s', (_, files, expected) => {
    check(files, expected);
  });
});

describe('defaults', () => {
  it('fills what nobody said, and says where it read it', () => {
    const { workload } = read({ 'r.sh': 'vllm serve acme/lm' });
    const filled = withDefaults(workload);
    expect(filled.settings.get('engine_fraction')?.by).toBe('default');
    expect(filled.settings.get('engine_fraction')?.source).toMatch(/^vllm@/);
  });
});
