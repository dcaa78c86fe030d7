import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: { title: 'PyTorch Lightning', summary: 'Trainer, its strategies and Fabric.' },
  zh: { title: 'PyTorch Lightning', summary: 'Trainer、各种 strategy 以及 Fabric。' },
  ru: { title: 'PyTorch Lightning', summary: 'Trainer, его стратегии и Fabric.' },
} as const;

const DEEPSPEED = 'lightning@2.6.6:lightning/pytorch/strategies/deepspeed.py';

export const lightning: Dialect = {
  id: 'lightning',
  code: 'UN807',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'lightning@1.9.5, 2.0.0, 2.1.0, 2.6.6: pytorch/trainer/trainer.py, pytorch/strategies/, fabric/connector.py',
    'https://lightning.ai/docs/pytorch/stable/common/trainer.html',
  ],
  name: 'Lightning',
  package: 'lightning',
  frameworks: ['lightning'],
  rests_on: ['pytorch'],
  settings: {
    batch_finder: {
      keys: ['auto_scale_batch_size'],
      write: [
        {
          from: '2.0',
          value: true,
          code: 'Tuner(trainer).scale_batch_size(model, mode="binsearch")',
        },
        { value: true, code: 'Trainer(auto_scale_batch_size="binsearch"); trainer.tune(model)' },
      ],
    },
    accumulation_steps: {
      keys: ['accumulate_grad_batches'],
      write: [{ code: 'Trainer(accumulate_grad_batches={value})' }],
    },
    checkpointing: {
      keys: ['activation_checkpointing'],
      write: [
        {
          value: true,
          from: '2.0',
          code: 'in forward: torch.utils.checkpoint.checkpoint(block, x, use_reentrant=False)  # with FSDP: FSDPStrategy(activation_checkpointing_policy={Block})',
        },
        { value: true, code: 'in forward: torch.utils.checkpoint.checkpoint(block, x)' },
      ],
    },
    activation_offload: {
      keys: ['cpu_checkpointing'],
      write: [{ value: true, code: 'DeepSpeedStrategy(cpu_checkpointing=True)' }],
      defaults: [{ value: false, source: `${DEEPSPEED} (cpu_checkpointing)` }],
    },
    compute_precision: {
      keys: ['precision'],
      values: {
        '16': 'fp16',
        '16-mixed': 'fp16',
        '16-true': 'fp16',
        bf16: 'bf16',
        'bf16-mixed': 'bf16',
        'bf16-true': 'bf16',
        '32': 'fp32',
        '32-true': 'fp32',
      },
      write: [
        { value: 'bf16', from: '2.0', code: 'Trainer(precision="bf16-mixed")' },
        { value: 'bf16', code: 'Trainer(precision="bf16")' },
        { value: 'fp16', from: '2.0', code: 'Trainer(precision="16-mixed")' },
        { value: 'fp16', code: 'Trainer(precision=16)' },
      ],
      defaults: [
        {
          value: 'fp32',
          source:
            'lightning@2.6.6:lightning/pytorch/trainer/trainer.py (precision None: "32-true")',
        },
      ],
    },
    weights_dtype: {
      keys: ['precision'],
      values: { 'bf16-true': 'bf16', '16-true': 'fp16', '32-true': 'fp32' },
      write: [
        { value: 'bf16', from: '2.1', code: 'Trainer(precision="bf16-true")' },
        { value: 'fp16', from: '2.1', code: 'Trainer(precision="16-true")' },
      ],
    },
    bucket_view: {
      keys: ['gradient_as_bucket_view'],
      write: [{ value: true, code: 'Trainer(strategy=DDPStrategy(gradient_as_bucket_view=True))' }],
    },
    sharding: {
      keys: ['strategy'],
      values: {
        ddp: 'none',
        ddp_find_unused_parameters_true: 'none',
        ddp_spawn: 'none',
        fsdp: 'full',
        fsdp_cpu_offload: 'full',
        deepspeed: 'gradients',
        deepspeed_stage_1: 'optimizer',
        deepspeed_stage_2: 'gradients',
        deepspeed_stage_2_offload: 'gradients',
        deepspeed_stage_3: 'full',
        deepspeed_stage_3_offload: 'full',
      },
      write: [
        { value: 'full', from: '2.0', code: 'Trainer(strategy="fsdp")  # or "deepspeed_stage_3"' },
        { value: 'full', code: 'Trainer(strategy="deepspeed_stage_3")' },
        { value: 'gradients', code: 'Trainer(strategy="deepspeed_stage_2")' },
        { value: 'optimizer', code: 'Trainer(strategy="deepspeed_stage_1")' },
      ],
    },
    optimizer_offload: {
      keys: ['strategy'],
      values: {
        deepspeed_stage_2_offload: true,
        deepspeed_stage_3_offload: true,
        deepspeed_stage_2: false,
        deepspeed_stage_3: false,
      },
      write: [{ value: true, code: 'Trainer(strategy="deepspeed_stage_2_offload")' }],
      defaults: [{ value: false, source: `${DEEPSPEED} (offload_optimizer)` }],
    },
    parameter_offload: {
      keys: ['strategy'],
      values: { deepspeed_stage_3_offload: true, fsdp_cpu_offload: true, deepspeed_stage_3: false },
      write: [
        { value: true, from: '2.0', code: 'Trainer(strategy=FSDPStrategy(cpu_offload=True))' },
        { value: true, code: 'Trainer(strategy="deepspeed_stage_3_offload")' },
      ],
      defaults: [{ value: false, source: `${DEEPSPEED} (offload_parameters)` }],
    },
    communication_bucket: {
      keys: ['reduce_bucket_size', 'allgather_bucket_size'],
      write: [
        {
          code: 'DeepSpeedStrategy(reduce_bucket_size={value}, allgather_bucket_size={value})  # elements',
        },
      ],
    },
    sharded_save: {
      keys: ['state_dict_type'],
      values: { sharded: true, full: false },
      write: [
        {
          value: true,
          from: '2.1',
          code: 'Trainer(strategy=FSDPStrategy(state_dict_type="sharded"))',
        },
      ],
      defaults: [
        {
          value: false,
          source: 'lightning@2.6.6:lightning/pytorch/strategies/fsdp.py (state_dict_type "full")',
        },
      ],
    },
    pinned: {
      keys: ['pin_memory'],
      write: [
        { value: false, code: 'DataLoader(dataset, pin_memory=False)' },
        { value: true, code: 'DataLoader(dataset, pin_memory=True)' },
      ],
    },
  },
};
