import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Smaller NCCL buffers',
    summary: 'Lowers what NCCL holds for each communicator, outside the framework’s allocator.',
    how: 'Set NCCL_BUFFSIZE (4 MiB by default) and NCCL_MAX_NCHANNELS lower, the same on all ranks; create fewer communicators: share process groups, and drop groups that are not used.',
    cost: 'Less bandwidth of collectives.',
    nothing: 'NCCL was not what failed.',
    'caution-first':
      'A communicator is created at its first collective: the run can fail long after the start. Leaving it room may be all that it needs.',
    'caution-values': 'All ranks need the same values, or the job hangs.',
  },
  zh: {
    title: '缩小 NCCL 缓冲区',
    summary: '降低 NCCL 为每个通信域占用的显存，这部分在框架分配器之外。',
    how: '在所有 rank 上一致地调低 NCCL_BUFFSIZE（默认 4 MiB）和 NCCL_MAX_NCHANNELS；减少通信域：共用进程组，去掉不用的组。',
    cost: '集合通信的带宽下降。',
    nothing: '失败的不是 NCCL。',
    'caution-first':
      '通信域在首次集合通信时才创建：运行可能在启动很久之后才失败。给它留出空间也许就够了。',
    'caution-values': '所有 rank 的取值必须一致，否则任务会挂起。',
  },
  ru: {
    title: 'Меньшие буферы NCCL',
    summary: 'Снижает то, что NCCL держит на каждый коммуникатор вне аллокатора фреймворка.',
    how: 'Уменьшить NCCL_BUFFSIZE (по умолчанию 4 МиБ) и NCCL_MAX_NCHANNELS, одинаково на всех рангах; создавать меньше коммуникаторов: делить группы процессов, убрать неиспользуемые.',
    cost: 'Пропускная способность коллективных операций ниже.',
    nothing: 'Отказала не NCCL.',
    'caution-first':
      'Коммуникатор создаётся при первой коллективной операции: запуск может упасть много позже старта. Возможно, ему достаточно оставить место.',
    'caution-values': 'Значения должны совпадать на всех рангах, иначе задача повиснет.',
  },
} as const;

export const limitCollectiveBuffers: Remedy = {
  id: 'limit-collective-buffers',
  code: 'UN371',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  answers: ['outside-the-pool'],
  domain: 'training',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html'],
  shares: [],
  texts: TEXTS,
  sources: ['NVIDIA documentation: NCCL environment variables (NCCL_BUFFSIZE, NCCL_MAX_NCHANNELS)'],
  roles: ['mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { outside: 'own' },
  changes: [{ setting: 'collective_buffer', to: 1048576 }],

  commands: ['NCCL_MAX_NCHANNELS=4 torchrun --nproc-per-node=8 train.py'],
  costs: [],
  cautions: [{ says: 'caution-first' }, { says: 'caution-values' }],
  concerns: (c) => c.kind === 'gpu_oom' && c.format === 'nccl',
};
