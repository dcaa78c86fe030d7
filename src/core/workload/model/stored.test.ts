import { expect, test } from 'vitest';
import type { StoredTensor } from '../../documents/safetensors.ts';
import { packingOf } from '../../footprint/packing.ts';
import type { Model, Weight } from './model.ts';
import { readModelConfig } from './read.ts';
import { asStored } from './stored.ts';
import { elementsOf, weightsOf } from './weights.ts';

const CONFIG = {
  model_type: 'llama',
  hidden_size: 256,
  intermediate_size: 512,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  vocab_size: 1000,
  tie_word_embeddings: true,
};

function modelOf(over: object = {}): { model: Model; weights: readonly Weight[] } {
  const reading = readModelConfig({ ...CONFIG, ...over }, 'a test');
  if (!reading.ok) throw new Error(reading.problem.code);
  return { model: reading.model, weights: weightsOf(reading.model) };
}

const tensor = (
  name: string,
  dtype: string,
  shape: readonly number[],
  bits = 16,
): StoredTensor => ({
  name,
  dtype,
  shape,
  bytes: (shape.reduce((a, b) => a * b, 1) * bits) / 8,
});

/** Every weight under the names of its layers. */
const written = (
  weights: readonly Weight[],
  of: (name: string, one: Weight) => readonly StoredTensor[],
) =>
  weights.flatMap((one) =>
    Array.from({ length: one.count }, (_, layer) =>
      of(one.name.replace('{i}', String(layer)), one),
    ).flat(),
  );

const elements = (weights: readonly Weight[]): number =>
  weights.reduce((all, one) => all + elementsOf(one) * one.count, 0);

test('a checkpoint gives the format where the config leaves it out', () => {
  const { model, weights } = modelOf();
  const found = asStored(
    model,
    weights,
    written(weights, (name, { shape }) => [tensor(name, 'F32', shape, 32)]),
  );
  expect(found.model.dtype).toBe('fp32');
  expect(found.weights).toEqual(weights);
});

test('what the config does not account for counts, and what is made anew or stored twice does not', () => {
  const { model, weights } = modelOf({ torch_dtype: 'bfloat16' });
  const tensors = [
    ...written(weights, (name, { shape }) => [tensor(name, 'BF16', shape)]),
    tensor('model.layers.0.self_attn.rotary_emb.inv_freq', 'F32', [32], 32),
    tensor('lm_head.weight', 'BF16', [1000, 256]),
    tensor('value_head.weight', 'BF16', [1, 256]),
  ];
  const found = asStored(model, weights, tensors);
  expect(elements(found.weights) - elements(weights)).toBe(256);
  expect(found.model.dtype).toBe('bf16');
});

test('packed weights have the bits that the file has, scales and zero points included', () => {
  const quantization_config = { quant_method: 'gptq', bits: 4, group_size: 64 };
  const { model, weights } = modelOf({ quantization_config, torch_dtype: 'float16' });
  const tensors = written(weights, (name, { shape, role }) => {
    if (role !== 'linear') return [tensor(name, 'F16', shape)];
    const base = name.replace(/\.weight$/, '');
    const [rows = 1, columns = 1] = shape;
    return [
      tensor(`${base}.qweight`, 'I32', [columns / 8, rows], 32),
      tensor(`${base}.qzeros`, 'I32', [columns / 64, rows / 8], 32),
      tensor(`${base}.scales`, 'F16', [columns / 64, rows]),
      tensor(`${base}.g_idx`, 'I32', [columns], 32),
    ];
  });
  const { quantization } = asStored(model, weights, tensors).model;
  const packed = weights.filter(({ role }) => role === 'linear');
  // 4 bits, and for each group of 64 a scale of 16 and a zero point of 4; an index of 32 for each column.
  const order = packed.reduce((all, { shape, count }) => all + (shape[1] ?? 0) * count * 32, 0);
  expect(quantization?.stored_bits).toBeCloseTo(4 + 20 / 64 + order / elements(packed), 10);
  if (quantization === undefined) throw new Error('it is quantised');
  expect(packingOf(quantization)).toMatchObject({ bits: quantization.stored_bits, rowBytes: 0 });
});

test('a checkpoint of another model changes nothing', () => {
  const { model, weights } = modelOf();
  expect(asStored(model, weights, [])).toEqual({ model, weights });
  const other = asStored(model, weights, [tensor('unet.conv.weight', 'F16', [8, 8])]);
  expect(other.weights).toEqual(weights);
});
