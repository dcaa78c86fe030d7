import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'More RAM or swap, for a GPU shortage',
    summary: 'Enlarges host memory.',
    how: 'Use it for host memory, or with an offload that uses it.',
    cost: 'Money or disk.',
    nothing: 'It was device memory that ran out; RAM helps only where something is moved there.',
  },
  zh: {
    title: '为显存不足而增加内存或交换区',
    summary: '扩大主机内存。',
    how: '用于主机内存不足，或配合会用到它的卸载。',
    cost: '花钱或占磁盘。',
    nothing: '用完的是显存；只有把内容移过去，主机内存才有帮助。',
  },
  ru: {
    title: 'Больше ОЗУ или подкачки при нехватке памяти GPU',
    summary: 'Увеличивает память хоста.',
    how: 'Годится для памяти хоста или вместе с выгрузкой.',
    cost: 'Деньги или диск.',
    nothing: 'Кончилась память устройства; ОЗУ поможет, только если туда что-то перенести.',
  },
} as const;

export const moreHostMemory: Remedy = {
  id: 'more-host-memory',
  code: 'UN913',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  answers: [],
  domain: 'any',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['identity: device memory is what the message counts'],
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
    c.backend === 'cuda' &&
    c.has('caching-allocator') &&
    c.shows('unified-memory') === undefined,
};
