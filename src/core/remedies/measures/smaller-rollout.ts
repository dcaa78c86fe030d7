import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Fewer or shorter completions',
    summary:
      'In GRPO and PPO the log-probabilities of all completions go through the vocabulary at once.',
    how: 'Fewer generations for each prompt, shorter completions, a smaller micro-batch of log-probabilities.',
    cost: 'Noisier advantages with fewer generations.',
    nothing: 'No rollout and no log-probabilities are there in this phase.',
  },
  zh: {
    title: '减少或缩短生成样本',
    summary: '在 GRPO 和 PPO 中，所有生成样本的对数概率会一次性经过整个词表。',
    how: '减少每个 prompt 的生成数，缩短生成长度，减小计算对数概率的 micro-batch。',
    cost: '生成数越少，优势估计噪声越大。',
    nothing: '这一阶段没有 rollout，也没有对数概率。',
  },
  ru: {
    title: 'Меньше или короче генерации',
    summary:
      'В GRPO и PPO логарифмы вероятностей всех генераций разом проходят через весь словарь.',
    how: 'Меньше генераций на промпт, короче ответы, меньший микробатч для логарифмов вероятностей.',
    cost: 'Чем меньше генераций, тем шумнее оценки преимущества.',
    nothing: 'На этом этапе нет ни генераций, ни логарифмов вероятностей.',
  },
} as const;

export const smallerRollout: Remedy = {
  id: 'smaller-rollout',
  code: 'UN338',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large', 'engine-reservation'],
  domain: 'training',
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['huggingface/trl#3678, #2688: logits of all completions'],
  roles: ['researcher'],
  alters: 'mathematics',
  often_tried: false,
  touches: { contents: ['activations', 'outputs', 'inputs'] },
  changes: [{ setting: 'rollouts', to: 'half' }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    (c.shows('rollout') !== undefined || c.shows('rollout-engine') !== undefined) &&
    c.phase.value !== 'optimizer',
};
