import type { Context, Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type { Mlp, PartNames, SoftmaxAttention } from '../model.ts';
import {
  activationOf,
  biases,
  commonParts,
  type DecoderParts,
  decoder,
  gatedMlp,
  headsOf,
  LLAMA_ENDS,
  layer,
  MLP,
  RMS,
  TWO_NORMS,
} from '../parts.ts';

interface Variant {
  readonly attention: Pick<SoftmaxAttention, 'heads' | 'kv_heads' | 'head_dim' | 'bias'>;
  readonly fused: boolean;
  readonly names: PartNames;
  readonly mlp: Mlp;
  readonly mlp_names: PartNames;
  readonly norms: readonly string[];
  readonly decoder: Partial<DecoderParts>;
}

/** Qwen 1: the config counts both inputs of the MLP. */
function qwen(config: Fields): Variant {
  const width = Math.floor(config.count('intermediate_size') / 2);
  return {
    attention: { ...headsOf(config), bias: biases(true, false) },
    fused: true,
    names: { qkv: 'attn.c_attn.weight', o: 'attn.c_proj.weight' },
    mlp: gatedMlp(Math.max(1, width), 'silu', !config.flag('no_bias', true)),
    mlp_names: { gate: 'mlp.w2.weight', up: 'mlp.w1.weight', down: 'mlp.c_proj.weight' },
    norms: ['ln_1.weight', 'ln_2.weight'],
    decoder: {
      base: 'transformer',
      names: { embedding: 'wte.weight', layers: 'h', norm: 'ln_f.weight', head: 'lm_head.weight' },
    },
  };
}

function baichuan(config: Fields): Variant {
  return {
    attention: { ...headsOf(config), bias: biases(false) },
    fused: true,
    names: { qkv: 'self_attn.W_pack.weight', o: 'self_attn.o_proj.weight' },
    mlp: gatedMlp(config.count('intermediate_size'), activationOf(config), false),
    mlp_names: MLP,
    norms: TWO_NORMS,
    decoder: { names: LLAMA_ENDS },
  };
}

/** ChatGLM 2, 3 and GLM-4 9B in its first form. */
function chatglm(config: Fields): Variant {
  const heads = config.count('num_attention_heads');
  const isMultiQuery = config.flag('multi_query_attention', false);
  const bias = config.flag('add_bias_linear', false);
  const qkvBias = config.flag('add_qkv_bias', false) || bias;
  return {
    attention: {
      heads,
      kv_heads: isMultiQuery ? config.count('multi_query_group_num') : heads,
      head_dim:
        config.maybeCount('kv_channels') ??
        Math.max(1, Math.floor(config.count('hidden_size') / heads)),
      bias: biases(qkvBias, bias),
    },
    fused: true,
    names: {
      qkv: 'self_attention.query_key_value.weight',
      o: 'self_attention.dense.weight',
    },
    mlp: { ...gatedMlp(config.count('ffn_hidden_size'), 'silu', bias), fused: true },
    mlp_names: { gate_up: 'mlp.dense_h_to_4h.weight', down: 'mlp.dense_4h_to_h.weight' },
    norms: TWO_NORMS,
    decoder: {
      base: 'transformer',
      names: {
        embedding: 'embedding.word_embeddings.weight',
        layers: 'encoder.layers',
        norm: 'encoder.final_layernorm.weight',
        head: 'transformer.output_layer.weight',
      },
    },
  };
}

function internlm2(config: Fields): Variant {
  return {
    attention: { ...headsOf(config), bias: biases(config.flag('bias', false)) },
    fused: true,
    names: { qkv: 'attention.wqkv.weight', o: 'attention.wo.weight' },
    mlp: gatedMlp(config.count('intermediate_size'), activationOf(config), false),
    mlp_names: {
      gate: 'feed_forward.w1.weight',
      up: 'feed_forward.w3.weight',
      down: 'feed_forward.w2.weight',
    },
    norms: ['attention_norm.weight', 'ffn_norm.weight'],
    decoder: {
      names: { ...LLAMA_ENDS, embedding: 'tok_embeddings.weight', head: 'output.weight' },
    },
  };
}

function exaone(config: Fields): Variant {
  return {
    attention: { ...headsOf(config), bias: biases(false) },
    fused: false,
    names: {
      q: 'attn.attention.q_proj.weight',
      k: 'attn.attention.k_proj.weight',
      v: 'attn.attention.v_proj.weight',
      o: 'attn.attention.out_proj.weight',
    },
    mlp: gatedMlp(config.count('intermediate_size'), activationOf(config), false),
    mlp_names: { gate: 'mlp.c_fc_0.weight', up: 'mlp.c_fc_1.weight', down: 'mlp.c_proj.weight' },
    norms: ['ln_1.weight', 'ln_2.weight'],
    decoder: {
      base: 'transformer',
      names: { embedding: 'wte.weight', layers: 'h', norm: 'ln_f.weight', head: 'lm_head.weight' },
    },
  };
}

const VARIANTS: ReadonlyMap<string, (config: Fields) => Variant> = new Map([
  ['qwen', qwen],
  ['baichuan', baichuan],
  ['chatglm', chatglm],
  ['internlm2', internlm2],
  ['exaone', exaone],
]);

/** Decoders whose code came with the checkpoint, and that name their parts in their own way. */
export const remoteCode: Family = {
  id: 'remote-code',
  types: [...VARIANTS.keys()],
  sources: [
    'vllm@0.33.0:model_executor/models/qwen.py, baichuan.py, chatglm.py, internlm2.py, exaone.py',
  ],
  read(config, context: Context) {
    const variant = (VARIANTS.get(context.type) ?? baichuan)(config);
    return decoder(context, {
      ...commonParts(config),
      norm: RMS,
      at: () =>
        layer({
          mixers: [
            [{ kind: 'softmax', ...variant.attention, fused_qkv: variant.fused }, variant.names],
          ],
          mlp: [variant.mlp, variant.mlp_names],
          norm: RMS,
          norms: variant.norms,
        }),
      ...variant.decoder,
    });
  },
};
