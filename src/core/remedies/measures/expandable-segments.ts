import { type Statement, say } from '../../base/texts.ts';
import { hadRoom, isAbsurd, isCapped, isTorch } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'expandable_segments:True',
    summary:
      'Lets segments grow page by page, so that idle memory is not lost between fixed segments.',
    how: 'Set it in the environment before the process starts; it is read at the first use of CUDA. Newer versions also call the variable PYTORCH_ALLOC_CONF; set only one.',
    cost: 'About none. Linux only, not reliably under WSL2; ROCm from about version 7; not with every CUDA-graph and memory-pool feature.',
    nothing: 'Nothing is idle inside PyTorch: there are no pieces to join.',
    backend: 'This backend’s allocator has no such option.',
    room: 'The driver had room for the request; pieces are not the problem.',
    cap: 'A cap refused the request: the layout is not the problem.',
  },
  zh: {},
  ru: {},
} as const;

export const expandableSegments: Remedy = {
  id: 'expandable-segments',
  code: 'UN302',
  since: '0.1.0',
  status: 'preview',
  family: 'fragmentation',
  domain: 'any',
  answers: ['fragmentation'],
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [{ package: 'torch', from: '2.1' }],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['pytorch@v2.6.0:c10/cuda/CUDAAllocatorConfig.cpp'],
  roles: ['quick', 'mlops', 'inference'],
  alters: 'nothing',
  often_tried: true,
  touches: { idle: 'any' },
  changes: [{ setting: 'expandable_segments', to: true }],
  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.kind === 'gpu_oom' && !isAbsurd(c) && isTorch(c) && c.amounts.requested !== undefined,
  barred(c): Statement | undefined {
    if (c.backend !== 'cuda' && c.backend !== 'hip') return say(TEXTS, 'backend');
    if (c.format === 'torch-async') return say(TEXTS, 'backend');
    if (isCapped(c)) return say(TEXTS, 'cap');
    if (hadRoom(c.amounts)) return say(TEXTS, 'room');
    return undefined;
  },
};
