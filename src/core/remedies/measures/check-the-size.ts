import { isAbsurd, isVastOnHost } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Find the wrong size',
    summary:
      'No program means a request like this: a dimension is negative, overflowed, uninitialised or broadcast.',
    how: 'Print shapes and dtypes right before the failing line; look at indices read from data, at products in int32, and at a vector of shape (n,) against one of shape (n, 1).',
    cost: 'None.',
    nothing: 'There is no size to check.',
    'caution-memory':
      'A larger card or a smaller batch changes nothing: the number is wrong, not large.',
  },
  zh: {
    title: '找出错误的大小',
    summary: '没有程序会有意发出这样的申请：某个维度为负、溢出、未初始化，或被广播。',
    how: '在出错行之前打印形状和 dtype；检查从数据读出的索引、int32 乘积，以及形状为 (n,) 的向量与 (n, 1) 的向量之间的运算。',
    cost: '没有代价。',
    nothing: '没有需要检查的大小。',
    'caution-memory': '更大的显卡或更小的 batch 都无济于事：这个数是错的，而不是大。',
  },
  ru: {
    title: 'Найти неверный размер',
    summary:
      'Такого запроса не имеет в виду ни одна программа: измерение отрицательно, переполнено, не задано или размножено broadcast.',
    how: 'Вывести формы и dtype прямо перед упавшей строкой; проверить индексы из данных, произведения в int32 и вектор формы (n,) рядом с вектором (n, 1).',
    cost: 'Ничего не стоит.',
    nothing: 'Проверять нечего.',
    'caution-memory':
      'Карта больше или батч меньше ничего не изменят: число неверное, а не большое.',
  },
} as const;

export const checkTheSize: Remedy = {
  id: 'check-the-size',
  code: 'UN314',
  since: '0.1.0',
  status: 'preview',
  family: 'corrupt-size',
  answers: ['corrupt-size'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.pytorch.org/docs/stable/notes/broadcasting.html'],
  shares: [],
  texts: TEXTS,
  sources: ['PyTorch documentation: broadcasting semantics, torch.Tensor.shape'],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { program: true },
  changes: [],
  commands: ['print(x.shape, x.dtype)'],
  costs: [],
  cautions: [{ says: 'caution-memory' }],
  concerns: (c) => isAbsurd(c) || isVastOnHost(c),
};
