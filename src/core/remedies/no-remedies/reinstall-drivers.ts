import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Reinstalling driver, toolkit or framework',
    summary: 'Replaces software.',
    how: 'Do it for errors that speak of versions.',
    cost: 'An afternoon.',
    nothing: 'The allocator counted bytes and there were too few; another version counts the same.',
  },
  zh: {
    title: '重装驱动、工具包或框架',
    summary: '更换软件版本。',
    how: '仅用于提示版本问题的错误。',
    cost: '一个下午。',
    nothing: '分配器数过字节，确实不够；换个版本数出来也一样。',
  },
  ru: {
    title: 'Переустановка драйвера, тулкита или фреймворка',
    summary: 'Заменяет программы.',
    how: 'Годится для ошибок, где речь о версиях.',
    cost: 'Полдня.',
    nothing: 'Аллокатор посчитал байты, и их не хватило; другая версия насчитает столько же.',
  },
} as const;

export const reinstallDrivers: Remedy = {
  id: 'reinstall-drivers',
  code: 'UN905',
  since: '0.1.0',
  status: 'preview',
  family: 'not-oom',
  answers: [],
  domain: 'any',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['oom-case-labels: reinstalling drivers, 4 times in vain'],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) => isShortage(c) && c.has('caching-allocator') && c.amounts.requested !== undefined,
};
