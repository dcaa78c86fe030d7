import { bytes } from '../inputs.ts';
import { engineHolds } from '../rollout.ts';
import type { Term } from '../term.ts';

export const rolloutOutside: Term = {
  id: 'rollout-outside',
  code: 'UN542',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Rollout engine, outside the pool',
      summary: 'Kernels and communicators of a colocated engine; sleep does not give them back.',
    },
    zh: {
      title: 'rollout 引擎，池外',
      summary: '同机引擎的 kernel 与通信缓冲区，休眠时不归还。',
    },
    ru: {
      title: 'Движок генерации, вне пула',
      summary: 'Ядра и буферы обмена встроенного движка; во сне не возвращаются.',
    },
  },
  sources: ['trl@1.16.0: generation/vllm_generation.py (LLM, sleep, wake_up)'],
  category: 'outside',
  pool: 'outside-torch',
  basis: 'assumed',
  formula: 'engine_outside',
  inputs: (_, size) => ({ engine_outside: bytes(size) }),
  at: ({ job, moment }) => engineHolds(job, 'engine-outside', moment),
};
