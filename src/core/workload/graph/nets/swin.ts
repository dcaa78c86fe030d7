/** Swin transformers as torchvision builds them. */
import { type FeatureMap, Graph, type NetRecord } from '../graph.ts';

export type SwinSize = 'tiny' | 'small' | 'base' | 'large';

export interface SwinOptions {
  readonly channels: number;
  readonly layers: readonly number[];
  readonly heads: readonly number[];
  readonly window: number;
}

export const SWIN_SIZES: Readonly<Record<SwinSize, SwinOptions>> = {
  tiny: { channels: 96, layers: [2, 2, 6, 2], heads: [3, 6, 12, 24], window: 7 },
  small: { channels: 96, layers: [2, 2, 18, 2], heads: [3, 6, 12, 24], window: 7 },
  base: { channels: 128, layers: [2, 2, 18, 2], heads: [4, 8, 16, 32], window: 7 },
  large: { channels: 192, layers: [2, 2, 18, 2], heads: [6, 12, 24, 48], window: 7 },
};

/** Attention inside windows of `window` × `window` tokens, every second time over shifted ones. */
function windowAttention(
  graph: Graph,
  input: FeatureMap,
  heads: number,
  window: number,
  isShifted: boolean,
): FeatureMap {
  const { channels } = input;
  const padded = {
    channels,
    height: Math.ceil(input.height / window) * window,
    width: Math.ceil(input.width / window) * window,
  };
  const isPadded = padded.height !== input.height || padded.width !== input.width;
  let map = isPadded ? graph.apply('pad', [input], padded) : input;
  if (isShifted) map = graph.apply('roll', [map], padded);
  const windows = graph.copy(map);
  const rows = padded.height * padded.width;
  const projected = graph.linear(windows, 3 * channels);
  const [q, k, v] = graph.split(projected, 3) as readonly [FeatureMap, FeatureMap, FeatureMap];
  // Products of permuted tensors copy them first.
  const scaled = graph.copy(graph.apply('scale', [q], q));
  const matrix = { channels: heads * rows * window * window, height: 1, width: 1 };
  const product = graph.apply('matmul', [scaled, graph.copy(k)], matrix, {
    numeric: 'half',
    keeps: [
      { of: 0, where: 1 },
      { of: 1, where: 0 },
    ],
  });
  const table = (2 * window - 1) ** 2;
  let scores = graph.apply('add', [product], matrix, {
    gradient: 'passed',
    numeric: 'full',
    parameters: [{ shape: [table, heads], role: 'other', isCast: false }],
  });
  if (isShifted) scores = graph.apply('mask', [scores], matrix, { gradient: 'passed' });
  const shares = graph.apply('softmax', [scores], matrix, {
    numeric: 'full',
    keeps: [{ of: 'output' }],
  });
  const mixed = graph.apply('matmul', [shares, graph.copy(v)], padded, {
    numeric: 'half',
    keeps: [
      { of: 0, where: 1 },
      { of: 1, where: 0 },
    ],
  });
  graph.still(windows);
  map = graph.copy(graph.linear(graph.copy(mixed), channels));
  if (isShifted) map = graph.apply('roll', [map], padded);
  if (isPadded) map = graph.apply('slice', [map], input);
  // Names of the function, and what its caller gave it.
  graph.still(input, projected, scaled, shares);
  return map;
}

export function swinBlock(
  graph: Graph,
  input: FeatureMap,
  heads: number,
  window: number,
  isShifted: boolean,
  drops: boolean,
): FeatureMap {
  const dropped = (map: FeatureMap): FeatureMap => (drops ? graph.dropBranch(map) : map);
  return graph.block(() => {
    const normed = graph.layerNorm(input);
    const isWhole = window >= Math.max(input.height, input.width);
    const mixed = windowAttention(graph, normed, heads, window, isShifted && !isWhole);
    const summed = graph.add(input, dropped(mixed));
    const second = graph.layerNorm(summed);
    const wide = graph.linear(second, 4 * input.channels);
    const narrow = graph.linear(graph.activation('gelu', wide), input.channels);
    graph.still(second);
    return graph.add(summed, dropped(narrow));
  });
}

/** Four neighbours become one token of twice the channels. */
export function mergePatches(graph: Graph, input: FeatureMap): FeatureMap {
  const height = Math.ceil(input.height / 2);
  const width = Math.ceil(input.width / 2);
  const joined = graph.apply('join', [input], { channels: 4 * input.channels, height, width });
  return graph.linear(graph.layerNorm(joined), 2 * input.channels, false);
}

/** RGB images of `height` × `width` pixels. */
export function swin(
  height: number,
  width: number,
  classes: number,
  options: SwinOptions,
): NetRecord {
  const { channels, layers, heads, window } = options;
  const graph = new Graph();
  const image = graph.input(3, height, width);
  const patches = graph.conv(image, channels, 4, { stride: 4, padding: 0, bias: true });
  let map = graph.layerNorm(patches);
  let isFirst = true;
  for (const [stage, blocks] of layers.entries()) {
    if (stage > 0) map = mergePatches(graph, map);
    const entering = map;
    for (let index = 0; index < blocks; index++) {
      map = swinBlock(graph, map, heads[stage] ?? 1, window, index % 2 === 1, !isFirst);
      isFirst = false;
    }
    // The caller of a stage holds what goes into it.
    graph.still(entering);
  }
  graph.linear(graph.flatten(graph.averagePool(graph.layerNorm(map), 1)), classes);
  return graph.record();
}
