import { isInsideEngine, isServingStep } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Let the engine take less',
    summary: 'A smaller pool leaves room for sampler, graphs, workspaces and other processes.',
    how: 'Lower the engine’s memory share in small steps.',
    cost: 'A smaller KV cache: fewer sequences at once.',
    nothing: 'No budget of an engine is shown.',
  },
  zh: {
    title: '让引擎少占用一些',
    summary: '更小的内存池可为采样器、CUDA graph、工作区和其他进程留出空间。',
    how: '小步降低引擎的显存比例。',
    cost: 'KV 缓存变小，并发序列减少。',
    nothing: '没有出现引擎的预算。',
  },
  ru: {
    title: 'Отдать движку меньше',
    summary: 'Меньший пул оставляет место сэмплеру, графам, рабочим областям и другим процессам.',
    how: 'Уменьшать долю памяти движка малыми шагами.',
    cost: 'Меньше KV-кэш: меньше последовательностей одновременно.',
    nothing: 'Бюджета движка не видно.',
  },
} as const;

export const lowerEngineBudget: Remedy = {
  id: 'lower-engine-budget',
  code: 'UN383',
  since: '0.1.0',
  status: 'preview',
  family: 'engine-reservation',
  answers: ['engine-reservation', 'outside-the-pool', 'neighbour', 'activations-too-large'],
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
  changes: [{ setting: 'engine_fraction', to: 'lower' }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    !c.has('engine-budget-too-small') &&
    !c.has('sequence-exceeds-kv') &&
    (c.has('engine-budget-too-large') ||
      c.has('taken-at-start') ||
      c.shows('sampler-warm-up') !== undefined ||
      isInsideEngine(c) ||
      // What requests compute lies beside the pool, which was taken before any came.
      isServingStep(c) ||
      (c.phase.value === 'capture' && c.isEngine) ||
      (c.shows('rollout-engine') !== undefined && c.situation.workload?.purpose === 'training')),
};
