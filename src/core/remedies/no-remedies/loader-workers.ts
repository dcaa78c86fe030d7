import { isShortage, isTorch, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Fewer DataLoader workers, for a GPU shortage',
    summary: 'Changes processes that load data on the host.',
    how: 'Use it for host memory.',
    cost: 'Loading speed.',
    nothing: 'Workers hold host memory; batches reach the GPU one at a time whatever their number.',
  },
  zh: {
    title: '为显存不足而减少 DataLoader worker',
    summary: '改变在主机上加载数据的进程。',
    how: '用于主机内存不足。',
    cost: '数据加载速度。',
    nothing: 'worker 占用的是主机内存；无论数量多少，batch 都是逐个进入 GPU。',
  },
  ru: {
    title: 'Меньше воркеров DataLoader при нехватке памяти GPU',
    summary: 'Меняет процессы, которые загружают данные на хосте.',
    how: 'Годится для памяти хоста.',
    cost: 'Скорость загрузки.',
    nothing: 'Воркеры держат память хоста; батчи приходят на GPU по одному, сколько бы их ни было.',
  },
} as const;

export const loaderWorkers: Remedy = {
  id: 'loader-workers',
  code: 'UN908',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  answers: [],
  domain: 'any',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['oom-case-labels: DataLoader workers, 7 times in vain'],
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
    mayTrain(c) &&
    isTorch(c) &&
    ['forward', 'backward', 'optimizer'].includes(c.phase.value),
};
