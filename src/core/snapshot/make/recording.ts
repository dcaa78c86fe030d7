/**
 * Simulated devices under a recorder: what a program does to the allocator becomes the columns of a
 * snapshot, as _record_memory_history would have seen it.
 */
import type { AllocatorSettings } from '../../allocator/program.ts';
import {
  Action,
  type Annotations,
  BlockState,
  type Blocks,
  type Device,
  type Events,
  NONE,
  type RecordedSettings,
  type Segments,
  type Snapshot,
} from '../columns.ts';
import { type Recorder, SimulatedAllocator } from './allocator.ts';
import type { Block, Space } from './block.ts';
import { Driver } from './driver.ts';
import { bytes, ids, integers, numbers, shorts } from './growable.ts';
import { Names } from './names.ts';

export interface RecordingOptions {
  /** Capacity and cap aside, which are each device's own. */
  readonly settings: AllocatorSettings;
  /** per_process_memory_fraction: the part of a device that segments may take. Default: all. */
  readonly fraction?: number;
  /** As the snapshot states them. */
  readonly recorded: RecordedSettings;
  /** Entries that the recorder holds for each device; the oldest are overwritten. */
  readonly maxEntries?: number;
}

/** The clock's start: a made-up moment, the same for every recording. Microseconds since the epoch. */
const START_TIME = 1_700_000_000_000_000;
/** What things take, so that times differ. Microseconds, assumed. */
const EVENT_TIME = 2;
const SEGMENT_TIME = 150;

export class Recording {
  readonly names: Names = new Names();
  /** Events of all devices, those that were not written down or were overwritten included. */
  eventCount = 0;
  private isOn = true;
  private time = START_TIME;
  private readonly options: RecordingOptions;
  private readonly devices: SimulatedDevice[] = [];
  private readonly streams: string[] = [];
  private readonly streamIndex = new Map<number, number>();
  private readonly pools: [number, number][] = [[0, 0]];
  private readonly annotations = {
    name: ids(),
    isStart: bytes(),
    device: integers(),
    time: numbers(),
  };

  constructor(options: RecordingOptions) {
    this.options = options;
  }

  /** @param capacity bytes that the device has for segments. */
  addDevice(index: number, capacity: number): void {
    const { settings, fraction = 1 } = this.options;
    const cap = fraction < 1 ? Math.floor(fraction * capacity) : Number.POSITIVE_INFINITY;
    this.devices[index] = new SimulatedDevice(index, capacity, { ...settings, cap }, this);
  }

  /** The number of a private pool. */
  pool(a: number, b: number): number {
    const known = this.pools.findIndex((pool) => pool[0] === a && pool[1] === b);
    return known >= 0 ? known : this.pools.push([a, b]) - 1;
  }

  /** @returns the block, or undefined after an `oom` event. */
  malloc(
    device: number,
    size: number,
    stream: number,
    pool: number,
    stack: number,
  ): Block | undefined {
    return this.device(device).malloc(size, stream, pool, this.isOn ? stack : NONE);
  }

  free(device: number, block: Block, stack: number): void {
    this.device(device).free(block, stack);
  }

  emptyCache(device: number, stack: number): void {
    this.device(device).emptyCache(stack);
  }

  synchronize(device: number): void {
    this.device(device).allocator.synchronize();
  }

  /** Bytes that the driver has left. */
  freeBytes(device: number): number {
    return this.device(device).driver.free;
  }

  annotate(name: string, isStart: boolean, device: number): void {
    if (!this.isOn) return;
    this.annotations.name.push(this.names.string(name));
    this.annotations.isStart.push(Number(isStart));
    this.annotations.device.push(device);
    this.annotations.time.push(this.time);
  }

  /** Lets time pass. */
  wait(microseconds: number): void {
    this.time += microseconds;
  }

  /** Until `start`, nothing is written down: what lives then has no stack. */
  pause(): void {
    this.isOn = false;
  }

  start(): void {
    this.isOn = true;
  }

