/** Typed arrays that grow: at least `least` entries long, keeping what is there; new entries are 0. */

export function grownUint8(old: Uint8Array, least: number): Uint8Array {
  const grown = new Uint8Array(roomFor(old.length, least));
  grown.set(old);
  return grown;
}

export function grownUint16(old: Uint16Array, least: number): Uint16Array {
  const grown = new Uint16Array(roomFor(old.length, least));
  grown.set(old);
  return grown;
}

export function grownUint32(old: Uint32Array, least: number): Uint32Array {
  const grown = new Uint32Array(roomFor(old.length, least));
  grown.set(old);
  return grown;
}

export function grownInt32(old: Int32Array, least: number): Int32Array {
  const grown = new Int32Array(roomFor(old.length, least));
  grown.set(old);
  return grown;
}

export function grownFloat64(old: Float64Array, least: number): Float64Array {
  const grown = new Float64Array(roomFor(old.length, least));
  grown.set(old);
  return grown;
}

/** One entry more would mean growing each time; whoever asks for much more knows what will come. */
function roomFor(length: number, least: number): number {
  if (least > length * 1.2) return least;
  // Doubles while small; by half where doubling would cost much.
  return Math.max(16, least, length < 1 << 22 ? length * 2 : length + (length >>> 1));
}

/**
 * A hash table of twice the size: open addressing, a slot holds an id and one, 0 is empty.
 * @param hashes of the ids 0 … count - 1
 */
export function rehashed(
  hashes: Int32Array,
  count: number,
  old: Int32Array,
): Int32Array<ArrayBuffer> {
  const slots = new Int32Array(old.length * 2);
  const mask = slots.length - 1;
  for (let id = 0; id < count; id += 1) {
    let slot = (hashes[id] as number) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = id + 1;
  }
  return slots;
}
