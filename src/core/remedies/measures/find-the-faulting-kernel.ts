import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Find the faulting kernel',
    summary: 'Runs launches synchronously so that the traceback shows the call that fails.',
    how: 'CUDA_LAUNCH_BLOCKING=1, or on the CPU, where an index out of range is named; compute-sanitizer for bad addresses.',
    cost: 'Slow; for debugging only.',
    nothing: 'There is no fault.',
  },
  zh: {
    title: '找出出错的 kernel',
    summary: '以同步方式启动 kernel，使 traceback 指向真正出错的调用。',
    how: 'CUDA_LAUNCH_BLOCKING=1；或在 CPU 上运行，越界的索引会被指出；地址错误用 compute-sanitizer。',
    cost: '很慢，仅用于调试。',
    nothing: '没有 kernel 出错。',
  },
  ru: {
    title: 'Найти сбойное ядро',
    summary: 'Запускает ядра синхронно, чтобы traceback показал вызов, который падает.',
    how: 'CUDA_LAUNCH_BLOCKING=1 или запуск на CPU, где называется индекс вне границ; для адресов — compute-sanitizer.',
    cost: 'Медленно; только для отладки.',
    nothing: 'Сбоя ядра нет.',
  },
} as const;

export const findTheFaultingKernel: Remedy = {
  id: 'find-the-faulting-kernel',
  code: 'UN317',
  since: '0.1.0',
  status: 'preview',
  family: 'not-oom',
  domain: 'any',
  answers: ['not-oom'],
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['cuda@12.4: CUDA_LAUNCH_BLOCKING, compute-sanitizer'],
  roles: ['quick', 'researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { program: true },
  changes: [],
  commands: ['CUDA_LAUNCH_BLOCKING=1 python train.py'],
  costs: [],
  cautions: [],
  concerns: (c) => c.has('kernel-fault'),
};
