import { type Statement, say } from '../../base/texts.ts';
import { isShortage, mayTrain, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Gradient accumulation',
    summary:
      'Several micro-batches before one optimizer step: it makes a smaller micro-batch possible at the same global batch.',
    how: 'Divide the micro-batch by k and accumulate over k steps. Without a smaller micro-batch it frees nothing.',
    cost: 'Gradients stay alive from one micro-batch to the next, so that the peak of a run at micro-batch 1 can rise.',
    nothing: 'There are no activations in this phase to divide.',
    one: 'The micro-batch is one sample already; there is nothing to divide.',
    zero: 'It was tried down to one sample and failed still; there is nothing left to divide.',
    model: 'The model itself was being moved; no batch is on the card yet.',
    'caution-norm': 'BatchNorm and contrastive losses see the micro-batch only and change.',
    'caution-tokens':
      'Losses per token must be divided by the tokens of all accumulated micro-batches, not averaged over them.',
    'caution-sync':
      'Skipping the synchronisation of gradients between micro-batches keeps them unsharded: that can take more than accumulation frees.',
  },
  zh: {
    title: '梯度累积',
    summary: '一次优化器更新前跑多个 micro-batch：在全局 batch 不变的情况下可以减小 micro-batch。',
    how: '把 micro-batch 除以 k，累积 k 步。不减小 micro-batch 就不会释放显存。',
    cost: '梯度在各 micro-batch 之间一直存在，因此 micro-batch 为 1 的任务峰值反而可能升高。',
    nothing: '这一阶段没有可切分的激活值。',
    one: 'micro-batch 已经是一个样本，无法再分。',
    zero: '已试到一个样本仍然失败，无法再分。',
    model: '正在移动的是模型本身，卡上还没有 batch。',
    'caution-norm': 'BatchNorm 和对比损失只看 micro-batch，结果会改变。',
    'caution-tokens':
      '按 token 计的损失要除以全部累积 micro-batch 的 token 总数，而不是对它们取平均。',
    'caution-sync': '在 micro-batch 之间跳过梯度同步会保留未切分的梯度：占用可能超过累积所节省的。',
  },
  ru: {
    title: 'Накопление градиентов',
    summary:
      'Несколько микробатчей до одного шага оптимизатора: позволяет уменьшить микробатч при том же глобальном батче.',
    how: 'Разделить микробатч на k и накапливать k шагов. Без меньшего микробатча ничего не освободится.',
    cost: 'Градиенты живут от микробатча к микробатчу, поэтому при микробатче 1 пик может вырасти.',
    nothing: 'На этом этапе делить нечего: активаций нет.',
    one: 'Микробатч — уже один пример, делить нечего.',
    zero: 'Пробовали до одного примера, и всё равно не хватило: делить больше нечего.',
    model: 'Переносилась сама модель; батча на карте ещё нет.',
    'caution-norm': 'BatchNorm и контрастивные потери видят только микробатч и изменятся.',
    'caution-tokens':
      'Потери на токен надо делить на число токенов всех накопленных микробатчей, а не усреднять по микробатчам.',
    'caution-sync':
      'Если между микробатчами не синхронизировать градиенты, они лежат нешардированными: это может занять больше, чем освободит накопление.',
  },
} as const;

export const gradientAccumulation: Remedy = {
  id: 'gradient-accumulation',
  code: 'UN304',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'training',
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://huggingface.co/docs/accelerate/usage_guides/gradient_accumulation'],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation: gradients add up until zero_grad()',
    'accelerate documentation: gradient accumulation with losses over tokens',
    'pytorch/pytorch#126166: accumulation without reduce-scatter stores unsharded gradients',
  ],
  roles: ['researcher'],
  alters: 'rounding',
  often_tried: true,
  touches: { contents: ['activations', 'inputs', 'outputs'] },
  changes: [
    { setting: 'micro_batch', to: 'half' },
    { setting: 'accumulation_steps', to: 'higher' },
  ],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-norm', applies: (c) => c.shows('logits') === undefined },
    {
      says: 'caution-tokens',
      applies: (c) => c.shows('logits') !== undefined || c.frameworks.includes('transformers'),
    },
    { says: 'caution-sync', applies: (c) => c.shows('fsdp') !== undefined },
  ],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    !['generate', 'prefill', 'kv_alloc', 'capture', 'eval', 'unknown'].includes(c.phase.value),
  barred(c): Statement | undefined {
    if (printedValue(c, 'micro_batch') === 1) return say(TEXTS, 'one');
    if (c.has('reached-zero')) return say(TEXTS, 'zero');
    return c.phase.moves_model ? say(TEXTS, 'model') : undefined;
  },
};
