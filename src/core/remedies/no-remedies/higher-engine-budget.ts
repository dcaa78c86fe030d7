import { isAbsurd } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A larger share for the engine',
    summary:
      'gpu_memory_utilization, mem_fraction_static and the like: what an engine plans for weights and KV cache.',
    how: 'Lower it instead, or lower what runs beside the pool: sequences at once, tokens of one pass, capture sizes.',
    cost: 'Fewer tokens of KV cache when it is lowered.',
    nothing:
      'It makes this worse: the pool was allocated, and what failed needs the memory that the pool leaves free.',
  },
  zh: {
    title: '调高推理引擎的显存占比',
    summary: 'gpu_memory_utilization、mem_fraction_static 等：引擎为权重和 KV 缓存规划的份额。',
    how: '应当调低它，或降低池外的占用：并发序列数、单次前向的 token 数、捕获的 batch 大小。',
    cost: '调低后 KV 缓存的 token 数减少。',
    nothing: '它会使情况更糟：池已分配成功，失败的部分需要的正是池留下的显存。',
  },
  ru: {
    title: 'Большая доля для движка',
    summary:
      'gpu_memory_utilization, mem_fraction_static и подобное: что движок планирует под веса и KV-кэш.',
    how: 'Наоборот, уменьшить её или то, что работает рядом с пулом: число последовательностей, токены за проход, размеры захвата.',
    cost: 'При уменьшении в KV-кэш поместится меньше токенов.',
    nothing:
      'Станет хуже: пул выделен, а отказавшему нужна та память, которую пул оставляет свободной.',
  },
} as const;
const BUDGETED: readonly string[] = ['vllm', 'sglang', 'lmdeploy', 'text-generation-inference'];

/** What says that the pool or the weights were what found no room. */
const ABOUT_THE_POOL = [
  'kv-cache',
  'engine-budget-too-small',
  'sequence-exceeds-kv',
  'taken-at-start',
  'allocating-weights',
] as const;

export const higherEngineBudget: Remedy = {
  id: 'higher-engine-budget',
  code: 'UN914',
  since: '0.1.0',
  status: 'preview',
  family: 'engine-reservation',
  answers: [],
  domain: 'inference',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'vLLM documentation: conserving memory',
    'sglang@v0.4.6:python/sglang/srt/model_executor/model_runner.py',
  ],
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
    !isAbsurd(c) &&
    BUDGETED.some((name) => c.frameworks.includes(name)) &&
    !ABOUT_THE_POOL.some((clue) => c.has(clue)) &&
    (c.has('engine-budget-too-large') ||
      c.shows('sampler-warm-up') !== undefined ||
      (c.situation.workload?.purpose === 'inference' &&
        ['capture', 'forward', 'prefill', 'generate'].includes(c.phase.value))),
};
