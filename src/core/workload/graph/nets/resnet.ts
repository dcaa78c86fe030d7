/** ResNet 18 to 152, ResNeXt and wide ResNet as torchvision builds them (stride on the 3 × 3 convolution). */
import { type FeatureMap, Graph, type GraphCount } from '../graph.ts';

export type ResNetDepth = 18 | 34 | 50 | 101 | 152;

const stages: Readonly<Record<ResNetDepth, readonly number[]>> = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
};

function block(
  graph: Graph,
  input: FeatureMap,
  width: number,
  stride: number,
  deep: boolean,
  groups: number,
  base: number,
): FeatureMap {
  const unit = (
    map: FeatureMap,
    channels: number,
    kernel: number,
    step = 1,
    split = 1,
  ): FeatureMap =>
    graph.batchNorm(graph.conv(map, channels, kernel, { stride: step, groups: split }));
  const out = deep ? 4 * width : width;
  const inner = deep ? ((width * base) / 64) * groups : width;
  let main = graph.relu(deep ? unit(input, inner, 1) : unit(input, inner, 3, stride));
  if (deep) main = graph.relu(unit(main, inner, 3, stride, groups));
  main = unit(main, out, deep ? 1 : 3);
  const skip = stride > 1 || input.channels !== out ? unit(input, out, 1, stride) : input;
  return graph.relu(graph.add(main, skip));
}

/** One square RGB image of `resolution` pixels a side; `groups` × `base` is 32 × 4 in ResNeXt-50. */
export function resNet(
  depth: ResNetDepth,
  resolution: number,
  classes: number,
  groups = 1,
  base = 64,
): GraphCount {
  const graph = new Graph();
  let map: FeatureMap = { channels: 3, height: resolution, width: resolution };
  map = graph.relu(graph.batchNorm(graph.conv(map, 64, 7, { stride: 2 })));
  map = graph.maxPool(map, 3, 2, 1);
  for (const [stage, blocks] of stages[depth].entries()) {
    for (let index = 0; index < blocks; index++) {
      const stride = stage > 0 && index === 0 ? 2 : 1;
      map = block(graph, map, 64 << stage, stride, depth >= 50, groups, base);
    }
  }
  graph.linear(graph.averagePool(map, 1), classes);
  return graph.count();
}
