import { isShortage, mayTrain, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Reshard after the forward pass',
    summary:
      'FSDP can give gathered weights back after the forward pass; kept, they are a whole 16-bit copy.',
    how: 'Turn on resharding after forward (full shard, not shard-grad-op).',
    cost: 'One more gather in the backward pass.',
    nothing: 'No gathered weights are held in this phase.',
    'w-titan': 'torchtitan 8B: 62.2 → 49.4 GiB',
  },
  zh: {
    title: '前向之后重新切分',
    summary: 'FSDP 可以在前向之后归还聚合的权重；若保留，就是一整份 16 位拷贝。',
    how: '启用前向后重新切分（full shard，而非 shard-grad-op）。',
    cost: '反向传播中多一次 all-gather。',
    nothing: '这一阶段没有聚合的权重。',
    'w-titan': 'torchtitan 8B：62.2 → 49.4 GiB',
  },
  ru: {
    title: 'Снова шардировать после прямого прохода',
    summary:
      'FSDP может вернуть собранные веса после прямого прохода; оставленные, они — целая 16-битная копия.',
    how: 'Включить решардинг после прямого прохода (full shard, а не shard-grad-op).',
    cost: 'Ещё один сбор весов в обратном проходе.',
    nothing: 'На этом этапе собранных весов нет.',
    'w-titan': 'torchtitan 8B: 62.2 → 49.4 GiB',
  },
} as const;

export const reshardAfterForward: Remedy = {
  id: 'reshard-after-forward',
  code: 'UN345',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states', 'model-does-not-fit'],
  domain: 'training',
  category: 'sharding',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torchtitan benchmarks: 8B, 49.4 against 62.2 GiB', 'memory model 1.6'],
  roles: ['mlops', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['weights'] },
  changes: [{ setting: 'reshard', to: true }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    c.shows('fsdp') !== undefined &&
    printedValue(c, 'reshard') !== true &&
    ['forward', 'backward'].includes(c.phase.value),
};
