/** U-Net for segmentation with padded convolutions and batch norms, as most PyTorch versions of it are written. */
import { type FeatureMap, Graph, type NetRecord } from '../graph.ts';

export interface UNetOptions {
  /** Channels of the first level; each level below has twice as many. */
  readonly channels?: number;
  readonly levels?: number;
  /** Enlarged by interpolation, with half the channels at the bottom, instead of transposed convolutions. */
  readonly bilinear?: boolean;
}

/** RGB images of `height` × `width` pixels; one row of `classes` for each pixel. */
export function unet(
  height: number,
  width: number,
  classes: number,
  { channels = 64, levels = 4, bilinear = false }: UNetOptions = {},
): NetRecord {
  const graph = new Graph();
  const twice = (input: FeatureMap, out: number, middle = out): FeatureMap =>
    graph.block(() => {
      const one = graph.relu(graph.batchNorm(graph.conv(input, middle, 3)));
      return graph.relu(graph.batchNorm(graph.conv(one, out, 3)));
    });
  let map = twice(graph.input(3, height, width), channels);
  const skips: FeatureMap[] = [];
  for (let level = 1; level <= levels; level++) {
    skips.push(map);
    const wide = channels << level;
    map = twice(graph.maxPool(map, 2, 2), level === levels && bilinear ? wide / 2 : wide);
  }
  for (const skip of skips.toReversed()) {
    const below = map;
    const grown = bilinear
      ? graph.upsample(map, skip.height, skip.width)
      : graph.deconv(map, map.channels / 2, 2);
    const joined = graph.concat([skip, grown]);
    const isLast = skip === skips[0];
    map = bilinear
      ? twice(joined, isLast ? channels : skip.channels / 2, skip.channels)
      : twice(joined, skip.channels);
    graph.still(below, grown, joined);
  }
  // The caller's names of all levels live to the end.
  graph.conv(map, classes, 1, { bias: true });
  graph.still(...skips);
  return graph.record();
}
