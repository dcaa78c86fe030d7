/**
 * Formats of numbers, and how many bytes weights take in them. A block format stores `elements` weights in
 * `bytes` bytes, scales included. Sources stand with each group; block sizes of ggml are those of
 * gguf@0.19.0:gguf/constants.py GGML_QUANT_SIZES, element types of safetensors those of
 * safetensors@0.8.0 (the format's specification).
 */

export interface BlockFormat {
  readonly id: string;
  /** Weights of a block; 1 where each stands for itself. */
  readonly elements: number;
  /** Bytes of a block. */
  readonly bytes: number;
}

const block = (id: string, elements: number, bytes: number): BlockFormat => ({
  id,
  elements,
  bytes,
});

/** By the number that a GGUF file has for them. Gaps are types that were taken out again. */
export const GGML_TYPES: ReadonlyMap<number, BlockFormat> = new Map([
  [0, block('F32', 1, 4)],
  [1, block('F16', 1, 2)],
  [2, block('Q4_0', 32, 18)],
  [3, block('Q4_1', 32, 20)],
  [6, block('Q5_0', 32, 22)],
  [7, block('Q5_1', 32, 24)],
  [8, block('Q8_0', 32, 34)],
  [9, block('Q8_1', 32, 40)],
  [10, block('Q2_K', 256, 84)],
  [11, block('Q3_K', 256, 110)],
  [12, block('Q4_K', 256, 144)],
  [13, block('Q5_K', 256, 176)],
  [14, block('Q6_K', 256, 210)],
  [15, block('Q8_K', 256, 292)],
  [16, block('IQ2_XXS', 256, 66)],
  [17, block('IQ2_XS', 256, 74)],
  [18, block('IQ3_XXS', 256, 98)],
  [19, block('IQ1_S', 256, 50)],
  [20, block('IQ4_NL', 32, 18)],
  [21, block('IQ3_S', 256, 110)],
  [22, block('IQ2_S', 256, 82)],
  [23, block('IQ4_XS', 256, 136)],
  [24, block('I8', 1, 1)],
  [25, block('I16', 1, 2)],
  [26, block('I32', 1, 4)],
  [27, block('I64', 1, 8)],
  [28, block('F64', 1, 8)],
  [29, block('IQ1_M', 256, 56)],
  [30, block('BF16', 1, 2)],
  [34, block('TQ1_0', 256, 54)],
  [35, block('TQ2_0', 256, 66)],
  [39, block('MXFP4', 32, 17)],
  [40, block('NVFP4', 64, 36)],
  [41, block('Q1_0', 128, 18)],
]);

/** Bits of an element, by the name that a safetensors header has for its type. */
export const SAFETENSORS_BITS: ReadonlyMap<string, number> = new Map([
  ['BOOL', 8],
  ['U8', 8],
  ['I8', 8],
  ['F4', 4],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ['F8_E5M2', 8],
  ['F8_E4M3', 8],
  ['F8_E8M0', 8],
  ['F8_E4M3FNUZ', 8],
  ['F8_E5M2FNUZ', 8],
  ['I16', 16],
  ['U16', 16],
  ['F16', 16],
  ['BF16', 16],
  ['I32', 32],
  ['U32', 32],
  ['F32', 32],
  ['I64', 64],
  ['U64', 64],
  ['F64', 64],
  ['C64', 64],
]);

/** Bits of one weight, scales included. */
export const bitsPerWeight = ({ bytes, elements }: BlockFormat): number => (bytes * 8) / elements;

/**
 * Bytes of weights whose rows are stored in blocks. @returns nothing where a row is no whole number of blocks,
 * which the format forbids.
 */
export function bytesInBlocks(
  format: BlockFormat,
  rows: number,
  columns: number,
): number | undefined {
  if (columns % format.elements !== 0) return undefined;
  return rows * (columns / format.elements) * format.bytes;
}

/** How linear layers are quantised, as a checkpoint or an option says it. */
export interface Quantized {
  readonly method: string;
  readonly bits: number;
  /** Weights that share a scale; absent for one scale a row. */
  readonly group?: number;
  readonly double_quant?: boolean;
}

/**
 * Bits of a weight of a quantised linear layer, with scales and zeros; what a row adds to it is left out, as it is
 * less than a thousandth. Nothing for a method whose layout is not known.
 *
 * | method | layout | source |
 * |---|---|---|
 * | bitsandbytes 4 bit | 4, and an fp32 scale for 64; double: an 8-bit scale for 64 and fp32 for 256 of those | bitsandbytes@95f9af30 functional.py |
 * | bitsandbytes 8 bit | 8, an fp32 scale a row | the same |
 * | GPTQ, AWQ | bits, an fp16 scale and a zero of the same bits a group | AutoGPTQ, AutoAWQ qlinear layouts |
 * | compressed-tensors | bits, a 16-bit scale a group (symmetric) | compressed-tensors pack_quantized |
 * | fp8 by blocks | 8, an fp32 scale a block | transformers@4.57.1:quantizers/quantizer_finegrained_fp8.py |
 * | MXFP4, NVFP4 | 4, an 8-bit scale for 32 or 16 | OCP microscaling formats 1.0; ggml |
 * | torchao, HQQ | bits, a 16-bit scale and zero a group | torchao tensor_core_tiled_layout |
 */
export function bitsOfQuantized(quantized: Quantized): number | undefined {
  const { bits, group, double_quant = false } = quantized;
  const each = (extra: number, of: number | undefined): number =>
    of === undefined ? bits : bits + extra / of;
  switch (quantized.method.toLowerCase().replaceAll('_', '-')) {
    case 'bitsandbytes':
    case 'bnb':
      if (bits === 8) return 8;
      return double_quant ? each(8, 64) + 32 / (64 * 256) : each(32, 64);
    case 'gptq':
    case 'awq':
    case 'auto-round':
    case 'auto-gptq':
      return each(16 + bits, group);
    case 'compressed-tensors':
      return each(16, group);
    case 'fp8':
    case 'fbgemm-fp8':
    case 'fine-grained-fp8':
      return each(32, group);
    case 'mxfp4':
      return each(8, 32);
    case 'nvfp4':
    case 'modelopt-fp4':
      return each(8, 16);
    case 'torchao':
    case 'hqq':
      return each(32, group);
    case 'eetq':
      return 8;
    default:
      return undefined;
  }
}
