import type { Dialect } from '../dialect.ts';
import { DTYPES } from '../words.ts';

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

/** One option of the allocator; the variable's name has no CUDA in it since 2.9, the old one works too. */
const allocator = (option: string) => [
  { from: '2.9', code: `PYTORCH_ALLOC_CONF=${option} python train.py` },
  { code: `PYTORCH_CUDA_ALLOC_CONF=${option} python train.py` },
];

export const pytorch: Dialect = {
  id: 'pytorch',
  code: 'UN801',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'https://docs.pytorch.org/docs/stable/notes/cuda.html',
    'torch@1.11.0, 1.13.1, 2.0.0 to 2.6.0, 2.8.0, 2.9.0, 2.14.0, 2.15.0: sources of the packages',
  ],
  name: 'PyTorch',
  package: 'torch',
  frameworks: ['pytorch'],
  rests_on: [],
  settings: {
    hidden_states: {
      keys: ['output_hidden_states'],
      write: [{ value: false, code: 'model(**batch, output_hidden_states=False)' }],
    },
    tokens_per_batch: {
      keys: ['max_tokens_per_batch', 'tokens_per_batch', 'batch_max_tokens'],
      write: [
        {
          code: 'DataLoader(dataset, batch_sampler=sampler)  # samples × longest sample ≤ {value} tokens',
        },
      ],
    },
    micro_batch: {
      keys: ['batch_size', 'micro_batch_size', 'batch_size_per_gpu', 'samples_per_gpu'],
      write: [{ code: 'DataLoader(dataset, batch_size={value})' }],
    },
    accumulation_steps: {
      keys: ['gradient_accumulation_steps', 'accumulate_grad_batches', 'accum_steps'],
      write: [
        {
          code: '(loss / {value}).backward(); then each {value} steps: optimizer.step(); optimizer.zero_grad()',
        },
      ],
    },
    sequence_length: {
      keys: ['max_seq_len', 'max_seq_length', 'block_size', 'seq_len', 'seq_length'],
    },
    resolution: { keys: ['image_size', 'img_size', 'imgsz'] },
    checkpointing: {
      keys: ['gradient_checkpointing', 'activation_checkpointing', 'use_checkpoint'],
      write: [
        {
          value: true,
          from: '1.11',
          code: 'torch.utils.checkpoint.checkpoint(block, x, use_reentrant=False)',
        },
        { value: true, code: 'torch.utils.checkpoint.checkpoint(block, x)' },
      ],
    },
    selective_checkpointing: {
      write: [
        {
          value: true,
          from: '2.5',
          code: 'checkpoint(block, x, use_reentrant=False, context_fn=partial(create_selective_checkpoint_contexts, policy_fn))  # torch.utils.checkpoint',
        },
      ],
    },
    activation_offload: {
      write: [
        {
          value: true,
          code: 'with torch.autograd.graph.save_on_cpu(pin_memory=True): loss = model(x)',
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
        { value: 'bf16', code: 'with torch.autocast("cuda", dtype=torch.bfloat16): ...' },
        {
          value: 'fp16',
          code: 'with torch.autocast("cuda", dtype=torch.float16): ...  # with torch.amp.GradScaler("cuda")',
        },
      ],
    },
    fused_loss: {
      write: [
        {
          value: true,
          from: '2.14',
          code: 'torch.nn.functional.linear_cross_entropy(hidden, lm_head.weight, labels, options=LinearCrossEntropyOptions())',
        },
        {
          value: true,
          code: 'liger_kernel.transformers.LigerFusedLinearCrossEntropyLoss()(lm_head.weight, hidden, labels)',
        },
      ],
    },
    attention: {
      write: [
        {
          value: 'sdpa',
          from: '2.0',
          code: 'torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)',
        },
      ],
    },
    compiled: {
      keys: ['torch_compile', 'use_compile'],
      write: [{ value: true, from: '2.0', code: 'model = torch.compile(model)' }],
      defaults: [{ value: false, source: 'torch@2.15.0:torch/__init__.py (compile is a call)' }],
    },
    weights_dtype: {
      keys: ['torch_dtype', 'dtype'],
      values: DTYPES,
      write: [
        { value: 'bf16', code: 'model.to(torch.bfloat16)' },
        { value: 'fp16', code: 'model.to(torch.float16)' },
      ],
    },
    frozen: {
      write: [
        { value: true, code: 'for p in model.backbone.parameters(): p.requires_grad_(False)' },
      ],
    },
    optimizer: {
      keys: ['optim', 'optimizer'],
      values: {
        adamw8bit: 'adamw-8bit',
        adamw_8bit: 'adamw-8bit',
        adamw_bnb_8bit: 'adamw-8bit',
        paged_adamw_8bit: 'adamw-paged',
        paged_adamw: 'adamw-paged-32bit',
        paged_adamw_32bit: 'adamw-paged-32bit',
        adafactor: 'adafactor',
        sgd: 'sgd',
        adamw: 'adamw',
        muon: 'muon',
        lion: 'lion',
      },
      write: [
        { value: 'adamw-8bit', code: 'bitsandbytes.optim.AdamW8bit(model.parameters(), lr=lr)' },
        {
          value: 'adamw-paged',
          code: 'bitsandbytes.optim.PagedAdamW8bit(model.parameters(), lr=lr)',
        },
        {
          value: 'adamw-fused',
          from: '2.0',
          code: 'torch.optim.AdamW(model.parameters(), lr=lr, fused=True)',
        },
        {
          value: 'adafactor',
          from: '2.5',
          code: 'torch.optim.Adafactor(model.parameters(), lr=lr)',
        },
        { value: 'sgd', code: 'torch.optim.SGD(model.parameters(), lr=lr)' },
        {
          value: 'muon',
          from: '2.9',
          code: 'torch.optim.Muon(matrices, lr=lr)  # 2-D weights only; AdamW for the rest',
        },
        {
          value: 'galore',
          code: 'galore_torch.GaLoreAdamW(groups, lr=lr)  # rank, update_proj_gap per group',
        },
      ],
    },
    optimizer_in_backward: {
      keys: ['optimizer_in_bwd', 'optimizer_in_backward'],
      write: [
        {
          value: true,
          from: '2.1',
          code: 'p.register_post_accumulate_grad_hook(lambda p: (opt[p].step(), opt[p].zero_grad()))  # one optimizer per parameter',
        },
      ],
    },
    grads_to_none: {
      keys: ['set_to_none'],
      write: [{ value: true, code: 'optimizer.zero_grad(set_to_none=True)' }],
      defaults: [
        { to: '1.99', value: false, source: 'torch@1.13.1:torch/optim/optimizer.py (zero_grad)' },
        { from: '2.0', value: true, source: 'torch@2.0.0:torch/optim/optimizer.py (zero_grad)' },
      ],
    },
    bucket_view: {
      keys: ['gradient_as_bucket_view'],
      write: [
        {
          value: true,
          from: '1.7',
          code: 'DistributedDataParallel(model, gradient_as_bucket_view=True)',
        },
      ],
      defaults: [
        {
          value: false,
          source: 'torch@2.15.0:torch/nn/parallel/distributed.py (False also in 1.13.1)',
        },
      ],
    },
    sharding: {
      write: [
        {
          value: 'full',
          from: '2.6',
          code: 'torch.distributed.fsdp.fully_shard(block)  # each block, then the model',
        },
        {
          value: 'full',
          from: '1.12',
          code: 'torch.distributed.fsdp.FullyShardedDataParallel(model, auto_wrap_policy=policy)',
        },
        {
          value: 'gradients',
          from: '2.6',
          code: 'torch.distributed.fsdp.fully_shard(block, reshard_after_forward=False)',
        },
        {
          value: 'gradients',
          from: '1.12',
          code: 'FullyShardedDataParallel(model, sharding_strategy=ShardingStrategy.SHARD_GRAD_OP)',
        },
        {
          value: 'optimizer',
          code: 'torch.distributed.optim.ZeroRedundancyOptimizer(model.parameters(), torch.optim.AdamW, lr=lr)',
        },
      ],
    },
    communication_bucket: {
      keys: ['bucket_cap_mb'],
      write: [
        { code: 'DistributedDataParallel(model, bucket_cap_mb={value})  # MiB, not elements' },
      ],
    },
    tensor_parallel: {
      write: [
        {
          from: '2.3',
          code: 'torch.distributed.tensor.parallel.parallelize_module(block, mesh, plan)  # mesh of {value}',
        },
      ],
    },
    pipeline_parallel: {
      write: [
        { from: '2.4', code: 'torch.distributed.pipelining.PipelineStage(...)  # {value} stages' },
      ],
    },
    sequence_parallel: {
      write: [
        {
          from: '2.7',
          code: 'with torch.distributed.tensor.experimental.context_parallel(mesh, buffers=[ids, labels], buffer_seq_dims=[1, 1]): ...  # mesh of {value}',
        },
      ],
    },
    eval_batch: {
      keys: ['eval_batch_size', 'val_batch_size', 'test_batch_size'],
      write: [{ code: 'DataLoader(validation_set, batch_size={value})' }],
    },
    eval_outputs_to_host: {
      write: [{ value: true, code: 'outputs.append(model(x).cpu())' }],
    },
    sharded_save: {
      write: [
        {
          value: true,
          from: '2.2',
          code: 'torch.distributed.checkpoint.save(state_dict, checkpoint_id=path)',
        },
      ],
    },
    load_to_host: {
      keys: ['map_location'],
      values: { cpu: true, "torch.device('cpu')": true, cuda: false },
      write: [
        { value: true, from: '2.1', code: 'torch.load(path, map_location="cpu", mmap=True)' },
        { value: true, code: 'torch.load(path, map_location="cpu")' },
      ],
      defaults: [
        {
          value: false,
          source: 'torch@2.15.0:torch/serialization.py (load: map_location None, also in 1.13.1)',
        },
      ],
    },
    workers: {
      keys: ['num_workers', 'n_workers'],
      write: [{ code: 'DataLoader(dataset, num_workers={value})' }],
    },
    prefetch: {
      keys: ['prefetch_factor'],
      write: [{ code: 'DataLoader(dataset, num_workers=n, prefetch_factor={value})' }],
      defaults: [
        { value: 2, source: 'torch@2.15.0:torch/utils/data/dataloader.py (with workers)' },
      ],
    },
    pinned: {
      keys: ['pin_memory', 'pin_mem'],
      write: [
        { value: false, code: 'DataLoader(dataset, pin_memory=False)' },
        { value: true, code: 'DataLoader(dataset, pin_memory=True)' },
      ],
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
        {
          value: false,
          from: '2.9',
          code: 'PYTORCH_ALLOC_CONF=expandable_segments:False python train.py',
        },
        {
          value: false,
          code: 'PYTORCH_CUDA_ALLOC_CONF=expandable_segments:False python train.py',
        },
      ],
      defaults: [
        {
          value: false,
          source: 'torch@2.15.0:include/c10/core/AllocatorConfig.h (use_expandable_segments_)',
        },
      ],
    },
    max_split_size: {
      keys: ['max_split_size_mb'],
      write: allocator('max_split_size_mb:{value}'),
    },
    roundup_divisions: {
      keys: ['roundup_power2_divisions'],
      write: allocator('roundup_power2_divisions:{value}'),
    },
    gc_threshold: {
      keys: ['garbage_collection_threshold'],
      write: allocator('garbage_collection_threshold:{value}'),
    },
    memory_fraction: {
      keys: ['per_process_memory_fraction'],
      write: [{ code: 'torch.cuda.set_per_process_memory_fraction({value})' }],
    },
    workspace: {
      write: [
        {
          code: 'CUBLAS_WORKSPACE_CONFIG=:4096:2 python train.py  # KiB per buffer : buffers',
        },
      ],
    },
    collective_buffer: {
      keys: ['nccl_buffsize'],
      write: [{ code: 'NCCL_BUFFSIZE={value} python train.py' }],
    },
  },
};
