/** An inference engine in the trainer’s own process or card holds its share. */
import { PHASES } from '../../base/phase.ts';
import { say } from '../../base/texts.ts';
import { isShortage } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'A colocated inference engine holds its share',
    summary:
      'In reinforcement learning the rollout engine lives on the same cards: its weights and KV cache are taken before training starts.',
    headline: 'The rollout engine on the same card holds its share of weights and KV cache.',
    shown: 'The text shows an inference engine beside the training: {place}.',
    phase: 'Training itself failed, {phase}.',
    unsized: 'The text does not show how much the engine holds.',
    outside: 'The process holds {outside} outside this PyTorch pool.',
  },
  zh: {},
  ru: {},
} as const;

export const colocatedEngine: Cause = {
  id: 'colocated-engine',
  code: 'UN230',
  since: '0.1.0',
  status: 'preview',
  family: 'engine-reservation',
  domain: 'training',
  category: 'engine',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'field report: GRPO with a colocated engine: the trainer dies, the engine’s share is why',
  ],
  assess(c): Assessment | undefined {
    const place = c.shows('rollout-engine');
    if (!isShortage(c) || place === undefined || c.situation.workload?.purpose !== 'training') {
      return undefined;
    }
    const { outside } = c.amounts;
    return {
      strength: 'possible',
      because: [
        say(TEXTS, 'shown', { place: placeText(place) }),
        say(TEXTS, 'phase', { phase: PHASES[c.phase.value] }),
        ...(outside === undefined ? [] : [say(TEXTS, 'outside', { outside })]),
      ],
      against: [say(TEXTS, 'unsized')],
      weight: 9,
    };
  },
};