  /** The snapshot of this moment. The recording can go on. */
  finish(): Snapshot {
    const rows = new SegmentRows(this);
    const devices: Device[] = [];
    for (const device of this.devices) {
      if (device === undefined) continue;
      const from = rows.count;
      rows.add(device);
      devices.push(device.finish([from, rows.count], this.options.maxEntries));
    }
    const { segments, blocks } = rows.finish();
    return {
      shape: {
        container: 'pickle',
        protocol: 4,
        form: 'dict',
        isLegacy: false,
        version: '',
        bytes: 0,
        isSynthetic: true,
      },
      strings: this.names.strings,
      frames: this.names.frames(),
      stacks: this.names.stacks(),
      streams: this.streams,
      pools: this.pools,
      devices,
      segments,
      blocks,
      annotations: this.finishAnnotations(),
      settings: this.options.recorded,
      problems: [],
      notes: [],
    };
  }

  /** For the devices: the index of a stream by its handle. */
  streamOf(handle: number): number {
    const known = this.streamIndex.get(handle);
    if (known !== undefined) return known;
    const index = this.streams.push(String(handle)) - 1;
    this.streamIndex.set(handle, index);
    return index;
  }

  /** For the devices: the time of an event, or undefined when none is written down. */
  tick(isSegment: boolean): number | undefined {
    this.time += isSegment ? SEGMENT_TIME : EVENT_TIME;
    this.eventCount++;
    return this.isOn ? this.time : undefined;
  }

  private device(index: number): SimulatedDevice {
    const device = this.devices[index];
    if (device === undefined) throw new Error(`there is no device ${index}`);
    return device;
  }

  private finishAnnotations(): Annotations {
    const { name, isStart, device, time } = this.annotations;
    return {
      count: name.count,
      name: name.finish(),
      isStart: isStart.finish(),
      device: device.finish(),
      time: time.finish(),
    };
  }
}

class SimulatedDevice implements Recorder {
  readonly index: number;
  readonly driver: Driver;
  readonly allocator: SimulatedAllocator;
  private readonly recording: Recording;
  /** The stack of the call that is under way. */
  private stack = NONE;
  private readonly columns = {
    action: bytes(),
    address: numbers(),
    size: numbers(),
    stream: shorts(),
    stack: ids(),
    time: numbers(),
    pool: shorts(),
  };

  constructor(index: number, capacity: number, settings: AllocatorSettings, recording: Recording) {
    this.index = index;
    this.recording = recording;
    this.driver = new Driver(index, capacity);
    this.allocator = new SimulatedAllocator(settings, this.driver, this);
  }

  malloc(size: number, stream: number, pool: number, stack: number): Block | undefined {
    this.stack = stack;
    const block = this.allocator.malloc(size, stream, pool, stack);
    if (block !== undefined) this.write(Action.alloc, block.address, size, stream, pool);
    else this.write(Action.oom, this.driver.free, this.allocator.round(size), stream, pool);
    return block;
  }

  free(block: Block, stack: number): void {
    this.stack = stack;
    const { half, stream } = block.space;
    this.write(Action.freeRequested, block.address, block.requested, stream, half.pool);
    this.allocator.free(block);
  }

  emptyCache(stack: number): void {
    this.stack = stack;
    this.allocator.emptyCache();
  }

  segment(action: number, address: number, size: number, space: Space): void {
    this.write(action, address, size, space.stream, space.half.pool);
  }

  completed(block: Block): void {
    const { half, stream } = block.space;
    this.write(Action.freeCompleted, block.address, block.requested, stream, half.pool);
  }

  finish(segments: readonly [number, number], maxEntries: number | undefined): Device {
    const { columns } = this;
    const from = Math.max(0, columns.action.count - (maxEntries ?? Number.POSITIVE_INFINITY));
    const events: Events = {
      count: columns.action.count - from,
      action: columns.action.finish(from),
      address: columns.address.finish(from),
      size: columns.size.finish(from),
      stream: columns.stream.finish(from),
      stack: columns.stack.finish(from),
      time: columns.time.finish(from),
      pool: columns.pool.finish(from),
    };
    return {
      index: this.index,
      events,
      segments,
      ...(maxEntries !== undefined && { overflowed: from > 0, maxEntries }),
    };
  }

