import { isShortage, isTorch, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Shard weights, gradients and states (FSDP, ZeRO)',
    summary: 'Each rank keeps a part of the model’s states.',
    how: 'FSDP full_shard or DeepSpeed ZeRO-3; ZeRO-2 shards gradients and states only. Needs several GPUs.',
    cost: 'Communication in every layer; with one GPU it shards nothing.',
    nothing: 'No weights or states are on the card in this phase.',
    'when-traffic': 'against data parallelism',
  },
  zh: {
    title: '切分权重、梯度和状态（FSDP、ZeRO）',
    summary: '每个 rank 只保留模型状态的一部分。',
    how: 'FSDP full_shard 或 DeepSpeed ZeRO-3；ZeRO-2 只切分梯度和状态。需要多张 GPU。',
    cost: '每层都有通信；只有一张 GPU 时什么也切不了。',
    nothing: '这一阶段卡上没有权重或状态。',
    'when-traffic': '与数据并行相比',
  },
  ru: {
    title: 'Шардировать веса, градиенты и состояния (FSDP, ZeRO)',
    summary: 'Каждый ранг хранит часть состояний модели.',
    how: 'FSDP full_shard или DeepSpeed ZeRO-3; ZeRO-2 делит только градиенты и состояния. Нужно несколько GPU.',
    cost: 'Обмен в каждом слое; на одном GPU делить нечего.',
    nothing: 'На этом этапе ни весов, ни состояний на карте нет.',
    'when-traffic': 'по сравнению с параллелизмом по данным',
  },
} as const;

export const shardModelStates: Remedy = {
  id: 'shard-model-states',
  code: 'UN311',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  domain: 'training',
  answers: ['optimizer-states', 'model-does-not-fit'],
  category: 'sharding',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['DeepSpeed ZeRO; torch.distributed.fsdp'],
  roles: ['mlops', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['weights', 'gradients', 'optimizer'] },
  changes: [{ setting: 'sharding', to: 'full' }],
  shown_by: ['zero-3', 'fsdp'],
  commands: [],
  costs: [
    {
      what: 'traffic',
      low: 1.5,
      high: 1.5,
      unit: 'times',
      when: 'when-traffic',
      source: 'arXiv 1910.02054',
    },
  ],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    isTorch(c) &&
    c.backend !== 'mps' &&
    ['optimizer', 'backward', 'forward', 'load', 'init', 'transfer'].includes(c.phase.value),
};
