import { printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Less offload to the host',
    summary:
      'What is offloaded stands in host memory, once for each rank of the node, and all ranks share one limit.',
    how: 'Keep the parameters on the GPU and offload only the optimizer’s states; or offload to NVMe; or run fewer ranks on a node, or more nodes. The states of Adam in fp32 with master weights are 12 bytes per parameter, divided among all ranks.',
    cost: 'The card holds more; offload to NVMe is slower than to RAM.',
    nothing: 'Nothing is offloaded, or host memory is not short.',
    'caution-card': 'Check that the card has room for what comes back to it.',
    'caution-pinned':
      'Offload buffers are page-locked by default in some frameworks; that limit is lower than RAM.',
  },
  zh: {
    title: '减少向主机卸载（offload）',
    summary: '卸载的内容存放在主机内存，节点上每个 rank 一份，所有 rank 共用一个上限。',
    how: '参数留在 GPU 上，只卸载优化器状态；或卸载到 NVMe；或减少每个节点的 rank、增加节点。fp32 的 Adam 状态加主权重为每参数 12 字节，由所有 rank 平分。',
    cost: '显卡占用更多；卸载到 NVMe 比卸载到内存慢。',
    nothing: '没有卸载，或主机内存并不紧张。',
    'caution-card': '先确认显卡放得下收回的内容。',
    'caution-pinned': '有些框架默认把卸载缓冲区锁页，其上限低于内存总量。',
  },
  ru: {
    title: 'Меньше выгрузки (offload) на хост',
    summary: 'Выгруженное лежит в памяти хоста, по доле на каждый ранг узла, и предел у них общий.',
    how: 'Оставить параметры на GPU и выгружать только состояния оптимизатора; либо выгружать на NVMe; либо меньше рангов на узел или больше узлов. Состояния Adam в fp32 с мастер-весами — 12 байт на параметр, поделённые на все ранги.',
    cost: 'На карте лежит больше; выгрузка на NVMe медленнее, чем в ОЗУ.',
    nothing: 'Ничего не выгружается или памяти хоста хватает.',
    'caution-card': 'Проверить, что на карте есть место для того, что на неё вернётся.',
    'caution-pinned':
      'В некоторых фреймворках буферы выгрузки по умолчанию закреплены; этот предел ниже ОЗУ.',
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
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://www.deepspeed.ai/docs/config-json/#parameter-offloading'],
  shares: [],
  texts: TEXTS,
  sources: [
    'DeepSpeed documentation: parameter and optimizer offloading',
    'arXiv 1910.02054 (ZeRO): 12 bytes of Adam states per parameter',
  ],
  roles: ['mlops', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [],

  commands: [
    '"zero_optimization": { "offload_param": { "device": "none" } }',
    '"zero_optimization": { "offload_optimizer": { "device": "nvme", "nvme_path": "/local_nvme" } }',
  ],
  costs: [],
  cautions: [
    { says: 'caution-card' },
    { says: 'caution-pinned', applies: (c) => c.has('pinned-memory') },
  ],
  concerns: (c) =>
    c.kind === 'host_oom' &&
    !c.has('shared-memory-segment') &&
    (c.shows('offload') !== undefined ||
      printedValue(c, 'optimizer_offload') === true ||
      printedValue(c, 'parameter_offload') === true),
};
