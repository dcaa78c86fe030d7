import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Less offload',
    summary: 'Offloaded states fill host memory: parameters back to the GPU, or states to NVMe.',
    how: 'Turn parameter offload off first, then optimizer offload, or offload to NVMe; start fewer ranks on a node.',
    cost: 'More GPU memory, or slower steps from disk.',
    nothing: 'No offload is shown.',
  },
  zh: {
    title: '减少卸载',
    summary: '卸载的状态占满了主机内存：把参数放回 GPU，或把状态放到 NVMe。',
    how: '先关闭参数卸载，再关闭优化器卸载，或卸载到 NVMe；减少每个节点的 rank 数。',
    cost: '占用更多显存，或因磁盘而变慢。',
    nothing: '没有出现卸载。',
  },
  ru: {
    title: 'Меньше выгрузки',
    summary:
      'Выгруженные состояния заполняют память хоста: параметры — обратно на GPU, состояния — на NVMe.',
    how: 'Сначала выключить выгрузку параметров, затем оптимизатора, или выгружать на NVMe; меньше рангов на узел.',
    cost: 'Больше памяти GPU или медленнее шаги с диска.',
    nothing: 'Выгрузки не видно.',
  },
} as const;

export const lessOffload: Remedy = {
  id: 'less-offload',
  code: 'UN379',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  answers: ['host-memory'],
  domain: 'training',
  category: 'offload',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'deepspeedai/DeepSpeed#4239: stage 3 with offload of optimizer and parameters overflows RAM',
  ],
  roles: ['mlops', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [{ setting: 'parameter_offload', to: false }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.kind === 'host_oom' &&
    c.frameworks.some((name) => ['deepspeed', 'accelerate', 'fsdp', 'colossalai'].includes(name)),
};
