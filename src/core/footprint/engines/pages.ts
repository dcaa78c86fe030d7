/**
 * The KV cache of engines that cut it into pages: what one sequence of a length takes, rounded up to whole pages.
 *
 * Sources: vllm@0.11.0:v1/kv_cache_interface.py (pages of each kind of attention), v1/core/kv_cache_utils.py (groups of
 * layers with one size of page; a group is as long as the shortest kind, others are padded).
 */

import { keptLayers } from '../cache.ts';
import type { Job } from '../job.ts';
import { servingOf } from './engine.ts';

/** Layers that keep the same of a sequence on one rank. */
interface Kind {
  /** Bytes of a token of one layer. */
  readonly token: number;
  readonly window?: number;
  /** Bytes of one layer that a sequence takes whatever its length. */
  readonly constant: number;
  readonly count: number;
}

function kindsOf(job: Job): readonly Kind[] {
  const width = job.cacheWidth;
  return keptLayers(job.model, 'packed', job.parallel.tensor).flatMap(({ kept, count }) =>
    kept
      .filter(({ cross }) => !cross)
      .map((of) => ({
        token: (of.keys + of.values) * width,
        ...(of.window === undefined ? {} : { window: of.window }),
        // The convolution keeps one input less than it has taps.
        constant:
          of.channels * Math.max(0, of.taps - 1) * job.width +
          of.state * (of.wideState ? 4 : job.width),
        count: count / job.parallel.pipeline,
      }))
      .filter(({ token, constant }) => token > 0 || constant > 0),
  );
}

const roundedUp = (tokens: number, page: number): number => Math.ceil(tokens / page) * page;

/** How long the groups are into which layers of different kinds are put: layers that share a page table. */
function groupLength(counts: readonly number[]): number {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return most < least * 1.25 ? most : least;
}

export interface Pages {
  /** Bytes of a token over all layers, windows left out of account. */
  readonly token: number;
  /** What one sequence of so many tokens takes, in whole pages. */
  sequence(tokens: number): number;
}

/**
 * @param keepsWindows the engine lets go of what lies behind a window; else such layers keep all tokens.
 */
export function pagesOf(job: Job, keepsWindows: boolean): Pages {
  const { page = 16, batchedTokens } = servingOf(job);
  const kinds = kindsOf(job);
  const growing = kinds.filter(({ token }) => token > 0);
  const isHybrid =
    keepsWindows &&
    growing.some(({ window }) => window !== undefined) &&
    growing.some(({ window }) => window === undefined);
  const length = isHybrid
    ? groupLength([
        sum(growing.filter(({ window }) => window === undefined).map(({ count }) => count)),
        sum(growing.filter(({ window }) => window !== undefined).map(({ count }) => count)),
      ])
    : 1;
  const places = (count: number): number => (isHybrid ? Math.ceil(count / length) * length : count);
  return {
    token: sum(growing.map(({ token, count }) => token * count)),
    sequence: (tokens) =>
      sum(
        kinds.map(({ token, window, constant, count }) => {
          const seen =
            window === undefined || !keepsWindows
              ? roundedUp(tokens, page)
              : roundedUp(Math.min(window - 1 + batchedTokens, tokens), page) + page;
          return (
            token * Math.min(seen, roundedUp(tokens, page) + page) * places(count) +
            constant * count
          );
        }),
      ),
  };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
