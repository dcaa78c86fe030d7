import { type Statement, say } from '../../base/texts.ts';
import { isShortage, mayTrain, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Gradient accumulation',
    summary: 'Several micro-batches before one optimizer step, at the same global batch.',
    how: 'Divide the micro-batch by k and accumulate over k steps. Without a smaller micro-batch it frees nothing.',
    cost: 'Gradients stay alive between micro-steps, so at micro-batch 1 the peak can rise; BatchNorm, contrastive losses and losses averaged over unequal token counts change.',
    nothing: 'There are no activations in this phase to divide.',
    one: 'The micro-batch is one sample already; there is nothing to divide.',
    model: 'The model itself was being moved; no batch is on the card yet.',
  },
  zh: {},
  ru: {},
} as const;

export const gradientAccumulation: Remedy = {
  id: 'gradient-accumulation',
  code: 'UN304',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  domain: 'training',
  answers: ['activations-too-large'],
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['memory model: gradients are added to every phase when accumulating'],
  roles: ['researcher'],
  alters: 'rounding',
  often_tried: true,
  touches: { contents: ['activations', 'inputs'] },
  changes: [
    { setting: 'micro_batch', to: 'half' },
    { setting: 'accumulation_steps', to: 'higher' },
  ],
  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    !['generate', 'prefill', 'kv_alloc', 'capture', 'eval', 'unknown'].includes(c.phase.value),
  barred(c): Statement | undefined {
    if (printedValue(c, 'micro_batch') === 1) return say(TEXTS, 'one');
    return c.phase.moves_model ? say(TEXTS, 'model') : undefined;
  },
};
