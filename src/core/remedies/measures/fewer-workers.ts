import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Fewer workers, less prefetching',
    summary:
      'Each loader process holds its own copy of the data set’s objects and the batches that it loads ahead.',
    how: 'Fewer workers, a smaller prefetch factor, no persistent workers; arrays instead of lists of Python objects.',
    cost: 'Loading can become the bottleneck.',
    nothing: 'No loader processes are shown.',
  },
  zh: {
    title: '减少 worker 和预取',
    summary: '每个加载进程都持有一份数据集对象，以及提前加载的 batch。',
    how: '减少 worker、减小 prefetch_factor，不用常驻 worker；用数组代替 Python 对象列表。',
    cost: '数据加载可能成为瓶颈。',
    nothing: '没有出现加载进程。',
  },
  ru: {
    title: 'Меньше воркеров и предзагрузки',
    summary:
      'Каждый процесс-загрузчик держит свою копию объектов набора и батчи, загруженные вперёд.',
    how: 'Меньше воркеров, меньший prefetch factor, без постоянных воркеров; массивы вместо списков объектов Python.',
    cost: 'Загрузка может стать узким местом.',
    nothing: 'Процессов-загрузчиков не видно.',
  },
} as const;

export const fewerWorkers: Remedy = {
  id: 'fewer-workers',
  code: 'UN374',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  answers: ['host-memory'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['PyTorch documentation: DataLoader, copy-on-write of Python objects'],
  roles: ['quick', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [
    { setting: 'workers', to: 'half' },
    { setting: 'prefetch', to: 'lower' },
  ],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.kind === 'host_oom' &&
    (c.format === 'dataloader-worker' ||
      c.shows('data-loader') !== undefined ||
      c.has('shared-memory-segment')),
};
