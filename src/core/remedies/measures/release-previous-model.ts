import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Let go of the former model',
    summary:
      'A model is freed when nothing refers to it any more: not its optimizer, an output, a closure, an exception.',
    how: 'Delete model, optimizer, scheduler, outputs and loss together, then gc.collect() and torch.cuda.empty_cache(), or run each model in a process of its own.',
    cost: 'None.',
    nothing: 'No former model can be there.',
  },
  zh: {
    title: '彻底放开上一个模型',
    summary: '只有不再被任何对象引用，模型才会释放：优化器、输出、闭包、异常都可能还引用着它。',
    how: '把 model、optimizer、scheduler、输出和 loss 一起删除，再 gc.collect() 和 torch.cuda.empty_cache()；或让每个模型在独立进程中运行。',
    cost: '没有代价。',
    nothing: '不可能还有上一个模型。',
  },
  ru: {
    title: 'Отпустить прежнюю модель',
    summary:
      'Модель освобождается, когда на неё ничто не ссылается: ни оптимизатор, ни выход, ни замыкание, ни исключение.',
    how: 'Удалить model, optimizer, scheduler, выходы и loss вместе, затем gc.collect() и torch.cuda.empty_cache(); или запускать каждую модель в своём процессе.',
    cost: 'Ничего не стоит.',
    nothing: 'Прежней модели здесь быть не может.',
  },
} as const;

export const releasePreviousModel: Remedy = {
  id: 'release-previous-model',
  code: 'UN326',
  since: '0.1.0',
  status: 'preview',
  family: 'leak',
  answers: ['leak', 'model-does-not-fit'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['pytorch/pytorch#70431: outputs hold the graph and with it the parameters'],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['weights', 'copies', 'optimizer'] },
  changes: [],

  commands: ['del model, optimizer, outputs; gc.collect(); torch.cuda.empty_cache()'],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    ['load', 'transfer', 'init'].includes(c.phase.value) &&
    (c.shows('notebook') !== undefined ||
      c.shows('copy-of-model') !== undefined ||
      c.shows('retry-after-failure') !== undefined),
};
