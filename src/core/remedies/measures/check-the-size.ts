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
  zh: {},
  ru: {},
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
