/** Parts that families put together: layers, stacks, the ends of a decoder. */
import type { Architecture, Context } from './family.ts';
import type { Fields } from './fields.ts';
import type {
  DenseMlp,
  End,
  Layer,
  Mixer,
  Mlp,
  Norm,
  PartNames,
  SoftmaxAttention,
  Stack,
} from './model.ts';
import { biasName } from './weights.ts';

/** More layers than any model has; a longer pattern is a mistake or an attack. */
export const MAX_LAYERS = 4096;

export const RMS: Norm = { kind: 'rms', bias: false, weight: true };
export const LAYER_NORM: Norm = { kind: 'layer', bias: true, weight: true };
export const LAYER_NORM_WITHOUT_BIAS: Norm = { kind: 'layer', bias: false, weight: true };
export const LAYER_NORM_WITHOUT_WEIGHTS: Norm = { kind: 'layer', bias: false, weight: false };

/** Names that Llama brought and most decoders took over. */
export const ATTENTION: PartNames = {
  q: 'self_attn.q_proj.weight',
  k: 'self_attn.k_proj.weight',
  v: 'self_attn.v_proj.weight',
  qkv: 'self_attn.qkv_proj.weight',
  o: 'self_attn.o_proj.weight',
  q_norm: 'self_attn.q_norm.weight',
  k_norm: 'self_attn.k_norm.weight',
  sinks: 'self_attn.sinks',
};
export const MLP: PartNames = {
  gate: 'mlp.gate_proj.weight',
  up: 'mlp.up_proj.weight',
  down: 'mlp.down_proj.weight',
  gate_up: 'mlp.gate_up_proj.weight',
};
export const EXPERTS: PartNames = {
  router: 'mlp.gate.weight',
  router_bias: 'mlp.gate.e_score_correction_bias',
  gate: 'mlp.experts.{e}.gate_proj.weight',
  up: 'mlp.experts.{e}.up_proj.weight',
  down: 'mlp.experts.{e}.down_proj.weight',
  shared_gate: 'mlp.shared_experts.gate_proj.weight',
  shared_up: 'mlp.shared_experts.up_proj.weight',
  shared_down: 'mlp.shared_experts.down_proj.weight',
};
export const TWO_NORMS: readonly string[] = [
  'input_layernorm.weight',
  'post_attention_layernorm.weight',
];
export const FOUR_NORMS: readonly string[] = [
  ...TWO_NORMS,
  'pre_feedforward_layernorm.weight',
  'post_feedforward_layernorm.weight',
];

/** The same names with other beginnings. */
export const renamed = (names: PartNames, from: string, to: string): PartNames =>
  Object.fromEntries(
    Object.entries(names).map(([part, name]) => [part, name.replace(from, to)]),
  ) as PartNames;

/** A mixer or MLP with the names of its parts. */
export type Named<T> = readonly [part: T, names: PartNames];

export interface LayerParts {
  readonly mixers: readonly Named<Mixer>[];
  readonly mlp?: Named<Mlp>;
  readonly norm: Norm;
  readonly norms: readonly string[];
  readonly parallel?: boolean;
  readonly extra?: Layer['extra'];
  readonly shared?: boolean;
}

export function layer(parts: LayerParts): Layer {
  const { mixers, mlp, norm, norms, parallel = false, extra, shared } = parts;
  return {
    mixers: mixers.map(([mixer]) => mixer),
    ...(mlp !== undefined && { mlp: mlp[0] }),
    norm,
    norms: norms.length,
    parallel,
    ...(extra !== undefined && extra.length > 0 && { extra }),
    names: { mixers: mixers.map(([, names]) => names), mlp: mlp?.[1] ?? {}, norms },
    ...(shared === true && { shared }),
  };
}

