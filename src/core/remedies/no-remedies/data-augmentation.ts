import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Data augmentation',
    summary: 'Changes samples at random before they are used.',
    how: 'Choose it for the result, not for memory.',
    cost: 'Loading takes longer.',
    nothing: 'It changes what is in a batch, not how large it is.',
  },
  zh: {
    title: '数据增强',
    summary: '在使用前随机改变样本。',
    how: '为了效果而选择，与显存无关。',
    cost: '数据加载变慢。',
    nothing: '它改变 batch 的内容，而不是大小。',
  },
  ru: {
    title: 'Аугментация данных',
    summary: 'Случайно меняет примеры перед использованием.',
    how: 'Выбирать ради результата, а не ради памяти.',
    cost: 'Загрузка дольше.',
    nothing: 'Меняет содержимое батча, а не его размер.',
  },
} as const;

export const dataAugmentation: Remedy = {
  id: 'data-augmentation',
  code: 'UN903',
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
  sources: ['memory model: activations follow the shape of the batch'],
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
    mayTrain(c) &&
    c.mayBeTorch &&
    (c.shows('convolution') !== undefined || c.shows('upsampling') !== undefined),
};
