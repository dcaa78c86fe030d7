/** Free above requested: WSL and Windows limits, a race, a library’s probing request; never a reason to shrink the batch. */
import { say } from '../../base/texts.ts';
import { hadRoom, isCapped } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'Refused although the driver reports room',
    summary:
      'More was free than was asked for, and no cap is printed: another level said no (Windows or WSL, a graph’s pool, MIG or MPS, an unprinted fraction, a race).',
    headline: '{free} was free and {requested} was refused: this is not a full card.',
    room: '{free} was free when {requested} was refused.',
    race: 'Which of them it was the message does not say: a race with another process, Windows or WSL, a graph’s pool, unified memory, MIG or MPS, or a memory fraction, which PyTorch 2.1 to 2.5 do not print.',
  },
  zh: {},
  ru: {},
} as const;

export const refusedThoughFree: Cause = {
  id: 'refused-though-free',
  code: 'UN211',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  domain: 'any',
  category: 'limit',
  resolvable: 'partly',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['oom-case-labels: free above requested'],
  assess(c): Assessment | undefined {
    const { free, requested } = c.amounts;
    if (c.kind !== 'gpu_oom' || c.backend === 'xpu' || isCapped(c)) return undefined;
    if (free === undefined || requested === undefined || !hadRoom(c.amounts)) return undefined;
    return {
      strength: 'possible',
      because: [say(TEXTS, 'room', { free, requested })],
      against: [say(TEXTS, 'race')],
      weight: 8,
      headline: say(TEXTS, 'headline', { free, requested }),
    };
  },
};
