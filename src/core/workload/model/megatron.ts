/**
 * A model that the flags of Megatron-LM describe, as fields of a config which the families read.
 * Sources: NVIDIA/Megatron-LM:megatron/training/arguments.py (flags and what they are when not given),
 * megatron/training/tokenizer/tokenizer.py (the table is padded); megatron-core@0.16.1:transformer/transformer_config.py.
 */

/** Values of flags by their plain names: `num_layers`, "true" for one that stands alone. */
export type Flags = ReadonlyMap<string, string>;

/** Flags that say what the model is. */
export const MEGATRON_SHAPE: ReadonlySet<string> = new Set(
  `num_layers hidden_size num_attention_heads ffn_hidden_size kv_channels group_query_attention num_query_groups
  max_position_embeddings position_embedding_type use_rotary_position_embeddings rotary_base rotary_percent swiglu
  squared_relu openai_gelu normalization norm_epsilon disable_bias_linear add_qkv_bias qk_layernorm
  untie_embeddings_and_output_weights vocab_size make_vocab_size_divisible_by tokenizer_type num_experts
  moe_router_topk moe_ffn_hidden_size moe_shared_expert_intermediate_size`.split(/\s+/),
);

/** Tables of tokenizers that have one size. */
const VOCABULARIES: ReadonlyMap<string, number> = new Map([
  ['GPT2BPETokenizer', 50_257],
  ['Llama2Tokenizer', 32_000],
]);

/**
 * @returns fields of a config; `vocabulary` where all is said but that, and nothing where the flags describe no model or
 * one that is not known here
 */
export function megatronConfig(
  flags: Flags,
): { readonly config: Readonly<Record<string, unknown>> } | 'vocabulary' | undefined {
  const count = (name: string): number | undefined => {
    const text = flags.get(name) ?? '';
    return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
  };
  const is = (name: string): boolean => flags.has(name) && flags.get(name) !== 'false';
  const [layers, hidden, heads] = [
    count('num_layers'),
    count('hidden_size'),
    count('num_attention_heads'),
  ];
  if (layers === undefined || hidden === undefined || heads === undefined) return undefined;
  if (is('multi_latent_attention')) return undefined;
  const words = count('vocab_size') ?? VOCABULARIES.get(flags.get('tokenizer_type') ?? '');
  if (words === undefined) return 'vocabulary';
  const step =
    (count('make_vocab_size_divisible_by') ?? 128) * (count('tensor_model_parallel_size') ?? 1);
  const isGated = is('swiglu');
  const width =
    count('ffn_hidden_size') ?? (isGated ? Math.floor((4 * hidden * 2) / 3 / 64) * 64 : 4 * hidden);
  const groups = is('group_query_attention') ? (count('num_query_groups') ?? 1) : heads;
  const positions = count('max_position_embeddings') ?? count('seq_length') ?? 2048;
  const shape: Shape = {
    layers,
    hidden,
    heads,
    groups,
    width,
    positions,
    vocabulary: Math.ceil(words / step) * step,
    bias: !is('disable_bias_linear'),
    tied: !is('untie_embeddings_and_output_weights'),
  };
  const experts = count('num_experts');
  const config =
    experts !== undefined && experts > 1
      ? mixture(shape, experts, {
          chosen: count('moe_router_topk') ?? 2,
          each: count('moe_ffn_hidden_size') ?? width,
          shared: count('moe_shared_expert_intermediate_size') ?? 0,
        })
      : isGated
        ? gated(shape, is('add_qkv_bias'))
        : plain(shape, hasTable(flags, is) && groups === heads);
  const dim = count('kv_channels') ?? Math.floor(hidden / heads);
  return { config: { ...config, head_dim: dim } };
}

interface Shape {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  /** Heads of keys and values. */
  readonly groups: number;
  /** Of the MLP. */
  readonly width: number;
  readonly positions: number;
  readonly vocabulary: number;
  readonly bias: boolean;
  readonly tied: boolean;
}

/** Positions are learnt, a row each, unless they are said to be rotary or none. */
const hasTable = (flags: Flags, is: (name: string) => boolean): boolean =>
  (flags.get('position_embedding_type') ?? 'learned_absolute') === 'learned_absolute' &&
  !is('use_rotary_position_embeddings');

type Config = Readonly<Record<string, unknown>>;

const common = ({ layers, hidden, heads, groups, width, positions, vocabulary, tied }: Shape) => ({
  num_hidden_layers: layers,
  hidden_size: hidden,
  num_attention_heads: heads,
  num_key_value_heads: groups,
  intermediate_size: width,
  max_position_embeddings: positions,
  vocab_size: vocabulary,
  tie_word_embeddings: tied,
});

const gated = (shape: Shape, qkvBias: boolean): Config => ({
  ...common(shape),
  // Qwen 2 has biases on queries, keys and values alone.
  model_type: qkvBias && !shape.bias ? 'qwen2' : 'llama',
  attention_bias: shape.bias,
  mlp_bias: shape.bias,
});

function plain(shape: Shape, hasPositions: boolean): Config {
  const { layers, hidden, heads, width, positions, vocabulary, bias, tied } = shape;
  if (!hasPositions || !bias) return { ...common(shape), model_type: 'starcoder2', use_bias: bias };
  return {
    model_type: 'gpt2',
    n_layer: layers,
    n_embd: hidden,
    n_head: heads,
    n_inner: width,
    n_positions: positions,
    vocab_size: vocabulary,
    tie_word_embeddings: tied,
  };
}

function mixture(
  shape: Shape,
  experts: number,
  { chosen, each, shared }: { chosen: number; each: number; shared: number },
): Config {
  if (shared === 0) {
    return {
      ...common(shape),
      model_type: 'mixtral',
      intermediate_size: each,
      num_local_experts: experts,
      num_experts_per_tok: chosen,
    };
  }
  return {
    ...common(shape),
    model_type: 'glm4_moe',
    attention_bias: shape.bias,
    moe_intermediate_size: each,
    n_routed_experts: experts,
    num_experts_per_tok: chosen,
    n_shared_experts: Math.max(1, Math.round(shared / each)),
    first_k_dense_replace: 0,
  };
}
