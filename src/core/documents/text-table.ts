/** Texts as bytes, each kept once and known by a number. They are decoded only when somebody reads them. */
import { grownInt32, grownUint8, grownUint32, rehashed } from './grow.ts';
import { refuse } from './refusal.ts';

/** Different texts, and bytes of all of them. */
const MOST_TEXTS = 1 << 25;
const MOST_BYTES = 2 ** 30;
const MOST_CREDIT = 1 << 24;

const SHORT = 256;

export class TextTable {
  count = 0;
  private bytes: Uint8Array = new Uint8Array(1 << 16);
  private used = 0;
  /** `start[i] .. start[i + 1]` are the bytes of text i. */
  private start: Uint32Array = new Uint32Array(1 << 10);
  private hashes: Int32Array = new Int32Array(1 << 10);
  /** Steps that lookups may still take past an occupied slot: a file made to collide ends in a refusal. */
  private credit = MOST_CREDIT;
  /** Open addressing: number + 1, or 0. */
  private slots: Int32Array = new Int32Array(1 << 11);
  /** Numbers of the short texts that were met last, by their bytes. */
  private readonly shortWords: Int32Array = new Int32Array(SHORT);
  private readonly shortNumbers: Int32Array = new Int32Array(SHORT);
  private decoder: TextDecoder | undefined;

  /** The number of the text in `buffer[from .. to]`. */
  intern(buffer: Uint8Array, from: number, to: number): number {
    const length = to - from;
    if (length > 3) return this.lookUp(buffer, from, to);
    // "N/A" and "" stand in every event: the shortest texts are a word with their length.
    let word = length + 1;
    for (let i = from; i < to; i += 1) word = (word << 8) | (buffer[i] as number);
    const place = (Math.imul(word, 0x9e3779b1) >>> 24) & (SHORT - 1);
    if (this.shortWords[place] === word) return this.shortNumbers[place] as number;
    const number = this.lookUp(buffer, from, to);
    this.shortWords[place] = word;
    this.shortNumbers[place] = number;
    return number;
  }

  private lookUp(buffer: Uint8Array, from: number, to: number): number {
    const length = to - from;
    this.credit = Math.min(this.credit + 32, MOST_CREDIT);
    let hash = length;
    for (let i = from; i < to; i += 1) hash = Math.imul(hash ^ (buffer[i] as number), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash ^= hash >>> 13;
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const found = (this.slots[slot] as number) - 1;
      if (found < 0) break;
      if (this.hashes[found] === hash && this.equals(found, buffer, from, length)) return found;
      this.credit -= 1;
      if (this.credit < 0) throw refuse('crafted');
      slot = (slot + 1) & mask;
    }
    return this.add(slot, hash, buffer, from, to);
  }

  internText(text: string): number {
    const bytes = new TextEncoder().encode(text);
    return this.intern(bytes, 0, bytes.length);
  }

  text(id: number): string {
    this.decoder ??= new TextDecoder();
    return this.decoder.decode(this.bytes.subarray(this.start[id], this.start[id + 1]));
  }

  private equals(id: number, buffer: Uint8Array, from: number, length: number): boolean {
    const start = this.start[id] as number;
    if ((this.start[id + 1] as number) - start !== length) return false;
    const bytes = this.bytes;
    for (let i = 0; i < length; i += 1) if (bytes[start + i] !== buffer[from + i]) return false;
    return true;
  }

  private add(slot: number, hash: number, buffer: Uint8Array, from: number, to: number): number {
    const id = this.count;
    const end = this.used + (to - from);
    if (id >= MOST_TEXTS) throw refuse('many_texts', { limit: MOST_TEXTS });
    if (end > MOST_BYTES) throw refuse('many_texts', { limit: { size: MOST_BYTES } });
    if (end > this.bytes.length) this.bytes = grownUint8(this.bytes, end);
    if (id + 2 > this.start.length) {
      this.start = grownUint32(this.start, id + 2);
      this.hashes = grownInt32(this.hashes, id + 2);
    }
    this.bytes.set(buffer.subarray(from, to), this.used);
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
