import type { Dialect } from '../dialect.ts';
import { ATTENTION, ZERO_STAGES } from '../words.ts';

const TEXTS = {
  en: { title: 'OpenRLHF', summary: 'The options of OpenRLHF’s training commands.' },
  zh: { title: 'OpenRLHF', summary: 'OpenRLHF 训练命令的选项。' },
  ru: { title: 'OpenRLHF', summary: 'Параметры команд обучения OpenRLHF.' },
} as const;

const CLI = 'openrlhf@0.11.2:openrlhf/cli/train_ppo_ray.py';

/** Options have had their group in front since 0.10.4: --vllm_enable_sleep → --vllm.enable_sleep. */
const option = (grouped: string, plain: string) => [
  { from: '0.10.4', code: grouped },
  { to: '0.10.3', code: plain },
];
const flag = (grouped: string, plain: string) =>
  option(grouped, plain).map((row) => ({ ...row, value: true }));

export const openrlhf: Dialect = {
  id: 'openrlhf',
  code: 'UN816',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'openrlhf@0.8.0, 0.9.0, 0.10.0, 0.10.4, 0.11.0, 0.11.2: cli/train_ppo_ray.py, cli/train_sft.py',
    'https://openrlhf.readthedocs.io',
  ],
  name: 'OpenRLHF',
  package: 'openrlhf',
  frameworks: ['openrlhf'],
  rests_on: ['pytorch'],
  ignores: [
    'train_batch_size',
    'train.batch_size',
    'rollout.batch_size',
    'rollout.micro_batch_size',
  ],
  settings: {
    micro_batch: {
      keys: ['micro_train_batch_size', 'train.micro_batch_size'],
      write: option('--train.micro_batch_size {value}', '--micro_train_batch_size {value}'),
    },
    tokens_per_batch: {
      keys: ['train.max_tokens_per_gpu'],
      write: [
        { from: '0.10.4', code: '--train.dynamic_batch_enable --train.max_tokens_per_gpu {value}' },
      ],
    },
    sequence_length: {
      keys: ['prompt_max_len', 'data.max_len'],
      write: option('--data.max_len {value}', '--prompt_max_len {value}'),
    },
    packing: {
      keys: ['packing_samples'],
      write: flag('--ds.packing_samples', '--packing_samples'),
      defaults: [{ value: false, source: `${CLI} (also in 0.8.0)` }],
    },
    checkpointing: {
      keys: ['gradient_checkpointing', 'gradient_checkpointing_enable'],
      write: flag('--actor.gradient_checkpointing_enable', '--gradient_checkpointing'),
      defaults: [{ value: false, source: `${CLI} (also in 0.8.0)` }],
    },
    compute_precision: {
      keys: ['param_dtype'],
      values: { bf16: 'bf16', fp16: 'fp16' },
      flags: { bf16: 'bf16' },
      write: [
        { value: 'bf16', from: '0.10.4', code: '--ds.param_dtype bf16' },
        { value: 'bf16', from: '0.10.0', to: '0.10.3', code: '--param_dtype bf16' },
        { value: 'bf16', to: '0.9.99', code: '--bf16' },
      ],
      defaults: [
        {
          to: '0.9.99',
          value: 'fp32',
          source: 'openrlhf@0.9.0:openrlhf/cli/train_ppo_ray.py (bf16)',
        },
        { from: '0.10.0', value: 'bf16', source: `${CLI} (param_dtype; also in 0.10.0)` },
      ],
    },
    fused_loss: {
      flags: { use_liger_kernel: true },
      write: flag('--ds.use_liger_kernel', '--use_liger_kernel'),
      defaults: [{ value: false, source: `${CLI} (also in 0.8.0)` }],
    },
    attention: {
      keys: ['attn_implementation'],
      values: ATTENTION,
      flags: { flash_attn: 'flash' },
      write: [
        { value: 'flash', from: '0.10.4', code: '--ds.attn_implementation flash_attention_2' },
        {
          value: 'flash',
          from: '0.9',
          to: '0.10.3',
          code: '--attn_implementation flash_attention_2',
        },
        { value: 'flash', to: '0.8.99', code: '--flash_attn' },
      ],
      defaults: [
        {
          from: '0.9.0',
          value: 'flash',
          source: `${CLI} (attn_implementation "flash_attention_2"; also in 0.9.0)`,
        },
      ],
    },
    rollouts: {
      keys: ['n_samples_per_prompt'],
      write: option('--rollout.n_samples_per_prompt {value}', '--n_samples_per_prompt {value}'),
    },
    quantization: {
      flags: { load_in_4bit: '4bit' },
      write: [
        { value: '4bit', from: '0.10.4', code: '--ds.load_in_4bit' },
        { value: '4bit', to: '0.10.3', code: '--load_in_4bit' },
      ],
    },
    adapter: {
      write: [
        { value: 'lora', from: '0.10.4', code: '--ds.lora.rank 16' },
        { value: 'lora', to: '0.10.3', code: '--lora_rank 16' },
      ],
    },
    sharding: {
      keys: ['zero_stage'],
      values: ZERO_STAGES,
      write: [
        { value: 'full', from: '0.10.4', code: '--ds.zero_stage 3' },
        { value: 'full', to: '0.10.3', code: '--zero_stage 3' },
      ],
      defaults: [{ value: 'gradients', source: `${CLI} (zero_stage 2; also in 0.8.0)` }],
    },
    optimizer_offload: {
      keys: ['adam_offload'],
      write: flag('--ds.adam_offload', '--adam_offload'),
      defaults: [{ value: false, source: `${CLI} (also in 0.8.0)` }],
    },
    tensor_parallel: {
      keys: ['vllm_tensor_parallel_size', 'vllm.tensor_parallel_size'],
      write: option('--vllm.tensor_parallel_size {value}', '--vllm_tensor_parallel_size {value}'),
    },
    sequence_parallel: {
      keys: ['ring_attn_size'],
      write: option('--ds.ring_attn_size {value}', '--ring_attn_size {value}'),
    },
    engine_fraction: {
      keys: ['vllm_gpu_memory_utilization', 'vllm.gpu_memory_utilization'],
      write: option(
        '--vllm.gpu_memory_utilization {value}',
        '--vllm_gpu_memory_utilization {value}',
      ),
    },
    engine_sleep: {
      keys: ['vllm_enable_sleep', 'vllm.enable_sleep'],
      write: flag('--vllm.enable_sleep', '--vllm_enable_sleep'),
      defaults: [{ value: false, source: `${CLI} (also in 0.8.0)` }],
    },
    cuda_graphs: {
      keys: ['enforce_eager'],
      values: { true: false, false: true },
      write: [
        { value: false, from: '0.10.4', code: '--vllm.enforce_eager' },
        { value: false, to: '0.10.3', code: '--enforce_eager' },
      ],
    },
    new_tokens: {
      keys: ['generate_max_len', 'rollout.max_new_tokens'],
      write: option('--rollout.max_new_tokens {value}', '--generate_max_len {value}'),
    },
  },
};