  private write(action: number, address: number, size: number, stream: number, pool: number): void {
    const isSegment = action >= Action.segmentAlloc && action <= Action.segmentUnmap;
    const time = this.recording.tick(isSegment);
    if (time === undefined) return;
    const { columns } = this;
    columns.action.push(action);
    columns.address.push(address);
    columns.size.push(size);
    columns.stream.push(this.recording.streamOf(stream));
    columns.stack.push(this.stack);
    columns.time.push(time);
    columns.pool.push(pool);
  }
}

/** Segments and blocks as they stand. */
class SegmentRows {
  private readonly recording: Recording;
  private readonly segments = {
    device: shorts(),
    address: numbers(),
    total: numbers(),
    allocated: numbers(),
    active: numbers(),
    requested: numbers(),
    stream: shorts(),
    isLarge: bytes(),
    isExpandable: bytes(),
    pool: shorts(),
    stack: ids(),
    firstBlock: ids(),
  };
  private readonly blocks = {
    address: numbers(),
    size: numbers(),
    requested: numbers(),
    state: bytes(),
    stack: ids(),
  };

  constructor(recording: Recording) {
    this.recording = recording;
  }

  get count(): number {
    return this.segments.device.count;
  }

  add(device: SimulatedDevice): void {
    for (const chain of device.allocator.segments()) this.addSegment(device.index, chain);
  }

  finish(): { segments: Segments; blocks: Blocks } {
    const { segments, blocks } = this;
    segments.firstBlock.push(blocks.address.count);
    return {
      segments: {
        count: segments.device.count,
        device: segments.device.finish(),
        address: segments.address.finish(),
        total: segments.total.finish(),
        allocated: segments.allocated.finish(),
        active: segments.active.finish(),
        requested: segments.requested.finish(),
        stream: segments.stream.finish(),
        isLarge: segments.isLarge.finish(),
        isExpandable: segments.isExpandable.finish(),
        pool: segments.pool.finish(),
        stack: segments.stack.finish(),
        firstBlock: segments.firstBlock.finish(),
      },
      blocks: {
        count: blocks.address.count,
        address: blocks.address.finish(),
        size: blocks.size.finish(),
        requested: blocks.requested.finish(),
        state: blocks.state.finish(),
        stack: blocks.stack.finish(),
      },
    };
  }

  private addSegment(device: number, chain: readonly Block[]): void {
    const [first] = chain;
    if (first === undefined) return;
    const { segments, blocks } = this;
    const { half, stream } = first.space;
    segments.firstBlock.push(blocks.address.count);
    let [total, allocated, active, requested] = [0, 0, 0, 0];
    for (const block of chain) {
      total += block.size;
      if (block.isAllocated) allocated += block.size;
      if (block.isAllocated || block.isPending) {
        active += block.size;
        requested += block.requested;
      }
      blocks.address.push(block.address);
      blocks.size.push(block.size);
      blocks.requested.push(block.requested);
      blocks.state.push(stateOf(block));
      blocks.stack.push(stateOf(block) === BlockState.inactive ? NONE : block.stack);
    }
    segments.device.push(device);
    segments.address.push(first.address);
    segments.total.push(total);
    segments.allocated.push(allocated);
    segments.active.push(active);
    segments.requested.push(requested);
    segments.stream.push(this.recording.streamOf(stream));
    segments.isLarge.push(Number(half.isLarge));
    segments.isExpandable.push(Number(first.isExpandable));
    segments.pool.push(half.pool);
    segments.stack.push(first.segmentStack);
  }
}

const stateOf = (block: Block): number => {
  if (block.isAllocated) return BlockState.active;
  return block.isPending ? BlockState.pendingFree : BlockState.inactive;
};
