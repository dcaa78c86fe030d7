import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Put the rollout engine to sleep while training',
    summary: 'A colocated engine can give its weights and cache back while it rests.',
    how: 'Turn its sleep mode on, and give it a smaller share of the card.',
    cost: 'Waking up takes a moment in each step.',
    nothing: 'No engine is on the same card.',
    'w-wake': 'waking up, by the size of the model',
    'c-exp': 'Sleep mode and expandable segments do not mix in many versions.',
  },
  zh: {
    title: '训练时让 rollout 引擎休眠',
    summary: '同卡部署的引擎在空闲时可以归还权重和缓存。',
    how: '开启休眠模式，并给它更小的显存比例。',
    cost: '每一步唤醒都要花一点时间。',
    nothing: '同一张卡上没有引擎。',
    'w-wake': '唤醒耗时，视模型大小',
    'c-exp': '在许多版本中，休眠模式与 expandable segments 不能同用。',
  },
  ru: {
    title: 'Усыплять движок генерации на время обучения',
    summary: 'Соседний движок может отдать веса и кэш, пока отдыхает.',
    how: 'Включить режим сна и дать движку меньшую долю карты.',
    cost: 'Пробуждение занимает время на каждом шаге.',
    nothing: 'На этой карте движка нет.',
    'w-wake': 'пробуждение, по размеру модели',
    'c-exp': 'Режим сна и расширяемые сегменты во многих версиях не сочетаются.',
  },
} as const;

export const sleepTheEngine: Remedy = {
  id: 'sleep-the-engine',
  code: 'UN391',
  since: '0.1.0',
  status: 'preview',
  family: 'engine-reservation',
  answers: ['engine-reservation'],
  domain: 'training',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['vllm: sleep mode; trl: vllm_enable_sleep_mode'],
  roles: ['researcher', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  // An engine in the trainer's process takes its weights and cache from the same allocator.
  touches: { contents: ['weights', 'kv_cache'] },
  changes: [{ setting: 'engine_sleep', to: true }],

  commands: [],
  costs: [],
  cautions: [{ says: 'c-exp' }],
  concerns: (c) =>
    isShortage(c) &&
    c.shows('rollout-engine') !== undefined &&
    c.situation.workload?.purpose === 'training',
};
