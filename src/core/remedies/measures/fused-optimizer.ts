import { type Case, isShortage, mayTrain, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'The fused optimizer step',
    summary:
      'The foreach step of AdamW makes one more copy of the parameters while it runs; the fused kernel updates in place.',
    how: 'Ask for the fused variant where the optimizer is made: fused=True, or the fused name of the trainer.',
    cost: 'None, and it is faster. Results differ by rounding.',
    nothing: 'No optimizer step is running in this phase.',
    'caution-states': 'Only the temporaries go; the two states of each parameter stay.',
  },
  zh: {
    title: '融合的优化器更新',
    summary: 'foreach 方式的 AdamW 在更新期间会多出一份参数大小的临时张量；融合 kernel 就地更新。',
    how: '在创建优化器处选用融合变体：fused=True，或训练器中带 fused 的名称。',
    cost: '没有代价，而且更快。结果只有舍入差异。',
    nothing: '这一阶段没有在做优化器更新。',
    'caution-states': '省去的只是临时张量；每个参数的两份状态仍在。',
  },
  ru: {
    title: 'Слитый шаг оптимизатора',
    summary:
      'Шаг AdamW в варианте foreach на время работы создаёт ещё одну копию параметров; слитое ядро обновляет на месте.',
    how: 'Выбрать слитый вариант там, где создаётся оптимизатор: fused=True или имя с fused в тренере.',
    cost: 'Ничего не стоит и быстрее. Результаты отличаются округлением.',
    nothing: 'На этом этапе шаг оптимизатора не выполняется.',
    'caution-states': 'Уходят только временные тензоры; два состояния на параметр остаются.',
  },
} as const;

/** States that do not fit are no temporaries: while they are made the two variants are alike. */
const isForeach = (c: Case): boolean =>
  c.shows('foreach-step') !== undefined ||
  (printedValue(c, 'optimizer') === 'adamw' && c.shows('optimizer-states') === undefined);

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
  applies_to: [{ package: 'torch', from: '2.0' }],
  docs: ['https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation of torch.optim.AdamW: foreach takes about the size of the parameters more than the for-loop',
    'measured with a storage tracker, torch 2.14: AdamW foreach +1 × parameters during the step, fused 0',
    'transformers@4.57.0:src/transformers/training_args.py (adamw_torch_fused is the default from torch 2.8 on)',
  ],
  roles: ['researcher'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['copies'] },
  changes: [{ setting: 'optimizer', to: 'adamw-fused' }],
  shown_by: ['fused-step'],
  commands: [],
  costs: [],
  cautions: [{ says: 'caution-states' }],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    c.phase.value === 'optimizer' &&
    c.shows('zero') === undefined &&
    isForeach(c),
};
