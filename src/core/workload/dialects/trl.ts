import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'TRL',
    summary: 'SFT, DPO and GRPO trainers of TRL.',
  },
  zh: {
    title: 'TRL',
    summary: 'TRL 的 SFT、DPO 和 GRPO 训练器。',
  },
  ru: {
    title: 'TRL',
    summary: 'Тренеры SFT, DPO и GRPO из TRL.',
  },
} as const;

export const trl: Dialect = {
  id: 'trl',
  code: 'UN803',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'trl@0.24.0:trl/trainer/sft_config.py',
    'trl@0.24.0:trl/trainer/grpo_config.py',
    'trl@1.16.0:trl/trainer/base_config.py',
  ],
  name: 'TRL',
  package: 'trl',
  frameworks: ['trl'],
  rests_on: ['transformers', 'accelerate', 'pytorch'],
  settings: {
    checkpointing: {
      keys: ['gradient_checkpointing'],
      write: [{ value: true, code: 'SFTConfig(gradient_checkpointing=True)' }],
      defaults: [
        {
          from: '0.22',
          value: true,
          source: 'trl@0.22.0:trl/trainer/sft_config.py; trl@1.16.0:trl/trainer/base_config.py',
        },
        { to: '0.21.999', value: false, source: 'trl@0.21.0:trl/trainer/sft_config.py (not set)' },
      ],
    },
    compute_precision: {
      keys: ['bf16', 'fp16'],
      values: { true: 'bf16' },
      write: [{ value: 'bf16', code: 'SFTConfig(bf16=True)' }],
      defaults: [
        {
          from: '0.19.1',
          value: 'bf16',
          source: 'trl@0.19.1:trl/trainer/sft_config.py (bf16 None: on unless fp16 is set)',
        },
      ],
    },
    fused_loss: {
      keys: ['use_liger_kernel', 'loss_type'],
      values: { true: true, chunked_nll: true },
      write: [{ value: true, code: 'SFTConfig(use_liger_kernel=True)' }],
      defaults: [
        {
          from: '1.16',
          value: true,
          source:
            'trl@1.16.0:trl/trainer/sft_config.py (loss_type "nll" does not materialise the full logits)',
        },
      ],
    },
    sequence_length: {
      keys: ['max_length', 'max_seq_length'],
      write: [
        { from: '0.16', code: 'SFTConfig(max_length={value})' },
        { code: 'SFTConfig(max_seq_length={value})' },
      ],
      defaults: [{ value: 1024, source: 'trl@0.24.0:trl/trainer/sft_config.py' }],
    },
    packing: {
      keys: ['packing'],
      write: [{ value: true, code: 'SFTConfig(packing=True)' }],
      defaults: [{ value: false, source: 'trl@0.24.0:trl/trainer/sft_config.py' }],
    },
    activation_offload: {
      keys: ['activation_offloading'],
      write: [{ from: '0.19', value: true, code: 'SFTConfig(activation_offloading=True)' }],
      defaults: [{ value: false, source: 'trl@0.24.0:trl/trainer/sft_config.py' }],
    },
    rollouts: {
      keys: ['num_generations'],
      write: [{ code: 'GRPOConfig(num_generations={value})' }],
      defaults: [{ value: 8, source: 'trl@0.24.0:trl/trainer/grpo_config.py' }],
    },
    engine_fraction: {
      keys: ['vllm_gpu_memory_utilization'],
      write: [{ code: 'GRPOConfig(vllm_gpu_memory_utilization={value})' }],
      defaults: [{ value: 0.3, source: 'trl@0.24.0:trl/trainer/grpo_config.py' }],
    },
    engine_sleep: {
      keys: ['vllm_enable_sleep_mode'],
      write: [{ from: '0.23', value: true, code: 'GRPOConfig(vllm_enable_sleep_mode=True)' }],
      defaults: [{ value: false, source: 'trl@0.24.0:trl/trainer/grpo_config.py' }],
    },
    reference_model: {
      keys: ['precompute_ref_log_probs'],
      values: { true: false, false: true },
      write: [{ value: false, code: 'DPOConfig(precompute_ref_log_probs=True)' }],
    },
  },
};
