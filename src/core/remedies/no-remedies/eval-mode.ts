import { isShortage, isTorch } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'model.eval() alone',
    summary: 'Switches dropout and batch normalisation to their behaviour of evaluation.',
    how: 'Keep it, and put the evaluation under torch.no_grad() or torch.inference_mode() as well.',
    cost: 'None.',
    nothing:
      'It does not turn autograd off: activations are kept for a backward pass as in training.',
  },
  zh: {
    title: '只调用 model.eval()',
    summary: '把 dropout 和批归一化切换到评估时的行为。',
    how: '保留它，同时把评估放进 torch.no_grad() 或 torch.inference_mode()。',
    cost: '没有代价。',
    nothing: '它不会关闭自动求导：激活值仍像训练时一样为反向传播保留。',
  },
  ru: {
    title: 'Один model.eval()',
    summary: 'Переключает dropout и батч-нормализацию в режим оценки.',
    how: 'Оставить, но вдобавок выполнять оценку под torch.no_grad() или torch.inference_mode().',
    cost: 'Никакой.',
    nothing:
      'Autograd оно не выключает: активации хранятся для обратного прохода, как при обучении.',
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
  docs: ['https://docs.pytorch.org/docs/stable/notes/autograd.html#evaluation-mode-nn-module-eval'],
  shares: [],
  texts: TEXTS,
  sources: ['PyTorch documentation: autograd mechanics (evaluation mode)'],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    isTorch(c) &&
    !c.isEngine &&
    c.shows('no-grad') === undefined &&
    (c.phase.value === 'eval' ||
      (c.shows('tried-eval-mode') !== undefined && c.situation.workload?.purpose !== 'training')),
};
