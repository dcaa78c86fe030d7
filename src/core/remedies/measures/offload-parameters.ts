import { printedValue } from '../../diagnosis/case.ts';
import { ASSUMED_COSTS } from '../assumed-costs.ts';
import { hasOneMemory, trainsShort } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Offload sharded weights to the host',
    summary:
      'Each rank’s part of the weights waits in host memory and comes to the GPU for each layer when it is due.',
    how: 'Turn on parameter offload of ZeRO 3, or the CPU offload of FSDP, which takes gradients and states along. Optimizer offload comes first: it frees more for less time.',
    cost: 'All weights cross the link in both passes of every micro-batch. Large micro-batches hide a part of it.',
    nothing: 'No weights are held in this phase.',
    'when-host':
      '2 for the 16-bit weights of ZeRO 3; up to 16 with FSDP, which moves gradients and states too',
    'caution-limit':
      'Count it for all ranks of the node together, against free RAM and the job’s own limit (cgroup, pod, Slurm): a full host ends the job with exit code -9.',
    'caution-gathered':
      'The gathered weights of the layer that works, and of the next one, are on the GPU all the same.',
    'caution-order': 'Optimizer offload first: it frees 12 bytes for each parameter, this one 2.',
  },
  zh: {
    title: '切分后的权重卸载（offload）到主机',
    summary: '每个 rank 的那部分权重放在主机内存里，轮到某一层时才送到显卡。',
    how: '启用 ZeRO 3 的参数卸载，或 FSDP 的 CPU 卸载（后者会连同梯度和状态一起）。应先做优化器卸载：它释放得更多，花的时间更少。',
    cost: '每个 micro-batch 的前向和反向都要让全部权重经过互连。较大的 micro-batch 可以掩盖一部分。',
    nothing: '这一阶段没有权重。',
    'when-host': 'ZeRO 3 的 16 位权重为 2；FSDP 连同梯度和状态，最多 16',
    'caution-limit':
      '按节点上所有 rank 合计，对照空闲内存和任务自身的上限（容器、Pod、Slurm）计算：主机内存耗尽时，任务以退出码 -9 结束。',
    'caution-gathered': '正在计算的层和下一层收集来的权重，仍然在显卡上。',
    'caution-order': '先做优化器卸载：每个参数释放 12 字节，而这一项只有 2 字节。',
  },
  ru: {
    title: 'Выгрузка (offload) шардированных весов на хост',
    summary:
      'Доля весов каждого ранга ждёт в памяти хоста и приходит на GPU, когда очередь доходит до слоя.',
    how: 'Включить выгрузку параметров в ZeRO 3 или выгрузку на CPU в FSDP, которая забирает и градиенты с состояниями. Сначала — выгрузка оптимизатора: она освобождает больше и стоит меньше времени.',
    cost: 'Все веса проходят по шине в обоих проходах каждого микробатча. Большие микробатчи частью скрывают это.',
    nothing: 'На этом этапе весов нет.',
    'when-host':
      '2 — 16-битные веса в ZeRO 3; до 16 — FSDP, который переносит и градиенты с состояниями',
    'caution-limit':
      'Считать для всех рангов узла вместе, сверяя со свободной ОЗУ и лимитом самой задачи (контейнер, Pod, Slurm): переполненный хост завершает задачу с кодом -9.',
    'caution-gathered':
      'Собранные веса работающего слоя и следующего за ним всё равно лежат на GPU.',
    'caution-order': 'Сначала выгрузка оптимизатора: она освобождает 12 байт на параметр, эта — 2.',
  },
} as const;

export const offloadParameters: Remedy = {
  id: 'offload-parameters',
  code: 'UN348',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'optimizer-states'],
  domain: 'training',
  category: 'offload',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://www.deepspeed.ai/docs/config-json/#parameter-offloading'],
  shares: [],
  texts: TEXTS,
  sources: [
    'arXiv 2104.07857 (ZeRO-Infinity): 16-bit weights in host memory',
    'PyTorch documentation: CPUOffloadPolicy keeps sharded parameters, gradients and states on the host',
  ],
  roles: ['mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['weights'] },
  // DeepSpeed offers it beside offloaded states only; what is not divided is gathered from nowhere.
  changes: [
    { setting: 'sharding', to: 'full' },
    { setting: 'optimizer_offload', to: true },
    { setting: 'parameter_offload', to: true },
  ],
  written_as: 'parameter_offload',
  commands: ['free -g; cat /sys/fs/cgroup/memory.max'],
  costs: [
    ASSUMED_COSTS['offload-parameters'],
    {
      what: 'host-memory',
      low: 2,
      high: 16,
      unit: 'bytes/parameter',
      when: 'when-host',
      source: 'arXiv 2104.07857 (ZeRO-Infinity); PyTorch documentation of CPUOffloadPolicy',
    },
  ],
  cautions: [
    { says: 'caution-limit' },
    { says: 'caution-gathered' },
    {
      says: 'caution-order',
      applies: (c) => c.shows('offload') === undefined && c.shows('zero-3') !== undefined,
    },
  ],
  // Only what is sharded can be gathered for each layer.
  concerns: (c) =>
    trainsShort(c) &&
    !hasOneMemory(c) &&
    (c.shows('zero-3') !== undefined ||
      c.shows('fsdp') !== undefined ||
      printedValue(c, 'sharding') === 'full') &&
    ['load', 'init', 'transfer', 'forward', 'backward', 'optimizer'].includes(c.phase.value) &&
    c.phase.turn !== 'later',
};
