import { type Case, isShortage, mayTrain, printedValue } from '../../diagnosis/case.ts';
import { allocatedSeries, growthIn } from '../../diagnosis/series.ts';
import { isSplatting } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Bound batches by tokens, longest first',
    summary:
      'With samples of different lengths the longest batch sets the peak. A budget of tokens takes fewer samples where they are long.',
    how: 'Close a batch when samples × longest sample reaches the budget; cut off beyond a high percentile of the lengths; put the longest batch first, so that a run that cannot end fails in its first minute.',
    cost: 'Batches have different numbers of samples: average the loss over tokens, not over batches.',
    nothing: 'No batch is on the card in this phase.',
    'caution-grouping':
      'Grouping by length alone does not lower the peak: the longest samples then meet in one batch. It does make the run fail early.',
    'caution-growth':
      'First see that memory at the ends of steps stays flat. If it rises, it is a leak, and no batch is too long.',
  },
  zh: {
    title: '按 token 数限制 batch，先跑最长的',
    summary: '样本长短不一时，峰值由最长的 batch 决定。token 预算会在样本长时少取几个。',
    how: '当 样本数 × 最长样本 达到预算时封闭 batch；超过高分位长度的部分截断；把最长的 batch 放在最前，跑不完的任务在第一分钟就会失败。',
    cost: '各 batch 的样本数不同：损失按 token 平均，而不是按 batch。',
    nothing: '这一阶段卡上没有 batch。',
    'caution-grouping':
      '只按长度分组不会降低峰值：最长的样本会聚在同一个 batch。但它能让失败提前出现。',
    'caution-growth': '先确认各步结束时的显存保持平稳。如果在上升，那是泄漏，而不是 batch 太长。',
  },
  ru: {
    title: 'Ограничить батч токенами, длинные — первыми',
    summary:
      'При примерах разной длины пик задаёт самый длинный батч. Бюджет токенов берёт меньше примеров там, где они длинные.',
    how: 'Закрывать батч, когда примеры × самый длинный достигает бюджета; обрезать всё длиннее высокого процентиля; ставить самый длинный батч первым: запуск, который не дойдёт до конца, упадёт в первую минуту.',
    cost: 'В батчах разное число примеров: усреднять потери по токенам, а не по батчам.',
    nothing: 'На этом этапе батча на карте нет.',
    'caution-grouping':
      'Одна группировка по длине пик не снижает: самые длинные примеры собираются в один батч. Зато запуск падает рано.',
    'caution-growth':
      'Сначала убедиться, что память в конце шагов не растёт. Если растёт — это утечка, а не слишком длинный батч.',
  },
} as const;

/** Steps after which a run of equal batches would have failed already. */
const LATE = 20;

const grows = (c: Case): boolean => growthIn(c.observed).length > 0;

/** Images of one size, and samples packed to one length, are all alike. */
const areAlike = (c: Case): boolean =>
  printedValue(c, 'packing') === true ||
  isSplatting(c) ||
  (['convolution', 'upsampling', 'vae'] as const).some((sign) => c.shows(sign) !== undefined);

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
  docs: ['https://docs.pytorch.org/docs/stable/data.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'transformers@4.57.0:src/transformers/trainer_pt_utils.py (grouping by length puts the longest sample first so that a shortage shows early)',
    'PyTorch documentation: DataLoader, batch_sampler',
    'fairseq documentation: --max-tokens',
  ],
  roles: ['researcher'],
  alters: 'mathematics',
  often_tried: false,
  touches: { contents: ['activations', 'inputs', 'outputs'] },
  changes: [{ setting: 'tokens_per_batch', to: 'lower' }],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-grouping' },
    { says: 'caution-growth', applies: (c) => allocatedSeries(c.observed).length === 0 },
  ],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    ['forward', 'backward', 'unknown'].includes(c.phase.value) &&
    (c.step ?? 0) >= LATE &&
    !areAlike(c) &&
    !grows(c),
};
