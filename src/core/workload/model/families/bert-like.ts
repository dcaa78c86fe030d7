import type { Architecture, Context, Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type { End, Layer, PartNames } from '../model.ts';
import {
  activationOf,
  biases,
  end,
  LAYER_NORM,
  LAYER_NORM_WITHOUT_BIAS,
  layer,
  normEnd,
  plainAttention,
  plainMlp,
  runOf,
  windowAt,
} from '../parts.ts';

/** How a type calls its parts, and what it has around the layers. */
interface Variant {
  /** Module of the encoder in a class with a head. */
  readonly base: string;
  readonly layers: string;
  readonly attention: PartNames;
  readonly mlp: PartNames;
  readonly norms: readonly string[];
  /** Inside the base, before the layers. */
  readonly embeddings: (config: Fields, hidden: number) => readonly End[];
  readonly pooler?: (hidden: number) => readonly End[];
  /** Predicts masked tokens; the table itself is the embedding's. */
  readonly masked: (vocab: number, hidden: number, config: Fields) => readonly End[];
  /** Before the classifier: its own layer, or the pooler (absent). */
  readonly dense?: (hidden: number) => readonly End[];
  readonly classifier: string;
  /** All layers use one set of weights. */
  readonly shared?: boolean;
}

const BERT_ATTENTION: PartNames = {
  q: 'attention.self.query.weight',
  k: 'attention.self.key.weight',
  v: 'attention.self.value.weight',
  o: 'attention.output.dense.weight',
};
const BERT_MLP: PartNames = { up: 'intermediate.dense.weight', down: 'output.dense.weight' };
const BERT_NORMS = ['attention.output.LayerNorm.weight', 'output.LayerNorm.weight'];

const bertPooler = (hidden: number): readonly End[] =>
  end('pooler.dense.weight', 'linear', [hidden, hidden], true);

/** Tables of tokens, positions and segments, then a norm, all of one width. */
function tables(config: Fields, width: number, segments: boolean): readonly End[] {
  const types = segments ? (config.countOrZero('type_vocab_size') ?? 0) : 0;
  return [
    ...end('embeddings.word_embeddings.weight', 'embedding', [config.count('vocab_size'), width]),
    ...end('embeddings.position_embeddings.weight', 'embedding', [
      config.count('max_position_embeddings'),
      width,
    ]),
    ...(types > 0
      ? end('embeddings.token_type_embeddings.weight', 'embedding', [types, width])
      : []),
    ...normEnd('embeddings.LayerNorm.weight', LAYER_NORM, width),
  ];
}

/** A linear layer and a norm before the table, and a bias for each token. */
const maskedHead =
  (dense: string, norm: string, bias: string) =>
  (vocab: number, hidden: number): readonly End[] => [
    ...end(dense, 'linear', [hidden, hidden], true),
    ...normEnd(norm, LAYER_NORM, hidden),
    { name: bias, role: 'bias', shape: [vocab] },
  ];

const bert: Variant = {
  base: 'bert',
  layers: 'encoder.layer',
  attention: BERT_ATTENTION,
  mlp: BERT_MLP,
  norms: BERT_NORMS,
  embeddings: (config, hidden) => tables(config, hidden, true),
  pooler: bertPooler,
  masked: maskedHead(
    'cls.predictions.transform.dense.weight',
    'cls.predictions.transform.LayerNorm.weight',
    'cls.predictions.bias',
  ),
  classifier: 'classifier.weight',
};

const roberta: Variant = {
  ...bert,
  base: 'roberta',
  masked: maskedHead('lm_head.dense.weight', 'lm_head.layer_norm.weight', 'lm_head.bias'),
  dense: (hidden) => end('classifier.dense.weight', 'linear', [hidden, hidden], true),
  classifier: 'classifier.out_proj.weight',
};

const distilbert: Variant = {
  base: 'distilbert',
  layers: 'transformer.layer',
  attention: {
    q: 'attention.q_lin.weight',
    k: 'attention.k_lin.weight',
    v: 'attention.v_lin.weight',
    o: 'attention.out_lin.weight',
  },
  mlp: { up: 'ffn.lin1.weight', down: 'ffn.lin2.weight' },
  norms: ['sa_layer_norm.weight', 'output_layer_norm.weight'],
  embeddings: (config, hidden) => tables(config, hidden, false),
  masked: maskedHead('vocab_transform.weight', 'vocab_layer_norm.weight', 'vocab_projector.bias'),
  dense: (hidden) => end('pre_classifier.weight', 'linear', [hidden, hidden], true),
  classifier: 'classifier.weight',
};

/** A narrow table, and one layer for all. */
const albert: Variant = {
  base: 'albert',
  layers: 'encoder.albert_layer_groups.0.albert_layers.0',
  attention: {
    q: 'attention.query.weight',
    k: 'attention.key.weight',
    v: 'attention.value.weight',
    o: 'attention.dense.weight',
  },
  mlp: { up: 'ffn.weight', down: 'ffn_output.weight' },
  norms: ['attention.LayerNorm.weight', 'full_layer_layer_norm.weight'],
  embeddings: (config, hidden) => [
    ...tables(config, config.count('embedding_size'), true),
    ...end(
      'encoder.embedding_hidden_mapping_in.weight',
      'linear',
      [hidden, config.count('embedding_size')],
      true,
    ),
  ],
  pooler: (hidden) => end('pooler.weight', 'linear', [hidden, hidden], true),
  masked: (vocab, hidden, config) =>
    narrowHead(vocab, hidden, config, 'predictions', 'predictions.bias'),
  classifier: 'classifier.weight',
  shared: true,
};

const electra: Variant = {
  ...bert,
  base: 'electra',
  pooler: () => [],
  embeddings: (config, hidden) => {
    const width = config.count('embedding_size');
    return [
      ...tables(config, width, true),
      ...(width === hidden
        ? []
        : end('embeddings_project.weight', 'linear', [hidden, width], true)),
    ];
  },
  masked: (vocab, hidden, config) =>
    narrowHead(vocab, hidden, config, 'generator_predictions', 'generator_lm_head.bias'),
  dense: roberta.dense ?? (() => []),
  classifier: 'classifier.out_proj.weight',
};

/** The head goes back to the width of the table. */
function narrowHead(
  vocab: number,
  hidden: number,
  config: Fields,
  module: string,
  bias: string,
): readonly End[] {
  const width = config.count('embedding_size');
  return [
    ...normEnd(`${module}.LayerNorm.weight`, LAYER_NORM, width),
    ...end(`${module}.dense.weight`, 'linear', [width, hidden], true),
    { name: bias, role: 'bias', shape: [vocab] },
  ];
}

/** Relative positions in a table of their own; their projections are those of q and k, or further ones. */
const deberta: Variant = {
  ...bert,
  base: 'deberta',
  pooler: () => [],
  dense: bertPooler,
  attention: {
    q: 'attention.self.query_proj.weight',
    k: 'attention.self.key_proj.weight',
    v: 'attention.self.value_proj.weight',
    o: 'attention.output.dense.weight',
  },
  embeddings: (config, hidden) => {
    const width = config.maybeCount('embedding_size') ?? hidden;
    const positions = config.flag('position_biased_input', true);
    return [
      ...tables(config, width, true).filter(
        ({ name }) => positions || !name.includes('position_embeddings'),
      ),
      ...(width === hidden ? [] : end('embeddings.embed_proj.weight', 'linear', [hidden, width])),
      ...relativeTable(config, hidden),
      ...debertaConvolution(config, hidden),
    ];
  },
};

function relativeTable(config: Fields, hidden: number): readonly End[] {
  if (!config.flag('relative_attention', false)) return [];
  const buckets = config.get('position_buckets');
  const most = config.get('max_relative_positions');
  const rows =
    typeof buckets === 'number' && buckets > 0
      ? buckets
      : typeof most === 'number' && most > 0
        ? most
        : config.count('max_position_embeddings');
  const norm = config.text('norm_rel_ebd') ?? '';
  return [
    ...end('encoder.rel_embeddings.weight', 'embedding', [2 * rows, hidden]),
    ...(norm.includes('layer_norm') ? normEnd('encoder.LayerNorm.weight', LAYER_NORM, hidden) : []),
  ];
}

function debertaConvolution(config: Fields, hidden: number): readonly End[] {
  const taps = config.countOrZero('conv_kernel_size') ?? 0;
  if (taps === 0) return [];
  return [
    ...end('encoder.conv.conv.weight', 'conv', [hidden, hidden, taps], true),
    ...normEnd('encoder.conv.LayerNorm.weight', LAYER_NORM, hidden),
  ];
}

const mpnet: Variant = {
  ...bert,
  base: 'mpnet',
  attention: {
    q: 'attention.attn.q.weight',
    k: 'attention.attn.k.weight',
    v: 'attention.attn.v.weight',
    o: 'attention.attn.o.weight',
  },
  norms: ['attention.LayerNorm.weight', 'output.LayerNorm.weight'],
  embeddings: (config, hidden) => [
    ...tables(config, hidden, false),
    ...end('encoder.relative_attention_bias.weight', 'other', [
      config.count('relative_attention_num_buckets'),
      config.count('num_attention_heads'),
    ]),
  ],
  masked: roberta.masked,
  dense: (hidden) => end('classifier.dense.weight', 'linear', [hidden, hidden], true),
  classifier: 'classifier.out_proj.weight',
};

const VARIANTS: ReadonlyMap<string, Variant> = new Map([
  ['bert', bert],
  ['ernie', { ...bert, base: 'ernie' }],
  ['roberta', roberta],
  ['camembert', roberta],
  ['xlm-roberta', roberta],
  ['xlm-roberta-xl', roberta],
  ['distilbert', distilbert],
  ['albert', albert],
  ['electra', electra],
  ['deberta-v2', deberta],
  ['mpnet', mpnet],
]);

/** Encoders with norms behind attention and MLP, and ModernBERT and Nomic's, which have them in front. */
export const bertLike: Family = {
  id: 'bert-like',
  types: [...VARIANTS.keys(), 'modernbert', 'nomic_bert'],
  sources: [
    'transformers@4.57.1:models/*/modeling_*.py of each type',
    'vllm@0.33.0:model_executor/models/bert_with_rope.py (nomic_bert)',
  ],
  read(config, context) {
    if (context.type === 'modernbert') return modernBert(config, context);
    if (context.type === 'nomic_bert') return nomicBert(config, context);
    return readVariant(config, context, VARIANTS.get(context.type) ?? bert);
  },
};

function readVariant(config: Fields, context: Context, variant: Variant): Architecture {
  const hidden = config.count('hidden_size', 'dim');
  const heads = config.count('num_attention_heads', 'n_heads');
  const count = config.count('num_hidden_layers', 'n_layers');
  const vocab = config.count('vocab_size');
  const prefix = context.head === 'none' ? '' : `${variant.base}.`;
  const one = layer({
    mixers: [[plainAttention(heads, hidden, true), variant.attention]],
    mlp: [
      plainMlp(config.count('intermediate_size', 'hidden_dim'), activationOf(config, 'gelu'), true),
      variant.mlp,
    ],
    norm: LAYER_NORM,
    norms: variant.norms,
    ...(context.type === 'deberta-v2' && positionProjections(config, hidden)),
    shared: variant.shared ?? false,
  });
  const module = variant.shared === true ? variant.layers : `${variant.layers}.{i}`;
  return {
    stacks: [
      {
        role: 'encoder',
        module: prefix + module,
        hidden,
        ...runOf(count, () => one),
        final_norm: false,
        norm: LAYER_NORM,
        ends: [
          ...variant.embeddings(config, hidden).map((each) => prefixed(each, prefix)),
          ...headEnds(config, context, variant, hidden, prefix),
        ],
      },
    ],
    vocab,
    tied: context.head === 'vocab',
    head: context.head,
    ...(context.head === 'labels' && { labels: context.labels }),
    max_positions: config.count('max_position_embeddings'),
  };
}

/** DeBERTa without `share_att_key` projects positions by themselves. */
function positionProjections(config: Fields, hidden: number): Pick<Layer, 'extra'> {
  if (!config.flag('relative_attention', false) || config.flag('share_att_key', false)) return {};
  const kinds = config.list('pos_att_type') ?? (config.text('pos_att_type') ?? '').split('|');
  const square = (name: string): NonNullable<Layer['extra']> => [
    { name: `attention.self.${name}.weight`, shape: [hidden, hidden] },
    { name: `attention.self.${name}.bias`, shape: [hidden] },
  ];
  return {
    extra: [
      ...(kinds.includes('c2p') ? square('pos_key_proj') : []),
      ...(kinds.includes('p2c') ? square('pos_query_proj') : []),
    ],
  };
}

const prefixed = (one: End, prefix: string): End => ({ ...one, name: prefix + one.name });

function headEnds(
  config: Fields,
  context: Context,
  variant: Variant,
  hidden: number,
  prefix: string,
): readonly End[] {
  const { architecture = '', head, labels } = context;
  const pooled = (variant.pooler?.(hidden) ?? []).map((each) => prefixed(each, prefix));
  if (head === 'none') return pooled;
  if (head === 'vocab') {
    const masked = variant.masked(config.count('vocab_size'), hidden, config);
    if (!architecture.endsWith('ForPreTraining') || context.type !== 'bert') return masked;
    return [...pooled, ...masked, ...end('cls.seq_relationship.weight', 'head', [2, hidden], true)];
  }
  if (architecture.endsWith('ForQuestionAnswering')) {
    return end('qa_outputs.weight', 'head', [labels, hidden], true);
  }
  if (architecture.endsWith('ForTokenClassification')) {
    return end('classifier.weight', 'head', [labels, hidden], true);
  }
  return [
    ...(variant.dense === undefined ? pooled : variant.dense(hidden)),
    ...end(variant.classifier, 'head', [labels, hidden], true),
  ];
}

/** Windows in two of three layers, gated MLPs, no norm before the first attention, mostly no biases. */
function modernBert(config: Fields, context: Context): Architecture {
  const hidden = config.count('hidden_size');
  const vocab = config.count('vocab_size');
  const prefix = context.head === 'none' ? '' : 'model.';
  const heads = config.count('num_attention_heads');
  const every = config.maybeCount('global_attn_every_n_layers') ?? 1;
  const window = config.maybeCount('local_attention');
  const bias = config.flag('attention_bias', false);
  const norm = config.flag('norm_bias', false) ? LAYER_NORM : LAYER_NORM_WITHOUT_BIAS;
  const mlp = {
    ...plainMlp(
      config.count('intermediate_size'),
      config.text('hidden_activation') ?? 'gelu',
      config.flag('mlp_bias', false),
    ),
    gated: true,
    fused: true,
  };
  const at = (index: number): Layer =>
    layer({
      mixers: [
        [
          {
            ...plainAttention(heads, hidden, bias),
            fused_qkv: true,
            ...(window !== undefined && index % every !== 0 && { window }),
          },
          { qkv: 'attn.Wqkv.weight', o: 'attn.Wo.weight' },
        ],
      ],
      mlp: [mlp, { gate_up: 'mlp.Wi.weight', down: 'mlp.Wo.weight' }],
      norm,
      norms: [...(index === 0 ? [] : ['attn_norm.weight']), 'mlp_norm.weight'],
    });
  const head =
    context.head === 'none'
      ? []
      : [
          ...end(
            'head.dense.weight',
            'linear',
            [hidden, hidden],
            config.flag('classifier_bias', false),
          ),
          ...normEnd('head.norm.weight', norm, hidden),
          ...(context.head === 'labels'
            ? end('classifier.weight', 'head', [context.labels, hidden], true)
            : config.flag('decoder_bias', true)
              ? [{ name: 'decoder.bias', role: 'bias', shape: [vocab] } as const]
              : []),
        ];
  return {
    stacks: [
      {
        role: 'encoder',
        module: `${prefix}layers.{i}`,
        hidden,
        ...runOf(config.count('num_hidden_layers'), at),
        final_norm: true,
        norm,
        ends: [
          ...end(`${prefix}embeddings.tok_embeddings.weight`, 'embedding', [vocab, hidden]),
          ...normEnd(`${prefix}embeddings.norm.weight`, norm, hidden),
          ...normEnd(`${prefix}final_norm.weight`, norm, hidden),
          ...head,
        ],
      },
    ],
    vocab,
    tied: context.head === 'vocab',
    head: context.head,
    ...(context.head === 'labels' && { labels: context.labels }),
    max_positions: config.count('max_position_embeddings'),
  };
}

/** BERT with rotary positions, a gated MLP and fields as GPT-2 has them; without a head. */
function nomicBert(config: Fields, context: Context): Architecture {
  const hidden = config.count('n_embd');
  const vocab = config.count('vocab_size');
  const heads = config.count('n_head');
  const bias = config.flag('mlp_fc1_bias', true);
  const activation = config.text('activation_function') ?? 'gelu';
  const gated = ['swiglu', 'geglu', 'glu'].includes(activation);
  const one = layer({
    mixers: [
      [
        {
          ...plainAttention(heads, hidden, config.flag('qkv_proj_bias', true)),
          bias: biases(config.flag('qkv_proj_bias', true)),
          fused_qkv: true,
          ...windowAt(config, 0),
        },
        { qkv: 'attn.Wqkv.weight', o: 'attn.out_proj.weight' },
      ],
    ],
    mlp: [
      {
        ...plainMlp(config.maybeCount('n_inner') ?? 4 * hidden, activation, bias),
        gated,
      },
      {
        gate: 'mlp.fc12.weight',
        up: gated ? 'mlp.fc11.weight' : 'mlp.fc1.weight',
        down: 'mlp.fc2.weight',
      },
    ],
    norm: LAYER_NORM,
    norms: ['norm1.weight', 'norm2.weight'],
  });
  const types = config.countOrZero('type_vocab_size') ?? 0;
  return {
    stacks: [
      {
        role: 'encoder',
        module: 'encoder.layers.{i}',
        hidden,
        ...runOf(config.count('n_layer'), () => one),
        final_norm: false,
        norm: LAYER_NORM,
        ends: [
          ...end('embeddings.word_embeddings.weight', 'embedding', [vocab, hidden]),
          ...(types > 0
            ? end('embeddings.token_type_embeddings.weight', 'embedding', [types, hidden])
            : []),
          ...normEnd('emb_ln.weight', LAYER_NORM, hidden),
        ],
      },
    ],
    vocab,
    tied: false,
    head: context.head === 'labels' ? 'labels' : 'none',
    max_positions: config.count('max_position_embeddings', 'n_positions'),
  };
}
