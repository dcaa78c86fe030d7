import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'More RAM or swap for a GPU shortage',
    summary: 'Gives the machine more host memory.',
    how: 'Only offload makes host memory useful for the card; without it the two are apart.',
    cost: 'Money, and nothing for the card.',
    nothing:
      'It frees nothing on the card: a discrete GPU allocates from its own memory, whatever the machine has.',
  },
  zh: {
    title: '为显存不足增加内存或交换空间',
    summary: '给机器更多主机内存。',
    how: '只有 offload 才能让主机内存为显卡所用；否则两者互不相干。',
    cost: '花钱，对显卡却没有作用。',
    nothing: '它不释放任何显存：独立显卡只从自己的显存分配，与机器内存多少无关。',
  },
  ru: {
    title: 'Больше ОЗУ или подкачки при нехватке памяти GPU',
    summary: 'Добавляет машине памяти хоста.',
    how: 'Память хоста помогает карте только при выгрузке (offload); иначе они не связаны.',
    cost: 'Деньги — и ничего для карты.',
    nothing:
      'На карте ничего не освобождает: дискретный GPU выделяет из своей памяти, сколько бы ни было у машины.',
  },
} as const;

export const moreHostMemory: Remedy = {
  id: 'more-host-memory',
  code: 'UN913',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: [],
  domain: 'any',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['CUDA C++ Programming Guide: device memory'],
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
    ['cuda', 'hip', 'xpu'].includes(c.backend) &&
    c.shows('offload') === undefined &&
    c.shows('tried-host-memory') !== undefined,
};
