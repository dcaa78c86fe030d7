import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Let the engine take more',
    summary: 'A larger share of the card for weights and KV cache, where nothing else needs it.',
    how: 'Raise the engine’s memory share in small steps; leave room for graphs and workspaces.',
    cost: 'Less room beside the pool.',
    nothing: 'No budget of an engine is shown.',
    'c-weights':
      'With weights near the card’s size it is a weights problem: a larger share cannot make room.',
    'c-beside': 'A failure in the sampler, in graph capture or at run time needs less, not more.',
  },
  zh: {
    title: '允许引擎占用更多',
    summary: '在没有其他需求时，把更大比例的显存给权重和 KV 缓存。',
    how: '小步提高引擎的显存比例，并为 CUDA graph 和工作区留出空间。',
    cost: '池外空间减少。',
    nothing: '没有出现引擎的预算。',
    'c-weights': '权重接近整张卡时问题在权重：提高比例也腾不出空间。',
    'c-beside': '采样器、图捕获或运行时的失败需要调低，而不是调高。',
  },
  ru: {
    title: 'Отдать движку больше',
    summary: 'Большая доля карты под веса и KV-кэш, если больше она никому не нужна.',
    how: 'Поднимать долю памяти движка малыми шагами; оставить место графам и рабочим областям.',
    cost: 'Меньше места рядом с пулом.',
    nothing: 'Бюджета движка не видно.',
    'c-weights': 'Если веса почти с карту, дело в весах: большая доля места не даст.',
    'c-beside': 'Сбой в сэмплере, при захвате графов или в работе требует меньше, а не больше.',
  },
} as const;

export const raiseEngineBudget: Remedy = {
  id: 'raise-engine-budget',
  code: 'UN382',
  since: '0.1.0',
  status: 'preview',
  family: 'engine-reservation',
  answers: ['engine-reservation', 'kv-cache'],
  domain: 'inference',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['vllm: gpu_memory_utilization; sglang: mem-fraction-static'],
  roles: ['quick', 'inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { budget: 'engine' },
  changes: [{ setting: 'engine_fraction', to: 'higher' }],

  commands: [],
  costs: [],
  cautions: [{ says: 'c-weights' }, { says: 'c-beside' }],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    (c.has('engine-budget-too-small') || c.has('sequence-exceeds-kv')) &&
    c.shows('sampler-warm-up') === undefined,
};
