import type { Architecture, Context, Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type { Layer, SoftmaxAttention, Stack } from '../model.ts';
import {
  ATTENTION,
  activationOf,
  attentionOf,
  commonParts,
  decoder,
  end,
  gatedMlp,
  LAYER_NORM,
  layer,
  MLP,
  normEnd,
  plainAttention,
  plainMlp,
  RMS,
  renamed,
  runOf,
  TWO_NORMS,
} from '../parts.ts';
import { framed, type Tower, widthOf } from '../tower.ts';

/** Rows of tokens that only stand for images: the table has them, the head has not. */
const IMAGE_TOKENS = 8;

/** Llama 3.2 Vision: some layers attend to the image instead of the text. */
function text(config: Fields, context: Context): Architecture {
  const cross = new Set(config.list('cross_attention_layers') ?? []);
  const mlp = gatedMlp(config.count('intermediate_size'), activationOf(config), false);
  const own = attentionOf(config, 0);
  const toImage: SoftmaxAttention = { ...own, qk_norm: 'head', cross: true };
  const gates = ['cross_attn_attn_gate', 'cross_attn_mlp_gate'];
  const at = (index: number): Layer =>
    cross.has(index)
      ? layer({
          mixers: [[toImage, renamed(ATTENTION, 'self_attn', 'cross_attn')]],
          mlp: [mlp, MLP],
          norm: RMS,
          norms: TWO_NORMS,
          extra: gates.map((name) => ({ name, shape: [1] })),
        })
      : layer({ mixers: [[own, ATTENTION]], mlp: [mlp, MLP], norm: RMS, norms: TWO_NORMS });
  const common = commonParts(config);
  const read = decoder(context, { ...common, norm: RMS, at, vocab: common.vocab + IMAGE_TOKENS });
  return { ...read, vocab: common.vocab };
}

function visionLayer(config: Fields, hidden: number, isGlobal: boolean): Layer {
  const heads = config.count('attention_heads', 'num_attention_heads');
  return layer({
    mixers: [[plainAttention(heads, hidden, false), ATTENTION]],
    mlp: [
      plainMlp(config.count('intermediate_size'), activationOf(config, 'gelu'), true),
      { up: 'mlp.fc1.weight', down: 'mlp.fc2.weight' },
    ],
    norm: LAYER_NORM,
    norms: TWO_NORMS,
    ...(isGlobal && {
      extra: [
        { name: 'gate_attn', shape: [1] },
        { name: 'gate_ffn', shape: [1] },
      ],
    }),
  });
}

/** Tiles of an image, first each by itself, then with global layers; positions in tables for each aspect ratio. */
function vision(config: Fields): Architecture {
  const hidden = config.count('hidden_size');
  const side = Math.floor(config.count('image_size') / config.count('patch_size'));
  const tokens = side * side + 1;
  const patch = config.count('patch_size');
  const tiles = config.count('max_num_tiles');
  const ratios = (config.list('supported_aspect_ratios')?.length ?? 8) + 1;
  const tile = (name: string) => [
    ...end(`${name}.gate`, 'other', [1]),
    ...end(`${name}.embedding.weight`, 'embedding', [ratios, tiles * hidden]),
  ];
  const stack = (module: string, count: number, isGlobal: boolean): Stack => ({
    role: 'vision',
    module,
    hidden,
    ...runOf(count, () => visionLayer(config, hidden, isGlobal)),
    final_norm: isGlobal,
    norm: LAYER_NORM,
    ends: [],
    tokens: tokens * tiles,
  });
  const local = stack('transformer.layers.{i}', config.count('num_hidden_layers'), false);
  const gated = 'gated_positional_embedding';
  return {
    stacks: [
      {
        ...local,
        ends: [
          ...end('class_embedding', 'embedding', [hidden]),
          ...end('patch_embedding.weight', 'conv', [
            hidden,
            config.count('num_channels'),
            patch,
            patch,
          ]),
          ...end(`${gated}.gate`, 'other', [1]),
          ...end(`${gated}.embedding`, 'embedding', [tokens, hidden]),
          ...end(`${gated}.tile_embedding.weight`, 'embedding', [ratios, tiles * tokens * hidden]),
          ...tile('pre_tile_positional_embedding'),
          ...tile('post_tile_positional_embedding'),
          ...normEnd('layernorm_pre.weight', LAYER_NORM, hidden),
          ...normEnd('layernorm_post.weight', LAYER_NORM, hidden),
        ],
      },
      stack('global_transformer.layers.{i}', config.count('num_global_layers'), true),
    ],
    vocab: 0,
    tied: false,
    head: 'none',
  };
}

function tower(config: Fields, context: Context, decoderOf: Architecture): Tower {
  const { stacks } = context.part('vision_config', 'mllama_vision_model');
  const out = config.inside('vision_config').maybeCount('vision_output_dim') ?? 7680;
  return {
    stacks: stacks.map((stack) => ({
      ...stack,
      module: `model.vision_model.${stack.module}`,
      ends: stack.ends.map((one) => ({ ...one, name: `model.vision_model.${one.name}` })),
    })),
    projector: end('model.multi_modal_projector.weight', 'linear', [widthOf(decoderOf), out], true),
  };
}

/** Llama 3.2 11B and 90B Vision. */
export const mllama: Family = {
  id: 'mllama',
  types: ['mllama', 'mllama_text_model', 'mllama_vision_model'],
  sources: ['transformers@4.57.1:models/mllama/modeling_mllama.py'],
  read(config, context) {
    if (context.type === 'mllama_text_model') return text(config, context);
    if (context.type === 'mllama_vision_model') return vision(config);
    return framed(config, context, { read: tower, text: 'mllama_text_model' });
  },
};
