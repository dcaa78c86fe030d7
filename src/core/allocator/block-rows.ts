/**
 * Blocks as rows of one buffer: what belongs to a block lies side by side, so that whoever looks at one
 * meets one line of the processor's cache and not one for each column. A row is used again when its
 * block is gone.
 *
 * Row `r` has its numbers at `floats[r * FLOATS + …]` and its integers at `ints[r * INTS + …]`; both are
 * views of the same buffer. Both are replaced when rows are added (`add`).
 */

export const NO_ROW = -1;

/** Places of a row's numbers: bytes. */
export const FLOATS = 8;
export const SIZE = 0;
export const ADDRESS = 1;

/** Places of a row's integers, behind its numbers. */
export const INTS = 16;
/** Neighbours within the segment, or NO_ROW. */
export const PREVIOUS = 4;
export const NEXT = 5;
/** A `RowState`. */
export const STATE = 6;
/** Index of the block's pool and stream. */
export const SET = 7;
/** Index of the reservation of an expandable segment, or NO_ROW. */
export const RESERVATION = 8;
/** Searches of the pool that there had been when the block became free. */
export const FREE_SINCE = 9;
/** Of a free block: those before and after it in its tree of free blocks, or NO_ROW. */
export const BEFORE = 10;
export const AFTER = 11;

/** What a row holds. */
export const RowState = { unused: 0, free: 1, allocated: 2, pending: 3, unmapped: 4 } as const;

const FIRST_CAPACITY = 256;
const ROW_BYTES = FLOATS * 8;

export class BlockRows {
  floats: Float64Array = new Float64Array(FIRST_CAPACITY * FLOATS);
  ints: Int32Array = new Int32Array(this.floats.buffer);
  /** Rows that are or were used: 0 .. count. */
  count = 0;
  /** Rows that can be used again; each is linked to the next one by NEXT. */
  private unused: number = NO_ROW;

  // What a row holds; its units are above.

  size(row: number): number {
    return this.floats[row * FLOATS + SIZE] as number;
  }

  address(row: number): number {
    return this.floats[row * FLOATS + ADDRESS] as number;
  }

  previous(row: number): number {
    return this.ints[row * INTS + PREVIOUS] as number;
  }

  next(row: number): number {
    return this.ints[row * INTS + NEXT] as number;
  }

  state(row: number): number {
    return this.ints[row * INTS + STATE] as number;
  }

  set(row: number): number {
    return this.ints[row * INTS + SET] as number;
  }

  reservation(row: number): number {
    return this.ints[row * INTS + RESERVATION] as number;
  }

  freeSince(row: number): number {
    return this.ints[row * INTS + FREE_SINCE] as number;
  }

  setSize(row: number, value: number): void {
    this.floats[row * FLOATS + SIZE] = value;
  }

  setAddress(row: number, value: number): void {
    this.floats[row * FLOATS + ADDRESS] = value;
  }

  setNext(row: number, value: number): void {
    this.ints[row * INTS + NEXT] = value;
  }

  setState(row: number, value: number): void {
    this.ints[row * INTS + STATE] = value;
  }

  setFreeSince(row: number, value: number): void {
    this.ints[row * INTS + FREE_SINCE] = value;
  }

  /** A row without neighbours. Its state is the caller's to set. */
  add(address: number, size: number, set: number, reservation: number): number {
    let row = this.unused;
    if (row !== NO_ROW) this.unused = this.ints[row * INTS + NEXT] as number;
    else {
      if (this.count * FLOATS === this.floats.length) this.makeRoom();
      row = this.count;
      this.count += 1;
    }
    const { floats, ints } = this;
    floats[row * FLOATS + SIZE] = size;
    floats[row * FLOATS + ADDRESS] = address;
    const at = row * INTS;
    ints[at + PREVIOUS] = NO_ROW;
    ints[at + NEXT] = NO_ROW;
    ints[at + SET] = set;
    ints[at + RESERVATION] = reservation;
    return row;
  }

  drop(row: number): void {
    const { ints } = this;
    ints[row * INTS + STATE] = RowState.unused;
    ints[row * INTS + NEXT] = this.unused;
    this.unused = row;
  }

  /** Makes two rows neighbours; either may be no row. */
  link(left: number, right: number): void {
    const { ints } = this;
    if (left !== NO_ROW) ints[left * INTS + NEXT] = right;
    if (right !== NO_ROW) ints[right * INTS + PREVIOUS] = left;
  }

  /** Becomes the same as another one. */
  copy(other: BlockRows): void {
    this.ints = other.ints.slice();
    this.floats = new Float64Array(this.ints.buffer);
    this.count = other.count;
    this.unused = other.unused;
  }

  private makeRoom(): void {
    const grown = new Float64Array((this.floats.byteLength / ROW_BYTES) * 2 * FLOATS);
    // As integers: numbers would be copied as such, and not every pattern of bits survives that.
    const ints = new Int32Array(grown.buffer);
    ints.set(this.ints);
    this.floats = grown;
    this.ints = ints;
  }
}
