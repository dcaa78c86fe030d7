/**
 * A memory snapshot as columns. Whatever wrote it (Python's pickler, the C++ pickler, JSON, any version
 * of the schema), it becomes this; everything after the reader looks at nothing else.
 *
 * Rows are numbered from 0. Ids are row numbers of another table; `NONE` where there is none. Strings,
 * frames and stacks are interned by value, so equal ids mean equal things and the reverse. Columns are
 * as long as their table (`count`), never longer.
 *
 * Units: bytes; microseconds since the epoch. Addresses are float64: exact below 2^53, which holds for
 * the 48- and 57-bit addresses of CUDA devices. One beyond is rounded and said in `problems`.
 */
import type { Note, Problem } from '../base/problem.ts';

/** An id that refers to nothing. */
export const NONE = 0xffff_ffff;

/** What an event does. The order is part of the columns. */
export const ACTIONS = [
  'alloc',
  'free_requested',
  'free_completed',
  'segment_alloc',
  'segment_free',
  'segment_map',
  'segment_unmap',
  'snapshot',
  'oom',
  /** An action that this version of unoom does not know; its name is in a note. */
  'other',
] as const;
export type ActionName = (typeof ACTIONS)[number];

export const Action = {
  alloc: 0,
  freeRequested: 1,
  freeCompleted: 2,
  segmentAlloc: 3,
  segmentFree: 4,
  segmentMap: 5,
  segmentUnmap: 6,
  snapshot: 7,
  oom: 8,
  other: 9,
} as const;

/** The state of a block. `inactive` is free; `pendingFree` is freed but waits for a stream. */
export const BlockState = { inactive: 0, active: 1, pendingFree: 2 } as const;

export interface Frames {
  readonly count: number;
  /** String ids. */
  readonly name: Uint32Array;
  readonly file: Uint32Array;
  readonly line: Int32Array;
}

/** Stacks, innermost frame first: frames of stack `s` are `frames[offsets[s] .. offsets[s + 1]]`. */
export interface Stacks {
  readonly count: number;
  readonly offsets: Uint32Array;
  readonly frames: Uint32Array;
}

/** The events of one device, oldest first. */
export interface Events {
  readonly count: number;
  readonly action: Uint8Array;
  /** Of the block or segment; of `oom`: bytes that the device had free. */
  readonly address: Float64Array;
  /** As the program asked for it (`alloc`, `free_*`, `oom`), or of the segment or mapped range. */
  readonly size: Float64Array;
  /** Index into `Snapshot.streams`. */
  readonly stream: Uint16Array;
  /** A stack, or NONE. */
  readonly stack: Uint32Array;
  /** Microseconds since the epoch; NaN where the snapshot has none. Absent when no event has one. */
  readonly time?: Float64Array;
  /** Index into `Snapshot.pools`. Absent when no event names its pool (before 2.13). */
  readonly pool?: Uint16Array;
  /** String ids, or NONE. Absent when no event has one that says something ("N/A" and "" do not). */
  readonly compileContext?: Uint32Array;
  readonly userMetadata?: Uint32Array;
  /** Category that a profiler wrote: string id or NONE. */
  readonly category?: Uint32Array;
}

/** All segments, by device and then by address. Blocks of segment `s`: `firstBlock[s] .. firstBlock[s + 1]`. */
export interface Segments {
  readonly count: number;
  readonly device: Uint16Array;
  readonly address: Float64Array;
  readonly total: Float64Array;
  /** As the file states them; NaN where it does not. Integrity compares them with the blocks. */
  readonly allocated: Float64Array;
  readonly active: Float64Array;
  readonly requested: Float64Array;
  readonly stream: Uint16Array;
  /** 1 for the large pool, 0 for the small one. */
  readonly isLarge: Uint8Array;
  readonly isExpandable: Uint8Array;
  /** Index into `Snapshot.pools`. */
  readonly pool: Uint16Array;
  readonly stack: Uint32Array;
  /** count + 1 entries. */
  readonly firstBlock: Uint32Array;
}

/** Blocks in the order of their segments, by address within each. */
export interface Blocks {
  readonly count: number;
  readonly address: Float64Array;
  readonly size: Float64Array;
  /** What the program asked for; of an inactive block the last such figure. NaN where unknown. */
  readonly requested: Float64Array;
  readonly state: Uint8Array;
  readonly stack: Uint32Array;
}

/** What a trace says of one moment of the program: `record_function`, `Optimizer.step#…`. */
export interface Annotations {
  readonly count: number;
  /** String ids. */
  readonly name: Uint32Array;
  /** 1 for START, 0 for END. */
  readonly isStart: Uint8Array;
  readonly device: Int32Array;
  readonly time: Float64Array;
}

/** The allocator's settings as the file states them. Absent keys were not there. */
export interface RecordedSettings {
  /** PYTORCH_CUDA_ALLOC_CONF as it was set. */
  readonly conf?: string;
  /** Bytes; Infinity when unlimited. */
  readonly maxSplitSize?: number;
  readonly garbageCollectionThreshold?: number;
  readonly expandableSegments?: boolean;
  /** 16 entries: entry i serves sizes from 2^i MiB; 0 is off. */
  readonly roundupPower2Divisions?: readonly number[];
  readonly graphCaptureRecordStreamReuse?: boolean;
}

export interface Device {
  /** Its index as PyTorch saw it. */
  readonly index: number;
  readonly events: Events;
  /** Number in the file of event 0, when earlier ones were left out. */
  readonly firstEvent?: number;
  /** Rows of `Snapshot.segments`: from … to (exclusive). */
  readonly segments: readonly [from: number, to: number];
  /** True or false when the file says whether older events were overwritten. */
  readonly overflowed?: boolean;
  /** Entries that the recorder could hold, when the file says so. */
  readonly maxEntries?: number;
}

/** How the file was written, and what that tells of the version that wrote it. */
export interface Shape {
  readonly container: 'pickle' | 'json';
  /** Of a pickle. */
  readonly protocol?: number;
  /** `list`: only segments, as torch.cuda.memory_snapshot() gives them. */
  readonly form: 'dict' | 'list';
  /** Blocks have `history` (2.0 and before). */
  readonly isLegacy: boolean;
  /** Versions of PyTorch that write these keys: "2.3 – 2.5", "2.10+". */
  readonly version: string;
  /** Bytes of the file after unpacking. */
  readonly bytes: number;
  /** Made by `unoom snapshot make`: it shows no real run. */
  readonly isSynthetic: boolean;
}

export interface Snapshot {
  readonly shape: Shape;
  readonly strings: readonly string[];
  readonly frames: Frames;
  readonly stacks: Stacks;
  /** Handles of streams in decimal, in order of first use; "0" is the default stream. */
  readonly streams: readonly string[];
  /** Private pools as [a, b]; entry 0 is always the default pool [0, 0]. */
  readonly pools: readonly (readonly [number, number])[];
  /** By index; a device stands here when it has events or segments. */
  readonly devices: readonly Device[];
  readonly segments: Segments;
  readonly blocks: Blocks;
  readonly annotations: Annotations;
  /** Of the first event in the file that has a time, whether it was left out or not: where people count from. */
  readonly firstTime?: number;
  readonly settings?: RecordedSettings;
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
}
