import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: { title: 'torchtitan', summary: 'The job configuration of torchtitan and its overrides.' },
  zh: { title: 'torchtitan', summary: 'torchtitan 的任务配置及其命令行覆盖项。' },
  ru: { title: 'torchtitan', summary: 'Конфигурация задания torchtitan и её переопределения.' },
} as const;

const JOB = 'torchtitan@0.2.2:torchtitan/config/job_config.py';

export const torchtitan: Dialect = {
  id: 'torchtitan',
  code: 'UN812',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'torchtitan@0.1.0: config_manager.py; torchtitan@0.2.2: config/job_config.py; torchtitan@0.3.0: config/configs.py, trainer.py, distributed/activation_checkpoint.py',
    'https://github.com/pytorch/torchtitan',
  ],
  name: 'torchtitan',
  package: 'torchtitan',
  frameworks: ['torchtitan'],
  rests_on: ['pytorch'],
  settings: {
    micro_batch: {
      keys: ['local_batch_size'],
      write: [{ code: '--training.local_batch_size {value}' }],
    },
    sequence_length: { keys: ['seq_len'], write: [{ code: '--training.seq_len {value}' }] },
    // Selective is the default: full recomputation can still free what selective keeps.
    checkpointing: {
      keys: ['activation_checkpoint.mode'],
      values: { full: true, selective: false, none: false },
      write: [
        {
          value: true,
          from: '0.3',
          code: 'activation_checkpoint:full  # subcommand on the command line, FullAC.Config() in a config function',
        },
        { value: true, code: '--activation_checkpoint.mode full' },
      ],
    },
    selective_checkpointing: {
      keys: ['activation_checkpoint.mode'],
      values: { selective: true, full: false, none: false },
      write: [
        { value: true, from: '0.3', code: 'activation_checkpoint:selective' },
        { value: true, code: '--activation_checkpoint.mode selective' },
      ],
      defaults: [
        { value: true, source: `${JOB} (mode "selective"; also in 0.1.0; SelectiveAC in 0.3.0)` },
      ],
    },
    compute_precision: {
      keys: ['mixed_precision_param'],
      values: { bfloat16: 'bf16', float32: 'fp32' },
      write: [{ value: 'bf16', code: '--training.mixed_precision_param bfloat16' }],
      defaults: [{ value: 'bf16', source: `${JOB} (mixed_precision_param; also in 0.3.0)` }],
    },
    weights_dtype: {
      write: [{ value: 'bf16', from: '0.2.2', code: '--training.dtype bfloat16' }],
      defaults: [
        { from: '0.2.2', value: 'fp32', source: `${JOB} (dtype "float32"; also in 0.3.0)` },
      ],
    },
    compiled: {
      write: [
        { value: true, from: '0.2', code: '--compile.enable' },
        { value: true, code: '--training.compile' },
      ],
      defaults: [{ value: false, source: `${JOB} (compile.enable; training.compile in 0.1.0)` }],
    },
    optimizer: {
      keys: ['optimizer.implementation'],
      values: { fused: 'adamw-fused', foreach: 'adamw', 'for-loop': 'adamw' },
      write: [{ value: 'adamw-fused', code: '--optimizer.implementation fused' }],
      defaults: [{ to: '0.2.2', value: 'adamw-fused', source: `${JOB} (implementation "fused")` }],
    },
    optimizer_in_backward: {
      keys: ['early_step_in_backward'],
      write: [{ value: true, to: '0.2.2', code: '--optimizer.early_step_in_backward' }],
    },
    sharding: {
      write: [{ value: 'full', code: '--parallelism.data_parallel_shard_degree -1' }],
      defaults: [
        {
          value: 'full',
          source: `${JOB} (data_parallel_shard_degree -1: all ranks; also in 0.3.0)`,
        },
      ],
    },
    reshard: {
      keys: ['fsdp_reshard_after_forward'],
      values: { default: true, always: true, never: false },
      write: [{ value: true, code: '--parallelism.fsdp_reshard_after_forward always' }],
      defaults: [
        {
          value: true,
          source: `${JOB} ("default": all but the last and with pipelines; also in 0.3.0)`,
        },
      ],
    },
    parameter_offload: {
      keys: ['enable_cpu_offload'],
      write: [{ value: true, code: '--training.enable_cpu_offload' }],
      defaults: [{ value: false, source: `${JOB} (enable_cpu_offload; also in 0.1.0, 0.3.0)` }],
    },
    optimizer_offload: {
      keys: ['enable_cpu_offload'],
      write: [{ value: true, code: '--training.enable_cpu_offload' }],
      defaults: [{ value: false, source: `${JOB} (enable_cpu_offload; also in 0.1.0, 0.3.0)` }],
    },
    expert_parallel: { keys: ['expert_parallel_degree'] },
    tensor_parallel: {
      keys: ['tensor_parallel_degree'],
      write: [{ code: '--parallelism.tensor_parallel_degree {value}' }],
    },
    pipeline_parallel: {
      keys: ['pipeline_parallel_degree'],
      write: [{ code: '--parallelism.pipeline_parallel_degree {value}' }],
    },
    pipeline_schedule: {
      keys: ['pipeline_parallel_schedule'],
      values: { gpipe: 'gpipe', '1f1b': '1f1b', interleaved1f1b: 'interleaved' },
      write: [{ value: '1f1b', code: '--parallelism.pipeline_parallel_schedule 1F1B' }],
    },
    replicas: { keys: ['data_parallel_replicate_degree'] },
    loss_parallel: {
      keys: ['disable_loss_parallel'],
      values: { true: false, false: true },
    },
    sequence_parallel: {
      keys: ['context_parallel_degree'],
      write: [{ code: '--parallelism.context_parallel_degree {value}' }],
    },
  },
};
