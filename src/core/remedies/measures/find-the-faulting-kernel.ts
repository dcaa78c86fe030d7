import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Find the faulting kernel',
    summary:
      'Makes every launch wait for its kernel, so that the traceback ends at the call that failed.',
    how: 'Set CUDA_LAUNCH_BLOCKING=1, or run the same batch on the CPU, where an index out of range is named; take compute-sanitizer for bad addresses.',
    cost: 'Slow; for debugging only.',
    nothing: 'There is no fault.',
    'caution-later': 'Without it the line in the traceback can be later than the one that failed.',
    'caution-context':
      'After a fault the process has lost its context: restart it, retrying does not help.',
    'caution-races': 'An error that disappears with it points to a race between streams.',
  },
  zh: {
    title: '找出出错的 kernel',
    summary: '让每次启动都等待 kernel 结束，使 traceback（调用栈）停在真正出错的调用上。',
    how: '设 CUDA_LAUNCH_BLOCKING=1；或在 CPU 上运行同一个 batch，越界的索引会被指出；非法地址用 compute-sanitizer。',
    cost: '很慢；仅用于调试。',
    nothing: '没有故障。',
    'caution-later': '不设置时，调用栈显示的行可能晚于真正出错的行。',
    'caution-context': '出现故障后进程的 CUDA 上下文已失效：必须重启，重试无效。',
    'caution-races': '设置后错误消失，说明可能是流之间的竞争。',
  },
  ru: {
    title: 'Найти сбойное ядро',
    summary:
      'Заставляет каждый запуск ждать своё ядро: traceback (стек вызовов) заканчивается на вызове, который упал.',
    how: 'Задать CUDA_LAUNCH_BLOCKING=1 или запустить тот же батч на CPU, где индекс вне диапазона будет назван; для неверных адресов — compute-sanitizer.',
    cost: 'Медленно; только для отладки.',
    nothing: 'Сбоя нет.',
    'caution-later': 'Без этого строка в стеке может быть позже той, что упала.',
    'caution-context': 'После сбоя контекст процесса потерян: перезапустить, повтор не поможет.',
    'caution-races': 'Если с этим ошибка исчезает, похоже на гонку между потоками CUDA.',
  },
} as const;

export const findTheFaultingKernel: Remedy = {
  id: 'find-the-faulting-kernel',
  code: 'UN317',
  since: '0.1.0',
  status: 'preview',
  family: 'not-oom',
  answers: ['not-oom'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.nvidia.com/compute-sanitizer/'],
  shares: [],
  texts: TEXTS,
  sources: [
    'CUDA C++ Programming Guide: CUDA_LAUNCH_BLOCKING',
    'NVIDIA documentation: compute-sanitizer',
  ],
  roles: ['quick', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { program: true },
  changes: [],
  commands: ['CUDA_LAUNCH_BLOCKING=1 python train.py', 'compute-sanitizer python train.py'],
  costs: [],
  cautions: [{ says: 'caution-later' }, { says: 'caution-context' }, { says: 'caution-races' }],
  concerns: (c) => c.has('kernel-fault'),
};
