import { isSharded } from '../../diagnosis/case.ts';
import { hasSeveralDevices, hasSmallStates, isAboutStates, trainsShort } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Shard optimizer states (ZeRO 1 and 2)',
    summary:
      'Under plain data parallelism every rank keeps all optimizer states. Divided, each keeps its part; stage 2 divides the gradients too. Weights stay whole.',
    how: 'Choose ZeRO stage 1 or 2 in the trainer, or wrap the optimizer in PyTorch’s ZeroRedundancyOptimizer. With N ranks and 16-bit training stage 1 leaves 4 + 12/N bytes for each parameter, stage 2 leaves 2 + 14/N.',
    cost: 'As much communication as data parallelism. Saving has to collect the states, or each rank saves its own.',
    nothing: 'No optimizer states are held in this phase.',
    'when-volume': 'stages 1 and 2 against data parallelism',
    'caution-fit':
      'Weights, and in stage 1 gradients, stay whole on every rank: where they alone do not fit, shard them as well.',
    'caution-buckets':
      'DeepSpeed adds buckets for communication: gigabytes with its defaults, whatever the model.',
    'caution-accumulation':
      'Stage 2 reduces the gradients with every micro-batch of an accumulation: more communication than stage 1.',
  },
  zh: {
    title: '切分优化器状态（ZeRO 1 和 2）',
    summary:
      '普通数据并行下，每个 rank 都保留全部优化器状态。切分后各自只保留一份；第 2 级还切分梯度。权重保持完整。',
    how: '在训练器中选择 ZeRO 第 1 或第 2 级，或用 PyTorch 的 ZeroRedundancyOptimizer 包装优化器。N 个 rank、16 位训练时，每个参数在第 1 级剩 4 + 12/N 字节，第 2 级剩 2 + 14/N 字节。',
    cost: '通信量与数据并行相同。保存时要收集状态，或由各 rank 分别保存。',
    nothing: '这一阶段没有优化器状态。',
    'when-volume': '第 1、2 级与数据并行相比',
    'caution-fit': '每个 rank 上权重仍是完整的，第 1 级的梯度也是：仅它们就放不下时，应一并切分。',
    'caution-buckets': 'DeepSpeed 会另外占用通信桶：按默认值就是数 GB，与模型大小无关。',
    'caution-accumulation':
      '使用梯度累积时，第 2 级在每个 micro-batch 都要规约梯度：通信比第 1 级多。',
  },
  ru: {
    title: 'Шардирование состояний оптимизатора (ZeRO 1 и 2)',
    summary:
      'При обычном параллелизме по данным каждый ранг хранит все состояния оптимизатора. После шардирования — только свою часть; стадия 2 делит и градиенты. Веса остаются целыми.',
    how: 'Выбрать в тренере ZeRO стадии 1 или 2 либо обернуть оптимизатор в ZeroRedundancyOptimizer из PyTorch. При N рангах и 16-битном обучении стадия 1 оставляет 4 + 12/N байт на параметр, стадия 2 — 2 + 14/N.',
    cost: 'Обмена столько же, сколько при параллелизме по данным. При сохранении состояния нужно собирать, или каждый ранг сохраняет свои.',
    nothing: 'На этом этапе состояний оптимизатора нет.',
    'when-volume': 'стадии 1 и 2 в сравнении с параллелизмом по данным',
    'caution-fit':
      'Веса, а на стадии 1 и градиенты, остаются целыми на каждом ранге: если не помещаются уже они, шардировать и их.',
    'caution-buckets':
      'DeepSpeed добавляет буферы обмена: по умолчанию это гигабайты при любой модели.',
    'caution-accumulation':
      'При накоплении стадия 2 сводит градиенты на каждом микробатче: обмена больше, чем на стадии 1.',
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
  docs: [
    'https://www.deepspeed.ai/tutorials/zero/',
    'https://docs.pytorch.org/docs/stable/distributed.optim.html',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'arXiv 1910.02054 (ZeRO): 4 + 12/N and 2 + 14/N bytes per parameter; the same volume of communication',
    'PyTorch documentation: torch.distributed.optim.ZeroRedundancyOptimizer',
  ],
  roles: ['mlops', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['optimizer', 'gradients'] },
  changes: [{ setting: 'sharding', to: 'gradients' }],
  shown_by: ['zero'],
  commands: [],
  costs: [
    {
      what: 'traffic',
      low: 1,
      high: 1,
      unit: 'times',
      when: 'when-volume',
      source: 'arXiv 1910.02054 (ZeRO)',
    },
  ],
  cautions: [
    { says: 'caution-fit' },
    { says: 'caution-accumulation' },
    { says: 'caution-buckets', applies: (c) => c.frameworks.includes('deepspeed') },
  ],
  concerns: (c) =>
    trainsShort(c) &&
    isAboutStates(c) &&
    !hasSmallStates(c) &&
    hasSeveralDevices(c) &&
    !isSharded(c),
};
