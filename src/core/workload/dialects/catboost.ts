import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'CatBoost',
    summary: 'Training on the GPU takes a fixed share of the card at start.',
  },
  zh: {
    title: 'CatBoost',
    summary: 'GPU 训练在启动时占用显卡的固定比例。',
  },
  ru: {
    title: 'CatBoost',
    summary: 'Обучение на GPU при старте берёт постоянную долю карты.',
  },
} as const;

const CORE = 'catboost@1.2.8:catboost/core.py (gpu_ram_part)';

export const catboost: Dialect = {
  id: 'catboost',
  code: 'UN837',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [CORE],
  name: 'CatBoost',
  package: 'catboost',
  frameworks: ['catboost'],
  rests_on: [],
  settings: {
    memory_fraction: {
      keys: ['gpu_ram_part', 'gpu-ram-part'],
      write: [{ code: 'CatBoostClassifier(task_type="GPU", gpu_ram_part={value})' }],
      defaults: [{ value: 0.95, source: CORE }],
    },
  },
};
