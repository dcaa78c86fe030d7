import { bytes } from '../inputs.ts';
import { engineHolds } from '../rollout.ts';
import type { Term } from '../term.ts';

export const rolloutWeights: Term = {
  id: 'rollout-weights',
  code: 'UN540',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Weights of the rollout engine',
      summary:
        'The copy of the model with which a colocated engine makes completions in online training (GRPO). One that sleeps has it only while it works.',
    },
    zh: {
      title: 'rollout 引擎的权重',
      summary:
        '在线训练（GRPO）中，同机推理引擎用于生成补全的模型副本。会休眠的引擎只在工作时才占用。',
    },
    ru: {
      title: 'Веса движка генерации',
      summary:
        'Копия модели, которой встроенный движок порождает ответы при онлайн-обучении (GRPO). Спящий движок держит её, только пока работает.',
    },
  },
  sources: ['trl@1.16.0: generation/vllm_generation.py (LLM, sleep, wake_up)'],
  category: 'weights',
  pool: 'torch',
  basis: 'modelled',
  formula: 'weights(engine)',
  inputs: (_, size) => ({ 'weights(engine)': bytes(size) }),
  at: ({ job, moment }) => engineHolds(job, 'weights', moment),
};
