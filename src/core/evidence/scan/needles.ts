/**
 * Finds many fixed strings in bytes at once, ignoring the case of ASCII letters.
 *
 * A table says which four-byte groups (folded) occur in one stretch of each needle. Every needle is
 * at least STRIDE + 3 bytes long, so looking at every STRIDE-th position is enough to meet one of its
 * groups; only where the table says yes are needles compared, first by that stretch alone. The cost per
 * byte does not depend on the number of needles as long as their groups are rare in the text.
 */
import { ORDINARY } from './ordinary.ts';

/** Bytes between two looks. A needle must be at least STRIDE + 3 bytes long. */
const STRIDE = 5;
const GROUP = 4;
export const MIN_NEEDLE_BYTES: number = STRIDE + GROUP - 1;

/** Folds ASCII case (and some punctuation, which the comparison tells apart again). */
const FOLD = 0x1f1f1f1f;
const TABLE_BITS = 16;

const hash = (group: number): number => Math.imul(group & FOLD, 0x9e3779b1) >>> (32 - TABLE_BITS);

const foldByte = (byte: number): number => (byte >= 65 && byte <= 90 ? byte | 32 : byte);

/** A needle in the haystack: where it starts, and which one it is. */
export interface Hit {
  readonly at: number;
  readonly needle: number;
}

export class NeedleScanner {
  readonly longest: number;
  private readonly needles: readonly Uint8Array[];
  private readonly present = new Uint8Array(2 ** TABLE_BITS);
  /** A bit for each folded byte that may follow the group. */
  private readonly after = new Uint32Array(2 ** TABLE_BITS);
  /** Candidates of a group: from `first[group]` to `first[group + 1]` in the arrays below. */
  private readonly first = new Uint32Array(2 ** TABLE_BITS + 1);
  /** How far into the stretch the group stands. */
  private readonly into: Uint8Array;
  /** The stretch, folded, as two words: nearly every false candidate ends here. */
  private readonly head: Uint32Array;
  private readonly tail: Uint32Array;
  private readonly needle: Uint32Array;
  /** Where the stretch of a needle begins. */
  private readonly stretch: Uint32Array;

  /** @param needles of at least MIN_NEEDLE_BYTES in UTF-8; @throws on a shorter one. */
  constructor(needles: readonly string[]) {
    const encoder = new TextEncoder();
    this.needles = needles.map((needle) => {
      const bytes = encoder.encode(needle).map(foldByte);
      if (bytes.length < MIN_NEEDLE_BYTES) {
        throw new Error(`needle "${needle}" is shorter than ${MIN_NEEDLE_BYTES} bytes`);
      }
      return bytes;
    });
    this.longest = Math.max(0, ...this.needles.map((needle) => needle.length));
    const ordinary = new Map<number, number>();
    for (const group of groupsOf(ORDINARY)) ordinary.set(group, (ordinary.get(group) ?? 0) + 1);
    const candidates = this.needles.flatMap((needle, index) => {
      const view = new DataView(needle.buffer);
      const start = rarestStretch(view, ordinary);
      return Array.from({ length: STRIDE }, (_, into) => ({
        key: hash(view.getUint32(start + into, true)),
        into,
        head: view.getUint32(start, true) & FOLD,
        tail: view.getUint32(start + GROUP, true) & FOLD,
        needle: index,
        start,
        // A group at the end of its needle is followed by anything.
        after: start + into + GROUP < needle.length ? 1 << (needle[start + into + GROUP] ?? 0) : ~0,
      }));
    });
    candidates.sort((a, b) => a.key - b.key);
    this.into = Uint8Array.from(candidates, (one) => one.into);
    this.head = Uint32Array.from(candidates, (one) => one.head);
    this.tail = Uint32Array.from(candidates, (one) => one.tail);
    this.needle = Uint32Array.from(candidates, (one) => one.needle);
    this.stretch = Uint32Array.from(candidates, (one) => one.start);
    for (const { key, after } of candidates) {
      this.present[key] = 1;
      this.after[key] = (this.after[key] ?? 0) | after;
      this.first[key + 1] = (this.first[key + 1] ?? 0) + 1;
    }
    for (let key = 0; key < 2 ** TABLE_BITS; key++) {
      this.first[key + 1] = (this.first[key + 1] ?? 0) + (this.first[key] ?? 0);
    }
  }

  /** Length of a needle in bytes. */
  lengthOf(needle: number): number {
    return this.needles[needle]?.length ?? 0;
  }

