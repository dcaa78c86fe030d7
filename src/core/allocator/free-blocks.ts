/**
 * The free blocks of one pool and stream in the order in which the allocator looks at them: by size,
 * then by address.
 *
 * Sizes fall into classes, 32 for each power of two, and a class has few blocks as a rule: finding the
 * class is arithmetic, finding the next class that has any is a look at a few words. Within a class the
 * blocks are a treap whose links are in the rows themselves, so a class with thousands of equal blocks
 * is searched in a few steps more. Nothing is moved and nothing is allocated.
 */
import {
  ADDRESS,
  AFTER,
  BEFORE,
  type BlockRows,
  FLOATS,
  INTS,
  NO_ROW,
  SIZE,
} from './block-rows.ts';

const UNIT = 512;
/** Sizes below so many units have a class each. */
const PER_POWER = 32;
const LOG_PER_POWER = 5;
/** Units beyond that share the last class. */
const MOST_UNITS = 2 ** 31 - 1;
const CLASSES = 28 * PER_POWER;
/** Up to so many blocks one class is enough: a program can name very many streams and pools. */
const FEW = 8;

function classOf(size: number): number {
  const units = size / UNIT;
  if (units < PER_POWER) return units > 0 ? units | 0 : 0;
  const whole = units < MOST_UNITS ? units | 0 : MOST_UNITS;
  const power = 31 - Math.clz32(whole);
  return ((power - LOG_PER_POWER) << LOG_PER_POWER) + (whole >>> (power - LOG_PER_POWER));
}

/** Where a row stands in its treap's heap: any fixed shuffle of rows. */
const rankOf = (row: number): number => Math.imul(row + 1, 0x9e3779b1);

export class FreeBlocks {
  private readonly rows: BlockRows;
  /** The root of each class's treap; one class for all sizes while there are few blocks. */
  private roots: Int32Array = new Int32Array(1).fill(NO_ROW);
  /** One bit for each class with blocks, and one for each word of those. */
  private used: Int32Array = new Int32Array(1);
  private usedWords = 0;
  private count = 0;

  constructor(rows: BlockRows) {
    this.rows = rows;
  }

  /** Becomes the same as another one, whose rows are the same as its own. */
  copy(other: FreeBlocks): void {
    this.roots = other.roots.slice();
    this.used = other.used.slice();
    this.usedWords = other.usedWords;
    this.count = other.count;
  }

  /** @param row whose size and address stay as they are until it is removed */
  insert(row: number): void {
    this.count += 1;
    if (this.count > FEW && this.roots.length === 1) this.refine();
    const { floats, ints } = this.rows;
    const size = floats[row * FLOATS + SIZE] as number;
    const address = floats[row * FLOATS + ADDRESS] as number;
    const own = this.classFor(size);
    const rank = rankOf(row);
    let parent: number = NO_ROW;
    let side = BEFORE;
    let node = this.roots[own] as number;
    if (node === NO_ROW) this.mark(own);
    while (node !== NO_ROW && rankOf(node) > rank) {
      parent = node;
      side = this.isBefore(node, size, address, row) ? AFTER : BEFORE;
      node = ints[node * INTS + side] as number;
    }
    if (parent === NO_ROW) this.roots[own] = row;
    else ints[parent * INTS + side] = row;
    // What hung there is cut in two by the row.
    let lower = row * INTS + BEFORE;
    let upper = row * INTS + AFTER;
    while (node !== NO_ROW) {
      if (this.isBefore(node, size, address, row)) {
        ints[lower] = node;
        lower = node * INTS + AFTER;
        node = ints[lower] as number;
      } else {
        ints[upper] = node;
        upper = node * INTS + BEFORE;
        node = ints[upper] as number;
      }
    }
    ints[lower] = NO_ROW;
    ints[upper] = NO_ROW;
  }

