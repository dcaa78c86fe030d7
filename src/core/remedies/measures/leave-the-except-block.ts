import { exceedsCard, isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Retry outside the except block',
    summary:
      'An exception holds its traceback, the traceback its frames, and the frames the tensors of the failed step: inside the except block none of them is free.',
    how: 'Set a flag in the except block and retry after it. Clear gradients first: the failed step can have left some behind.',
    cost: 'None.',
    nothing: 'No activations of a failed step can be held in this phase.',
    'caution-ranks':
      'On several ranks all must retry together; otherwise the others wait in a collective until it times out.',
    'caution-again':
      'A retry with half of the samples changes the batch of that step; average its parts by their samples.',
  },
  zh: {
    title: '在 except 块之外重试',
    summary:
      '异常引用 traceback（调用栈），调用栈引用各帧，各帧引用失败那一步的张量：在 except 块之内它们都不会释放。',
    how: '在 except 块中只设置标志，离开之后再重试。先清除梯度：失败的那一步可能留下一部分。',
    cost: '没有代价。',
    nothing: '这一阶段不可能还保留失败那一步的激活值。',
    'caution-ranks': '多 rank 时必须一起重试；否则其他 rank 会在集合通信中一直等到超时。',
    'caution-again': '用一半样本重试会改变该步的 batch；各部分按样本数加权平均。',
  },
  ru: {
    title: 'Повторять вне блока except',
    summary:
      'Исключение держит traceback (стек вызовов), стек — кадры, кадры — тензоры неудавшегося шага: внутри блока except ничего из этого не освобождено.',
    how: 'В блоке except только поставить флаг, повторять после него. Сначала очистить градиенты: неудавшийся шаг мог часть их оставить.',
    cost: 'Ничего не стоит.',
    nothing: 'На этом этапе активаций неудавшегося шага быть не может.',
    'caution-ranks':
      'При нескольких рангах повторять должны все вместе, иначе остальные ждут в коллективной операции до тайм-аута.',
    'caution-again':
      'Повтор с половиной примеров меняет батч этого шага; усреднять части по числу примеров.',
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
  docs: ['https://docs.pytorch.org/docs/stable/notes/faq.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch FAQ: an out-of-memory handler that cannot allocate memory',
    'pytorch/pytorch#10348: a traceback holds tensors',
  ],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['activations', 'inputs', 'outputs'] },
  changes: [],
  commands: [
    'except torch.OutOfMemoryError: failed = True',
    'if failed: optimizer.zero_grad(); torch.cuda.empty_cache(); step(half)',
  ],
  costs: [],
  cautions: [
    { says: 'caution-ranks', applies: (c) => c.situation.environment.distributed },
    { says: 'caution-again', applies: (c) => mayTrain(c) },
  ],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    !exceedsCard(c.amounts) &&
    c.shows('retry-after-failure') !== undefined,
};
