/** MobileNet v2 of width 1 as torchvision builds it. */
import { type FeatureMap, Graph, type GraphCount } from '../graph.ts';

/** Expansion, channels, blocks, first stride of each stage (table 2 of the paper). */
const stages: readonly (readonly [number, number, number, number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/** One square RGB image of `resolution` pixels a side. */
export function mobileNetV2(resolution: number, classes: number): GraphCount {
  const graph = new Graph();
  const active = (
    map: FeatureMap,
    channels: number,
    kernel: number,
    stride = 1,
    groups = 1,
  ): FeatureMap =>
    graph.relu6(graph.batchNorm(graph.conv(map, channels, kernel, { stride, groups })));
  let map: FeatureMap = { channels: 3, height: resolution, width: resolution };
  map = active(map, 32, 3, 2);
  for (const [expansion, channels, blocks, first] of stages) {
    for (let index = 0; index < blocks; index++) {
      const stride = index === 0 ? first : 1;
      const hidden = map.channels * expansion;
      let inner = expansion === 1 ? map : active(map, hidden, 1);
      inner = active(inner, hidden, 3, stride, hidden);
      inner = graph.batchNorm(graph.conv(inner, channels, 1));
      map = stride === 1 && map.channels === channels ? graph.add(map, inner) : inner;
    }
  }
  map = active(map, 1280, 1);
  graph.linear(graph.dropout(graph.averagePool(map, 1)), classes);
  return graph.count();
}
