import { hasNeighbours, isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Restarting the machine or the environment',
    summary: 'Ends every process, and with it what a dead or forgotten one still holds.',
    how: 'First look whether somebody else holds the card; only then is there something to end.',
    cost: 'Everything else that runs there is lost too.',
    nothing:
      'It frees only what a left-over process holds, and here no other process holds a part of the card that matters.',
  },
  zh: {
    title: '重启机器或环境',
    summary: '结束所有进程，连同已死或被遗忘的进程仍占用的显存。',
    how: '先看是否有其他进程占用显卡；有才谈得上结束它。',
    cost: '那里运行的其他东西也会丢失。',
    nothing: '它只能释放残留进程占用的显存，而这里没有其他进程占用显卡的可观部分。',
  },
  ru: {
    title: 'Перезапуск машины или среды',
    summary: 'Завершает все процессы, а с ними и то, что держит мёртвый или забытый.',
    how: 'Сначала посмотреть, держит ли карту кто-то ещё; лишь тогда есть что завершать.',
    cost: 'Пропадёт и всё остальное, что там работает.',
    nothing:
      'Освобождает лишь то, что держит оставшийся процесс, а здесь заметной части карты не держит никто другой.',
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
  sources: ['CUDA C++ Programming Guide: the memory of a context is freed when its process ends'],
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
    c.shows('tried-restart') !== undefined &&
    c.shows('notebook') === undefined &&
    (c.amounts.outside !== undefined ||
      c.amounts.others !== undefined ||
      c.amounts.untold_others !== undefined) &&
    !hasNeighbours(c),
};
