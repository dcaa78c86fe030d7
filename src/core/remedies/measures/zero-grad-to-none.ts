import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'zero_grad(set_to_none=True)',
    summary: 'Frees gradients between the steps instead of filling them with zeros.',
    how: 'It is the default since PyTorch 2.0; remove set_to_none=False.',
    cost: 'Code that reads .grad after zero_grad() finds None.',
    nothing: 'No gradients are held in this phase.',
    default: 'It is the default since PyTorch 2.0.',
  },
  zh: {
    title: 'zero_grad(set_to_none=True)',
    summary: '两步之间释放梯度，而不是填零。',
    how: 'PyTorch 2.0 起默认如此；去掉 set_to_none=False。',
    cost: '在 zero_grad() 之后读取 .grad 的代码会得到 None。',
    nothing: '这一阶段没有梯度。',
    default: 'PyTorch 2.0 起默认如此。',
  },
  ru: {
    title: 'zero_grad(set_to_none=True)',
    summary: 'Между шагами освобождает градиенты, а не заполняет их нулями.',
    how: 'С PyTorch 2.0 это по умолчанию; убрать set_to_none=False.',
    cost: 'Код, который читает .grad после zero_grad(), получит None.',
    nothing: 'На этом этапе градиентов нет.',
    default: 'С PyTorch 2.0 это по умолчанию.',
  },
} as const;

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
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch 2.0: optimizer.zero_grad(set_to_none=True) by default'],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['gradients'] },
  changes: [{ setting: 'grads_to_none', to: true }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    c.phase.value === 'forward' &&
    c.versions.get('torch') !== undefined,
};
