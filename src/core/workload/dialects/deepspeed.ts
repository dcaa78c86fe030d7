import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'DeepSpeed',
    summary: 'DeepSpeed’s JSON: ZeRO stages, offload, buckets.',
  },
  zh: {
    title: 'DeepSpeed',
    summary: 'DeepSpeed 的 JSON：ZeRO 各阶段、卸载、通信桶。',
  },
  ru: {
    title: 'DeepSpeed',
    summary: 'JSON DeepSpeed: стадии ZeRO, выгрузка, бакеты.',
  },
} as const;

export const deepspeed: Dialect = {
  id: 'deepspeed',
  code: 'UN806',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['deepspeed@0.19.8:deepspeed/runtime/zero/config.py'],
  name: 'DeepSpeed',
  package: 'deepspeed',
  frameworks: ['deepspeed'],
  rests_on: ['pytorch'],
  settings: {
    micro_batch: {
      keys: ['train_micro_batch_size_per_gpu'],
      write: [{ code: '"train_micro_batch_size_per_gpu": {value}' }],
    },
    accumulation_steps: {
      keys: ['gradient_accumulation_steps'],
      write: [{ code: '"gradient_accumulation_steps": {value}' }],
    },
    sharding: {
      keys: ['stage', 'zero_stage'],
      values: { '0': 'none', '1': 'optimizer', '2': 'gradients', '3': 'full' },
      write: [
        { value: 'full', code: '"zero_optimization": { "stage": 3 }' },
        { value: 'gradients', code: '"zero_optimization": { "stage": 2 }' },
        { value: 'optimizer', code: '"zero_optimization": { "stage": 1 }' },
      ],
      defaults: [{ value: 'none', source: 'deepspeed@0.19.8:deepspeed/runtime/zero/config.py' }],
    },
    optimizer_offload: {
      write: [
        { value: true, code: '"zero_optimization": { "offload_optimizer": { "device": "cpu" } }' },
      ],
    },
    parameter_offload: {
      write: [
        {
          value: true,
          code: '"zero_optimization": { "stage": 3, "offload_param": { "device": "cpu" } }',
        },
        { value: false, code: '"offload_param": { "device": "none" }' },
      ],
    },
    communication_bucket: {
      keys: ['reduce_bucket_size', 'allgather_bucket_size'],
      write: [{ code: '"reduce_bucket_size": 5e7, "allgather_bucket_size": 5e7' }],
      defaults: [{ value: 500000000, source: 'deepspeed@0.19.8:deepspeed/runtime/zero/config.py' }],
    },
    sharded_save: {
      keys: ['stage3_gather_16bit_weights_on_model_save'],
      values: { false: true, true: false },
      write: [{ value: true, code: '"stage3_gather_16bit_weights_on_model_save": false' }],
      defaults: [{ value: true, source: 'deepspeed@0.19.8:deepspeed/runtime/zero/config.py' }],
    },
    compute_precision: { write: [{ value: 'bf16', code: '"bf16": { "enabled": true }' }] },
    activation_offload: {
      keys: ['cpu_checkpointing'],
      write: [{ value: true, code: '"activation_checkpointing": { "cpu_checkpointing": true }' }],
    },
  },
};
