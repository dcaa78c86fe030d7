/**
 * Plain ViTs as backbones of detection: attention inside windows but for four blocks, positions relative to each other, a
 * pyramid from the last map alone.
 *
 * Source: detectron2@0.6 modeling/backbone/vit.py, projects/ViTDet/configs.
 */
import type { FeatureMap, Graph } from '../graph.ts';
import { normed } from './backbone.ts';
import { perceptron } from './multihead.ts';

export interface VitDetOptions {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
}

export const VITDET_SIZES: Readonly<Record<string, VitDetOptions>> = {
  b: { hidden: 768, layers: 12, heads: 12 },
  l: { hidden: 1024, layers: 24, heads: 16 },
  h: { hidden: 1280, layers: 32, heads: 16 },
};

const PATCH = 16;
const WINDOW = 14;

/** Scores with what two tables of relative positions add to them, in windows or over all tokens. */
function attention(graph: Graph, input: FeatureMap, heads: number, window: number): FeatureMap {
  const { channels, height, width } = input;
  const rows = height * width;
  const projected = graph.copy(graph.linear(input, 3 * channels));
  const [q, k, v] = graph.split(projected, 3) as readonly [FeatureMap, FeatureMap, FeatureMap];
  const scaled = graph.apply('scale', [q], q);
  const matrix = { channels: heads * rows * window, height: 1, width: 1 };
  const product = graph.apply('matmul', [scaled, k], matrix, {
    numeric: 'half',
    keeps: [
      { of: 0, where: 1 },
      { of: 1, where: 0 },
    ],
  });
  const one = graph.apply('add', [product], matrix, { gradient: 'passed' });
  const both = graph.apply('add', [one], matrix, { gradient: 'passed' });
  const shares = graph.apply('softmax', [both], matrix, {
    numeric: 'full',
    keeps: [{ of: 'output' }],
  });
  const mixed = graph.apply('matmul', [shares, v], input, {
    numeric: 'half',
    keeps: [
      { of: 0, where: 1 },
      { of: 1, where: 0 },
    ],
  });
  return graph.linear(graph.copy(mixed), channels);
}

function block(graph: Graph, input: FeatureMap, heads: number, isGlobal: boolean): FeatureMap {
  const up = (size: number): number => Math.ceil(size / WINDOW) * WINDOW;
  return graph.block(() => {
    let map = graph.layerNorm(input);
    if (isGlobal) map = attention(graph, map, heads, map.height * map.width);
    else {
      const padded = { ...map, height: up(map.height), width: up(map.width) };
      const windows = graph.copy(graph.apply('pad', [map], padded));
      const mixed = attention(graph, windows, heads, WINDOW ** 2);
      map = graph.apply('slice', [graph.copy(mixed)], input);
    }
    const summed = graph.add(input, graph.dropBranch(map));
    const narrow = perceptron(graph, graph.layerNorm(summed), 4 * input.channels);
    return graph.add(summed, graph.dropBranch(narrow));
  });
}

/** The four finer levels; the fifth is pooled from the last. */
export function vitDetLevels(
  graph: Graph,
  image: FeatureMap,
  { hidden, layers, heads }: VitDetOptions,
): readonly FeatureMap[] {
  const options = { stride: PATCH, padding: 0, bias: true };
  const patches = graph.conv(image, hidden, PATCH, options);
  let map = graph.apply('add', [patches], patches, {
    gradient: 'passed',
    numeric: 'widest',
    parameters: [{ shape: [1, 197, hidden], role: 'embedding', isCast: false }],
  });
  for (let layer = 0; layer < layers; layer++) {
    // Every fourth part of the blocks ends with one that sees all.
    map = block(graph, map, heads, (layer + 1) % (layers / 4) === 0);
  }
  const twice = graph.deconv(map, hidden / 2, 2);
  const large = graph.deconv(
    graph.activation('gelu', normed(graph, twice, 'channel')),
    hidden / 4,
    2,
  );
  const sized = [large, graph.deconv(map, hidden / 2, 2), map, graph.maxPool(map, 2, 2)];
  return sized.map((one) => {
    const narrow = normed(graph, graph.conv(one, 256, 1), 'channel');
    return normed(graph, graph.conv(narrow, 256, 3), 'channel');
  });
}
