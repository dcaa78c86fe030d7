import { type Statement, say } from '../../base/texts.ts';
import { isShortage, isTorch, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Mixed precision (autocast)',
    summary: 'Activations in 16 bit; weights and optimizer states stay as they are.',
    how: 'bf16 autocast (bf16=True) on cards of compute capability 8.0 and newer, fp16 with a gradient scaler on older ones.',
    cost: 'A cached 16-bit copy of each linear weight is added; fp16 needs loss scaling.',
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
  answers: ['activations-too-large'],
  category: 'precision',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.amp; memory model: AMP keeps fp32 weights, gradients and states'],
  roles: ['researcher'],
  alters: 'rounding',
  often_tried: true,
  touches: { contents: ['activations', 'outputs'] },
  changes: [{ setting: 'compute_precision', to: 'bf16' }],
  shown_by: ['autocast'],
  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) => isShortage(c) && mayTrain(c) && isTorch(c) && c.backend !== 'mps',
  barred(c): Statement | undefined {
    return c.phase.moves_model ? say(TEXTS, 'model') : undefined;
  },
};
