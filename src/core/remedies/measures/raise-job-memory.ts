import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A higher memory limit of the job',
    summary:
      'Containers and batch jobs have limits of their own, often far below what the machine has.',
    how: 'Compare the limit with what the job used at most, then raise it: limits.memory of the pod, --memory of docker, --mem or --mem-per-cpu of Slurm. Offload, workers and page-locked memory count once per rank on the node.',
    cost: 'A larger share of the machine, or a wait for one.',
    nothing: 'No limit of a job was met.',
    'caution-growth': 'If host memory grows all the time, a higher limit only puts it off.',
    'caution-shm': 'What is in /dev/shm counts as well.',
  },
  zh: {
    title: '提高任务的内存上限',
    summary: '容器和批处理任务有各自的内存上限，往往远低于机器内存。',
    how: '先比较上限与任务的最高用量，再提高它：pod 的 limits.memory、docker 的 --memory、Slurm 的 --mem 或 --mem-per-cpu。offload、worker 和锁页内存按节点上每个 rank 计算。',
    cost: '占用机器更多资源，或要为此等待。',
    nothing: '没有触及任务的内存上限。',
    'caution-growth': '如果主机内存一直增长，提高上限只是推迟。',
    'caution-shm': '/dev/shm 中的内容也计入上限。',
  },
  ru: {
    title: 'Больший предел памяти задачи',
    summary: 'У контейнеров и пакетных заданий свои пределы, часто намного ниже памяти машины.',
    how: 'Сравнить предел с наибольшим расходом задачи и поднять его: limits.memory пода, --memory у docker, --mem или --mem-per-cpu у Slurm. Выгрузка, воркеры и закреплённая память считаются на каждый ранг узла.',
    cost: 'Большая доля машины или ожидание её.',
    nothing: 'Предел задачи не достигнут.',
    'caution-growth': 'Если память хоста всё время растёт, больший предел — лишь отсрочка.',
    'caution-shm': 'Содержимое /dev/shm тоже считается.',
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
  docs: [
    'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
    'https://docs.docker.com/engine/containers/resource_constraints/',
    'https://slurm.schedmd.com/sbatch.html',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'Kubernetes documentation: resource management for pods',
    'Docker documentation: resource constraints',
    'Slurm documentation: sbatch',
  ],
  roles: ['mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [],

  commands: [
    'resources: { limits: { memory: 128Gi } }',
    'docker run --memory=128g ...',
    'sbatch --mem=128G job.sh',
    'sacct -j JOB --format=JobID,MaxRSS,ReqMem,State',
  ],
  costs: [],
  cautions: [
    { says: 'caution-growth' },
    { says: 'caution-shm', applies: (c) => c.frameworks.includes('kubernetes') },
  ],
  concerns: (c) =>
    c.kind === 'host_oom' &&
    (c.has('killed-for-memory') || c.has('process-killed') || c.has('gone-silently')) &&
    !c.has('shared-memory-segment') &&
    c.shows('wsl') === undefined &&
    c.shows('windows') === undefined,
};