  remove(row: number): void {
    this.count -= 1;
    const { floats, ints } = this.rows;
    const size = floats[row * FLOATS + SIZE] as number;
    const address = floats[row * FLOATS + ADDRESS] as number;
    const own = this.classFor(size);
    let parent: number = NO_ROW;
    let side = BEFORE;
    let node = this.roots[own] as number;
    while (node !== row) {
      parent = node;
      side = this.isBefore(node, size, address, row) ? AFTER : BEFORE;
      node = ints[node * INTS + side] as number;
    }
    let lower = ints[row * INTS + BEFORE] as number;
    let upper = ints[row * INTS + AFTER] as number;
    for (;;) {
      const isLower = upper === NO_ROW || (lower !== NO_ROW && rankOf(lower) > rankOf(upper));
      const next = isLower ? lower : upper;
      if (parent !== NO_ROW) ints[parent * INTS + side] = next;
      else {
        this.roots[own] = next;
        if (next === NO_ROW) this.unmark(own);
      }
      if (lower === NO_ROW || upper === NO_ROW) return;
      parent = next;
      side = isLower ? AFTER : BEFORE;
      if (isLower) lower = ints[next * INTS + AFTER] as number;
      else upper = ints[next * INTS + BEFORE] as number;
    }
  }

  /** The first block of at least `size` bytes, or NO_ROW. */
  seek(size: number): number {
    const own = this.classFor(size);
    const found = this.firstFrom(own, size, 0, NO_ROW);
    return found === NO_ROW ? this.firstAbove(own) : found;
  }

  /** The block that comes after one of them, or NO_ROW. */
  after(row: number): number {
    const { floats } = this.rows;
    const size = floats[row * FLOATS + SIZE] as number;
    const own = this.classFor(size);
    const found = this.firstFrom(own, size, floats[row * FLOATS + ADDRESS] as number, row + 1);
    return found === NO_ROW ? this.firstAbove(own) : found;
  }

  /** Appends all rows, in order. */
  appendTo(rows: number[]): void {
    for (let row = this.seek(0); row !== NO_ROW; row = this.after(row)) rows.push(row);
  }

  /** Whether `node` comes before a block of this size, address and row. */
  private isBefore(node: number, size: number, address: number, row: number): boolean {
    const { floats } = this.rows;
    const other = floats[node * FLOATS + SIZE] as number;
    if (other !== size) return other < size;
    const there = floats[node * FLOATS + ADDRESS] as number;
    return there < address || (there === address && node < row);
  }

  /** The first block of a class that does not come before a size, address and row. */
  private firstFrom(own: number, size: number, address: number, row: number): number {
    const { ints } = this.rows;
    let found: number = NO_ROW;
    let node = this.roots[own] as number;
    while (node !== NO_ROW) {
      if (this.isBefore(node, size, address, row)) node = ints[node * INTS + AFTER] as number;
      else {
        found = node;
        node = ints[node * INTS + BEFORE] as number;
      }
    }
    return found;
  }

  /** The first block of the next class that has any. */
  private firstAbove(own: number): number {
    let word = own >> 5;
    // A shift by 32 would be one by 0.
    let bits = (this.used[word] as number) & (-2 << (own & 31));
    if (bits === 0) {
      const words = this.usedWords & (-2 << word);
      if (words === 0) return NO_ROW;
      word = lowestBit(words);
      bits = this.used[word] as number;
    }
    const { ints } = this.rows;
    let node = this.roots[(word << 5) + lowestBit(bits)] as number;
    for (;;) {
      const before = ints[node * INTS + BEFORE] as number;
      if (before === NO_ROW) return node;
      node = before;
    }
  }

  private classFor(size: number): number {
    return this.roots.length === 1 ? 0 : classOf(size);
  }

  private mark(own: number): void {
    const word = own >> 5;
    this.used[word] = (this.used[word] as number) | (1 << (own & 31));
    this.usedWords |= 1 << word;
  }

  private unmark(own: number): void {
    const word = own >> 5;
    const left = (this.used[word] as number) & ~(1 << (own & 31));
    this.used[word] = left;
    if (left === 0) this.usedWords &= ~(1 << word);
  }

  /** From one class to all of them. */
  private refine(): void {
    const rows: number[] = [];
    this.appendTo(rows);
    this.roots = new Int32Array(CLASSES).fill(NO_ROW);
    this.used = new Int32Array(CLASSES >> 5);
    this.usedWords = 0;
    this.count = 1;
    for (const row of rows) this.insert(row);
  }
}

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);
