/** Generation with transformers, or a loop like it. */
import type { Cards } from '../../workload/machine.ts';
import { type Job, PLAIN_JOB } from '../job.ts';
import { libraryDecides, type Version } from '../library.ts';
import { allocatorOf } from './allocator.ts';
import { attentionOf } from './attention.ts';
import type { KnownModel, Reader } from './reader.ts';
import { CACHE_WIDTHS, KERNELS, weightsOf } from './weights.ts';

const USUAL_PROMPT = 2048;

export function generationJob(r: Reader, known: KnownModel, cards: Cards): Job {
  const cache = r.word('kv_dtype') ?? 'auto';
  const weights = weightsOf(r, known);
  return {
    ...PLAIN_JOB,
    ...known,
    ...weights,
    purpose: 'generation',
    width: Math.max(2, weights.weightWidth),
    batch: r.numberOr('micro_batch', 1),
    sequence: r.numberOr('prompt_length', USUAL_PROMPT),
    newTokens: r.given('new_tokens') === 0 ? 0 : r.numberOr('new_tokens', 256),
    ...(r.is('records_graph') ? { recordsGraph: true } : {}),
    beams: r.number('beams') ?? 1,
    attention: KERNELS[attentionOf(r, known.model)] ?? 'flash',
    // A call that is told to keep no cache keeps none.
    cacheWidth:
      r.given('generation_cache') === false && r.given('new_tokens') === 0
        ? 0
        : (CACHE_WIDTHS[cache] ?? Math.max(2, weights.weightWidth)),
    ...libraryDecides(known.model, transformersOf(r), {
      isPacked: weights.packing !== undefined,
      // Quantised weights are laid onto the card as they are read.
      isMapped: weights.packing !== undefined || r.is('spread') || cards.count > 1,
    }),
    ...logitsOf(r),
    ...(r.given('static_cache') === true ? { cacheGrowth: 'static' as const } : {}),
    // A quantised checkpoint may store a head of its own, which the table then replaces.
    loadsHead: weights.packing !== undefined && known.model.tied,
    ...(r.is('compiled') ? { compiled: true } : {}),
    ...allocatorOf(r, cards),
  };
}

/** The version of transformers that is shown, or one that is newer than all. */
export function transformersOf(r: Reader): Version {
  const [, major = '99', minor = '0'] = /^(\d+)\.(\d+)/.exec(r.version('transformers') ?? '') ?? [];
  return [Number(major), Number(minor)];
}

/** What a script makes of the scores; else the library's version decides. */
function logitsOf(r: Reader): Partial<Pick<Job, 'prefillLogits'>> {
  const kept = r.word('kept_logits');
  return kept === 'last' || kept === 'all' || kept === 'all-fp32' ? { prefillLogits: kept } : {};
}
