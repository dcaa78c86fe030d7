import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Selective activation checkpointing',
    summary:
      'Recomputes only what is large and cheap, or only every second layer, between none and full.',
    how: 'Checkpoint every n-th block, or the parts that the framework’s selective policy names.',
    cost: 'A part of the time of full recomputation.',
    nothing: 'Nothing that autograd saves is alive in this phase.',
    'w-gpt3': 'attention core of GPT-3 175B with sequence parallelism',
    'c-flash':
      'Where flash attention is on, recomputing the attention core frees nothing: it is not stored.',
  },
  zh: {
    title: '选择性激活重计算',
    summary: '只重算占用大而计算便宜的部分，或隔层重算，介于不重算和全部重算之间。',
    how: '每隔 n 个模块做一次 checkpoint，或使用框架的选择性策略。',
    cost: '完全重算所需时间的一部分。',
    nothing: '这一阶段没有 autograd 保存的内容。',
    'w-gpt3': 'GPT-3 175B 的注意力核心，配合序列并行',
    'c-flash': '启用 flash attention 时，重算注意力核心不会释放任何显存：它本来就没有保存。',
  },
  ru: {
    title: 'Выборочный чекпойнтинг активаций',
    summary:
      'Пересчитывает только большое и дешёвое или каждый второй слой — между «ничего» и «всё».',
    how: 'Чекпойнтить каждый n-й блок или части, которые называет выборочная политика фреймворка.',
    cost: 'Часть времени полного пересчёта.',
    nothing: 'На этом этапе autograd ничего не хранит.',
    'w-gpt3': 'ядро внимания GPT-3 175B с параллелизмом по последовательности',
    'c-flash':
      'При flash attention пересчёт ядра внимания ничего не освобождает: оно и так не хранится.',
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
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['arXiv 2205.05198', 'memory model 2.6 and 6'],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['activations'] },
  changes: [{ setting: 'selective_checkpointing', to: true }],

  commands: [],
  costs: [
    {
      what: 'time',
      low: 2.7,
      high: 20,
      unit: '%',
      when: 'w-gpt3',
      source: 'arXiv 2205.05198 (2.7 % of FLOPs); below the cost of full recomputation',
    },
  ],
  cautions: [
    {
      says: 'c-flash',
      applies: (c) => c.shows('flash-attention') !== undefined || c.shows('sdpa') !== undefined,
    },
  ],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    ['forward', 'backward'].includes(c.phase.value) &&
    c.shows('checkpointing') === undefined &&
    c.shows('convolution') === undefined,
};
