import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ggufHeader } from '../../../test/make/gguf.ts';
import { looksLikeGguf, readGguf } from './gguf.ts';

const FILE = ggufHeader(
  {
    'general.architecture': { type: 'text', value: 'llama' },
    'llama.block_count': { type: 'u32', value: 32 },
    'llama.rope.freq_base': { type: 'f32', value: 0.5 },
    'tokenizer.ggml.add_bos_token': { type: 'bool', value: 1 },
    'general.size': { type: 'u64', value: 2 ** 40 },
    'tokenizer.ggml.tokens': {
      type: 'texts',
      value: Array.from({ length: 1500 }, (_, i) => `t${i}`),
    },
    'llama.attention.head_count_kv': { type: 'u32s', value: [8, 8, 4] },
  },
  [
    { name: 'token_embd.weight', dims: [4096, 128256], type: 12 },
    { name: 'blk.0.ffn_gate_exps.weight', dims: [4096, 14336, 8], type: 14 },
    { name: 'output_norm.weight', dims: [4096], type: 0 },
  ],
);

describe('headers of GGUF', () => {
  it('give metadata and the table of tensors', () => {
    const reading = readGguf(FILE, 'x.gguf');
    if (!reading.ok) throw new Error(reading.problem.code);
    const { metadata, tensors, bytes, data_start, parts, version } = reading.header;
    expect([version, parts]).toEqual([3, 1]);
    expect(data_start).toBe(Math.ceil(FILE.length / 32) * 32);
    expect(metadata.get('general.architecture')).toBe('llama');
    expect(metadata.get('llama.block_count')).toBe(32);
    expect(metadata.get('llama.rope.freq_base')).toBe(0.5);
    expect(metadata.get('tokenizer.ggml.add_bos_token')).toBe(true);
    expect(metadata.get('general.size')).toBe(2 ** 40);
    expect(metadata.get('tokenizer.ggml.tokens')).toEqual({ length: 1500 });
    expect(metadata.get('llama.attention.head_count_kv')).toEqual([8, 8, 4]);
    // Q4_K: 144 bytes for 256 weights; Q6_K: 210.
    expect(tensors).toEqual([
      { name: 'token_embd.weight', dtype: 'Q4_K', shape: [128256, 4096], bytes: 128256 * 16 * 144 },
      {
        name: 'blk.0.ffn_gate_exps.weight',
        dtype: 'Q6_K',
        shape: [8, 14336, 4096],
        bytes: 8 * 14336 * 16 * 210,
      },
      { name: 'output_norm.weight', dtype: 'F32', shape: [4096], bytes: 16384 },
    ]);
    expect(bytes).toBe(tensors.reduce((sum, tensor) => sum + tensor.bytes, 0));
  });

  it('ask for more wherever they are cut', () => {
    expect(looksLikeGguf(FILE)).toBe(true);
    for (let end = 4; end < FILE.length; end += 97) {
      const reading = readGguf(FILE.subarray(0, end), 'x');
      expect(reading).toMatchObject({ ok: false, problem: { code: 'gguf-cut' } });
      expect(reading.ok || (reading.needs ?? 0) > end).toBe(true);
    }
  });

  it('are refused where they promise what cannot be', () => {
    const code = (bytes: Uint8Array): string | undefined => {
      const reading = readGguf(bytes, 'x');
      return reading.ok ? undefined : reading.problem.code;
    };
    expect(code(new TextEncoder().encode('PK..............'))).toBe('gguf-not-gguf');
    expect(code(ggufHeader({}, [], 1))).toBe('gguf-version');
    expect(code(ggufHeader({}, [{ name: 'a', dims: [4096], type: 99 }]))).toBe('gguf-unknown-type');
    // A row that is no whole number of blocks.
    expect(code(ggufHeader({}, [{ name: 'a', dims: [100, 2], type: 12 }]))).toBe('gguf-bad-tensor');
    expect(code(ggufHeader({}, [{ name: 'a', dims: [1, 1, 1, 1, 1], type: 0 }]))).toBe(
      'gguf-bad-tensor',
    );
    const many = ggufHeader({}, []);
    many.fill(255, 8, 15);
    expect(code(many)).toBe('gguf-too-many-tensors');
  });

  it('never throw, whatever stands in them', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.nat(FILE.length - 1),
        fc.nat(255),
        (noise, at, byte) => {
          readGguf(Uint8Array.from([...FILE.subarray(0, 24), ...noise]), 'x');
          const broken = FILE.slice();
          broken[at] = byte;
          readGguf(broken, 'x');
        },
      ),
    );
  });
});
