import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'Ultralytics',
    summary: 'Arguments of YOLO training.',
  },
  zh: {
    title: 'Ultralytics',
    summary: 'YOLO 训练的参数。',
  },
  ru: {
    title: 'Ultralytics',
    summary: 'Аргументы обучения YOLO.',
  },
} as const;

export const ultralytics: Dialect = {
  id: 'ultralytics',
  code: 'UN817',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['assumed: recalled from Ultralytics’ configuration'],
  name: 'Ultralytics',
  package: 'ultralytics',
  frameworks: ['ultralytics'],
  rests_on: ['pytorch'],
  settings: {
    micro_batch: {
      keys: ['batch', 'batch_size', 'batch-size'],
      write: [{ code: 'yolo train batch={value}' }],
    },
    resolution: {
      keys: ['imgsz', 'img', 'img-size'],
      write: [{ code: 'yolo train imgsz={value}' }],
    },
    workers: { keys: ['workers'], write: [{ code: 'yolo train workers={value}' }] },
  },
};
