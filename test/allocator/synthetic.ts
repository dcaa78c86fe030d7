/**
 * Snapshots of runs that never were: a seeded workload, put through the simulator and written down as
 * PyTorch would. They show that reader, start and replay agree with each other; whether the
 * simulator is right they cannot show, only real files can.
 */
import { CachingAllocator } from '../../src/core/allocator/caching-allocator.ts';
import type { Driver } from '../../src/core/allocator/driver.ts';
import type { AllocatorSettings } from '../../src/core/allocator/program.ts';
import { Action, NONE, type Snapshot } from '../../src/core/snapshot/columns.ts';

const MIB = 2 ** 20;

export const PLAIN_SETTINGS: AllocatorSettings = {
  expandableSegments: false,
  maxSplitSize: Number.POSITIVE_INFINITY,
  maxNonSplitRounding: 20 * MIB,
  largeSegmentSize: 20 * MIB,
  roundupPower2Divisions: new Array<number>(16).fill(0),
  garbageCollectionThreshold: 0,
  cap: Number.POSITIVE_INFINITY,
  capacity: Number.POSITIVE_INFINITY,
};

export interface Workload {
  readonly seed: number;
  /** About how many events to write. */
  readonly events: number;
  readonly settings?: Partial<AllocatorSettings>;
  /** Also the text of PYTORCH_CUDA_ALLOC_CONF in the snapshot. */
  readonly conf?: string;
  readonly streams?: number;
  /** Share of frees that wait for another stream. */
  readonly delayed?: number;
  /** Calls empty_cache() after every so many steps. */
  readonly emptyCacheEvery?: number;
  /** Keeps only the last events, as a ring buffer does. */
  readonly keep?: number;
  readonly withStacks?: boolean;
  /** Tensors that a step keeps until its backward pass. */
  readonly layers?: number;
  /** Bytes that are live at once, at most. */
  readonly budget?: number;
}

interface Event {
  readonly action: number;
  readonly address: number;
  readonly size: number;
  readonly stream: number;
  readonly stack: number;
}

const STACK_OF_PROGRAM = 0;
const STACK_OF_EMPTY_CACHE = 1;

/** A device that writes down what it did. */
class RecordingDevice implements Driver {
  used = 0;
  /** What happened within one call of the allocator. */
  buffer: Event[] = [];
  stack = STACK_OF_PROGRAM;
  readonly segments = new Map<number, number>();
  /** The stream of each segment, and of each reservation by its number. */
  private readonly streams = new Map<number, number>();
  private readonly random: () => number;
  private readonly capacity: number;
  private next = 0x7f00_0000_0000;
  private reservations = 0;

  constructor(capacity: number, random: () => number) {
    this.capacity = capacity;
    this.random = random;
  }

  allocate(bytes: number, stream: number): number {
    if (this.used + bytes > this.capacity) return -1;
    this.used += bytes;
    // Gaps, and now and then a step back: the driver promises no order.
    this.next += Math.ceil(this.random() * 4) * 2 * MIB;
    const address = this.next;
    this.next += bytes;
    this.segments.set(address, bytes);
    this.streams.set(address, stream);
    this.write(Action.segmentAlloc, address, bytes, stream);
    return address;
  }

  free(address: number, bytes: number): void {
    this.used -= bytes;
    this.segments.delete(address);
    this.write(Action.segmentFree, address, bytes, this.streams.get(address) ?? 0);
  }

  reserve(): number {
    this.reservations += 1;
    return this.reservations * 2 ** 40;
  }

  isExhausted(): boolean {
    return false;
  }

  map(address: number, bytes: number, stream: number): boolean {
    if (this.used + bytes > this.capacity) return false;
    this.used += bytes;
    this.streams.set(Math.floor(address / 2 ** 40), stream);
    this.write(Action.segmentMap, address, bytes, stream);
    return true;
  }

  unmap(address: number, bytes: number): void {
    this.used -= bytes;
    const stream = this.streams.get(Math.floor(address / 2 ** 40)) ?? 0;
    this.write(Action.segmentUnmap, address, bytes, stream);
  }

  private write(action: number, address: number, size: number, stream: number): void {
    this.buffer.push({ action, address, size, stream, stack: this.stack });
  }
}

/** Mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Held {
  readonly number: number;
  readonly address: number;
  readonly size: number;
  readonly stream: number;
}

/** The program of a run: tensors that stay, and per step a stack of tensors that come and go. */
export class SyntheticRun {
  readonly settings: AllocatorSettings;
  readonly events: Event[] = [];
  readonly allocator: CachingAllocator;
  readonly live = new Map<number, Held>();
  private readonly pending: Held[] = [];
  private readonly device: RecordingDevice;
  private readonly random: () => number;
  private readonly workload: Workload;
  private readonly sizes: readonly number[];
  private numbers = 0;
  private held = 0;

