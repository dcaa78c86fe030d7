import { isSharded, isShortage, isTorch, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'More GPUs without sharding',
    summary: 'Data parallelism copies the model to each card.',
    how: 'Shard weights and states (FSDP, ZeRO), or divide layers, if the model is the problem.',
    cost: 'More cards, the same failure on each.',
    nothing:
      'Each card holds the whole model and its own micro-batch: more of them do not make it smaller. ZeRO on a single card divides by one.',
  },
  zh: {
    title: '增加 GPU 而不切分',
    summary: '数据并行会把模型复制到每张卡。',
    how: '如果问题在模型，应切分权重和状态（FSDP、ZeRO）或切分层。',
    cost: '卡更多，每张卡同样失败。',
    nothing:
      '每张卡都要容纳完整模型和自己的 micro-batch，增加卡数不会变小；单卡上的 ZeRO 等于除以一。',
  },
  ru: {
    title: 'Больше GPU без шардирования',
    summary: 'Параллелизм по данным копирует модель на каждую карту.',
    how: 'Если дело в модели — шардировать веса и состояния (FSDP, ZeRO) или делить слои.',
    cost: 'Больше карт, тот же сбой на каждой.',
    nothing:
      'На каждой карте вся модель и свой микробатч: от их числа он не меньше. ZeRO на одной карте делит на один.',
  },
} as const;

export const moreCardsWithoutSharding: Remedy = {
  id: 'more-cards-without-sharding',
  code: 'UN912',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: [],
  domain: 'any',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.nn.parallel.DistributedDataParallel: replicas'],
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
    !isSharded(c) &&
    ['optimizer', 'load', 'transfer'].includes(c.phase.value),
};
