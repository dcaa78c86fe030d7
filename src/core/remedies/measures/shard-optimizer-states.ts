import { isSharded, isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Shard optimizer states (ZeRO 1 and 2)',
    summary:
      'Each rank keeps its part of the optimizer states (and gradients); weights stay whole.',
    how: 'ZeRO stage 1 or 2, or PyTorch’s ZeroRedundancyOptimizer.',
    cost: 'The same communication as data parallelism.',
    nothing: 'No optimizer states are held in this phase.',
    'c-one': 'On a single device there is nothing to divide.',
  },
  zh: {
    title: '切分优化器状态（ZeRO 1、2）',
    summary: '每个 rank 只保留一部分优化器状态（和梯度），权重仍是完整的。',
    how: 'ZeRO stage 1 或 2，或 PyTorch 的 ZeroRedundancyOptimizer。',
    cost: '通信量与数据并行相同。',
    nothing: '这一阶段没有优化器状态。',
    'c-one': '只有一张卡时没有可切分的。',
  },
  ru: {
    title: 'Шардировать состояния оптимизатора (ZeRO 1 и 2)',
    summary: 'Каждый ранг хранит свою часть состояний (и градиентов); веса остаются целыми.',
    how: 'ZeRO stage 1 или 2, либо ZeroRedundancyOptimizer из PyTorch.',
    cost: 'Обмен такой же, как при параллелизме по данным.',
    nothing: 'На этом этапе состояний оптимизатора нет.',
    'c-one': 'На одном устройстве делить нечего.',
  },
} as const;

export const shardOptimizerStates: Remedy = {
  id: 'shard-optimizer-states',
  code: 'UN341',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states'],
  domain: 'training',
  category: 'sharding',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['arXiv 1910.02054: ZeRO stage 1 4P+12P/N, stage 2 2P+14P/N bytes', 'memory model 1.6'],
  roles: ['mlops', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['optimizer', 'gradients'] },
  changes: [{ setting: 'sharding', to: 'gradients' }],

  commands: [],
  costs: [],
  cautions: [{ says: 'c-one' }],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    c.situation.environment.distributed &&
    !isSharded(c) &&
    (['optimizer', 'backward'].includes(c.phase.value) ||
      (c.phase.value === 'forward' && c.phase.turn === 'second')),
};