  constructor(workload: Workload) {
    this.workload = workload;
    this.settings = { ...PLAIN_SETTINGS, ...workload.settings };
    this.random = randomFrom(workload.seed);
    // Its own chance: the program is the same whatever the device is asked.
    this.device = new RecordingDevice(this.settings.capacity, randomFrom(workload.seed + 1e6));
    this.allocator = new CachingAllocator(this.settings, this.device, {
      streams: workload.streams ?? 1,
      pools: 1,
      blocks: workload.events,
    });
    this.sizes = Array.from({ length: 24 }, () => this.anySize());
  }

  run(): void {
    const { events, emptyCacheEvery } = this.workload;
    for (let i = 0; i < 30; i += 1) this.allocate(this.anySize(), 0);
    for (let step = 1; this.events.length < events; step += 1) {
      this.step();
      if (emptyCacheEvery !== undefined && step % emptyCacheEvery === 0) this.emptyCache();
    }
  }

  /** Forward: tensors that stay until backward, with temporaries. Backward: in reverse. */
  private step(): void {
    const scale = 0.5 + this.random();
    const kept: Held[] = [];
    for (let layer = 0; layer < (this.workload.layers ?? 60); layer += 1) {
      const stream = this.random() < 0.9 ? 0 : Math.floor(this.random() * this.streams());
      const size = this.pick() * (this.random() < 0.3 ? scale : 1);
      const saved = this.allocate(Math.max(1, Math.floor(size)), stream);
      if (saved !== undefined) kept.push(saved);
      const temporary = this.allocate(this.pick(), stream);
      if (temporary !== undefined && this.random() < 0.97) this.free(temporary);
      else if (temporary !== undefined) kept.push(temporary);
    }
    for (const each of kept.reverse()) {
      const gradient = this.allocate(each.size, each.stream);
      this.free(each);
      if (gradient !== undefined && this.random() < 0.995) this.free(gradient);
    }
    if (this.random() < 0.3) this.freeSomeOld();
  }

  private streams(): number {
    return this.workload.streams ?? 1;
  }

  private pick(): number {
    return this.random() < 0.8
      ? (this.sizes[Math.floor(this.random() * this.sizes.length)] as number)
      : this.anySize();
  }

  private anySize(): number {
    const exponent = 6 + this.random() * 18.5;
    return Math.max(1, Math.floor(2 ** exponent));
  }

  private freeSomeOld(): void {
    const old = [...this.live.values()].slice(0, 40);
    for (const each of old) if (this.random() < 0.2) this.free(each);
  }

  private allocate(size: number, stream: number): Held | undefined {
    if (this.held + size > (this.workload.budget ?? 2 ** 33)) this.freeSomeOld();
    if (this.random() < 0.3) this.completeSome();
    const number = this.numbers;
    this.numbers += 1;
    this.device.buffer = [];
    const isServed = this.allocator.malloc(number, size, stream, 0);
    this.flush();
    if (!isServed) {
      const rounded = Math.ceil(size / 512) * 512;
      const free = this.settings.capacity - this.device.used;
      this.write(Action.oom, free, rounded, stream);
      for (let i = 0; i < 5; i += 1) this.freeSomeOld();
      return undefined;
    }
    const held = { number, address: this.allocator.addressOf(number), size, stream };
    this.write(Action.alloc, held.address, size, stream);
    this.live.set(number, held);
    this.held += size;
    return held;
  }

  private free(held: Held): void {
    if (!this.live.delete(held.number)) return;
    this.held -= held.size;
    this.write(Action.freeRequested, held.address, held.size, held.stream);
    this.allocator.freeRequested(held.number);
    this.pending.push(held);
    if (this.random() >= (this.workload.delayed ?? 0)) this.complete(held);
  }

  private complete(held: Held): void {
    this.pending.splice(this.pending.indexOf(held), 1);
    this.write(Action.freeCompleted, held.address, held.size, held.stream);
    this.allocator.freeCompleted(held.number);
  }

  private completeSome(): void {
    for (const held of [...this.pending]) if (this.random() < 0.5) this.complete(held);
  }

  private emptyCache(): void {
    this.device.buffer = [];
    this.device.stack = STACK_OF_EMPTY_CACHE;
    this.allocator.emptyCache();
    this.device.stack = STACK_OF_PROGRAM;
    this.flush();
  }

  /** Writes down what the device did, and before the first release what waiting for streams freed. */
  private flush(): void {
    const { buffer } = this.device;
    const done = this.pending.filter(({ number }) => this.allocator.addressOf(number) < 0);
    const completions = done.map((held) => {
      this.pending.splice(this.pending.indexOf(held), 1);
      const { address, size, stream } = held;
      return { action: Action.freeCompleted, address, size, stream, stack: STACK_OF_PROGRAM };
    });
    const isRelease = ({ action }: Event) =>
      action === Action.segmentFree || action === Action.segmentUnmap;
    const at = buffer.findIndex(isRelease);
    const from = at < 0 ? buffer.length : at;
    this.events.push(...buffer.slice(0, from), ...completions, ...buffer.slice(from));
  }

