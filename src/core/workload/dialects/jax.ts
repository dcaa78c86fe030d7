import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'JAX',
    summary:
      'XLA takes three quarters of the card at start; environment variables say how much, and whether.',
  },
  zh: {
    title: 'JAX',
    summary: 'XLA 启动时占用显存的四分之三；占多少、是否预占由环境变量决定。',
  },
  ru: {
    title: 'JAX',
    summary:
      'XLA при старте берёт три четверти карты; сколько и берёт ли, решают переменные окружения.',
  },
} as const;

const DOCS = 'https://docs.jax.dev/en/latest/gpu_memory_allocation.html';

export const jax: Dialect = {
  id: 'jax',
  code: 'UN827',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'jaxlib@0.10.2:jaxlib/xla_client.py',
    'jaxlib@0.4.33:jaxlib/xla_client.py (the newer name)',
    DOCS,
  ],
  name: 'JAX',
  package: 'jax',
  frameworks: ['jax'],
  rests_on: [],
  settings: {
    memory_fraction: {
      keys: ['XLA_CLIENT_MEM_FRACTION', 'XLA_PYTHON_CLIENT_MEM_FRACTION'],
      // Both names together are an error, so the one that all versions know is not the safe one.
      write: [
        // The whole card leaves nothing for the libraries.
        { value: 1, code: 'unset XLA_CLIENT_MEM_FRACTION XLA_PYTHON_CLIENT_MEM_FRACTION' },
        { from: '0.4.33', code: 'export XLA_CLIENT_MEM_FRACTION={value}' },
        { to: '0.4.32', code: 'export XLA_PYTHON_CLIENT_MEM_FRACTION={value}' },
      ],
      defaults: [{ from: '0.4.30', value: 0.75, source: DOCS }],
    },
    preallocation: {
      keys: ['XLA_PYTHON_CLIENT_PREALLOCATE'],
      values: { true: true, '1': true, false: false, '0': false },
      write: [
        { value: false, code: 'export XLA_PYTHON_CLIENT_PREALLOCATE=false' },
        { value: true, code: 'unset XLA_PYTHON_CLIENT_PREALLOCATE' },
      ],
      defaults: [{ value: true, source: DOCS }],
    },
    unified_memory: {
      keys: ['TF_FORCE_UNIFIED_MEMORY'],
      values: { true: true, '1': true, false: false, '0': false },
      // A fraction above 1 is what lets the pool grow beyond the card.
      write: [
        {
          value: true,
          from: '0.4.33',
          code: 'export TF_FORCE_UNIFIED_MEMORY=1 XLA_CLIENT_MEM_FRACTION=2.0',
        },
        {
          value: true,
          to: '0.4.32',
          code: 'export TF_FORCE_UNIFIED_MEMORY=1 XLA_PYTHON_CLIENT_MEM_FRACTION=2.0',
        },
      ],
    },
    micro_batch: {
      keys: ['per_device_batch_size', 'batch_size', 'train_batch_size'],
      write: [{ code: 'batch_size={value}' }],
    },
    checkpointing: {
      write: [{ value: true, code: 'jax.checkpoint(block)  # or nn.remat(Block) of Flax' }],
    },
    compute_precision: {
      write: [{ value: 'bf16', code: 'dtype=jnp.bfloat16 for the modules; parameters stay fp32' }],
    },
  },
};
