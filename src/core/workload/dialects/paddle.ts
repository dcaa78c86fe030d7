import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'Paddle',
    summary: 'Paddle’s flags and configs.',
  },
  zh: {
    title: 'Paddle',
    summary: 'Paddle 的 flag 和配置。',
  },
  ru: {
    title: 'Paddle',
    summary: 'Флаги и конфигурации Paddle.',
  },
} as const;

export const paddle: Dialect = {
  id: 'paddle',
  code: 'UN818',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['assumed: recalled from Paddle’s documentation'],
  name: 'Paddle',
  package: 'paddlepaddle-gpu',
  frameworks: ['paddle'],
  rests_on: [],
  settings: {
    micro_batch: {
      keys: ['batch_size', 'batch_size_per_card'],
      write: [{ code: 'batch_size_per_card: {value}' }],
    },
    memory_fraction: {
      keys: ['flags_fraction_of_gpu_memory_to_use'],
      write: [{ code: 'FLAGS_fraction_of_gpu_memory_to_use={value}' }],
    },
    compute_precision: {
      write: [{ value: 'bf16', code: 'paddle.amp.auto_cast(dtype="bfloat16")' }],
    },
  },
};
