import type { Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type { Layer, Norm, PartNames, SoftmaxAttention } from '../model.ts';
import {
  ATTENTION,
  biases,
  decoder,
  FOUR_NORMS,
  gatedMlp,
  headsOf,
  LAYER_NORM,
  LAYER_NORM_WITHOUT_BIAS,
  LAYER_NORM_WITHOUT_WEIGHTS,
  LLAMA_ENDS,
  layer,
  MLP,
  RMS,
  renamed,
  TWO_NORMS,
  windowAt,
} from '../parts.ts';

/** In what a type differs from Llama; what is absent is as Llama has it. */
interface Variant {
  readonly qkv_bias?: boolean;
  readonly o_bias?: boolean;
  readonly mlp_bias?: boolean;
  readonly head_bias?: boolean;
  readonly qk_norm?: SoftmaxAttention['qk_norm'];
  readonly norm?: Norm;
  readonly norms?: readonly string[];
  readonly parallel?: boolean;
  readonly fused_qkv?: boolean;
  readonly fused_mlp?: boolean;
  readonly gated?: boolean;
  readonly softcap?: boolean;
  readonly attention?: PartNames;
  readonly mlp?: PartNames;
  readonly final_norm?: string;
  readonly extra?: Layer['extra'];
}

const POST_NORMS = ['post_attention_layernorm.weight', 'post_feedforward_layernorm.weight'];

const attentionBias = (config: Fields): Variant => {
  const bias = config.flag('attention_bias', false);
  return { qkv_bias: bias, o_bias: bias };
};

/** Llama 1 to 3 and all that took its layout over. */
const llama = (config: Fields): Variant => ({
  ...attentionBias(config),
  mlp_bias: config.flag('mlp_bias', false),
});
const withBiases =
  (field: string) =>
  (config: Fields): Variant => {
    const bias = config.flag(field, false);
    return { qkv_bias: bias, o_bias: bias, mlp_bias: bias };
  };
const qkvBias = (): Variant => ({ qkv_bias: true });
const plain = (): Variant => ({});
/** Norms behind attention and MLP, and over q and k of each head. */
const olmo2 = (config: Fields): Variant => ({
  ...attentionBias(config),
  qk_norm: 'projection',
  norms: POST_NORMS,
});
const cohere = (config: Fields): Variant => ({
  ...attentionBias(config),
  norm: LAYER_NORM_WITHOUT_BIAS,
  norms: ['input_layernorm.weight'],
  parallel: true,
  // One weight a head and element.
  ...(config.flag('use_qk_norm', false) && { qk_norm: 'projection' }),
});
const phi = (): Variant => ({
  qkv_bias: true,
  o_bias: true,
  mlp_bias: true,
  head_bias: true,
  norm: LAYER_NORM,
  norms: ['input_layernorm.weight'],
  parallel: true,
  gated: false,
  attention: renamed(ATTENTION, 'o_proj', 'dense'),
  mlp: { up: 'mlp.fc1.weight', down: 'mlp.fc2.weight' },
  final_norm: 'final_layernorm.weight',
});

const VARIANTS: ReadonlyMap<string, (config: Fields) => Variant> = new Map<
  string,
  (config: Fields) => Variant
>([
  ['llama', llama],
  ['code_llama', llama],
  ['Yi', llama],
  ['aquila', llama],
  ['xverse', llama],
  ['mistral', plain],
  ['ministral', plain],
  ['ministral3', plain],
  ['qwen2', qkvBias],
  ['qwen2_vl_text', qkvBias],
  ['qwen2_5_vl_text', qkvBias],
  ['qwen3', (config) => ({ ...attentionBias(config), qk_norm: 'head' })],
  ['qwen3_vl_text', (config) => ({ ...attentionBias(config), qk_norm: 'head' })],
  ['smollm3', llama],
  ['granite', llama],
  ['minicpm', llama],
  ['internlm', withBiases('bias')],
  ['internlm3', (config) => ({ qkv_bias: config.flag('qkv_bias', false), ...biasOf(config) })],
  ['ernie4_5', withBiases('use_bias')],
  [
    'seed_oss',
    (config) => ({
      ...llama(config),
      o_bias: config.flag('attention_out_bias', false),
    }),
  ],
  [
    'hunyuan_v1_dense',
    (config) => ({
      ...llama(config),
      qk_norm: 'head',
      attention: renamed(
        renamed(ATTENTION, 'q_norm', 'query_layernorm'),
        'k_norm',
        'key_layernorm',
      ),
    }),
  ],
  ['exaone4', () => ({ qk_norm: 'head', norms: POST_NORMS })],
  ['olmo', (config) => ({ ...attentionBias(config), norm: LAYER_NORM_WITHOUT_WEIGHTS })],
  ['olmo2', olmo2],
  ['olmo3', olmo2],
  ['orion', () => ({ norm: LAYER_NORM })],
  ['helium', (config) => ({ ...llama(config), o_bias: false })],
  ['arcee', (config) => ({ ...llama(config), gated: false })],
  ['nemotron', (config) => ({ ...llama(config), gated: false, norm: LAYER_NORM })],
  [
    'apertus',
    (config) => ({
      ...attentionBias(config),
      qk_norm: 'head',
      gated: false,
      norms: ['attention_layernorm.weight', 'feedforward_layernorm.weight'],
      extra: [
        { name: 'mlp.act_fn.alpha_p', shape: [1] },
        { name: 'mlp.act_fn.alpha_n', shape: [1] },
      ],
    }),
  ],
  [
    'stablelm',
    (config) => {
      const parallel = config.flag('use_parallel_residual', false);
      return {
        qkv_bias: config.flag('use_qkv_bias', false),
        norm: LAYER_NORM,
        parallel,
        ...(parallel && { norms: ['input_layernorm.weight'] }),
        ...(config.flag('qk_layernorm', false) && { extra: headNorms(config) }),
      };
    },
  ],
  [
    'starcoder2',
    (config) => ({
      ...withBiases('use_bias')(config),
      norm: LAYER_NORM,
      gated: false,
      mlp: { up: 'mlp.c_fc.weight', down: 'mlp.c_proj.weight' },
    }),
  ],
  ['phi', phi],
  ['phi3', () => ({ fused_qkv: true, fused_mlp: true })],
  ['cohere', cohere],
  ['cohere2', cohere],
  ['glm', (config) => ({ ...glm(config) })],
  [
    'glm4',
    (config) => ({
      ...glm(config),
      norms: [...TWO_NORMS, 'post_self_attn_layernorm.weight', 'post_mlp_layernorm.weight'],
    }),
  ],
  ['gemma', attentionBias],
  ['gemma2', gemma2],
  [
    'vaultgemma',
    (config) => ({
      ...gemma2(config),
      norms: ['input_layernorm.weight', 'pre_feedforward_layernorm.weight'],
    }),
  ],
  ['gemma3_text', (config) => ({ ...attentionBias(config), norms: FOUR_NORMS, qk_norm: 'head' })],
]);

function biasOf(config: Fields): Variant {
  const bias = config.flag('bias', false);
  return { o_bias: bias, mlp_bias: bias };
}

function glm(config: Fields): Variant {
  return { qkv_bias: config.flag('attention_bias', false), fused_mlp: true };
}

function gemma2(config: Fields): Variant {
  return {
    ...attentionBias(config),
    norms: FOUR_NORMS,
    softcap: config.get('attn_logit_softcapping') !== undefined,
  };
}

/** A norm for each head by itself (StableLM 2 12B). */
function headNorms(config: Fields): NonNullable<Layer['extra']> {
  const { heads, kv_heads, head_dim } = headsOf(config);
  return [
    { name: 'self_attn.q_layernorm.norms.{n}.weight', shape: [heads, head_dim] },
    { name: 'self_attn.k_layernorm.norms.{n}.weight', shape: [kv_heads, head_dim] },
  ];
}

/** Decoders with separate or fused projections under Llama's names. */
export const llamaLike: Family = {
  id: 'llama-like',
  types: [...VARIANTS.keys()],
  sources: ['transformers@4.57.1:models/*/modeling_*.py of each type'],
  read(config, context) {
    const variant = VARIANTS.get(context.type)?.(config) ?? llama(config);
    return readVariant(config, context, variant);
  },
};

type Read = Family['read'];

function readVariant(
  config: Parameters<Read>[0],
  context: Parameters<Read>[1],
  variant: Variant,
): ReturnType<Read> {
  const { norm = RMS, qk_norm, softcap = false, gated = true, parallel = false } = variant;
  const activation = config.text('hidden_act', 'hidden_activation') ?? 'silu';
  const widths = config.count('intermediate_size');
  const shape = headsOf(config);
  const mlp = {
    ...gatedMlp(widths, activation, variant.mlp_bias ?? false),
    gated,
    fused: variant.fused_mlp ?? false,
  };
  const at = (index: number): Layer => {
    const attention: SoftmaxAttention = {
      kind: 'softmax',
      ...shape,
      ...windowAt(config, index),
      ...(qk_norm !== undefined && { qk_norm }),
      ...(softcap && { softcap }),
      bias: biases(variant.qkv_bias ?? false, variant.o_bias ?? false),
      fused_qkv: variant.fused_qkv ?? false,
    };
    return layer({
      mixers: [[attention, variant.attention ?? ATTENTION]],
      mlp: [mlp, variant.mlp ?? MLP],
      norm,
      norms: variant.norms ?? TWO_NORMS,
      parallel,
      ...(variant.extra !== undefined && { extra: variant.extra }),
    });
  };
  const positions = config.maybeCount('max_position_embeddings');
  return decoder(context, {
    hidden: config.count('hidden_size'),
    count: config.count('num_hidden_layers'),
    at,
    norm,
    base: 'model',
    names: { ...LLAMA_ENDS, norm: variant.final_norm ?? 'norm.weight' },
    vocab: config.count('vocab_size'),
    tied: config.flag('tie_word_embeddings', false),
    head_bias: variant.head_bias ?? false,
    ...(positions !== undefined && { max_positions: positions }),
  });
}
