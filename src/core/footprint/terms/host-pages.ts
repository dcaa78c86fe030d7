import { constant } from '../../base/factor.ts';
import { bytes } from '../inputs.ts';
import { areStatesAway } from '../optimizers.ts';
import { pagesAt } from '../paged.ts';
import type { Term } from '../term.ts';

export const hostPages: Term = {
  id: 'host-pages',
  code: 'UN594',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Paged optimizer states in host memory',
      summary:
        'Pages of optimizer states for which the card has no room: at most all but those that a step works on.',
    },
    zh: {
      title: '主机内存中的分页优化器状态',
      summary: '显卡容纳不下的优化器状态页：最多为全部，step 正在使用的除外。',
    },
    ru: {
      title: 'Страничные состояния в памяти хоста',
      summary:
        'Страницы состояний, которым на карте нет места: самое большее — все, кроме тех, с которыми работает шаг.',
    },
  },
  sources: ['bitsandbytes@0.50.2: functional.py (get_paged, prefetch_tensor)'],
  category: 'optimizer',
  pool: 'host',
  basis: 'modelled',
  formula: 'paged_states − resident_states',
  inputs: ({ job, moment }, size) => {
    const { stay = 0, leave = 0 } = pagesAt(job, moment) ?? {};
    return {
      paged_states: bytes(stay + leave),
      resident_states: bytes(stay + leave - size),
    };
  },
  at: ({ job, moment }) => {
    const { leave = 0 } = areStatesAway(job) ? {} : (pagesAt(job, moment) ?? {});
    return leave === 0 ? undefined : constant(leave);
  },
};
