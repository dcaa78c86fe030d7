import { printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Fewer data workers, less prefetch',
    summary:
      'Each worker of a data loader is a process with its own memory and some batches loaded ahead.',
    how: 'Halve the number of workers, prefetch one batch each, and count them per node: workers times ranks. Keep the samples in arrays or files rather than in Python lists, which workers copy as they read them.',
    cost: 'Slower input where loading is the bottleneck.',
    nothing: 'Workers hold host memory; the card is what is short.',
    'caution-zero':
      'With num_workers=0 the main process loads by itself: good for a test, slow for a run.',
    'caution-growth':
      'Memory that grows over an epoch is a list or dict that the workers copy page by page; fewer of them only put it off.',
  },
  zh: {
    title: '减少数据 worker 和预取',
    summary: '数据加载器的每个 worker 都是独立进程，有自己的内存和若干预取的 batch。',
    how: 'worker 数量减半，每个只预取一个 batch；按节点计算：worker 数乘以 rank 数。样本用数组或文件保存，不用 Python 列表：worker 读取列表时会逐渐复制它。',
    cost: '数据加载是瓶颈时，输入变慢。',
    nothing: 'worker 占用的是主机内存，而不足的是显存。',
    'caution-zero': 'num_workers=0 时由主进程加载：适合排查，不适合长期运行。',
    'caution-growth':
      '在一个 epoch 中不断增长，是 worker 逐页复制列表或字典；减少 worker 只是推迟。',
  },
  ru: {
    title: 'Меньше воркеров данных и предзагрузки',
    summary: 'Каждый воркер загрузчика — процесс со своей памятью и несколькими батчами впрок.',
    how: 'Уменьшить число воркеров вдвое, предзагружать по одному батчу и считать на узел: воркеры × ранги. Хранить примеры в массивах или файлах, а не в списках Python: воркеры, читая список, копируют его.',
    cost: 'Медленнее подача данных, если узкое место — загрузка.',
    nothing: 'Воркеры держат память хоста, а не хватает памяти GPU.',
    'caution-zero':
      'С num_workers=0 загружает главный процесс: годится для проверки, для обучения медленно.',
    'caution-growth':
      'Если память растёт в течение эпохи, воркеры постранично копируют список или словарь; меньше воркеров — лишь отсрочка.',
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
  docs: ['https://docs.pytorch.org/docs/stable/data.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation: torch.utils.data.DataLoader',
    'pytorch/pytorch#13246: workers copy Python objects as they read them',
  ],
  roles: ['quick', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [
    { setting: 'workers', to: 'half' },
    { setting: 'prefetch', to: 1 },
  ],

  commands: [],
  costs: [],
  cautions: [{ says: 'caution-zero' }, { says: 'caution-growth' }],
  concerns: (c) =>
    c.kind === 'host_oom' &&
    !c.has('paging-file') &&
    (c.format === 'dataloader-worker' ||
      c.has('shared-memory-segment') ||
      c.shows('data-loader') !== undefined ||
      typeof printedValue(c, 'workers') === 'number'),
};
