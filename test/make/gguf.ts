// Writes the header of a GGUF file, for tests: little endian, version 3.
export type Value =
  | { readonly type: 'u32'; readonly value: number }
  | { readonly type: 'f32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: number }
  | { readonly type: 'u64'; readonly value: number }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'texts'; readonly value: readonly string[] }
  | { readonly type: 'u32s'; readonly value: readonly number[] };

export interface Tensor {
  readonly name: string;
  /** Inputs first, as the format has them. */
  readonly dims: readonly number[];
  readonly type: number;
}

const TYPES = { u32: 4, f32: 6, bool: 7, u64: 10, text: 8, texts: 9, u32s: 9 } as const;

export function ggufHeader(
  metadata: Readonly<Record<string, Value>>,
  tensors: readonly Tensor[],
  version: number = 3,
): Uint8Array {
  const out: number[] = [];
  const u32 = (value: number): void => {
    for (let i = 0; i < 4; i++) out.push((value >>> (8 * i)) & 255);
  };
  const u64 = (value: number): void => {
    u32(value >>> 0);
    u32(Math.floor(value / 2 ** 32));
  };
  const text = (value: string): void => {
    const bytes = new TextEncoder().encode(value);
    u64(bytes.length);
    for (const byte of bytes) out.push(byte);
  };
  for (const letter of 'GGUF') out.push(letter.charCodeAt(0));
  u32(version);
  u64(tensors.length);
  u64(Object.keys(metadata).length);
  for (const [key, one] of Object.entries(metadata)) {
    text(key);
    writeValue(one);
  }
  for (const { name, dims, type } of tensors) {
    text(name);
    u32(dims.length);
    for (const size of dims) u64(size);
    u32(type);
    u64(0);
  }
  return Uint8Array.from(out);

  function writeValue(one: Value): void {
    u32(TYPES[one.type]);
    if (one.type === 'u32') u32(one.value);
    else if (one.type === 'f32')
      u32(new DataView(Float32Array.of(one.value).buffer).getUint32(0, true));
    else if (one.type === 'bool') out.push(one.value);
    else if (one.type === 'u64') u64(one.value);
    else if (one.type === 'text') text(one.value);
    else if (one.type === 'texts') writeList(TYPES.text, one.value, text);
    else writeList(TYPES.u32, one.value, u32);
  }

  function writeList<T>(type: number, list: readonly T[], write: (value: T) => void): void {
    u32(type);
    u64(list.length);
    for (const value of list) write(value);
  }
}
