/** Exact blocks from a replay: what the trace leaves open is how far a block is larger than its request. */
import { Op } from '../allocator/program.ts';
import { Action } from './columns.ts';
import type { KnownBlocks } from './lifetimes.ts';
import type { Prepared } from './replay.ts';
import { segmentsOf } from './start.ts';

/** What a replay knows of the blocks of its device, up to where it parts from the recording. */
export function replayedBlocks({ device, start, recording, run, replay }: Prepared): KnownBlocks {
  const { action, count } = device.events;
  const { program, events } = recording;
  const ofEvent = new Float64Array(count).fill(Number.NaN);
  let malloc = 0;
  for (let op = 0; op < program.count && malloc < replay.address_equal; op++) {
    if (program.op[op] !== Op.malloc) continue;
    ofEvent[events[op] as number] = run.sizes[malloc] as number;
    malloc++;
  }
  const before = new Map<number, number>();
  for (const segment of segmentsOf(start)) {
    let { address } = segment;
    for (const { size, block } of segment.blocks) {
      if (block !== undefined) before.set(address, size);
      address += size;
    }
  }
  return { traced: ofEvent.filter((_, e) => action[e] === Action.alloc), before };
}
