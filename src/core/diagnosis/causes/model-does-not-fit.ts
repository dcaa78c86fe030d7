/** Weights larger than the card: shown by the phase, and by what was there before anything else ran. */

import { PHASES } from '../../base/phase.ts';
import { say } from '../../base/texts.ts';
import { exceedsCard, hadRoom, isCapped, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'The model does not fit',
    summary: 'Weights (with what loading needs beside them) are larger than the room on the card.',
    headline: 'The model itself does not fit in what the card has.',
    phase: 'It failed {phase}, when the card holds little but the model.',
    share: 'Live tensors take {share} % of the card.',
    spill: 'PyTorch holds {live}, more than the card’s {total}.',
    cut: 'The text does not show how much was loaded.',
    other: 'Nothing in the text shows what the tensors are.',
  },
  zh: {},
  ru: {},
} as const;

export const modelDoesNotFit: Cause = {
  id: 'model-does-not-fit',
  code: 'UN201',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  domain: 'any',
  category: 'capacity',
  resolvable: 'partly',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['oom-case-labels: loading and .to(device) failures'],
  assess(c): Assessment | undefined {
    const { live, total, requested } = c.amounts;
    if (c.kind !== 'gpu_oom' || hadRoom(c.amounts) || isCapped(c)) return undefined;
    const { value } = c.phase;
    const isLoading =
      value === 'load' ||
      value === 'init' ||
      value === 'kv_alloc' ||
      (value === 'transfer' && c.phase.moves_model);
    const because = [];
    const of = share(live, total);
    if (isLoading) because.push(say(TEXTS, 'phase', { phase: PHASES[value] }));
    if (of > 0) because.push(say(TEXTS, 'share', { share: Math.round(of * 100) }));
    const spills = live !== undefined && total !== undefined && live.low > total.high;
    if (spills) because.push(say(TEXTS, 'spill', { live, total }));
    if (isLoading) {
      const isMost = exceedsCard(c.amounts) || (of >= 0.5 && share(requested, total) < 0.5);
      return {
        strength: isMost ? 'likely' : 'possible',
        because,
        against: of > 0 ? [] : [say(TEXTS, 'cut')],
        weight: 8,
      };
    }
    // Elsewhere a full card is compatible with it; only a phase in which weights dominate points there.
    const isOpen =
      value === 'unknown' ||
      value === 'transfer' ||
      value === 'forward' ||
      value === 'generate' ||
      value === 'eval';
    // What has run a step fits; what is larger than the card does not.
    if (c.phase.turn === 'later' && !spills) return undefined;
    if (!isOpen || (of < 0.6 && !spills)) return undefined;
    return {
      strength: 'possible',
      because,
      against: [say(TEXTS, 'other')],
      weight: spills ? 6 : 3,
    };
  },
};
