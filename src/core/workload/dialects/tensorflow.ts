import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'TensorFlow and Keras',
    summary:
      'The process takes nearly the whole card at start unless told to grow; one arena, one limit.',
  },
  zh: {
    title: 'TensorFlow 与 Keras',
    summary: '除非设为按需增长，否则进程启动时几乎占满显卡；一个 arena，一个上限。',
  },
  ru: {
    title: 'TensorFlow и Keras',
    summary: 'Без режима роста процесс при старте берёт почти всю карту; одна арена, один предел.',
  },
} as const;

const CONFIG = 'tensorflow@2.21.0:tensorflow/python/framework/config.py';

export const tensorflow: Dialect = {
  id: 'tensorflow',
  code: 'UN828',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [CONFIG, 'https://www.tensorflow.org/guide/gpu'],
  name: 'TensorFlow',
  package: 'tensorflow',
  frameworks: ['tensorflow'],
  rests_on: [],
  settings: {
    preallocation: {
      // Growth is the opposite of taking the pool at start.
      keys: ['set_memory_growth', 'TF_FORCE_GPU_ALLOW_GROWTH', 'allow_growth'],
      values: { true: false, '1': false, false: true, '0': true },
      write: [
        { value: false, code: 'TF_FORCE_GPU_ALLOW_GROWTH=true python train.py' },
        { value: true, code: 'TF_FORCE_GPU_ALLOW_GROWTH=false python train.py' },
      ],
      defaults: [{ value: true, source: `${CONFIG} (set_memory_growth)` }],
    },
    memory_fraction: {
      keys: ['per_process_gpu_memory_fraction'],
      write: [
        {
          to: '1.15.5',
          code: 'tf.GPUOptions(per_process_gpu_memory_fraction={value})',
        },
      ],
    },
    arena_limit: {
      write: [
        {
          from: '2.4.0',
          code: 'tf.config.set_logical_device_configuration(gpus[0], [tf.config.LogicalDeviceConfiguration(memory_limit=8192)])  # MiB',
        },
      ],
    },
    compute_precision: {
      keys: ['mixed_precision', 'mixed_precision_policy', 'dtype_policy'],
      values: {
        mixed_float16: 'fp16',
        float16: 'fp16',
        mixed_bfloat16: 'bf16',
        bfloat16: 'bf16',
        float32: 'fp32',
      },
      write: [
        { value: 'bf16', code: 'tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")' },
        { value: 'fp16', code: 'tf.keras.mixed_precision.set_global_policy("mixed_float16")' },
      ],
    },
    micro_batch: {
      keys: ['batch_size', 'train_batch_size'],
      write: [{ code: 'model.fit(x, y, batch_size={value})' }],
    },
    checkpointing: {
      write: [{ value: true, code: 'tf.recompute_grad(block)' }],
    },
  },
};
