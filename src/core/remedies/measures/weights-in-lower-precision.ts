import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Weights in 16, 8 or 4 bit',
    summary: 'Loads the weights in a smaller format.',
    how: 'dtype=torch.bfloat16 instead of fp32; for inference or LoRA a quantisation config (8 or 4 bit).',
    cost: 'For inference 16 bit is usual. Training all weights in pure bf16 can lose small updates; 8 and 4 bit are for frozen weights. What a loader does by default depends on its version.',
    nothing: 'No weights are on the card in this phase.',
  },
  zh: {},
  ru: {},
} as const;

export const weightsInLowerPrecision: Remedy = {
  id: 'weights-in-lower-precision',
  code: 'UN312',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  domain: 'any',
  answers: ['model-does-not-fit', 'kv-cache', 'optimizer-states'],
  category: 'precision',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['transformers: dtype and quantization_config'],
  roles: ['researcher', 'inference'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['weights'] },
  changes: [{ setting: 'weights_dtype', to: 'bf16' }],
  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    ['load', 'init', 'transfer', 'kv_alloc', 'optimizer', 'generate'].includes(c.phase.value),
};
