import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A smaller evaluation batch',
    summary: 'Evaluation has a batch size of its own, often a larger one than training.',
    how: 'Lower the evaluation batch; the result does not change.',
    cost: 'Evaluation takes longer.',
    nothing: 'No evaluation is running in this phase.',
  },
  zh: {
    title: '减小评估 batch',
    summary: '评估有自己的 batch 大小，往往比训练的还大。',
    how: '调小评估 batch，结果不变。',
    cost: '评估变慢。',
    nothing: '这一阶段没有评估。',
  },
  ru: {
    title: 'Меньший батч при оценке',
    summary: 'У оценки свой размер батча, часто больше, чем у обучения.',
    how: 'Уменьшить батч оценки; результат не изменится.',
    cost: 'Оценка идёт дольше.',
    nothing: 'На этом этапе оценки нет.',
  },
} as const;

export const smallerEvalBatch: Remedy = {
  id: 'smaller-eval-batch',
  code: 'UN334',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large', 'autograd-in-eval'],
  domain: 'any',
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['memory model: activations scale with tokens per batch'],
  roles: ['quick', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['activations', 'inputs', 'outputs'] },
  changes: [{ setting: 'eval_batch', to: 'half' }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) => isShortage(c) && c.mayBeTorch && !c.isEngine && c.phase.value === 'eval',
};
