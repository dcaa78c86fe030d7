/**
 * What the replayer of the caching allocator is given and what it gives back. It decides every address
 * of a block by itself: the only addresses that it is told are those of segments, which the driver
 * chooses (a test holds this).
 *
 * Operations are rows. An allocation is known by its number, counted from 0 in the order in which
 * blocks come to be: first those of the start, then each `malloc`.
 */

export const Op = {
  /** Ask for `size[i]` bytes on `stream[i]`; the block gets the next number. */
  malloc: 0,
  /** The program lets block `block[i]` go. */
  freeRequested: 1,
  /** Block `block[i]` becomes reusable; right after the request, or later when other streams used it. */
  freeCompleted: 2,
  /** torch.cuda.empty_cache(), called by the program (not the allocator's own retry). */
  emptyCache: 3,
  /** A request of `size[i]` bytes that failed when recorded. */
  oom: 4,
} as const;

export interface Program {
  readonly count: number;
  readonly op: Uint8Array;
  /** Number of the allocation: which a `malloc` or `oom` makes, which a free ends. */
  readonly block: Uint32Array;
  /** Bytes as asked for, before rounding. */
  readonly size: Float64Array;
  readonly stream: Uint16Array;
  /** Private pool; 0 is the default one. */
  readonly pool: Uint16Array;
}

/** A segment that existed before the first operation, with its blocks in order of address. */
export interface StartSegment {
  readonly address: number;
  readonly size: number;
  readonly stream: number;
  readonly pool: number;
  readonly isLarge: boolean;
  readonly isExpandable: boolean;
  readonly blocks: readonly StartBlock[];
}

export interface StartBlock {
  readonly size: number;
  /** Number of the allocation that lives in it; absent when it is free. */
  readonly block?: number;
  readonly requested?: number;
  /** The program has let it go already, and it waits for another stream. */
  readonly isPending?: boolean;
}

/** Settings of the allocator. Sizes in bytes. */
export interface AllocatorSettings {
  readonly expandableSegments: boolean;
  /** Infinity: unlimited, the default. */
  readonly maxSplitSize: number;
  readonly maxNonSplitRounding: number;
  readonly largeSegmentSize: number;
  /** 16 entries, 0 is off. */
  readonly roundupPower2Divisions: readonly number[];
  /** 0 is off. Works only where a cap is set. */
  readonly garbageCollectionThreshold: number;
  /** The cap of per_process_memory_fraction in bytes; Infinity without one. */
  readonly cap: number;
  /** Bytes that the device has for this process's segments; Infinity when not known. */
  readonly capacity: number;
}
