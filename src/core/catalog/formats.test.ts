import { describe, expect, it } from 'vitest';
import { bitsOfQuantized, bitsPerWeight, bytesInBlocks, GGML_TYPES } from './formats.ts';

describe('formats of numbers', () => {
  it('of ggml have the block sizes of the gguf package', () => {
    // gguf@0.19.0:gguf/constants.py GGML_QUANT_SIZES, read by that package itself.
    const published =
      'F32:1:4 F16:1:2 Q4_0:32:18 Q4_1:32:20 Q5_0:32:22 Q5_1:32:24 Q8_0:32:34 Q8_1:32:40 Q2_K:256:84 ' +
      'Q3_K:256:110 Q4_K:256:144 Q5_K:256:176 Q6_K:256:210 Q8_K:256:292 IQ2_XXS:256:66 IQ2_XS:256:74 ' +
      'IQ3_XXS:256:98 IQ1_S:256:50 IQ4_NL:32:18 IQ3_S:256:110 IQ2_S:256:82 IQ4_XS:256:136 I8:1:1 I16:1:2 ' +
      'I32:1:4 I64:1:8 F64:1:8 IQ1_M:256:56 BF16:1:2 TQ1_0:256:54 TQ2_0:256:66 MXFP4:32:17 NVFP4:64:36 Q1_0:128:18';
    const ours = [...GGML_TYPES.values()].map(
      ({ id, elements, bytes }) => `${id}:${elements}:${bytes}`,
    );
    expect(ours.join(' ')).toBe(published);
  });

  it('count bits with their scales', () => {
    const q4 = GGML_TYPES.get(12);
    expect(q4 && bitsPerWeight(q4)).toBe(4.5);
    expect(q4 && bytesInBlocks(q4, 10, 512)).toBe(10 * 2 * 144);
    expect(q4 && bytesInBlocks(q4, 10, 100)).toBeUndefined();
  });

  it('of quantised layers', () => {
    const of = (method: string, bits: number, group?: number, double_quant = false) =>
      bitsOfQuantized({ method, bits, double_quant, ...(group !== undefined && { group }) });
    expect(of('bitsandbytes', 4)).toBe(4.5);
    expect(of('bitsandbytes', 4, undefined, true)).toBeCloseTo(4.127, 3);
    expect(of('bitsandbytes', 8)).toBe(8);
    expect(of('gptq', 4, 128)).toBeCloseTo(4.156, 3);
    expect(of('awq', 4, 128)).toBeCloseTo(4.156, 3);
    expect(of('gptq', 8, 128)).toBe(8.1875);
    expect(of('fp8', 8, 128 * 128)).toBeCloseTo(8.002, 3);
    expect(of('mxfp4', 4)).toBe(4.25);
    expect(of('torchao', 4, 128)).toBe(4.25);
    expect(of('of-tomorrow', 4)).toBeUndefined();
  });
});
