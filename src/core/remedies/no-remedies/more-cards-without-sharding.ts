import { isShortage, isTorch, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'More cards without sharding',
    summary:
      'DDP and DataParallel put the whole model on every card; ZeRO divides it among the ranks that there are.',
    how: 'Shard: FSDP or ZeRO over several cards. Or lower the batch of each card.',
    cost: 'More cards for the same shortage.',
    nothing:
      'It lowers nothing on any of them: each holds weights, gradients, optimizer states and its own batch in full, and ZeRO on one card has nobody to share with.',
  },
  zh: {
    title: '增加显卡但不切分',
    summary: 'DDP 和 DataParallel 在每张显卡上都放整个模型；ZeRO 则按现有 rank 数切分。',
    how: '切分：在多张显卡上使用 FSDP 或 ZeRO；或减小每张显卡的 batch。',
    cost: '用更多显卡遇到同样的不足。',
    nothing:
      '任何一张显卡的占用都不会降低：每张都完整保存权重、梯度、优化器状态和自己的 batch；只有一张显卡时，ZeRO 无从切分。',
  },
  ru: {
    title: 'Больше карт без шардирования',
    summary:
      'DDP и DataParallel кладут на каждую карту всю модель; ZeRO делит её между имеющимися рангами.',
    how: 'Шардировать: FSDP или ZeRO на нескольких картах. Или уменьшить батч на карту.',
    cost: 'Больше карт при той же нехватке.',
    nothing:
      'Ни на одной карте не станет меньше: каждая целиком держит веса, градиенты, состояния оптимизатора и свой батч, а ZeRO на одной карте делить не с кем.',
  },
} as const;

export const moreCardsWithoutSharding: Remedy = {
  id: 'more-cards-without-sharding',
  code: 'UN912',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: [],
  domain: 'training',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation: DistributedDataParallel, DataParallel',
    'arXiv 1910.02054 (ZeRO): states divided by the number of ranks',
  ],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    isTorch(c) &&
    c.shows('fsdp') === undefined &&
    c.shows('offload') === undefined &&
    (c.shows('zero') === undefined
      ? c.shows('ddp') !== undefined || c.shows('data-parallel') !== undefined
      : c.shows('single-rank') !== undefined),
};
