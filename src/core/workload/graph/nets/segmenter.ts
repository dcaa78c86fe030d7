/**
 * Segmentation as mmsegmentation trains it: an encoder, a head, a second head on an earlier map, and the loss of each
 * pixel at full size.
 *
 * Source: mmseg@0.30 models/decode_heads, models/necks, models/backbones/vit.py.
 */
import { type FeatureMap, Graph, type NetRecord, type Network } from '../graph.ts';
import { type Encoder, encode } from './encoder.ts';
import { multihead, perceptron } from './multihead.ts';

export interface SegmenterOptions {
  readonly encoder: Encoder;
  readonly head:
    | 'fcn'
    | 'psp'
    | 'aspp'
    | 'upernet'
    | 'segformer'
    | 'setr-pup'
    | 'setr-mla'
    | 'segmenter';
  readonly classes: number;
  /** Maps of a ViT are brought to four sizes first (MultiLevelNeck). */
  readonly levels?: boolean;
}

export function segmenter(height: number, width: number, options: SegmenterOptions): NetRecord {
  const graph = new Graph();
  const image = graph.input(3, height, width);
  const maps = levelled(graph, encode(graph, image, options.encoder), options);
  const size = { height, width };
  const { head, classes } = options;
  if (head === 'fcn') {
    fcn(graph, maps.at(-1) as FeatureMap, { channels: 512, convs: 2, joins: true, classes }, size);
    fcn(graph, maps.at(-2) as FeatureMap, { channels: 256, convs: 1, classes }, size);
  } else if (head === 'psp' || head === 'aspp') {
    const last = maps.at(-1) as FeatureMap;
    const joined = head === 'psp' ? pooledParts(graph, last) : dilatedParts(graph, last);
    classified(graph, active(graph, joined, 512, 3), classes, size);
    fcn(graph, maps.at(-2) as FeatureMap, { channels: 256, convs: 1, classes }, size);
  } else if (head === 'upernet') {
    upernet(graph, maps, classes, size);
    const aside = options.encoder.kind === 'vit' ? maps.at(-1) : maps.at(-2);
    fcn(graph, aside as FeatureMap, { channels: 256, convs: 1, classes }, size);
  } else if (head === 'segformer') segformer(graph, maps, classes, size);
  else if (head === 'setr-pup') {
    progressive(graph, maps.at(-1) as FeatureMap, 4, 2, classes, size);
    for (const map of maps.slice(0, -1)) progressive(graph, map, 1, 4, classes, size);
  } else if (head === 'setr-mla') aggregated(graph, maps, classes, size);
  else maskTransformer(graph, maps.at(-1) as FeatureMap, classes, options, size);
  graph.still(...maps);
  return graph.record();
}

interface Size {
  readonly height: number;
  readonly width: number;
}

const active = (
  graph: Graph,
  map: FeatureMap,
  channels: number,
  kernel: number,
  dilation = 1,
): FeatureMap => graph.relu(graph.batchNorm(graph.conv(map, channels, kernel, { dilation })));

/** Scores of each class to full size, and the loss of each pixel. */
function classified(graph: Graph, map: FeatureMap, classes: number, { height, width }: Size): void {
  const dropped = graph.apply('drop-channels', [map], map, { onlyTraining: true });
  const scores = graph.conv(dropped, classes, 1, { bias: true });
  graph.crossEntropy(graph.upsample(scores, height, width));
}

/** The maps of a ViT at four sizes, where a neck brings them there. */
function levelled(
  graph: Graph,
  maps: readonly FeatureMap[],
  { levels = false }: SegmenterOptions,
): readonly FeatureMap[] {
  if (!levels) return maps;
  const scales = [4, 2, 1, 0.5];
  return maps
    .map((map) => graph.conv(map, map.channels, 1, { bias: true }))
    .map((map, i) => {
      const scale = scales[i] ?? 1;
      const sized = graph.upsample(map, map.height * scale, map.width * scale);
      return graph.conv(sized, map.channels, 3, { bias: true });
    });
}

interface FcnOptions {
  readonly channels: number;
  readonly convs: number;
  /** What goes in stands beside what comes out before a last convolution. */
  readonly joins?: boolean;
  readonly classes: number;
}

function fcn(
  graph: Graph,
  input: FeatureMap,
  { channels, convs, joins = false, classes }: FcnOptions,
  size: Size,
): void {
  let map = input;
  for (let layer = 0; layer < convs; layer++) map = active(graph, map, channels, 3);
  if (joins) map = active(graph, graph.concat([input, map]), channels, 3);
  classified(graph, map, classes, size);
}

