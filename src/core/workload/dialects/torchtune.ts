import type { Dialect } from '../dialect.ts';
import { DTYPES } from '../words.ts';

const TEXTS = {
  en: { title: 'torchtune', summary: 'The configuration of a torchtune recipe.' },
  zh: { title: 'torchtune', summary: 'torchtune recipe 的配置。' },
  ru: { title: 'torchtune', summary: 'Конфигурация рецепта torchtune.' },
} as const;

export const torchtune: Dialect = {
  id: 'torchtune',
  code: 'UN810',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'torchtune@0.3.0, 0.6.1: recipes/configs/, recipes/full_finetune_distributed.py, recipes/full_finetune_single_device.py',
    'https://docs.pytorch.org/torchtune/stable/tutorials/memory_optimizations.html',
  ],
  name: 'torchtune',
  package: 'torchtune',
  frameworks: ['torchtune'],
  rests_on: ['pytorch'],
  settings: {
    micro_batch: {
      keys: ['batch_size'],
      write: [{ code: 'tune run RECIPE --config CONFIG batch_size={value}' }],
    },
    accumulation_steps: {
      keys: ['gradient_accumulation_steps'],
      write: [{ code: 'tune run RECIPE --config CONFIG gradient_accumulation_steps={value}' }],
    },
    sequence_length: {
      keys: ['max_seq_len'],
      write: [{ code: 'tune run RECIPE --config CONFIG tokenizer.max_seq_len={value}' }],
    },
    packing: {
      keys: ['packed'],
      write: [
        { value: true, code: 'tune run RECIPE --config CONFIG dataset.packed=True' },
        { value: false, code: 'tune run RECIPE --config CONFIG dataset.packed=False' },
      ],
    },
    checkpointing: {
      keys: ['enable_activation_checkpointing'],
      write: [
        {
          value: true,
          code: 'tune run RECIPE --config CONFIG enable_activation_checkpointing=True',
        },
      ],
    },
    selective_checkpointing: {
      keys: ['ac_mode'],
      values: { selective: true, full: false },
      write: [
        { value: true, code: 'tune run RECIPE --config CONFIG ac_mode=selective ac_option=2' },
      ],
    },
    activation_offload: {
      keys: ['enable_activation_offloading'],
      write: [
        {
          value: true,
          from: '0.4',
          code: 'tune run RECIPE --config CONFIG enable_activation_checkpointing=True enable_activation_offloading=True',
        },
      ],
    },
    // No autocast: the format of the weights is that of the computation.
    compute_precision: {
      keys: ['dtype'],
      values: DTYPES,
      write: [{ value: 'bf16', code: 'tune run RECIPE --config CONFIG dtype=bf16' }],
    },
    fused_loss: {
      write: [
        {
          value: true,
          code: 'tune run RECIPE --config CONFIG loss._component_=torchtune.modules.loss.CEWithChunkedOutputLoss',
        },
      ],
    },
    compiled: {
      keys: ['compile'],
      write: [{ value: true, code: 'tune run RECIPE --config CONFIG compile=True' }],
      defaults: [
        { value: false, source: 'torchtune@0.6.1:recipes/full_finetune_distributed.py (cfg.get)' },
      ],
    },
    weights_dtype: {
      keys: ['dtype'],
      values: DTYPES,
      write: [{ value: 'bf16', code: 'tune run RECIPE --config CONFIG dtype=bf16' }],
    },
    // NF4Tensor of torchao packs its scales always.
    double_quantization: {
      defaults: [
        {
          value: true,
          source: 'torchtune@0.6.1:torchtune/modules/low_precision/nf4_linear.py (to_nf4)',
        },
      ],
    },
    adapter: {
      write: [
        {
          value: 'lora',
          code: 'tune run lora_finetune_single_device --config llama3_1/8B_lora_single_device',
        },
        {
          value: 'qlora',
          code: 'tune run lora_finetune_single_device --config llama3_1/8B_qlora_single_device',
        },
      ],
    },
    adapter_rank: { keys: ['lora_rank'] },
    adapter_dropout: { keys: ['lora_dropout'] },
    adapter_magnitude: { keys: ['use_dora'] },
    optimizer: {
      write: [
        {
          value: 'adamw-paged',
          code: 'tune run RECIPE --config CONFIG optimizer._component_=bitsandbytes.optim.PagedAdamW8bit',
        },
        {
          value: 'adamw-8bit',
          code: 'tune run RECIPE --config CONFIG optimizer._component_=bitsandbytes.optim.AdamW8bit',
        },
        { value: 'adamw-fused', code: 'tune run RECIPE --config CONFIG optimizer.fused=True' },
      ],
    },
    optimizer_in_backward: {
      keys: ['optimizer_in_bwd'],
      write: [
        {
          value: true,
          code: 'tune run RECIPE --config CONFIG optimizer_in_bwd=True  # with gradient_accumulation_steps=1, clip_grad_norm=null',
        },
      ],
    },
    sharding: {
      write: [
        {
          value: 'full',
          code: 'tune run --nproc_per_node N full_finetune_distributed --config CONFIG',
        },
      ],
    },
    reshard: {
      keys: ['fsdp_reshard_after_forward'],
      write: [
        { value: true, code: 'tune run RECIPE --config CONFIG fsdp_reshard_after_forward=True' },
      ],
      defaults: [
        { value: true, source: 'torchtune@0.6.1:recipes/full_finetune_distributed.py (cfg.get)' },
      ],
    },
    parameter_offload: {
      keys: ['fsdp_cpu_offload'],
      write: [{ value: true, code: 'tune run RECIPE --config CONFIG fsdp_cpu_offload=True' }],
      defaults: [
        { value: false, source: 'torchtune@0.6.1:recipes/full_finetune_distributed.py (cfg.get)' },
      ],
    },
    optimizer_offload: {
      keys: ['fsdp_cpu_offload'],
      write: [{ value: true, code: 'tune run RECIPE --config CONFIG fsdp_cpu_offload=True' }],
      defaults: [
        { value: false, source: 'torchtune@0.6.1:recipes/full_finetune_distributed.py (cfg.get)' },
      ],
    },
    tensor_parallel: {
      keys: ['tensor_parallel_dim'],
      write: [{ from: '0.6', code: 'tune run RECIPE --config CONFIG tensor_parallel_dim={value}' }],
    },
  },
};
