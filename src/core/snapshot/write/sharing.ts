/**
 * Which stacks of a snapshot are one and the same list. PyTorch gathers a context when it records an
 * event; the event, the segment that had to be made for it, the block, and a free that has no context
 * of its own hold that one. Columns know stacks by value only, so the contexts are found again here.
 */
import { Action, NONE, type Snapshot } from '../columns.ts';

export interface Sharing {
  /** Per device, per event: a context or NONE. */
  readonly events: readonly Uint32Array[];
  /** Per block and per segment. */
  readonly blocks: Uint32Array;
  readonly segments: Uint32Array;
  /** Number of contexts. */
  readonly count: number;
}

export function findSharing(snapshot: Snapshot): Sharing {
  let count = 0;
  const blocks = new Uint32Array(snapshot.blocks.count).fill(NONE);
  const segments = new Uint32Array(snapshot.segments.count).fill(NONE);
  const events: Uint32Array[] = [];

  for (const device of snapshot.devices) {
    const { action, address, stack } = device.events;
    const contexts = new Uint32Array(device.events.count).fill(NONE);
    // Contexts by address, with the event that brought each: the stack to compare with.
    const live = new Map<number, number>();
    const segmentAt = new Map<number, number>();
    /** The event before this one, when it concerned a segment. */
    let previous = -1;

    for (let i = 0; i < contexts.length; i++) {
      const kind = action[i] as number;
      const at = address[i] as number;
      const same = (other: number | undefined): boolean =>
        other !== undefined && other >= 0 && stack[other] === stack[i];
      const isFree = kind === Action.freeRequested || kind === Action.freeCompleted;
      const source = isFree ? live.get(at) : previous;
      if (stack[i] !== NONE) {
        contexts[i] = same(source) ? (contexts[source as number] as number) : count++;
      }
      previous = -1;
      if (kind === Action.alloc || kind === Action.freeRequested) live.set(at, i);
      else if (kind === Action.freeCompleted) live.delete(at);
      else if (kind >= Action.segmentAlloc && kind <= Action.segmentUnmap) {
        previous = i;
        if (kind === Action.segmentAlloc) segmentAt.set(at, i);
      }
    }
    events.push(contexts);

    /** The context of a thing with this stack at this address. */
    const contextOf = (own: number, event: number | undefined): number => {
      if (own === NONE) return NONE;
      return event !== undefined && stack[event] === own ? (contexts[event] as number) : count++;
    };
    for (let s = device.segments[0]; s < device.segments[1]; s++) {
      const start = snapshot.segments.address[s] as number;
      segments[s] = contextOf(snapshot.segments.stack[s] as number, segmentAt.get(start));
      const end = snapshot.segments.firstBlock[s + 1] as number;
      for (let b = snapshot.segments.firstBlock[s] as number; b < end; b++) {
        const from = live.get(snapshot.blocks.address[b] as number);
        blocks[b] = contextOf(snapshot.blocks.stack[b] as number, from);
      }
    }
  }
  return { events, blocks, segments, count };
}
