import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Choose another card',
    summary:
      'Runs on a card that is free, named by its UUID or by the order that the program uses.',
    how: 'Set CUDA_VISIBLE_DEVICES to the UUID of a free card; nvidia-smi counts by bus, CUDA by speed unless told otherwise.',
    cost: 'None where another card is free.',
    nothing: 'No other process is listed, and nothing on this card is unaccounted for.',
    'c-order':
      'nvidia-smi’s index is not CUDA’s: set CUDA_DEVICE_ORDER=PCI_BUS_ID, or use the UUID.',
  },
  zh: {
    title: '换一张卡',
    summary: '在空闲的卡上运行，用 UUID 或程序所用的顺序来指定。',
    how: '把 CUDA_VISIBLE_DEVICES 设为空闲卡的 UUID；nvidia-smi 按总线编号，CUDA 默认按速度编号。',
    cost: '有空闲卡时没有代价。',
    nothing: '没有列出其他进程，这张卡上也没有来历不明的占用。',
    'c-order':
      'nvidia-smi 的编号不是 CUDA 的编号：设置 CUDA_DEVICE_ORDER=PCI_BUS_ID，或使用 UUID。',
  },
  ru: {
    title: 'Выбрать другую карту',
    summary:
      'Запустить на свободной карте, назвав её по UUID или по порядку, который видит программа.',
    how: 'Задать в CUDA_VISIBLE_DEVICES UUID свободной карты; nvidia-smi считает по шине, CUDA по умолчанию — по скорости.',
    cost: 'Ничего не стоит, если другая карта свободна.',
    nothing: 'Других процессов не видно, и неучтённого на этой карте нет.',
    'c-order':
      'Номер в nvidia-smi — не номер CUDA: задать CUDA_DEVICE_ORDER=PCI_BUS_ID или взять UUID.',
  },
} as const;

export const chooseAnotherCard: Remedy = {
  id: 'choose-another-card',
  code: 'UN363',
  since: '0.1.0',
  status: 'preview',
  family: 'neighbour',
  answers: ['neighbour'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['CUDA C++ programming guide: CUDA_VISIBLE_DEVICES, CUDA_DEVICE_ORDER'],
  roles: ['quick', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { processes: 'others' },
  changes: [],

  commands: [
    'nvidia-smi -L',
    'CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES=GPU-… python train.py',
  ],
  costs: [],
  cautions: [{ says: 'c-order' }],
  concerns: (c) =>
    isShortage(c) &&
    c.backend === 'cuda' &&
    (c.amounts.others !== undefined ||
      c.amounts.untold_others !== undefined ||
      c.has('taken-at-start') ||
      c.has('context-creation')) &&
    (c.amounts.others?.mid ?? c.amounts.untold_others?.mid ?? Number.POSITIVE_INFINITY) > 2 ** 30,
};
