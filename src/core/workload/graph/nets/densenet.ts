/** DenseNet 121, 169 and 201 as torchvision builds them (growth 32, bottleneck of 4). */
import { type FeatureMap, Graph, type GraphCount } from '../graph.ts';

export type DenseNetDepth = 121 | 169 | 201;

const stages: Readonly<Record<DenseNetDepth, readonly number[]>> = {
  121: [6, 12, 24, 16],
  169: [6, 12, 32, 32],
  201: [6, 12, 48, 32],
};

/** One square RGB image of `resolution` pixels a side. */
export function denseNet(depth: DenseNetDepth, resolution: number, classes: number): GraphCount {
  const graph = new Graph();
  const normed = (map: FeatureMap): FeatureMap => graph.relu(graph.batchNorm(map));
  let map: FeatureMap = { channels: 3, height: resolution, width: resolution };
  map = graph.maxPool(normed(graph.conv(map, 64, 7, { stride: 2 })), 3, 2, 1);
  for (const [stage, layers] of stages[depth].entries()) {
    if (stage > 0) {
      const half = graph.conv(normed(map), map.channels / 2, 1);
      map = graph.averagePoolWindow(half, 2, 2);
    }
    const features = [map];
    for (let layer = 0; layer < layers; layer++) {
      const bottleneck = graph.conv(normed(graph.concat(features)), 128, 1);
      features.push(graph.conv(normed(bottleneck), 32, 3));
    }
    map = graph.concat(features);
  }
  graph.linear(graph.averagePool(normed(map), 1), classes);
  return graph.count();
}
