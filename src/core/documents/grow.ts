/** Typed arrays that grow. */

/** At least `least` entries long, keeping what is there; new entries are 0. */
export function grownInt32(old: Int32Array, least: number): Int32Array {
  const grown = new Int32Array(roomFor(old.length, least));
  grown.set(old);
  return grown;
}

export function grownUint32(old: Uint32Array, least: number): Uint32Array {
  const grown = new Uint32Array(roomFor(old.length, least));
  grown.set(old);
  return grown;
}

export function grownFloat64(old: Float64Array, least: number): Float64Array {
  const grown = new Float64Array(roomFor(old.length, least));
  grown.set(old);
  return grown;
}

export function grownUint8(old: Uint8Array, least: number): Uint8Array {
  const grown = new Uint8Array(roomFor(old.length, least));
  grown.set(old);
  return grown;
}

/** Doubles while small; by half where doubling would cost much. */
function roomFor(length: number, least: number): number {
  const grown = length < 1 << 22 ? length * 2 : length + (length >>> 1);
  return Math.max(16, least, grown);
}
