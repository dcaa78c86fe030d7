import { type Case, exceedsCard, isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Let go of the previous model',
    summary:
      'A model is freed when nothing refers to it any more: not its optimizer, an output with a graph, a closure, or an exception.',
    how: 'Build, train and evaluate each model in a function of its own that returns numbers only; then collect garbage and empty the cache. Surest is a process of its own for each model.',
    cost: 'None; a process of its own loads the libraries anew.',
    nothing: 'No previous model can be there in this phase.',
    'caution-del':
      'del removes a name, not the model. Look at the allocated bytes afterwards: they say whether it went.',
  },
  zh: {
    title: '彻底放开上一个模型',
    summary:
      '只有不再被任何对象引用，模型才会释放：优化器、带计算图的输出、闭包、异常都可能仍引用它。',
    how: '让每个模型在各自的函数里构建、训练和评估，只返回数值；然后回收垃圾并清空缓存。最可靠的是每个模型用一个独立进程。',
    cost: '没有代价；独立进程需要重新加载库。',
    nothing: '这一阶段不可能还有上一个模型。',
    'caution-del': 'del 删除的是名称，不是模型。之后查看已分配的字节数，才知道是否真的释放。',
  },
  ru: {
    title: 'Отпустить прежнюю модель',
    summary:
      'Модель освобождается, когда на неё ничто не ссылается: ни её оптимизатор, ни выход с графом, ни замыкание, ни исключение.',
    how: 'Строить, обучать и оценивать каждую модель в своей функции, которая возвращает только числа; затем собрать мусор и очистить кэш. Надёжнее всего — отдельный процесс на модель.',
    cost: 'Ничего не стоит; отдельный процесс заново загружает библиотеки.',
    nothing: 'На этом этапе прежней модели быть не может.',
    'caution-del':
      'del удаляет имя, а не модель. Потом посмотреть, сколько выделено: это и скажет, ушла ли она.',
  },
} as const;

/** A model is being built where an earlier one can be left over. */
const buildsAgain = (c: Case): boolean =>
  (['load', 'init'].includes(c.phase.value) || c.phase.moves_model) &&
  (c.shows('notebook') !== undefined || c.shows('retry-after-failure') !== undefined);

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
  docs: ['https://docs.pytorch.org/docs/stable/notes/faq.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch FAQ: memory that is not freed properly',
    'Python documentation: the del statement; reference counts',
  ],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['weights', 'gradients', 'optimizer', 'copies'] },
  changes: [],
  commands: ['gc.collect(); torch.cuda.empty_cache(); print(torch.cuda.memory_allocated())'],
  costs: [],
  cautions: [{ says: 'caution-del' }],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    !exceedsCard(c.amounts) &&
    (c.shows('repeated-run') !== undefined || buildsAgain(c)),
};
