/** Integers and floats as both picklers write them. */
import type { ByteBuffer } from './byte-buffer.ts';

const BININT = 0x4a;
const BININT1 = 0x4b;
const BININT2 = 0x4d;
const LONG1 = 0x8a;
const BINFLOAT = 0x47;

/** Writes BININT1, BININT2 or BININT when the value has four bytes or less. @returns whether it did. */
export function writeShortInt(out: ByteBuffer, value: number | bigint): value is number {
  if (typeof value === 'bigint' || value > 0x7fff_ffff || value < -0x8000_0000) return false;
  if (value >= 0 && value <= 0xff) {
    out.byte(BININT1);
    out.byte(value);
  } else if (value >= 0 && value <= 0xffff) {
    out.byte(BININT2);
    out.byte(value & 0xff);
    out.byte(value >> 8);
  } else {
    out.byte(BININT);
    out.uint32(value);
  }
  return true;
}

/** LONG1 with as few bytes as hold the value and its sign: Python's pickler. */
export function writeLeastLong(out: ByteBuffer, value: number | bigint): void {
  if (typeof value === 'bigint' || value < 0) {
    writeLong(out, BigInt(value), leastBytes(BigInt(value)));
    return;
  }
  const high = Math.floor(value / 2 ** 32);
  const bits = high === 0 ? 32 - Math.clz32(value) : 64 - Math.clz32(high);
  const count = (bits >> 3) + 1;
  out.reserve(count + 2);
  out.byte(LONG1);
  out.byte(count);
  const { bytes, at } = out;
  for (let i = 0; i < count; i++)
    bytes[at + i] = i < 4 ? value >>> (8 * i) : high >>> (8 * (i - 4));
  out.at = at + count;
}

/** LONG1 with eight bytes: the C++ pickler. */
export function writeLong8(out: ByteBuffer, value: number | bigint): void {
  if (typeof value === 'bigint') {
    writeLong(out, value, 8);
    return;
  }
  out.byte(LONG1);
  out.byte(8);
  out.uint32(value % 2 ** 32);
  out.uint32(Math.floor(value / 2 ** 32));
}

function writeLong(out: ByteBuffer, value: bigint, count: number): void {
  out.byte(LONG1);
  out.byte(count);
  for (let i = 0n; i < count; i++) out.byte(Number((value >> (8n * i)) & 0xffn));
}

/** Bytes of the shortest two's complement. */
function leastBytes(value: bigint): number {
  let count = 1;
  while (BigInt.asIntN(8 * count, value) !== value) count++;
  return count;
}

const scratch: DataView = new DataView(new ArrayBuffer(8));

/** BINFLOAT: eight bytes, most significant first. */
export function writeFloat(out: ByteBuffer, value: number): void {
  scratch.setFloat64(0, value);
  out.byte(BINFLOAT);
  for (let i = 0; i < 8; i++) out.byte(scratch.getUint8(i));
}
