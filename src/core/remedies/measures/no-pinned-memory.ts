import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'No pinned memory',
    summary:
      'Batches are not put into page-locked memory, which WSL, containers and drivers limit.',
    how: 'Turn pin_memory off in the loader.',
    cost: 'Copies to the GPU are slower and do not overlap.',
    nothing: 'No pinned memory is shown.',
  },
  zh: {
    title: '不使用锁页内存',
    summary: 'batch 不再放入锁页内存；WSL、容器和驱动都会限制它。',
    how: '在 DataLoader 中关闭 pin_memory。',
    cost: '拷贝到 GPU 变慢，且不能重叠。',
    nothing: '没有出现锁页内存。',
  },
  ru: {
    title: 'Без закреплённой памяти',
    summary:
      'Батчи не кладутся в закреплённую память, которую ограничивают WSL, контейнеры и драйверы.',
    how: 'Выключить pin_memory в загрузчике.',
    cost: 'Копирование на GPU медленнее и не перекрывается.',
    nothing: 'Закреплённой памяти не видно.',
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
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['oom-case-labels: WSL2, pin_memory=False helped'],
  roles: ['quick', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [{ setting: 'pinned', to: false }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.has('pinned-memory') || (c.shows('pinning') !== undefined && !c.has('caching-allocator')),
};
