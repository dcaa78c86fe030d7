/** Evaluation with gradients on. */
import { say } from '../../base/texts.ts';
import { hadRoom } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'Evaluation keeps the autograd graph',
    summary:
      'Without no_grad or inference_mode every activation of an evaluation or inference pass stays alive.',
    headline: 'Evaluation may be keeping activations for a backward pass that never comes.',
    phase: 'It failed during evaluation or inference, which needs no saved activations.',
    unseen: 'The text does not show whether gradients were on; trainers usually turn them off.',
  },
  zh: {},
  ru: {},
} as const;

export const autogradInEval: Cause = {
  id: 'autograd-in-eval',
  code: 'UN208',
  since: '0.1.0',
  status: 'preview',
  family: 'autograd-in-eval',
  domain: 'any',
  category: 'work',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.no_grad, torch.inference_mode'],
  assess(c): Assessment | undefined {
    if (
      c.kind !== 'gpu_oom' ||
      c.phase.value !== 'eval' ||
      c.shows('no-grad') !== undefined ||
      hadRoom(c.amounts)
    )
      return undefined;
    return {
      strength: 'possible',
      because: [say(TEXTS, 'phase')],
      against: [say(TEXTS, 'unseen')],
      weight: 7,
    };
  },
};
