import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'TRL',
    summary: 'SFTConfig, DPOConfig, GRPOConfig and their trainers, with vLLM beside them.',
  },
  zh: {
    title: 'TRL',
    summary: 'SFTConfig、DPOConfig、GRPOConfig 及其训练器，以及同机的 vLLM。',
  },
  ru: {
    title: 'TRL',
    summary: 'SFTConfig, DPOConfig, GRPOConfig и их тренеры, рядом — vLLM.',
  },
} as const;

/** Each trainer has a class of its own for its arguments, which is the Trainer's with more. */
const namesOf = (kind: string): readonly (readonly [string, string])[] => [
  ['TrainingArguments(', `${kind}Config(`],
  ['SFTConfig(', `${kind}Config(`],
  ['SFTTrainer(', `${kind}Trainer(`],
];

/** The fused loss of trainers that have no loss in chunks (the rows of fused_loss below). */
const LIGER: readonly (readonly [string, string])[] = [
  [
    'SFTConfig(loss_type="chunked_nll")  # GRPOConfig, DPOConfig: use_liger_kernel=True',
    'SFTConfig(use_liger_kernel=True)',
  ],
  [
    'SFTConfig(use_liger_kernel=True)  # GRPOConfig, DPOConfig: use_liger_loss=True',
    'SFTConfig(use_liger_loss=True)',
  ],
];

