/**
 * The driver of a simulated device: it has a capacity and gives out ranges of addresses. Memory is handed
 * out without regard to contiguity, so size is the only condition. Addresses that were given back are
 * given out again: the smallest gap that is large enough.
 */
import { GiB } from '../../base/bytes.ts';
import { FreeList, type Range } from './free-list.ts';

const TiB = 1024 * GiB;
/** Addresses that belong to one device, and where in them reservations of expandable segments begin. */
const DEVICE_SPAN = 64 * TiB;
const FIRST_ADDRESS = 32 * TiB;
const RESERVED_FROM = 2 * TiB;
/** Each reservation begins a span of its own: no device has more than 1 TiB. */
const RESERVATION_SPAN = 2 * TiB;
/** Memory comes in pages of this many bytes. */
const PAGE = 2 ** 21;

export class Driver {
  readonly capacity: number;
  /** Bytes handed out. */
  used = 0;
  private readonly gaps = new FreeList<Range>();
  private readonly gapFrom = new Map<number, Range>();
  private readonly gapUpTo = new Map<number, Range>();
  /** Behind all addresses in use. */
  private top: number;
  private nextReservation: number;

  constructor(device: number, capacity: number) {
    this.capacity = capacity;
    this.top = FIRST_ADDRESS + device * DEVICE_SPAN;
    this.nextReservation = this.top + RESERVED_FROM;
  }

  get free(): number {
    return this.capacity - this.used;
  }

  /** cudaMalloc. @returns the address, or undefined when there is no room. */
  allocate(size: number): number | undefined {
    if (size > this.free) return undefined;
    this.used += size;
    const span = spanOf(size);
    const gap = this.gaps.at(this.gaps.lowerBound(span));
    if (gap === undefined) {
      this.top += span;
      return this.top - span;
    }
    this.removeGap(gap);
    if (gap.size > span) this.addGap(gap.address + span, gap.size - span);
    return gap.address;
  }

  /** cudaFree. */
  release(address: number, size: number): void {
    this.used -= size;
    const before = this.gapUpTo.get(address);
    const behind = this.gapFrom.get(address + spanOf(size));
    if (before !== undefined) this.removeGap(before);
    if (behind !== undefined) this.removeGap(behind);
    const start = before?.address ?? address;
    const end = address + spanOf(size) + (behind?.size ?? 0);
    if (end === this.top) this.top = start;
    else this.addGap(start, end - start);
  }

  private addGap(address: number, size: number): void {
    const gap = { address, size };
    this.gaps.insert(gap);
    this.gapFrom.set(address, gap);
    this.gapUpTo.set(address + size, gap);
  }

  private removeGap(gap: Range): void {
    this.gaps.remove(gap);
    this.gapFrom.delete(gap.address);
    this.gapUpTo.delete(gap.address + gap.size);
  }

  /** cuMemAddressReserve: addresses only, no memory. */
  reserve(): number {
    const start = this.nextReservation;
    this.nextReservation += RESERVATION_SPAN;
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

/** Addresses that a segment takes. */
const spanOf = (size: number): number => Math.ceil(size / PAGE) * PAGE;
