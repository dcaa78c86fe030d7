/**
 * The driver as it was recorded: it answers with what the trace says that it answered, and notices
 * when the allocator asks for something else, or at another moment.
 *
 * Its addresses are those of segments and mapped ranges, and the only ones that a replay is told.
 */
import type { Driver } from './driver.ts';

export const TapeKind = { allocate: 0, free: 1, map: 2, unmap: 3 } as const;

/** What the driver was asked, oldest first. */
export interface Tape {
  readonly count: number;
  readonly kind: Uint8Array;
  readonly address: Float64Array;
  /** Bytes. */
  readonly size: Float64Array;
  readonly stream: Uint16Array;
  /** The event that each entry was: it belongs to the operation whose event is the next one. */
  readonly event: Uint32Array;
}

/** Why a tape and an allocator part. */
export type Mismatch = 'size' | 'stream' | 'place' | 'not_asked' | 'not_recorded';

export class TapeDriver implements Driver {
  /** Entries that the allocator asked for as recorded. */
  position = 0;
  mismatch: Mismatch | undefined;
  /** Entries up to this event belong to the operation under way. */
  until = 0;
  private readonly tape: Tape;

  constructor(tape: Tape) {
    this.tape = tape;
  }

  /** Whether an entry of the operation under way, or of one before it, is left. */
  hasLeft(): boolean {
    return (
      this.position < this.tape.count && (this.tape.event[this.position] as number) <= this.until
    );
  }

  allocate(bytes: number, stream: number): number {
    const { tape, position } = this;
    // What was given back, or nothing at all: the driver had refused.
    if (!this.hasLeft() || tape.kind[position] !== TapeKind.allocate) return -1;
    if (!this.take(TapeKind.allocate, bytes, stream)) return -1;
    return tape.address[position] as number;
  }

  free(address: number, bytes: number): void {
    this.giveBack(TapeKind.free, address, bytes);
  }

  /** The first range that is mapped in a reservation is at its beginning. */
  reserve(): number {
    const { tape, position } = this;
    return this.hasLeft() && tape.kind[position] === TapeKind.map
      ? (tape.address[position] as number)
      : 0;
  }

  /** A range that is mapped outside of all that is known of a reservation is in another one. */
  isExhausted(base: number, address: number): boolean {
    const { tape, position } = this;
    if (!this.hasLeft() || tape.kind[position] !== TapeKind.map) return false;
    const next = tape.address[position] as number;
    return next > address || next < base;
  }

  map(address: number, bytes: number, stream: number): boolean {
    const { tape, position } = this;
    if (!this.hasLeft() || tape.kind[position] !== TapeKind.map) return false;
    if (tape.address[position] !== address) {
      this.mismatch ??= 'place';
      return false;
    }
    return this.take(TapeKind.map, bytes, stream);
  }

  unmap(address: number, bytes: number): void {
    this.giveBack(TapeKind.unmap, address, bytes);
  }

  /** The address of the segment that is given back next, when that is what comes next. */
  nextFreed(): number | undefined {
    const { tape, position } = this;
    if (!this.hasLeft() || tape.kind[position] !== TapeKind.free) return undefined;
    return tape.address[position] as number;
  }

  private take(kind: number, bytes: number, stream: number): boolean {
    const { tape, position } = this;
    if (tape.kind[position] !== kind) this.mismatch ??= 'not_recorded';
    else if (tape.size[position] !== bytes) this.mismatch ??= 'size';
    else if (tape.stream[position] !== stream) this.mismatch ??= 'stream';
    if (this.mismatch !== undefined) return false;
    this.position += 1;
    return true;
  }

  private giveBack(kind: number, address: number, bytes: number): void {
    const { tape, position } = this;
    if (!this.hasLeft()) this.mismatch ??= 'not_recorded';
    else if (tape.kind[position] !== kind) this.mismatch ??= 'not_recorded';
    else if (tape.address[position] !== address) this.mismatch ??= 'place';
    else if (tape.size[position] !== bytes) this.mismatch ??= 'size';
    else this.position += 1;
  }
}
