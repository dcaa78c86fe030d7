import { isShortage, share } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Restarting the machine or the environment',
    summary: 'Ends all processes, and with them what they hold.',
    how: 'Do it for a stuck process that nothing else ends; look first who holds the card.',
    cost: 'Everybody’s work on the machine.',
    nothing:
      'It frees what other or dead processes hold; here this process itself needs the memory and would need it again.',
  },
  zh: {
    title: '重启机器或环境',
    summary: '结束所有进程，连同它们占用的显存。',
    how: '仅用于无法结束的僵死进程；先看清是谁占用了卡。',
    cost: '机器上所有人的工作都会中断。',
    nothing: '它只释放其他进程或已死进程的占用；而这里是本进程自己需要这些显存，重启后仍然需要。',
  },
  ru: {
    title: 'Перезапуск машины или окружения',
    summary: 'Завершает все процессы и освобождает то, что они держат.',
    how: 'Годится для зависшего процесса; сначала посмотреть, кто держит карту.',
    cost: 'Работа всех на этой машине.',
    nothing:
      'Освобождает то, что держат чужие или мёртвые процессы; здесь память нужна самому процессу и понадобится снова.',
  },
} as const;

export const restartTheEnvironment: Remedy = {
  id: 'restart-the-environment',
  code: 'UN904',
  since: '0.1.0',
  status: 'preview',
  family: 'neighbour',
  answers: [],
  domain: 'any',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['oom-case-labels: restarting the environment did not help'],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    c.amounts.outside !== undefined &&
    share(c.amounts.reserved, c.amounts.total) >= 0.7,
};
