import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'LLaMA-Factory',
    summary: 'The YAML and the options of llamafactory-cli.',
  },
  zh: {
    title: 'LLaMA-Factory',
    summary: 'llamafactory-cli 的 YAML 配置与命令行选项。',
  },
  ru: {
    title: 'LLaMA-Factory',
    summary: 'YAML-конфигурация и параметры llamafactory-cli.',
  },
} as const;

export const llamaFactory: Dialect = {
  id: 'llama-factory',
  code: 'UN809',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'llamafactory@0.9.0, 0.9.5: hparams/model_args.py, data_args.py, finetuning_args.py, model/model_utils/checkpointing.py',
    'https://llamafactory.readthedocs.io',
  ],
  name: 'LLaMA-Factory',
  package: 'llamafactory',
  frameworks: ['llama-factory'],
  rests_on: ['transformers', 'peft', 'accelerate', 'pytorch'],
  settings: {
    micro_batch: {
      keys: ['per_device_train_batch_size'],
      write: [{ code: 'per_device_train_batch_size: {value}' }],
    },
    accumulation_steps: {
      keys: ['gradient_accumulation_steps'],
      write: [{ code: 'gradient_accumulation_steps: {value}' }],
    },
    sequence_length: {
      keys: ['cutoff_len'],
      write: [{ code: 'cutoff_len: {value}' }],
      defaults: [
        {
          only: 'stated',
          value: 2048,
          source: 'llamafactory@0.9.5:llamafactory/hparams/data_args.py (cutoff_len)',
        },
      ],
    },
    packing: {
      keys: ['packing'],
      write: [
        { value: true, code: 'packing: true  # neat_packing: true keeps samples apart' },
        { value: false, code: 'packing: false' },
      ],
    },
    resolution: { keys: ['image_resolution'] },
    checkpointing: {
      keys: ['gradient_checkpointing'],
      flags: { disable_gradient_checkpointing: false },
      write: [{ value: true, code: 'disable_gradient_checkpointing: false' }],
      defaults: [
        {
          value: true,
          source:
            'llamafactory@0.9.5:llamafactory/hparams/model_args.py (disable_gradient_checkpointing False; also in 0.9.0)',
        },
      ],
    },
    activation_offload: {
      flags: { use_unsloth_gc: true },
      write: [{ value: true, from: '0.9', code: 'use_unsloth_gc: true' }],
      defaults: [
        {
          value: false,
          source:
            'llamafactory@0.9.5:llamafactory/hparams/model_args.py (use_unsloth_gc; also in 0.9.0)',
        },
      ],
    },
    compute_precision: {
      flags: { bf16: 'bf16', fp16: 'fp16', pure_bf16: 'bf16' },
      write: [
        { value: 'bf16', code: 'bf16: true' },
        { value: 'fp16', code: 'fp16: true' },
      ],
    },
    fused_loss: {
      flags: { enable_liger_kernel: true },
      write: [{ value: true, from: '0.9', code: 'enable_liger_kernel: true' }],
      defaults: [
        {
          value: false,
          source:
            'llamafactory@0.9.5:llamafactory/hparams/model_args.py (enable_liger_kernel; also in 0.9.0)',
        },
      ],
    },
    attention: {
      keys: ['flash_attn'],
      values: { disabled: 'eager', sdpa: 'sdpa', fa2: 'flash', fa3: 'flash' },
      write: [
        { value: 'flash', code: 'flash_attn: fa2' },
        { value: 'sdpa', code: 'flash_attn: sdpa' },
      ],
    },
    weights_dtype: {
      flags: { pure_bf16: 'bf16' },
      write: [{ value: 'bf16', code: 'pure_bf16: true  # full training without fp32 weights' }],
    },
    double_quantization: {
      keys: ['double_quantization'],
      write: [{ value: true, code: 'double_quantization: true' }],
      defaults: [{ value: true, source: 'llamafactory@0.9.5:llamafactory/hparams/model_args.py' }],
    },
    quantization: {
      keys: ['quantization_bit'],
      values: { '4': '4bit', '8': '8bit' },
      write: [
        { value: '4bit', code: 'quantization_bit: 4' },
        { value: '8bit', code: 'quantization_bit: 8' },
      ],
    },
    adapter: {
      keys: ['finetuning_type'],
      values: { lora: 'lora', full: 'none', freeze: 'none' },
      write: [
        { value: 'lora', code: 'finetuning_type: lora' },
        { value: 'qlora', code: 'finetuning_type: lora  # with quantization_bit: 4' },
      ],
      defaults: [
        {
          value: 'lora',
          source:
            'llamafactory@0.9.5:llamafactory/hparams/finetuning_args.py (finetuning_type; also in 0.9.0)',
        },
      ],
    },
    adapter_rank: {
      keys: ['lora_rank'],
      defaults: [
        {
          only: 'stated',
          value: 8,
          source: 'llamafactory@0.9.5:llamafactory/hparams/finetuning_args.py',
        },
      ],
    },
    adapter_whole: { keys: ['additional_target'] },
    adapter_targets: {
      keys: ['lora_target'],
      defaults: [
        {
          only: 'stated',
          value: 'all-linear',
          source: 'llamafactory@0.9.5:llamafactory/hparams/finetuning_args.py (lora_target all)',
        },
      ],
    },
    adapter_dropout: {
      keys: ['lora_dropout'],
      defaults: [
        {
          only: 'stated',
          value: 0,
          source: 'llamafactory@0.9.5:llamafactory/hparams/finetuning_args.py',
        },
      ],
    },
    adapter_magnitude: {
      keys: ['use_dora'],
      defaults: [
        {
          only: 'stated',
          value: false,
          source: 'llamafactory@0.9.5:llamafactory/hparams/finetuning_args.py',
        },
      ],
    },
    task: {
      keys: ['stage'],
      values: { pt: 'pretraining', sft: 'sft', rm: 'reward', ppo: 'ppo', dpo: 'dpo', kto: 'kto' },
      defaults: [
        {
          only: 'stated',
          value: 'sft',
          source: 'llamafactory@0.9.5:llamafactory/hparams/finetuning_args.py (stage)',
        },
      ],
    },
    frozen: {
      keys: ['finetuning_type'],
      values: { freeze: true, full: false },
      write: [{ value: true, code: 'finetuning_type: freeze  # with freeze_trainable_layers: 2' }],
    },
    optimizer: {
      flags: { use_galore: 'galore', use_muon: 'muon' },
      write: [
        { value: 'adamw-8bit', code: 'optim: adamw_bnb_8bit' },
        { value: 'adamw-fused', code: 'optim: adamw_torch_fused' },
        { value: 'adamw-paged', code: 'optim: paged_adamw_8bit' },
        { value: 'adafactor', code: 'optim: adafactor' },
        { value: 'galore', code: 'use_galore: true' },
        { value: 'muon', from: '0.9.3', code: 'use_muon: true' },
      ],
    },
    sharding: {
      write: [
        { value: 'full', code: 'deepspeed: examples/deepspeed/ds_z3_config.json' },
        { value: 'gradients', code: 'deepspeed: examples/deepspeed/ds_z2_config.json' },
      ],
    },
    optimizer_offload: {
      write: [{ value: true, code: 'deepspeed: examples/deepspeed/ds_z2_offload_config.json' }],
    },
    parameter_offload: {
      write: [{ value: true, code: 'deepspeed: examples/deepspeed/ds_z3_offload_config.json' }],
    },
    eval_batch: {
      keys: ['per_device_eval_batch_size'],
      write: [{ code: 'per_device_eval_batch_size: {value}' }],
    },
    eval_outputs_to_host: {
      write: [{ value: true, code: 'eval_accumulation_steps: 8' }],
    },
    workers: {
      keys: ['dataloader_num_workers'],
      write: [{ code: 'dataloader_num_workers: {value}' }],
    },
    pinned: {
      keys: ['dataloader_pin_memory'],
      write: [
        { value: false, code: 'dataloader_pin_memory: false' },
        { value: true, code: 'dataloader_pin_memory: true' },
      ],
    },
    engine_fraction: {
      keys: ['vllm_gpu_util'],
      write: [{ code: 'vllm_gpu_util: {value}' }],
    },
    context_length: { keys: ['vllm_maxlen'], write: [{ code: 'vllm_maxlen: {value}' }] },
    new_tokens: { keys: ['max_new_tokens'], write: [{ code: 'max_new_tokens: {value}' }] },
  },
};
