/** Outputs of evaluation are collected on the GPU. */

import { say } from '../../base/texts.ts';
import { isShortage } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'Outputs of evaluation pile up on the GPU',
    summary:
      'A trainer keeps the outputs of every batch on the GPU until the evaluation is over, although it runs without gradients.',
    headline: 'Evaluation collects the outputs of all batches on the GPU.',
    frame: 'It failed while outputs were being put together: {place}.',
  },
  zh: {},
  ru: {},
} as const;

export const evalAccumulation: Cause = {
  id: 'eval-accumulation',
  code: 'UN223',
  since: '0.1.0',
  status: 'preview',
  family: 'leak',
  domain: 'any',
  category: 'growth',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'transformers: Trainer.evaluation_loop keeps logits on the device unless eval_accumulation_steps is set',
  ],
  assess(c): Assessment | undefined {
    const place = c.shows('eval-outputs');
    if (!isShortage(c) || place === undefined) return undefined;
    if (!['eval', 'unknown', 'generate'].includes(c.phase.value)) return undefined;
    return {
      strength: c.phase.value === 'eval' ? 'likely' : 'possible',
      because: [say(TEXTS, 'frame', { place: placeText(place) })],
      against: [],
      weight: 9,
    };
  },
};
