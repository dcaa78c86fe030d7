import { isShortage, isTorch, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'An 8-bit optimizer',
    summary: 'Optimizer states in 8 bit: about 2 bytes per parameter instead of 8.',
    how: 'bitsandbytes AdamW8bit, or optim="adamw_bnb_8bit" in the HF Trainer; a paged variant can spill to host memory.',
    cost: 'Slightly noisier updates; small tensors and embeddings stay in 32 bit.',
    nothing: 'There are no optimizer states in this phase.',
  },
  zh: {},
  ru: {},
} as const;

export const eightBitOptimizer: Remedy = {
  id: 'eight-bit-optimizer',
  code: 'UN308',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  domain: 'training',
  answers: ['optimizer-states'],
  category: 'precision',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['bitsandbytes: block-wise 8-bit optimizers'],
  roles: ['researcher'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['optimizer'] },
  changes: [{ setting: 'optimizer', to: 'adamw-8bit' }],
  shown_by: ['eight-bit-optimizer'],
  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    isTorch(c) &&
    c.backend !== 'mps' &&
    ['optimizer', 'backward', 'forward'].includes(c.phase.value),
};
