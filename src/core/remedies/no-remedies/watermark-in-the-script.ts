import { isTorch } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Allocator variables set inside the script',
    summary: 'os.environ in the running program, for a variable that is read once.',
    how: 'Set the variable in the shell, or in the first line of the program, before torch is imported.',
    cost: 'None.',
    nothing:
      'It changes nothing: the allocator reads its variables once, at the first use of the device, and had read them before.',
  },
  zh: {
    title: '在脚本里设置分配器的环境变量',
    summary: '在运行中的程序里用 os.environ 设置只读取一次的变量。',
    how: '在 shell 中设置，或写在程序第一行、import torch 之前。',
    cost: '没有代价。',
    nothing: '它不改变任何东西：分配器只在首次使用设备时读取变量，此前已经读过。',
  },
  ru: {
    title: 'Переменные аллокатора, заданные в скрипте',
    summary: 'os.environ в работающей программе для переменной, которую читают один раз.',
    how: 'Задать переменную в оболочке или в первой строке программы, до импорта torch.',
    cost: 'Никакой.',
    nothing:
      'Ничего не меняет: аллокатор читает свои переменные один раз, при первом обращении к устройству, и уже прочитал их.',
  },
} as const;

export const watermarkInTheScript: Remedy = {
  id: 'watermark-in-the-script',
  code: 'UN910',
  since: '0.1.0',
  status: 'preview',
  family: 'memory-cap',
  answers: [],
  domain: 'any',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation: MPS environment variables; CUDA semantics (allocator configuration)',
  ],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    c.kind === 'gpu_oom' && isTorch(c) && c.shows('tried-environment-in-script') !== undefined,
};
