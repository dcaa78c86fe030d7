import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'PyTorch',
    summary:
      'Scripts that call PyTorch themselves, and what every framework on top of it inherits.',
  },
  zh: {
    title: 'PyTorch',
    summary: '直接调用 PyTorch 的脚本，以及其上所有框架所继承的设置。',
  },
  ru: {
    title: 'PyTorch',
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
    eval_batch: {
      keys: ['val_batch_size', 'valid_batch_size', 'test_batch_size', 'eval_batch_size'],
      write: [{ code: 'DataLoader(val_set, batch_size={value})' }],
    },
    accumulation_steps: {
      keys: ['gradient_accumulation_steps', 'accumulate_grad_batches', 'accum_steps', 'grad_accum'],
      write: [{ code: 'if step % {value} == 0: optimizer.step(); optimizer.zero_grad()' }],
    },
    checkpointing: {
      keys: ['gradient_checkpointing', 'activation_checkpointing', 'use_checkpoint'],
      write: [
        {
          from: '2.0',
          value: true,
          code: 'torch.utils.checkpoint.checkpoint(block, x, use_reentrant=False)',
        },
        { value: true, code: 'torch.utils.checkpoint.checkpoint(block, x)' },
      ],
    },
    selective_checkpointing: {
      write: [
        {
          from: '2.4',
          value: true,
          code: 'checkpoint(block, x, use_reentrant=False, context_fn=functools.partial(create_selective_checkpoint_contexts, policy))',
        },
      ],
    },
    activation_offload: {
      write: [
        {
          from: '1.10',
          value: true,
          code: 'with torch.autograd.graph.save_on_cpu(pin_memory=True): ...',
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
      write: [
        {
          from: '1.10',
          value: 'bf16',
          code: 'with torch.autocast("cuda", dtype=torch.bfloat16): ...',
        },
      ],
    },
    attention: {
      write: [
        {
          from: '2.0',
          value: 'sdpa',
          code: 'torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)',
        },
      ],
    },
    compiled: { write: [{ from: '2.0', value: true, code: 'model = torch.compile(model)' }] },
    fused_loss: {
      write: [
        {
          value: true,
          code: 'liger_kernel.transformers.LigerFusedLinearCrossEntropyLoss()(head.weight, hidden, labels)',
        },
      ],
    },
    hidden_states: {
      keys: ['output_hidden_states'],
      write: [{ value: false, code: 'model(**batch, output_hidden_states=False)' }],
    },
    sequence_length: {
      keys: ['max_seq_len', 'seq_len', 'max_length', 'block_size'],
      write: [{ code: 'tokens = tokens[:, :{value}]' }],
    },
    resolution: {
      keys: ['img_size', 'imgsz', 'image_size', 'resolution'],
      write: [{ code: 'transforms.Resize({value})' }],
    },
    optimizer: {
      keys: ['optim', 'optimizer'],
      values: {
        adamw8bit: 'adamw-8bit',
        adamw_8bit: 'adamw-8bit',
        adamw_bnb_8bit: 'adamw-8bit',
        paged_adamw_8bit: 'adamw-paged',
        pagedadamw8bit: 'adamw-paged',
        adafactor: 'adafactor',
        lion: 'lion',
        sgd: 'sgd',
      },
      write: [
        { value: 'adamw-8bit', code: 'bitsandbytes.optim.AdamW8bit(model.parameters(), lr=lr)' },
        {
          value: 'adamw-paged',
          code: 'bitsandbytes.optim.PagedAdamW8bit(model.parameters(), lr=lr)',
        },
        {
          from: '2.0',
          value: 'adamw-fused',
          code: 'torch.optim.AdamW(model.parameters(), lr=lr, fused=True)',
        },
        { from: '2.5', value: 'adafactor', code: 'torch.optim.Adafactor(model.parameters())' },
      ],
    },
    optimizer_in_backward: {
      write: [
        {
          from: '2.1',
          value: true,
          code: 'for p, o in optimizers.items(): p.register_post_accumulate_grad_hook(lambda p, o=o: (o.step(), o.zero_grad()))',
        },
      ],
    },
    grads_to_none: {
      keys: ['set_to_none'],
      write: [{ from: '1.7', value: true, code: 'optimizer.zero_grad(set_to_none=True)' }],
      defaults: [
        {
          from: '2.0',
          value: true,
          source:
            'torch@2.0.0:torch/optim/optimizer.py (zero_grad: set_to_none=True); assumed: recalled, not read again',
        },
      ],
    },
    bucket_view: {
      keys: ['gradient_as_bucket_view'],
      write: [
        {
          from: '1.7',
          value: true,
          code: 'DistributedDataParallel(model, gradient_as_bucket_view=True)',
        },
      ],
      defaults: [
        {
          value: false,
          source:
            'accelerate@1.15.0:src/accelerate/utils/dataclasses.py (gradient_as_bucket_view = False)',
        },
      ],
    },
    sharding: {
      write: [
        {
          from: '2.4',
          value: 'full',
          code: 'torch.distributed.fsdp.fully_shard(block)  # each block, then the model',
        },
        {
          value: 'gradients',
          code: 'torch.distributed.optim.ZeroRedundancyOptimizer(model.parameters(), torch.optim.AdamW, lr=lr)',
        },
      ],
    },
    optimizer_offload: {
      write: [
        { from: '2.4', value: true, code: 'fully_shard(model, offload_policy=CPUOffloadPolicy())' },
      ],
    },
    parameter_offload: {
      write: [
        { from: '2.4', value: true, code: 'fully_shard(model, offload_policy=CPUOffloadPolicy())' },
        { value: false, code: 'remove CPUOffloadPolicy()' },
      ],
    },
    reshard: {
      keys: ['reshard_after_forward'],
      write: [{ from: '2.4', value: true, code: 'fully_shard(block, reshard_after_forward=True)' }],
    },
    sharded_save: {
      write: [
        {
          from: '2.2',
          value: true,
          code: 'torch.distributed.checkpoint.save(state_dict, checkpoint_id=path)',
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
        'torch.float16': 'fp16',
        fp16: 'fp16',
        float32: 'fp32',
        'torch.float32': 'fp32',
        fp32: 'fp32',
      },
      write: [{ value: 'bf16', code: 'model.to(torch.bfloat16)' }],
    },
    load_to_host: { write: [{ value: true, code: 'torch.load(path, map_location="cpu")' }] },
    frozen: {
      write: [{ value: true, code: 'for p in model.embed.parameters(): p.requires_grad_(False)' }],
    },
    workers: {
      keys: ['num_workers', 'n_workers'],
      write: [{ code: 'DataLoader(dataset, num_workers={value})' }],
    },
    prefetch: {
      keys: ['prefetch_factor'],
      write: [{ code: 'DataLoader(dataset, prefetch_factor=2)' }],
    },
    pinned: {
      keys: ['pin_memory'],
      write: [{ value: false, code: 'DataLoader(dataset, pin_memory=False)' }],
    },
    expandable_segments: {
      keys: ['expandable_segments'],
      write: [
        {
          from: '2.9',
          value: true,
          code: 'PYTORCH_ALLOC_CONF=expandable_segments:True python train.py',
        },
        {
          from: '2.0',
          value: true,
          code: 'PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True python train.py',
        },
      ],
      defaults: [
        { value: false, source: 'pytorch 2.13 notes/cuda: expandable_segments defaults to False' },
      ],
    },
    max_split_size: {
      keys: ['max_split_size_mb'],
      write: [{ from: '1.10', code: 'PYTORCH_CUDA_ALLOC_CONF=max_split_size_mb:{value}' }],
    },
    roundup_divisions: {
      keys: ['roundup_power2_divisions'],
      write: [{ from: '1.12', code: 'PYTORCH_CUDA_ALLOC_CONF=roundup_power2_divisions:{value}' }],
    },
    gc_threshold: {
      keys: ['garbage_collection_threshold'],
      write: [
        { from: '1.12', code: 'PYTORCH_CUDA_ALLOC_CONF=garbage_collection_threshold:{value}' },
      ],
    },
    memory_fraction: {
      keys: ['per_process_memory_fraction'],
      write: [{ from: '1.8', code: 'torch.cuda.set_per_process_memory_fraction({value})' }],
    },
    collective_buffer: { keys: ['nccl_buffsize'], write: [{ code: 'NCCL_BUFFSIZE=1048576' }] },
  },
};
