import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'No page-locked (pinned) memory',
    summary:
      'Batches stay in ordinary host memory, which is not limited the way page-locked memory is.',
    how: 'Switch pinning off in the data loader, and in offload and checkpoint options that pin. On WSL2 and in containers the limit of pinned memory lies far below RAM.',
    cost: 'Copies to the card are slower and no longer overlap with computation.',
    nothing: 'No page-locked memory was asked for.',
    'caution-offload': 'Offload of an optimizer pins as well; its own option decides.',
  },
  zh: {
    title: '不使用锁页（pinned）内存',
    summary: 'batch 放在普通主机内存里，不受锁页内存那样的限制。',
    how: '在数据加载器里关闭锁页，在会锁页的 offload 和检查点选项里也关闭。WSL2 和容器中锁页内存的上限远低于内存总量。',
    cost: '向显卡拷贝变慢，且不再与计算重叠。',
    nothing: '没有申请锁页内存。',
    'caution-offload': '优化器 offload 同样会锁页，由它自己的选项决定。',
  },
  ru: {
    title: 'Без закреплённой (pinned) памяти',
    summary: 'Батчи остаются в обычной памяти хоста, не ограниченной так, как закреплённая.',
    how: 'Выключить pin_memory в загрузчике данных и в настройках выгрузки и чекпойнтов, которые закрепляют память. В WSL2 и контейнерах предел закреплённой памяти намного ниже ОЗУ.',
    cost: 'Копирование на карту медленнее и больше не перекрывается с вычислениями.',
    nothing: 'Закреплённая память не запрашивалась.',
    'caution-offload':
      'Выгрузка оптимизатора тоже закрепляет память; за это отвечает её собственная настройка.',
  },
} as const;

export const noPinnedMemory: Remedy = {
  id: 'no-pinned-memory',
  code: 'UN375',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  answers: ['host-memory'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.nvidia.com/cuda/wsl-user-guide/index.html'],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation: DataLoader (pin_memory)',
    'NVIDIA documentation: CUDA on WSL, known limitations (pinned system memory)',
  ],
  roles: ['quick'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [{ setting: 'pinned', to: false }],

  commands: [],
  costs: [],
  cautions: [{ says: 'caution-offload', applies: (c) => c.shows('offload') !== undefined }],
  concerns: (c) => c.kind === 'host_oom' && c.has('pinned-memory') && c.format !== 'nccl',
};
