import type { Dialect } from '../dialect.ts';
import { OFFLOADED, ZERO_STAGES } from '../words.ts';

const TEXTS = {
  en: {
    title: 'DeepSpeed',
    summary: 'The JSON of a DeepSpeed job: ZeRO, offload, buckets, precision.',
  },
  zh: {
    title: 'DeepSpeed',
    summary: 'DeepSpeed 任务的 JSON 配置：ZeRO、offload、bucket、精度。',
  },
  ru: {
    title: 'DeepSpeed',
    summary: 'JSON-конфигурация задания DeepSpeed: ZeRO, выгрузка (offload), корзины, точность.',
  },
} as const;

const ZERO = 'deepspeed@0.19.8:deepspeed/runtime/zero/config.py';

export const deepspeed: Dialect = {
  id: 'deepspeed',
  code: 'UN806',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'deepspeed@0.14.0, 0.16.0, 0.16.4, 0.19.8: runtime/zero/config.py, runtime/zero/offload_config.py, runtime/constants.py, runtime/activation_checkpointing/config.py',
    'https://www.deepspeed.ai/docs/config-json/',
  ],
  name: 'DeepSpeed',
  package: 'deepspeed',
  frameworks: ['deepspeed'],
  rests_on: ['pytorch'],
  ignores: ['train_batch_size'],
  decides: ['sharding', 'optimizer_offload', 'parameter_offload', 'communication_bucket'],
  settings: {
    micro_batch: {
      keys: ['train_micro_batch_size_per_gpu'],
      write: [{ code: '"train_micro_batch_size_per_gpu": {value}' }],
    },
    accumulation_steps: {
      keys: ['gradient_accumulation_steps'],
      write: [{ code: '"gradient_accumulation_steps": {value}' }],
    },
    checkpointing: {
      write: [
        {
          value: true,
          code: 'deepspeed.checkpointing.checkpoint(block, x)  # after deepspeed.checkpointing.configure(mpu_=None)',
        },
      ],
    },
    activation_offload: {
      keys: ['cpu_checkpointing'],
      write: [
        {
          value: true,
          code: '"activation_checkpointing": {"partition_activations": true, "cpu_checkpointing": true}  # for deepspeed.checkpointing',
        },
      ],
      defaults: [
        {
          value: false,
          source: 'deepspeed@0.19.8:deepspeed/runtime/activation_checkpointing/config.py',
        },
      ],
    },
    compute_precision: {
      flags: { 'bf16.enabled': 'bf16', 'bfloat16.enabled': 'bf16', 'fp16.enabled': 'fp16' },
      write: [
        { value: 'bf16', code: '"bf16": {"enabled": true}' },
        { value: 'fp16', code: '"fp16": {"enabled": true}' },
      ],
    },
    sharding: {
      keys: ['stage', 'zero_stage', 'zero_optimization_stage'],
      values: ZERO_STAGES,
      write: [
        { value: 'full', code: '"zero_optimization": {"stage": 3}' },
        { value: 'gradients', code: '"zero_optimization": {"stage": 2}' },
        { value: 'optimizer', code: '"zero_optimization": {"stage": 1}' },
      ],
    },
    optimizer_offload: {
      keys: [
        'offload_optimizer.device',
        'offload_optimizer_device',
        'cpu_offload',
        'zero_cpu_offload',
      ],
      values: { ...OFFLOADED, true: true, false: false },
      write: [
        {
          value: true,
          code: '"zero_optimization": {"stage": 2, "offload_optimizer": {"device": "cpu", "pin_memory": true}}',
        },
      ],
      defaults: [{ value: false, source: `${ZERO} (offload_optimizer None; also in 0.14.0)` }],
    },
    parameter_offload: {
      keys: ['offload_param.device', 'offload_param_device', 'cpu_offload_params'],
      values: { ...OFFLOADED, true: true, false: false },
      write: [
        {
          value: true,
          code: '"zero_optimization": {"stage": 3, "offload_param": {"device": "cpu", "pin_memory": true}, "offload_optimizer": {"device": "cpu", "pin_memory": true}}',
        },
      ],
      defaults: [{ value: false, source: `${ZERO} (offload_param None; also in 0.14.0)` }],
    },
    reshard: {
      // What ZeRO-3 may keep gathered; there is no switch.
      write: [
        {
          value: true,
          code: '"zero_optimization": {"stage": 3, "stage3_max_live_parameters": 3e8, "stage3_max_reuse_distance": 0}',
        },
      ],
    },
    tensor_parallel: {
      keys: ['autotp_size'],
      write: [{ from: '0.16.4', code: '"tensor_parallel": {"autotp_size": {value}}' }],
    },
    sequence_parallel: { keys: ['sequence_parallel_size'] },
    communication_bucket: {
      keys: ['reduce_bucket_size', 'allgather_bucket_size'],
      // The Trainer makes it hidden_size squared (transformers@5.18.0:integrations/deepspeed.py).
      values: { auto: 0 },
      write: [
        {
          code: '"zero_optimization": {"reduce_bucket_size": {value}, "allgather_bucket_size": {value}}  # elements',
        },
      ],
    },
    overlap_communication: {
      keys: ['overlap_comm'],
      write: [{ value: false, code: '"zero_optimization": {"overlap_comm": false}' }],
    },
    gather_ahead: {
      keys: ['stage3_prefetch_bucket_size', 'prefetch_bucket_size'],
      values: { auto: 0 },
      write: [
        { code: '"zero_optimization": {"stage3_prefetch_bucket_size": {value}}  # elements' },
      ],
    },
    sharded_save: {
      keys: [
        'stage3_gather_16bit_weights_on_model_save',
        'stage3_gather_fp16_weights_on_model_save',
        'gather_16bit_weights_on_model_save',
      ],
      values: { true: false, false: true },
      write: [
        {
          value: true,
          code: '"zero_optimization": {"stage3_gather_16bit_weights_on_model_save": false}  # zero_to_fp32.py gathers later',
        },
      ],
    },
  },
};
