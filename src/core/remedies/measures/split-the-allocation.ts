import { isAbsurd, share } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Smaller pieces in one allocation',
    summary: 'Some backends allow no single buffer above a size, however much is free.',
    how: 'Split the tensor or the work below the limit, or turn on the backend’s option for large allocations.',
    cost: 'Some changes of the program.',
    nothing: 'No limit of a single buffer is shown.',
  },
  zh: {
    title: '把单次分配拆小',
    summary: '有些后端不允许单个缓冲区超过某个大小，无论空闲多少。',
    how: '把张量或计算拆到上限以下，或启用后端的大分配选项。',
    cost: '需要改动程序。',
    nothing: '没有出现单个缓冲区的上限。',
  },
  ru: {
    title: 'Меньшие куски за одно выделение',
    summary:
      'Некоторые бэкенды не дают одному буферу превысить размер, сколько бы ни было свободно.',
    how: 'Разбить тензор или работу ниже предела либо включить опцию бэкенда для больших выделений.',
    cost: 'Придётся менять программу.',
    nothing: 'Предела одного буфера не видно.',
  },
} as const;

export const splitTheAllocation: Remedy = {
  id: 'split-the-allocation',
  code: 'UN380',
  since: '0.1.0',
  status: 'preview',
  family: 'memory-cap',
  answers: ['memory-cap'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'intel/intel-extension-for-pytorch#325: 4 GiB for each allocation; OpenVINO: enable_large_allocations',
  ],
  roles: ['researcher', 'inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { program: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    !isAbsurd(c) &&
    (c.has('per-buffer-limit') ||
      (c.backend === 'xpu' &&
        (c.amounts.requested?.mid ?? 0) >= 2 ** 30 &&
        share(c.amounts.live, c.amounts.total) < 0.3)),
};
