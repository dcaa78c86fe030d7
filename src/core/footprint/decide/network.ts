/** Networks of images: whatever is not training is a pass without gradients. */
import type { Cards } from '../../workload/machine.ts';
import type { Workload } from '../../workload/workload.ts';
import { type Job, PLAIN_JOB } from '../job.ts';
import { allocatorOf } from './allocator.ts';
import type { KnownModel, Reader } from './reader.ts';
import { spread, systemOf } from './spread.ts';
import { evaluationOf, gradientWidth, OPTIMIZERS } from './training.ts';
import { WIDTHS } from './weights.ts';

/** Pixels of a side of most networks of ImageNet. */
const USUAL_PIXELS = 224;

export function networkJob(
  r: Reader,
  known: KnownModel,
  cards: Cards,
  purpose: Workload['purpose'],
): Job {
  const precision = r.word('compute_precision');
  const isHalf = precision === 'bf16' || precision === 'fp16';
  const weightWidth = WIDTHS[r.word('weights_dtype') ?? 'fp32'] ?? 4;
  const pixels = r.numberOr('resolution', known.model.network?.resolution ?? USUAL_PIXELS);
  const shorter = Math.max(1, Math.round(pixels * Math.min(1, r.number('aspect') ?? 1)));
  const shared: Job = {
    ...PLAIN_JOB,
    ...known,
    weightWidth,
    wholeWidth: weightWidth,
    width: weightWidth,
    ...(isHalf && weightWidth === 4 ? { autocast: 2 } : {}),
    batch: r.numberOr('micro_batch', 1),
    image: known.model.network?.image?.(pixels) ?? { height: shorter, width: pixels },
    ...allocatorOf(r, cards),
  };
  if (purpose !== 'training') return { ...shared, purpose: 'evaluation' };
  const optimizer = OPTIMIZERS[r.wordOr('optimizer', 'adamw')] ?? 'adamw';
  const accumulation = r.number('accumulation_steps') ?? 1;
  return {
    ...shared,
    purpose: 'training',
    trains: 'all',
    gradientWidth: gradientWidth(r, undefined, weightWidth),
    accumulation,
    checkpointing: r.is('checkpointing'),
    keepsScores: r.isOlder('torch', '1.11'),
    // Networks of images are trained with momentum (torchvision@0.20: references/classification/train.py).
    optimizer: optimizer === 'sgd' ? 'sgd-momentum' : optimizer,
    optimizerInBackward: r.is('optimizer_in_backward') && accumulation === 1,
    keepsGradients: systemOf(r) === undefined && r.given('grads_to_none') === false,
    ema: r.is('ema'),
    ...evaluationOf(r, purpose),
    ...spread(r, known.model, cards, precision),
  };
}
