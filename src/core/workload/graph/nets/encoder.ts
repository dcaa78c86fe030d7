/** What makes the maps that heads of detection and segmentation stand on. */
import type { FeatureMap, Graph } from '../graph.ts';
import { type BackboneOptions, resNetStages } from './backbone.ts';
import { CONVNEXT_STAGES, type ConvNextSize, convNextBlock } from './convnext.ts';
import { multihead, perceptron } from './multihead.ts';
import { MIT, PVT, pyramidTransformer } from './pyramid-transformer.ts';
import { mergePatches, SWIN_SIZES, type SwinSize, swinBlock } from './swin.ts';
import { VITDET_SIZES, vitDetLevels } from './vitdet.ts';

export interface PlainVit {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly patch: number;
  /** Layers whose outputs the head takes. */
  readonly outputs: readonly number[];
}

export type Encoder =
  | { readonly kind: 'resnet'; readonly of: BackboneOptions }
  | { readonly kind: 'mit' | 'pvt'; readonly size: string }
  | { readonly kind: 'convnext'; readonly size: ConvNextSize }
  | { readonly kind: 'swin'; readonly size: SwinSize; readonly window?: number }
  | { readonly kind: 'vit'; readonly of: PlainVit }
  | { readonly kind: 'vitdet'; readonly size: string };

/** The maps of an encoder, the finest first. */
export function encode(graph: Graph, image: FeatureMap, encoder: Encoder): readonly FeatureMap[] {
  switch (encoder.kind) {
    case 'resnet':
      return resNetStages(graph, image, encoder.of);
    case 'mit':
      return pyramidTransformer(graph, image, sized(MIT, encoder.size));
    case 'pvt':
      return pyramidTransformer(graph, image, sized(PVT, encoder.size));
    case 'convnext':
      return convNextStages(graph, image, encoder.size);
    case 'swin':
      return swinStages(graph, image, encoder.size, encoder.window);
    case 'vitdet':
      return vitDetLevels(graph, image, sized(VITDET_SIZES, encoder.size));
    default:
      return plainVit(graph, image, encoder.of);
  }
}

function sized<T>(table: Readonly<Record<string, T>>, size: string): T {
  const found = table[size];
  if (found === undefined) throw new Error(`no encoder of size ${size}`);
  return found;
}

/** Swin with a norm over each stage; what it gives is put into another order. */
function swinStages(
  graph: Graph,
  image: FeatureMap,
  size: SwinSize,
  window: number = SWIN_SIZES[size].window,
): readonly FeatureMap[] {
  const { channels, layers, heads } = SWIN_SIZES[size];
  const options = { stride: 4, padding: 0, bias: true };
  let map = graph.layerNorm(graph.conv(image, channels, 4, options));
  return layers.map((blocks, stage) => {
    if (stage > 0) map = mergePatches(graph, map);
    for (let index = 0; index < blocks; index++) {
      map = swinBlock(graph, map, heads[stage] ?? 1, window, index % 2 === 1, true);
    }
    return graph.copy(graph.layerNorm(map));
  });
}

function convNextStages(
  graph: Graph,
  image: FeatureMap,
  size: ConvNextSize,
): readonly FeatureMap[] {
  const [channels, stages] = CONVNEXT_STAGES[size];
  let map = graph.layerNorm(graph.conv(image, channels, 4, { stride: 4, padding: 0, bias: true }));
  return stages.map((blocks, stage) => {
    if (stage > 0) {
      const options = { stride: 2, padding: 0, bias: true };
      map = graph.conv(graph.layerNorm(map), channels << stage, 2, options);
    }
    for (let index = 0; index < blocks; index++) map = convNextBlock(graph, map, true);
    return graph.layerNorm(map);
  });
}

/** A ViT of one scale; attention is written out. */
export function plainVit(
  graph: Graph,
  image: FeatureMap,
  { hidden, layers, heads, patch, outputs }: PlainVit,
): readonly FeatureMap[] {
  const patches = graph.conv(image, hidden, patch, { stride: patch, padding: 0, bias: true });
  const tokens = { channels: hidden, height: patches.height * patches.width + 1, width: 1 };
  let map = graph.apply('concat', [patches], tokens, { gradient: 'passed' });
  map = graph.apply('add', [map], tokens, {
    gradient: 'passed',
    parameters: [{ shape: [1, tokens.height, hidden], role: 'embedding', isCast: false }],
  });
  const taken: FeatureMap[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const input = map;
    map = graph.block(() => {
      const normed = graph.layerNorm(input);
      const summed = graph.add(input, graph.dropBranch(multihead(graph, normed, normed, heads)));
      const narrow = perceptron(graph, graph.layerNorm(summed), 4 * hidden);
      return graph.add(summed, graph.dropBranch(narrow));
    });
    if (!outputs.includes(layer)) continue;
    // The class token is left out, and channels come first again: a copy.
    taken.push(graph.apply('select', [map], patches));
  }
  return taken;
}
