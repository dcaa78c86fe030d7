/**
 * A program of allocations through the caching allocator. One program is replayed on several cards: up to where the
 * smaller one is full they are the same, so that a replay starts from the last place that an earlier one came by.
 */
import { CachingAllocator } from '../allocator/caching-allocator.ts';
import { ModelledDevice } from '../allocator/driver.ts';
import type { AllocatorSettings } from '../allocator/program.ts';
import { STREAMS } from './gathered-run.ts';

/** Allocations in their order. */
export interface Program {
  /** A storage that came, or `~storage` that went. */
  readonly events: Int32Array;
  /** Bytes of each storage, and the stream that it belongs to. */
  readonly sizes: Float64Array;
  readonly streams: Uint8Array;
  readonly allocated: number;
  /** The highest instant after `first`. */
  readonly later: number;
  /** Until the first step of the optimizer: events, and the highest instant. */
  readonly first: { readonly events: number; readonly allocated: number };
}

/** What a program reserves, in all and until the first step of the optimizer. */
export interface Replay {
  readonly reserved: number;
  readonly first: number;
  /** How often all idle segments had to be given back. */
  readonly retries: number;
  /** True where the card had all that was asked of it: nothing was given back. */
  readonly isFree: boolean;
}

/** Where a replay stood before an event, when it had met no end of its card. */
interface Place {
  readonly at: number;
  readonly early: number;
  readonly device: ModelledDevice;
  readonly allocator: CachingAllocator;
}

/** The places of one program under some settings, in order. */
export class Places {
  readonly #places: Place[] = [];

  /** The last one that a card of so many bytes comes by as well. */
  before(capacity: number): Place | undefined {
    return this.#places.findLast(({ allocator }) => allocator.peakReserved <= capacity);
  }

  add(place: Place): void {
    const last = this.#places.at(-1);
    if (last === undefined || last.at < place.at) this.#places.push(place);
  }
}

/** Places after the first step, as far as to the middle of the second, where cards that are too small are full. */
const PLACES = 4;

/** On a card of so many bytes; undefined where it runs out of memory. */
export function replay(
  { events, sizes, streams, first }: Program,
  settings: AllocatorSettings,
  capacity: number,
  places?: Places,
): Replay | undefined {
  const from = places?.before(capacity);
  const device = from?.device.resized(capacity) ?? new ModelledDevice(capacity);
  const names = { blocks: sizes.length, streams: STREAMS, pools: 1 };
  const allocator = from?.allocator.fork(device) ?? new CachingAllocator(settings, device, names);
  const apart = Math.ceil((events.length - first.events) / (2 * PLACES));
  let early = from?.early ?? 0;
  let stop = places === undefined ? Number.POSITIVE_INFINITY : first.events;
  if (from !== undefined) stop = from.at + apart;
  for (let i = from?.at ?? 0; i < events.length; i += 1) {
    const event = events[i] as number;
    if (i === first.events) early = allocator.peakReserved;
    if (i >= stop) {
      const isFree = allocator.retries + allocator.deviceFrees === 0;
      const isLast = i >= first.events + (PLACES - 1) * apart;
      stop = isFree && !isLast ? i + apart : Number.POSITIVE_INFINITY;
      if (isFree) {
        const endless = device.resized(Number.POSITIVE_INFINITY);
        places?.add({ at: i, early, device: endless, allocator: allocator.fork(endless) });
      }
    }
    if (event < 0) {
      allocator.freeCompleted(~event);
      continue;
    }
    const bytes = sizes[event] as number;
    const stream = streams[event] as number;
    const isScratch = events[i + 1] === ~event && i + 1 !== first.events;
    if (isScratch && allocator.isPassing(bytes, stream, 0)) i += 1;
    else if (!allocator.malloc(event, bytes, stream, 0)) return undefined;
  }
  const { peakReserved: reserved, retries } = allocator;
  return { reserved, first: early, retries, isFree: retries + allocator.deviceFrees === 0 };
}
