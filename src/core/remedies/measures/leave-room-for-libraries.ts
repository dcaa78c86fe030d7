import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Leave room for libraries',
    summary:
      'Keeps the allocator from taking the whole card, so that cuBLAS, cuDNN and NCCL find memory of their own.',
    how: 'torch.cuda.set_per_process_memory_fraction(0.9), create handles early, or hand the cache back before the call.',
    cost: 'The allocator has that much less.',
    nothing: 'No library was short.',
  },
  zh: {},
  ru: {},
} as const;

export const leaveRoomForLibraries: Remedy = {
  id: 'leave-room-for-libraries',
  code: 'UN319',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  domain: 'any',
  answers: ['outside-the-pool'],
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.cuda.set_per_process_memory_fraction'],
  roles: ['mlops', 'inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { program: true },
  changes: [{ setting: 'memory_fraction', to: 0.9 }],
  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) => c.kind === 'gpu_oom' && c.has('library-workspace'),
};
