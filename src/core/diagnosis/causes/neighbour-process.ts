/** What of the card is not this process’s, by the driver’s own figures. */

import { spread } from '../../base/factor.ts';
import { say } from '../../base/texts.ts';
import { cudaContext } from '../../footprint/terms/cuda-context.ts';
import { hadRoom, servedWith, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'Another process holds the card',
    summary: 'A considerable part of the card belongs to other processes.',
    headline: 'Other processes hold {held} of the card.',
    'headline-untold':
      '{held} of the card is held outside this process’s PyTorch, most likely by another process.',
    listed:
      'Other processes hold {others} of {total}; without them the request of {requested} is served.',
    untold:
      '{untold} of {total} is held outside this process’s PyTorch; its own context explains about {context} of that.',
    hidden:
      '{untold} of {total} is in use and belongs to no listed process: another container or user, a left-over process, MPS.',
    unmarked:
      'The message does not say which of the listed processes is the failing one; the nearest above its reserved memory was taken.',
    'not-told':
      'The message lists no processes; a second framework in the same process would look the same.',
  },
  zh: {},
  ru: {},
} as const;

export const neighbourProcess: Cause = {
  id: 'neighbour-process',
  code: 'UN204',
  since: '0.1.0',
  status: 'preview',
  family: 'neighbour',
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['oom-case-labels: neighbour', 'nvml compute process list'],
  assess(c): Assessment | undefined {
    const { requested, total, others, untold, reserved } = c.amounts;
    const rest = c.amounts.untold_others;
    // What no listed process accounts for weighs more when it is more.
    const isMoreHidden = (rest?.mid ?? 0) > (others?.mid ?? 0);
    if (
      c.kind !== 'gpu_oom' ||
      requested === undefined ||
      total === undefined ||
      hadRoom(c.amounts)
    ) {
      return undefined;
    }
    if (others !== undefined && !isMoreHidden && servedWith(c.amounts, others)) {
      const of = share(others, total);
      if (of < 0.02) return undefined;
      const isMajor = of >= 0.3;
      // Whichever of the listed processes is the failing one: the others held what was missing.
      const least = c.amounts.others_at_least;
      const isProven =
        least !== undefined &&
        share(least, total) >= 0.3 &&
        servedWith(c.amounts, least) &&
        share(reserved, total) < 0.5;
      return {
        strength: isProven ? 'proven' : isMajor ? 'likely' : 'possible',
        because: [say(TEXTS, 'listed', { others, total, requested })],
        against: c.selfIsMarked ? [] : [say(TEXTS, 'unmarked')],
        weight: isMajor ? 9 : of >= 0.1 ? 6 : 2,
        headline: say(TEXTS, 'headline', { held: others }),
      };
    }
    // Nothing is listed, or something is in use that no listed process accounts for.
    if (untold === undefined || rest === undefined || !servedWith(c.amounts, rest))
      return undefined;
    const isHidden = c.amounts.outside !== undefined;
    const of = share(rest, total);
    if (of < 0.1) return undefined;
    return {
      strength: of >= 0.3 ? 'likely' : 'possible',
      because: [
        isHidden
          ? say(TEXTS, 'hidden', { untold, total })
          : say(TEXTS, 'untold', { untold, total, context: spread(cudaContext.bytes()) }),
      ],
      against: isHidden ? [] : [say(TEXTS, 'not-told')],
      weight: of >= 0.3 ? 9 : 5,
      headline: say(TEXTS, 'headline-untold', { held: untold }),
    };
  },
};
