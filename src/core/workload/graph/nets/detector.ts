/**
 * Detectors on pyramids of ResNets: Faster, Mask, Keypoint and Cascade R-CNN, RPN alone, RetinaNet. Their losses are in
 * the record.
 *
 * Sources: detectron2@0.1 modeling/; mmdet@2.28 models/dense_heads, models/roi_heads, core/bbox; torchvision@0.20
 * models/detection. Boxes of the fullest image of COCO are recalled.
 */
import {
  type Extra,
  elementsOf,
  type FeatureMap,
  Graph,
  type NetRecord,
  type Network,
} from '../graph.ts';
import { normed, pyramid, resNetStage, resNetStages } from './backbone.ts';
import { type Encoder, encode } from './encoder.ts';

export interface DetectorOptions {
  /** What makes the maps of the stages. */
  readonly backbone: Encoder;
  readonly head: 'rpn' | 'faster' | 'retina';
  /** The box head stands on a pyramid, on the fourth stage with the fifth behind it, or on a dilated fifth stage. */
  readonly neck?: 'pyramid' | 'c4' | 'dc5';
  readonly masks?: boolean;
  /** Masks at each stage of a cascade, or at its last one alone. */
  readonly cascadeMasks?: boolean;
  readonly keypoints?: boolean;
  readonly cascade?: boolean;
  /** A head for each pixel beside (Panoptic FPN). */
  readonly panoptic?: boolean;
  readonly classes?: number;
  readonly library: 'detectron2' | 'mmdet';
  /** Norms in pyramid and heads, and four convolutions before the box head. */
  readonly norm?: 'group' | 'channel';
  /** Convolutions before proposals; one unless told. */
  readonly proposalConvs?: number;
  /** Norms of groups in the convolutions of a dense head (FCOS, ATSS). */
  readonly headNorms?: boolean;
  /** Anchors at each position; three, nine for RetinaNet. */
  readonly anchors?: number;
  /** Numbers of a box: four, five where it is turned. */
  readonly sides?: number;
  /** Annotated boxes of the fullest image. */
  readonly boxes?: number;
}

/** Regions of an image that a box head is trained on, and at most so many of them with an object. */
const REGIONS = 512;
const POSITIVE = 128;
/** Annotated boxes of the fullest image of COCO. */
const BOXES = 93;

/** Positions over all levels. */
const positionsOf = (levels: readonly FeatureMap[]): number =>
  levels.reduce((sum, { height, width }) => sum + height * width, 0);

/** RGB images of `height` × `width` pixels, with the losses of training. */
export function detector(height: number, width: number, options: DetectorOptions): NetRecord {
  const { neck = 'pyramid', head, panoptic = false, norm } = options;
  const graph = new Graph();
  const image = graph.input(3, height, width);
  if (neck !== 'pyramid') {
    overOneMap(graph, image, options);
    return graph.record();
  }
  const { backbone } = options;
  const maps = encode(graph, image, backbone);
  if (head === 'retina') {
    retina(graph, pyramid(graph, maps.slice(1), { outputs: 5, extra: 'convolution' }), options);
    return graph.record();
  }
  // A ViT's levels are made already; the last is pooled.
  const levels =
    backbone.kind === 'vitdet'
      ? [...maps, graph.maxPool(maps.at(-1) as FeatureMap, 1, 2)]
      : pyramid(graph, maps, {
          outputs: 5,
          extra: 'pool',
          ...(norm === undefined ? {} : { norm }),
        });
  if (panoptic) semantic(graph, levels.slice(0, 4), height, width);
  proposals(graph, levels, 256, options);
  if (head === 'faster') regions(graph, levels.slice(0, 4), options);
  graph.still(...levels);
  return graph.record();
}

/** What a loss over chosen elements comes to: small beside the maps, its gradient is a map again. */
function chosen(graph: Graph, map: FeatureMap): FeatureMap {
  return graph.apply('loss', [map], { channels: 1, height: 1, width: 1 });
}

/** Overlaps of annotated boxes with anchors: two corners, sides, and in mmdet what is left of those, for a moment. */
function matched(graph: Graph, input: FeatureMap, anchors: number, options: DetectorOptions): void {
  const { boxes = BOXES, library } = options;
  // One image at a time, whatever the batch: tensors of two numbers for each pair.
  const pairs = { elements: boxes * anchors * 2, bytes: 4, once: true };
  graph.apply(
    'match',
    [input],
    { channels: 1, height: 1, width: 1 },
    {
      onlyTraining: true,
      scratch: { forward: Array<Extra>(library === 'mmdet' ? 4 : 3).fill(pairs) },
    },
  );
}

