import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Less host memory per process',
    summary: 'Fewer processes at once, data that is streamed or memory-mapped, nothing kept twice.',
    how: 'Find out what holds it: the dataset, workers, checkpoints, offload, caches. Stream or memory-map data instead of reading it whole; use smaller types; let go of what has been copied to the card. All of it counts once per rank of the node.',
    cost: 'Slower input, or work on the data.',
    nothing: 'Host memory is not short.',
    'caution-limit':
      'Compare the limit of the job (cgroup, pod, Slurm) with its use first: it is often far below what the machine has.',
    'caution-growth':
      'If it grows with every step, something is being collected; a larger machine only puts it off.',
  },
  zh: {
    title: '减少每个进程的主机内存',
    summary: '减少同时运行的进程，数据流式读取或内存映射，不保留两份。',
    how: '先弄清是什么占用：数据集、worker、检查点、offload 还是缓存。数据改为流式读取或内存映射，不要整体读入；使用更小的数据类型；拷到显卡之后就释放。以上都按节点上每个 rank 计算。',
    cost: '输入变慢，或要改造数据处理。',
    nothing: '主机内存并不紧张。',
    'caution-limit': '先比较任务上限（cgroup、pod、Slurm）与用量：它往往远低于机器内存。',
    'caution-growth': '如果每一步都在增长，说明有东西在累积；换大内存只是推迟。',
  },
  ru: {
    title: 'Меньше памяти хоста на процесс',
    summary:
      'Меньше процессов одновременно, данные потоком или через mmap, ничего не хранить дважды.',
    how: 'Выяснить, что её держит: набор данных, воркеры, чекпойнты, выгрузка, кэши. Читать данные потоком или через mmap, а не целиком; брать меньшие типы; отпускать то, что уже скопировано на карту. Всё это считается на каждый ранг узла.',
    cost: 'Медленнее подача данных или доработка их чтения.',
    nothing: 'Памяти хоста хватает.',
    'caution-limit':
      'Сначала сравнить предел задачи (cgroup, под, Slurm) с расходом: он часто намного ниже памяти машины.',
    'caution-growth':
      'Если память растёт с каждым шагом, что-то накапливается; машина побольше — лишь отсрочка.',
  },
} as const;

export const lessHostMemory: Remedy = {
  id: 'less-host-memory',
  code: 'UN316',
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
  sources: ['PyTorch documentation: torch.utils.data.DataLoader', 'numpy documentation: memmap'],
  roles: ['researcher', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [],

  commands: ['/usr/bin/time -v COMMAND  # "Maximum resident set size"'],
  costs: [],
  cautions: [{ says: 'caution-limit' }, { says: 'caution-growth' }],
  // What Windows promises is not what a process uses, and its measure says what lowers it.
  concerns: (c) =>
    c.kind === 'host_oom' && !c.has('shared-memory-segment') && !c.has('paging-file'),
};
