import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Smaller NCCL buffers, fewer channels',
    summary: 'Each communicator takes buffers for its channels beside the framework’s pool.',
    how: 'Lower NCCL_BUFFSIZE or NCCL_MAX_NCHANNELS, make fewer process groups, and leave the pool some room.',
    cost: 'Slower collectives.',
    nothing: 'No collective failed here.',
  },
  zh: {
    title: '减小 NCCL 缓冲区和通道数',
    summary: '每个通信器都要在框架内存池之外为其通道分配缓冲区。',
    how: '调小 NCCL_BUFFSIZE 或 NCCL_MAX_NCHANNELS，减少进程组，并为其留出空间。',
    cost: '集合通信变慢。',
    nothing: '这里没有集合通信失败。',
  },
  ru: {
    title: 'Меньшие буферы NCCL, меньше каналов',
    summary: 'Каждый коммуникатор берёт буферы для каналов рядом с пулом фреймворка.',
    how: 'Уменьшить NCCL_BUFFSIZE или NCCL_MAX_NCHANNELS, создавать меньше групп процессов и оставить им место.',
    cost: 'Коллективные операции медленнее.',
    nothing: 'Здесь не падала коллективная операция.',
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
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['NCCL documentation: environment variables', 'memory model 4.4'],
  roles: ['mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { program: true },
  changes: [{ setting: 'collective_buffer', to: 'lower' }],

  commands: ['NCCL_BUFFSIZE=1048576 NCCL_MAX_NCHANNELS=8 torchrun train.py'],
  costs: [],
  cautions: [],
  concerns: (c) => c.kind === 'gpu_oom' && c.format === 'nccl',
};
