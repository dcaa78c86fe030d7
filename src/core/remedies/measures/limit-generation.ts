import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Fewer new tokens, fewer beams',
    summary: 'The cache grows with each generated token and with each beam.',
    how: 'Lower the number of new tokens; beams cost a full cache each.',
    cost: 'Shorter answers; beam search finds less.',
    nothing: 'Nothing is generated in this phase.',
  },
  zh: {
    title: '减少新 token 和 beam',
    summary: '缓存随每个生成的 token 和每个 beam 增长。',
    how: '调小新 token 数；每个 beam 都要一份完整缓存。',
    cost: '回答变短；beam search 的搜索范围变小。',
    nothing: '这一阶段没有生成。',
  },
  ru: {
    title: 'Меньше новых токенов, меньше лучей',
    summary: 'Кэш растёт с каждым токеном и с каждым лучом.',
    how: 'Уменьшить число новых токенов; каждый луч стоит целого кэша.',
    cost: 'Ответы короче; лучевой поиск находит меньше.',
    nothing: 'На этом этапе ничего не генерируется.',
  },
} as const;

export const limitGeneration: Remedy = {
  id: 'limit-generation',
  code: 'UN394',
  since: '0.1.0',
  status: 'preview',
  family: 'kv-cache',
  answers: ['kv-cache'],
  domain: 'inference',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['memory model 3.1: one cache for each beam'],
  roles: ['quick', 'inference'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['kv_cache', 'activations'] },
  changes: [
    { setting: 'new_tokens', to: 'lower' },
    { setting: 'beams', to: 1 },
  ],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    !c.isEngine &&
    ['generate', 'prefill'].includes(c.phase.value) &&
    c.shows('vae') === undefined &&
    !c.frameworks.some((name) =>
      ['diffusers', 'comfyui', 'stable-diffusion-webui', 'fooocus'].includes(name),
    ),
};
