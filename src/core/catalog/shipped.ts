/**
 * Models that are published quantised: no other checkpoint of theirs is the first that people load. Recalled from
 * their model cards and the `quantization_config` of their configs; the files that the catalog was read from do not
 * say it. Methods and bits as a config has them.
 */
import type { Quantized } from './formats.ts';

export interface Shipped extends Quantized {
  /** Names (parts of names) of modules that stay in 16 bits. */
  readonly skipped: readonly string[];
}

/** Blocks of 128 × 128 weights share a scale; tables, norms and routers stay as they are. */
const FP8_BLOCKS: Shipped = {
  method: 'fp8',
  bits: 8,
  group: 128 * 128,
  skipped: ['mlp.gate.weight', 'lm_head'],
};

/** Only the experts are packed. */
const MXFP4_EXPERTS: Shipped = {
  method: 'mxfp4',
  bits: 4,
  group: 32,
  skipped: ['self_attn', 'mlp.router', 'embed_tokens', 'lm_head'],
};

/** Routed experts in 4 bits, a scale for 32 weights; attention, shared experts and the dense layer whole. */
const INT4_EXPERTS: Shipped = {
  method: 'compressed-tensors',
  bits: 4,
  group: 32,
  skipped: ['self_attn', 'shared_experts', 'mlp.gate', 'mlp.up_proj', 'mlp.down_proj', 'lm_head'],
};

/** By what names are without the organisation, in small letters; the first that matches. */
const SHIPPED: readonly (readonly [name: RegExp, stored: Shipped])[] = [
  [/^deepseek-(?:v3|r1)(?!-distill)(?:[.-]|$)/, FP8_BLOCKS],
  [/^kimi-k2-thinking$/, INT4_EXPERTS],
  [/^kimi-k2(?:-|$)/, FP8_BLOCKS],
  [/^minimax-m2$/, FP8_BLOCKS],
  [/^gpt-oss-\d+b$/, MXFP4_EXPERTS],
];

/** How a model of this name is published, where that is not in whole numbers. @param plain without organisation */
export const shippedAs = (plain: string): Shipped | undefined =>
  SHIPPED.find(([name]) => name.test(plain))?.[1];
