import type { Architecture, Context, Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type { End, Layer, PartNames, Stack } from '../model.ts';
import {
  ATTENTION,
  activationOf,
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
import {
  type Frame,
  framed,
  hiddenOf,
  moved,
  type Tower,
  type TowerReader,
  widthOf,
} from '../tower.ts';

function towerOf(
  context: Context,
  type: string,
  module: string = 'model.vision_tower.',
): readonly Stack[] {
  const { stacks } = context.part('vision_config', type);
  return stacks.map((stack) => moved(stack, module));
}

/** Two linear layers from the tower's width to the decoder's. */
function mlpProjector(
  config: Fields,
  from: number,
  to: number,
  norm: readonly End[],
): readonly End[] {
  const bias = config.flag('multimodal_projector_bias', true);
  return [
    ...norm,
    ...end('model.multi_modal_projector.linear_1.weight', 'linear', [to, from], bias),
    ...end('model.multi_modal_projector.linear_2.weight', 'linear', [to, to], bias),
  ];
}

/** LLaVA: the class token is dropped; newer kinds add a token at the end of each row. */
const llava =
  (newline: boolean): TowerReader =>
  (config, context, text) => {
    const stacks = towerOf(context, 'clip_vision_model');
    const layers = config.list('vision_feature_layer')?.length ?? 1;
    const tokens = stacks.at(-1)?.tokens;
    const dropsClass = config.text('vision_feature_select_strategy') !== 'full';
    const out = tokens === undefined ? undefined : dropsClass ? tokens - 1 : tokens;
    return {
      stacks,
      projector: [
        ...(newline ? end('model.image_newline', 'other', [widthOf(text)]) : []),
        ...mlpProjector(config, hiddenOf(stacks) * layers, widthOf(text), []),
      ],
      ...(out !== undefined && { tokens_out: out }),
    };
  };

const paligemma: TowerReader = (config, context, text) => {
  const stacks = towerOf(context, 'siglip_vision_model');
  return {
    // Its tower has no pooling head.
    stacks: stacks.map(withoutHead),
    projector: end(
      'model.multi_modal_projector.linear.weight',
      'linear',
      [config.maybeCount('projection_dim') ?? widthOf(text), hiddenOf(stacks)],
      true,
    ),
  };
};

const withoutHead = (stack: Stack): Stack => ({
  ...stack,
  ends: stack.ends.filter(({ name }) => !name.includes('vision_model.head.')),
});

const gemma3: TowerReader = (config, context, text) => {
  const stacks = towerOf(context, 'siglip_vision_model');
  const tokens = config.maybeCount('mm_tokens_per_image');
  return {
    stacks,
    projector: [
      ...end('model.multi_modal_projector.mm_input_projection_weight', 'linear', [
        hiddenOf(stacks),
        widthOf(text),
      ]),
      ...normEnd('model.multi_modal_projector.mm_soft_emb_norm.weight', RMS, hiddenOf(stacks)),
    ],
    ...(tokens !== undefined && { tokens_out: tokens }),
  };
};

const internvl: TowerReader = (config, context, text) => {
  const stacks = towerOf(context, 'internvl_vision');
  const ratio = config.number('downsample_ratio', 0.5);
  const shrink = Math.max(1, Math.round(1 / ratio)) ** 2;
  const wide = hiddenOf(stacks) * shrink;
  const tokens = stacks.at(-1)?.tokens;
  return {
    stacks,
    projector: mlpProjector(
      config,
      wide,
      widthOf(text),
      normEnd('model.multi_modal_projector.layer_norm.weight', LAYER_NORM, wide),
    ),
    ...(tokens !== undefined && { tokens_out: Math.max(1, Math.floor((tokens - 1) / shrink)) }),
  };
};

/** Pixtral's tower, patches merged two by two. */
const mistral3: TowerReader = (config, context, text) => {
  const stacks = towerOf(context, 'pixtral');
  const hidden = hiddenOf(stacks);
  const merge = config.maybeCount('spatial_merge_size') ?? 2;
  const projector = 'model.multi_modal_projector';
  const bias = config.flag('multimodal_projector_bias', false);
  const tokens = stacks.at(-1)?.tokens;
  return {
    stacks,
    projector: [
      ...normEnd(`${projector}.norm.weight`, RMS, hidden),
      ...end(`${projector}.patch_merger.merging_layer.weight`, 'linear', [
        hidden,
        hidden * merge * merge,
      ]),
      ...end(`${projector}.linear_1.weight`, 'linear', [widthOf(text), hidden], bias),
      ...end(`${projector}.linear_2.weight`, 'linear', [widthOf(text), widthOf(text)], bias),
    ],
    ...(tokens !== undefined && {
      tokens_out: Math.max(1, Math.floor(tokens / (merge * merge))),
    }),
  };
};

/** SigLIP without a class token, its patches shuffled into fewer and wider tokens by the connector. */
const idefics3: TowerReader = (config, context, text) => {
  const stacks = towerOf(context, 'siglip_vision_model', 'model.').map(withoutHead);
  const factor = config.maybeCount('scale_factor') ?? 2;
  const tokens = stacks.at(-1)?.tokens;
  return {
    stacks,
    projector: end('model.connector.modality_projection.proj.weight', 'linear', [
      widthOf(text),
      hiddenOf(stacks) * factor * factor,
    ]),
    ...(tokens !== undefined && { tokens_out: Math.max(1, Math.floor(tokens / factor ** 2)) }),
  };
};

/** Llama 4: patches as a linear layer, then a shuffle of four tokens into one by two more. */
const llama4: TowerReader = (config, context, text) => {
  const { stacks } = context.part('vision_config', 'llama4_vision_model');
  const out = config.inside('vision_config').maybeCount('vision_output_dim') ?? 7680;
  const projector = end('multi_modal_projector.linear_1.weight', 'linear', [widthOf(text), out]);
  const tokens = stacks.at(-1)?.tokens;
  return {
    stacks: stacks.map((stack) => moved(stack, 'vision_model.')),
    projector,
    ...(tokens !== undefined && { tokens_out: Math.max(1, Math.floor((tokens - 1) / 4)) }),
  };
};

function onevision(config: Fields, context: Context, text: Architecture): Tower {
  const stacks = towerOf(context, 'siglip_vision_model').map(withoutHead);
  return {
    stacks,
    projector: [
      ...end('model.image_newline', 'other', [widthOf(text)]),
      ...mlpProjector(config, hiddenOf(stacks), widthOf(text), []),
    ],
  };
}

const FRAMES: ReadonlyMap<string, Frame> = new Map<string, Frame>([
  ['llava', { read: llava(false), text: 'llama' }],
  ['llava_next', { read: llava(true), text: 'llama' }],
  ['llava_onevision', { read: onevision, text: 'qwen2' }],
  ['paligemma', { read: paligemma, text: 'gemma' }],
  ['gemma3', { read: gemma3, text: 'gemma3_text' }],
  ['internvl', { read: internvl, text: 'qwen2' }],
  ['mistral3', { read: mistral3, text: 'mistral' }],
  ['idefics3', { read: idefics3, text: 'llama', module: 'model.text_model.' }],
  ['smolvlm', { read: idefics3, text: 'llama', module: 'model.text_model.' }],
  [
    'llama4',
    {
      read: llama4,
      text: 'llama4_text',
      module: 'language_model.model.',
      head: 'language_model.lm_head.weight',
    },
  ],
]);

/** Towers of images before a decoder. Names are those of transformers since 4.52. */
export const multimodal: Family = {
  id: 'multimodal',
  types: [...FRAMES.keys(), 'pixtral', 'llama4_vision_model'],
  sources: ['transformers@4.57.1:models/*/modeling_*.py of each type'],
  read(config, context) {
    if (context.type === 'pixtral') return pixtral(config);
    if (context.type === 'llama4_vision_model') return llama4Vision(config);
    const frame = FRAMES.get(context.type);
    return frame === undefined ? pixtral(config) : framed(config, context, frame);
  },
};

/** Llama's layers over patches, with rotary positions in two dimensions. */
function pixtral(config: Fields): Architecture {
  const hidden = config.count('hidden_size');
  const patch = config.count('patch_size');
  const heads = config.count('num_attention_heads');
  const names: PartNames = {
    q: 'attention.q_proj.weight',
    k: 'attention.k_proj.weight',
    v: 'attention.v_proj.weight',
    o: 'attention.o_proj.weight',
  };
  const one: Layer = layer({
    mixers: [[plainAttention(heads, hidden, false), names]],
    mlp: [
      gatedMlp(config.count('intermediate_size'), activationOf(config), false),
      renamed(MLP, 'mlp.', 'feed_forward.'),
    ],
    norm: RMS,
    norms: ['attention_norm.weight', 'ffn_norm.weight'],
  });
  const stack: Stack = {
    role: 'vision',
    module: 'transformer.layers.{i}',
    hidden,
    ...runOf(config.count('num_hidden_layers'), () => one),
    final_norm: false,
    norm: RMS,
    ends: [
      ...end('patch_conv.weight', 'conv', [
        hidden,
        config.maybeCount('num_channels') ?? 3,
        patch,
        patch,
      ]),
      ...normEnd('ln_pre.weight', RMS, hidden),
    ],
    tokens: Math.max(1, Math.floor(config.count('image_size') / patch) ** 2),
  };
  return { stacks: [stack], vocab: 0, tied: false, head: 'none' };
}

function llama4Vision(config: Fields): Architecture {
  const hidden = config.count('hidden_size');
  const side = Math.floor(config.count('image_size') / config.count('patch_size'));
  const tokens = side * side + 1;
  const elements = config.count('num_channels') * config.count('patch_size') ** 2;
  const [from, to] = [config.count('projector_input_dim'), config.count('projector_output_dim')];
  const one = layer({
    mixers: [[plainAttention(config.count('num_attention_heads'), hidden, true), ATTENTION]],
    mlp: [
      plainMlp(config.count('intermediate_size'), activationOf(config, 'gelu'), true),
      { up: 'mlp.fc1.weight', down: 'mlp.fc2.weight' },
    ],
    norm: LAYER_NORM,
    norms: TWO_NORMS,
  });
  const stack: Stack = {
    role: 'vision',
    module: 'model.layers.{i}',
    hidden,
    ...runOf(config.count('num_hidden_layers'), () => one),
    final_norm: true,
    norm: LAYER_NORM,
    ends: [
      ...end('class_embedding', 'embedding', [hidden]),
      ...end('positional_embedding_vlm', 'embedding', [tokens, hidden]),
      ...end('patch_embedding.linear.weight', 'linear', [hidden, elements]),
      ...normEnd('layernorm_pre.weight', LAYER_NORM, hidden),
      ...normEnd('layernorm_post.weight', LAYER_NORM, hidden),
      ...end('vision_adapter.mlp.fc1.weight', 'linear', [from, config.count('intermediate_size')]),
      ...end('vision_adapter.mlp.fc2.weight', 'linear', [to, from]),
    ],
    tokens,
  };
  return { stacks: [stack], vocab: 0, tied: false, head: 'none' };
}
