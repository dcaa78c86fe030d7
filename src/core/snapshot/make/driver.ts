/**
 * The driver of a simulated device: it has a capacity and gives out ranges of addresses. Memory is handed
 * out without regard to contiguity, so size is the only condition; the lowest address that fits is taken.
 */
import { GiB } from '../../base/bytes.ts';

/** Addresses that belong to one device, and where in them reservations of expandable segments begin. */
const DEVICE_SPAN = 16 * 1024 * GiB;
const FIRST_ADDRESS = 32 * 1024 * GiB;
const RESERVED_FROM = 2 * 1024 * GiB;
/** Memory comes in pages of this many bytes. */
const PAGE = 2 ** 21;

export class Driver {
  readonly capacity: number;
  /** Bytes handed out. */
  used = 0;
  /** Ranges in use, by address: start, end, start, end … */
  private readonly ranges: number[] = [];
  private readonly base: number;
  private nextReservation: number;

  constructor(device: number, capacity: number) {
    this.capacity = capacity;
    this.base = FIRST_ADDRESS + device * DEVICE_SPAN;
    this.nextReservation = this.base + RESERVED_FROM;
  }

  get free(): number {
    return this.capacity - this.used;
  }

  /** cudaMalloc. @returns the address, or undefined when there is no room. */
  allocate(size: number): number | undefined {
    if (size > this.free) return undefined;
    const { ranges } = this;
    const span = Math.ceil(size / PAGE) * PAGE;
    let start = this.base;
    let i = 0;
    while (i < ranges.length && (ranges[i] as number) - start < span) {
      start = ranges[i + 1] as number;
      i += 2;
    }
    ranges.splice(i, 0, start, start + span);
    this.used += size;
    return start;
  }

  /** cudaFree. */
  release(address: number, size: number): void {
    // Ranges in use never overlap, so the start is found by halving.
    let low = 0;
    let high = this.ranges.length / 2;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ranges[2 * middle] as number) < address) low = middle + 1;
      else high = middle;
    }
    this.ranges.splice(2 * low, 2);
    this.used -= size;
  }

  /** cuMemAddressReserve: addresses only, no memory. */
  reserve(size: number): number {
    const start = this.nextReservation;
    this.nextReservation += size;
    return start;
  }

  /** cuMemCreate and cuMemMap of whole pages. @returns whether there was room. */
  map(size: number): boolean {
    if (size > this.free) return false;
    this.used += size;
    return true;
  }

  unmap(size: number): void {
    this.used -= size;
  }
}
