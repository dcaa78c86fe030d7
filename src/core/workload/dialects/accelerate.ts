import type { Dialect } from '../dialect.ts';
import { MIXED_PRECISION, OFFLOADED, ZERO_STAGES } from '../words.ts';

const TEXTS = {
  en: {
    title: 'Hugging Face Accelerate',
    summary: 'Accelerator, its plugins, and the file that accelerate config writes.',
  },
  zh: {
    title: 'Hugging Face Accelerate',
    summary: 'Accelerator 及其插件，以及 accelerate config 写出的配置文件。',
  },
  ru: {
    title: 'Hugging Face Accelerate',
    summary: 'Accelerator, его плагины и файл, который пишет accelerate config.',
  },
} as const;

const PLUGINS = 'accelerate@1.15.0:accelerate/utils/dataclasses.py';

export const accelerate: Dialect = {
  id: 'accelerate',
  code: 'UN805',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'accelerate@0.23.0, 0.30.1, 1.0.0, 1.4.0, 1.6.0, 1.9.0, 1.10.0, 1.12.0, 1.15.0: accelerator.py, utils/dataclasses.py, commands/launch.py',
    'https://huggingface.co/docs/accelerate/package_reference/cli',
  ],
  name: 'Accelerate',
  package: 'accelerate',
  frameworks: ['accelerate'],
  rests_on: ['pytorch'],
  settings: {
    batch_finder: {
      write: [
        {
          value: true,
          code: '@find_executable_batch_size(starting_batch_size=64)  # accelerate.utils',
        },
      ],
    },
    accumulation_steps: {
      keys: ['gradient_accumulation_steps'],
      write: [{ code: 'Accelerator(gradient_accumulation_steps={value})' }],
    },
    checkpointing: {
      keys: ['fsdp_activation_checkpointing'],
    },
    compute_precision: {
      keys: ['mixed_precision', 'accelerate_mixed_precision'],
      values: MIXED_PRECISION,
      write: [
        { value: 'bf16', code: 'accelerate launch --mixed_precision bf16 train.py' },
        { value: 'fp16', code: 'accelerate launch --mixed_precision fp16 train.py' },
        { value: 'fp8', code: 'accelerate launch --mixed_precision fp8 train.py' },
      ],
      defaults: [
        {
          value: 'fp32',
          source: 'accelerate@1.15.0:accelerate/state.py (ACCELERATE_MIXED_PRECISION "no")',
        },
      ],
    },
    compiled: {
      keys: ['dynamo_backend'],
      values: { no: false, inductor: true },
      write: [{ value: true, code: 'accelerate launch --dynamo_backend inductor train.py' }],
    },
    bucket_view: {
      keys: ['gradient_as_bucket_view'],
      write: [
        {
          value: true,
          code: 'Accelerator(kwargs_handlers=[DistributedDataParallelKwargs(gradient_as_bucket_view=True)])',
        },
      ],
      defaults: [
        { value: false, source: `${PLUGINS} (DistributedDataParallelKwargs; also in 0.30.1)` },
      ],
    },
    communication_bucket: {
      keys: ['bucket_cap_mb'],
      write: [
        {
          code: 'Accelerator(kwargs_handlers=[DistributedDataParallelKwargs(bucket_cap_mb={value})])  # MiB, not elements',
        },
      ],
    },
    sharding: {
      keys: ['zero_stage', 'distributed_type'],
      values: { ...ZERO_STAGES, fsdp: 'full', multi_gpu: 'none' },
      write: [
        {
          value: 'full',
          from: '1.6',
          code: 'accelerate launch --use_fsdp --fsdp_version 2 --fsdp_auto_wrap_policy TRANSFORMER_BASED_WRAP train.py',
        },
        {
          value: 'full',
          code: 'accelerate launch --use_fsdp --fsdp_sharding_strategy FULL_SHARD --fsdp_auto_wrap_policy TRANSFORMER_BASED_WRAP train.py',
        },
        {
          value: 'gradients',
          code: 'accelerate launch --use_deepspeed --zero_stage 2 train.py',
        },
        {
          value: 'optimizer',
          code: 'accelerate launch --use_deepspeed --zero_stage 1 train.py',
        },
      ],
    },
    optimizer_offload: {
      keys: ['offload_optimizer_device'],
      values: OFFLOADED,
      write: [
        {
          value: true,
          code: 'accelerate launch --use_deepspeed --zero_stage 2 --offload_optimizer_device cpu train.py',
        },
      ],
      defaults: [
        { value: false, source: `${PLUGINS} (DeepSpeedPlugin: offload_optimizer_device "none")` },
      ],
    },
    parameter_offload: {
      keys: ['offload_param_device'],
      values: OFFLOADED,
      write: [
        {
          value: true,
          code: 'accelerate launch --use_deepspeed --zero_stage 3 --offload_param_device cpu --offload_optimizer_device cpu train.py',
        },
      ],
      defaults: [
        { value: false, source: `${PLUGINS} (DeepSpeedPlugin: offload_param_device "none")` },
      ],
    },
    tensor_parallel: {
      keys: ['parallelism_config_tp_size', 'tp_size', 'megatron_lm_tp_degree'],
      write: [
        {
          from: '1.10',
          code: 'Accelerator(parallelism_config=ParallelismConfig(tp_size={value}))',
        },
      ],
    },
    sequence_parallel: {
      keys: ['parallelism_config_cp_size', 'parallelism_config_sp_size', 'cp_size', 'sp_size'],
      write: [
        {
          from: '1.10',
          code: 'Accelerator(parallelism_config=ParallelismConfig(cp_size={value}))',
        },
      ],
    },
    spread: {
      write: [
        {
          value: true,
          code: 'load_checkpoint_and_dispatch(model, path, device_map="auto")  # for inference',
        },
      ],
    },
    sharded_save: {
      keys: ['fsdp_state_dict_type'],
      values: { sharded_state_dict: true, full_state_dict: false, local_state_dict: true },
      write: [
        {
          value: true,
          code: 'accelerate launch --use_fsdp --fsdp_state_dict_type SHARDED_STATE_DICT train.py',
        },
      ],
    },
  },
};
