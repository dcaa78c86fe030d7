import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A larger card, or more of them',
    summary: 'Where what must be there exceeds the card, only a larger one or dividing it helps.',
    how: 'Compare with the card’s usable memory, not with its label; more cards help only with sharding.',
    cost: 'Money.',
    nothing: 'It changes the machine.',
    'c-more': 'More cards without sharding do not lower the memory of each.',
  },
  zh: {
    title: '更大的卡，或更多的卡',
    summary: '必须常驻的部分超过整张卡时，只有换更大的卡或切分才有用。',
    how: '与卡的可用显存比较，而不是标称容量；更多的卡只有配合切分才有用。',
    cost: '花钱。',
    nothing: '改变的是机器。',
    'c-more': '不做切分，增加卡数不会降低单卡显存。',
  },
  ru: {
    title: 'Карта побольше или больше карт',
    summary: 'Если обязательное больше карты, поможет только карта побольше или деление.',
    how: 'Сравнивать с доступной памятью карты, а не с надписью; больше карт помогает только с шардированием.',
    cost: 'Деньги.',
    nothing: 'Меняется машина.',
    'c-more': 'Больше карт без шардирования память каждой не уменьшает.',
  },
} as const;

export const largerCard: Remedy = {
  id: 'larger-card',
  code: 'UN362',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'optimizer-states'],
  domain: 'any',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['memory model 4.6: usable against marketed memory'],
  roles: ['mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { machine: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [{ says: 'c-more' }],
  concerns: (c) =>
    isShortage(c) && ['load', 'init', 'transfer', 'optimizer', 'kv_alloc'].includes(c.phase.value),
};
