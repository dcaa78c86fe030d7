/** ResNet 18 to 152, ResNeXt and wide ResNet as torchvision builds them (stride on the 3 × 3 convolution). */
import { type FeatureMap, Graph, type NetRecord } from '../graph.ts';

export type ResNetDepth = 18 | 34 | 50 | 101 | 152;

export interface ResNetOptions {
  readonly depth: ResNetDepth;
  /** Groups of the 3 × 3 convolutions, and the width of each: 32 × 4 in ResNeXt-50. */
  readonly groups?: number;
  readonly base?: number;
}

export const RESNET_STAGES: Readonly<Record<ResNetDepth, readonly number[]>> = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
};

function residual(
  graph: Graph,
  input: FeatureMap,
  width: number,
  stride: number,
  { depth, groups = 1, base = 64 }: ResNetOptions,
): FeatureMap {
  const unit = (
    map: FeatureMap,
    channels: number,
    kernel: number,
    step = 1,
    split = 1,
  ): FeatureMap =>
    graph.batchNorm(graph.conv(map, channels, kernel, { stride: step, groups: split }));
  const isDeep = depth >= 50;
  const out = isDeep ? 4 * width : width;
  const inner = isDeep ? ((width * base) / 64) * groups : width;
  let main = graph.relu(isDeep ? unit(input, inner, 1) : unit(input, inner, 3, stride));
  if (isDeep) main = graph.relu(unit(main, inner, 3, stride, groups));
  main = unit(main, out, isDeep ? 1 : 3);
  const skip = stride > 1 || input.channels !== out ? unit(input, out, 1, stride) : input;
  const sum = graph.relu(graph.add(main, skip, true));
  graph.still(input);
  return sum;
}

/** RGB images of `height` × `width` pixels. */
export function resNet(
  height: number,
  width: number,
  classes: number,
  options: ResNetOptions,
): NetRecord {
  const graph = new Graph();
  let map = graph.input(3, height, width);
  map = graph.relu(graph.batchNorm(graph.conv(map, 64, 7, { stride: 2 })));
  map = graph.maxPool(map, 3, 2, 1);
  for (const [stage, blocks] of RESNET_STAGES[options.depth].entries()) {
    // The caller of a stage holds what goes into it.
    map = graph.holding(map, () => {
      let inner = map;
      for (let index = 0; index < blocks; index++) {
        const stride = stage > 0 && index === 0 ? 2 : 1;
        inner = graph.block(() => residual(graph, inner, 64 << stage, stride, options));
      }
      return inner;
    });
  }
  graph.linear(graph.flatten(graph.averagePool(map, 1)), classes);
  return graph.record();
}
