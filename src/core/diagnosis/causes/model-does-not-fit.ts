/** Weights larger than the card: shown by the phase, and by what was there before anything else ran. */

import type { Interval } from '../../base/interval.ts';
import { PHASES } from '../../base/phase.ts';
import { say } from '../../base/texts.ts';
import { valueIn } from '../../ledger/observe.ts';
import {
  type Case,
  exceedsCard,
  hadRoom,
  isCapped,
  isSharded,
  printedValue,
  share,
} from '../case.ts';
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
    size: '{parameters} parameters ({text}) are {weights} in 16 bit; the card has {total}.',
    'weights-told': 'The weights are {weights} of the {total} that the card has.',
    allocating: 'It was the weights that were being allocated.',
    buffer: 'The weights’ own buffer is {requested}.',
    formats: 'In 8 or 4 bit they would be a half or a quarter of that.',
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
    const told = toldByWeights(c);
    if (told !== undefined) return told;
    if (c.has('engine-budget-too-large') || c.has('taken-at-start')) return undefined;
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
        // An engine that has no room for its cache tells nothing of its weights.
        weight: value === 'kv_alloc' ? 6 : 8,
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
      weight: spills ? 6 : 1,
    };
  },
};

/** Weights whose size the text tells, against what there is. */
function toldByWeights(c: Case): Assessment | undefined {
  const { total, requested } = c.amounts;
  if (c.has('allocating-weights')) {
    const because = [say(TEXTS, 'allocating')];
    if (requested !== undefined) because.push(say(TEXTS, 'buffer', { requested }));
    return { strength: 'likely', because, against: [], weight: 9 };
  }
  if (total === undefined) return undefined;
  const weights = valueIn(c.facts, 'weights') ?? weightsBeside(c);
  if (weights !== undefined && share(weights, total) >= 0.8) {
    return {
      strength: 'likely',
      because: [say(TEXTS, 'weights-told', { weights, total })],
      against: [],
      weight: 10,
    };
  }
  const size = c.modelSize;
  const isEarly = ['load', 'init', 'transfer', 'kv_alloc'].includes(c.phase.value);
  if (size === undefined || !isEarly || c.shows('four-bit') !== undefined || isSharded(c))
    return undefined;
  if (printedValue(c, 'quantization') !== undefined) return undefined;
  const inHalf = 2 * size.parameters;
  if (inHalf < 0.85 * total.mid) return undefined;
  return {
    strength: 'likely',
    because: [
      say(TEXTS, 'size', {
        parameters: size.parameters.toLocaleString('en'),
        text: size.text,
        weights: { size: inHalf },
        total,
      }),
    ],
    against: [say(TEXTS, 'formats')],
    weight: 10,
  };
}

/** Weights as an engine printed them when it started. */
function weightsBeside(c: Case): Interval | undefined {
  for (const { sighted } of c.observed) {
    const weights = valueIn(sighted.facts ?? [], 'weights');
    if (weights !== undefined) return weights;
  }
  return undefined;
}
