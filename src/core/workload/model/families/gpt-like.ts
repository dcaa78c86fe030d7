import type { Context, Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type { End, Norm, PartNames, SoftmaxAttention } from '../model.ts';
import {
  activationOf,
  biases,
  commonParts,
  type DecoderParts,
  decoder,
  end,
  LAYER_NORM,
  LAYER_NORM_WITHOUT_BIAS,
  LLAMA_ENDS,
  layer,
  normEnd,
  plainMlp,
  renamed,
} from '../parts.ts';

/** What a type says of its layers and ends. */
interface Variant {
  readonly heads: number;
  readonly kv_heads?: number;
  readonly bias: SoftmaxAttention['bias'];
  readonly fused: boolean;
  readonly attention: PartNames;
  readonly intermediate: number;
  readonly mlp_bias: boolean;
  readonly mlp: PartNames;
  readonly norm?: Norm;
  readonly norms: readonly string[];
  readonly parallel?: boolean;
  readonly windowAt?: (index: number) => { readonly window?: number };
  readonly extra?: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly decoder: Partial<DecoderParts>;
}

const LN: readonly string[] = ['ln_1.weight', 'ln_2.weight'];
const GPT_ENDS: DecoderParts['names'] = {
  embedding: 'wte.weight',
  layers: 'h',
  norm: 'ln_f.weight',
  head: 'lm_head.weight',
};
const GPT2_ATTENTION: PartNames = { qkv: 'attn.c_attn.weight', o: 'attn.c_proj.weight' };
const GPT2_MLP: PartNames = { up: 'mlp.c_fc.weight', down: 'mlp.c_proj.weight' };
const FC: PartNames = { up: 'mlp.fc_in.weight', down: 'mlp.fc_out.weight' };
const H_TO_4H: PartNames = { up: 'mlp.dense_h_to_4h.weight', down: 'mlp.dense_4h_to_h.weight' };
const SEPARATE: PartNames = {
  q: 'attn.q_proj.weight',
  k: 'attn.k_proj.weight',
  v: 'attn.v_proj.weight',
  o: 'attn.out_proj.weight',
};
const FUSED: PartNames = {
  qkv: 'self_attention.query_key_value.weight',
  o: 'self_attention.dense.weight',
};

const widthOf = (config: Fields): number => config.count('hidden_size', 'n_embd', 'd_model');
const headCount = (config: Fields): number =>
  config.count('num_attention_heads', 'n_head', 'n_heads', 'num_heads');
const innerOf = (config: Fields): number =>
  config.maybeCount('intermediate_size', 'n_inner', 'ffn_hidden_size', 'ffn_dim') ??
  4 * widthOf(config);
const positionsOf = (config: Fields): number =>
  config.count('max_position_embeddings', 'n_positions');

const inTransformer: Partial<DecoderParts> = { base: 'transformer', names: GPT_ENDS };

/**
 * GPT-2 stores the matrices of its layers inputs first; shapes here are outputs first, as everywhere.
 * GPTBigCode may have one head of keys for all.
 */
function gpt2(config: Fields): Variant {
  const multiQuery = config.flag('multi_query', false);
  return {
    heads: headCount(config),
    ...(multiQuery && { kv_heads: 1 }),
    bias: biases(true),
    fused: true,
    attention: GPT2_ATTENTION,
    intermediate: innerOf(config),
    mlp_bias: true,
    mlp: GPT2_MLP,
    norms: LN,
    decoder: {
      ...inTransformer,
      ends: end('wpe.weight', 'embedding', [positionsOf(config), widthOf(config)]),
    },
  };
}

const gptj =
  (fused: boolean) =>
  (config: Fields): Variant => ({
    heads: headCount(config),
    bias: biases(false),
    fused,
    attention: { ...SEPARATE, qkv: 'attn.qkv_proj.weight' },
    intermediate: innerOf(config),
    mlp_bias: true,
    mlp: FC,
    norms: ['ln_1.weight'],
    parallel: true,
    decoder: { ...inTransformer, head_bias: true },
  });

function gptNeo(config: Fields): Variant {
  const layers = attentionTypes(config);
  const window = config.count('window_size');
  return {
    heads: headCount(config),
    bias: biases(false, true),
    fused: false,
    attention: renamed(SEPARATE, 'attn.', 'attn.attention.'),
    intermediate: innerOf(config),
    mlp_bias: true,
    mlp: GPT2_MLP,
    norms: LN,
    windowAt: (index) => (layers[index % layers.length] === 'local' ? { window } : {}),
    decoder: {
      ...inTransformer,
      ends: end('wpe.weight', 'embedding', [positionsOf(config), widthOf(config)]),
    },
  };
}

/** `[[["global", "local"], 12]]`: the kinds of one period. */
function attentionTypes(config: Fields): readonly unknown[] {
  const [first] = config.list('attention_types') ?? [];
  const [period] = Array.isArray(first) ? first : [];
  return Array.isArray(period) && period.length > 0 ? period : ['global'];
}

function gptNeox(config: Fields): Variant {
  return {
    heads: headCount(config),
    bias: biases(config.flag('attention_bias', true)),
    fused: true,
    attention: { qkv: 'attention.query_key_value.weight', o: 'attention.dense.weight' },
    intermediate: innerOf(config),
    mlp_bias: true,
    mlp: H_TO_4H,
    norms: ['input_layernorm.weight', 'post_attention_layernorm.weight'],
    // Two norms all the same: attention and MLP each have their own.
    parallel: config.flag('use_parallel_residual', true),
    decoder: {
      base: 'gpt_neox',
      names: {
        embedding: 'embed_in.weight',
        layers: 'layers',
        norm: 'final_layer_norm.weight',
        head: 'embed_out.weight',
      },
    },
  };
}

/** Positions start at 2; OPT-350M has its norms behind and a narrower table. */
function opt(config: Fields): Variant {
  const hidden = widthOf(config);
  const width = config.maybeCount('word_embed_proj_dim') ?? hidden;
  const before = config.flag('do_layer_norm_before', true);
  const bias = config.flag('enable_bias', true);
  const projections: readonly End[] =
    width === hidden
      ? []
      : [
          ...end('decoder.project_out.weight', 'linear', [width, hidden]),
          ...end('decoder.project_in.weight', 'linear', [hidden, width]),
        ];
  const final = before && !config.flag('_remove_final_layer_norm', false);
  return {
    heads: headCount(config),
    bias: biases(bias),
    fused: false,
    attention: renamed(SEPARATE, 'attn.', 'self_attn.'),
    intermediate: config.count('ffn_dim'),
    mlp_bias: bias,
    mlp: { up: 'fc1.weight', down: 'fc2.weight' },
    norms: ['self_attn_layer_norm.weight', 'final_layer_norm.weight'],
    decoder: {
      base: 'model',
      embedding_width: width,
      names: {
        embedding: 'decoder.embed_tokens.weight',
        layers: 'decoder.layers',
        ...(final && { norm: 'decoder.final_layer_norm.weight' }),
        head: 'lm_head.weight',
      },
      ends: [
        ...end('decoder.embed_positions.weight', 'embedding', [positionsOf(config) + 2, hidden]),
        ...projections,
      ],
    },
  };
}

function bloom(config: Fields): Variant {
  return {
    heads: headCount(config),
    bias: biases(true),
    fused: true,
    attention: FUSED,
    intermediate: 4 * widthOf(config),
    mlp_bias: true,
    mlp: H_TO_4H,
    norms: ['input_layernorm.weight', 'post_attention_layernorm.weight'],
    decoder: {
      base: 'transformer',
      names: { ...GPT_ENDS, embedding: 'word_embeddings.weight' },
      ends: normEnd('word_embeddings_layernorm.weight', LAYER_NORM, widthOf(config)),
    },
  };
}

function mpt(config: Fields): Variant {
  const attention = config.inside('attn_config');
  const kv = attention.maybeCount('kv_n_heads');
  return {
    heads: headCount(config),
    ...(kv !== undefined && { kv_heads: kv }),
    bias: biases(!config.flag('no_bias', true)),
    fused: true,
    attention: { qkv: 'attn.Wqkv.weight', o: 'attn.out_proj.weight' },
    intermediate: Math.round(config.number('expansion_ratio', 4) * widthOf(config)),
    mlp_bias: !config.flag('no_bias', true),
    mlp: { up: 'ffn.up_proj.weight', down: 'ffn.down_proj.weight' },
    norm: LAYER_NORM_WITHOUT_BIAS,
    norms: ['norm_1.weight', 'norm_2.weight'],
    decoder: {
      base: 'transformer',
      names: { ...GPT_ENDS, layers: 'blocks', norm: 'norm_f.weight' },
    },
  };
}

/** Falcon 7B has one head of keys and one norm, 40B groups of heads and two norms. */
function falcon(config: Fields): Variant {
  const isNew = config.flag('new_decoder_architecture', false);
  const heads = headCount(config);
  const grouped = config.maybeCount('num_kv_heads', 'n_head_kv') ?? heads;
  const kv_heads = isNew ? grouped : config.flag('multi_query', true) ? 1 : heads;
  const parallel = isNew || config.flag('parallel_attn', true);
  const two = isNew && (config.maybeCount('num_ln_in_parallel_attn') ?? 2) === 2;
  const bias = config.flag('bias', false);
  const norms = two
    ? ['ln_attn.weight', 'ln_mlp.weight']
    : ['input_layernorm.weight', ...(parallel ? [] : ['post_attention_layernorm.weight'])];
  return {
    heads,
    kv_heads,
    bias: biases(bias),
    fused: true,
    attention: FUSED,
    intermediate: innerOf(config),
    mlp_bias: bias,
    mlp: H_TO_4H,
    norms,
    parallel,
    decoder: {
      base: 'transformer',
      names: { ...GPT_ENDS, embedding: 'word_embeddings.weight' },
    },
  };
}

function persimmon(config: Fields): Variant {
  const heads = headCount(config);
  const dim = Math.floor(widthOf(config) / heads);
  const norms = ['q', 'k'].flatMap((part) =>
    ['weight', 'bias'].map((of) => ({ name: `self_attn.${part}_layernorm.${of}`, shape: [dim] })),
  );
  return {
    heads,
    bias: biases(true),
    fused: true,
    attention: { qkv: 'self_attn.query_key_value.weight', o: 'self_attn.dense.weight' },
    intermediate: innerOf(config),
    mlp_bias: true,
    mlp: H_TO_4H,
    norms: ['input_layernorm.weight', 'post_attention_layernorm.weight'],
    ...(config.flag('qk_layernorm', true) && { extra: norms }),
    decoder: { names: { ...LLAMA_ENDS, norm: 'final_layernorm.weight' } },
  };
}

const VARIANTS: ReadonlyMap<string, (config: Fields) => Variant> = new Map([
  ['gpt2', gpt2],
  ['gpt_bigcode', gpt2],
  ['gptj', gptj(false)],
  ['codegen', gptj(true)],
  ['gpt_neo', gptNeo],
  ['gpt_neox', gptNeox],
  ['opt', opt],
  ['bloom', bloom],
  ['mpt', mpt],
  ['falcon', falcon],
  ['RefinedWeb', falcon],
  ['RefinedWebModel', falcon],
  ['persimmon', persimmon],
]);

/** Decoders of the years before Llama: layer norms, plain MLPs, mostly fused projections. */
export const gptLike: Family = {
  id: 'gpt-like',
  types: [...VARIANTS.keys()],
  sources: ['transformers@4.57.1:models/*/modeling_*.py of each type'],
  read(config, context: Context) {
    const variant = (VARIANTS.get(context.type) ?? gpt2)(config);
    const common = commonParts(config);
    const { heads, norm = LAYER_NORM, extra } = variant;
    return decoder(context, {
      ...common,
      norm,
      at: (index) =>
        layer({
          mixers: [
            [
              {
                kind: 'softmax',
                heads,
                kv_heads: variant.kv_heads ?? heads,
                head_dim: Math.max(1, Math.floor(common.hidden / heads)),
                ...variant.windowAt?.(index),
                bias: variant.bias,
                fused_qkv: variant.fused,
              },
              variant.attention,
            ],
          ],
          mlp: [
            plainMlp(variant.intermediate, activationOf(config, 'gelu'), variant.mlp_bias),
            variant.mlp,
          ],
          norm,
          norms: variant.norms,
          parallel: variant.parallel ?? false,
          ...(extra !== undefined && { extra }),
        }),
      ...variant.decoder,
    });
  },
};
