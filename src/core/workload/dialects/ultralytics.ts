import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: { title: 'Ultralytics YOLO', summary: 'Arguments of yolo train, val and predict.' },
  zh: { title: 'Ultralytics YOLO', summary: 'yolo train、val、predict 的参数。' },
  ru: { title: 'Ultralytics YOLO', summary: 'Аргументы yolo train, val и predict.' },
} as const;

const CONFIG = 'ultralytics@8.4.190:ultralytics/cfg/default.yaml';

export const ultralytics: Dialect = {
  id: 'ultralytics',
  code: 'UN817',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'ultralytics@8.3.0, 8.4.190: cfg/default.yaml, engine/trainer.py',
    'https://docs.ultralytics.com/usage/cfg',
  ],
  name: 'Ultralytics',
  package: 'ultralytics',
  frameworks: ['ultralytics'],
  rests_on: ['pytorch'],
  settings: {
    batch_finder: { write: [{ value: true, code: 'yolo train batch=-1' }] },
    micro_batch: { keys: ['batch'], write: [{ code: 'yolo train batch={value}' }] },
    accumulation_steps: {
      // It accumulates up to a nominal batch by itself.
      write: [{ code: 'yolo train batch=B nbs={value}*B' }],
    },
    resolution: { keys: ['imgsz'], write: [{ code: 'yolo train imgsz={value}' }] },
    compute_precision: {
      keys: ['amp'],
      values: { true: 'fp16', fp16: 'fp16', bf16: 'bf16', false: 'fp32', fp32: 'fp32' },
      write: [
        { value: 'bf16', from: '8.4.190', code: 'yolo train amp=bf16' },
        { value: 'fp16', code: 'yolo train amp=True' },
      ],
      defaults: [{ value: 'fp16', source: `${CONFIG} (amp True, after a check; also in 8.3.0)` }],
    },
    compiled: {
      keys: ['compile'],
      write: [{ value: true, from: '8.4.190', code: 'yolo train compile=True' }],
    },
    frozen: { write: [{ value: true, code: 'yolo train freeze=10' }] },
    optimizer: {
      keys: ['optimizer'],
      values: { sgd: 'sgd', adamw: 'adamw' },
      write: [
        { value: 'sgd', code: 'yolo train optimizer=SGD' },
        { value: 'muon', from: '8.4.190', code: 'yolo train optimizer=MuSGD' },
      ],
    },
    workers: { keys: ['workers'], write: [{ code: 'yolo train workers={value}' }] },
  },
};
