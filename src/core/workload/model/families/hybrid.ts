import type { Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type {
  DeltaAttention,
  Layer,
  Mixer,
  MixtureMlp,
  Mlp,
  PartNames,
  SoftmaxAttention,
  StateSpace,
} from '../model.ts';
import {
  ATTENTION,
  activationOf,
  attentionOf,
  biases,
  commonParts,
  type DecoderParts,
  decoder,
  EXPERTS,
  gatedMlp,
  headsOf,
  LLAMA_ENDS,
  layer,
  MLP,
  type Named,
  RMS,
  renamed,
  TWO_NORMS,
} from '../parts.ts';

const MAMBA: PartNames = {
  in: 'mamba.in_proj.weight',
  conv: 'mamba.conv1d.weight',
  x: 'mamba.x_proj.weight',
  dt: 'mamba.dt_proj.weight',
  dt_bias: 'mamba.dt_bias',
  dt_norm: 'mamba.dt_layernorm.weight',
  b_norm: 'mamba.b_layernorm.weight',
  c_norm: 'mamba.c_layernorm.weight',
  a: 'mamba.A_log',
  d: 'mamba.D',
  norm: 'mamba.norm.weight',
  out: 'mamba.out_proj.weight',
};
const FEED_FORWARD = renamed(MLP, 'mlp.', 'feed_forward.');
const PRE_FF: readonly string[] = ['input_layernorm.weight', 'pre_ff_layernorm.weight'];
const FINAL_NORM: DecoderParts['names'] = { ...LLAMA_ENDS, norm: 'final_layernorm.weight' };

/** What of a decoder depends on the type. */
type Parts = Pick<DecoderParts, 'at'> & Partial<DecoderParts>;

function experts(config: Fields, over: Partial<MixtureMlp> = {}): MixtureMlp {
  return {
    kind: 'mixture',
    experts: over.experts ?? config.count('num_experts', 'num_local_experts'),
    experts_per_token: config.maybeCount('num_experts_per_tok') ?? 1,
    intermediate: config.count('moe_intermediate_size', 'intermediate_size'),
    gated: true,
    bias: false,
    activation: activationOf(config),
    router_bias: false,
    ...over,
  };
}

const dense = (config: Fields, bias = false): Mlp =>
  gatedMlp(config.count('intermediate_size'), activationOf(config), bias);

function mamba2(config: Fields, norm: boolean): StateSpace {
  const hidden = config.count('hidden_size');
  const inner =
    config.maybeCount('mamba_d_ssm') ?? Math.round(config.number('mamba_expand', 2) * hidden);
  return {
    kind: 'mamba2',
    inner,
    state: config.count('mamba_d_state'),
    conv: config.count('mamba_d_conv'),
    heads: config.count('mamba_n_heads', 'n_mamba_heads'),
    groups: config.count('mamba_n_groups', 'mamba_ngroups'),
    dt_rank: 1,
    conv_bias: config.flag('mamba_conv_bias', config.flag('use_conv_bias', true)),
    bias: config.flag('mamba_proj_bias', false),
    norm,
  };
}

/** Mamba 1 in most layers, attention in every eighth, experts in every second. */
function jamba(config: Fields): Parts {
  const hidden = config.count('hidden_size');
  const rank =
    config.get('mamba_dt_rank') === 'auto' ? undefined : config.maybeCount('mamba_dt_rank');
  const mixer: StateSpace = {
    kind: 'mamba1',
    inner: config.count('mamba_expand') * hidden,
    state: config.count('mamba_d_state'),
    conv: config.count('mamba_d_conv'),
    heads: 1,
    groups: 1,
    dt_rank: rank ?? Math.ceil(hidden / 16),
    conv_bias: config.flag('mamba_conv_bias', true),
    bias: config.flag('mamba_proj_bias', false),
    norm: true,
  };
  const isAttention = everyNth(config, 'attn_layer');
  const isSparse = everyNth(config, 'expert_layer');
  const sparse: Named<Mlp> = [
    experts(config),
    { ...renamed(EXPERTS, 'mlp.', 'feed_forward.'), router: 'feed_forward.router.weight' },
  ];
  const many = config.count('num_experts') > 1;
  return {
    names: FINAL_NORM,
    at: (index) =>
      layer({
        mixers: [isAttention(index) ? [attentionOf(config, index), ATTENTION] : [mixer, MAMBA]],
        mlp: many && isSparse(index) ? sparse : [dense(config), FEED_FORWARD],
        norm: RMS,
        norms: PRE_FF,
      }),
  };
}

function everyNth(config: Fields, name: string): (index: number) => boolean {
  const period = config.count(`${name}_period`);
  const offset = config.countOrZero(`${name}_offset`) ?? 0;
  return (index) => index % period === offset;
}

/** Mamba 2 and attention side by side in each layer. */
function falconH1(config: Fields): Parts {
  const mixer = mamba2(config, config.flag('mamba_rms_norm', false));
  const bias = config.flag('attention_bias', false);
  return {
    names: FINAL_NORM,
    at: (index) =>
      layer({
        mixers: [
          [mixer, MAMBA],
          [attentionOf(config, index, { bias: biases(bias) }), ATTENTION],
        ],
        mlp: [dense(config, config.flag('mlp_bias', false)), FEED_FORWARD],
        norm: RMS,
        norms: PRE_FF,
      }),
  };
}

function bamba(config: Fields): Parts {
  const mixer = mamba2(config, true);
  const indices = new Set(config.list('attn_layer_indices') ?? []);
  const attention = { bias: biases(config.flag('attention_bias', false)) };
  return {
    names: FINAL_NORM,
    at: (index) =>
      layer({
        mixers: [
          indices.has(index) ? [attentionOf(config, index, attention), ATTENTION] : [mixer, MAMBA],
        ],
        mlp: [dense(config, config.flag('mlp_bias', false)), FEED_FORWARD],
        norm: RMS,
        norms: PRE_FF,
      }),
  };
}

/** Granite 4: Mamba 2 or attention by layer, a shared MLP, experts where there are any. */
function graniteHybrid(config: Fields): Parts {
  const mixer = mamba2(config, true);
  const types = config.list('layer_types', 'layers_block_type') ?? [];
  const attention = { bias: biases(config.flag('attention_bias', false)) };
  const width = config.count('shared_intermediate_size');
  const number = config.countOrZero('num_local_experts') ?? 0;
  const sharedMlp: Mlp = { ...gatedMlp(width, activationOf(config), false), fused: true };
  const names: PartNames = {
    gate_up: 'shared_mlp.input_linear.weight',
    down: 'shared_mlp.output_linear.weight',
  };
  const expertNames: PartNames = {
    router: 'block_sparse_moe.router.layer.weight',
    gate_up: 'block_sparse_moe.input_linear.weight',
    down: 'block_sparse_moe.output_linear.weight',
    shared_gate_up: 'shared_mlp.input_linear.weight',
    shared_down: 'shared_mlp.output_linear.weight',
  };
  const mlp: Named<Mlp> =
    number > 0
      ? [
          experts(config, { shared: { intermediate: width, gate: false, fused: true } }),
          expertNames,
        ]
      : [sharedMlp, names];
  return {
    at: (index) =>
      layer({
        mixers: [
          types[index] === 'attention'
            ? [attentionOf(config, index, attention), ATTENTION]
            : [mixer, MAMBA],
        ],
        mlp,
        norm: RMS,
        norms: TWO_NORMS,
      }),
  };
}

const DELTA: PartNames = {
  in: 'linear_attn.in_proj_qkvz.weight',
  ba: 'linear_attn.in_proj_ba.weight',
  conv: 'linear_attn.conv1d.weight',
  dt_bias: 'linear_attn.dt_bias',
  a: 'linear_attn.A_log',
  norm: 'linear_attn.norm.weight',
  out: 'linear_attn.out_proj.weight',
};
const QWEN_EXPERTS: PartNames = {
  ...renamed(EXPERTS, 'shared_experts', 'shared_expert'),
  shared_router: 'mlp.shared_expert_gate.weight',
};

/** Qwen 3.5 has the two fused projections as four. */
const DELTA_IN_PARTS: PartNames = {
  ...DELTA,
  in: 'linear_attn.in_proj_qkv.weight',
  z: 'linear_attn.in_proj_z.weight',
  ba: 'linear_attn.in_proj_b.weight',
  g: 'linear_attn.in_proj_a.weight',
};

const QWEN35_EXPERTS: PartNames = {
  ...QWEN_EXPERTS,
  gate_up: 'mlp.experts.gate_up_proj',
  down: 'mlp.experts.down_proj',
};

/** Gated delta rule in three of four layers, gated attention in the fourth (Qwen3-Next, Qwen 3.5). */
function qwenNext(config: Fields, type: string): Parts {
  const names = type === 'qwen3_next' ? DELTA : DELTA_IN_PARTS;
  const delta: DeltaAttention = {
    kind: 'delta',
    key_heads: config.count('linear_num_key_heads'),
    value_heads: config.count('linear_num_value_heads'),
    key_dim: config.count('linear_key_head_dim'),
    value_dim: config.count('linear_value_head_dim'),
    conv: config.count('linear_conv_kernel_dim'),
  };
  const types = config.list('layer_types');
  const every = config.maybeCount('full_attention_interval') ?? 4;
  const isFull = (index: number): boolean =>
    types === undefined ? (index + 1) % every === 0 : types[index] === 'full_attention';
  const attention: Partial<SoftmaxAttention> = {
    bias: biases(config.flag('attention_bias', false)),
    qk_norm: 'head',
    output_gate: true,
  };
  const many = (config.countOrZero('num_experts') ?? 0) > 0;
  const shared = config.countOrZero('shared_expert_intermediate_size') ?? 0;
  const sparse = many
    ? experts(config, shared > 0 ? { shared: { intermediate: shared, gate: true } } : {})
    : undefined;
  const only = new Set(config.list('mlp_only_layers') ?? []);
  const step = config.maybeCount('decoder_sparse_step') ?? 1;
  const mlpAt = (index: number): Named<Mlp> =>
    sparse === undefined || only.has(index) || (index + 1) % step !== 0
      ? [dense(config), MLP]
      : [sparse, type === 'qwen3_next' ? QWEN_EXPERTS : QWEN35_EXPERTS];
  return {
    at: (index) =>
      layer({
        mixers: [
          isFull(index) ? [attentionOf(config, index, attention), ATTENTION] : [delta, names],
        ],
        mlp: mlpAt(index),
        norm: RMS,
        norms: TWO_NORMS,
      }),
  };
}

/** Griffin: two recurrent layers, then one of local attention; the MLP's width counts both inputs. */
function recurrentGemma(config: Fields): Parts {
  const { heads } = headsOf(config);
  const hidden = config.count('hidden_size');
  const recurrent: Mixer = {
    kind: 'recurrent',
    width: config.maybeCount('lru_width') ?? hidden,
    conv: config.count('conv1d_width'),
    heads,
  };
  const types = config.list('block_types', '_block_types') ?? ['recurrent'];
  const window = config.maybeCount('attention_window_size');
  const attention: Partial<SoftmaxAttention> = {
    bias: biases(config.flag('attention_bias', false), true),
    ...(window !== undefined && { window }),
  };
  const names: PartNames = {
    in: 'temporal_block.linear_x.weight',
    in_gate: 'temporal_block.linear_y.weight',
    out: 'temporal_block.linear_out.weight',
    conv: 'temporal_block.conv_1d.weight',
    a: 'temporal_block.rg_lru.recurrent_param',
    input_gate: 'temporal_block.rg_lru.input_gate_weight',
    recurrent_gate: 'temporal_block.rg_lru.recurrent_gate_weight',
  };
  const mlp = gatedMlp(
    Math.max(1, Math.floor(config.count('intermediate_size') / 2)),
    activationOf(config),
    true,
  );
  return {
    names: { ...LLAMA_ENDS, norm: 'final_norm.weight' },
    at: (index) =>
      layer({
        mixers: [
          types[index % types.length] === 'attention'
            ? [
                attentionOf(config, index, attention),
                renamed(ATTENTION, 'self_attn', 'temporal_block'),
              ]
            : [recurrent, names],
        ],
        mlp: [mlp, renamed(MLP, 'mlp.', 'mlp_block.')],
        norm: RMS,
        norms: ['temporal_pre_norm.weight', 'channel_pre_norm.weight'],
      }),
  };
}

/** Gated short convolutions between layers of grouped attention. */
function lfm2(config: Fields, type: string): Parts {
  const hidden = config.count('hidden_size');
  const conv: Mixer = {
    kind: 'short-conv',
    width: hidden,
    conv: config.count('conv_L_cache'),
    bias: config.flag('conv_bias', false),
  };
  const types = config.list('layer_types');
  const full = new Set(config.list('full_attn_idxs') ?? []);
  const isFull = (index: number): boolean =>
    types === undefined ? full.has(index) : types[index] === 'full_attention';
  const w: PartNames = {
    gate: 'feed_forward.w1.weight',
    up: 'feed_forward.w3.weight',
    down: 'feed_forward.w2.weight',
  };
  const attention = renamed(
    renamed(renamed(ATTENTION, 'o_proj', 'out_proj'), 'q_norm', 'q_layernorm'),
    'k_norm',
    'k_layernorm',
  );
  const first = config.countOrZero('num_dense_layers') ?? 0;
  const wide = gatedMlp(lfm2Width(config), activationOf(config), false);
  const mlpAt = (index: number): Named<Mlp> =>
    type === 'lfm2_moe' && index >= first
      ? [
          experts(config, { router_bias: config.flag('use_expert_bias', true) }),
          {
            router: 'feed_forward.gate.weight',
            router_bias: 'feed_forward.expert_bias',
            gate: 'feed_forward.experts.{e}.w1.weight',
            up: 'feed_forward.experts.{e}.w3.weight',
            down: 'feed_forward.experts.{e}.w2.weight',
          },
        ]
      : [wide, w];
  return {
    tied: config.flag('tie_word_embeddings', config.flag('tie_embedding', true)),
    names: { ...LLAMA_ENDS, norm: 'embedding_norm.weight' },
    at: (index): Layer =>
      layer({
        mixers: [
          isFull(index)
            ? [attentionOf(config, index, { qk_norm: 'head' }), attention]
            : [
                conv,
                {
                  in: 'conv.in_proj.weight',
                  conv: 'conv.conv.weight',
                  out: 'conv.out_proj.weight',
                },
              ],
        ],
        mlp: mlpAt(index),
        norm: RMS,
        norms: ['operator_norm.weight', 'ffn_norm.weight'],
      }),
  };
}

/** Two thirds of the width, scaled and rounded up, unless the config says that it is final. */
function lfm2Width(config: Fields): number {
  const width = config.count('intermediate_size', 'block_ff_dim');
  if (!config.flag('block_auto_adjust_ff_dim', false)) return width;
  const scaled = Math.floor(
    config.number('block_ffn_dim_multiplier', 1) * Math.floor((2 * width) / 3),
  );
  const multiple = config.maybeCount('block_multiple_of') ?? 1;
  return multiple * Math.ceil(scaled / multiple);
}

const READERS: ReadonlyMap<string, (config: Fields, type: string) => Parts> = new Map<
  string,
  (config: Fields, type: string) => Parts
>([
  ['jamba', jamba],
  ['falcon_h1', falconH1],
  ['bamba', bamba],
  ['granitemoehybrid', graniteHybrid],
  ['qwen3_next', qwenNext],
  ['qwen3_5_text', qwenNext],
  ['qwen3_5_moe_text', qwenNext],
  ['recurrent_gemma', recurrentGemma],
  ['lfm2', lfm2],
  ['lfm2_moe', lfm2],
]);

/** Decoders that mix attention with state spaces, linear attention, recurrences or convolutions. */
export const hybrid: Family = {
  id: 'hybrid',
  types: [...READERS.keys()],
  sources: [
    'transformers@4.57.1:models/*/modeling_*.py of each type',
    'transformers@5.24.0:models/qwen3_5/modeling_qwen3_5.py',
  ],
  read(config, context) {
    const parts = (READERS.get(context.type) ?? jamba)(config, context.type);
    return decoder(context, { ...commonParts(config), norm: RMS, ...parts });
  },
};
