import { type Statement, say } from '../../base/texts.ts';
import { isShortage, mayTrain, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Gradient accumulation',
    summary: 'Several micro-batches before one optimizer step, at the same global batch.',
    how: 'Divide the micro-batch by k and accumulate over k steps. Without a smaller micro-batch it frees nothing.',
    cost: 'Gradients stay alive between micro-steps, so at micro-batch 1 the peak can rise; BatchNorm, contrastive losses and losses averaged over unequal token counts change.',
    nothing: 'There are no activations in this phase to divide.',
    one: 'The micro-batch is one sample already; there is nothing to divide.',
    model: 'The model itself was being moved; no batch is on the card yet.',
    'caution-norm': 'BatchNorm and contrastive losses see the micro-batch only and change.',
    'caution-tokens': 'Losses per token must be divided by the tokens of all accumulated steps.',
  },
  zh: {
    title: '梯度累积',
    summary: '优化器更新前跑多个 micro-batch，全局 batch 不变。',
    how: '把 micro-batch 除以 k，累积 k 步。不减小 micro-batch 就不会释放显存。',
    cost: '梯度在各 micro-step 之间一直存在，micro-batch 为 1 时峰值反而可能升高；BatchNorm、对比损失以及按不等 token 数平均的损失都会改变。',
    nothing: '这一阶段没有可切分的激活值。',
    one: 'micro-batch 已经是一个样本，无法再分。',
    model: '正在移动的是模型本身，卡上还没有 batch。',
    'caution-norm': 'BatchNorm 和对比损失只看 micro-batch，结果会改变。',
    'caution-tokens': '按 token 平均的损失必须按全部累积步的 token 总数归一。',
  },
  ru: {
    title: 'Накопление градиентов',
    summary: 'Несколько микробатчей до одного шага оптимизатора при том же глобальном батче.',
    how: 'Разделить микробатч на k и накапливать k шагов. Без меньшего микробатча ничего не освободится.',
    cost: 'Градиенты живут между микрошагами, и при микробатче 1 пик может вырасти; меняются BatchNorm, контрастивные потери и потери, усреднённые по разному числу токенов.',
    nothing: 'На этом этапе делить нечего: активаций нет.',
    one: 'Микробатч — уже один пример, делить нечего.',
    model: 'Переносилась сама модель; батча на карте ещё нет.',
    'caution-norm': 'BatchNorm и контрастивные потери видят только микробатч и изменятся.',
    'caution-tokens': 'Потери на токен надо делить на число токенов всех накопленных шагов.',
  },
} as const;

export const gradientAccumulation: Remedy = {
  id: 'gradient-accumulation',
  code: 'UN304',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  domain: 'training',
  answers: ['activations-too-large'],
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['memory model: gradients are added to every phase when accumulating'],
  roles: ['researcher'],
  alters: 'rounding',
  often_tried: true,
  touches: { contents: ['activations', 'inputs'] },
  changes: [
    { setting: 'micro_batch', to: 'half' },
    { setting: 'accumulation_steps', to: 'higher' },
  ],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-norm' },
    {
      says: 'caution-tokens',
      applies: (c) => c.shows('logits') !== undefined || c.frameworks.includes('transformers'),
    },
  ],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    !['generate', 'prefill', 'kv_alloc', 'capture', 'eval', 'unknown'].includes(c.phase.value),
  barred(c): Statement | undefined {
    if (printedValue(c, 'micro_batch') === 1) return say(TEXTS, 'one');
    return c.phase.moves_model ? say(TEXTS, 'model') : undefined;
  },
};
