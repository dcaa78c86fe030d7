import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Find the faulting kernel',
    summary: 'Runs launches synchronously so that the traceback shows the call that fails.',
    how: 'CUDA_LAUNCH_BLOCKING=1, or on the CPU, where an index out of range is named; compute-sanitizer for bad addresses.',
    cost: 'Slow; for debugging only.',
    nothing: 'There is no fault.',
  },
  zh: {},
  ru: {},
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
