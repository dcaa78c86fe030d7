import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'MXNet',
    summary: 'Settings are environment variables; mirroring is its recomputation.',
  },
  zh: {
    title: 'MXNet',
    summary: '设置都是环境变量；“mirror” 就是它的重计算。',
  },
  ru: {
    title: 'MXNet',
    summary: 'Настройки — переменные окружения; mirroring — это пересчёт активаций.',
  },
} as const;

const DOCS = 'MXNet documentation: env_var.md (Memory Optimizations)';

export const mxnet: Dialect = {
  id: 'mxnet',
  code: 'UN835',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [DOCS],
  name: 'MXNet',
  package: 'mxnet',
  frameworks: ['mxnet'],
  rests_on: [],
  settings: {
    checkpointing: {
      keys: ['MXNET_BACKWARD_DO_MIRROR'],
      values: { '1': true, true: true, '0': false, false: false },
      write: [{ value: true, code: 'MXNET_BACKWARD_DO_MIRROR=1 python train.py' }],
      defaults: [{ value: false, source: DOCS }],
    },
    micro_batch: {
      keys: ['batch_size', 'per_batch_size'],
      write: [{ code: 'batch_size={value}' }],
    },
  },
};
