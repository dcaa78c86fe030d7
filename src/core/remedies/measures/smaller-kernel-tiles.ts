import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Smaller kernel tiles',
    summary: 'Fewer stages or smaller blocks for the kernel on this GPU.',
    how: 'Lower num_stages or the block sizes of the kernel; a newer version of the library often has a configuration for this GPU.',
    cost: 'A somewhat slower kernel.',
    nothing: 'No kernel is too large.',
  },
  zh: {},
  ru: {},
} as const;

export const smallerKernelTiles: Remedy = {
  id: 'smaller-kernel-tiles',
  code: 'UN318',
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
  sources: ['triton: num_stages, BLOCK sizes'],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { program: true },
  changes: [],
  commands: ['num_stages: 3 → 2'],
  costs: [],
  cautions: [],
  concerns: (c) => c.has('kernel-shared-memory'),
};
