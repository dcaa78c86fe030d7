/** Vision transformers as torchvision and timm build them. */
import { type FeatureMap, Graph, type NetRecord } from '../graph.ts';

export interface VitOptions {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly mlp: number;
  readonly patch: number;
  /** torchvision copies queries, keys and values apart; timm takes views of one tensor. */
  readonly copies?: boolean;
}

/** One block: attention and a perceptron, each after a norm and added to the stream. */
export function vitBlock(
  graph: Graph,
  input: FeatureMap,
  { hidden, heads, mlp, copies = false }: VitOptions,
): FeatureMap {
  return graph.block(() => {
    const normed = graph.layerNorm(input);
    const projected = graph.linear(normed, 3 * hidden);
    const [q, k, v] = graph.split(copies ? graph.copy(projected) : projected, 3) as readonly [
      FeatureMap,
      FeatureMap,
      FeatureMap,
    ];
    const mixed = graph.attention(q, k, v, heads);
    const joined = graph.linear(mixed, hidden);
    graph.still(normed);
    const summed = graph.add(joined, input);
    const second = graph.layerNorm(summed);
    const wide = graph.activation('gelu', graph.linear(second, mlp));
    const narrow = graph.linear(wide, hidden);
    graph.still(second);
    return graph.add(narrow, summed);
  });
}

/** RGB images of `height` × `width` pixels. */
export function vit(
  height: number,
  width: number,
  classes: number,
  options: VitOptions,
): NetRecord {
  const { hidden, layers, patch } = options;
  const graph = new Graph();
  const image = graph.input(3, height, width);
  const patches = graph.conv(image, hidden, patch, { stride: patch, padding: 0, bias: true });
  const tokens = graph.view(patches, hidden, patches.height * patches.width);
  const shape = { ...tokens, height: tokens.height + 1 };
  const joined = graph.apply('concat', [tokens], shape, {
    numeric: 'full',
    gradient: 'passed',
    parameters: [{ shape: [1, 1, hidden], role: 'other', isCast: false }],
  });
  let map = graph.apply('add', [joined], shape, {
    numeric: 'widest',
    gradient: 'passed',
    parameters: [{ shape: [1, shape.height, hidden], role: 'embedding', isCast: false }],
  });
  for (let layer = 0; layer < layers; layer++) map = vitBlock(graph, map, options);
  const normed = graph.layerNorm(map);
  const first = graph.apply(
    'part',
    [normed],
    { channels: hidden, height: 1, width: 1 },
    {
      placing: 'view',
    },
  );
  graph.linear(first, classes);
  return graph.record();
}
