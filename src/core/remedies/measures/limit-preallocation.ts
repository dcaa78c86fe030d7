import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Limit what a framework takes at start',
    summary:
      'JAX and TensorFlow take most of a card when they start; a share, or growth on demand, leaves room for others.',
    how: 'Set the share or turn preallocation off, in the environment, before the framework is imported.',
    cost: 'Growth on demand fragments more; a share that is too small fails earlier.',
    nothing: 'No framework that preallocates is shown.',
    'c-peak': 'Growth on demand does not lower the peak; it only lets others live beside it.',
    'c-big': 'If the compiled program itself is too big, raise the share instead.',
  },
  zh: {
    title: '限制框架启动时的预分配',
    summary: 'JAX 和 TensorFlow 启动时占用大半张卡；限定比例或按需增长可为其他程序留出空间。',
    how: '在导入框架之前，通过环境变量设置比例或关闭预分配。',
    cost: '按需增长更易碎片化；比例太小会更早失败。',
    nothing: '没有出现会预分配的框架。',
    'c-peak': '按需增长不会降低峰值，只是让其他程序能够共存。',
    'c-big': '如果编译出的程序本身太大，应提高比例。',
  },
  ru: {
    title: 'Ограничить то, что фреймворк берёт при старте',
    summary:
      'JAX и TensorFlow при старте забирают большую часть карты; доля или рост по требованию оставляют место другим.',
    how: 'Задать долю или выключить предвыделение в окружении до импорта фреймворка.',
    cost: 'Рост по требованию сильнее фрагментирует; слишком малая доля упадёт раньше.',
    nothing: 'Фреймворка с предвыделением не видно.',
    'c-peak': 'Рост по требованию не снижает пик, а лишь даёт жить рядом другим.',
    'c-big': 'Если велика сама скомпилированная программа, долю надо поднять.',
  },
} as const;

export const limitPreallocation: Remedy = {
  id: 'limit-preallocation',
  code: 'UN366',
  since: '0.1.0',
  status: 'preview',
  family: 'neighbour',
  answers: ['neighbour', 'engine-reservation'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['JAX documentation: GPU memory allocation', 'TensorFlow: set_memory_growth'],
  roles: ['quick', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { program: true },
  changes: [{ setting: 'preallocation', to: false }],

  commands: [],
  costs: [],
  cautions: [{ says: 'c-peak' }, { says: 'c-big', applies: (c) => c.format === 'xla' }],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    c.frameworks.some((name) => ['jax', 'flax', 'tensorflow', 'keras'].includes(name)) &&
    (c.amounts.requested === undefined ||
      c.amounts.requested.mid < 2 ** 28 ||
      c.has('library-workspace')),
};
