/** From addresses to row numbers: open addressing in typed arrays, several times as fast as a Map. */

const EMPTY = -1;

export class AddressMap {
  private keys: Float64Array;
  private values: Int32Array;
  private mask: number;
  private count = 0;

  /** @param expected entries that it will hold at once; it grows when there are more */
  constructor(expected = 1024) {
    let capacity = 64;
    while (capacity < expected * 2) capacity *= 2;
    this.keys = new Float64Array(capacity);
    this.values = new Int32Array(capacity).fill(EMPTY);
    this.mask = capacity - 1;
  }

  get size(): number {
    return this.count;
  }

  /** The row at an address, or -1. */
  get(address: number): number {
    return this.values[this.slotOf(address)] as number;
  }

  /** @param row not negative */
  set(address: number, row: number): void {
    let slot = this.slotOf(address);
    if (this.values[slot] === EMPTY) {
      if ((this.count + 1) * 2 > this.mask) {
        this.grow();
        slot = this.slotOf(address);
      }
      this.count += 1;
      this.keys[slot] = address;
    }
    this.values[slot] = row;
  }

  /** Takes an address out and gives its row, or -1. */
  delete(address: number): number {
    const { keys, values, mask } = this;
    let hole = this.slotOf(address);
    const row = values[hole] as number;
    if (row === EMPTY) return EMPTY;
    this.count -= 1;
    // What stands behind moves up, unless it is at or before its home: no marks of the deleted.
    for (let slot = (hole + 1) & mask; values[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const home = hash(keys[slot] as number) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      keys[hole] = keys[slot] as number;
      values[hole] = values[slot] as number;
      hole = slot;
    }
    values[hole] = EMPTY;
    return row;
  }

  /** All rows, in no order. */
  rows(): number[] {
    const rows: number[] = [];
    for (const row of this.values) if (row !== EMPTY) rows.push(row);
    return rows;
  }

  private slotOf(address: number): number {
    const { keys, values, mask } = this;
    let slot = hash(address) & mask;
    while (values[slot] !== EMPTY && keys[slot] !== address) slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const { keys, values } = this;
    const capacity = values.length * 2;
    this.keys = new Float64Array(capacity);
    this.values = new Int32Array(capacity).fill(EMPTY);
    this.mask = capacity - 1;
    this.count = 0;
    for (let slot = 0; slot < values.length; slot += 1) {
      if (values[slot] !== EMPTY) this.set(keys[slot] as number, values[slot] as number);
    }
  }
}

/** Addresses of blocks are multiples of 512: both halves of the page number take part. */
function hash(address: number): number {
  const page = address / 512;
  const high = Math.floor(page / 2 ** 32);
  const mixed = Math.imul((page - high * 2 ** 32) ^ Math.imul(high, 0x27d4eb2f), 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
