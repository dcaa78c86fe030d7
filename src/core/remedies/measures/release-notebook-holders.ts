import { exceedsCard, isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Free what the notebook holds',
    summary:
      'A notebook keeps the results of cells (Out, _) and the last traceback, and with them tensors that no variable names.',
    how: 'Restart the kernel: it returns everything. Or clear the results and the last traceback, collect garbage, empty the cache. End cells with a semicolon or None, so that they keep no tensor.',
    cost: 'A restart loses the state of the notebook: save what is needed.',
    nothing: 'It did not run in a notebook.',
    'caution-rerun':
      'A cell that makes a model makes another one each time it is run; the former one lives on in its optimizer or in a result.',
    'caution-first': 'In the first run of a fresh kernel nothing is held yet.',
  },
  zh: {
    title: '释放 notebook 持有的对象',
    summary:
      'notebook 会保留单元的结果（Out、_）和上一次的 traceback（调用栈），其中的张量没有任何变量名指向。',
    how: '重启 kernel 会归还全部显存。或者清除结果和上一次的调用栈，回收垃圾，清空缓存。单元末尾加分号或 None，避免留下张量。',
    cost: '重启会丢失 notebook 的状态：先保存需要的内容。',
    nothing: '它不是在 notebook 中运行的。',
    'caution-rerun': '创建模型的单元每运行一次就多一个模型；旧的仍被其优化器或某个结果引用。',
    'caution-first': '新 kernel 的第一次运行还没有任何保留的对象。',
  },
  ru: {
    title: 'Освободить то, что держит ноутбук',
    summary:
      'Ноутбук хранит результаты ячеек (Out, _) и последний traceback (стек вызовов), а с ними тензоры, на которые не указывает ни одна переменная.',
    how: 'Перезапустить ядро ноутбука: вернётся всё. Или очистить результаты и последний стек, собрать мусор, очистить кэш. Заканчивать ячейки точкой с запятой или None, чтобы тензор не оставался.',
    cost: 'При перезапуске состояние ноутбука теряется: нужное сначала сохранить.',
    nothing: 'Запуск был не в ноутбуке.',
    'caution-rerun':
      'Ячейка, создающая модель, при каждом запуске создаёт новую; прежняя живёт в своём оптимизаторе или в результате.',
    'caution-first': 'При первом запуске нового ядра ещё ничего не удерживается.',
  },
} as const;

export const releaseNotebookHolders: Remedy = {
  id: 'release-notebook-holders',
  code: 'UN337',
  since: '0.1.0',
  status: 'preview',
  family: 'leak',
  answers: ['leak'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://ipython.readthedocs.io/en/stable/interactive/reference.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'IPython documentation: output caching system, %reset out',
    'Python documentation: sys.last_traceback',
  ],
  roles: ['quick', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: {
    contents: ['weights', 'gradients', 'optimizer', 'activations', 'inputs', 'outputs', 'copies'],
  },
  changes: [],
  commands: [
    '%reset out',
    'sys.last_traceback = sys.last_value = None; gc.collect(); torch.cuda.empty_cache()',
  ],
  costs: [],
  cautions: [
    { says: 'caution-rerun', applies: (c) => c.phase.moves_model || c.phase.value === 'load' },
    { says: 'caution-first' },
  ],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    !exceedsCard(c.amounts) &&
    c.shows('notebook') !== undefined,
};
