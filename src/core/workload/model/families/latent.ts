import type { Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type { LatentAttention, Layer, MixtureMlp, Mlp, PartNames } from '../model.ts';
import {
  activationOf,
  commonParts,
  decoder,
  EXPERTS,
  gatedMlp,
  layer,
  MLP,
  type Named,
  RMS,
  TWO_NORMS,
} from '../parts.ts';

const NAMES: PartNames = {
  q: 'self_attn.q_proj.weight',
  q_down: 'self_attn.q_a_proj.weight',
  q_down_norm: 'self_attn.q_a_layernorm.weight',
  q_up: 'self_attn.q_b_proj.weight',
  kv_down: 'self_attn.kv_a_proj_with_mqa.weight',
  kv_down_norm: 'self_attn.kv_a_layernorm.weight',
  kv_up: 'self_attn.kv_b_proj.weight',
  o: 'self_attn.o_proj.weight',
};

function attention(config: Fields): LatentAttention {
  const rank = config.maybeCount('q_lora_rank');
  return {
    kind: 'latent',
    heads: config.count('num_attention_heads'),
    ...(rank !== undefined && { q_rank: rank }),
    kv_rank: config.count('kv_lora_rank'),
    rope_dim: config.count('qk_rope_head_dim'),
    nope_dim: config.count('qk_nope_head_dim'),
    value_dim: config.count('v_head_dim'),
    bias: config.flag('attention_bias', false),
  };
}

function experts(config: Fields, router_bias: boolean): MixtureMlp {
  const width = config.count('moe_intermediate_size');
  const shared = (config.countOrZero('n_shared_experts', 'num_shared_experts') ?? 0) * width;
  return {
    kind: 'mixture',
    experts: config.count('n_routed_experts', 'num_experts'),
    experts_per_token: config.maybeCount('num_experts_per_tok') ?? 1,
    intermediate: width,
    gated: true,
    bias: false,
    activation: activationOf(config),
    router_bias,
    ...(shared > 0 && { shared: { intermediate: shared, gate: false } }),
  };
}

/**
 * Scores of experts are corrected by a bias where the router takes them without an auxiliary loss
 * (`noaux_tc`), as all of these types do but DeepSeek V2.
 */
const WITHOUT_CORRECTION: ReadonlySet<string> = new Set(['deepseek_v2', 'minicpm3']);

/** The small attention that picks the tokens to attend to (DeepSeek V3.2, GLM 5). */
function indexer(config: Fields): NonNullable<Layer['extra']> {
  const heads = config.maybeCount('index_n_heads');
  if (heads === undefined) return [];
  const dim = config.count('index_head_dim');
  const hidden = config.count('hidden_size');
  const module = 'self_attn.indexer';
  return [
    { name: `${module}.wq_b.weight`, shape: [heads * dim, config.count('q_lora_rank')] },
    { name: `${module}.wk.weight`, shape: [dim, hidden] },
    { name: `${module}.k_norm.weight`, shape: [dim] },
    { name: `${module}.k_norm.bias`, shape: [dim] },
    { name: `${module}.weights_proj.weight`, shape: [heads, hidden] },
  ];
}

/** DeepSeek V2 and V3 and what took their attention over; MiniCPM3 has it without experts. */
export const latent: Family = {
  id: 'latent',
  types: [
    'deepseek_v2',
    'deepseek_v3',
    'deepseek_v32',
    'kimi_k2',
    'glm4_moe_lite',
    'glm_moe_dsa',
    'minicpm3',
  ],
  sources: [
    'transformers@4.57.1:models/deepseek_v2/modeling_deepseek_v2.py',
    'transformers@4.57.1:models/deepseek_v3/modeling_deepseek_v3.py',
    'transformers@5.24.0:models/glm4_moe_lite/modeling_glm4_moe_lite.py',
    'transformers@5.24.0:models/deepseek_v32/modeling_deepseek_v32.py',
  ],
  read(config, context) {
    const mixer = attention(config);
    const first = config.countOrZero('first_k_dense_replace') ?? 0;
    const every = config.maybeCount('moe_layer_freq') ?? 1;
    const isDense = context.type === 'minicpm3';
    const corrected = !WITHOUT_CORRECTION.has(context.type);
    const mlpAt = (index: number): Named<Mlp> =>
      isDense || index < first || index % every !== 0
        ? [gatedMlp(config.count('intermediate_size'), activationOf(config), false), MLP]
        : [experts(config, corrected), EXPERTS];
    const extra = indexer(config);
    return decoder(context, {
      ...commonParts(config),
      norm: RMS,
      at: (index) =>
        layer({ mixers: [[mixer, NAMES]], mlp: mlpAt(index), norm: RMS, norms: TWO_NORMS, extra }),
    });
  },
};
