/** Runs a program through the allocator: on a modelled device, or against what was recorded. */
import { CachingAllocator, type FinalBlock, type Names } from './caching-allocator.ts';
import { ModelledDevice } from './driver.ts';
import { type AllocatorSettings, Op, type Program, type StartSegment } from './program.ts';
import { type Mismatch, type Tape, TapeDriver } from './tape.ts';

/** What a run on a modelled device came to. Bytes. */
export interface Run {
  readonly peakReserved: number;
  readonly peakAllocated: number;
  readonly finalReserved: number;
  /** Calls of cudaMalloc, cudaFree, or to map and unmap. */
  readonly deviceCalls: number;
  /** Requests that waited until all cached blocks were given back. */
  readonly retries: number;
  /** Requests that failed when recorded, and how many of them were served now. */
  readonly oomCount: number;
  readonly oomServed: number;
  /** First operation that failed although it was served when recorded: the run ends there. */
  readonly failedAt?: number;
  /** The search for room took too long: nothing else here counts. */
  readonly hasGivenUp: boolean;
}

export interface RunOptions {
  /** Leaves the program's calls of empty_cache() out. */
  readonly withoutEmptyCache?: boolean;
  /** Ends before this operation. */
  readonly until?: number;
  /** Room for an integer for each allocation, which a caller with many runs lends to each of them. */
  readonly scratch?: Int32Array;
}

/** Runs a program on a device with `settings.capacity` bytes. */
export function runModelled(
  program: Program,
  start: readonly StartSegment[],
  names: Names,
  settings: AllocatorSettings,
  options: RunOptions = {},
): Run {
  const device = deviceWith(start, settings.capacity);
  const allocator = new CachingAllocator(settings, device, names, options.scratch);
  allocator.place(start);
  const { op, block, size, stream, pool } = program;
  const count = options.until ?? program.count;
  const usesEmptyCache = options.withoutEmptyCache !== true;
  let oomCount = 0;
  let oomServed = 0;
  let failedAt: number | undefined;
  for (let i = 0; i < count; i += 1) {
    const what = op[i] as number;
    const number = block[i] as number;
    if (what === Op.malloc) {
      const isServed = allocator.malloc(
        number,
        size[i] as number,
        stream[i] as number,
        pool[i] as number,
      );
      if (!isServed) {
        failedAt = i;
        break;
      }
    } else if (what === Op.freeRequested) {
      // Nearly every free completes at once; there is nothing to see between the two.
      if (op[i + 1] === Op.freeCompleted && block[i + 1] === number) {
        i += 1;
        allocator.freeCompleted(number);
      } else allocator.freeRequested(number);
    } else if (what === Op.freeCompleted) allocator.freeCompleted(number);
    else if (what === Op.emptyCache) {
      if (usesEmptyCache) allocator.emptyCache();
    } else {
      oomCount += 1;
      if (allocator.malloc(number, size[i] as number, stream[i] as number, pool[i] as number)) {
        oomServed += 1;
        // The rest of the trace is of a program that did without it.
        allocator.freeCompleted(number);
      }
    }
  }
  return {
    peakReserved: allocator.peakReserved,
    peakAllocated: allocator.peakAllocated,
    finalReserved: allocator.reserved,
    deviceCalls: allocator.deviceAllocations + allocator.deviceFrees,
    retries: allocator.retries,
    oomCount,
    oomServed,
    ...(failedAt !== undefined && { failedAt }),
    hasGivenUp: allocator.hasGivenUp,
  };
}

/** A device that holds the segments of the start, and gives new ones addresses behind them. */
function deviceWith(start: readonly StartSegment[], capacity: number): ModelledDevice {
  let used = 0;
  let end = 0;
  for (const segment of start) {
    used += segment.size;
    end = Math.max(end, segment.address + segment.size);
  }
  return new ModelledDevice(capacity, used, end > 0 ? end : undefined);
}

/** What a run against a tape came to. */
export interface RecordedRun {
  /** Where each allocation was put: an address for each `malloc`, in their order. */
  readonly addresses: Float64Array;
  /** Bytes of the block that each got, in the same order. */
  readonly sizes: Float64Array;
  /** How many of them there are, up to where the run stopped. */
  readonly mallocs: number;
  /** Entries of the tape that were predicted. */
  readonly predicted: number;
  /** The operation at which allocator and tape parted, and why. */
  readonly stoppedAt?: {
    readonly op: number;
    readonly why: Mismatch | 'not_served' | 'served';
    /** Where a request was put that failed when recorded. */
    readonly address?: number;
  };
  readonly peakReserved: number;
  readonly retries: number;
  readonly deviceCalls: number;
  readonly finalReserved: number;
  readonly blocks: readonly FinalBlock[];
}

/**
 * Runs a program against what the driver answered when it was recorded. The program has no
 * addresses; those that come out are the allocator's own.
 * @param events the event of each operation, which places it among the entries of the tape
 */
export function runRecorded(
  program: Program,
  events: Uint32Array,
  start: readonly StartSegment[],
  names: Names,
  settings: AllocatorSettings,
  tape: Tape,
): RecordedRun {
  const driver = new TapeDriver(tape);
  const allocator = new CachingAllocator(settings, driver, names);
  allocator.place(start);
  const { op, block, size, stream, pool, count } = program;
  const addresses = new Float64Array(names.blocks);
  const sizes = new Float64Array(names.blocks);
  let mallocs = 0;
  let stoppedAt: RecordedRun['stoppedAt'];
  for (let i = 0; i < count; i += 1) {
    const what = op[i] as number;
    const number = block[i] as number;
    if (what === Op.malloc || what === Op.oom) {
      driver.until = events[i] as number;
      const isServed = allocator.malloc(
        number,
        size[i] as number,
        stream[i] as number,
        pool[i] as number,
      );
      if (isServed !== (what === Op.malloc)) {
        stoppedAt = isServed
          ? { op: i, why: 'served', address: allocator.addressOf(number) }
          : { op: i, why: driver.mismatch ?? 'not_served' };
        break;
      }
      if (isServed) {
        addresses[mallocs] = allocator.addressOf(number);
        sizes[mallocs] = allocator.sizeOf(number);
        mallocs += 1;
      }
    } else if (what === Op.freeRequested) {
      if (op[i + 1] === Op.freeCompleted && block[i + 1] === number) {
        i += 1;
        allocator.freeCompleted(number);
      } else allocator.freeRequested(number);
    } else if (what === Op.freeCompleted) allocator.freeCompleted(number);
    else {
      driver.until = events[i] as number;
      allocator.emptyCache();
    }
    if (driver.mismatch !== undefined || driver.hasLeft()) {
      stoppedAt = { op: i, why: driver.mismatch ?? 'not_asked' };
      break;
    }
  }
  if (stoppedAt === undefined && driver.position < tape.count) {
    stoppedAt = { op: count, why: 'not_asked' };
  }
  return {
    addresses,
    sizes,
    mallocs,
    predicted: driver.position,
    ...(stoppedAt !== undefined && { stoppedAt }),
    peakReserved: allocator.peakReserved,
    retries: allocator.retries,
    deviceCalls: allocator.deviceAllocations + allocator.deviceFrees,
    finalReserved: allocator.reserved,
    blocks: allocator.blocks(),
  };
}
