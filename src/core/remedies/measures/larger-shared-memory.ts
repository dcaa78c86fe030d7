import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A larger /dev/shm',
    summary: 'Gives the container a larger shared memory segment.',
    how: 'docker run --shm-size=16g (or --ipc=host); in Kubernetes an emptyDir of medium Memory at /dev/shm; in docker compose shm_size. Docker’s default is 64 MB.',
    cost: 'What is in it counts as memory of the machine and of the job’s limit.',
    nothing: 'No worker uses it.',
    'caution-ipc': '--ipc=host shares the segment with everything else on the host.',
    'caution-file':
      'A memory-mapped file that was cut or replaced while it was read gives the same bus error.',
    'caution-strategy':
      'Where the segment cannot grow, the sharing strategy "file_system" or fewer workers help instead.',
  },
  zh: {
    title: '增大 /dev/shm',
    summary: '给容器更大的共享内存段。',
    how: 'docker run --shm-size=16g（或 --ipc=host）；Kubernetes 中在 /dev/shm 挂载 medium 为 Memory 的 emptyDir；docker compose 中用 shm_size。Docker 的默认值是 64 MB。',
    cost: '其中的内容计入机器内存和任务上限。',
    nothing: '没有 worker 使用它。',
    'caution-ipc': '--ipc=host 会与宿主机上的一切共享该段。',
    'caution-file': '内存映射的文件在读取时被截断或替换，也会产生同样的总线错误。',
    'caution-strategy': '无法增大该段时，可改用共享策略 "file_system" 或减少 worker。',
  },
  ru: {
    title: 'Больший /dev/shm',
    summary: 'Даёт контейнеру больший сегмент разделяемой памяти.',
    how: 'docker run --shm-size=16g (или --ipc=host); в Kubernetes — emptyDir с medium: Memory в /dev/shm; в docker compose — shm_size. По умолчанию у Docker 64 МБ.',
    cost: 'Содержимое считается памятью машины и входит в предел задачи.',
    nothing: 'Воркеры им не пользуются.',
    'caution-ipc': '--ipc=host делит сегмент со всем, что работает на хосте.',
    'caution-file':
      'Отображённый файл, укороченный или заменённый во время чтения, даёт ту же ошибку шины.',
    'caution-strategy':
      'Если сегмент увеличить нельзя, помогает стратегия "file_system" или меньше воркеров.',
  },
} as const;

export const largerSharedMemory: Remedy = {
  id: 'larger-shared-memory',
  code: 'UN315',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  answers: ['host-memory'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [
    'https://docs.docker.com/reference/cli/docker/container/run/',
    'https://kubernetes.io/docs/concepts/storage/volumes/#emptydir',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'Docker documentation: docker run --shm-size, --ipc',
    'Kubernetes documentation: volumes, emptyDir',
    'PyTorch documentation: multiprocessing, sharing strategies',
  ],
  roles: ['quick', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [],

  commands: [
    'docker run --shm-size=16g ...',
    'volumes: [{ name: shm, emptyDir: { medium: Memory, sizeLimit: 16Gi } }]  # mounted at /dev/shm',
    'df -h /dev/shm',
  ],
  costs: [],
  cautions: [{ says: 'caution-ipc' }, { says: 'caution-file' }, { says: 'caution-strategy' }],
  concerns: (c) => c.has('shared-memory-segment'),
};
