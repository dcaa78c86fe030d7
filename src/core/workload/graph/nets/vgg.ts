/** VGG 11 to 19 as torchvision builds them, without or with batch norm. */
import { Graph, type NetRecord } from '../graph.ts';

export type VggDepth = 11 | 13 | 16 | 19;

const stages: Readonly<Record<VggDepth, readonly number[]>> = {
  11: [1, 1, 2, 2, 2],
  13: [2, 2, 2, 2, 2],
  16: [2, 2, 3, 3, 3],
  19: [2, 2, 4, 4, 4],
};

/** RGB images of `height` × `width` pixels. */
export function vgg(
  height: number,
  width: number,
  classes: number,
  { depth, normed = false }: { readonly depth: VggDepth; readonly normed?: boolean },
): NetRecord {
  const graph = new Graph();
  let map = graph.input(3, height, width);
  for (const [stage, convs] of stages[depth].entries()) {
    const channels = Math.min(64 << stage, 512);
    for (let index = 0; index < convs; index++) {
      const out = graph.conv(map, channels, 3, { bias: true });
      map = graph.relu(normed ? graph.batchNorm(out) : out);
    }
    map = graph.maxPool(map, 2, 2);
  }
  map = graph.flatten(graph.averagePool(map, 7));
  for (let layer = 0; layer < 2; layer++) {
    map = graph.dropout(graph.relu(graph.linear(map, 4096)));
  }
  graph.linear(map, classes);
  return graph.record();
}
