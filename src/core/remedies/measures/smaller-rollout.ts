import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Fewer or shorter completions at once',
    summary:
      'In GRPO and PPO the step works on completions: their number at once times their length sets activations, logits and log-probabilities.',
    how: 'First a smaller micro-batch for log-probabilities and loss; then shorter completions; then fewer of them for each prompt, never fewer than two.',
    cost: 'A smaller micro-batch costs time only. Shorter completions cut answers off; fewer make the advantages noisier.',
    nothing: 'No completions and no log-probabilities are worked on in this phase.',
    'caution-trl':
      'In TRL the batch counts completions: fewer for each prompt bring more prompts and free nothing. Lower the batch with them, and keep it divisible.',
    'caution-engine': 'An engine shares the card: look at its share first.',
  },
  zh: {
    title: '一次处理更少或更短的补全',
    summary:
      '在 GRPO 和 PPO 中，一步处理的是补全：一次处理的数量乘以长度，决定了激活值、logits 和对数概率的大小。',
    how: '先减小计算对数概率和损失的 micro-batch；再缩短补全；最后减少每个 prompt 的补全数，但不少于两个。',
    cost: '减小 micro-batch 只花时间。缩短补全会截断回答；减少数量会让优势估计噪声更大。',
    nothing: '这一阶段不处理补全，也不计算对数概率。',
    'caution-trl':
      '在 TRL 中 batch 按补全计数：减少每个 prompt 的数量只会带来更多 prompt，不释放显存。同时减小 batch，并保持整除。',
    'caution-engine': '推理引擎与训练共用显卡：先看它占用的份额。',
  },
  ru: {
    title: 'Меньше или короче генераций за раз',
    summary:
      'В GRPO и PPO шаг работает с генерациями: их число за раз, умноженное на длину, задаёт активации, логиты и логарифмы вероятностей.',
    how: 'Сначала меньший микробатч для логарифмов вероятностей и потерь, затем короче генерации, затем меньше их на промпт, но не меньше двух.',
    cost: 'Меньший микробатч стоит лишь времени. Короткие генерации обрезают ответы; при меньшем их числе оценки преимущества шумнее.',
    nothing: 'На этом этапе нет ни генераций, ни логарифмов вероятностей.',
    'caution-trl':
      'В TRL батч считается в генерациях: при меньшем их числе на промпт станет больше промптов, и ничего не освободится. Уменьшать вместе с батчем и сохранять делимость.',
    'caution-engine': 'На той же карте работает движок: сначала посмотреть на его долю.',
  },
} as const;

export const smallerRollout: Remedy = {
  id: 'smaller-rollout',
  code: 'UN338',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'training',
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://huggingface.co/docs/trl/grpo_trainer'],
  shares: [],
  texts: TEXTS,
  sources: [
    'trl@0.24.0:trl/trainer/grpo_config.py (the batch counts completions; at least two for each prompt)',
    'trl@0.24.0:trl/trainer/grpo_trainer.py (log-probabilities in chunks of the micro-batch)',
    'huggingface/trl#3678, huggingface/trl#3456: logits of all completions',
  ],
  roles: ['researcher'],
  alters: 'mathematics',
  often_tried: false,
  touches: { contents: ['activations', 'outputs', 'inputs', 'kv_cache'] },
  changes: [
    { setting: 'micro_batch', to: 'half' },
    { setting: 'rollouts', to: 'half' },
  ],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-trl', applies: (c) => c.frameworks.includes('trl') },
    { says: 'caution-engine', applies: (c) => c.shows('rollout-engine') !== undefined },
  ],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    c.shows('rollout') !== undefined &&
    ['forward', 'backward', 'generate', 'prefill', 'unknown'].includes(c.phase.value),
};
