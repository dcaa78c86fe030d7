import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'LLaMA-Factory',
    summary: 'LLaMA-Factory’s YAML and arguments.',
  },
  zh: {
    title: 'LLaMA-Factory',
    summary: 'LLaMA-Factory 的 YAML 和参数。',
  },
  ru: {
    title: 'LLaMA-Factory',
    summary: 'YAML и аргументы LLaMA-Factory.',
  },
} as const;

export const llamaFactory: Dialect = {
  id: 'llama-factory',
  code: 'UN809',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'llamafactory@0.9.5:src/llamafactory/hparams/model_args.py',
    'llamafactory@0.9.5:src/llamafactory/hparams/data_args.py',
    'llamafactory@0.9.5:src/llamafactory/hparams/finetuning_args.py',
  ],
  name: 'LLaMA-Factory',
  package: 'llamafactory',
  frameworks: ['llama-factory'],
  rests_on: ['transformers', 'accelerate', 'pytorch'],
  settings: {
    micro_batch: {
      keys: ['per_device_train_batch_size'],
      write: [{ code: 'per_device_train_batch_size: {value}' }],
    },
    sequence_length: {
      keys: ['cutoff_len'],
      write: [{ code: 'cutoff_len: {value}' }],
      defaults: [
        { value: 2048, source: 'llamafactory@0.9.5:src/llamafactory/hparams/data_args.py' },
      ],
    },
    checkpointing: {
      keys: ['disable_gradient_checkpointing'],
      values: { true: false, false: true },
      write: [{ value: true, code: 'disable_gradient_checkpointing: false' }],
      defaults: [
        {
          value: true,
          source:
            'llamafactory@0.9.5:src/llamafactory/hparams/model_args.py (disable_gradient_checkpointing: False)',
        },
      ],
    },
    fused_loss: {
      keys: ['enable_liger_kernel'],
      write: [{ value: true, code: 'enable_liger_kernel: true' }],
      defaults: [
        { value: false, source: 'llamafactory@0.9.5:src/llamafactory/hparams/model_args.py' },
      ],
    },
    attention: {
      keys: ['flash_attn'],
      values: { fa2: 'flash', sdpa: 'sdpa', disabled: 'eager' },
      write: [
        { value: 'flash', code: 'flash_attn: fa2' },
        { value: 'sdpa', code: 'flash_attn: sdpa' },
      ],
    },
    adapter: {
      keys: ['finetuning_type'],
      values: { lora: 'lora', full: 'none', freeze: 'none' },
      write: [
        { value: 'lora', code: 'finetuning_type: lora' },
        { value: 'qlora', code: 'finetuning_type: lora, quantization_bit: 4' },
      ],
      defaults: [
        { value: 'lora', source: 'llamafactory@0.9.5:src/llamafactory/hparams/finetuning_args.py' },
      ],
    },
    quantization: {
      keys: ['quantization_bit'],
      values: { '4': '4bit', '8': '8bit' },
      write: [{ value: '4bit', code: 'quantization_bit: 4' }],
    },
    frozen: { write: [{ value: true, code: 'finetuning_type: freeze' }] },
    weights_dtype: {
      keys: ['pure_bf16'],
      values: { true: 'bf16' },
      write: [{ value: 'bf16', code: 'pure_bf16: true' }],
    },
    engine_fraction: {
      keys: ['vllm_gpu_util'],
      write: [{ code: 'vllm_gpu_util: {value}' }],
      defaults: [
        { value: 0.7, source: 'llamafactory@0.9.5:src/llamafactory/hparams/model_args.py' },
      ],
    },
  },
};
