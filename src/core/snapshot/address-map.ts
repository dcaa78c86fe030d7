/**
 * From addresses to row numbers: open addressing in typed arrays, several times as fast as a Map. A file
 * whose addresses were chosen to meet in few slots is served by a sorted list, which they cannot slow down.
 */
import { SortedList } from '../base/sorted-list.ts';

const EMPTY = -1;
/** Steps past occupied slots that are long for a lookup, and how many of those there may be in all. */
const LONG = 16;
const MOST_LONG_STEPS = 2 ** 23;

interface Entry {
  readonly address: number;
  row: number;
}

export class AddressMap {
  private keys: Float64Array;
  private values: Int32Array;
  private mask: number;
  private count = 0;
  private longSteps = 0;
  /** Instead of the table, once lookups took too many steps. */
  private sorted: SortedList<Entry> | undefined;

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
    if (this.sorted !== undefined) return this.inOrder(address)?.row ?? EMPTY;
    const row = this.values[this.slotOf(address)] as number;
    if (this.longSteps > MOST_LONG_STEPS) this.countLong(0);
    return row;
  }

  /** @param row not negative */
  set(address: number, row: number): void {
    if (this.sorted !== undefined) {
      const there = this.inOrder(address);
      if (there !== undefined) there.row = row;
      else if (this.sorted.add({ address, row })) this.count += 1;
      return;
    }
    let slot = this.slotOf(address);
    if (this.values[slot] === EMPTY) {
      if ((this.count + 1) * 2 > this.mask) {
        this.grow();
        if (this.sorted !== undefined) {
          this.set(address, row);
          return;
        }
        slot = this.slotOf(address);
      }
      this.count += 1;
      this.keys[slot] = address;
    }
    this.values[slot] = row;
    if (this.longSteps > MOST_LONG_STEPS) this.countLong(0);
  }

  /** Takes an address out and gives its row, or -1. */
  delete(address: number): number {
    if (this.sorted !== undefined) {
      const there = this.inOrder(address);
      if (there === undefined) return EMPTY;
      this.sorted.remove(address);
      this.count -= 1;
      return there.row;
    }
    const { keys, values, mask } = this;
    let hole = this.slotOf(address);
    const row = values[hole] as number;
    if (row === EMPTY) return EMPTY;
    this.count -= 1;
    // What stands behind moves up, unless it is at or before its home: no marks of the deleted.
    let steps = 0;
    for (let slot = (hole + 1) & mask; values[slot] !== EMPTY; slot = (slot + 1) & mask) {
      steps += 1;
      const home = hash(keys[slot] as number) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      keys[hole] = keys[slot] as number;
      values[hole] = values[slot] as number;
      hole = slot;
    }
    values[hole] = EMPTY;
    if (steps > LONG) this.countLong(steps);
    return row;
  }

  /** All rows, in no order. */
  rows(): number[] {
    if (this.sorted !== undefined) return this.sorted.values().map(({ row }) => row);
    const rows: number[] = [];
    for (const row of this.values) if (row !== EMPTY) rows.push(row);
    return rows;
  }

  private slotOf(address: number): number {
    const { keys, values, mask } = this;
    let slot = hash(address) & mask;
    let steps = 0;
    while (values[slot] !== EMPTY && keys[slot] !== address) {
      slot = (slot + 1) & mask;
      steps += 1;
    }
    if (steps > LONG) this.longSteps += steps;
    return slot;
  }

  private inOrder(address: number): Entry | undefined {
    const there = this.sorted?.atOrBefore(address);
    return there?.address === address ? there : undefined;
  }

  /** From the table to the sorted list, when the table was too slow for too long. */
  private countLong(steps: number): void {
    this.longSteps += steps;
    if (this.longSteps <= MOST_LONG_STEPS) return;
    const { keys, values } = this;
    const entries: Entry[] = [];
    values.forEach((row, slot) => {
      if (row !== EMPTY) entries.push({ address: keys[slot] as number, row });
    });
    this.sorted = new SortedList(({ address }) => address, entries);
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
