import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A paged optimizer',
    summary: 'States live in unified memory and move to the host when the card is full.',
    how: 'The paged variant of the 8-bit optimizer.',
    cost: 'Spikes go over the link: time for each gigabyte that is moved.',
    nothing: 'No optimizer states are held in this phase.',
    'w-pcie': 'PCIe 3.0 x16, for each gigabyte that is evicted',
  },
  zh: {
    title: '分页优化器',
    summary: '状态放在统一内存里，显存满时移到主机。',
    how: '使用 8 位优化器的 paged 变体。',
    cost: '峰值要经过互连：按搬移的 GB 数计时。',
    nothing: '这一阶段没有优化器状态。',
    'w-pcie': 'PCIe 3.0 x16，每逐出 1 GB',
  },
  ru: {
    title: 'Страничный оптимизатор',
    summary: 'Состояния лежат в унифицированной памяти и уходят на хост, когда карта полна.',
    how: 'Взять paged-вариант 8-битного оптимизатора.',
    cost: 'Пики идут через шину: время за каждый перенесённый гигабайт.',
    nothing: 'На этом этапе состояний оптимизатора нет.',
    'w-pcie': 'PCIe 3.0 x16, на каждый вытесненный гигабайт',
  },
} as const;

export const pagedOptimizer: Remedy = {
  id: 'paged-optimizer',
  code: 'UN349',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states'],
  domain: 'training',
  category: 'offload',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['bitsandbytes: paged optimizers'],
  roles: ['researcher'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['optimizer'] },
  changes: [{ setting: 'optimizer', to: 'adamw-paged' }],

  commands: [],
  costs: [
    {
      what: 'time',
      low: 125,
      high: 125,
      unit: 'ms/GB',
      when: 'w-pcie',
      source: 'bitsandbytes documentation: paged optimizers',
    },
  ],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    c.backend === 'cuda' &&
    (['optimizer', 'backward'].includes(c.phase.value) ||
      (c.phase.value === 'forward' && c.phase.turn === 'second')),
};
