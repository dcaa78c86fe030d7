/** VGG 11 to 19 as torchvision builds them, without or with batch norm. */
import { type FeatureMap, Graph, type GraphCount } from '../graph.ts';

export type VggDepth = 11 | 13 | 16 | 19;

const stages: Readonly<Record<VggDepth, readonly number[]>> = {
  11: [1, 1, 2, 2, 2],
  13: [2, 2, 2, 2, 2],
  16: [2, 2, 3, 3, 3],
  19: [2, 2, 4, 4, 4],
};

/** One square RGB image of `resolution` pixels a side. */
export function vgg(
  depth: VggDepth,
  resolution: number,
  classes: number,
  normed = false,
): GraphCount {
  const graph = new Graph();
  let map: FeatureMap = { channels: 3, height: resolution, width: resolution };
  for (const [stage, convs] of stages[depth].entries()) {
    const channels = Math.min(64 << stage, 512);
    for (let index = 0; index < convs; index++) {
      const out = graph.conv(map, channels, 3, { bias: true });
      map = graph.relu(normed ? graph.batchNorm(out) : out);
    }
    map = graph.maxPool(map, 2, 2);
  }
  map = graph.averagePool(map, 7);
  for (let layer = 0; layer < 2; layer++) {
    map = graph.dropout(graph.relu(graph.linear(map, 4096)));
  }
  graph.linear(map, classes);
  return graph.count();
}
