import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Selective activation checkpointing',
    summary:
      'Recomputes only what is large and cheap, or only every n-th block: something between none and full.',
    how: 'Checkpoint every n-th block, or name the operations to recompute in the framework’s policy; raise the share until it fits.',
    cost: 'A part of what full recomputation costs, in proportion to what is recomputed.',
    nothing: 'Nothing that autograd saves is alive in this phase.',
    'when-core':
      'attention core only, GPT-3 175B and 530B with sequence parallelism, attention not fused',
    'when-half': 'every second product, or every second block, computed again',
    'caution-flash':
      'With fused attention the attention core is not stored: recomputing just that frees nothing. Choose blocks or the MLP.',
    'caution-fsdp': 'Under FSDP use its own activation-checkpointing option, not the model’s.',
  },
  zh: {
    title: '选择性激活重计算（checkpointing）',
    summary: '只重计算占用大而计算便宜的部分，或只对每 n 个块做：介于不做和全做之间。',
    how: '对每 n 个块做重计算，或在框架的策略中指定要重计算的运算；逐步提高比例直到放得下。',
    cost: '全部重计算代价的一部分，与重计算的量成比例。',
    nothing: '这一阶段没有 autograd 保存的内容。',
    'when-core': '只重计算注意力核心，GPT-3 175B 与 530B，序列并行，注意力未融合',
    'when-half': '重新计算每两个矩阵乘法（或每两个块）中的一个',
    'caution-flash':
      '使用融合注意力时，注意力核心本来就不保存：只重计算它不会释放任何显存。选择整块或 MLP。',
    'caution-fsdp': '在 FSDP 下使用它自带的激活重计算选项，而不是模型的。',
  },
  ru: {
    title: 'Выборочный чекпойнтинг активаций',
    summary:
      'Пересчитывает только большое и дешёвое или только каждый n-й блок: нечто между «ничего» и «всё».',
    how: 'Пересчитывать каждый n-й блок или указать операции в политике фреймворка; увеличивать долю, пока не поместится.',
    cost: 'Часть цены полного пересчёта, пропорционально тому, что пересчитывается.',
    nothing: 'На этом этапе autograd ничего не хранит.',
    'when-core':
      'только ядро внимания, GPT-3 175B и 530B с параллелизмом по последовательности, внимание не слитое',
    'when-half': 'заново вычисляется каждое второе произведение или каждый второй блок',
    'caution-flash':
      'При слитом внимании его ядро не хранится: пересчёт только его ничего не освободит. Выбирать блоки или MLP.',
    'caution-fsdp':
      'При FSDP использовать его собственную опцию чекпойнтинга активаций, а не опцию модели.',
  },
} as const;

export const selectiveCheckpointing: Remedy = {
  id: 'selective-checkpointing',
  code: 'UN336',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'training',
  category: 'recomputation',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.pytorch.org/docs/stable/checkpoint.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'arXiv 2205.05198: 2.7 % of the FLOPs for GPT-3 175B; over 90 % of the 30-40 % of full recomputation gone',
    'PyTorch documentation: create_selective_checkpoint_contexts',
    'flash attention keeps no scores: arXiv 2205.14135',
  ],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['activations'] },
  changes: [{ setting: 'selective_checkpointing', to: true }],
  commands: [],
  costs: [
    { what: 'time', low: 2.7, high: 4, unit: '%', when: 'when-core', source: 'arXiv 2205.05198' },
    {
      what: 'time',
      low: 10,
      high: 20,
      unit: '%',
      when: 'when-half',
      source: 'half of what full recomputation costs (20-40 %)',
    },
  ],
  cautions: [
    { says: 'caution-flash', applies: (c) => c.shows('attention-scores') === undefined },
    { says: 'caution-fsdp', applies: (c) => c.shows('fsdp') !== undefined },
  ],
  concerns: (c) =>
    isShortage(c) &&
    c.situation.workload?.purpose === 'training' &&
    c.mayBeTorch &&
    ['forward', 'backward'].includes(c.phase.value) &&
    // Where all is recomputed, less recomputation frees nothing.
    c.shows('checkpointing') === undefined &&
    c.setting('checkpointing')?.value !== true,
};
