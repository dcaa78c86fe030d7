import type { Context, Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type { End, Layer, PartNames, SoftmaxAttention, Stack } from '../model.ts';
import {
  activationOf,
  biases,
  end,
  LAYER_NORM,
  layer,
  normEnd,
  plainMlp,
  runOf,
} from '../parts.ts';

const attentionNames = (module: string): PartNames => ({
  q: `${module}.q_proj.weight`,
  k: `${module}.k_proj.weight`,
  v: `${module}.v_proj.weight`,
  o: `${module}.out_proj.weight`,
});

type Role = 'encoder' | 'decoder';

/** What stands around the layers of a stack, inside `model.encoder` or `model.decoder`. */
interface Variant {
  readonly shared: boolean;
  readonly positions: (config: Fields, role: Role) => readonly End[];
  readonly norm_of_embedding: boolean;
  readonly final_norm: boolean;
  readonly key_bias: boolean;
  /** A bias for each token that is stored with the model, but is no parameter of it. */
  readonly convolutions?: (config: Fields) => readonly End[];
}

const table =
  (extra: number) =>
  (config: Fields): readonly End[] =>
    end('embed_positions.weight', 'embedding', [
      config.count('max_position_embeddings') + extra,
      config.count('d_model'),
    ]);

const bart: Variant = {
  shared: true,
  // Two rows in front are reserved.
  positions: table(2),
  norm_of_embedding: true,
  final_norm: false,
  key_bias: true,
};

/** Positions that are sines: computed, or stored as Pegasus and Marian do. */
const sines = (): readonly End[] => [];

const VARIANTS: ReadonlyMap<string, Variant> = new Map<string, Variant>([
  ['bart', bart],
  ['mbart', { ...bart, final_norm: true }],
  ['pegasus', { ...bart, positions: table(0), norm_of_embedding: false, final_norm: true }],
  ['marian', { ...bart, positions: table(0), norm_of_embedding: false }],
  ['m2m_100', { ...bart, positions: sines, norm_of_embedding: false, final_norm: true }],
  [
    'whisper',
    {
      shared: false,
      positions: whisperPositions,
      norm_of_embedding: false,
      final_norm: true,
      key_bias: false,
      convolutions: whisperConvolutions,
    },
  ],
]);

function whisperPositions(config: Fields, role: Role): readonly End[] {
  const rows = config.count(role === 'encoder' ? 'max_source_positions' : 'max_target_positions');
  return end('embed_positions.weight', 'embedding', [rows, config.count('d_model')]);
}

function whisperConvolutions(config: Fields): readonly End[] {
  const hidden = config.count('d_model');
  return [
    ...end('conv1.weight', 'conv', [hidden, config.count('num_mel_bins'), 3], true),
    ...end('conv2.weight', 'conv', [hidden, hidden, 3], true),
  ];
}

function layerOf(config: Fields, variant: Variant, role: Role): Layer {
  const heads = config.count(`${role}_attention_heads`);
  const own: SoftmaxAttention = {
    kind: 'softmax',
    heads,
    kv_heads: heads,
    head_dim: Math.max(1, Math.floor(config.count('d_model') / heads)),
    bias: { ...biases(true), k: variant.key_bias },
    fused_qkv: false,
  };
  const isDecoder = role === 'decoder';
  return layer({
    mixers: [
      [own, attentionNames('self_attn')],
      ...(isDecoder ? [[{ ...own, cross: true }, attentionNames('encoder_attn')] as const] : []),
    ],
    mlp: [
      plainMlp(config.count(`${role}_ffn_dim`), activationOf(config, 'gelu'), true),
      { up: 'fc1.weight', down: 'fc2.weight' },
    ],
    norm: LAYER_NORM,
    norms: [
      'self_attn_layer_norm.weight',
      ...(isDecoder ? ['encoder_attn_layer_norm.weight'] : []),
      'final_layer_norm.weight',
    ],
  });
}

function stackOf(
  config: Fields,
  context: Context,
  variant: Variant,
  role: Role,
  outside: readonly End[],
): Stack {
  const hidden = config.count('d_model');
  const isWhisperEncoder = role === 'encoder' && variant.convolutions !== undefined;
  const base = context.head === 'none' ? '' : 'model.';
  const inside = [
    ...(isWhisperEncoder ? (variant.convolutions?.(config) ?? []) : []),
    ...variant.positions(config, role),
    ...(variant.norm_of_embedding ? normEnd('layernorm_embedding.weight', LAYER_NORM, hidden) : []),
    ...(variant.final_norm ? normEnd('layer_norm.weight', LAYER_NORM, hidden) : []),
  ].map((one) => ({ ...one, name: `${base}${role}.${one.name}` }));
  return {
    role: isWhisperEncoder ? 'audio' : role,
    module: `${base}${role}.layers.{i}`,
    hidden,
    ...runOf(config.count(`${role}_layers`), () => layerOf(config, variant, role)),
    final_norm: variant.final_norm,
    norm: LAYER_NORM,
    ends: [...outside, ...inside],
    ...(isWhisperEncoder && { tokens: config.count('max_source_positions') }),
  };
}

/** Encoders and decoders after BART: translation, summaries, and Whisper's speech. */
export const bartLike: Family = {
  id: 'bart-like',
  types: [...VARIANTS.keys()],
  sources: ['transformers@4.57.1:models/*/modeling_*.py of each type'],
  read(config, context) {
    const variant = VARIANTS.get(context.type) ?? bart;
    const vocab = config.count('vocab_size');
    const hidden = config.count('d_model');
    const base = context.head === 'none' ? '' : 'model.';
    const name = variant.shared ? `${base}shared.weight` : `${base}decoder.embed_tokens.weight`;
    const tokens = end(name, 'embedding', [vocab, hidden]);
    const tied = config.flag('tie_word_embeddings', true);
    const head =
      context.head === 'vocab' && !tied ? end('lm_head.weight', 'head', [vocab, hidden]) : [];
    const [first, second] = variant.shared ? [tokens, head] : [[], [...tokens, ...head]];
    const positions = config.maybeCount('max_target_positions', 'max_position_embeddings');
    return {
      stacks: [
        stackOf(config, context, variant, 'encoder', first ?? []),
        stackOf(config, context, variant, 'decoder', second ?? []),
      ],
      vocab,
      tied: context.head === 'vocab' && tied,
      head: context.head === 'labels' ? 'none' : context.head,
      ...(positions !== undefined && { max_positions: positions }),
    };
  },
};
