import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Limit batches by tokens, longest first',
    summary:
      'With samples of different lengths the peak is the longest batch: group by length, limit tokens instead of samples, and try the longest first.',
    how: 'Group samples by length, set a budget of tokens for each batch, cut at a high percentile of the lengths, and start with the longest batch so that a run that cannot end fails at once.',
    cost: 'Batches of like length are less mixed.',
    nothing: 'No batch is on the card in this phase.',
  },
  zh: {
    title: '按 token 数限制 batch，先跑最长的',
    summary:
      '样本长短不一时，峰值由最长的 batch 决定：按长度分组，限制 token 数而非样本数，并先跑最长的。',
    how: '按长度分组，为每个 batch 设 token 预算，在长度的高分位处截断，并从最长的 batch 开始，跑不完的任务会立刻失败。',
    cost: '同一 batch 内样本长度相近，混合程度下降。',
    nothing: '这一阶段卡上没有 batch。',
  },
  ru: {
    title: 'Ограничить батч токенами, длинные — первыми',
    summary:
      'При примерах разной длины пик даёт самый длинный батч: группировать по длине, ограничивать токены, а не примеры, и начинать с самого длинного.',
    how: 'Группировать примеры по длине, задать бюджет токенов на батч, обрезать по высокому процентилю длин и начинать с самого длинного батча: запуск, который не дойдёт до конца, упадёт сразу.',
    cost: 'Батчи из примеров похожей длины хуже перемешаны.',
    nothing: 'На этом этапе батча на карте нет.',
  },
} as const;

export const boundBatchByTokens: Remedy = {
  id: 'bound-batch-by-tokens',
  code: 'UN332',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'training',
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'field report: death at step 5,850 with flat figures is the longest sample',
    'transformers: group_by_length; fairseq: --max-tokens',
  ],
  roles: ['researcher'],
  alters: 'mathematics',
  often_tried: false,
  touches: { contents: ['activations', 'inputs', 'outputs'] },
  changes: [{ setting: 'length_grouping', to: true }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    ['forward', 'backward', 'unknown', 'eval'].includes(c.phase.value) &&
    (c.step ?? 0) >= 20,
};
