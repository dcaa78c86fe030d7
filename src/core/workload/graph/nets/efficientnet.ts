/** EfficientNet B0 to B7 and V2 as torchvision builds them. */
import { type FeatureMap, Graph, type NetRecord } from '../graph.ts';
import { divisible, squeezed } from './squeeze.ts';

export type EfficientNetSize =
  | 'b0'
  | 'b1'
  | 'b2'
  | 'b3'
  | 'b4'
  | 'b5'
  | 'b6'
  | 'b7'
  | 'v2-s'
  | 'v2-m'
  | 'v2-l';

/** Block, expansion, kernel, first stride, channels, blocks. */
type Row = readonly ['depthwise' | 'fused', number, number, number, number, number];

const first: readonly Row[] = [
  ['depthwise', 1, 3, 1, 16, 1],
  ['depthwise', 6, 3, 2, 24, 2],
  ['depthwise', 6, 5, 2, 40, 2],
  ['depthwise', 6, 3, 2, 80, 3],
  ['depthwise', 6, 5, 1, 112, 3],
  ['depthwise', 6, 5, 2, 192, 4],
  ['depthwise', 6, 3, 1, 320, 1],
];

/** Factors of width and depth (table of the reference implementation). */
const scales: Readonly<Record<string, readonly [number, number]>> = {
  b0: [1, 1],
  b1: [1, 1.1],
  b2: [1.1, 1.2],
  b3: [1.2, 1.4],
  b4: [1.4, 1.8],
  b5: [1.6, 2.2],
  b6: [1.8, 2.6],
  b7: [2, 3.1],
};

const second: Readonly<Record<string, readonly Row[]>> = {
  'v2-s': [
    ['fused', 1, 3, 1, 24, 2],
    ['fused', 4, 3, 2, 48, 4],
    ['fused', 4, 3, 2, 64, 4],
    ['depthwise', 4, 3, 2, 128, 6],
    ['depthwise', 6, 3, 1, 160, 9],
    ['depthwise', 6, 3, 2, 256, 15],
  ],
  'v2-m': [
    ['fused', 1, 3, 1, 24, 3],
    ['fused', 4, 3, 2, 48, 5],
    ['fused', 4, 3, 2, 80, 5],
    ['depthwise', 4, 3, 2, 160, 7],
    ['depthwise', 6, 3, 1, 176, 14],
    ['depthwise', 6, 3, 2, 304, 18],
    ['depthwise', 6, 3, 1, 512, 5],
  ],
  'v2-l': [
    ['fused', 1, 3, 1, 32, 4],
    ['fused', 4, 3, 2, 64, 7],
    ['fused', 4, 3, 2, 96, 7],
    ['depthwise', 4, 3, 2, 192, 10],
    ['depthwise', 6, 3, 1, 224, 19],
    ['depthwise', 6, 3, 2, 384, 25],
    ['depthwise', 6, 3, 1, 640, 7],
  ],
};

function rowsOf(size: EfficientNetSize): { rows: readonly Row[]; stem: number; last: number } {
  const rows = second[size];
  if (rows !== undefined) return { rows, stem: rows[0]?.[4] ?? 24, last: 1280 };
  const [width, depth] = scales[size] ?? [1, 1];
  const scaled = first.map(
    ([kind, expansion, kernel, stride, channels, blocks]): Row => [
      kind,
      expansion,
      kernel,
      stride,
      divisible(channels * width),
      Math.ceil(blocks * depth),
    ],
  );
  return { rows: scaled, stem: divisible(32 * width), last: 4 * divisible(320 * width) };
}

/** RGB images of `height` × `width` pixels. */
export function efficientNet(
  height: number,
  width: number,
  classes: number,
  { size }: { readonly size: EfficientNetSize },
): NetRecord {
  const graph = new Graph();
  const unit = (
    map: FeatureMap,
    channels: number,
    kernel: number,
    stride = 1,
    groups = 1,
  ): FeatureMap => graph.batchNorm(graph.conv(map, channels, kernel, { stride, groups }));
  const active = (...of: Parameters<typeof unit>): FeatureMap =>
    graph.holding(of[0], () => graph.activation('silu', unit(...of), true));
  const { rows, stem, last } = rowsOf(size);
  let map = active(graph.input(3, height, width), stem, 3, 2);
  let isFirst = true;
  for (const [kind, expansion, kernel, firstStride, channels, blocks] of rows) {
    const entering = map;
    for (let index = 0; index < blocks; index++) {
      const stride = index === 0 ? firstStride : 1;
      const input = map;
      const drops = !isFirst;
      isFirst = false;
      map = graph.block(() => {
        const hidden = divisible(input.channels * expansion);
        let inner = input;
        if (kind === 'depthwise') {
          if (hidden !== input.channels) inner = active(inner, hidden, 1);
          inner = active(inner, hidden, kernel, stride, hidden);
          const few = Math.max(1, Math.floor(input.channels / 4));
          inner = unit(squeezed(graph, inner, few, 'silu', 'sigmoid'), channels, 1);
        } else if (hidden === input.channels) {
          inner = active(inner, channels, kernel, stride);
        } else {
          inner = unit(active(inner, hidden, kernel, stride), channels, 1);
        }
        if (stride !== 1 || input.channels !== channels) return inner;
        return graph.add(drops ? graph.dropBranch(inner) : inner, input, true);
      });
      graph.still(input);
    }
    graph.still(entering);
  }
  map = active(map, last, 1);
  graph.linear(graph.dropout(graph.flatten(graph.averagePool(map, 1))), classes);
  return graph.record();
}
