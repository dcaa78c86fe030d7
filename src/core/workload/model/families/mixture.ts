import type { Context, Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type { MixtureMlp, Mlp, Norm, PartNames, SoftmaxAttention } from '../model.ts';
import {
  ATTENTION,
  activationOf,
  attentionOf,
  biases,
  commonParts,
  decoder,
  EXPERTS,
  gatedMlp,
  LAYER_NORM,
  layer,
  MLP,
  type Named,
  RMS,
  renamed,
  TWO_NORMS,
} from '../parts.ts';

/** What stands in a layer, by type. */
interface Variant {
  readonly attention: Partial<SoftmaxAttention>;
  readonly names?: PartNames;
  readonly norm?: Norm;
  readonly norms?: readonly string[];
  readonly head_bias?: boolean;
  readonly mlp: (index: number) => Named<Mlp>;
}

const MIXTRAL: PartNames = {
  router: 'block_sparse_moe.gate.weight',
  router_bias: 'block_sparse_moe.e_score_correction_bias',
  gate: 'block_sparse_moe.experts.{e}.w1.weight',
  down: 'block_sparse_moe.experts.{e}.w2.weight',
  up: 'block_sparse_moe.experts.{e}.w3.weight',
};
const GRANITE: PartNames = {
  router: 'block_sparse_moe.router.layer.weight',
  gate_up: 'block_sparse_moe.input_linear.weight',
  down: 'block_sparse_moe.output_linear.weight',
  shared_gate_up: 'shared_mlp.input_linear.weight',
  shared_down: 'shared_mlp.output_linear.weight',
};
const FUSED_EXPERTS: PartNames = {
  router: 'mlp.gate.weight',
  gate_up: 'mlp.experts.gate_up_proj',
  down: 'mlp.experts.down_proj',
};
const GPT_OSS: PartNames = {
  router: 'mlp.router.weight',
  router_bias: 'mlp.router.bias',
  gate_up: 'mlp.experts.gate_up_proj',
  down: 'mlp.experts.down_proj',
};
const QWEN: PartNames = {
  ...renamed(EXPERTS, 'shared_experts', 'shared_expert'),
  shared_router: 'mlp.shared_expert_gate.weight',
};
const LLAMA4: PartNames = {
  router: 'feed_forward.router.weight',
  gate_up: 'feed_forward.experts.gate_up_proj',
  down: 'feed_forward.experts.down_proj',
  shared_gate: 'feed_forward.shared_expert.gate_proj.weight',
  shared_up: 'feed_forward.shared_expert.up_proj.weight',
  shared_down: 'feed_forward.shared_expert.down_proj.weight',
};
const HUNYUAN: PartNames = {
  ...renamed(EXPERTS, 'shared_experts', 'shared_mlp'),
  router: 'mlp.gate.wg.weight',
};

function experts(config: Fields, over: Partial<MixtureMlp> = {}): MixtureMlp {
  return {
    kind: 'mixture',
    experts: over.experts ?? config.count('num_experts', 'num_local_experts', 'n_routed_experts'),
    experts_per_token: config.maybeCount('num_experts_per_tok', 'num_experts_per_token') ?? 1,
    intermediate: over.intermediate ?? config.count('moe_intermediate_size', 'intermediate_size'),
    gated: true,
    bias: false,
    activation: activationOf(config),
    router_bias: false,
    ...over,
  };
}

const dense = (config: Fields): Named<Mlp> => [
  gatedMlp(config.count('intermediate_size'), activationOf(config), false),
  MLP,
];

const attentionBias = (config: Fields): SoftmaxAttention['bias'] =>
  biases(config.flag('attention_bias', false));

const everyLayer =
  (mlp: Named<Mlp>): Variant['mlp'] =>
  () =>
    mlp;

/** Dense layers first, or between those with experts (`decoder_sparse_step`, `mlp_only_layers`). */
function sparseSteps(config: Fields, mlp: Named<Mlp>): Variant['mlp'] {
  const step = config.maybeCount('decoder_sparse_step') ?? 1;
  const only = new Set(config.list('mlp_only_layers') ?? []);
  const first = config.countOrZero('first_k_dense_replace') ?? 0;
  return (index) =>
    index < first || only.has(index) || (index + 1) % step !== 0 ? dense(config) : mlp;
}

/** Shared experts: their width as it stands, or as a multiple of one expert's. */
function sharedOf(config: Fields, gate: boolean): Pick<MixtureMlp, 'shared'> {
  const width = config.countOrZero('shared_expert_intermediate_size');
  const number = config.countOrZero('n_shared_experts', 'num_shared_experts', 'num_shared_expert');
  const intermediate =
    width ?? (number ?? 0) * config.count('moe_intermediate_size', 'intermediate_size');
  return intermediate > 0 ? { shared: { intermediate, gate } } : {};
}

const mixtral = (config: Fields): Variant => ({
  attention: {},
  mlp: everyLayer([experts(config), MIXTRAL]),
});

function qwen2Moe(config: Fields): Variant {
  const mlp = experts(config, sharedOf(config, true));
  return { attention: { bias: biases(true, false) }, mlp: sparseSteps(config, [mlp, QWEN]) };
}

const qwen3Moe = (config: Fields): Variant => ({
  attention: { bias: attentionBias(config), qk_norm: 'head' },
  mlp: sparseSteps(config, [experts(config), EXPERTS]),
});

const olmoe = (config: Fields): Variant => ({
  attention: { bias: attentionBias(config), qk_norm: 'projection' },
  mlp: everyLayer([experts(config), EXPERTS]),
});

function graniteMoe(config: Fields): Variant {
  const width = config.countOrZero('shared_intermediate_size') ?? 0;
  const shared = width > 0 ? { shared: { intermediate: width, gate: false, fused: true } } : {};
  return {
    attention: { bias: attentionBias(config) },
    mlp: everyLayer([experts(config, shared), GRANITE]),
  };
}

function phimoe(config: Fields): Variant {
  return {
    attention: { bias: attentionBias(config) },
    norm: LAYER_NORM,
    head_bias: config.flag('lm_head_bias', false),
    mlp: everyLayer([experts(config), MIXTRAL]),
  };
}

const gptOss = (config: Fields): Variant => ({
  attention: { bias: biases(config.flag('attention_bias', true)), sinks: true },
  mlp: everyLayer([experts(config, { bias: true, router_bias: true }), GPT_OSS]),
});

/** Experts in every nth layer; in the others an MLP of its own width. */
function llama4(config: Fields): Variant {
  const step = config.maybeCount('interleave_moe_layer_step') ?? 1;
  const listed = config.list('moe_layers');
  const width = config.count('intermediate_size');
  const sparse = experts(config, {
    intermediate: width,
    shared: { intermediate: width, gate: false },
  });
  const wide = gatedMlp(
    config.maybeCount('intermediate_size_mlp') ?? width,
    activationOf(config),
    false,
  );
  const isSparse = (index: number): boolean =>
    listed === undefined ? (index + 1) % step === 0 : listed.includes(index);
  return {
    attention: { bias: attentionBias(config) },
    mlp: (index) =>
      isSparse(index) ? [sparse, LLAMA4] : [wide, renamed(MLP, 'mlp.', 'feed_forward.')],
  };
}

function glm4Moe(config: Fields): Variant {
  const mlp = experts(config, { ...sharedOf(config, false), router_bias: true });
  return {
    attention: {
      bias: biases(config.flag('attention_bias', false), false),
      ...(config.flag('use_qk_norm', false) && { qk_norm: 'head' }),
    },
    mlp: sparseSteps(config, [mlp, EXPERTS]),
  };
}

function dots1(config: Fields): Variant {
  const mlp = experts(config, { ...sharedOf(config, false), router_bias: true });
  return {
    attention: { bias: attentionBias(config), qk_norm: 'head' },
    mlp: sparseSteps(config, [mlp, EXPERTS]),
  };
}

function ernie(config: Fields): Variant {
  const bias = config.flag('use_bias', false);
  const width = config.count('moe_intermediate_size');
  const shared = (config.countOrZero('moe_num_shared_experts') ?? 0) * width;
  const mlp = experts(config, {
    experts: config.count('moe_num_experts'),
    experts_per_token: config.count('moe_k'),
    router_bias: true,
    ...(shared > 0 && { shared: { intermediate: shared, gate: false } }),
  });
  const names = { ...EXPERTS, router_bias: 'mlp.moe_statics.e_score_correction_bias' };
  const from = config.countOrZero('moe_layer_start_index') ?? 0;
  const last = config.get('moe_layer_end_index');
  const to = typeof last === 'number' && last >= 0 ? last : Number.POSITIVE_INFINITY;
  const every = config.maybeCount('moe_layer_interval') ?? 1;
  return {
    attention: { bias: biases(bias) },
    mlp: (index) =>
      index >= from && index <= to && (index + 1) % every === 0
        ? [mlp, names]
        : [gatedMlp(config.count('intermediate_size'), activationOf(config), bias), MLP],
  };
}

function hunyuan(config: Fields): Variant {
  const width = config.maybeCount('moe_intermediate_size') ?? config.count('intermediate_size');
  const number = firstOf(config, 'num_shared_expert') ?? 1;
  const mlp = experts(config, {
    experts_per_token: firstOf(config, 'moe_topk') ?? 1,
    intermediate: firstOf(config, 'moe_intermediate_size') ?? width,
    shared: { intermediate: number * config.count('intermediate_size'), gate: false },
  });
  return {
    attention: { bias: attentionBias(config), qk_norm: 'head' },
    names: renamed(renamed(ATTENTION, 'q_norm', 'query_layernorm'), 'k_norm', 'key_layernorm'),
    mlp: everyLayer([mlp, HUNYUAN]),
  };
}

/** A field that is a number, or a list of one a layer that are all alike. */
function firstOf(config: Fields, name: string): number | undefined {
  const [first] = config.list(name) ?? [config.get(name)];
  return typeof first === 'number' && Number.isInteger(first) && first > 0 ? first : undefined;
}

function minimaxM2(config: Fields): Variant {
  const router_bias = config.flag('use_routing_bias', true);
  return {
    attention: { ...(config.flag('use_qk_norm', true) && { qk_norm: 'projection' }) },
    mlp: everyLayer([experts(config, { router_bias }), MIXTRAL]),
  };
}

const VARIANTS: ReadonlyMap<string, (config: Fields) => Variant> = new Map([
  ['mixtral', mixtral],
  ['qwen2_moe', qwen2Moe],
  ['qwen3_moe', qwen3Moe],
  [
    'qwen3_vl_moe_text',
    (config: Fields): Variant => ({
      ...qwen3Moe(config),
      mlp: sparseSteps(config, [experts(config), FUSED_EXPERTS]),
    }),
  ],
  ['olmoe', olmoe],
  [
    'flex_olmo',
    (config: Fields): Variant => ({
      ...olmoe(config),
      norms: ['post_attention_layernorm.weight', 'post_feedforward_layernorm.weight'],
    }),
  ],
  ['granitemoe', graniteMoe],
  ['granitemoeshared', graniteMoe],
  ['phimoe', phimoe],
  ['gpt_oss', gptOss],
  ['llama4_text', llama4],
  ['glm4_moe', glm4Moe],
  ['glm4v_moe_text', glm4Moe],
  ['dots1', dots1],
  ['ernie4_5_moe', ernie],
  ['hunyuan_v1_moe', hunyuan],
  ['minimax_m2', minimaxM2],
]);

/** Decoders with routed experts and softmax attention. */
export const mixture: Family = {
  id: 'mixture',
  types: [...VARIANTS.keys()],
  sources: ['transformers@4.57.1:models/*/modeling_*.py of each type'],
  read(config, context: Context) {
    const variant = (VARIANTS.get(context.type) ?? qwen3Moe)(config);
    const { norm = RMS } = variant;
    return decoder(context, {
      ...commonParts(config),
      norm,
      head_bias: variant.head_bias ?? false,
      at: (index) =>
        layer({
          mixers: [[attentionOf(config, index, variant.attention), variant.names ?? ATTENTION]],
          mlp: variant.mlp(index),
          norm,
          norms: variant.norms ?? TWO_NORMS,
        }),
    });
  },
};
