import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Less host memory per process',
    summary:
      'Fewer workers and ranks at once, streaming data, memory-mapped checkpoints, less offload.',
    how: 'Lower num_workers and prefetch_factor; load checkpoints with mmap=True and on one rank; offload less (it counts once per rank on the node); pin_memory=False where page-locked memory is short; raise the job’s limit (pod limits.memory, Slurm --mem, .wslconfig).',
    cost: 'Slower input, or a larger machine.',
    nothing: 'Host memory is not short.',
  },
  zh: {
    title: '减少每个进程的主机内存',
    summary: '减少同时运行的 worker 和 rank，流式读取数据，用内存映射的检查点，减少卸载。',
    how: '调小 num_workers 和 prefetch_factor；用 mmap=True 并由一个 rank 加载检查点；减少卸载（节点上每个 rank 都要计一份）；锁页内存不足时设 pin_memory=False；提高任务上限（pod limits.memory、Slurm --mem、.wslconfig）。',
    cost: '输入变慢，或需要更大的机器。',
    nothing: '主机内存并不紧张。',
  },
  ru: {
    title: 'Меньше памяти хоста на процесс',
    summary:
      'Меньше воркеров и рангов сразу, потоковые данные, чекпойнты через mmap, меньше выгрузки.',
    how: 'Уменьшить num_workers и prefetch_factor; грузить чекпойнты с mmap=True и на одном ранге; меньше выгружать (считается на каждый ранг узла); pin_memory=False, если мало закреплённой памяти; поднять предел задачи (limits.memory пода, Slurm --mem, .wslconfig).',
    cost: 'Медленнее ввод или машина побольше.',
    nothing: 'Памяти хоста хватает.',
  },
} as const;

export const lessHostMemory: Remedy = {
  id: 'less-host-memory',
  code: 'UN316',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  domain: 'any',
  answers: ['host-memory'],
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.load(mmap=True)'],
  roles: ['mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [],
  commands: ['resources: { limits: { memory: 64Gi } }', 'sbatch --mem=64G'],
  costs: [],
  cautions: [],
  concerns: (c) => c.kind === 'host_oom' && !c.has('shared-memory-segment'),
};
