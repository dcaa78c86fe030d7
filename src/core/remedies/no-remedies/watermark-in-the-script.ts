import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Setting the watermark inside the running script',
    summary: 'Sets an environment variable after the allocator has read it.',
    how: 'Set it in the shell before Python starts, and know that without a limit the whole system can stall.',
    cost: 'None.',
    nothing: 'It is read once, when the first tensor is made; later changes have no effect.',
  },
  zh: {
    title: '在脚本内部设置水位线',
    summary: '在分配器读取之后才设置环境变量。',
    how: '在启动 Python 之前的 shell 中设置；并注意取消上限可能使整个系统卡死。',
    cost: '没有代价。',
    nothing: '它只在创建第一个张量时读取一次，之后修改无效。',
  },
  ru: {
    title: 'Задать предел внутри работающего скрипта',
    summary: 'Ставит переменную окружения после того, как аллокатор её прочитал.',
    how: 'Задать в оболочке до запуска Python и помнить: без предела может встать вся система.',
    cost: 'Ничего не стоит.',
    nothing: 'Она читается один раз, при первом тензоре; позже изменение не действует.',
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
  sources: ['oom-case-labels: MPS watermark inside the script, 2 times in vain'],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) => c.kind === 'gpu_oom' && c.backend === 'mps',
};
