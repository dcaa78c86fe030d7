import type { Dialect } from '../dialect.ts';
import { ATTENTION, HF_OPTIMIZERS } from '../words.ts';

const TEXTS = {
  en: { title: 'Axolotl', summary: 'The YAML of an Axolotl run.' },
  zh: { title: 'Axolotl', summary: 'Axolotl 训练的 YAML 配置。' },
  ru: { title: 'Axolotl', summary: 'YAML-конфигурация запуска Axolotl.' },
} as const;

const SCHEMA = 'axolotl@0.19.0:axolotl/utils/schemas/config.py';

export const axolotl: Dialect = {
  id: 'axolotl',
  code: 'UN808',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'axolotl@0.8.0, 0.10.0, 0.11.0, 0.12.0, 0.16.0, 0.19.0: utils/schemas/, utils/__init__.py',
    'https://docs.axolotl.ai/docs/config-reference.html',
  ],
  name: 'Axolotl',
  package: 'axolotl',
  frameworks: ['axolotl'],
  rests_on: ['transformers', 'peft', 'accelerate', 'pytorch'],
  ignores: ['batch_size'],
  settings: {
    micro_batch: {
      keys: ['micro_batch_size'],
      write: [{ code: 'micro_batch_size: {value}' }],
      defaults: [
        { only: 'stated', value: 1, source: 'axolotl@0.19.0:axolotl/utils/schemas/training.py' },
      ],
    },
    accumulation_steps: {
      keys: ['gradient_accumulation_steps'],
      write: [{ code: 'gradient_accumulation_steps: {value}' }],
      defaults: [
        { only: 'stated', value: 1, source: 'axolotl@0.19.0:axolotl/utils/schemas/training.py' },
      ],
    },
    sequence_length: {
      keys: ['sequence_len'],
      write: [{ code: 'sequence_len: {value}' }],
      defaults: [
        { only: 'stated', value: 512, source: 'axolotl@0.19.0:axolotl/utils/schemas/config.py' },
      ],
    },
    length_grouping: {
      keys: ['group_by_length'],
      write: [{ value: true, code: 'group_by_length: true' }],
    },
    packing: {
      keys: ['sample_packing'],
      write: [
        { value: true, code: 'sample_packing: true' },
        { value: false, code: 'sample_packing: false' },
      ],
    },
    checkpointing: {
      keys: ['gradient_checkpointing'],
      values: { true: true, false: false, offload: true, offload_disk: true, unsloth: true },
      write: [{ value: true, code: 'gradient_checkpointing: true' }],
      defaults: [{ value: false, source: `${SCHEMA} (also in 0.8.0)` }],
    },
    selective_checkpointing: {
      keys: ['selective_checkpointing'],
      write: [
        {
          value: true,
          from: '0.19',
          code: 'selective_checkpointing: true  # with gradient_checkpointing: true',
        },
      ],
    },
    activation_offload: {
      keys: ['activation_offloading'],
      values: { true: true, false: false, legacy: true, disk: true, hidden_states: true },
      write: [
        {
          value: true,
          from: '0.12',
          code: 'activation_offloading: true  # with gradient_checkpointing: true',
        },
        { value: true, code: 'gradient_checkpointing: offload' },
      ],
      defaults: [{ value: false, source: `${SCHEMA} (activation_offloading)` }],
    },
    compute_precision: {
      flags: { bf16: 'bf16', fp16: 'fp16' },
      write: [
        { value: 'bf16', code: 'bf16: true' },
        { value: 'fp16', code: 'fp16: true' },
      ],
    },
    fused_loss: {
      flags: {
        liger_fused_linear_cross_entropy: true,
        cut_cross_entropy: true,
        chunked_cross_entropy: true,
      },
      write: [
        {
          value: true,
          code: 'plugins: [axolotl.integrations.cut_cross_entropy.CutCrossEntropyPlugin]',
        },
      ],
    },
    attention: {
      keys: ['attn_implementation'],
      values: ATTENTION,
      flags: {
        flash_attention: 'flash',
        sdp_attention: 'sdpa',
        eager_attention: 'eager',
      },
      write: [
        { value: 'flash', from: '0.19', code: 'attn_implementation: flash_attention_2' },
        { value: 'flash', code: 'flash_attention: true' },
        { value: 'sdpa', from: '0.19', code: 'attn_implementation: sdpa' },
        { value: 'sdpa', code: 'sdp_attention: true' },
      ],
    },
    compiled: {
      keys: ['torch_compile'],
      write: [{ value: true, code: 'torch_compile: true' }],
    },
    rollouts: { keys: ['num_generations'], write: [{ code: 'trl: {num_generations: {value}}' }] },
    double_quantization: {
      // No key of its own: bnb_config_kwargs may say otherwise.
      keys: ['bnb_4bit_use_double_quant'],
      defaults: [{ value: true, source: 'axolotl@0.19.0:axolotl/loaders/model.py (bnb_config)' }],
    },
    quantization: {
      flags: { load_in_4bit: '4bit', load_in_8bit: '8bit' },
      write: [
        { value: '4bit', code: 'load_in_4bit: true' },
        { value: '8bit', code: 'load_in_8bit: true' },
      ],
    },
    adapter: {
      keys: ['adapter'],
      values: { lora: 'lora', qlora: 'qlora' },
      write: [
        { value: 'lora', code: 'adapter: lora' },
        { value: 'qlora', code: 'adapter: qlora  # with load_in_4bit: true' },
      ],
    },
    adapter_rank: { keys: ['lora_r'] },
    adapter_targets: {
      keys: ['lora_target_modules'],
      flags: { lora_target_linear: 'all-linear' },
    },
    adapter_whole: { keys: ['lora_modules_to_save'] },
    adapter_dropout: {
      keys: ['lora_dropout'],
      defaults: [
        { only: 'stated', value: 0, source: 'axolotl@0.19.0:axolotl/utils/schemas/peft.py' },
      ],
    },
    adapter_magnitude: { keys: ['peft_use_dora'] },
    task: {
      keys: ['rl'],
      values: { dpo: 'dpo', ipo: 'dpo', simpo: 'dpo', kto: 'kto', grpo: 'grpo', gdpo: 'grpo' },
      flags: { reward_model: 'reward' },
    },
    frozen: {
      write: [{ value: true, code: 'unfrozen_parameters: [^lm_head.weight$, ...]' }],
    },
    optimizer: {
      keys: ['optimizer'],
      values: { ...HF_OPTIMIZERS, ao_adamw_8bit: 'adamw-8bit', muon: 'muon' },
      write: [
        { value: 'adamw-8bit', code: 'optimizer: adamw_bnb_8bit' },
        { value: 'adamw-fused', code: 'optimizer: adamw_torch_fused' },
        { value: 'adamw-paged', code: 'optimizer: paged_adamw_8bit' },
        { value: 'adafactor', code: 'optimizer: adafactor' },
        { value: 'lion', code: 'optimizer: lion_8bit' },
        { value: 'muon', from: '0.8', code: 'optimizer: muon' },
        { value: 'galore', code: 'optimizer: galore_adamw  # with optim_target_modules' },
      ],
    },
    sharding: {
      write: [
        { value: 'full', code: 'deepspeed: deepspeed_configs/zero3_bf16.json  # or fsdp_config' },
        { value: 'gradients', code: 'deepspeed: deepspeed_configs/zero2.json' },
        { value: 'optimizer', code: 'deepspeed: deepspeed_configs/zero1.json' },
      ],
    },
    reshard: {
      keys: ['reshard_after_forward'],
      write: [{ value: true, from: '0.12', code: 'fsdp_config: {reshard_after_forward: true}' }],
    },
    optimizer_offload: {
      write: [{ value: true, code: 'deepspeed: deepspeed_configs/zero3_bf16_cpuoffload_all.json' }],
    },
    parameter_offload: {
      keys: ['offload_params'],
      write: [
        { value: true, from: '0.12', code: 'fsdp_config: {offload_params: true}' },
        { value: true, code: 'deepspeed: deepspeed_configs/zero3_bf16_cpuoffload_params.json' },
      ],
    },
    tensor_parallel: {
      keys: ['tensor_parallel_size'],
      write: [{ from: '0.12', code: 'tensor_parallel_size: {value}' }],
    },
    sequence_parallel: {
      keys: ['context_parallel_size', 'sequence_parallel_degree'],
      write: [
        { from: '0.12', code: 'context_parallel_size: {value}' },
        { from: '0.8', code: 'sequence_parallel_degree: {value}' },
      ],
    },
    eval_batch: { keys: ['eval_batch_size'], write: [{ code: 'eval_batch_size: {value}' }] },
    sharded_save: {
      keys: ['state_dict_type', 'fsdp_state_dict_type'],
      values: { sharded_state_dict: true, full_state_dict: false },
      write: [
        { value: true, from: '0.12', code: 'fsdp_config: {state_dict_type: SHARDED_STATE_DICT}' },
        { value: true, code: 'fsdp_config: {fsdp_state_dict_type: SHARDED_STATE_DICT}' },
      ],
    },
    workers: {
      keys: ['dataloader_num_workers'],
      write: [{ code: 'dataloader_num_workers: {value}' }],
    },
    prefetch: {
      keys: ['dataloader_prefetch_factor'],
      write: [{ code: 'dataloader_prefetch_factor: {value}' }],
    },
    pinned: {
      keys: ['dataloader_pin_memory'],
      write: [
        { value: false, code: 'dataloader_pin_memory: false' },
        { value: true, code: 'dataloader_pin_memory: true' },
      ],
    },
    expandable_segments: {
      keys: ['expandable_segments'],
      defaults: [
        {
          from: '0.8',
          value: true,
          source:
            'axolotl@0.8.0 and 0.19.0:axolotl/utils/__init__.py (set_pytorch_cuda_alloc_conf, with torch 2.2 or later and no value of one’s own)',
        },
      ],
    },
    engine_sleep: {
      keys: ['vllm_enable_sleep_mode'],
      write: [{ value: true, from: '0.16', code: 'trl: {vllm_enable_sleep_mode: true}' }],
    },
    engine_fraction: {
      keys: ['gpu_memory_utilization'],
      write: [{ code: 'vllm: {gpu_memory_utilization: {value}}' }],
    },
    new_tokens: {
      keys: ['max_completion_length'],
      write: [{ code: 'trl: {max_completion_length: {value}}' }],
    },
  },
};
