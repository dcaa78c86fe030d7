import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'torchtune',
    summary: 'torchtune’s recipes.',
  },
  zh: {
    title: 'torchtune',
    summary: 'torchtune 的 recipe。',
  },
  ru: {
    title: 'torchtune',
    summary: 'Рецепты torchtune.',
  },
} as const;

export const torchtune: Dialect = {
  id: 'torchtune',
  code: 'UN810',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['torchtune@0.6.1: recipes (configuration keys); torchtune README: memory ladder'],
  name: 'torchtune',
  package: 'torchtune',
  frameworks: ['torchtune'],
  rests_on: ['pytorch'],
  settings: {
    micro_batch: { keys: ['batch_size'], write: [{ code: 'tune run … batch_size={value}' }] },
    accumulation_steps: {
      keys: ['gradient_accumulation_steps'],
      write: [{ code: 'gradient_accumulation_steps={value}' }],
    },
    checkpointing: {
      keys: ['enable_activation_checkpointing'],
      write: [{ value: true, code: 'enable_activation_checkpointing=True' }],
    },
    activation_offload: {
      keys: ['enable_activation_offloading'],
      write: [{ value: true, code: 'enable_activation_offloading=True' }],
    },
    optimizer_in_backward: {
      keys: ['optimizer_in_bwd'],
      write: [{ value: true, code: 'optimizer_in_bwd=True' }],
    },
    compiled: { keys: ['compile'], write: [{ value: true, code: 'compile=True' }] },
    packing: {
      keys: ['dataset.packed', 'packed'],
      write: [{ value: true, code: 'dataset.packed=True' }],
    },
    optimizer: {
      write: [
        { value: 'adamw-8bit', code: 'optimizer._component_=bitsandbytes.optim.AdamW8bit' },
        { value: 'adamw-paged', code: 'optimizer._component_=bitsandbytes.optim.PagedAdamW8bit' },
        { value: 'adamw-fused', code: 'optimizer.fused=True' },
      ],
    },
    adapter: {
      write: [
        { value: 'lora', code: 'tune run lora_finetune_single_device' },
        {
          value: 'qlora',
          code: 'tune run lora_finetune_single_device --config llama3_2/3B_qlora_single_device',
        },
      ],
    },
    sequence_length: {
      keys: ['tokenizer.max_seq_len', 'max_seq_len'],
      write: [{ code: 'tokenizer.max_seq_len={value}' }],
    },
  },
};
