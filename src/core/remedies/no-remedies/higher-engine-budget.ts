import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Raising the engine’s share, when the failure is beside its pool',
    summary: 'Gives the pool more of the card.',
    how: 'Lower it instead: sampler, graphs and run time need what the pool leaves.',
    cost: 'Less room beside the pool.',
    nothing: 'What failed is allocated beside the pool; a larger pool leaves less for it.',
  },
  zh: {
    title: '失败发生在池外却调高引擎比例',
    summary: '让内存池占用更多显存。',
    how: '应当调低：采样器、CUDA graph 和运行时都要用池外剩余的部分。',
    cost: '池外空间更少。',
    nothing: '失败的分配在池外；池越大，留给它的越少。',
  },
  ru: {
    title: 'Поднимать долю движка, когда сбой — рядом с пулом',
    summary: 'Отдаёт пулу больше карты.',
    how: 'Наоборот, уменьшить: сэмплеру, графам и работе нужно то, что пул оставляет.',
    cost: 'Меньше места рядом с пулом.',
    nothing: 'Неудавшееся выделяется рядом с пулом; чем больше пул, тем ему меньше.',
  },
} as const;

export const higherEngineBudget: Remedy = {
  id: 'higher-engine-budget',
  code: 'UN914',
  since: '0.1.0',
  status: 'preview',
  family: 'engine-reservation',
  answers: [],
  domain: 'any',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['vllm: warming up sampler; sglang: run-time OOM asks for a smaller fraction'],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    c.isEngine &&
    (c.has('engine-budget-too-large') ||
      c.shows('sampler-warm-up') !== undefined ||
      (c.phase.value === 'capture' &&
        c.frameworks.some((name) => ['vllm', 'sglang'].includes(name)))),
};
