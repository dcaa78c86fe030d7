import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: { title: 'Megatron-LM', summary: 'The arguments of Megatron-LM and Megatron Core.' },
  zh: { title: 'Megatron-LM', summary: 'Megatron-LM 与 Megatron Core 的参数。' },
  ru: { title: 'Megatron-LM', summary: 'Аргументы Megatron-LM и Megatron Core.' },
} as const;

const CONFIG = 'megatron-core@0.16.1:megatron/core/transformer/transformer_config.py';
const OPTIMIZER = 'megatron-core@0.16.1:megatron/core/optimizer/optimizer_config.py';

export const megatron: Dialect = {
  id: 'megatron',
  code: 'UN814',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'megatron-core@0.12.0, 0.16.1: transformer/transformer_config.py, model_parallel_config.py, optimizer/optimizer_config.py',
    'https://github.com/NVIDIA/Megatron-LM (megatron/training/arguments.py)',
  ],
  name: 'Megatron-LM',
  package: 'megatron-core',
  frameworks: ['megatron'],
  rests_on: ['pytorch'],
  settings: {
    micro_batch: { keys: ['micro_batch_size'], write: [{ code: '--micro-batch-size {value}' }] },
    sequence_length: { keys: ['seq_length'], write: [{ code: '--seq-length {value}' }] },
    checkpointing: {
      keys: ['recompute_granularity'],
      values: { full: true, selective: false, none: false },
      write: [
        {
          value: true,
          code: '--recompute-granularity full --recompute-method uniform --recompute-num-layers 1',
        },
      ],
      defaults: [
        { value: false, source: `${CONFIG} (recompute_granularity None; also in 0.12.0)` },
      ],
    },
    selective_checkpointing: {
      keys: ['recompute_granularity'],
      values: { selective: true, full: false, none: false },
      flags: { recompute_activations: true },
      write: [
        { value: true, code: '--recompute-activations  # --recompute-granularity selective' },
      ],
      defaults: [
        { value: false, source: `${CONFIG} (recompute_granularity None; also in 0.12.0)` },
      ],
    },
    activation_offload: {
      keys: ['cpu_offloading', 'fine_grained_activation_offloading'],
      write: [{ value: true, from: '0.16', code: '--fine-grained-activation-offloading' }],
      defaults: [
        {
          value: false,
          source: 'megatron-core@0.16.1:megatron/core/model_parallel_config.py (cpu_offloading)',
        },
      ],
    },
    compute_precision: {
      flags: { bf16: 'bf16', fp16: 'fp16' },
      write: [
        { value: 'bf16', code: '--bf16' },
        { value: 'fp16', code: '--fp16' },
      ],
      defaults: [
        {
          value: 'fp32',
          source: 'megatron-core@0.16.1:megatron/core/model_parallel_config.py (bf16, fp16 False)',
        },
      ],
    },
    attention: {
      flags: { use_flash_attn: 'flash' },
      write: [{ value: 'flash', code: '--use-flash-attn' }],
    },
    sharding: {
      keys: ['data_parallel_sharding_strategy'],
      values: {
        no_shard: 'none',
        optim: 'optimizer',
        optim_grads: 'gradients',
        optim_grads_params: 'full',
      },
      flags: { use_distributed_optimizer: 'optimizer' },
      write: [
        { value: 'optimizer', code: '--use-distributed-optimizer' },
        { value: 'full', code: '--use-torch-fsdp2' },
      ],
      defaults: [
        { value: 'none', source: `${OPTIMIZER} (use_distributed_optimizer; also in 0.12.0)` },
      ],
    },
    optimizer_offload: {
      keys: ['optimizer_cpu_offload'],
      write: [
        {
          value: true,
          from: '0.12',
          code: '--optimizer-cpu-offload --optimizer-offload-fraction 1.0 --use-precision-aware-optimizer',
        },
      ],
      defaults: [{ value: false, source: `${OPTIMIZER} (optimizer_cpu_offload)` }],
    },
    expert_parallel: { keys: ['expert_model_parallel_size'] },
    tensor_parallel: {
      keys: ['tensor_model_parallel_size'],
      write: [{ code: '--tensor-model-parallel-size {value}' }],
    },
    pipeline_parallel: {
      keys: ['pipeline_model_parallel_size'],
      write: [{ code: '--pipeline-model-parallel-size {value}' }],
    },
    pipeline_chunks: {
      keys: ['num_virtual_stages_per_pipeline_rank'],
      write: [{ code: '--num-virtual-stages-per-pipeline-rank {value}' }],
    },
    sequence_parallel: {
      keys: ['context_parallel_size'],
      write: [
        {
          code: '--context-parallel-size {value}  # and --sequence-parallel with tensor parallelism',
        },
      ],
    },
    communication_bucket: {
      keys: ['ddp_bucket_size'],
      write: [{ code: '--ddp-bucket-size {value}' }],
    },
  },
};
