import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Smaller kernel tiles',
    summary: 'Fewer stages or smaller blocks for the kernel on this GPU.',
    how: 'Lower num_stages or the block sizes of the kernel; a newer version of the library often has a configuration for this GPU.',
    cost: 'A somewhat slower kernel.',
    nothing: 'No kernel is too large.',
  },
  zh: {
    title: '更小的 kernel 分块',
    summary: '针对这块 GPU，减少 kernel 的流水级数或块大小。',
    how: '调小 kernel 的 num_stages 或块大小；较新的库往往有针对这块 GPU 的配置。',
    cost: 'kernel 略慢。',
    nothing: '没有过大的 kernel。',
  },
  ru: {
    title: 'Меньшие тайлы ядра',
    summary: 'Меньше стадий или меньшие блоки ядра на этом GPU.',
    how: 'Уменьшить num_stages или размеры блоков ядра; в новой версии библиотеки часто есть конфигурация для этого GPU.',
    cost: 'Ядро немного медленнее.',
    nothing: 'Слишком больших ядер нет.',
  },
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
