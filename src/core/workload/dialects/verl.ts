import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: { title: 'verl', summary: 'Overrides of a verl job: actor, reference, rollout engine.' },
  zh: { title: 'verl', summary: 'verl 任务的覆盖项：actor、reference、rollout 引擎。' },
  ru: {
    title: 'verl',
    summary: 'Параметры задания verl: actor, reference, движок генерации (rollout).',
  },
} as const;

const ACTOR = 'actor_rollout_ref.actor';
const ROLLOUT = 'actor_rollout_ref.rollout';
const CONFIG = 'verl@0.9.1:verl/trainer/config';

export const verl: Dialect = {
  id: 'verl',
  code: 'UN815',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'verl@0.3.0.post1, 0.4.1, 0.5.0, 0.6.1, 0.7.0, 0.8.0, 0.9.1: trainer/config/',
    'https://verl.readthedocs.io',
  ],
  name: 'verl',
  package: 'verl',
  frameworks: ['verl'],
  rests_on: ['pytorch'],
  settings: {
    micro_batch: {
      keys: ['ppo_micro_batch_size_per_gpu'],
      write: [{ code: `${ACTOR}.ppo_micro_batch_size_per_gpu={value}` }],
    },
    tokens_per_batch: {
      keys: ['ppo_max_token_len_per_gpu'],
      write: [{ code: `${ACTOR}.use_dynamic_bsz=True ${ACTOR}.ppo_max_token_len_per_gpu={value}` }],
    },
    sequence_length: {
      keys: ['max_prompt_length'],
      write: [{ code: 'data.max_prompt_length={value}' }],
    },
    checkpointing: {
      keys: ['enable_gradient_checkpointing'],
      write: [{ value: true, code: 'actor_rollout_ref.model.enable_gradient_checkpointing=True' }],
      defaults: [
        {
          value: true,
          source: `${CONFIG}/model/hf_model.yaml (enable_gradient_checkpointing; also in 0.3.0.post1)`,
        },
      ],
    },
    activation_offload: {
      keys: ['enable_activation_offload'],
      write: [
        {
          value: true,
          from: '0.4',
          code: 'actor_rollout_ref.model.enable_activation_offload=True',
        },
      ],
      defaults: [{ value: false, source: `${CONFIG}/model/hf_model.yaml (also in 0.4.1)` }],
    },
    compute_precision: {
      defaults: [
        {
          value: 'bf16',
          source:
            'verl@0.5.0:verl/workers/fsdp_workers.py (param_dtype "bf16"; dtype in engine/fsdp.yaml of 0.9.1)',
        },
      ],
    },
    fused_loss: {
      keys: ['use_fused_kernels'],
      write: [{ value: true, from: '0.4', code: 'actor_rollout_ref.model.use_fused_kernels=True' }],
      defaults: [{ value: false, source: `${CONFIG}/model/hf_model.yaml (also in 0.4.1)` }],
    },
    rollouts: { keys: ['rollout.n'], write: [{ code: `${ROLLOUT}.n={value}` }] },
    weights_dtype: {
      keys: ['model_dtype'],
      values: { fp32: 'fp32', bf16: 'bf16', bfloat16: 'bf16' },
      write: [{ value: 'bf16', from: '0.4.1', code: `${ACTOR}.fsdp_config.model_dtype=bf16` }],
      defaults: [
        {
          from: '0.4.1',
          value: 'fp32',
          source: `${CONFIG}/engine/fsdp.yaml (model_dtype; verl@0.4.1: ppo_trainer.yaml)`,
        },
      ],
    },
    adapter: {
      write: [{ value: 'lora', from: '0.4', code: 'actor_rollout_ref.model.lora_rank=32' }],
    },
    reshard: {
      keys: ['reshard_after_forward'],
      write: [{ value: true, code: `${ACTOR}.fsdp_config.reshard_after_forward=True` }],
      defaults: [{ value: true, source: `${CONFIG}/engine/fsdp.yaml (also in 0.4.1)` }],
    },
    optimizer_offload: {
      keys: ['optimizer_offload'],
      write: [{ value: true, code: `${ACTOR}.fsdp_config.optimizer_offload=True` }],
      defaults: [{ value: false, source: `${CONFIG}/engine/fsdp.yaml (also in 0.4.1)` }],
    },
    parameter_offload: {
      keys: ['param_offload'],
      write: [{ value: true, code: `${ACTOR}.fsdp_config.param_offload=True` }],
      defaults: [{ value: false, source: `${CONFIG}/engine/fsdp.yaml (also in 0.4.1)` }],
    },
    sequence_parallel: {
      keys: ['ulysses_sequence_parallel_size'],
      write: [{ code: `${ACTOR}.ulysses_sequence_parallel_size={value}` }],
    },
    tensor_parallel: {
      keys: ['rollout.tensor_model_parallel_size'],
      write: [{ code: `${ROLLOUT}.tensor_model_parallel_size={value}` }],
    },
    engine_fraction: {
      keys: ['gpu_memory_utilization'],
      write: [{ code: `${ROLLOUT}.gpu_memory_utilization={value}` }],
    },
    engine_sleep: {
      keys: ['free_cache_engine'],
      write: [{ value: true, code: `${ROLLOUT}.free_cache_engine=True` }],
      defaults: [{ value: true, source: `${CONFIG}/rollout/rollout.yaml (also in 0.3.0.post1)` }],
    },
    cuda_graphs: {
      keys: ['enforce_eager'],
      values: { true: false, false: true },
      write: [{ value: false, code: `${ROLLOUT}.enforce_eager=True` }],
      defaults: [
        {
          to: '0.5.99',
          value: false,
          source: 'verl@0.5.0:verl/trainer/config/rollout/rollout.yaml',
        },
        {
          from: '0.6.1',
          value: true,
          source: 'verl@0.6.1:verl/trainer/config/rollout/rollout.yaml',
        },
      ],
    },
    max_sequences: {
      keys: ['max_num_seqs'],
      write: [{ code: `${ROLLOUT}.max_num_seqs={value}` }],
    },
    batched_tokens: {
      keys: ['max_num_batched_tokens'],
      write: [{ code: `${ROLLOUT}.max_num_batched_tokens={value}` }],
    },
    new_tokens: {
      keys: ['max_response_length'],
      write: [{ code: 'data.max_response_length={value}' }],
    },
  },
};
