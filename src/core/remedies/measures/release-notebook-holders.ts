import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Free what the notebook holds',
    summary:
      'A notebook keeps results of cells (Out, _) and the last traceback, and with them tensors that no variable names.',
    how: 'Restart the kernel, or clear Out, _ and sys.last_traceback, then gc.collect() and torch.cuda.empty_cache().',
    cost: 'State of the notebook is lost with a restart.',
    nothing: 'It did not run in a notebook.',
  },
  zh: {
    title: '释放 notebook 持有的内容',
    summary: 'notebook 会保留各单元的结果（Out、_）和最近一次 traceback，连同没有变量指向的张量。',
    how: '重启 kernel，或清空 Out、_ 和 sys.last_traceback，再 gc.collect() 和 torch.cuda.empty_cache()。',
    cost: '重启会丢失 notebook 的状态。',
    nothing: '并非在 notebook 中运行。',
  },
  ru: {
    title: 'Освободить то, что держит ноутбук',
    summary:
      'Ноутбук хранит результаты ячеек (Out, _) и последний traceback, а с ними тензоры, у которых нет имени.',
    how: 'Перезапустить ядро или очистить Out, _ и sys.last_traceback, затем gc.collect() и torch.cuda.empty_cache().',
    cost: 'При перезапуске состояние ноутбука теряется.',
    nothing: 'Это выполнялось не в ноутбуке.',
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
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['IPython: output caching system (Out, _); sys.last_traceback'],
  roles: ['quick', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['weights', 'activations', 'inputs', 'outputs', 'copies'] },
  changes: [],

  commands: ['%reset -f out', 'sys.last_traceback = None; gc.collect(); torch.cuda.empty_cache()'],
  costs: [],
  cautions: [],
  concerns: (c) => isShortage(c) && c.mayBeTorch && c.shows('notebook') !== undefined,
};
