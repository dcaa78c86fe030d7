import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSafetensors, readSafetensorsIndex, safetensorsHeaderEnd } from './safetensors.ts';

/** A file's beginning as the safetensors package writes it. */
function fileOf(header: unknown): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 8);
  return bytes;
}

const TWO = {
  __metadata__: { format: 'pt' },
  'lm_head.weight': { dtype: 'BF16', shape: [32000, 4096], data_offsets: [0, 262144000] },
  scales: { dtype: 'F8_E4M3', shape: [3], data_offsets: [262144000, 262144003] },
};

describe('headers of safetensors', () => {
  it('are read without the weights', () => {
    const bytes = fileOf(TWO);
    expect(safetensorsHeaderEnd(bytes.subarray(0, 8))).toBe(bytes.length);
    const reading = readSafetensors(bytes, 'model.safetensors');
    expect(reading).toEqual({
      ok: true,
      header: {
        tensors: [
          { name: 'lm_head.weight', dtype: 'BF16', shape: [32000, 4096], bytes: 262144000 },
          { name: 'scales', dtype: 'F8_E4M3', shape: [3], bytes: 3 },
        ],
        bytes: 262144003,
        file_bytes: bytes.length + 262144003,
      },
    });
  });

  it('say how many bytes they need when the file is cut', () => {
    const bytes = fileOf(TWO);
    const reading = readSafetensors(bytes.subarray(0, 40), 'x');
    expect(reading).toMatchObject({
      ok: false,
      needs: bytes.length,
      problem: { code: 'safetensors-cut' },
    });
  });

  it('are refused where they contradict themselves', () => {
    const code = (header: unknown): string | undefined => {
      const reading = readSafetensors(fileOf(header), 'x');
      return reading.ok ? undefined : reading.problem.code;
    };
    expect(code([])).toBe('safetensors-not-safetensors');
    const one = (entry: unknown): string | undefined => code({ one: entry });
    expect(one({ dtype: 'F32', shape: [2], data_offsets: [0, 4] })).toBe('safetensors-bad-tensor');
    expect(one({ dtype: 'F32', shape: [-1], data_offsets: [0, 4] })).toBe('safetensors-bad-tensor');
    expect(one({ dtype: 'F32', shape: [1], data_offsets: [4, 0] })).toBe('safetensors-bad-tensor');
    expect(one({ dtype: 'F32', shape: [1e300], data_offsets: [0, 4] })).toBe(
      'safetensors-bad-tensor',
    );
    expect(one(null)).toBe('safetensors-bad-tensor');
    expect(one({ dtype: 'F32', shape: [1], data_offsets: [8, 12] })).toBe('safetensors-gaps');
    expect(readSafetensors(new TextEncoder().encode('version https://git-lfs'), 'x').ok).toBe(
      false,
    );
  });

  it('never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.json(), (bytes, json) => {
        readSafetensors(bytes, 'x');
        readSafetensors(fileOf(JSON.parse(json)), 'x');
        readSafetensorsIndex(JSON.parse(json), 'x');
      }),
    );
  });
});

describe('the index of a checkpoint', () => {
  it('gives bytes, names and files', () => {
    const reading = readSafetensorsIndex(
      {
        metadata: { total_size: 16060522496 },
        weight_map: {
          a: 'model-2.safetensors',
          b: 'model-1.safetensors',
          c: 'model-1.safetensors',
        },
      },
      'x',
    );
    expect(reading).toEqual({
      ok: true,
      index: {
        total_bytes: 16060522496,
        names: ['a', 'b', 'c'],
        files: ['model-1.safetensors', 'model-2.safetensors'],
      },
    });
    expect(readSafetensorsIndex({ weight_map: [] }, 'x')).toMatchObject({ ok: false });
  });
});
