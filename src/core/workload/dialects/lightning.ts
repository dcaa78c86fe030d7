import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'Lightning',
    summary: 'Lightning’s Trainer.',
  },
  zh: {
    title: 'Lightning',
    summary: 'Lightning 的 Trainer。',
  },
  ru: {
    title: 'Lightning',
    summary: 'Trainer из Lightning.',
  },
} as const;

export const lightning: Dialect = {
  id: 'lightning',
  code: 'UN807',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['assumed: recalled from Lightning’s documentation'],
  name: 'Lightning',
  package: 'lightning',
  frameworks: ['lightning'],
  rests_on: ['pytorch'],
  settings: {
    accumulation_steps: {
      keys: ['accumulate_grad_batches'],
      write: [{ code: 'Trainer(accumulate_grad_batches={value})' }],
    },
    compute_precision: {
      keys: ['precision'],
      values: {
        'bf16-mixed': 'bf16',
        bf16: 'bf16',
        '16-mixed': 'fp16',
        '16': 'fp16',
        '32': 'fp32',
        '32-true': 'fp32',
      },
      write: [
        { from: '2.0', value: 'bf16', code: 'Trainer(precision="bf16-mixed")' },
        { value: 'bf16', code: 'Trainer(precision="bf16")' },
      ],
    },
    sharding: {
      keys: ['strategy'],
      values: {
        fsdp: 'full',
        deepspeed_stage_3: 'full',
        deepspeed_stage_2: 'gradients',
        ddp: 'none',
      },
      write: [
        { value: 'full', code: 'Trainer(strategy="fsdp")' },
        { value: 'gradients', code: 'Trainer(strategy="deepspeed_stage_2")' },
      ],
    },
  },
};