  private write(action: number, address: number, size: number, stream: number): void {
    this.events.push({ action, address, size, stream, stack: STACK_OF_PROGRAM });
  }

  snapshot(): Snapshot {
    const { keep, withStacks, conf } = this.workload;
    const events = keep === undefined ? this.events : this.events.slice(-keep);
    const blocks = this.allocator.blocks();
    const requests = new Map([...this.live.values()].map((held) => [held.address, held.size]));
    for (const held of this.pending) requests.set(held.address, held.size);
    const segments = segmentsOf(blocks, this.device.segments);
    const count = events.length;
    const strings = ['', 'train', 'step.py', 'empty_cache', 'memory.py'];
    return {
      shape: {
        container: 'pickle',
        protocol: 4,
        form: 'dict',
        isLegacy: false,
        version: '2.6',
        bytes: 0,
        isSynthetic: true,
      },
      strings,
      frames: {
        count: 2,
        name: Uint32Array.of(1, 3),
        file: Uint32Array.of(2, 4),
        line: Int32Array.of(7, 150),
      },
      stacks: { count: 2, offsets: Uint32Array.of(0, 1, 3), frames: Uint32Array.of(0, 1, 0) },
      streams: Array.from({ length: this.streams() }, (_, i) => String(i * 4096)),
      pools: [[0, 0]],
      devices: [
        {
          index: 0,
          segments: [0, segments.length],
          events: {
            count,
            action: Uint8Array.from(events, ({ action }) => action),
            address: Float64Array.from(events, ({ address }) => address),
            size: Float64Array.from(events, ({ size }) => size),
            stream: Uint16Array.from(events, ({ stream }) => stream),
            stack: withStacks
              ? Uint32Array.from(events, ({ stack }) => stack)
              : new Uint32Array(count).fill(NONE),
          },
        },
      ],
      segments: {
        count: segments.length,
        device: new Uint16Array(segments.length),
        address: Float64Array.from(segments, ({ address }) => address),
        total: Float64Array.from(segments, ({ size }) => size),
        allocated: new Float64Array(segments.length).fill(Number.NaN),
        active: new Float64Array(segments.length).fill(Number.NaN),
        requested: new Float64Array(segments.length).fill(Number.NaN),
        stream: Uint16Array.from(segments, ({ stream }) => stream),
        isLarge: Uint8Array.from(segments, ({ isLarge }) => (isLarge ? 1 : 0)),
        isExpandable: Uint8Array.from(segments, ({ isExpandable }) => (isExpandable ? 1 : 0)),
        pool: new Uint16Array(segments.length),
        stack: new Uint32Array(segments.length).fill(NONE),
        firstBlock: Uint32Array.from([
          ...segments.map(({ firstBlock }) => firstBlock),
          blocks.length,
        ]),
      },
      blocks: {
        count: blocks.length,
        address: Float64Array.from(blocks, ({ address }) => address),
        size: Float64Array.from(blocks, ({ size }) => size),
        requested: Float64Array.from(blocks, ({ address }) => requests.get(address) ?? 0),
        state: Uint8Array.from(
          blocks,
          ({ state }) => ({ free: 0, allocated: 1, pending: 2 })[state],
        ),
        stack: new Uint32Array(blocks.length).fill(NONE),
      },
      annotations: {
        count: 0,
        name: new Uint32Array(0),
        isStart: new Uint8Array(0),
        device: new Int32Array(0),
        time: new Float64Array(0),
      },
      settings: {
        ...(conf !== undefined && { conf }),
        maxSplitSize: this.settings.maxSplitSize,
        garbageCollectionThreshold: this.settings.garbageCollectionThreshold,
        expandableSegments: this.settings.expandableSegments,
        roundupPower2Divisions: this.settings.roundupPower2Divisions,
      },
      problems: [],
      notes: [],
    };
  }
}

export function syntheticSnapshot(workload: Workload): Snapshot {
  const run = new SyntheticRun(workload);
  run.run();
  return run.snapshot();
}

type Blocks = ReturnType<CachingAllocator['blocks']>;

/** Segments of cudaMalloc as they are known, and mapped ranges as far as they reach. */
function segmentsOf(blocks: Blocks, known: ReadonlyMap<number, number>) {
  const segments: {
    address: number;
    size: number;
    stream: number;
    isLarge: boolean;
    isExpandable: boolean;
    firstBlock: number;
  }[] = [];
  for (const [i, block] of blocks.entries()) {
    const last = segments.at(-1);
    const end = last === undefined ? -1 : last.address + last.size;
    const size = known.get(block.address);
    if (last !== undefined && !last.isExpandable && block.address < end) continue;
    if (size === undefined && last?.isExpandable && block.address === end) {
      last.size += block.size;
      continue;
    }
    segments.push({
      address: block.address,
      size: size ?? block.size,
      stream: block.stream,
      isLarge: block.isLarge,
      isExpandable: size === undefined,
      firstBlock: i,
    });
  }
  return segments;
}
