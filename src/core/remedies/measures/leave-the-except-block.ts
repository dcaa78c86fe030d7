import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Retry outside the except block',
    summary:
      'An exception holds its traceback, the traceback its frames, and the frames their tensors: inside the except block nothing of them is free.',
    how: 'Set a flag in the except block and retry after it; on several ranks all must agree to retry.',
    cost: 'None.',
    nothing: 'No exception is being handled in this phase.',
  },
  zh: {
    title: '在 except 块之外重试',
    summary: '异常持有 traceback，traceback 持有栈帧，栈帧持有张量：在 except 块内它们都不会释放。',
    how: '在 except 块里只设标志，离开后再重试；多 rank 时所有 rank 必须一致。',
    cost: '没有代价。',
    nothing: '这一阶段没有在处理异常。',
  },
  ru: {
    title: 'Повторять вне блока except',
    summary:
      'Исключение держит traceback, он — кадры, а кадры — тензоры: внутри блока except ничего из этого не свободно.',
    how: 'В блоке except только выставить флаг, а повторять после него; при нескольких рангах решать должны все вместе.',
    cost: 'Ничего не стоит.',
    nothing: 'На этом этапе исключение не обрабатывается.',
  },
} as const;

export const leaveTheExceptBlock: Remedy = {
  id: 'leave-the-except-block',
  code: 'UN327',
  since: '0.1.0',
  status: 'preview',
  family: 'leak',
  answers: ['leak'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'pytorch/pytorch#10348: a traceback pins tensors',
    'PyTorch FAQ: my out of memory exception handler can’t allocate memory',
  ],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['activations', 'outputs', 'inputs'] },
  changes: [],

  commands: ['except torch.OutOfMemoryError: retry = True', 'if retry: step(half(batch))'],
  costs: [],
  cautions: [],
  concerns: (c) => isShortage(c) && c.mayBeTorch && c.shows('retry-after-failure') !== undefined,
};
