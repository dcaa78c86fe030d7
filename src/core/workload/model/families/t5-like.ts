import type { Context, Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type { End, Layer, Mlp, PartNames, SoftmaxAttention, Stack } from '../model.ts';
import { biases, end, layer, normEnd, plainMlp, RMS, runOf } from '../parts.ts';

const attentionNames = (at: number, kind: string): PartNames => ({
  q: `layer.${at}.${kind}.q.weight`,
  k: `layer.${at}.${kind}.k.weight`,
  v: `layer.${at}.${kind}.v.weight`,
  o: `layer.${at}.${kind}.o.weight`,
});

const mlpNames = (at: number, gated: boolean): PartNames => ({
  gate: `layer.${at}.DenseReluDense.wi_0.weight`,
  up: `layer.${at}.DenseReluDense.${gated ? 'wi_1' : 'wi'}.weight`,
  down: `layer.${at}.DenseReluDense.wo.weight`,
});

function attention(config: Fields): SoftmaxAttention {
  const heads = config.count('num_heads');
  return {
    kind: 'softmax',
    heads,
    kv_heads: heads,
    head_dim: config.count('d_kv'),
    bias: biases(false),
    fused_qkv: false,
  };
}

/** `gated-gelu` is a gate and GELU, `relu` neither. */
function mlpOf(config: Fields): Mlp & { readonly kind: 'dense' } {
  const words = config.text('feed_forward_proj') ?? 'relu';
  const gated = config.flag('is_gated_act', words.startsWith('gated-'));
  const activation = config.text('dense_act_fn') ?? words.replace('gated-', '');
  return { ...plainMlp(config.count('d_ff'), activation, false), gated };
}

/** T5 has its relative positions in the first layer of a stack, UMT5 in each. */
function layerOf(config: Fields, type: string, isDecoder: boolean, index: number): Layer {
  const own = attention(config);
  const mlp = mlpOf(config);
  const buckets = config.count('relative_attention_num_buckets');
  const parts = isDecoder ? 3 : 2;
  const hasPositions = index === 0 || type === 'umt5';
  return layer({
    mixers: [
      [own, attentionNames(0, 'SelfAttention')],
      ...(isDecoder
        ? [[{ ...own, cross: true }, attentionNames(1, 'EncDecAttention')] as const]
        : []),
    ],
    mlp: [mlp, mlpNames(parts - 1, mlp.gated)],
    norm: RMS,
    norms: Array.from({ length: parts }, (_, at) => `layer.${at}.layer_norm.weight`),
    ...(hasPositions && {
      extra: [
        {
          name: 'layer.0.SelfAttention.relative_attention_bias.weight',
          shape: [buckets, own.heads],
        },
      ],
    }),
  });
}

function stackOf(
  config: Fields,
  context: Context,
  role: 'encoder' | 'decoder',
  ends: readonly End[],
): Stack {
  const hidden = config.count('d_model');
  const isDecoder = role === 'decoder';
  const own = isDecoder ? config.maybeCount('num_decoder_layers') : undefined;
  return {
    role,
    module: `${role}.block.{i}`,
    hidden,
    ...runOf(own ?? config.count('num_layers'), (index) =>
      layerOf(config, context.type, isDecoder, index),
    ),
    final_norm: true,
    norm: RMS,
    ends: [...ends, ...normEnd(`${role}.final_layer_norm.weight`, RMS, hidden)],
  };
}

/** T5 in all its versions. A class without a decoder has the encoder alone. */
export const t5Like: Family = {
  id: 't5-like',
  types: ['t5', 'mt5', 'umt5', 'longt5'],
  sources: [
    'transformers@4.57.1:models/t5/modeling_t5.py',
    'transformers@4.57.1:models/umt5/modeling_umt5.py',
  ],
  read(config, context) {
    const hidden = config.count('d_model');
    const vocab = config.count('vocab_size');
    const tied = config.flag('tie_word_embeddings', true);
    const encoderOnly = /EncoderModel$/.test(context.architecture ?? '');
    const table = end('shared.weight', 'embedding', [vocab, hidden]);
    const encoder = stackOf(config, context, 'encoder', table);
    const hasHead = context.head === 'vocab' && !encoderOnly;
    const head = hasHead && !tied ? end('lm_head.weight', 'head', [vocab, hidden]) : [];
    return {
      stacks: encoderOnly ? [encoder] : [encoder, stackOf(config, context, 'decoder', head)],
      vocab,
      tied: hasHead && tied,
      head: hasHead ? 'vocab' : 'none',
    };
  },
};
