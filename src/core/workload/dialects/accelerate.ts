import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'accelerate',
    summary: 'Launcher and plugins of accelerate.',
  },
  zh: {
    title: 'accelerate',
    summary: 'accelerate 的启动器和插件。',
  },
  ru: {
    title: 'accelerate',
    summary: 'Лаунчер и плагины accelerate.',
  },
} as const;

export const accelerate: Dialect = {
  id: 'accelerate',
  code: 'UN805',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['accelerate@1.15.0:src/accelerate/utils/dataclasses.py'],
  name: 'accelerate',
  package: 'accelerate',
  frameworks: ['accelerate'],
  rests_on: ['pytorch'],
  settings: {
    compute_precision: {
      keys: ['mixed_precision'],
      values: { bf16: 'bf16', fp16: 'fp16', no: 'fp32', fp8: 'fp8' },
      write: [{ value: 'bf16', code: 'accelerate launch --mixed_precision bf16 train.py' }],
    },
    sharding: {
      keys: ['fsdp_sharding_strategy', 'zero_stage'],
      values: { full_shard: 'full', '1': 'optimizer', '2': 'gradients', '3': 'full' },
      write: [
        { value: 'full', code: 'accelerate launch --use_fsdp --fsdp_version 2 train.py' },
        { value: 'gradients', code: 'accelerate launch --use_deepspeed --zero_stage 2 train.py' },
      ],
    },
    checkpointing: { keys: ['fsdp_activation_checkpointing'] },
    parameter_offload: {
      keys: ['fsdp_offload_params'],
      write: [
        { value: true, code: 'fsdp_offload_params: true' },
        { value: false, code: 'fsdp_offload_params: false' },
      ],
    },
    reshard: {
      keys: ['fsdp_reshard_after_forward'],
      write: [{ value: true, code: 'fsdp_reshard_after_forward: true' }],
    },
    sharded_save: {
      keys: ['fsdp_state_dict_type'],
      values: { sharded_state_dict: true, full_state_dict: false },
      write: [{ value: true, code: 'fsdp_state_dict_type: SHARDED_STATE_DICT' }],
    },
    accumulation_steps: {
      keys: ['gradient_accumulation_steps'],
      write: [{ code: 'Accelerator(gradient_accumulation_steps={value})' }],
    },
    bucket_view: {
      keys: ['gradient_as_bucket_view'],
      write: [
        {
          value: true,
          code: 'Accelerator(kwargs_handlers=[DistributedDataParallelKwargs(gradient_as_bucket_view=True)])',
        },
      ],
      defaults: [{ value: false, source: 'accelerate@1.15.0:src/accelerate/utils/dataclasses.py' }],
    },
  },
};
