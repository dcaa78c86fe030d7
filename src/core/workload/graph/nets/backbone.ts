/**
 * ResNets as backbones of detection and segmentation: maps of several stages, norms that are not updated, frozen
 * beginnings, dilated ends.
 *
 * Sources: detectron2@0.1 modeling/backbone/resnet.py, layers/batch_norm.py; mmdet@2.28 models/backbones/resnet.py;
 * mmseg@0.30 models/backbones/resnet.py.
 */
import type { FeatureMap, Graph } from '../graph.ts';
import { RESNET_STAGES, type ResNetOptions } from './resnet.ts';

export interface BackboneOptions extends ResNetOptions {
  /**
   * Norms of the batch, or with fixed statistics: as a batch norm whose weights are trained (mmdet's `norm_eval`), or as
   * constants (detectron2's FrozenBatchNorm2d); or of groups, or of the channels at each position.
   */
  readonly norm: 'batch' | 'eval' | 'constant' | 'group' | 'channel';
  /** The stem and so many stages less one are not trained. */
  readonly frozen?: number;
  /** The stride of a bottleneck stands at its first convolution (Caffe), not at the 3 × 3 one. */
  readonly caffe?: boolean;
  /** Stages, from the first; four unless told. */
  readonly stages?: number;
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  /** Three 3 × 3 convolutions instead of one of 7 × 7 (ResNet-C). */
  readonly deepStem?: boolean;
}

export function normed(graph: Graph, map: FeatureMap, norm: BackboneOptions['norm']): FeatureMap {
  if (norm === 'batch') return graph.batchNorm(map);
  if (norm === 'eval') return graph.evalNorm(map);
  if (norm === 'channel') return channelNorm(graph, map);
  return norm === 'constant' ? graph.constantNorm(map) : graph.groupNorm(map, 32);
}

/** A layer norm over the channels, written out (detectron2's LayerNorm): two differences and the quotient are kept. */
function channelNorm(graph: Graph, map: FeatureMap): FeatureMap {
  const one = { ...map, channels: 1 };
  const centred = graph.apply('centre', [map], map);
  const variance = graph.apply('square', [centred], one, { numeric: 'full', keeps: [{ of: 0 }] });
  const again = graph.apply('centre', [map], map);
  const quotient = graph.apply('divide', [again, variance], map, {
    numeric: 'widest',
    keeps: [{ of: 0 }],
  });
  const scaled = graph.scale(quotient);
  return graph.apply('shift', [scaled], map, {
    numeric: 'widest',
    gradient: 'passed',
    parameters: [{ shape: [map.channels], role: 'norm', isCast: false }],
  });
}

/** One stage of bottlenecks or, below 50 layers, of pairs of convolutions. */
export function resNetStage(
  graph: Graph,
  input: FeatureMap,
  stage: number,
  options: BackboneOptions,
): FeatureMap {
  const { depth, groups = 1, base = 64, norm, caffe = false } = options;
  const width = 64 << stage;
  const isDeep = depth >= 50;
  const out = isDeep ? 4 * width : width;
  const inner = isDeep ? ((width * base) / 64) * groups : width;
  const stride = options.strides?.[stage] ?? (stage === 0 ? 1 : 2);
  const dilation = options.dilations?.[stage] ?? 1;
  const blocks = RESNET_STAGES[depth][stage] ?? 0;
  let map = input;
  for (let index = 0; index < blocks; index++) {
    const step = index === 0 ? stride : 1;
    const entering = map;
    const unit = (
      from: FeatureMap,
      channels: number,
      kernel: number,
      more: { stride?: number; groups?: number; dilation?: number } = {},
    ): FeatureMap => normed(graph, graph.conv(from, channels, kernel, more), norm);
    map = graph.block(() => {
      let main: FeatureMap;
      if (isDeep) {
        main = graph.relu(unit(entering, inner, 1, { stride: caffe ? step : 1 }));
        main = graph.relu(unit(main, inner, 3, { stride: caffe ? 1 : step, groups, dilation }));
        main = unit(main, out, 1);
      } else {
        main = graph.relu(unit(entering, inner, 3, { stride: step, dilation }));
        main = unit(main, out, 3);
      }
      const skip =
        index === 0 && (step > 1 || entering.channels !== out)
          ? unit(entering, out, 1, { stride: step })
          : entering;
      return graph.relu(graph.add(main, skip, true));
    });
    graph.still(entering);
  }
  return map;
}

/** The maps of all stages, the finest first. */
export function resNetStages(
  graph: Graph,
  image: FeatureMap,
  options: BackboneOptions,
): readonly FeatureMap[] {
  const { norm, frozen = 0, stages = 4, deepStem = false } = options;
  const maybe = <T>(isFrozen: boolean, body: () => T): T =>
    isFrozen ? graph.frozen(body) : body();
  const unit = (from: FeatureMap, channels: number, kernel: number, stride: number): FeatureMap =>
    graph.relu(normed(graph, graph.conv(from, channels, kernel, { stride }), norm));
  let map = maybe(frozen > 0, () => {
    if (!deepStem) return graph.maxPool(unit(image, 64, 7, 2), 3, 2, 1);
    return graph.maxPool(unit(unit(unit(image, 32, 3, 2), 32, 3, 1), 64, 3, 1), 3, 2, 1);
  });
  const maps: FeatureMap[] = [];
  for (let stage = 0; stage < stages; stage++) {
    map = maybe(frozen > stage + 1, () => resNetStage(graph, map, stage, options));
    maps.push(map);
  }
  return maps;
}

export interface PyramidOptions {
  /** How many levels: those beyond the maps are made by strided steps over the last. */
  readonly outputs: number;
  /** Those steps pool the last output, or are convolutions over the last map and what comes of it. */
  readonly extra: 'pool' | 'convolution';
  readonly norm?: 'group' | 'channel';
}

/** A feature pyramid: each map to the same channels, what is coarser added to what is finer. */
export function pyramid(
  graph: Graph,
  maps: readonly FeatureMap[],
  { outputs, extra, norm }: PyramidOptions,
): readonly FeatureMap[] {
  const channels = 256;
  const conv = (map: FeatureMap, kernel: number): FeatureMap => {
    const made = graph.conv(map, channels, kernel, { bias: norm === undefined });
    return norm === undefined ? made : normed(graph, made, norm);
  };
  const lateral = maps.map((map) => conv(map, 1));
  for (let at = lateral.length - 2; at >= 0; at--) {
    const coarse = lateral[at + 1] as FeatureMap;
    const fine = lateral[at] as FeatureMap;
    lateral[at] = graph.add(fine, graph.upsample(coarse, fine.height, fine.width));
  }
  const levels = lateral.map((map) => conv(map, 3));
  let last = extra === 'pool' ? (levels.at(-1) as FeatureMap) : (maps.at(-1) as FeatureMap);
  for (let level = levels.length; level < outputs; level++) {
    if (extra === 'pool') last = graph.maxPool(last, 1, 2);
    else {
      const from = level > maps.length ? graph.relu(last, false) : last;
      last = graph.conv(from, channels, 3, { stride: 2, bias: true });
    }
    levels.push(last);
  }
  graph.still(...levels);
  return levels;
}
