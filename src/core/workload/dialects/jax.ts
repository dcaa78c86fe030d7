import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'JAX',
    summary: 'JAX: environment of XLA’s client.',
  },
  zh: {
    title: 'JAX',
    summary: 'JAX：XLA 客户端的环境变量。',
  },
  ru: {
    title: 'JAX',
    summary: 'JAX: окружение клиента XLA.',
  },
} as const;

export const jax: Dialect = {
  id: 'jax',
  code: 'UN827',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['JAX documentation: GPU memory allocation'],
  name: 'JAX',
  package: 'jax',
  frameworks: ['jax', 'flax'],
  rests_on: [],
  settings: {
    preallocation: {
      keys: ['xla_python_client_preallocate'],
      write: [{ value: false, code: 'XLA_PYTHON_CLIENT_PREALLOCATE=false python train.py' }],
      defaults: [
        { value: true, source: 'JAX documentation: GPU memory allocation (75 % at start)' },
      ],
    },
    engine_fraction: {
      keys: ['xla_python_client_mem_fraction', 'xla_client_mem_fraction'],
      write: [
        { from: '0.5', code: 'XLA_CLIENT_MEM_FRACTION={value} python train.py' },
        { code: 'XLA_PYTHON_CLIENT_MEM_FRACTION={value} python train.py' },
      ],
    },
    checkpointing: { write: [{ value: true, code: 'jax.checkpoint(fn)' }] },
  },
};
