/** Sequences of codes, each kept once and known by a number: the stacks of a snapshot. */
import { grownInt32, grownUint32, rehashed } from './grow.ts';
import { refuse } from './refusal.ts';

const MOST_SEQUENCES = 1 << 25;
const MOST_ITEMS = 2 ** 29;
const MOST_CREDIT = 1 << 24;

export const UNKNOWN = -1;

export class SequenceTable {
  count = 0;
  /** `start[i] .. start[i + 1]` are the items of sequence i. */
  start: Uint32Array = new Uint32Array(1 << 10);
  items: Int32Array = new Int32Array(1 << 14);
  private used = 0;
  private hashes: Int32Array = new Int32Array(1 << 10);
  /** Of the last lookup that found nothing. */
  private lastHash = 0;
  private lastSlot = 0;
  /** Steps that lookups may still take past an occupied slot: a file made to collide ends in a refusal. */
  private credit = MOST_CREDIT;
  /** Open addressing: number + 1, or 0. */
  private slots: Int32Array = new Int32Array(1 << 11);

  /** The number of the sequence `codes[from .. to]`; UNKNOWN when it was not kept before. */
  find(codes: Int32Array, from: number, to: number): number {
    this.credit = Math.min(this.credit + 32, MOST_CREDIT);
    let hash = to - from;
    for (let i = from; i < to; i += 1) hash = Math.imul(hash ^ (codes[i] as number), 0x01000193);
    // Codes of one kind differ in their low bits only: spread them.
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash ^= hash >>> 13;
    const slots = this.slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const found = (slots[slot] as number) - 1;
      if (found < 0) break;
      if (this.hashes[found] === hash && this.equals(found, codes, from, to - from)) return found;
      this.credit -= 1;
      if (this.credit < 0) throw refuse('crafted');
      slot = (slot + 1) & mask;
    }
    this.lastHash = hash;
    this.lastSlot = slot;
    return UNKNOWN;
  }

  /** Its number, after it was kept where it is new. */
  intern(codes: Int32Array, from: number, to: number): number {
    const found = this.find(codes, from, to);
    return found === UNKNOWN ? this.add(this.lastSlot, this.lastHash, codes, from, to) : found;
  }

  lengthOf(id: number): number {
    return (this.start[id + 1] as number) - (this.start[id] as number);
  }

  private equals(id: number, codes: Int32Array, from: number, length: number): boolean {
    const start = this.start[id] as number;
    if ((this.start[id + 1] as number) - start !== length) return false;
    const items = this.items;
    for (let i = 0; i < length; i += 1) if (items[start + i] !== codes[from + i]) return false;
    return true;
  }

  private add(slot: number, hash: number, codes: Int32Array, from: number, to: number): number {
    const id = this.count;
    const end = this.used + (to - from);
    if (id >= MOST_SEQUENCES) throw refuse('many_rows', { limit: MOST_SEQUENCES });
    if (end > MOST_ITEMS) throw refuse('many_rows', { limit: MOST_ITEMS });
    if (end > this.items.length) this.items = grownInt32(this.items, end);
    if (id + 2 > this.start.length) {
      this.start = grownUint32(this.start, id + 2);
      this.hashes = grownInt32(this.hashes, id + 2);
    }
    this.items.set(codes.subarray(from, to), this.used);
    this.used = end;
    this.start[id + 1] = end;
    this.hashes[id] = hash;
    this.slots[slot] = id + 1;
    this.count = id + 1;
    if (this.count * 2 > this.slots.length)
      this.slots = rehashed(this.hashes, this.count, this.slots);
    return id;
  }
}