/** The proposal head over all levels with the same weights. */
function proposals(
  graph: Graph,
  levels: readonly FeatureMap[],
  channels: number,
  options: DetectorOptions,
): void {
  const { anchors = 3, sides = 4, proposalConvs = 1 } = options;
  const losses: FeatureMap[] = [];
  for (const level of levels) {
    graph.shared('rpn', () => {
      let hidden = level;
      for (let layer = 0; layer < proposalConvs; layer++) {
        hidden = graph.relu(graph.conv(hidden, channels, 3, { bias: true }));
      }
      losses.push(graph.conv(hidden, anchors, 1, { bias: true }));
      losses.push(graph.conv(hidden, sides * anchors, 1, { bias: true }));
    });
  }
  const [first] = losses;
  if (first !== undefined) matched(graph, first, anchors * positionsOf(levels), options);
  for (const map of losses) chosen(graph, map);
}

/** Pieces of `size` × `size` out of the levels, `count` an image, one below another. */
const pooled = (
  graph: Graph,
  levels: readonly FeatureMap[],
  count: number,
  size: number,
): FeatureMap =>
  graph.apply('roi-align', levels, {
    channels: levels[0]?.channels ?? 256,
    height: count * size,
    width: size,
  });

function regions(graph: Graph, levels: readonly FeatureMap[], options: DetectorOptions): void {
  const { cascade = false, masks = false, keypoints = false, cascadeMasks = false } = options;
  for (let stage = 0; stage < (cascade ? 3 : 1); stage++) {
    boxHead(graph, pooled(graph, levels, REGIONS, 7), options);
    if (masks && cascadeMasks) maskHead(graph, pooled(graph, levels, POSITIVE, 14), options);
  }
  if (masks && !cascadeMasks) maskHead(graph, pooled(graph, levels, POSITIVE, 14), options);
  if (keypoints) keypointHead(graph, pooled(graph, levels, POSITIVE, 14));
}

/** Two wide linear layers, then classes and boxes. */
function boxHead(graph: Graph, pieces: FeatureMap, options: DetectorOptions): void {
  const { classes = 80, cascade = false, norm, sides = 4 } = options;
  let map = pieces;
  if (norm !== undefined) {
    for (let layer = 0; layer < 4; layer++) {
      map = graph.relu(normed(graph, graph.conv(map, 256, 3), norm), false);
    }
  }
  const rows = pieces.height / pieces.width;
  map = graph.view(map, elementsOf(map) / rows, rows);
  map = graph.relu(graph.linear(map, 1024));
  if (norm === undefined) map = graph.relu(graph.linear(map, 1024));
  graph.crossEntropy(graph.linear(map, classes + 1));
  chosen(graph, graph.linear(map, cascade ? sides : sides * classes));
}

/** Four convolutions, an enlargement, a mask for each class. */
function maskHead(graph: Graph, pieces: FeatureMap, options: DetectorOptions): void {
  const { classes = 80, norm } = options;
  let map = pieces;
  for (let layer = 0; layer < 4; layer++) {
    const made = graph.conv(map, 256, 3, { bias: norm === undefined });
    map = graph.relu(norm === undefined ? made : normed(graph, made, norm), false);
  }
  map = graph.relu(graph.deconv(map, 256, 2));
  chosen(graph, graph.conv(map, classes, 1, { bias: true }));
}

/** Eight convolutions, an enlargement, a map for each of 17 points. */
function keypointHead(graph: Graph, pieces: FeatureMap): void {
  let map = pieces;
  for (let layer = 0; layer < 8; layer++) {
    map = graph.relu(graph.conv(map, 512, 3, { bias: true }), false);
  }
  const points = graph.deconv(map, 17, 4, 2);
  const large = graph.upsample(points, 2 * points.height, 2 * points.width);
  // A share over the positions of each map.
  graph.crossEntropy(large);
}

/** Each level to a quarter of the image, summed, and classes of each pixel. */
function semantic(
  graph: Graph,
  levels: readonly FeatureMap[],
  height: number,
  width: number,
): void {
  const [finest] = levels;
  if (finest === undefined) return;
  let sum: FeatureMap | undefined;
  for (const [level, map] of levels.entries()) {
    let own = map;
    for (let step = 0; step < Math.max(1, level); step++) {
      own = graph.relu(normed(graph, graph.conv(own, 128, 3), 'group'), false);
      if (level > 0) own = graph.upsample(own, 2 * own.height, 2 * own.width);
    }
    sum = sum === undefined ? own : graph.add(sum, own);
  }
  const classes = graph.conv(sum as FeatureMap, 54, 1, { bias: true });
  graph.crossEntropy(graph.upsample(classes, height, width));
}

