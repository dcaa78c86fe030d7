import { isShortage, mayTrain, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Reshard after the forward pass (FSDP)',
    summary:
      'Weights that are gathered for the forward pass can be given back after it. Kept until the backward pass, they are a whole 16-bit copy: 2 bytes for each parameter.',
    how: 'Turn resharding after the forward pass on, or choose full sharding instead of sharding of gradients and states only.',
    cost: 'Weights are gathered once more in each step, for the backward pass.',
    nothing: 'No gathered weights are held in this phase.',
    'when-gather': 'full sharding against gradients and states only',
    'caution-accumulation':
      'With gradient accumulation the weights are gathered for each micro-batch anew.',
  },
  zh: {
    title: '前向传播后重新切分（FSDP）',
    summary:
      '为前向传播收集的权重可以在用完后归还。若保留到反向传播，就是一份完整的 16 位副本：每个参数 2 字节。',
    how: '启用前向传播后重新切分，或选择完全切分，而不是只切分梯度和状态。',
    cost: '每步要为反向传播再收集一次权重。',
    nothing: '这一阶段没有收集来的权重。',
    'when-gather': '完全切分与只切分梯度和状态相比',
    'caution-accumulation': '使用梯度累积时，每个 micro-batch 都要重新收集权重。',
  },
  ru: {
    title: 'Шардировать заново после прямого прохода (FSDP)',
    summary:
      'Веса, собранные для прямого прохода, можно вернуть сразу после него. Оставленные до обратного прохода, они — полная 16-битная копия: 2 байта на параметр.',
    how: 'Включить повторное шардирование после прямого прохода или выбрать полное шардирование вместо шардирования только градиентов и состояний.',
    cost: 'За шаг веса собираются ещё раз — для обратного прохода.',
    nothing: 'На этом этапе собранных весов нет.',
    'when-gather': 'полное шардирование против шардирования градиентов и состояний',
    'caution-accumulation':
      'При накоплении градиентов веса собираются заново для каждого микробатча.',
  },
} as const;

export const reshardAfterForward: Remedy = {
  id: 'reshard-after-forward',
  code: 'UN345',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states', 'model-does-not-fit', 'activations-too-large'],
  domain: 'training',
  category: 'sharding',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'torchtitan benchmarks, 8B: 49.4 GiB with resharding, 62.2 without',
    'PyTorch documentation: fully_shard(reshard_after_forward), ShardingStrategy.SHARD_GRAD_OP',
    'arXiv 1910.02054 (ZeRO): communication of stage 3 against stage 2',
  ],
  roles: ['mlops', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['weights'] },
  changes: [{ setting: 'reshard', to: true }],
  commands: [],
  costs: [
    {
      what: 'traffic',
      low: 1.5,
      high: 1.5,
      unit: 'times',
      when: 'when-gather',
      source: 'arXiv 1910.02054 (ZeRO)',
    },
  ],
  cautions: [
    {
      says: 'caution-accumulation',
      applies: (c) => Number(printedValue(c, 'accumulation_steps') ?? 2) > 1,
    },
  ],
  // FSDP reshards unless it is told not to, so the text has to show that.
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    ['forward', 'backward'].includes(c.phase.value) &&
    (c.shows('gathered-weights-kept') !== undefined || printedValue(c, 'reshard') === false),
};
