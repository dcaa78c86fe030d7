import { ASSUMED_COSTS } from '../assumed-costs.ts';
import { hasOneMemory, hasSmallStates, isAboutStates, trainsShort } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Offload optimizer states to the host',
    summary:
      'States and fp32 weights live in host memory, and the optimizer steps on the CPU. The GPU keeps 16-bit weights and gradients.',
    how: 'Turn on optimizer offload in DeepSpeed, the CPU offload of FSDP, or the like in the trainer. First count the host memory: 12 to 16 bytes for each parameter that the ranks of a node keep.',
    cost: 'Each step moves the gradients down and the weights up, 4 bytes for each parameter, and waits for the CPU. Accumulation spreads that over more samples.',
    nothing: 'No optimizer states are held in this phase.',
    'when-host': 'states and weights in fp32; with gradients at the upper end',
    'caution-ranks':
      'Sharded, the ranks of one node together hold 12 to 16 bytes for each parameter; unsharded, every rank holds all of it: times the ranks of the node.',
    'caution-limit':
      'Count it against free RAM and the job’s own limit (cgroup, pod, Slurm), which can be far below. A full host ends the job with exit code -9 and no message.',
    'caution-pinned':
      'Page-locked buffers cannot be swapped out, and WSL and containers limit them.',
    'caution-cpu':
      'It needs an Adam for the CPU that is built for this machine; an optimizer of the trainer’s own keeps its states on the GPU.',
  },
  zh: {
    title: '优化器状态卸载（offload）到主机',
    summary: '状态和 fp32 权重放在主机内存里，优化器在 CPU 上更新。显卡上只留 16 位的权重和梯度。',
    how: '启用 DeepSpeed 的优化器卸载、FSDP 的 CPU 卸载，或训练器中的同类选项。先计算主机内存：一个节点上各 rank 所持有的每个参数需要 12 到 16 字节。',
    cost: '每步要下传梯度、上传权重，每个参数共 4 字节，并等待 CPU。梯度累积可以把它摊到更多样本上。',
    nothing: '这一阶段没有优化器状态。',
    'when-host': 'fp32 的状态和权重；含梯度时取上限',
    'caution-ranks':
      '切分时，同一节点的各 rank 合计为每个参数 12 到 16 字节；不切分时每个 rank 都要全部保存：再乘以节点上的 rank 数。',
    'caution-limit':
      '对照空闲内存和任务自身的上限（容器、Pod、Slurm）计算，后者可能低得多。主机内存耗尽时，任务以退出码 -9 结束，没有任何报错。',
    'caution-pinned': '锁页缓冲区不能被换出，WSL 和容器对它还有限制。',
    'caution-cpu': '需要为这台机器编译的 CPU 版 Adam；若沿用训练器自带的优化器，状态仍留在显卡上。',
  },
  ru: {
    title: 'Выгрузка (offload) состояний оптимизатора на хост',
    summary:
      'Состояния и веса в fp32 лежат в памяти хоста, а оптимизатор делает шаг на CPU. На GPU остаются 16-битные веса и градиенты.',
    how: 'Включить выгрузку оптимизатора в DeepSpeed, выгрузку на CPU в FSDP или то же в тренере. Сначала посчитать память хоста: 12–16 байт на каждый параметр, который держат ранги узла.',
    cost: 'Каждый шаг передаёт градиенты вниз и веса вверх, 4 байта на параметр, и ждёт CPU. Накопление градиентов распределяет это на большее число примеров.',
    nothing: 'На этом этапе состояний оптимизатора нет.',
    'when-host': 'состояния и веса в fp32; с градиентами — верхняя граница',
    'caution-ranks':
      'При шардировании ранги одного узла вместе держат 12–16 байт на параметр; без него каждый ранг держит всё: умножить на число рангов узла.',
    'caution-limit':
      'Сверить со свободной ОЗУ и с лимитом самой задачи (контейнер, Pod, Slurm): он бывает намного ниже. Переполненный хост завершает задачу с кодом -9 и без сообщения.',
    'caution-pinned':
      'Закреплённые буферы нельзя вытеснить в подкачку, а WSL и контейнеры их ограничивают.',
    'caution-cpu':
      'Нужен Adam для CPU, собранный для этой машины; оптимизатор самого тренера оставит состояния на GPU.',
  },
} as const;

export const offloadOptimizerStates: Remedy = {
  id: 'offload-optimizer-states',
  code: 'UN347',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states'],
  domain: 'training',
  category: 'offload',
  resolvable: 'yes',
  applies_to: [],
  docs: [
    'https://www.deepspeed.ai/tutorials/zero-offload/',
    'https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'arXiv 2101.06840 (ZeRO-Offload): 2 bytes per parameter stay on the GPU; gradients go down and weights come up in each step',
    'DeepSpeed documentation: offload_optimizer',
    'deepspeedai/DeepSpeed#4239: exit code -9 with a full host',
  ],
  roles: ['mlops', 'researcher'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['optimizer'] },
  changes: [{ setting: 'optimizer_offload', to: true }],
  shown_by: ['offload'],
  commands: ['free -g; cat /sys/fs/cgroup/memory.max'],
  costs: [
    ASSUMED_COSTS['offload-optimizer-states'],
    {
      what: 'host-memory',
      low: 12,
      high: 16,
      unit: 'bytes/parameter',
      when: 'when-host',
      source: 'arXiv 2101.06840 (ZeRO-Offload)',
    },
  ],
  cautions: [
    { says: 'caution-ranks' },
    { says: 'caution-limit' },
    { says: 'caution-pinned', applies: (c) => c.shows('wsl') !== undefined },
    { says: 'caution-cpu', applies: (c) => c.frameworks.includes('deepspeed') },
  ],
  concerns: (c) => trainsShort(c) && isAboutStates(c) && !hasSmallStates(c) && !hasOneMemory(c),
};
