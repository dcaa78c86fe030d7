/**
 * Raw DEFLATE (RFC 1951) for browsers without DecompressionStream. Plain and short; the browser's own
 * is used wherever there is one.
 */

const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
  163, 195, 227, 258,
];
const LENGTH_BITS = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
  3073, 4097, 6145, 8193, 12289, 16385, 24577,
];
const DISTANCE_BITS = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
/** Order in which the lengths of the code of code lengths are given. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** A canonical Huffman code: how many codes each length has, and the symbols in order. */
interface Code {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

function codeOf(lengths: Uint8Array): Code {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length] = (counts[length] as number) + 1;
  counts[0] = 0;
  const next = new Uint16Array(16);
  for (let i = 1; i < 16; i++) next[i] = (next[i - 1] as number) + (counts[i - 1] as number);
  const symbols = new Uint16Array(lengths.length);
  lengths.forEach((length, symbol) => {
    if (length === 0) return;
    symbols[next[length] as number] = symbol;
    next[length] = (next[length] as number) + 1;
  });
  return { counts, symbols };
}

/** @param size of the result, exactly. @throws when the bytes are no such stream. */
export function inflate(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(size);
  let at = 0;
  let from = 0;
  let held = 0;
  let heldBits = 0;

  const bits = (count: number): number => {
    while (heldBits < count) {
      if (from >= bytes.length) throw new Error('the data ends too early');
      held |= (bytes[from++] as number) << heldBits;
      heldBits += 8;
    }
    const value = held & ((1 << count) - 1);
    held >>>= count;
    heldBits -= count;
    return value;
  };
  const symbol = ({ counts, symbols }: Code): number => {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length < 16; length++) {
      code |= bits(1);
      const count = counts[length] as number;
      if (code - count < first) return symbols[index + (code - first)] as number;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new Error('no such code');
  };
  const stored = (): void => {
    held = 0;
    heldBits = 0;
    const length = (bytes[from] as number) | ((bytes[from + 1] as number) << 8);
    from += 4;
    if (from + length > bytes.length || at + length > size) throw new Error('a block is too long');
    out.set(bytes.subarray(from, from + length), at);
    from += length;
    at += length;
  };
  const codes = (): [Code, Code] => {
    const [literals, distances, lengths] = [bits(5) + 257, bits(5) + 1, bits(4) + 4];
    const own = new Uint8Array(19);
    for (let i = 0; i < lengths; i++) own[ORDER[i] as number] = bits(3);
    const code = codeOf(own);
    const all = new Uint8Array(literals + distances);
    for (let i = 0; i < all.length; ) {
      const value = symbol(code);
      if (value < 16) all[i++] = value;
      else {
        const repeated = value === 16 ? (all[i - 1] as number) : 0;
        const times = value === 16 ? 3 + bits(2) : value === 17 ? 3 + bits(3) : 11 + bits(7);
        all.fill(repeated, i, i + times);
        i += times;
      }
    }
    return [codeOf(all.subarray(0, literals)), codeOf(all.subarray(literals))];
  };
  const block = ([literals, distances]: readonly [Code, Code]): void => {
    for (let value = symbol(literals); value !== 256; value = symbol(literals)) {
      if (value < 256) {
        out[at++] = value;
        continue;
      }
      const place = value - 257;
      const length = (LENGTH_BASE[place] as number) + bits(LENGTH_BITS[place] as number);
      const code = symbol(distances);
      const distance = (DISTANCE_BASE[code] as number) + bits(DISTANCE_BITS[code] as number);
      if (distance > at || at + length > size) throw new Error('a copy reaches outside');
      for (let i = 0; i < length; i++, at++) out[at] = out[at - distance] as number;
    }
  };

  for (let isLast = false; !isLast; ) {
    isLast = bits(1) === 1;
    const kind = bits(2);
    if (kind === 0) stored();
    else if (kind === 1) block(fixedCodes());
    else if (kind === 2) block(codes());
    else throw new Error('no such kind of block');
  }
  if (at !== size) throw new Error(`${at} bytes where ${size} were announced`);
  return out;
}

function fixedCodes(): [Code, Code] {
  const literals = new Uint8Array(288).fill(8);
  literals.fill(9, 144, 256);
  literals.fill(7, 256, 280);
  return [codeOf(literals), codeOf(new Uint8Array(30).fill(5))];
}
