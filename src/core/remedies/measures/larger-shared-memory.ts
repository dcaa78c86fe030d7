import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A larger /dev/shm',
    summary: 'Gives the container a larger shared memory segment.',
    how: 'docker run --shm-size=16g (or --ipc=host); in Kubernetes an emptyDir of medium Memory at /dev/shm; or fewer workers.',
    cost: 'It counts as host memory.',
    nothing: 'No worker uses it.',
  },
  zh: {
    title: '增大 /dev/shm',
    summary: '给容器更大的共享内存段。',
    how: 'docker run --shm-size=16g（或 --ipc=host）；Kubernetes 中在 /dev/shm 挂载 medium 为 Memory 的 emptyDir；或减少 worker。',
    cost: '计入主机内存。',
    nothing: '没有 worker 使用它。',
  },
  ru: {
    title: 'Увеличить /dev/shm',
    summary: 'Даёт контейнеру больший сегмент разделяемой памяти.',
    how: 'docker run --shm-size=16g (или --ipc=host); в Kubernetes — emptyDir с medium: Memory на /dev/shm; или меньше воркеров.',
    cost: 'Считается памятью хоста.',
    nothing: 'Ни один воркер им не пользуется.',
  },
} as const;

export const largerSharedMemory: Remedy = {
  id: 'larger-shared-memory',
  code: 'UN315',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  domain: 'any',
  answers: ['host-memory'],
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['docker run reference: --shm-size'],
  roles: ['quick', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [],
  commands: ['docker run --shm-size=16g ...'],
  costs: [],
  cautions: [],
  concerns: (c) => c.has('shared-memory-segment'),
};
