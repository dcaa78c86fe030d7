import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'Plain PyTorch',
    summary:
      'Scripts that call PyTorch themselves, and what every framework on top of it inherits.',
  },
  zh: {
    title: '原生 PyTorch',
    summary: '直接调用 PyTorch 的脚本，以及其上所有框架所继承的设置。',
  },
  ru: {
    title: 'Чистый PyTorch',
    summary:
      'Скрипты, которые сами вызывают PyTorch, и то, что наследует каждый фреймворк поверх него.',
  },
} as const;

export const pytorch: Dialect = {
  id: 'pytorch',
  code: 'UN801',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['https://docs.pytorch.org/docs/stable/notes/cuda.html'],
  name: 'PyTorch',
  package: 'torch',
  frameworks: ['pytorch'],
  rests_on: [],
  settings: {
    micro_batch: {
      keys: ['batch_size', 'micro_batch_size', 'train_batch_size'],
      write: [{ code: 'DataLoader(dataset, batch_size={value})' }],
    },
    checkpointing: {
      keys: ['gradient_checkpointing', 'activation_checkpointing', 'use_checkpoint'],
      write: [
        {
          value: true,
          from: '2.0',
          code: 'torch.utils.checkpoint.checkpoint(block, x, use_reentrant=False)',
        },
      ],
    },
    compute_precision: {
      keys: ['mixed_precision', 'amp_dtype'],
      values: {
        bf16: 'bf16',
        bfloat16: 'bf16',
        fp16: 'fp16',
        float16: 'fp16',
        fp32: 'fp32',
        no: 'fp32',
      },
      write: [{ value: 'bf16', code: 'with torch.autocast("cuda", dtype=torch.bfloat16): ...' }],
    },
    optimizer: {
      keys: ['optim', 'optimizer'],
      values: {
        adamw8bit: 'adamw-8bit',
        adamw_8bit: 'adamw-8bit',
        adamw_bnb_8bit: 'adamw-8bit',
        paged_adamw_8bit: 'adamw-paged',
      },
      write: [
        { value: 'adamw-8bit', code: 'bitsandbytes.optim.AdamW8bit(model.parameters(), lr=lr)' },
        {
          value: 'adamw-fused',
          from: '2.0',
          code: 'torch.optim.AdamW(model.parameters(), lr=lr, fused=True)',
        },
      ],
    },
    sharding: {
      write: [
        {
          value: 'full',
          from: '2.4',
          code: 'torch.distributed.fsdp.fully_shard(block)  # each block, then the model',
        },
      ],
    },
    weights_dtype: {
      keys: ['torch_dtype', 'dtype'],
      values: {
        bfloat16: 'bf16',
        'torch.bfloat16': 'bf16',
        bf16: 'bf16',
        float16: 'fp16',
        fp16: 'fp16',
        'torch.float16': 'fp16',
        float32: 'fp32',
        'torch.float32': 'fp32',
        fp32: 'fp32',
      },
      write: [{ value: 'bf16', code: 'model.to(torch.bfloat16)' }],
    },
    accumulation_steps: {
      keys: ['gradient_accumulation_steps', 'accumulate_grad_batches', 'accum_steps'],
      write: [{ code: 'if step % {value} == 0: optimizer.step()' }],
    },
    expandable_segments: {
      keys: ['expandable_segments'],
      write: [
        {
          value: true,
          from: '2.9',
          code: 'PYTORCH_ALLOC_CONF=expandable_segments:True python train.py',
        },
        {
          value: true,
          from: '2.1',
          code: 'PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True python train.py',
        },
      ],
      defaults: [
        {
          value: false,
          source: 'torch@2.13.0:docs/source/notes/cuda.rst (expandable_segments: default False)',
        },
      ],
    },
    memory_fraction: {
      keys: ['per_process_memory_fraction'],
      write: [{ code: 'torch.cuda.set_per_process_memory_fraction({value})' }],
    },
  },
};
