/** Idle memory that cannot serve a request: a large idle share points there, only a replay proves it. */
import { say } from '../../base/texts.ts';
import { hadRoom, servedWith, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'Fragmentation',
    summary: 'Enough memory is idle inside the allocator, but not in one piece.',
    headline: 'Memory is there but in pieces: {idle} is idle inside PyTorch.',
    enough: '{idle} is idle in {reserved} reserved, and {requested} was asked for in one piece.',
    'with-free':
      'Only idle ({idle}) and free ({free}) together reach the {requested} that was asked for.',
    unseen: 'The message does not show the pieces; a snapshot would.',
    small: 'The idle share is small ({share} % of reserved).',
  },
  zh: {},
  ru: {},
} as const;

export const fragmentation: Cause = {
  id: 'fragmentation',
  code: 'UN205',
  since: '0.1.0',
  status: 'preview',
  family: 'fragmentation',
  domain: 'any',
  category: 'layout',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'pytorch@v2.6.0:c10/cuda/CUDACachingAllocator.cpp (get_free_block, release_cached_blocks)',
  ],
  assess(c): Assessment | undefined {
    const { requested, free, idle, reserved } = c.amounts;
    if (c.kind !== 'gpu_oom' || requested === undefined || free === undefined) return undefined;
    if (
      idle === undefined ||
      reserved === undefined ||
      hadRoom(c.amounts) ||
      !servedWith(c.amounts, idle)
    ) {
      return undefined;
    }
    const of = share(idle, reserved);
    const isEnough = idle.low >= requested.high;
    if (!isEnough && of < 0.05) return undefined;
    const because = [
      isEnough
        ? say(TEXTS, 'enough', { idle, reserved, requested })
        : say(TEXTS, 'with-free', { idle, free, requested }),
    ];
    const against = [say(TEXTS, 'unseen')];
    if (of < 0.1) against.unshift(say(TEXTS, 'small', { share: Math.round(of * 100) }));
    // Large shares were seen too where the input was simply too large; several times the request is
    // more than that leaves behind.
    const isLikely = idle.low >= 3 * requested.high && of >= 0.3;
    return {
      strength: isLikely ? 'likely' : 'possible',
      because,
      against,
      weight: of >= 0.1 ? 7 : 4,
      headline: say(TEXTS, 'headline', { idle }),
    };
  },
};
