import { type Statement, say } from '../../base/texts.ts';
import { isShortage, isTorch } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'no_grad or inference_mode',
    summary: 'Turns off what autograd saves during evaluation and inference.',
    how: 'Wrap evaluation and inference in torch.inference_mode() (or torch.no_grad()).',
    cost: 'None where no gradients are needed.',
    'in-force': 'It is on already: the text shows it.',
    nothing: 'Nothing that autograd saves is alive in this phase.',
  },
  zh: {},
  ru: {},
} as const;

export const noGrad: Remedy = {
  id: 'no-grad',
  code: 'UN310',
  since: '0.1.0',
  status: 'preview',
  family: 'autograd-in-eval',
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.inference_mode'],
  tried_in_vain: 5,
  touches: { contents: ['activations'] },
  change: ['with torch.inference_mode(): ...'],
  concerns: (c) =>
    isShortage(c) && isTorch(c) && ['eval', 'generate', 'prefill'].includes(c.phase.value),
  barred(c): Statement | undefined {
    return c.isOn('no-grad') ? say(TEXTS, 'in-force') : undefined;
  },
};
