import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Offload optimizer states to the host',
    summary: 'States and master weights live in host memory; the step runs there.',
    how: 'ZeRO-Offload, FSDP CPU offload, or the trainer’s option.',
    cost: '12 to 16 bytes of host memory for each parameter, over the ranks of the node; slower steps.',
    nothing: 'No optimizer states are held in this phase.',
    'w-host': 'states and master weights in fp32',
    'c-host':
      'Count it against the RAM and the cgroup limit of the node: a full host ends the job with -9.',
  },
  zh: {
    title: '把优化器状态卸载到主机',
    summary: '状态和主权重放在主机内存，更新也在主机上进行。',
    how: 'ZeRO-Offload、FSDP CPU offload 或训练器的选项。',
    cost: '每个参数占 12 到 16 字节主机内存（节点内各 rank 合计），更新变慢。',
    nothing: '这一阶段没有优化器状态。',
    'w-host': 'fp32 的状态和主权重',
    'c-host': '要与节点的内存和 cgroup 上限核对：主机内存耗尽时任务以 -9 结束。',
  },
  ru: {
    title: 'Выгрузить состояния оптимизатора на хост',
    summary: 'Состояния и основные веса лежат в памяти хоста, шаг выполняется там.',
    how: 'ZeRO-Offload, FSDP CPU offload или опция тренера.',
    cost: '12–16 байт памяти хоста на параметр (на все ранги узла вместе); шаги медленнее.',
    nothing: 'На этом этапе состояний оптимизатора нет.',
    'w-host': 'состояния и основные веса в fp32',
    'c-host': 'Сверить с ОЗУ и пределом cgroup узла: полный хост завершает задачу с -9.',
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
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['arXiv 2101.06840', 'memory model 1.6 and 6'],
  roles: ['mlops', 'researcher'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['optimizer'] },
  changes: [{ setting: 'optimizer_offload', to: true }],

  commands: [],
  costs: [
    {
      what: 'host-memory',
      low: 12,
      high: 16,
      unit: 'bytes/parameter',
      when: 'w-host',
      source: 'arXiv 2101.06840 (ZeRO-Offload)',
    },
  ],
  cautions: [{ says: 'c-host' }],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    (['optimizer', 'backward'].includes(c.phase.value) ||
      (c.phase.value === 'forward' && c.phase.turn === 'second')),
};
