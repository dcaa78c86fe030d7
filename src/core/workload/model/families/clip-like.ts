import type { Architecture, Context, Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type { End, Layer, Patches, Stack } from '../model.ts';
import {
  ATTENTION,
  activationOf,
  end,
  LAYER_NORM,
  layer,
  normEnd,
  plainAttention,
  plainMlp,
  renamed,
  runOf,
} from '../parts.ts';
import { tokensOf } from '../patches.ts';

function layerOf(config: Fields, hidden: number): Layer {
  return layer({
    mixers: [
      [
        plainAttention(config.count('num_attention_heads'), hidden, true),
        renamed(ATTENTION, 'o_proj', 'out_proj'),
      ],
    ],
    mlp: [
      plainMlp(config.count('intermediate_size'), activationOf(config, 'gelu'), true),
      { up: 'mlp.fc1.weight', down: 'mlp.fc2.weight' },
    ],
    norm: LAYER_NORM,
    norms: ['layer_norm1.weight', 'layer_norm2.weight'],
  });
}

/** The tower of images. CLIP has a class token, SigLIP a head that attends over all patches. */
function visionStack(config: Fields, isSiglip: boolean, prefix: string): Stack {
  const hidden = config.count('hidden_size');
  const patch = config.count('patch_size');
  const side = config.count('image_size');
  const patches: Patches = {
    edges: { height: patch, width: patch },
    beside: isSiglip ? 0 : 1,
    image: { height: side, width: side },
  };
  const { tokens: rows = 1 } = tokensOf(patches, patches.image);
  const ends: readonly End[] = [
    ...(isSiglip ? [] : end('embeddings.class_embedding', 'embedding', [hidden])),
    ...end(
      'embeddings.patch_embedding.weight',
      'conv',
      [hidden, config.maybeCount('num_channels') ?? 3, patch, patch],
      isSiglip,
    ),
    ...end('embeddings.position_embedding.weight', 'embedding', [rows, hidden]),
    // The checkpoint spells it so.
    ...(isSiglip ? [] : normEnd('pre_layrnorm.weight', LAYER_NORM, hidden)),
    ...normEnd('post_layernorm.weight', LAYER_NORM, hidden),
    ...(isSiglip && config.flag('vision_use_head', true) ? poolingHead(config, hidden) : []),
  ];
  return {
    role: 'vision',
    module: `${prefix}encoder.layers.{i}`,
    hidden,
    ...runOf(config.count('num_hidden_layers'), () => layerOf(config, hidden)),
    final_norm: true,
    norm: LAYER_NORM,
    ends: ends.map((one) => ({ ...one, name: prefix + one.name })),
    tokens: rows,
    patches,
  };
}

function poolingHead(config: Fields, hidden: number): readonly End[] {
  const width = config.count('intermediate_size');
  return [
    ...end('head.probe', 'embedding', [1, 1, hidden]),
    ...end('head.attention.in_proj_weight', 'linear', [3 * hidden, hidden], true),
    ...end('head.attention.out_proj.weight', 'linear', [hidden, hidden], true),
    ...normEnd('head.layernorm.weight', LAYER_NORM, hidden),
    ...end('head.mlp.fc1.weight', 'linear', [width, hidden], true),
    ...end('head.mlp.fc2.weight', 'linear', [hidden, width], true),
  ];
}

function textStack(config: Fields, isSiglip: boolean, prefix: string): Stack {
  const hidden = config.count('hidden_size');
  const ends: readonly End[] = [
    ...end('embeddings.token_embedding.weight', 'embedding', [config.count('vocab_size'), hidden]),
    ...end('embeddings.position_embedding.weight', 'embedding', [
      config.count('max_position_embeddings'),
      hidden,
    ]),
    ...normEnd('final_layer_norm.weight', LAYER_NORM, hidden),
    ...(isSiglip
      ? end('head.weight', 'linear', [config.maybeCount('projection_size') ?? hidden, hidden], true)
      : []),
  ];
  return {
    role: 'encoder',
    module: `${prefix}encoder.layers.{i}`,
    hidden,
    ...runOf(config.count('num_hidden_layers'), () => layerOf(config, hidden)),
    final_norm: true,
    norm: LAYER_NORM,
    ends: ends.map((one) => ({ ...one, name: prefix + one.name })),
  };
}

const TYPES: readonly string[] = [
  'clip',
  'clip_vision_model',
  'clip_text_model',
  'siglip',
  'siglip_vision_model',
  'siglip_text_model',
  'idefics3_vision',
  'smolvlm_vision',
];

/** CLIP and SigLIP, whole or one of their towers. */
export const clipLike: Family = {
  id: 'clip-like',
  types: TYPES,
  sources: [
    'transformers@4.57.1:models/clip/modeling_clip.py',
    'transformers@4.57.1:models/siglip/modeling_siglip.py',
  ],
  read(config, context) {
    if (/^(idefics3|smolvlm)_vision$/.test(context.type)) {
      // SigLIP without its head, with a name of its own.
      const stack = visionStack(config, true, 'vision_model.');
      const ends = stack.ends.filter(({ name }) => !name.includes('.head.'));
      return alone([{ ...stack, ends }], 0);
    }
    const isSiglip = context.type.startsWith('siglip');
    if (context.type.endsWith('_vision_model')) {
      return alone([visionStack(config, isSiglip, 'vision_model.')], 0);
    }
    if (context.type.endsWith('_text_model')) {
      const longest = config.count('max_position_embeddings');
      const stacks = [textStack(config, isSiglip, 'text_model.')];
      return { ...alone(stacks, config.count('vocab_size')), max_positions: longest };
    }
    return both(config, context, isSiglip);
  },
};

const alone = (stacks: readonly Stack[], vocab: number): Architecture => ({
  stacks,
  vocab,
  tied: false,
  head: 'none',
});

function both(config: Fields, context: Context, isSiglip: boolean): Architecture {
  // Read as parts, so that each has the defaults of its own class.
  const kind = isSiglip ? 'siglip' : 'clip';
  const [vision] = context.part('vision_config', `${kind}_vision_model`).stacks;
  const text = context.part('text_config', `${kind}_text_model`);
  const [words] = text.stacks;
  if (vision === undefined || words === undefined) return alone([], 0);
  const width = config.maybeCount('projection_dim') ?? 512;
  const ends: readonly End[] = isSiglip
    ? [
        { name: 'logit_scale', role: 'other', shape: [1] },
        { name: 'logit_bias', role: 'other', shape: [1] },
      ]
    : [
        ...end('visual_projection.weight', 'linear', [width, vision.hidden]),
        ...end('text_projection.weight', 'linear', [width, words.hidden]),
        { name: 'logit_scale', role: 'other', shape: [1] },
      ];
  const { max_positions: longest } = text;
  return {
    ...alone([vision, { ...words, ends: [...words.ends, ...ends] }], text.vocab),
    ...(longest === undefined ? {} : { max_positions: longest }),
  };
}
