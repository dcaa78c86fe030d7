import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'TensorFlow',
    summary: 'TensorFlow and Keras.',
  },
  zh: {
    title: 'TensorFlow',
    summary: 'TensorFlow 和 Keras。',
  },
  ru: {
    title: 'TensorFlow',
    summary: 'TensorFlow и Keras.',
  },
} as const;

export const tensorflow: Dialect = {
  id: 'tensorflow',
  code: 'UN828',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['TensorFlow documentation: use a GPU'],
  name: 'TensorFlow',
  package: 'tensorflow',
  frameworks: ['tensorflow', 'keras'],
  rests_on: [],
  settings: {
    preallocation: {
      keys: ['tf_force_gpu_allow_growth'],
      values: { true: false, false: true },
      write: [{ value: false, code: 'TF_FORCE_GPU_ALLOW_GROWTH=true python train.py' }],
      defaults: [
        { value: true, source: 'TensorFlow documentation: use a GPU, limiting GPU memory growth' },
      ],
    },
    compute_precision: {
      write: [
        { value: 'bf16', code: 'tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")' },
      ],
    },
    micro_batch: { keys: ['batch_size'], write: [{ code: 'model.fit(x, y, batch_size={value})' }] },
    checkpointing: { write: [{ value: true, code: 'tf.recompute_grad(fn)' }] },
  },
};
