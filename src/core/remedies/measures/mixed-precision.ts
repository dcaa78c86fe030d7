import { type Statement, say } from '../../base/texts.ts';
import { isShortage, isTorch, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Mixed precision (autocast)',
    summary: 'Activations in 16 bit; weights and optimizer states stay as they are.',
    how: 'bf16 autocast (bf16=True) on cards of compute capability 8.0 and newer, fp16 with a gradient scaler on older ones.',
    cost: 'A cached 16-bit copy of each linear weight is added; fp16 needs loss scaling.',
    'in-force': 'It is on already: the text shows it.',
    nothing: 'Autocast changes activations only; there are none in this phase.',
    model: 'Autocast does not change the weights that are being moved.',
  },
  zh: {},
  ru: {},
} as const;

export const mixedPrecision: Remedy = {
  id: 'mixed-precision',
  code: 'UN306',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  domain: 'any',
  category: 'precision',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.amp; memory model: AMP keeps fp32 weights, gradients and states'],
  tried_in_vain: 5,
  touches: { contents: ['activations', 'outputs'] },
  change: ['with torch.autocast("cuda", dtype=torch.bfloat16): ...'],
  concerns: (c) => isShortage(c) && mayTrain(c) && isTorch(c) && c.backend !== 'mps',
  barred(c): Statement | undefined {
    if (c.isOn('autocast')) return say(TEXTS, 'in-force');
    return c.phase.moves_model ? say(TEXTS, 'model') : undefined;
  },
};
