import type { Context, Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type { End, Layer, Patches, Stack } from '../model.ts';
import {
  activationOf,
  end,
  LAYER_NORM,
  layer,
  normEnd,
  plainAttention,
  plainMlp,
  runOf,
} from '../parts.ts';
import { tokensOf } from '../patches.ts';

/** Elements that the network of Swin V2 for continuous positions has inside. */
const POSITION_NETWORK = 512;

/** The layer of one stage. Swin V2 norms what comes out, has no bias of keys, and learns a scale a head. */
function layerOf(config: Fields, isSecond: boolean, hidden: number, heads: number): Layer {
  const window = config.count('window_size');
  const bias = config.flag('qkv_bias', true);
  const plain = plainAttention(heads, hidden, bias);
  const self = 'attention.self';
  return layer({
    mixers: [
      [
        {
          ...plain,
          bias: { q: bias, k: bias && !isSecond, v: bias, o: true },
          window: window * window,
        },
        {
          q: `${self}.query.weight`,
          k: `${self}.key.weight`,
          v: `${self}.value.weight`,
          o: 'attention.output.dense.weight',
        },
      ],
    ],
    mlp: [
      plainMlp(
        Math.floor(config.number('mlp_ratio', 4) * hidden),
        activationOf(config, 'gelu'),
        true,
      ),
      { up: 'intermediate.dense.weight', down: 'output.dense.weight' },
    ],
    norm: LAYER_NORM,
    norms: ['layernorm_before.weight', 'layernorm_after.weight'],
    extra: isSecond
      ? [
          { name: `${self}.logit_scale`, shape: [heads, 1, 1] },
          { name: `${self}.continuous_position_bias_mlp.0.weight`, shape: [POSITION_NETWORK, 2] },
          { name: `${self}.continuous_position_bias_mlp.0.bias`, shape: [POSITION_NETWORK] },
          {
            name: `${self}.continuous_position_bias_mlp.2.weight`,
            shape: [heads, POSITION_NETWORK],
          },
        ]
      : [
          {
            name: `${self}.relative_position_bias_table`,
            shape: [(2 * window - 1) ** 2, heads],
          },
        ],
  });
}

/** Each stage is a stack of its own: it has twice the width and a quarter of the tokens of the one before. */
function stages(config: Fields, context: Context, prefix: string): readonly Stack[] {
  const isSecond = context.type === 'swinv2';
  const depths = (config.list('depths') ?? []).filter(isCount);
  const heads = (config.list('num_heads') ?? []).filter(isCount);
  if (depths.length === 0 || depths.length > 16 || heads.length !== depths.length) {
    config.count('depths (as many as num_heads)');
    return [];
  }
  const width = config.count('embed_dim');
  const [side, patch] = [config.count('image_size'), config.count('patch_size')];
  return depths.map((depth, stage) => {
    const hidden = width * 2 ** stage;
    const isLast = stage === depths.length - 1;
    const edge = patch * 2 ** stage;
    const patches: Patches = {
      edges: { height: edge, width: edge },
      beside: 0,
      window: config.count('window_size'),
      image: { height: side, width: side },
    };
    const name = `${prefix}encoder.layers.${stage}`;
    return {
      role: 'vision',
      module: `${name}.blocks.{i}`,
      hidden,
      ...runOf(depth, () => layerOf(config, isSecond, hidden, heads[stage] ?? 1)),
      final_norm: isLast,
      norm: LAYER_NORM,
      ends: [
        ...(stage === 0 ? patchEnds(config, width, prefix) : []),
        // Four neighbours become one; Swin norms the four, Swin V2 the result.
        ...(isLast
          ? normEnd(`${prefix}layernorm.weight`, LAYER_NORM, hidden)
          : [
              ...end(`${name}.downsample.reduction.weight`, 'linear', [2 * hidden, 4 * hidden]),
              ...normEnd(`${name}.downsample.norm.weight`, LAYER_NORM, (isSecond ? 2 : 4) * hidden),
            ]),
      ],
      ...tokensOf(patches, patches.image),
      patches,
    };
  });
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 4096;

function patchEnds(config: Fields, width: number, prefix: string): readonly End[] {
  const patch = config.count('patch_size');
  return [
    ...end(
      `${prefix}embeddings.patch_embeddings.projection.weight`,
      'conv',
      [width, config.count('num_channels'), patch, patch],
      true,
    ),
    ...normEnd(`${prefix}embeddings.norm.weight`, LAYER_NORM, width),
  ];
}

/** Windows that shift, in stages. */
export const swin: Family = {
  id: 'swin',
  types: ['swin', 'swinv2'],
  sources: [
    'transformers@4.57.1:models/swin/modeling_swin.py',
    'transformers@4.57.1:models/swinv2/modeling_swinv2.py',
  ],
  read(config, context) {
    const isClassifier = context.head === 'labels';
    const found = stages(config, context, isClassifier ? `${context.type}.` : '');
    const last = found.at(-1);
    const head =
      isClassifier && last !== undefined
        ? end('classifier.weight', 'head', [context.labels, last.hidden], true)
        : [];
    const stacks =
      last === undefined ? [] : [...found.slice(0, -1), { ...last, ends: [...last.ends, ...head] }];
    return {
      stacks,
      vocab: 0,
      tied: false,
      head: isClassifier ? 'labels' : 'none',
      ...(isClassifier && { labels: context.labels }),
    };
  },
};
