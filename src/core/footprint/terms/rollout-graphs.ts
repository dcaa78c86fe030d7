import { bytes } from '../inputs.ts';
import { engineHolds } from '../rollout.ts';
import type { Term } from '../term.ts';

export const rolloutGraphs: Term = {
  id: 'rollout-graphs',
  code: 'UN543',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'CUDA graphs of the rollout engine',
      summary: 'Captured decoding steps of a colocated engine; sleep does not give them back.',
    },
    zh: {
      title: 'rollout 引擎的 CUDA Graph',
      summary: '同机引擎捕获的解码步，休眠时不归还。',
    },
    ru: {
      title: 'CUDA-графы движка генерации',
      summary: 'Захваченные шаги декодирования встроенного движка; во сне не возвращаются.',
    },
  },
  sources: ['trl@1.16.0: generation/vllm_generation.py (LLM, sleep, wake_up)'],
  category: 'outside',
  pool: 'outside-torch',
  basis: 'assumed',
  formula: 'engine_graph × sizes',
  inputs: (_, size) => ({ 'engine_graph × sizes': bytes(size) }),
  at: ({ job, moment }) => engineHolds(job, 'cuda-graphs', moment),
};
