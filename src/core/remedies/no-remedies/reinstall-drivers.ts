import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Reinstalling or updating drivers, CUDA or cuDNN',
    summary: 'Another version of the driver or the libraries.',
    how: 'Leave the installation alone while the allocator reports sound figures.',
    cost: 'Hours, and sometimes a machine that no longer works.',
    nothing:
      'It frees nothing: the card was found, it was used, and its figures show that it is full.',
  },
  zh: {
    title: '重装或更新驱动、CUDA、cuDNN',
    summary: '换一个版本的驱动或库。',
    how: '只要分配器报告的数字合理，就不要动安装。',
    cost: '要花数小时，有时机器反而不能用了。',
    nothing: '它不释放任何显存：显卡已识别、已使用，数字表明它已占满。',
  },
  ru: {
    title: 'Переустановка или обновление драйвера, CUDA, cuDNN',
    summary: 'Другая версия драйвера или библиотек.',
    how: 'Не трогать установку, пока аллокатор сообщает осмысленные числа.',
    cost: 'Часы, а иногда и неработающая машина.',
    nothing:
      'Ничего не освобождает: карта найдена, работает, и числа показывают, что она заполнена.',
  },
} as const;

export const reinstallDrivers: Remedy = {
  id: 'reinstall-drivers',
  code: 'UN905',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: [],
  domain: 'any',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['pytorch@v2.6.0:c10/cuda/CUDACachingAllocator.cpp (the figures of the message)'],
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
    c.has('caching-allocator') &&
    c.shows('tried-drivers') !== undefined &&
    (c.amounts.live ?? c.amounts.reserved) !== undefined,
};