  /** All needles that lie wholly within `bytes`, in order of position, each place once per needle. */
  scan(bytes: Uint8Array): Hit[] {
    const hits: Hit[] = [];
    const { present, after } = this;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = bytes.byteLength - GROUP;
    for (let i = 0; i <= end; i += STRIDE) {
      // Written out rather than calling hash(): this line decides the speed of the whole scan.
      const key = Math.imul(view.getUint32(i, true) & FOLD, 0x9e3779b1) >>> (32 - TABLE_BITS);
      if (present[key] === 0) continue;
      // Shifts take the lowest five bits of the byte, which are the ones that folding keeps.
      if ((((after[key] ?? 0) >>> (bytes[i + GROUP] ?? 0)) & 1) === 0) continue;
      this.compareAt(view, i, key, hits);
    }
    return hits.sort((a, b) => a.at - b.at || a.needle - b.needle);
  }

  private compareAt(view: DataView, at: number, key: number, hits: Hit[]): void {
    const { into, head, tail } = this;
    const last = view.byteLength - 2 * GROUP;
    const end = this.first[key + 1] ?? 0;
    for (let c = this.first[key] ?? 0; c < end; c++) {
      const start = at - (into[c] ?? 0);
      if (start < 0 || start > last) continue;
      if ((view.getUint32(start, true) & FOLD) !== head[c]) continue;
      if ((view.getUint32(start + GROUP, true) & FOLD) !== tail[c]) continue;
      this.compareWhole(view, start - (this.stretch[c] ?? 0), this.needle[c] ?? 0, hits);
    }
  }

  private compareWhole(view: DataView, at: number, needle: number, hits: Hit[]): void {
    const want = this.needles[needle];
    if (want === undefined || at < 0 || at + want.length > view.byteLength) return;
    let i = 0;
    while (i < want.length && foldByte(view.getUint8(at + i)) === want[i]) i++;
    if (i === want.length) hits.push({ at, needle });
  }
}

function groupsOf(text: Uint8Array): number[] {
  const view = new DataView(text.buffer, text.byteOffset, text.byteLength);
  return Array.from({ length: view.byteLength - GROUP + 1 }, (_, at) =>
    hash(view.getUint32(at, true)),
  );
}

/** Where the stretch of STRIDE groups begins that ordinary text has least of. */
function rarestStretch(needle: DataView, ordinary: ReadonlyMap<number, number>): number {
  let best = 0;
  let fewest = Number.POSITIVE_INFINITY;
  for (let start = 0; start + STRIDE + GROUP - 1 <= needle.byteLength; start++) {
    let count = 0;
    for (let at = start; at < start + STRIDE; at++) {
      count += ordinary.get(hash(needle.getUint32(at, true))) ?? 0;
    }
    if (count < fewest) {
      fewest = count;
      best = start;
    }
  }
  return best;
}

/** Counts line feeds, four bytes at a time. */
export function countLines(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  let count = 0;
  let i = from;
  // Words of an array are read much faster than unaligned ones.
  while (i < to && (bytes.byteOffset + i) % 4 !== 0) if (bytes[i++] === 10) count++;
  if (i >= to) return count;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + i, (to - i) >> 2);
  const rounds = words.length - (words.length % 8);
  for (let at = 0; at < rounds; at += 8) {
    // Eight words a round: each adds at most 1 to each of the four byte counters.
    const lanes =
      feedsIn(words[at] ?? 0) +
      feedsIn(words[at + 1] ?? 0) +
      feedsIn(words[at + 2] ?? 0) +
      feedsIn(words[at + 3] ?? 0) +
      feedsIn(words[at + 4] ?? 0) +
      feedsIn(words[at + 5] ?? 0) +
      feedsIn(words[at + 6] ?? 0) +
      feedsIn(words[at + 7] ?? 0);
    count += Math.imul(lanes, 0x01010101) >>> 24;
  }
  for (i += 4 * rounds; i < to; i++) if (bytes[i] === 10) count++;
  return count;
}

/** 1 in each byte of the result that is a line feed in `word`. */
function feedsIn(word: number): number {
  const x = word ^ 0x0a0a0a0a;
  // The top bit of a byte of `y` is clear exactly where the byte of `x` is zero.
  const y = ((x & 0x7f7f7f7f) + 0x7f7f7f7f) | x;
  return (~y & 0x80808080) >>> 7;
}
