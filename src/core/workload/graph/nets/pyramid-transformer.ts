/**
 * Transformers whose stages halve the map: PVT, PVT v2 and the MiT of SegFormer. Keys and values are made from fewer
 * tokens.
 *
 * Sources: mmdet@2.28 models/backbones/pvt.py; mmseg@0.30 models/backbones/mit.py.
 */
import type { FeatureMap, Graph } from '../graph.ts';
import { multihead, perceptron } from './multihead.ts';

export interface PyramidTransformerOptions {
  readonly channels: readonly number[];
  readonly layers: readonly number[];
  /** Inner channels of the perceptron, in channels of the stage. */
  readonly ratios: readonly number[];
  /** A depthwise convolution inside the perceptron, patches that overlap (MiT, PVT v2). */
  readonly overlaps: boolean;
}

const HEADS = [1, 2, 5, 8];
/** By how much a side shrinks before keys and values are made. */
const REDUCTIONS = [8, 4, 2, 1];

const wide = [64, 128, 320, 512];
const narrow = [32, 64, 160, 256];

/** SegFormer's encoders. */
export const MIT: Readonly<Record<string, PyramidTransformerOptions>> = Object.fromEntries(
  [
    ['b0', narrow, [2, 2, 2, 2]],
    ['b1', wide, [2, 2, 2, 2]],
    ['b2', wide, [3, 4, 6, 3]],
    ['b3', wide, [3, 4, 18, 3]],
    ['b4', wide, [3, 8, 27, 3]],
    ['b5', wide, [3, 6, 40, 3]],
  ].map(([name, channels, layers]) => [
    name as string,
    {
      channels: channels as number[],
      layers: layers as number[],
      ratios: [4, 4, 4, 4],
      overlaps: true,
    },
  ]),
);

/** PVT by its size, PVT v2 by its number. */
export const PVT: Readonly<Record<string, PyramidTransformerOptions>> = {
  tiny: { channels: wide, layers: [2, 2, 2, 2], ratios: [8, 8, 4, 4], overlaps: false },
  small: { channels: wide, layers: [3, 4, 6, 3], ratios: [8, 8, 4, 4], overlaps: false },
  medium: { channels: wide, layers: [3, 4, 18, 3], ratios: [8, 8, 4, 4], overlaps: false },
  large: { channels: wide, layers: [3, 8, 27, 3], ratios: [8, 8, 4, 4], overlaps: false },
  ...Object.fromEntries(
    Object.entries(MIT).map(([name, options]) => [
      name,
      { ...options, ratios: name === 'b5' ? [4, 4, 4, 4] : [8, 8, 4, 4] },
    ]),
  ),
};

function block(
  graph: Graph,
  input: FeatureMap,
  stage: number,
  ratio: number,
  overlaps: boolean,
): FeatureMap {
  const { channels } = input;
  return graph.block(() => {
    const normed = graph.layerNorm(input);
    const reduction = REDUCTIONS[stage] ?? 1;
    let source = normed;
    if (reduction > 1) {
      const options = { stride: reduction, padding: 0, bias: true };
      source = graph.layerNorm(graph.conv(normed, channels, reduction, options));
    }
    const mixed = multihead(graph, normed, source, HEADS[stage] ?? 1);
    const summed = graph.add(input, graph.dropBranch(mixed));
    const second = graph.layerNorm(summed);
    const inner = ratio * channels;
    if (!overlaps) return graph.add(summed, graph.dropBranch(perceptron(graph, second, inner)));
    const spread = graph.conv(graph.copy(second), inner, 1, { bias: true });
    const local = graph.conv(spread, inner, 3, { groups: inner, bias: true });
    const narrowed = graph.conv(graph.activation('gelu', local), channels, 1, { bias: true });
    return graph.add(summed, graph.dropBranch(narrowed));
  });
}

/** The maps of the four stages, the finest first. */
export function pyramidTransformer(
  graph: Graph,
  image: FeatureMap,
  { channels, layers, ratios, overlaps }: PyramidTransformerOptions,
): readonly FeatureMap[] {
  let map = image;
  return channels.map((width, stage) => {
    const stride = stage === 0 ? 4 : 2;
    const kernel = overlaps ? (stage === 0 ? 7 : 3) : stride;
    const padding = overlaps ? kernel >> 1 : 0;
    map = graph.layerNorm(graph.conv(map, width, kernel, { stride, padding, bias: true }));
    for (let layer = 0; layer < (layers[stage] ?? 0); layer++) {
      map = block(graph, map, stage, ratios[stage] ?? 4, overlaps);
    }
    // MiT norms each stage; PVT v2 as well.
    if (overlaps) map = graph.layerNorm(map);
    return map;
  });
}
