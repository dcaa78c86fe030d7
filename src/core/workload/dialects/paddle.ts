import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: { title: 'PaddlePaddle', summary: 'Flags and calls of PaddlePaddle.' },
  zh: { title: '飞桨 PaddlePaddle', summary: 'PaddlePaddle 的 FLAGS 与接口。' },
  ru: { title: 'PaddlePaddle', summary: 'Флаги и вызовы PaddlePaddle.' },
} as const;

const FLAGS = 'PaddlePaddle/Paddle@02110e27:paddle/common/flags.cc';

export const paddle: Dialect = {
  id: 'paddle',
  code: 'UN818',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    `${FLAGS}`,
    'paddlepaddle@3.3.1: paddle/amp/auto_cast.py, paddle/distributed/sharding/group_sharded.py, paddle/distributed/fleet/recompute/recompute.py',
  ],
  name: 'PaddlePaddle',
  package: 'paddlepaddle-gpu',
  frameworks: ['paddle'],
  rests_on: [],
  settings: {
    micro_batch: {
      keys: ['batch_size', 'train.loader.batch_size_per_card', 'batch_size_per_card'],
      write: [{ code: 'paddle.io.DataLoader(dataset, batch_size={value})' }],
    },
    checkpointing: {
      keys: ['use_recompute', 'recompute'],
      write: [{ value: true, code: 'paddle.distributed.fleet.utils.recompute(block, x)' }],
    },
    compute_precision: {
      keys: ['use_amp'],
      values: { true: 'fp16', false: 'fp32' },
      write: [
        { value: 'bf16', code: 'with paddle.amp.auto_cast(dtype="bfloat16"): ...' },
        { value: 'fp16', code: 'with paddle.amp.auto_cast(): ...  # with paddle.amp.GradScaler()' },
      ],
    },
    sharding: {
      write: [
        {
          value: 'full',
          code: 'paddle.distributed.sharding.group_sharded_parallel(model, optimizer, level="p_g_os")',
        },
        {
          value: 'gradients',
          code: 'paddle.distributed.sharding.group_sharded_parallel(model, optimizer, level="os_g")',
        },
        {
          value: 'optimizer',
          code: 'paddle.distributed.sharding.group_sharded_parallel(model, optimizer, level="os")',
        },
      ],
    },
    optimizer_offload: {
      write: [
        {
          value: true,
          code: 'paddle.distributed.sharding.group_sharded_parallel(model, optimizer, level="os_g", offload=True)',
        },
      ],
      defaults: [
        {
          value: false,
          source: 'paddlepaddle@3.3.1:paddle/distributed/sharding/group_sharded.py (offload)',
        },
      ],
    },
    workers: {
      keys: ['num_workers'],
      write: [{ code: 'paddle.io.DataLoader(dataset, num_workers={value})' }],
    },
    preallocation: {
      keys: ['flags_allocator_strategy'],
      values: { auto_growth: false, naive_best_fit: true },
      write: [
        { value: false, code: 'FLAGS_allocator_strategy=auto_growth python train.py' },
        { value: true, code: 'FLAGS_allocator_strategy=naive_best_fit python train.py' },
      ],
      defaults: [{ value: false, source: `${FLAGS} (allocator_strategy "auto_growth")` }],
    },
    memory_fraction: {
      keys: ['flags_fraction_of_gpu_memory_to_use'],
      write: [
        {
          code: 'FLAGS_allocator_strategy=naive_best_fit FLAGS_fraction_of_gpu_memory_to_use={value} python train.py',
        },
      ],
    },
    unified_memory: {
      keys: ['flags_use_cuda_managed_memory'],
      write: [{ value: true, code: 'FLAGS_use_cuda_managed_memory=true python train.py' }],
    },
  },
};
