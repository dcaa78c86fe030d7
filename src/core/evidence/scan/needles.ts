/**
 * Finds many fixed strings in bytes at once, ignoring the case of ASCII letters.
 *
 * A table says which four-byte groups (folded) occur in one stretch of each needle. Every needle is
 * at least STRIDE + 3 bytes long, so looking at every STRIDE-th position is enough to meet one of its
 * groups; only where the table says yes are needles compared. The cost per byte does not depend on
 * the number of needles as long as their groups are rare in the text.
 */

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

/**
 * Words that logs are full of. Each needle is looked for by that stretch of it which has fewest
 * groups in common with them, so that ordinary lines cost no comparison.
 */
const ORDINARY =
  ' info warning error debug epoch step loss train training valid validation eval memory allocated ' +
  'reserved gpu cuda device worker dataloader data loading loader load model rank process time iter ' +
  'iteration batch size learning rate tokens per second samples saving checkpoint file line in from ' +
  'the of and to for is not out on with failed trainer torch python temp template invalid running ' +
  'backend mps other allocations config memory usage host number total free used max min avg step ';

interface Candidate {
  readonly needle: number;
  /** How far into the needle the group stands. */
  readonly offset: number;
}

export class NeedleScanner {
  readonly longest: number;
  private readonly needles: readonly Uint8Array[];
  private readonly present = new Uint8Array(2 ** TABLE_BITS);
  private readonly candidates = new Map<number, Candidate[]>();

  /** @param needles ASCII strings of at least MIN_NEEDLE_BYTES; @throws on a shorter one. */
  constructor(needles: readonly string[]) {
    this.needles = needles.map((needle) => {
      if (needle.length < MIN_NEEDLE_BYTES) {
        throw new Error(`needle "${needle}" is shorter than ${MIN_NEEDLE_BYTES} bytes`);
      }
      return Uint8Array.from(needle.toLowerCase(), (char) => char.charCodeAt(0));
    });
    this.longest = Math.max(0, ...this.needles.map((needle) => needle.length));
    const ordinary = new Set(groupsOf(ORDINARY));
    this.needles.forEach((needle, index) => {
      const view = new DataView(needle.buffer);
      const start = rarestStretch(view, ordinary);
      for (let offset = start; offset < start + STRIDE; offset++) {
        const key = hash(view.getUint32(offset, true));
        this.present[key] = 1;
        const list = this.candidates.get(key);
        if (list === undefined) this.candidates.set(key, [{ needle: index, offset }]);
        else list.push({ needle: index, offset });
      }
    });
  }

  /** Length of a needle in bytes. */
  lengthOf(needle: number): number {
    return this.needles[needle]?.length ?? 0;
  }

  /** All needles that lie wholly within `bytes`, in order of position, each place once per needle. */
  scan(bytes: Uint8Array): Hit[] {
    const hits: Hit[] = [];
    const { present } = this;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = bytes.byteLength - GROUP;
    for (let i = 0; i <= end; i += STRIDE) {
      // Written out rather than calling hash(): this line decides the speed of the whole scan.
      const key = Math.imul(view.getUint32(i, true) & FOLD, 0x9e3779b1) >>> (32 - TABLE_BITS);
      if (present[key] !== 0) this.compareAt(bytes, i, key, hits);
    }
    return hits.sort((a, b) => a.at - b.at || a.needle - b.needle);
  }

  private compareAt(bytes: Uint8Array, at: number, key: number, hits: Hit[]): void {
    for (const { needle, offset } of this.candidates.get(key) ?? []) {
      const start = at - offset;
      const want = this.needles[needle];
      if (want === undefined || start < 0 || start + want.length > bytes.length) continue;
      let i = 0;
      while (i < want.length && foldByte(bytes[start + i] ?? 0) === want[i]) i++;
      if (i === want.length) hits.push({ at: start, needle });
    }
  }
}

function groupsOf(text: string): number[] {
  const view = new DataView(Uint8Array.from(text, (char) => char.charCodeAt(0)).buffer);
  return Array.from({ length: view.byteLength - GROUP + 1 }, (_, at) =>
    hash(view.getUint32(at, true)),
  );
}

/** Where the stretch of STRIDE groups begins that has fewest ordinary ones. */
function rarestStretch(needle: DataView, ordinary: ReadonlySet<number>): number {
  let best = 0;
  let fewest = Number.POSITIVE_INFINITY;
  for (let start = 0; start + STRIDE + GROUP - 1 <= needle.byteLength; start++) {
    let count = 0;
    for (let at = start; at < start + STRIDE; at++) {
      if (ordinary.has(hash(needle.getUint32(at, true)))) count++;
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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0;
  let i = from;
  for (; i + 32 <= to; i += 32) {
    // Eight words a round: each adds at most 1 to each of the four byte counters in `lanes`.
    let lanes = 0;
    for (let k = 0; k < 32; k += 4) {
      const x = view.getUint32(i + k, true) ^ 0x0a0a0a0a;
      // The top bit of a byte of `y` is clear exactly where the byte of `x` is zero.
      const y = ((x & 0x7f7f7f7f) + 0x7f7f7f7f) | x;
      lanes = (lanes + ((~y & 0x80808080) >>> 7)) | 0;
    }
    count += Math.imul(lanes, 0x01010101) >>> 24;
  }
  for (; i < to; i++) if (bytes[i] === 10) count++;
  return count;
}