/** The distinct layers of a run, and which stands where. */
export function runOf(
  count: number,
  at: (index: number) => Layer,
): Pick<Stack, 'layers' | 'pattern'> {
  const layers: Layer[] = [];
  const known = new Map<string, number>();
  const pattern: number[] = [];
  for (let i = 0; i < Math.min(count, MAX_LAYERS); i++) {
    const one = at(i);
    const key = JSON.stringify(one);
    const index = known.get(key) ?? layers.push(one) - 1;
    known.set(key, index);
    pattern.push(index);
  }
  return { layers, pattern };
}

/** Multi-head attention with biases everywhere or nowhere, as encoders have it. */
export function plainAttention(heads: number, width: number, bias: boolean): SoftmaxAttention {
  return {
    kind: 'softmax',
    heads,
    kv_heads: heads,
    head_dim: Math.floor(width / heads),
    bias: biases(bias),
    fused_qkv: false,
  };
}

/** Biases of q, k and v, and of the output. */
export const biases = (qkv: boolean, o: boolean = qkv): SoftmaxAttention['bias'] => ({
  q: qkv,
  k: qkv,
  v: qkv,
  o,
});

/** An MLP of two linear layers. */
export const plainMlp = (intermediate: number, activation: string, bias: boolean): DenseMlp => ({
  kind: 'dense',
  intermediate,
  gated: false,
  fused: false,
  bias,
  activation,
});

export const gatedMlp = (intermediate: number, activation: string, bias: boolean): DenseMlp => ({
  ...plainMlp(intermediate, activation, bias),
  gated: true,
});

/** A weight at an end, with its bias where it has one. */
export function end(
  name: string,
  role: End['role'],
  shape: readonly number[],
  bias: boolean = false,
): readonly End[] {
  const weight: End = { name, role, shape };
  if (!bias) return [weight];
  return [weight, { name: biasName(name), role: 'bias', shape: [shape[0] ?? 0] }];
}

export function normEnd(name: string, norm: Norm, width: number): readonly End[] {
  return norm.weight && norm.kind !== 'none' ? end(name, 'norm', [width], norm.bias) : [];
}

/** What a decoder with a table of tokens in front and a head behind is made of. */
export interface DecoderParts {
  /** Width of the residual stream. */
  readonly hidden: number;
  readonly count: number;
  readonly at: (index: number) => Layer;
  readonly norm: Norm;
  /** Module that holds all but the head: `model`, `transformer`. */
  readonly base: string;
  /** Names inside of it. */
  readonly names: {
    readonly embedding: string;
    readonly layers: string;
    /** Absent where there is none (post-norm OPT-350M). */
    readonly norm?: string;
    readonly head: string;
  };
  readonly vocab: number;
  readonly tied: boolean;
  readonly head_bias?: boolean;
  /** Width of the table where it is not the residual stream's. */
  readonly embedding_width?: number;
  /** Further weights inside the base. */
  readonly ends?: readonly End[];
  /** Name of a classifier's head. */
  readonly score?: string;
  readonly max_positions?: number;
}

export const LLAMA_ENDS: DecoderParts['names'] = {
  embedding: 'embed_tokens.weight',
  layers: 'layers',
  norm: 'norm.weight',
  head: 'lm_head.weight',
};

export function decoder(context: Context, parts: DecoderParts): Architecture {
  const { hidden, norm, names, vocab, max_positions } = parts;
  const { head } = context;
  const prefix = head === 'none' ? '' : `${parts.base}.`;
  const inBase = (one: End): End => ({ ...one, name: prefix + one.name });
  const width = parts.embedding_width ?? hidden;
  const ends = [
    ...end(names.embedding, 'embedding', [vocab, width]).map(inBase),
    ...(parts.ends ?? []).map(inBase),
    ...(names.norm === undefined ? [] : normEnd(names.norm, norm, hidden).map(inBase)),
    ...headEnds(context, parts, width),
  ];
  const run = runOf(parts.count, parts.at);
  const stack: Stack = {
    role: 'decoder',
    module: `${prefix}${names.layers}.{i}`,
    hidden,
    ...run,
    final_norm: names.norm !== undefined,
    norm,
    ends,
  };
  return {
    stacks: [stack],
    vocab,
    tied: head === 'vocab' && parts.tied,
    ties: parts.tied,
    head,
    ...(head === 'labels' && { labels: context.labels }),
    ...(max_positions !== undefined && { max_positions }),
  };
}

