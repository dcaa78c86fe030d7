/** Saving a sharded model gathers all of it on one GPU. */
import { PHASES } from '../../base/phase.ts';
import { say } from '../../base/texts.ts';
import { isShortage } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'Saving gathers the whole model',
    summary:
      'A full state dict of a sharded model is put together on the GPU: for a moment one card holds all weights.',
    headline: 'Saving gathers the whole sharded model on one GPU.',
    shown: 'The text shows a full state dict being gathered: {place}.',
    phase: 'It failed {phase}, after training itself had run.',
  },
  zh: {},
  ru: {},
} as const;

export const fullStateGatherOnSave: Cause = {
  id: 'full-state-gather-on-save',
  code: 'UN224',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  domain: 'training',
  category: 'copies',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.distributed.fsdp: FullStateDictConfig(offload_to_cpu, rank0_only)'],
  assess(c): Assessment | undefined {
    const place = c.shows('full-state-gather');
    if (!isShortage(c) || place === undefined) return undefined;
    if (c.phase.value !== 'save' && c.phase.value !== 'unknown') return undefined;
    return {
      strength: 'likely',
      because: [
        say(TEXTS, 'shown', { place: placeText(place) }),
        ...(c.phase.value === 'save' ? [say(TEXTS, 'phase', { phase: PHASES.save })] : []),
      ],
      against: [],
      weight: 9,
    };
  },
};
