/** Where segments come from: the CUDA driver, as far as the allocator sees it. */

export interface Driver {
  /** cudaMalloc: the address of `bytes` new bytes, or -1 when there is no room. */
  allocate(bytes: number, stream: number): number;
  /** cudaFree. */
  free(address: number, bytes: number): void;
  /** Reserves a range of virtual addresses for an expandable segment and returns where it begins. */
  reserve(): number;
  /**
   * Whether the reservation that begins at `base` has no address space for the range at `address`,
   * which lies behind everything that was ever mapped in it.
   */
  isExhausted(base: number, address: number): boolean;
  /** cuMemCreate and cuMemMap. False when there is no room. */
  map(address: number, bytes: number, stream: number): boolean;
  unmap(address: number, bytes: number): void;
  /**
   * The segment that was given back next when this was recorded: whether a graph still uses its
   * private pool is not in a trace, that its segments went is.
   */
  nextFreed?(): number | undefined;
}

/** Virtual ranges of a modelled device never touch: each may grow to 16 TiB. */
const RESERVATION = 2 ** 44;

/**
 * A device with `capacity` bytes for segments. Physical memory comes in pages and needs no
 * contiguity, so its amount is all that counts. Addresses only ever grow.
 */
export class ModelledDevice implements Driver {
  private used = 0;
  private nextAddress: number = RESERVATION;
  private reservations = 1;
  private readonly capacity: number;

  /** @param used bytes of segments that are there already */
  constructor(capacity: number, used = 0, firstAddress: number = RESERVATION) {
    this.capacity = capacity;
    this.used = used;
    this.nextAddress = firstAddress;
  }

  /** As full as this one, of another capacity. */
  resized(capacity: number): ModelledDevice {
    const other = new ModelledDevice(capacity, this.used, this.nextAddress);
    other.reservations = this.reservations;
    return other;
  }

  allocate(bytes: number): number {
    if (!this.map(0, bytes)) return -1;
    const address = this.nextAddress;
    this.nextAddress += bytes;
    return address;
  }

  free(_address: number, bytes: number): void {
    this.used -= bytes;
  }

  reserve(): number {
    this.reservations += 1;
    return RESERVATION * this.reservations;
  }

  isExhausted(): boolean {
    return false;
  }

  map(_address: number, bytes: number): boolean {
    if (this.used + bytes > this.capacity) return false;
    this.used += bytes;
    return true;
  }

  unmap(_address: number, bytes: number): void {
    this.used -= bytes;
  }
}
