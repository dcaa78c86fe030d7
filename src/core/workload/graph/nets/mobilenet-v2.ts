/** MobileNet v2 of width 1 as torchvision builds it. */
import { type FeatureMap, Graph, type NetRecord } from '../graph.ts';

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

/** RGB images of `height` × `width` pixels. */
export function mobileNetV2(height: number, width: number, classes: number): NetRecord {
  const graph = new Graph();
  const active = (
    map: FeatureMap,
    channels: number,
    kernel: number,
    stride = 1,
    groups = 1,
  ): FeatureMap =>
    graph.activation(
      'relu6',
      graph.batchNorm(graph.conv(map, channels, kernel, { stride, groups })),
      true,
    );
  let map = graph.input(3, height, width);
  map = active(map, 32, 3, 2);
  for (const [expansion, channels, blocks, first] of stages) {
    for (let index = 0; index < blocks; index++) {
      const stride = index === 0 ? first : 1;
      const input = map;
      map = graph.block(() => {
        const hidden = input.channels * expansion;
        let inner = expansion === 1 ? input : active(input, hidden, 1);
        inner = active(inner, hidden, 3, stride, hidden);
        inner = graph.batchNorm(graph.conv(inner, channels, 1));
        const isResidual = stride === 1 && input.channels === channels;
        return isResidual ? graph.add(input, inner) : inner;
      });
      graph.still(input);
    }
  }
  map = active(map, 1280, 1);
  graph.linear(graph.dropout(graph.flatten(graph.averagePool(map, 1))), classes);
  return graph.record();
}
