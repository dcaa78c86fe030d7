import type { Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type { End, Layer } from '../model.ts';
import {
  ATTENTION,
  activationOf,
  attentionOf,
  commonParts,
  decoder,
  end,
  FOUR_NORMS,
  gatedMlp,
  layer,
  MLP,
  normEnd,
  RMS,
} from '../parts.ts';

/** The last layers use keys and values of earlier ones; the checkpoint has their projections all the same. */
function sharesKeys(config: Fields, index: number): boolean {
  const shared = config.countOrZero('num_kv_shared_layers') ?? 0;
  return shared > 0 && index >= config.count('num_hidden_layers') - shared;
}

function layerAt(config: Fields, index: number, widths: readonly number[]): Layer {
  const hidden = config.count('hidden_size');
  const streams = config.count('altup_num_inputs');
  const rank = config.count('laurel_rank');
  const perLayer = config.count('hidden_size_per_layer_input');
  const attention = attentionOf(config, index, { qk_norm: 'head' });
  const keys = attention.kv_heads * attention.head_dim;
  const shared = sharesKeys(config, index);
  return layer({
    mixers: [[{ ...attention, ...(shared && { shared_kv: true }) }, ATTENTION]],
    mlp: [gatedMlp(widths[index] ?? 1, activationOf(config, 'gelu_pytorch_tanh'), false), MLP],
    norm: RMS,
    norms: FOUR_NORMS,
    extra: [
      { name: 'altup.correct_output_scale', shape: [hidden] },
      { name: 'altup.correction_coefs.weight', shape: [streams, streams] },
      { name: 'altup.prediction_coefs.weight', shape: [streams * streams, streams] },
      { name: 'altup.modality_router.weight', shape: [streams, hidden] },
      { name: 'altup.router_norm.weight', shape: [hidden] },
      { name: 'laurel.linear_left.weight', shape: [rank, hidden] },
      { name: 'laurel.linear_right.weight', shape: [hidden, rank] },
      { name: 'laurel.post_laurel_norm.weight', shape: [hidden] },
      { name: 'per_layer_input_gate.weight', shape: [perLayer, hidden] },
      { name: 'per_layer_projection.weight', shape: [hidden, perLayer] },
      { name: 'post_per_layer_input_norm.weight', shape: [hidden] },
      ...(shared
        ? [
            { name: 'self_attn.k_proj.weight', shape: [keys, hidden] },
            { name: 'self_attn.v_proj.weight', shape: [keys, hidden] },
            { name: 'self_attn.k_norm.weight', shape: [attention.head_dim] },
          ]
        : []),
    ],
  });
}

function endsOf(config: Fields): readonly End[] {
  const hidden = config.count('hidden_size');
  const perLayer = config.count('hidden_size_per_layer_input');
  const all = perLayer * config.count('num_hidden_layers');
  const others = config.count('altup_num_inputs') - 1;
  const squares = (name: string): readonly End[] =>
    Array.from({ length: Math.min(others, 64) }, (_, i) =>
      end(`${name}.${i}.weight`, 'linear', [hidden, hidden]),
    ).flat();
  return [
    ...end('embed_tokens_per_layer.weight', 'embedding', [
      config.count('vocab_size_per_layer_input'),
      all,
    ]),
    ...end('per_layer_model_projection.weight', 'linear', [all, hidden]),
    ...normEnd('per_layer_projection_norm.weight', RMS, perLayer),
    ...squares('altup_projections'),
    ...squares('altup_unembed_projections'),
  ];
}

/** Gemma 3n's decoder: four streams, a table of tokens for each layer. Its towers are not read. */
export const gemma3n: Family = {
  id: 'gemma-3n',
  types: ['gemma3n_text'],
  sources: ['transformers@4.57.1:models/gemma3n/modeling_gemma3n.py'],
  read(config, context) {
    const widths = config.counts('intermediate_size', config.count('num_hidden_layers'));
    return decoder(context, {
      ...commonParts(config),
      norm: RMS,
      at: (index) => layerAt(config, index, widths),
      ends: endsOf(config),
    });
  },
};
