import { isShortage, isTorch } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'model.eval() alone',
    summary: 'Switches dropout and batch norm to their evaluation behaviour.',
    how: 'Use it together with torch.inference_mode().',
    cost: 'None.',
    nothing: 'It does not turn autograd off: activations are saved all the same.',
  },
  zh: {
    title: '单独调用 model.eval()',
    summary: '把 dropout 和 batch norm 切到评估行为。',
    how: '与 torch.inference_mode() 一起使用。',
    cost: '没有代价。',
    nothing: '它不会关闭 autograd：激活值照样保存。',
  },
  ru: {
    title: 'Один model.eval()',
    summary: 'Переключает dropout и batch norm в режим оценки.',
    how: 'Применять вместе с torch.inference_mode().',
    cost: 'Ничего не стоит.',
    nothing: 'Autograd это не выключает: активации всё равно сохраняются.',
  },
} as const;

export const evalMode: Remedy = {
  id: 'eval-mode',
  code: 'UN911',
  since: '0.1.0',
  status: 'preview',
  family: 'autograd-in-eval',
  answers: [],
  domain: 'any',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['PyTorch documentation: autograd mechanics, evaluation mode'],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) && isTorch(c) && c.phase.value === 'eval' && c.shows('no-grad') === undefined,
};
