/**
 * A model with what the headers of its checkpoint say: the format of its weights where the config leaves it out, the
 * exact bits of packed ones, and tensors that the config does not account for. Names say which are which.
 */
import type { StoredTensor } from '../../documents/safetensors.ts';
import type { Model, Weight } from './model.ts';
import { elementsOf } from './weights.ts';

/** Names of formats that a step can compute with. */
const WHOLE: ReadonlyMap<string, NonNullable<Model['dtype']>> = new Map([
  ['F32', 'fp32'],
  ['BF16', 'bf16'],
  ['F16', 'fp16'],
]);

/** Tables that a checkpoint can hold and that are made anew when it is loaded. */
const MADE_ANEW =
  /(?:rotary_emb\.inv_freq|position_ids|\.attn\.(?:masked_)?bias|\.masked_bias|\.attention\.bias)$/;

/** What of packed weights lies under names of its own beside them. */
const BESIDE_PACKED =
  /\.(?:qweight|qzeros|scales|g_idx|weight_(?:packed|scale|shape|zero_point|scale_inv|g_idx|scale_2)|(?:input|k|v)_scale|absmax|quant_map|nested_absmax|nested_quant_map|quant_state\.\S+|SCB|\w+_(?:blocks|scales))$/;

/** `model.layers.17.mlp.experts.3.w1.weight` and `model.layers.{i}.mlp.experts.{e}.w1.weight` alike. */
const patternOf = (name: string): string => name.replace(/(?<=\.)(?:\d+|\{\w+\})(?=\.)/g, '*');

export interface Stored {
  readonly model: Model;
  readonly weights: readonly Weight[];
}

/** @param tensors of all files of the checkpoint */
export function asStored(
  model: Model,
  weights: readonly Weight[],
  tensors: readonly StoredTensor[],
): Stored {
  const kept = tensors.filter(({ name }) => !MADE_ANEW.test(name) && !isTiedCopy(name, weights));
  if (kept.length === 0) return { model, weights };
  const { quantization } = model;
  if (quantization !== undefined) {
    const bits = packedBits(weights, kept);
    return {
      model:
        bits === undefined
          ? model
          : { ...model, quantization: { ...quantization, stored_bits: bits } },
      weights,
    };
  }
  const whole = kept.filter(({ dtype }) => WHOLE.has(dtype));
  if (whole.length < kept.length) return { model, weights };
  const beyond = sum(whole, elementsOf) - sum(weights, (one) => elementsOf(one) * one.count);
  return {
    model: { ...model, ...(model.dtype === undefined && { dtype: commonest(whole) }) },
    weights:
      beyond > 0
        ? [...weights, { name: 'beyond the config', shape: [beyond], role: 'other', count: 1 }]
        : weights,
  };
}

/**
 * A model as an ONNX file holds it: initialisers under names of the exporter's, in formats of the file. They are one
 * weight of exactly those bytes; what the layers are the config says.
 */
export function asGraph(model: Model, tensors: readonly StoredTensor[]): Stored {
  const whole = tensors.filter(({ dtype }) => WHOLE.has(dtype));
  const dtype = whole.length === 0 ? (model.dtype ?? 'fp32') : commonest(whole);
  const width = dtype === 'fp32' ? 4 : 2;
  const bytes = sum(tensors, ({ bytes: size }) => size);
  const { quantization: _, ...plain } = model;
  return {
    model: { ...plain, dtype },
    weights: [{ name: 'initialisers', shape: [bytes / width], role: 'other', count: 1 }],
  };
}

const sum = <T>(list: readonly T[], of: (one: T) => number): number =>
  list.reduce((all, one) => all + of(one), 0);

/** A head that is the table of embeddings, stored once more. */
const isTiedCopy = (name: string, weights: readonly Weight[]): boolean =>
  /(?:^|\.)(?:lm_head|output_layer)\.weight$/.test(name) &&
  !weights.some(({ role }) => role === 'head');

/** The format of most elements. */
function commonest(tensors: readonly StoredTensor[]): NonNullable<Model['dtype']> {
  const elements = new Map<string, number>();
  for (const tensor of tensors) {
    elements.set(tensor.dtype, (elements.get(tensor.dtype) ?? 0) + elementsOf(tensor));
  }
  const [most] = [...elements].sort(([, a], [, b]) => b - a);
  return WHOLE.get(most?.[0] ?? '') ?? 'bf16';
}

/** Bits of a packed weight with all that lies beside it; nothing where the names tell of no packed weight. */
function packedBits(
  weights: readonly Weight[],
  tensors: readonly StoredTensor[],
): number | undefined {
  const whole = new Set(
    tensors
      .filter(({ dtype, name }) => WHOLE.has(dtype) && !BESIDE_PACKED.test(name))
      .map(({ name }) => patternOf(name)),
  );
  const packed = weights.filter(
    ({ name, role }) =>
      (role === 'linear' || role === 'expert' || role === 'head') && !whole.has(patternOf(name)),
  );
  const elements = sum(packed, (one) => elementsOf(one) * one.count);
  const bytes = sum(tensors, ({ dtype, name, bytes: size }) =>
    WHOLE.has(dtype) && !BESIDE_PACKED.test(name) ? 0 : size,
  );
  const bits = (8 * bytes) / elements;
  // Names of another checkpoint than the config is of would give anything.
  return bits >= 1 && bits <= 16 ? bits : undefined;
}
