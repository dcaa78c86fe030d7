import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'An optimizer with smaller states',
    summary:
      'Adafactor keeps factors, Lion one state, SGD none; GaLore projects; LOMO keeps no gradients.',
    how: 'Choose it in the trainer, with its own learning rate.',
    cost: 'Another optimizer: its settings must be found.',
    nothing: 'No optimizer states are held in this phase.',
    'w-galore': 'GaLore, SVD every 200 steps',
  },
  zh: {
    title: '状态更小的优化器',
    summary: 'Adafactor 只存因子，Lion 一份状态，SGD 没有；GaLore 做投影；LOMO 不保留梯度。',
    how: '在训练器中选择，并用它自己的学习率。',
    cost: '换了优化器，需要重新调参。',
    nothing: '这一阶段没有优化器状态。',
    'w-galore': 'GaLore，每 200 步做一次 SVD',
  },
  ru: {
    title: 'Оптимизатор с меньшими состояниями',
    summary:
      'Adafactor хранит множители, Lion — одно состояние, SGD — ничего; GaLore проецирует; LOMO не держит градиентов.',
    how: 'Выбрать в тренере, со своей скоростью обучения.',
    cost: 'Другой оптимизатор: настройки придётся искать.',
    nothing: 'На этом этапе состояний оптимизатора нет.',
    'w-galore': 'GaLore, SVD каждые 200 шагов',
  },
} as const;

export const memorySavingOptimizer: Remedy = {
  id: 'memory-saving-optimizer',
  code: 'UN356',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states'],
  domain: 'training',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'memory model 1.4: Adafactor 0.006, Lion 1, SGD 0 × parameters; GaLore -65.5 % of states (arXiv 2403.03507)',
  ],
  roles: ['researcher'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['optimizer', 'gradients'] },
  changes: [{ setting: 'optimizer', to: 'adafactor' }],

  commands: [],
  costs: [
    { what: 'time', low: 10, high: 17, unit: '%', when: 'w-galore', source: 'arXiv 2403.03507' },
  ],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    (['optimizer', 'backward'].includes(c.phase.value) ||
      (c.phase.value === 'forward' && c.phase.turn === 'second')),
};
