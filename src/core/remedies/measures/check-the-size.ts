import { isAbsurd } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Find the wrong size',
    summary:
      'Print the shapes right before the failing line; a dimension is negative, overflowed or broadcast.',
    how: 'Log tensor shapes and dtypes at the user’s deepest frame; check indices, int32 products and broadcasting.',
    cost: 'None.',
    nothing: 'There is no size to check.',
  },
  zh: {
    title: '找出错误的大小',
    summary: '在出错那一行之前打印形状：某个维度为负、溢出或被广播了。',
    how: '在用户最深的栈帧处记录张量形状和 dtype；检查索引、int32 乘积和广播。',
    cost: '没有代价。',
    nothing: '没有需要检查的大小。',
  },
  ru: {
    title: 'Найти неверный размер',
    summary:
      'Напечатать формы прямо перед строкой сбоя: размерность отрицательна, переполнилась или растянута broadcast.',
    how: 'Логировать формы и dtype тензоров в самом глубоком кадре пользователя; проверить индексы, произведения int32 и broadcast.',
    cost: 'Ничего не стоит.',
    nothing: 'Проверять нечего.',
  },
} as const;

export const checkTheSize: Remedy = {
  id: 'check-the-size',
  code: 'UN314',
  since: '0.1.0',
  status: 'preview',
  family: 'corrupt-size',
  domain: 'any',
  answers: ['corrupt-size'],
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.Tensor.shape'],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { program: true },
  changes: [],
  commands: ['print(x.shape, x.dtype)'],
  costs: [],
  cautions: [],
  concerns: (c) => isAbsurd(c),
};
