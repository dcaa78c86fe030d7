/** More is held than the card has: the driver put the rest into system memory. */
import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'The driver spilled into system memory',
    summary:
      'Under Windows and WSL the driver moves memory beyond the card into RAM instead of failing: everything becomes slow, and in the end it fails all the same.',
    headline: 'PyTorch holds {held}, more than the card’s {total}: the rest was in system memory.',
    spill: '{held} is held on a card of {total}.',
    kind: 'Whether model or activations are too large the message does not show.',
  },
  zh: {},
  ru: {},
} as const;

export const sysmemFallback: Cause = {
  id: 'sysmem-fallback',
  code: 'UN239',
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
  sources: ['NVIDIA driver 536.40: system memory fallback policy under Windows'],
  assess(c): Assessment | undefined {
    const { live, reserved, total } = c.amounts;
    const held = reserved ?? live;
    if (c.kind !== 'gpu_oom' || held === undefined || total === undefined) return undefined;
    if (c.backend !== 'cuda' && c.backend !== 'hip' && c.backend !== 'xpu') return undefined;
    if (held.low <= total.high) return undefined;
    return {
      strength: 'possible',
      because: [say(TEXTS, 'spill', { held, total })],
      against: [say(TEXTS, 'kind')],
      weight: 8,
      headline: say(TEXTS, 'headline', { held, total }),
    };
  },
};
