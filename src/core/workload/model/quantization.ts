/** How a checkpoint says that its linear layers are quantised: `quantization_config` of a config. */
import { type Fields, isPlain } from './fields.ts';
import type { Quantization } from './model.ts';

/**
 * Methods by `quant_method`, with the bits of those that have one width only. Sources:
 * transformers@4.57.1:utils/quantization_config.py; compressed-tensors by vllm@0.33.0:
 * model_executor/layers/quantization/compressed_tensors.
 */
const FIXED_BITS: ReadonlyMap<string, number> = new Map([
  ['fp8', 8],
  ['fbgemm_fp8', 8],
  ['fine_grained_fp8', 8],
  ['mxfp4', 4],
  ['eetq', 8],
  ['bitnet', 2],
  ['spqr', 3],
]);

/** Entries of a list of skipped modules that are read; the rest says nothing new. */
const MAX_SKIPPED = 4096;

/** Nothing where the config has none; a method of unknown width is left out too. */
export function quantizationOf(config: Fields): Quantization | undefined {
  const name = ['quantization_config', 'compression_config'].find((key) => config.has(key));
  if (name === undefined) return undefined;
  const given = config.inside(name);
  const method = methodOf(given);
  const weights = compressedWeights(given);
  const bits = bitsOf(given, method) ?? weights?.maybeCount('num_bits');
  if (bits === undefined) return undefined;
  const group = groupOf(weights ?? given);
  return {
    method,
    bits,
    ...(group !== undefined && { group }),
    ...(given.get('bnb_4bit_use_double_quant') === true && { double_quant: true }),
    skipped: skippedOf(given),
  };
}

function methodOf(given: Fields): string {
  const method = given.text('quant_method', 'quant_algo') ?? '';
  if (method !== '') return method;
  return given.get('load_in_4bit') === true || given.get('load_in_8bit') === true
    ? 'bitsandbytes'
    : 'unknown';
}

function bitsOf(given: Fields, method: string): number | undefined {
  if (given.flag('load_in_4bit', given.flag('_load_in_4bit', false))) return 4;
  if (given.flag('load_in_8bit', given.flag('_load_in_8bit', false))) return 8;
  return (
    given.maybeCount('bits', 'w_bit', 'nbits', 'nbits_per_codebook') ??
    FIXED_BITS.get(method.toLowerCase()) ??
    bitsInWords(given.text('weights', 'quant_type', 'quant_algo', 'activation_scheme'))
  );
}

/** `int8`, `int4_weight_only`, `NVFP4`, `W4A16`: the first number of bits in a name. */
function bitsInWords(words: string | undefined): number | undefined {
  const bits = /(?:int|fp|float|w)([248])/i.exec(words ?? '')?.[1];
  return bits === undefined ? undefined : Number(bits);
}

/** The weights of the first group of compressed-tensors. */
function compressedWeights(given: Fields): Fields | undefined {
  if (!given.has('config_groups')) return undefined;
  const groups = given.get('config_groups');
  const first = isPlain(groups) ? Object.keys(groups)[0] : undefined;
  if (first === undefined) return undefined;
  const group = given.inside('config_groups').inside(first);
  return group.has('weights') ? group.inside('weights') : undefined;
}

/** A group of -1 is a whole row, and a block counts its elements. */
function groupOf(given: Fields): number | undefined {
  const group = given.get('group_size', 'q_group_size');
  if (typeof group === 'number') return group > 0 ? group : undefined;
  const block = given.list('weight_block_size');
  const [rows, columns] = block ?? [];
  return typeof rows === 'number' && typeof columns === 'number' ? rows * columns : undefined;
}

function skippedOf(given: Fields): readonly string[] {
  const list =
    given.list('modules_to_not_convert', 'llm_int8_skip_modules', 'ignore', 'exclude_modules') ??
    [];
  return list.slice(0, MAX_SKIPPED).filter((name): name is string => typeof name === 'string');
}
