import { constant } from '../../base/factor.ts';
import { bytes } from '../inputs.ts';
import { heldWeights } from '../static.ts';
import type { Term } from '../term.ts';

export const referenceModel: Term = {
  id: 'reference-model',
  code: 'UN513',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Reference model',
      summary:
        'The frozen copy of the model that preference training (DPO, GRPO, KTO) compares with. An adapter can be switched off in its place.',
    },
    zh: {
      title: '参考模型',
      summary: '偏好训练（DPO、GRPO、KTO）用于对比的冻结副本。使用适配器时可改为临时关闭适配器。',
    },
    ru: {
      title: 'Эталонная модель',
      summary:
        'Замороженная копия модели, с которой сравнивает обучение по предпочтениям (DPO, GRPO, KTO). С адаптером его можно просто отключать.',
    },
  },
  sources: ['trl@0.23: dpo_trainer.py'],
  category: 'weights',
  pool: 'torch',
  basis: 'modelled',
  formula: 'weights(reference)',
  inputs: (_, size) => ({ 'weights(reference)': bytes(size) }),
  at: ({ job }) => (job.reference ? constant(heldWeights(job)) : undefined),
};
