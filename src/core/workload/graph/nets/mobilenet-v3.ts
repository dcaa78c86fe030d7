/** MobileNet v3, large and small, as torchvision builds them. */
import { type Activation, type FeatureMap, Graph, type NetRecord } from '../graph.ts';
import { divisible, squeezed } from './squeeze.ts';

/** Kernel, expanded channels, channels, squeeze, activation, stride (tables 1 and 2 of the paper). */
type Row = readonly [number, number, number, boolean, 'relu' | 'hardswish', number];

const rows: Readonly<Record<'large' | 'small', readonly Row[]>> = {
  large: [
    [3, 16, 16, false, 'relu', 1],
    [3, 64, 24, false, 'relu', 2],
    [3, 72, 24, false, 'relu', 1],
    [5, 72, 40, true, 'relu', 2],
    [5, 120, 40, true, 'relu', 1],
    [5, 120, 40, true, 'relu', 1],
    [3, 240, 80, false, 'hardswish', 2],
    [3, 200, 80, false, 'hardswish', 1],
    [3, 184, 80, false, 'hardswish', 1],
    [3, 184, 80, false, 'hardswish', 1],
    [3, 480, 112, true, 'hardswish', 1],
    [3, 672, 112, true, 'hardswish', 1],
    [5, 672, 160, true, 'hardswish', 2],
    [5, 960, 160, true, 'hardswish', 1],
    [5, 960, 160, true, 'hardswish', 1],
  ],
  small: [
    [3, 16, 16, true, 'relu', 2],
    [3, 72, 24, false, 'relu', 2],
    [3, 88, 24, false, 'relu', 1],
    [5, 96, 40, true, 'hardswish', 2],
    [5, 240, 40, true, 'hardswish', 1],
    [5, 240, 40, true, 'hardswish', 1],
    [5, 120, 48, true, 'hardswish', 1],
    [5, 144, 48, true, 'hardswish', 1],
    [5, 288, 96, true, 'hardswish', 2],
    [5, 576, 96, true, 'hardswish', 1],
    [5, 576, 96, true, 'hardswish', 1],
  ],
};

/** RGB images of `height` × `width` pixels. */
export function mobileNetV3(
  height: number,
  width: number,
  classes: number,
  { size }: { readonly size: 'large' | 'small' },
): NetRecord {
  const graph = new Graph();
  const unit = (
    map: FeatureMap,
    channels: number,
    kernel: number,
    of: Activation | undefined,
    stride = 1,
    groups = 1,
  ): FeatureMap => {
    const normed = graph.batchNorm(graph.conv(map, channels, kernel, { stride, groups }));
    return of === undefined ? normed : graph.activation(of, normed, true);
  };
  let map = unit(graph.input(3, height, width), 16, 3, 'hardswish', 2);
  for (const [kernel, expanded, channels, squeezes, of, stride] of rows[size]) {
    const input = map;
    map = graph.block(() => {
      let inner = expanded === input.channels ? input : unit(input, expanded, 1, of);
      inner = unit(inner, expanded, kernel, of, stride, expanded);
      if (squeezes) {
        inner = squeezed(graph, inner, divisible(expanded / 4), 'relu', 'hardsigmoid');
      }
      inner = unit(inner, channels, 1, undefined);
      const isResidual = stride === 1 && input.channels === channels;
      return isResidual ? graph.add(inner, input, true) : inner;
    });
    graph.still(input);
  }
  map = unit(map, 6 * map.channels, 1, 'hardswish');
  const wide = graph.linear(
    graph.flatten(graph.averagePool(map, 1)),
    size === 'large' ? 1280 : 1024,
  );
  graph.linear(graph.dropout(graph.activation('hardswish', wide, true)), classes);
  return graph.record();
}