export const trl: Dialect = {
  id: 'trl',
  code: 'UN803',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'trl@0.14.0 to 1.16.0 (0.14, 0.16 to 0.29, 1.0, 1.4 to 1.8, 1.10, 1.13 to 1.16): trainer/*_config.py, trainer/utils.py',
    'https://huggingface.co/docs/trl',
  ],
  name: 'TRL',
  package: 'trl',
  frameworks: ['trl'],
  rests_on: ['transformers', 'peft', 'accelerate', 'pytorch'],
  renames: {
    sft: namesOf('SFT'),
    dpo: [...LIGER, ...namesOf('DPO')],
    grpo: [...LIGER, ...namesOf('GRPO')],
    reward: namesOf('Reward'),
    kto: namesOf('KTO'),
  },
  // GRPOConfig has no length of whole sequences (trl@0.14.0, 1.16.0:trl/trainer/grpo_config.py).
  stands_for: { grpo: { sequence_length: 'new_tokens' } },
  settings: {
    micro_batch: {
      keys: ['per_device_train_batch_size'],
      write: [
        { code: 'SFTConfig(per_device_train_batch_size={value})  # or GRPOConfig, DPOConfig' },
      ],
    },
    accumulation_steps: {
      keys: ['gradient_accumulation_steps'],
      write: [
        { code: 'SFTConfig(gradient_accumulation_steps={value})  # or GRPOConfig, DPOConfig' },
      ],
    },
    sequence_length: {
      keys: ['max_length', 'max_seq_length'],
      write: [
        { from: '0.16', code: 'SFTConfig(max_length={value})  # or DPOConfig' },
        { code: 'SFTConfig(max_seq_length={value})' },
      ],
      defaults: [
        {
          only: 'stated',
          value: 1024,
          source: 'trl@1.16.0:trl/trainer/sft_config.py, dpo_config.py (max_length)',
        },
      ],
    },
    packing: {
      keys: ['packing'],
      write: [
        { value: true, code: 'SFTConfig(packing=True)' },
        { value: false, code: 'SFTConfig(packing=False)' },
      ],
      defaults: [{ value: false, source: 'trl@1.16.0:trl/trainer/sft_config.py (also in 0.14.0)' }],
    },
    checkpointing: {
      keys: ['gradient_checkpointing'],
      write: [
        {
          value: true,
          code: 'SFTConfig(gradient_checkpointing=True)  # or GRPOConfig, DPOConfig',
        },
      ],
      defaults: [
        { to: '0.21.99', value: false, source: 'trl@0.21.0:trl/trainer/sft_config.py' },
        {
          from: '0.22',
          value: true,
          source:
            'trl@0.22.0:trl/trainer/sft_config.py, grpo_config.py, dpo_config.py; trl@1.16.0:trl/trainer/base_config.py',
        },
      ],
    },
    activation_offload: {
      keys: ['activation_offloading'],
      write: [{ value: true, from: '0.18', code: 'SFTConfig(activation_offloading=True)' }],
      defaults: [{ value: false, source: 'trl@1.16.0:trl/trainer/sft_config.py, dpo_config.py' }],
    },
    compute_precision: {
      flags: { bf16: 'bf16', fp16: 'fp16' },
      write: [
        { value: 'bf16', code: 'SFTConfig(bf16=True)  # or GRPOConfig, DPOConfig' },
        { value: 'fp16', code: 'SFTConfig(bf16=False, fp16=True)  # or GRPOConfig, DPOConfig' },
      ],
      defaults: [
        { to: '0.18.99', value: 'fp32', source: 'trl@0.18.0:trl/trainer/sft_config.py' },
        {
          from: '0.19',
          value: 'bf16',
          source:
            'trl@0.19.0:trl/trainer/sft_config.py (unless fp16); trl@1.16.0:trl/trainer/base_config.py',
        },
      ],
    },
    fused_loss: {
      keys: ['loss_type'],
      values: { chunked_nll: true },
      flags: { use_liger_kernel: true, use_liger_loss: true },
      write: [
        {
          value: true,
          from: '1.4',
          to: '1.14.99',
          code: 'SFTConfig(loss_type="chunked_nll")  # GRPOConfig, DPOConfig: use_liger_kernel=True',
        },
        {
          value: true,
          from: '0.25',
          to: '1.3.99',
          code: 'SFTConfig(use_liger_kernel=True)  # or GRPOConfig, DPOConfig',
        },
        {
          value: true,
          to: '0.24.99',
          code: 'SFTConfig(use_liger_kernel=True)  # GRPOConfig, DPOConfig: use_liger_loss=True',
        },
      ],
      defaults: [
        {
          to: '1.6.99',
          value: false,
          source: 'trl@1.6.0:trl/trainer/sft_config.py (loss_type "nll" with full logits)',
        },
        {
          from: '1.15',
          value: true,
          source:
            'trl@1.15.0:trl/trainer/sft_trainer.py, dpo_trainer.py, grpo_trainer.py (add_fused_lm_head); from 1.7 on SFT alone',
        },
      ],
    },
    attention: {
      write: [
        {
          value: 'flash',
          code: 'SFTConfig(model_init_kwargs={"attn_implementation": "flash_attention_2"})',
        },
        { value: 'sdpa', code: 'SFTConfig(model_init_kwargs={"attn_implementation": "sdpa"})' },
      ],
    },
    rollouts: {
      keys: ['num_generations'],
      write: [{ from: '0.14', code: 'GRPOConfig(num_generations={value})' }],
      defaults: [{ only: 'stated', value: 8, source: 'trl@1.16.0:trl/trainer/grpo_config.py' }],
    },
    weights_dtype: {
      keys: ['torch_dtype', 'dtype'],
      values: {
        bfloat16: 'bf16',
        'torch.bfloat16': 'bf16',
        float16: 'fp16',
        'torch.float16': 'fp16',
        float32: 'fp32',
        'torch.float32': 'fp32',
      },
      write: [
        {
          value: 'bf16',
          from: '0.23',
          code: 'SFTConfig(model_init_kwargs={"dtype": "bfloat16"})  # or GRPOConfig, DPOConfig',
        },
        {
          value: 'bf16',
          code: 'SFTConfig(model_init_kwargs={"torch_dtype": "bfloat16"})  # or GRPOConfig, DPOConfig',
        },
      ],
      defaults: [
        {
          from: '0.27',
          value: 'fp32',
          source:
            'trl@0.27.0:trl/trainer/utils.py (create_model_from_path, for a model given by name; "auto" in 0.26.0)',
        },
      ],
    },
    quantization: {
      flags: { load_in_4bit: '4bit', load_in_8bit: '8bit' },
      write: [
        {
          value: '4bit',
          code: 'SFTConfig(model_init_kwargs={"quantization_config": BitsAndBytesConfig(load_in_4bit=True)})',
        },
        {
          value: '8bit',
          code: 'SFTConfig(model_init_kwargs={"quantization_config": BitsAndBytesConfig(load_in_8bit=True)})',
        },
      ],
    },
    adapter: {
      flags: { use_peft: 'lora' },
      write: [
        {
          value: 'lora',
          code: 'SFTTrainer(..., peft_config=LoraConfig(r=16, target_modules="all-linear"))',
        },
        {
          value: 'qlora',
          code: 'SFTTrainer(..., args=SFTConfig(model_init_kwargs={"quantization_config": BitsAndBytesConfig(load_in_4bit=True)}), peft_config=LoraConfig(r=16, target_modules="all-linear"))',
        },
      ],
    },
    adapter_rank: {
      keys: ['lora_r'],
      defaults: [
        { only: 'stated', value: 16, source: 'trl@1.16.0:trl/trainer/model_config.py (lora_r)' },
      ],
    },
    adapter_targets: { keys: ['lora_target_modules'] },
    adapter_dropout: {
      keys: ['lora_dropout'],
      defaults: [
        {
          only: 'stated',
          value: 0.05,
          source: 'trl@1.16.0:trl/trainer/model_config.py (lora_dropout)',
        },
      ],
    },
    adapter_magnitude: { keys: ['use_dora'] },
    adapter_whole: { keys: ['lora_modules_to_save'] },
    double_quantization: {
      keys: ['use_bnb_nested_quant'],
      defaults: [
        {
          only: 'stated',
          value: false,
          source: 'trl@1.16.0:trl/trainer/model_config.py (use_bnb_nested_quant)',
        },
      ],
    },
    // A batch without padding is one row of all its tokens.
    padded: { flags: { padding_free: false } },
    rollout_steps: { keys: ['steps_per_generation'] },
    rollout_engine: {
      keys: ['use_vllm'],
      defaults: [{ only: 'stated', value: false, source: 'trl@1.16.0:trl/trainer/grpo_config.py' }],
    },
    rollout_apart: {
      keys: ['vllm_mode'],
      values: { server: true, colocate: false },
      defaults: [
        {
          only: 'stated',
          to: '0.29.99',
          value: true,
          source: 'trl@0.29.0:trl/trainer/grpo_config.py (vllm_mode; no other way before 0.18)',
        },
        {
          only: 'stated',
          from: '1.0',
          value: false,
          source: 'trl@1.0.0:trl/trainer/grpo_config.py (vllm_mode)',
        },
      ],
    },
    reference_model: {
      flags: { precompute_ref_log_probs: false, reference_free: false, force_use_ref_model: true },
      write: [{ value: false, code: 'DPOConfig(precompute_ref_log_probs=True)' }],
    },
    reference_weight: {
      keys: ['beta'],
      write: [{ value: 0, code: 'GRPOConfig(beta=0.0)' }],
      defaults: [
        {
          only: 'stated',
          to: '0.18.99',
          value: 0.04,
          source: 'trl@0.18.0:trl/trainer/grpo_config.py (beta)',
        },
        {
          only: 'stated',
          from: '0.19',
          value: 0,
          source: 'trl@0.19.1:trl/trainer/grpo_config.py (beta)',
        },
      ],
    },
    prompt_length: {
      keys: ['max_prompt_length'],
      defaults: [
        {
          only: 'stated',
          to: '0.25.99',
          value: 512,
          source: 'trl@0.23.0:trl/trainer/grpo_config.py (max_prompt_length; none from 0.26 on)',
        },
      ],
    },
    eval_batch: {
      keys: ['per_device_eval_batch_size'],
      write: [{ code: 'SFTConfig(per_device_eval_batch_size={value})' }],
    },
    engine_fraction: {
      keys: ['vllm_gpu_memory_utilization'],
      write: [{ code: 'GRPOConfig(vllm_gpu_memory_utilization={value})' }],
      defaults: [{ only: 'stated', value: 0.3, source: 'trl@1.16.0:trl/trainer/grpo_config.py' }],
    },
    engine_sleep: {
      keys: ['vllm_enable_sleep_mode'],
      write: [{ value: true, from: '0.23', code: 'GRPOConfig(vllm_enable_sleep_mode=True)' }],
      defaults: [
        { value: false, source: 'trl@1.16.0:trl/trainer/grpo_config.py (also in 0.23.0)' },
      ],
    },
    context_length: {
      keys: ['vllm_max_model_length', 'vllm_max_model_len'],
      write: [{ from: '0.26', code: 'GRPOConfig(vllm_max_model_length={value})' }],
    },
    tensor_parallel: {
      keys: ['vllm_tensor_parallel_size'],
      write: [{ from: '0.18', code: 'GRPOConfig(vllm_tensor_parallel_size={value})' }],
    },
    new_tokens: {
      keys: ['max_completion_length'],
      write: [{ from: '0.14', code: 'GRPOConfig(max_completion_length={value})' }],
      defaults: [
        {
          only: 'stated',
          to: '1.8.99',
          value: 256,
          source: 'trl@1.8.0:trl/trainer/grpo_config.py (max_completion_length; also in 0.15.2)',
        },
        {
          only: 'stated',
          from: '1.10',
          value: 512,
          source: 'trl@1.10.0, 1.16.0:trl/trainer/grpo_config.py (max_completion_length)',
        },
      ],
    },
  },
};
