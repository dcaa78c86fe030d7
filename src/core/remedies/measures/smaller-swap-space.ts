import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Less swap space for the engine',
    summary: 'Host memory that the engine takes at start for sequences that have to wait.',
    how: 'Lower it until it fits what the host, or the container, has left; with tensor parallelism every device takes it once. 0 does too: sequences that had to give way are then computed again.',
    cost: 'Preempted sequences are computed again instead of being copied back.',
    nothing: 'No swap space of an engine is refused.',
  },
  zh: {
    title: '减小引擎的交换空间',
    summary: '引擎启动时在主机内存中为等待的序列预留的空间。',
    how: '调低到主机或容器剩余内存放得下为止；张量并行时每个设备各占一份。设为 0 也可以：被抢占的序列改为重新计算。',
    cost: '被抢占的序列要重新计算，而不是拷贝回来。',
    nothing: '没有引擎的交换空间被拒绝。',
  },
  ru: {
    title: 'Меньше подкачки у движка',
    summary: 'Память хоста, которую движок занимает при старте для ожидающих последовательностей.',
    how: 'Уменьшать, пока не поместится в то, что осталось у хоста или контейнера; при тензорном параллелизме её берёт каждое устройство. Годится и 0: вытесненные последовательности тогда вычисляются заново.',
    cost: 'Вытесненные последовательности вычисляются заново, а не копируются обратно.',
    nothing: 'В подкачке движка не отказано.',
  },
} as const;

export const smallerSwapSpace: Remedy = {
  id: 'smaller-swap-space',
  code: 'UN397',
  since: '0.1.0',
  status: 'preview',
  family: 'engine-reservation',
  answers: ['engine-reservation', 'host-memory'],
  domain: 'inference',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['vllm@0.6.0:vllm/config.py (CacheConfig.swap_space)'],
  roles: ['quick', 'inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [{ setting: 'engine_swap', to: 'lower' }],

  commands: [],
  costs: [],
  cautions: [],
  // One that was full is no reason to make it smaller.
  concerns: (c) =>
    c.kind === 'host_oom' && c.wording === 'swap-space' && c.amounts.requested !== undefined,
};
