/** Exact blocks from a replay: what the trace leaves open is how far a block is larger than its request. */
import type { KnownBlocks } from './lifetimes.ts';
import type { Prepared } from './replay.ts';
import { segmentsOf } from './start.ts';

/** What a replay knows of the blocks of its device, up to where it parts from the recording. */
export function replayedBlocks({ start, recording, run, replay }: Prepared): KnownBlocks {
  // Each `alloc` event is one request of the program, and they are in the same order.
  const traced = new Float64Array(recording.mallocs).fill(Number.NaN);
  traced.set(run.sizes.subarray(0, replay.address_equal));
  const before = new Map<number, number>();
  for (const segment of segmentsOf(start)) {
    let { address } = segment;
    for (const { size, block } of segment.blocks) {
      if (block !== undefined) before.set(address, size);
      address += size;
    }
  }
  return { traced, before };
}
