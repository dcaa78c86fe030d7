/** ConvNeXt tiny to large as torchvision builds it. */
import { type FeatureMap, Graph, type NetRecord } from '../graph.ts';

export type ConvNextSize = 'tiny' | 'small' | 'base' | 'large';

/** Channels of the first stage, and blocks of each. */
export const CONVNEXT_STAGES: Readonly<Record<ConvNextSize, readonly [number, readonly number[]]>> =
  {
    tiny: [96, [3, 3, 9, 3]],
    small: [96, [3, 3, 27, 3]],
    base: [128, [3, 3, 27, 3]],
    large: [192, [3, 3, 27, 3]],
  };

/** One block: a depthwise convolution and a perceptron over the channels, scaled and added. */
export function convNextBlock(graph: Graph, input: FeatureMap, drops: boolean): FeatureMap {
  return graph.block(() => {
    const { channels } = input;
    const mixed = graph.conv(input, channels, 7, { groups: channels, bias: true });
    const wide = graph.linear(graph.layerNorm(mixed), 4 * channels);
    const narrow = graph.linear(graph.activation('gelu', wide), channels);
    const scaled = graph.scale(narrow);
    return graph.add(drops ? graph.dropBranch(scaled) : scaled, input, true);
  });
}

/** RGB images of `height` × `width` pixels. */
export function convNext(
  height: number,
  width: number,
  classes: number,
  { size }: { readonly size: ConvNextSize },
): NetRecord {
  const graph = new Graph();
  const [channels, stages] = CONVNEXT_STAGES[size];
  let map = graph.input(3, height, width);
  map = graph.layerNorm(graph.conv(map, channels, 4, { stride: 4, padding: 0, bias: true }));
  for (const [stage, blocks] of stages.entries()) {
    if (stage > 0) {
      const options = { stride: 2, padding: 0, bias: true };
      map = graph.conv(graph.layerNorm(map), channels << stage, 2, options);
    }
    map = graph.holding(map, () => {
      let inner = map;
      for (let index = 0; index < blocks; index++) {
        inner = convNextBlock(graph, inner, stage > 0 || index > 0);
      }
      return inner;
    });
  }
  graph.linear(graph.flatten(graph.layerNorm(graph.averagePool(map, 1))), classes);
  return graph.record();
}
