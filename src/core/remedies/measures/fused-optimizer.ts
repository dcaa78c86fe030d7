import { isShortage, mayTrain, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'The fused optimizer step',
    summary:
      'The fused step updates in place; the foreach step first makes temporaries as large as the parameters.',
    how: 'Pass fused=True to AdamW, or choose the fused variant of the trainer.',
    cost: 'None; it is faster.',
    nothing: 'No optimizer step is running in this phase.',
  },
  zh: {
    title: '融合的优化器更新',
    summary: '融合更新就地完成；foreach 更新会先产生与参数一样大的临时量。',
    how: '给 AdamW 传 fused=True，或在训练器中选择 fused 变体。',
    cost: '没有代价，而且更快。',
    nothing: '这一阶段没有在做优化器更新。',
  },
  ru: {
    title: 'Слитый шаг оптимизатора',
    summary:
      'Слитый шаг обновляет на месте; шаг foreach сначала создаёт временные тензоры размером с параметры.',
    how: 'Передать в AdamW fused=True или выбрать fused-вариант в тренере.',
    cost: 'Ничего не стоит и быстрее.',
    nothing: 'На этом этапе шаг оптимизатора не выполняется.',
  },
} as const;

export const fusedOptimizer: Remedy = {
  id: 'fused-optimizer',
  code: 'UN322',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states'],
  domain: 'training',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'memory model 1.4: AdamW foreach +1 × parameters during the step, fused 0',
    'transformers: adamw_torch_fused is the default from torch 2.8',
  ],
  roles: ['researcher'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['optimizer', 'copies'] },
  changes: [{ setting: 'optimizer', to: 'adamw-fused' }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    c.phase.value === 'optimizer' &&
    !['adamw-8bit', 'adamw-paged', 'adafactor'].includes(String(printedValue(c, 'optimizer'))),
};