/** Four convolutions for classes and four for boxes at each level, with the same weights. */
function retina(graph: Graph, levels: readonly FeatureMap[], options: DetectorOptions): void {
  const { anchors = 9, classes = 80, sides = 4, headNorms = false } = options;
  const scores: FeatureMap[] = [];
  const boxes: FeatureMap[] = [];
  for (const level of levels) {
    graph.shared('retina', () => {
      for (const [channels, outputs] of [
        [anchors * classes, scores],
        [anchors * sides, boxes],
      ] as const) {
        let map = level;
        for (let layer = 0; layer < 4; layer++) {
          const made = graph.conv(map, 256, 3, { bias: !headNorms });
          map = graph.relu(headNorms ? normed(graph, made, 'group') : made);
        }
        outputs.push(graph.conv(map, channels, 3, { bias: true }));
      }
    });
  }
  const [first] = scores;
  if (first !== undefined) matched(graph, first, anchors * positionsOf(levels), options);
  focal(graph, scores, options);
  for (const map of boxes) chosen(graph, map);
}

/**
 * The focal loss over all scores. Written out (fvcore) it keeps shares, targets and their rest, the cross entropy and its
 * weights; as one kernel (mmcv) scores and weights.
 */
function focal(graph: Graph, scores: readonly FeatureMap[], { library }: DetectorOptions): void {
  if (library === 'mmdet') {
    for (const map of scores) {
      // Scores are put into another order first, and the loss of each is weighted.
      const ordered = graph.copy(map);
      const each = graph.apply('focal', [ordered], ordered, { keeps: [{ of: 0 }] });
      chosen(graph, graph.apply('weight', [each], each));
    }
    return;
  }
  const ordered = scores.map((map) => graph.copy(map));
  const all = {
    channels: 1,
    height: scores.reduce((sum, map) => sum + elementsOf(map), 0),
    width: 1,
  };
  const joined = graph.apply('concat', ordered, all, { gradient: 'passed' });
  // Positions without a verdict are left out: a copy.
  const valid = graph.copy(joined);
  const one = { elements: all.height, bytes: 4 };
  const shares = graph.activation('sigmoid', valid);
  // Beside the result three tensors of its size (aten/src/ATen/native/Loss.cpp).
  const entropy = graph.apply('entropy', [valid], all, {
    keeps: [{ of: 0 }],
    extra: [one],
    scratch: { forward: [one, one, one] },
  });
  const rest = graph.apply('focus', [shares], all, { extra: [one, one] });
  const power = graph.apply('power', [rest], all, {
    keeps: [{ of: 0 }],
    scratch: { backward: [one, one] },
  });
  const weighted = graph.multiply(entropy, power);
  graph.apply('weight', [weighted], { channels: 1, height: 1, width: 1 }, { extra: [one] });
  // Names of the function that computes the losses.
  graph.still(...scores, joined);
}

/** Heads over one map: the fifth stage runs on every region (C4), or is dilated and pooled from (DC5). */
function overOneMap(graph: Graph, image: FeatureMap, options: DetectorOptions): void {
  const { backbone, neck, head, masks = false, classes = 80 } = options;
  if (backbone.kind !== 'resnet') throw new Error('one map is that of a ResNet');
  const isDilated = neck === 'dc5';
  const strides = isDilated ? [1, 2, 2, 1] : [1, 2, 2, 2];
  const dilations = isDilated ? [1, 1, 1, 2] : [1, 1, 1, 1];
  const own = { ...backbone.of, strides, dilations };
  const maps = resNetStages(graph, image, { ...own, stages: isDilated ? 4 : 3 });
  const map = maps.at(-1) as FeatureMap;
  proposals(graph, [map], map.channels, { ...options, anchors: 15 });
  if (head === 'rpn') return;
  if (isDilated) {
    boxHead(graph, pooled(graph, [map], REGIONS, 7), options);
    if (masks) maskHead(graph, pooled(graph, [map], POSITIVE, 14), options);
    graph.still(map);
    return;
  }
  const pieces = resNetStage(graph, pooled(graph, [map], REGIONS, 14), 3, own);
  const shape = { channels: pieces.channels, height: REGIONS, width: 1 };
  const each = graph.apply('mean', [pieces], shape);
  graph.crossEntropy(graph.linear(each, classes + 1));
  chosen(graph, graph.linear(each, 4 * classes));
  if (masks) {
    const positive = graph.apply('select', [pieces], { ...pieces, height: POSITIVE * 7 });
    const large = graph.relu(graph.deconv(positive, 256, 2));
    chosen(graph, graph.conv(large, classes, 1, { bias: true }));
  }
  graph.still(map, pieces);
}

/** A detector with its losses; what it is called is the caller's business. */
export const detectorNetwork = (options: DetectorOptions): Network => ({
  name: 'detector',
  resolution: 800,
  classes: options.classes ?? 80,
  hasLoss: true,
  build: (height, width) => detector(height, width, options),
});
