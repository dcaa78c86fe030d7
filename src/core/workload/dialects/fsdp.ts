import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'FSDP through Accelerate',
    summary: 'The fsdp_ options of accelerate config and launch, and of the Trainer’s fsdp_config.',
  },
  zh: {
    title: '通过 Accelerate 使用 FSDP',
    summary: 'accelerate config 与 launch 的 fsdp_ 选项，以及 Trainer 的 fsdp_config。',
  },
  ru: {
    title: 'FSDP через Accelerate',
    summary: 'Параметры fsdp_ команд accelerate config и launch и fsdp_config у Trainer.',
  },
} as const;

const PLUGIN = 'accelerate@1.15.0:accelerate/utils/dataclasses.py (FullyShardedDataParallelPlugin)';

/** Strategies by name and by number; the hybrid ones divide within a node. */
const STRATEGIES = {
  full_shard: 'full',
  hybrid_shard: 'full',
  shard_grad_op: 'gradients',
  hybrid_shard_zero2: 'gradients',
  no_shard: 'none',
  'shardingstrategy.full_shard': 'full',
  'shardingstrategy.shard_grad_op': 'gradients',
  '1': 'full',
  '2': 'gradients',
  '3': 'none',
} as const;

export const fsdp: Dialect = {
  id: 'fsdp',
  code: 'UN813',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'accelerate@0.23.0, 0.30.1, 1.0.0, 1.4.0, 1.6.0, 1.12.0, 1.15.0: utils/dataclasses.py, commands/launch.py',
    'torch@2.15.0: distributed/fsdp/_fully_shard/_fully_shard.py, distributed/fsdp/_init_utils.py',
  ],
  name: 'FSDP',
  package: 'accelerate',
  frameworks: ['fsdp'],
  rests_on: ['accelerate', 'pytorch'],
  settings: {
    checkpointing: {
      keys: ['fsdp_activation_checkpointing', 'activation_checkpointing'],
      write: [
        {
          value: true,
          from: '0.23',
          code: 'fsdp_activation_checkpointing: true  # in the accelerate config; not gradient_checkpointing beside it',
        },
      ],
      // Off in the plugin, which leaves to a trainer what it does by itself.
    },
    activation_offload: {
      keys: ['fsdp_activation_checkpointing_offload'],
      write: [
        {
          value: true,
          from: '1.15',
          code: 'fsdp_activation_checkpointing_offload: true  # in the accelerate config',
        },
      ],
      defaults: [
        { value: false, source: `${PLUGIN}: FSDP_ACTIVATION_CHECKPOINTING_OFFLOAD "False"` },
      ],
    },
    sharding: {
      keys: ['fsdp_sharding_strategy', 'sharding_strategy', 'fsdp_reshard_after_forward'],
      values: STRATEGIES,
      write: [
        {
          value: 'full',
          code: 'fsdp_sharding_strategy: FULL_SHARD  # version 1; version 2: fsdp_reshard_after_forward: true',
        },
        {
          value: 'gradients',
          code: 'fsdp_sharding_strategy: SHARD_GRAD_OP  # version 1; version 2: fsdp_reshard_after_forward: false',
        },
      ],
      defaults: [
        {
          value: 'full',
          source: `${PLUGIN}: FSDP_SHARDING_STRATEGY "FULL_SHARD"; torch@2.15.0:torch/distributed/fsdp/_init_utils.py`,
        },
      ],
    },
    reshard: {
      keys: [
        'fsdp_reshard_after_forward',
        'reshard_after_forward',
        'fsdp_sharding_strategy',
        'sharding_strategy',
      ],
      values: { true: true, false: false, full_shard: true, shard_grad_op: false },
      write: [
        {
          value: true,
          from: '1.6',
          code: 'fsdp_reshard_after_forward: true  # in the accelerate config, with fsdp_version: 2',
        },
        { value: true, code: 'fsdp_sharding_strategy: FULL_SHARD' },
      ],
      defaults: [
        {
          value: true,
          source: `${PLUGIN}: "true" with version 2, FULL_SHARD with version 1; in torch all but the root`,
        },
      ],
    },
    parameter_offload: {
      keys: ['fsdp_offload_params', 'offload_params', 'cpu_offload'],
      write: [{ value: true, code: 'fsdp_offload_params: true  # in the accelerate config' }],
      defaults: [{ value: false, source: `${PLUGIN}: FSDP_OFFLOAD_PARAMS "False"` }],
    },
    // With its parameters on the host the optimizer steps there, so its states are there too.
    optimizer_offload: {
      keys: ['fsdp_offload_params'],
      write: [
        { value: true, code: 'fsdp_offload_params: true  # parameters, gradients and states' },
      ],
      defaults: [{ value: false, source: `${PLUGIN}: FSDP_OFFLOAD_PARAMS "False"` }],
    },
    sharded_save: {
      keys: ['fsdp_state_dict_type', 'state_dict_type'],
      values: {
        sharded_state_dict: true,
        full_state_dict: false,
        local_state_dict: true,
        'statedicttype.sharded_state_dict': true,
        'statedicttype.full_state_dict': false,
      },
      write: [
        {
          value: true,
          code: 'fsdp_state_dict_type: SHARDED_STATE_DICT  # in the accelerate config',
        },
      ],
    },
    load_to_host: {
      keys: ['fsdp_cpu_ram_efficient_loading', 'cpu_ram_efficient_loading'],
      write: [
        {
          value: true,
          code: 'fsdp_cpu_ram_efficient_loading: true  # in the accelerate config; rank 0 reads, the others receive',
        },
      ],
    },
  },
};
