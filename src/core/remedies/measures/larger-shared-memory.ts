import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A larger /dev/shm',
    summary: 'Gives the container a larger shared memory segment.',
    how: 'docker run --shm-size=16g (or --ipc=host); in Kubernetes an emptyDir of medium Memory at /dev/shm; or fewer workers.',
    cost: 'It counts as host memory.',
    nothing: 'No worker uses it.',
  },
  zh: {},
  ru: {},
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
