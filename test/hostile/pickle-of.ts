/** Any value as a pickle of protocol 2, also what no honest writer writes: NaN, integers beyond 64 bits. */

export type Plain =
  | number
  | bigint
  | string
  | boolean
  | null
  | readonly Plain[]
  | { readonly [key: string]: Plain };

export function pickleOf(value: Plain): Uint8Array {
  const pieces: Uint8Array[] = [Uint8Array.of(0x80, 2)];
  write(value, (piece) => pieces.push(piece));
  pieces.push(Uint8Array.of(0x2e));
  return Buffer.concat(pieces);
}

function write(value: Plain, put: (piece: Uint8Array) => void): void {
  if (value === null) put(Uint8Array.of(0x4e));
  else if (typeof value === 'boolean') put(Uint8Array.of(value ? 0x88 : 0x89));
  else if (typeof value === 'bigint') put(long(value));
  else if (typeof value === 'number') put(numberOf(value));
  else if (typeof value === 'string') put(textOf(value));
  else if (isList(value)) {
    put(Uint8Array.of(0x5d, 0x28));
    for (const item of value) write(item, put);
    put(Uint8Array.of(0x65));
  } else {
    put(Uint8Array.of(0x7d, 0x28));
    for (const [key, item] of Object.entries(value)) {
      put(textOf(key));
      write(item, put);
    }
    put(Uint8Array.of(0x75));
  }
}

const isList = (value: object): value is readonly Plain[] => Array.isArray(value);

function numberOf(value: number): Uint8Array {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    return Math.abs(value) < 2 ** 31 ? int32(value) : long(BigInt(value));
  }
  const bytes = Buffer.alloc(9);
  bytes[0] = 0x47;
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function int32(value: number): Uint8Array {
  const bytes = Buffer.alloc(5);
  bytes[0] = 0x4a;
  bytes.writeInt32LE(value, 1);
  return bytes;
}

/** LONG1, in as few bytes as two's complement needs. */
function long(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const byte = Number(rest & 0xffn);
    bytes.push(byte);
    rest >>= 8n;
    if ((rest === 0n && byte < 0x80) || (rest === -1n && byte >= 0x80)) break;
  }
  return Uint8Array.of(0x8a, bytes.length, ...bytes);
}

function textOf(value: string): Uint8Array {
  const utf8 = Buffer.from(value);
  const head = Buffer.alloc(5);
  head[0] = 0x58;
  head.writeUInt32LE(utf8.length, 1);
  return Buffer.concat([head, utf8]);
}