function upernet(graph: Graph, maps: readonly FeatureMap[], classes: number, size: Size): void {
  const channels = 512;
  const last = maps.at(-1) as FeatureMap;
  const top = active(graph, pooledParts(graph, last), channels, 3);
  const lateral = [...maps.slice(0, -1).map((map) => active(graph, map, channels, 1)), top];
  for (let at = lateral.length - 2; at >= 0; at--) {
    const fine = lateral[at] as FeatureMap;
    const coarse = lateral[at + 1] as FeatureMap;
    lateral[at] = graph.add(fine, graph.upsample(coarse, fine.height, fine.width));
  }
  const [finest = top] = lateral;
  const outs = lateral.map((map) => (map === top ? map : active(graph, map, channels, 3)));
  const sized = outs.map((map) =>
    map.height === finest.height ? map : graph.upsample(map, finest.height, finest.width),
  );
  const joined = graph.concat(sized);
  const fused = active(graph, joined, channels, 3);
  classified(graph, fused, classes, size);
  graph.still(joined, ...sized);
}

function segformer(graph: Graph, maps: readonly FeatureMap[], classes: number, size: Size): void {
  const [finest] = maps;
  if (finest === undefined) return;
  const sized = maps.map((map) => {
    const own = active(graph, map, 256, 1);
    return graph.upsample(own, finest.height, finest.width);
  });
  classified(graph, active(graph, graph.concat(sized), 256, 1), classes, size);
}

/** A map beside its means over parts of four sizes (PSPNet). */
function pooledParts(graph: Graph, map: FeatureMap): FeatureMap {
  const { height, width } = map;
  const parts = [1, 2, 3, 6].map((scale) =>
    graph.upsample(active(graph, graph.averagePool(map, scale), 512, 1), height, width),
  );
  return graph.concat([map, ...parts]);
}

/** A map seen through convolutions of several reaches, and its mean (DeepLab v3). */
function dilatedParts(graph: Graph, map: FeatureMap): FeatureMap {
  const { height, width } = map;
  const mean = active(graph, graph.averagePool(map, 1), 512, 1);
  const near = active(graph, map, 512, 1);
  const far = [12, 24, 36].map((dilation) => active(graph, map, 512, 3, dilation));
  return graph.concat([graph.upsample(mean, height, width), near, ...far]);
}

/** SETR: convolutions and enlargements in turn. */
function progressive(
  graph: Graph,
  input: FeatureMap,
  steps: number,
  scale: number,
  classes: number,
  size: Size,
): void {
  let map = graph.layerNorm(input);
  for (let step = 0; step < steps; step++) {
    const made = active(graph, map, 256, 3);
    map = graph.upsample(made, made.height * scale, made.width * scale);
  }
  classified(graph, map, classes, size);
}

/** SETR-MLA: four maps, summed from the last on, each convolved and enlarged, then joined. */
function aggregated(graph: Graph, maps: readonly FeatureMap[], classes: number, size: Size): void {
  const sums: FeatureMap[] = [];
  for (const map of maps.toReversed()) {
    const own = active(graph, graph.layerNorm(map), 256, 1);
    const before = sums.at(-1);
    sums.push(before === undefined ? own : graph.add(own, before));
  }
  const outs = sums.map((map) => active(graph, map, 256, 3));
  const large = outs.map((map) => {
    const twice = active(graph, active(graph, map, 128, 3), 128, 3);
    return graph.upsample(twice, twice.height * 4, twice.width * 4);
  });
  classified(graph, graph.concat(large), classes, size);
  for (const map of outs) {
    fcn(graph, map, { channels: 256, convs: 0, classes }, size);
  }
}

/** Segmenter: two layers over tokens and one token for each class, whose products are the masks. */
function maskTransformer(
  graph: Graph,
  input: FeatureMap,
  classes: number,
  { encoder }: SegmenterOptions,
  { height, width }: Size,
): void {
  const heads = encoder.kind === 'vit' ? encoder.of.heads : 1;
  const shape = {
    channels: input.channels,
    height: input.height * input.width + classes,
    width: 1,
  };
  let map: FeatureMap = graph.apply(
    'concat',
    [graph.linear(graph.copy(input), input.channels)],
    shape,
    {
      gradient: 'passed',
    },
  );
  for (let layer = 0; layer < 2; layer++) {
    const normed = graph.layerNorm(map);
    const summed = graph.add(map, multihead(graph, normed, normed, heads));
    map = graph.add(summed, perceptron(graph, graph.layerNorm(summed), 4 * input.channels));
  }
  const tokens = graph.layerNorm(map);
  const masks = graph.apply(
    'matmul',
    [tokens],
    { ...input, channels: classes },
    {
      numeric: 'half',
      keeps: [{ of: 0 }],
    },
  );
  graph.crossEntropy(graph.upsample(graph.layerNorm(masks), height, width));
}

/** A segmenter with its losses. */
export const segmenterNetwork = (options: SegmenterOptions): Network => ({
  name: 'segmenter',
  resolution: 512,
  classes: options.classes,
  hasLoss: true,
  build: (height, width) => segmenter(height, width, options),
});
