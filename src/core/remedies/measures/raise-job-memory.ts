import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A higher memory limit of the job',
    summary:
      'Containers and batch systems end a process at their own limit, however much the machine has.',
    how: 'Raise the limit of the pod, the container or the batch job; count all ranks of the node.',
    cost: 'A larger node or a longer queue.',
    nothing: 'No limit of a job is shown.',
  },
  zh: {
    title: '提高任务的内存上限',
    summary: '容器和批处理系统会在自己的上限处终止进程，无论机器还有多少内存。',
    how: '提高 pod、容器或批处理任务的上限；要计入节点上的所有 rank。',
    cost: '需要更大的节点或更长的排队。',
    nothing: '没有出现任务的上限。',
  },
  ru: {
    title: 'Больший предел памяти задачи',
    summary:
      'Контейнеры и системы очередей завершают процесс на своём пределе, сколько бы ни было у машины.',
    how: 'Поднять предел пода, контейнера или задачи; считать все ранги узла.',
    cost: 'Узел побольше или очередь подлиннее.',
    nothing: 'Предела задачи не видно.',
  },
} as const;

export const raiseJobMemory: Remedy = {
  id: 'raise-job-memory',
  code: 'UN378',
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
  sources: ['Kubernetes: resource limits; Slurm: --mem'],
  roles: ['quick', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [],

  commands: [
    'cat /sys/fs/cgroup/memory.max',
    'resources: { limits: { memory: 64Gi } }',
    'sbatch --mem=64G',
  ],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.kind === 'host_oom' &&
    (c.has('killed-for-memory') || c.has('process-killed') || c.has('gone-silently')),
};
