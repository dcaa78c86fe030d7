/** DenseNet 121, 161, 169 and 201 as torchvision builds them (bottleneck of 4). */
import { type FeatureMap, Graph, type NetRecord } from '../graph.ts';

export type DenseNetDepth = 121 | 161 | 169 | 201;

const stages: Readonly<Record<DenseNetDepth, readonly number[]>> = {
  121: [6, 12, 24, 16],
  161: [6, 12, 36, 24],
  169: [6, 12, 32, 32],
  201: [6, 12, 48, 32],
};

/** RGB images of `height` × `width` pixels. */
export function denseNet(
  height: number,
  width: number,
  classes: number,
  { depth }: { readonly depth: DenseNetDepth },
): NetRecord {
  const growth = depth === 161 ? 48 : 32;
  const graph = new Graph();
  const normed = (map: FeatureMap): FeatureMap => graph.relu(graph.batchNorm(map));
  let map = graph.input(3, height, width);
  map = graph.maxPool(normed(graph.conv(map, 2 * growth, 7, { stride: 2 })), 3, 2, 1);
  for (const [stage, layers] of stages[depth].entries()) {
    if (stage > 0) {
      const half = graph.conv(normed(map), map.channels / 2, 1);
      map = graph.averagePoolWindow(half, 2, 2);
    }
    const features = [map];
    for (let layer = 0; layer < layers; layer++) {
      const made = graph.block(() => {
        const joined = graph.concat(features);
        const bottleneck = graph.holding(joined, () => graph.conv(normed(joined), 4 * growth, 1));
        return graph.conv(normed(bottleneck), growth, 3);
      });
      features.push(made);
    }
    map = graph.concat(features);
    graph.still(...features);
  }
  graph.linear(graph.flatten(graph.averagePool(normed(map), 1)), classes);
  return graph.record();
}