function headEnds(context: Context, parts: DecoderParts, width: number): readonly End[] {
  const { names, vocab, tied, head_bias = false, hidden } = parts;
  if (context.head === 'labels') {
    return end(parts.score ?? 'score.weight', 'head', [context.labels, hidden]);
  }
  if (context.head === 'none') return [];
  if (!tied) return end(names.head, 'head', [vocab, width], head_bias);
  return head_bias ? [{ name: biasName(names.head), role: 'bias', shape: [vocab] }] : [];
}

/**
 * One layer of so many sees all tokens where a config lists no types of layers and no pattern: written in the
 * config classes of transformers@4.57.1 (`layer_types`), so it is no default of a field.
 */
const FULL_EVERY: ReadonlyMap<string, number> = new Map([
  ['cohere2', 4],
  ['gemma2', 2],
  ['gemma3_text', 6],
  ['gemma3n_text', 5],
  ['gpt_oss', 2],
  ['olmo3', 4],
  ['vaultgemma', 2],
]);

/** Tokens that attention of a layer sees, where the config limits them. */
export function windowAt(config: Fields, index: number): { readonly window?: number } {
  const window = config.maybeCount('sliding_window', 'attention_window_size');
  if (window === undefined) return {};
  const type = config.list('layer_types')?.[index];
  if (type !== undefined) return type === 'sliding_attention' ? { window } : {};
  if (config.get('use_sliding_window') === false) return {};
  const every =
    config.maybeCount('sliding_window_pattern') ?? FULL_EVERY.get(config.text('model_type') ?? '');
  if (every !== undefined) return (index + 1) % every === 0 ? {} : { window };
  const full = config.countOrZero('max_window_layers');
  return full !== undefined && index < full ? {} : { window };
}

/** Heads and their dimension as most configs give them. */
export function headsOf(config: Fields): {
  readonly heads: number;
  readonly kv_heads: number;
  readonly head_dim: number;
} {
  const heads = config.count('num_attention_heads');
  return {
    heads,
    kv_heads: config.maybeCount('num_key_value_heads') ?? heads,
    head_dim:
      config.maybeCount('head_dim') ?? Math.max(1, Math.floor(config.count('hidden_size') / heads)),
  };
}

/** Softmax attention of the shape that the config gives, with biases, norms and gates as told. */
export function attentionOf(
  config: Fields,
  index: number,
  options: Partial<Omit<SoftmaxAttention, 'kind'>> = {},
): SoftmaxAttention {
  return {
    kind: 'softmax',
    ...headsOf(config),
    ...windowAt(config, index),
    bias: biases(false),
    fused_qkv: false,
    ...options,
  };
}

/** What a decoder's config says of itself under the names that most use. */
export function commonParts(
  config: Fields,
): Pick<DecoderParts, 'hidden' | 'count' | 'vocab' | 'tied' | 'max_positions' | 'base' | 'names'> {
  const positions = config.maybeCount('max_position_embeddings', 'n_positions', 'seq_length');
  return {
    hidden: config.count('hidden_size', 'n_embd', 'd_model'),
    count: config.count('num_hidden_layers', 'n_layer', 'n_layers', 'num_layers'),
    vocab: config.count('vocab_size', 'padded_vocab_size'),
    tied: config.flag('tie_word_embeddings', false),
    ...(positions !== undefined && { max_positions: positions }),
    base: 'model',
    names: LLAMA_ENDS,
  };
}

export const activationOf = (config: Fields, otherwise: string = 'silu'): string =>
  config.text('hidden_act', 'hidden_activation', 'activation_function', 'activation') ?? otherwise;
