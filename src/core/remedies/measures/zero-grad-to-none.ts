import { isBefore } from '../../base/unit.ts';
import { type Case, isShortage, mayTrain, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'zero_grad(set_to_none=True)',
    summary: 'Frees gradients between the steps instead of filling them with zeros.',
    how: 'Set it where gradients are cleared, or remove set_to_none=False. From PyTorch 2.0 on it is the default.',
    cost: 'None. Code that reads a gradient after zero_grad() finds None; parameters without a gradient are skipped by the step.',
    nothing: 'No gradients of an earlier step can be left in this phase.',
    'caution-accumulation':
      'While gradients are being accumulated they must stay: it frees them between optimizer steps only.',
  },
  zh: {
    title: 'zero_grad(set_to_none=True)',
    summary: '两步之间释放梯度，而不是填零。',
    how: '在清除梯度处设置，或去掉 set_to_none=False。PyTorch 2.0 起这是默认行为。',
    cost: '没有代价。zero_grad() 之后读取梯度的代码会得到 None；没有梯度的参数在更新时被跳过。',
    nothing: '这一阶段不可能有上一步留下的梯度。',
    'caution-accumulation': '梯度累积期间梯度必须保留：只在两次优化器更新之间释放。',
  },
  ru: {
    title: 'zero_grad(set_to_none=True)',
    summary: 'Между шагами освобождает градиенты, а не заполняет их нулями.',
    how: 'Задать там, где очищаются градиенты, или убрать set_to_none=False. Начиная с PyTorch 2.0 это значение по умолчанию.',
    cost: 'Ничего не стоит. Код, читающий градиент после zero_grad(), получит None; параметры без градиента шаг пропускает.',
    nothing: 'На этом этапе градиентов прошлого шага быть не может.',
    'caution-accumulation':
      'Пока градиенты накапливаются, они должны оставаться: освобождаются только между шагами оптимизатора.',
  },
} as const;

/** Where gradients are surely filled with zeros: it is written so, or the version does it by itself. */
function fillsWithZeros(c: Case): boolean {
  const newest = c.versions.get('torch')?.to;
  return (
    printedValue(c, 'grads_to_none') === false || (newest !== undefined && isBefore(newest, '2.0'))
  );
}

export const zeroGradToNone: Remedy = {
  id: 'zero-grad-to-none',
  code: 'UN324',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states'],
  domain: 'training',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [{ package: 'torch', from: '1.7' }],
  docs: ['https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.zero_grad.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation of torch.optim.Optimizer.zero_grad',
    'pytorch/pytorch#92731: the default became set_to_none=True with PyTorch 2.0',
  ],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['gradients'] },
  changes: [{ setting: 'grads_to_none', to: true }],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-accumulation', applies: (c) => printedValue(c, 'accumulation_steps') !== 1 },
  ],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    ['forward', 'backward'].includes(c.phase.value) &&
    c.phase.turn !== 'first' &&
    fillsWithZeros(c),
};
