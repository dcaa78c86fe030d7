/** Optimizer states are created by the first step and stay: the second forward has less room than the first. */
import { say } from '../../base/texts.ts';
import { hadRoom, isCapped, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'Optimizer states do not fit',
    summary:
      'Weights, gradients and the optimizer’s states, which appear with the first step, fill the card.',
    headline: 'Weights, gradients and optimizer states fill the card.',
    phase:
      'It failed in the optimizer step, where the graph and its activations are already freed.',
    first: 'It was the first step: the states are being created.',
    second: 'It was just after the first step, which is when the states have appeared.',
    share: 'Live tensors take {share} % of the card and the graph is no longer among them.',
    unshown: 'The first step passed without them; the text does not show their size.',
  },
  zh: {},
  ru: {},
} as const;

export const optimizerStatesDoNotFit: Cause = {
  id: 'optimizer-states-do-not-fit',
  code: 'UN203',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  domain: 'training',
  category: 'state',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'memory model: AdamW keeps two states per parameter and a temporary in the foreach step',
  ],
  assess(c): Assessment | undefined {
    if (c.kind !== 'gpu_oom' || hadRoom(c.amounts) || isCapped(c)) return undefined;
    const { value, turn } = c.phase;
    const of = share(c.amounts.live, c.amounts.total);
    if (value === 'optimizer') {
      const because = [say(TEXTS, 'phase')];
      if (turn === 'first') because.push(say(TEXTS, 'first'));
      if (of > 0) because.push(say(TEXTS, 'share', { share: Math.round(of * 100) }));
      // With little of the card in live tensors somebody else holds it.
      const isOwn = of === 0 || of >= 0.5;
      return { strength: isOwn ? 'likely' : 'possible', because, against: [], weight: 9 };
    }
    if (value === 'forward' && turn === 'second') {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'second')],
        against: [say(TEXTS, 'unshown')],
        weight: 7,
      };
    }
    return undefined;
  },
};
