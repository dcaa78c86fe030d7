import type { Architecture, Context, Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type { End, Layer, PartNames, Stack } from '../model.ts';
import {
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
} from '../parts.ts';

/** A tower and what brings its tokens to the width of the decoder. */
interface Tower {
  readonly stacks: readonly Stack[];
  readonly projector: readonly End[];
  readonly tokens_out?: number;
}

type Reader = (config: Fields, context: Context, text: Architecture) => Tower;

const widthOf = (text: Architecture): number => text.stacks.at(-1)?.hidden ?? 1;

/** The same stack inside another module. */
const moved = (stack: Stack, prefix: string): Stack => ({
  ...stack,
  module: prefix + stack.module,
  ends: stack.ends.map((one) => ({ ...one, name: prefix + one.name })),
});

function towerOf(context: Context, type: string): readonly Stack[] {
  const { stacks } = context.part('vision_config', type);
  return stacks.map((stack) => moved(stack, 'model.vision_tower.'));
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

const hiddenOf = (stacks: readonly Stack[]): number => stacks.at(-1)?.hidden ?? 1;

/** LLaVA: the class token is dropped; newer kinds add a token at the end of each row. */
const llava =
  (newline: boolean): Reader =>
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

const paligemma: Reader = (config, context, text) => {
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

const gemma3: Reader = (config, context, text) => {
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

const internvl: Reader = (config, context, text) => {
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
const mistral3: Reader = (config, context, text) => {
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

const VISUAL_ATTENTION: PartNames = { qkv: 'attn.qkv.weight', o: 'attn.proj.weight' };

/** Qwen's own towers: patches of two frames, merged two by two. */
const qwenVl: Reader = (config, context, text) => {
  const vision = config.inside('vision_config');
  const isSecond = context.type === 'qwen2_5_vl';
  const hidden = vision.maybeCount(isSecond ? 'hidden_size' : 'embed_dim') ?? 1280;
  const out = isSecond
    ? (vision.maybeCount('out_hidden_size') ?? widthOf(text))
    : (vision.maybeCount('hidden_size') ?? widthOf(text));
  const merge = vision.maybeCount('spatial_merge_size') ?? 2;
  const patch = vision.maybeCount('patch_size', 'spatial_patch_size') ?? 14;
  const frames = vision.maybeCount('temporal_patch_size') ?? 2;
  const channels = vision.maybeCount('in_channels', 'in_chans') ?? 3;
  const norm = isSecond ? RMS : LAYER_NORM;
  const heads = vision.maybeCount('num_heads') ?? 16;
  const mlp = isSecond
    ? ([gatedMlp(vision.maybeCount('intermediate_size') ?? 3420, 'silu', true), MLP] as const)
    : ([
        plainMlp(Math.floor(vision.number('mlp_ratio', 4) * hidden), 'quick_gelu', true),
        { up: 'mlp.fc1.weight', down: 'mlp.fc2.weight' },
      ] as const);
  const one = layer({
    mixers: [[{ ...plainAttention(heads, hidden, true), fused_qkv: true }, VISUAL_ATTENTION]],
    mlp,
    norm,
    norms: ['norm1.weight', 'norm2.weight'],
  });
  const wide = hidden * merge * merge;
  return {
    stacks: [
      {
        role: 'vision',
        module: 'model.visual.blocks.{i}',
        hidden,
        ...runOf(vision.maybeCount('depth') ?? 32, () => one),
        final_norm: false,
        norm,
        ends: end('model.visual.patch_embed.proj.weight', 'conv', [
          hidden,
          channels,
          frames,
          patch,
          patch,
        ]),
      },
    ],
    projector: [
      ...normEnd('model.visual.merger.ln_q.weight', norm, hidden),
      ...end('model.visual.merger.mlp.0.weight', 'linear', [wide, wide], true),
      ...end('model.visual.merger.mlp.2.weight', 'linear', [out, wide], true),
    ],
  };
};

const READERS: ReadonlyMap<string, { readonly read: Reader; readonly text: string }> = new Map([
  ['llava', { read: llava(false), text: 'llama' }],
  ['llava_next', { read: llava(true), text: 'llama' }],
  ['llava_onevision', { read: onevision, text: 'qwen2' }],
  ['paligemma', { read: paligemma, text: 'gemma' }],
  ['gemma3', { read: gemma3, text: 'gemma3_text' }],
  ['internvl', { read: internvl, text: 'qwen2' }],
  ['mistral3', { read: mistral3, text: 'mistral' }],
  ['qwen2_vl', { read: qwenVl, text: 'qwen2_vl_text' }],
  ['qwen2_5_vl', { read: qwenVl, text: 'qwen2_5_vl_text' }],
]);

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

/** A tower of images, a projector, a decoder. Names are those of transformers since 4.52. */
export const multimodal: Family = {
  id: 'multimodal',
  types: [...READERS.keys(), 'pixtral'],
  sources: ['transformers@4.57.1:models/*/modeling_*.py of each type'],
  read(config, context) {
    const reader = READERS.get(context.type);
    if (reader === undefined) return pixtral(config);
    // Older Qwen-VL configs have the decoder's fields at the top.
    const text = config.has('text_config')
      ? context.part('text_config', reader.text)
      : context.itself(reader.text);
    const tower = reader.read(config, context, text);
    const decoder = text.stacks.at(-1);
    if (decoder === undefined) return text;
    const hasHead = context.head !== 'none';
    const tied = text.ties ?? config.flag('tie_word_embeddings', false);
    const head =
      hasHead && !tied ? end('lm_head.weight', 'head', [text.vocab, decoder.hidden]) : [];
    const inner = moved(decoder, 'model.language_model.');
    const towers = tower.stacks.map((stack, i): Stack => {
      if (i < tower.stacks.length - 1) return stack;
      return {
        ...stack,
        ends: [...stack.ends, ...tower.projector],
        ...(tower.tokens_out !== undefined && { tokens_out: tower.tokens_out }),
      };
    });
    return {
      ...text,
      stacks: [...towers, { ...inner, ends: [...inner.ends, ...head] }],
      tied: hasHead && tied,
      head: hasHead ? 'vocab' : 'none',
    };
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
