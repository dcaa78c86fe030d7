import type { Architecture, Context, Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type { End, Layer, Mlp, PartNames, Patches, SoftmaxAttention, Stack } from '../model.ts';
import {
  activationOf,
  end,
  gatedMlp,
  LAYER_NORM,
  layer,
  type Named,
  normEnd,
  plainAttention,
  plainMlp,
  runOf,
} from '../parts.ts';
import { tokensOf } from '../patches.ts';

/** Height and width, of a number or a list of one or two. */
function sides(config: Fields, name: string): readonly [number, number] {
  const list = config.list(name);
  if (list === undefined) {
    const side = config.count(name);
    return [side, side];
  }
  const [height, width = height] = list;
  const isSide = (value: unknown): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value > 0;
  return isSide(height) && isSide(width) ? [height, width] : [config.count(name), 1];
}

/** Patches of an image of the model's own size. */
const patchesOf = (grid: Patches): number =>
  tokensOf({ ...grid, beside: 0 }, grid.image).tokens as number;

function patchProjection(
  config: Fields,
  name: string,
  hidden: number,
  bias: boolean,
): readonly End[] {
  const [height, width] = sides(config, 'patch_size');
  return end(name, 'conv', [hidden, config.count('num_channels'), height, width], bias);
}

/** How a type calls its parts, and in what it differs from the first ViT. */
interface Variant {
  readonly base: string;
  readonly attention: PartNames;
  readonly norms: readonly string[];
  /** Tokens besides the patches: class, distillation, registers. */
  readonly tokens: (config: Fields) => number;
  readonly embeddings: (config: Fields, hidden: number, patches: number) => readonly End[];
  readonly mlp: (config: Fields, hidden: number) => Named<Mlp>;
  readonly key_bias?: boolean;
  readonly extra?: (config: Fields, hidden: number) => NonNullable<Layer['extra']>;
  readonly final_norm: (config: Fields) => string | undefined;
  readonly pooler?: boolean;
  /** Width of what the classifier reads, in widths of the stream. */
  readonly features?: number;
}

const VIT_ATTENTION: PartNames = {
  q: 'attention.attention.query.weight',
  k: 'attention.attention.key.weight',
  v: 'attention.attention.value.weight',
  o: 'attention.output.dense.weight',
};
const BEFORE_AFTER = ['layernorm_before.weight', 'layernorm_after.weight'];

const cls = (hidden: number): readonly End[] =>
  end('embeddings.cls_token', 'embedding', [1, 1, hidden]);
const positions = (rows: number, hidden: number): readonly End[] =>
  end('embeddings.position_embeddings', 'embedding', [1, rows, hidden]);
const patches = (config: Fields, hidden: number): readonly End[] =>
  patchProjection(config, 'embeddings.patch_embeddings.projection.weight', hidden, true);

const vitMlp = (config: Fields): Named<Mlp> => [
  plainMlp(config.count('intermediate_size'), activationOf(config, 'gelu'), true),
  { up: 'intermediate.dense.weight', down: 'output.dense.weight' },
];

const vit: Variant = {
  base: 'vit',
  attention: VIT_ATTENTION,
  norms: BEFORE_AFTER,
  tokens: () => 1,
  embeddings: (config, hidden, rows) => [
    ...cls(hidden),
    ...positions(rows + 1, hidden),
    ...patches(config, hidden),
  ],
  mlp: vitMlp,
  final_norm: () => 'layernorm.weight',
  pooler: true,
};

const deit: Variant = {
  ...vit,
  base: 'deit',
  tokens: () => 2,
  embeddings: (config, hidden, rows) => [
    ...cls(hidden),
    ...end('embeddings.distillation_token', 'embedding', [1, 1, hidden]),
    ...positions(rows + 2, hidden),
    ...patches(config, hidden),
  ],
};

/** No bias of the keys, LayerScale, and relative positions in each layer or shared by all. */
const beit: Variant = {
  ...vit,
  base: 'beit',
  key_bias: false,
  embeddings: (config, hidden, rows) => [
    ...cls(hidden),
    ...(config.flag('use_mask_token', false)
      ? end('embeddings.mask_token', 'embedding', [1, 1, hidden])
      : []),
    ...(config.flag('use_absolute_position_embeddings', false) ? positions(rows + 1, hidden) : []),
    ...patches(config, hidden),
    ...(config.flag('use_shared_relative_position_bias', false)
      ? end(
          'encoder.relative_position_bias.relative_position_bias_table',
          'other',
          relativeShape(config),
        )
      : []),
  ],
  extra: (config, hidden) => [
    ...(config.number('layer_scale_init_value', 0) > 0
      ? [
          { name: 'lambda_1', shape: [hidden] },
          { name: 'lambda_2', shape: [hidden] },
        ]
      : []),
    ...(config.flag('use_relative_position_bias', false)
      ? [
          {
            name: 'attention.attention.relative_position_bias.relative_position_bias_table',
            shape: relativeShape(config),
          },
        ]
      : []),
  ],
  final_norm: (config) =>
    config.flag('use_mean_pooling', true) ? 'pooler.layernorm.weight' : 'layernorm.weight',
  pooler: false,
};

/** Distances both ways along both sides, and three for the class token. */
function relativeShape(config: Fields): readonly number[] {
  const [height, width] = sides(config, 'image_size');
  const [patchHeight, patchWidth] = sides(config, 'patch_size');
  const [rows, columns] = [Math.floor(height / patchHeight), Math.floor(width / patchWidth)];
  return [(2 * rows - 1) * (2 * columns - 1) + 3, config.count('num_attention_heads')];
}

const dinov2: Variant = {
  ...vit,
  base: 'dinov2',
  norms: ['norm1.weight', 'norm2.weight'],
  embeddings: (config, hidden, rows) => [
    ...cls(hidden),
    ...(config.flag('use_mask_token', true)
      ? end('embeddings.mask_token', 'embedding', [1, hidden])
      : []),
    ...positions(rows + 1, hidden),
    ...patches(config, hidden),
  ],
  mlp: dinoMlp,
  extra: (_, hidden) => [
    { name: 'layer_scale1.lambda1', shape: [hidden] },
    { name: 'layer_scale2.lambda1', shape: [hidden] },
  ],
  pooler: false,
  features: 2,
};

/** The giant model gates its MLP: two thirds of the width, in multiples of eight. */
function dinoMlp(config: Fields, hidden: number): Named<Mlp> {
  const width = Math.floor(config.number('mlp_ratio', 4) * hidden);
  if (!config.flag('use_swiglu_ffn', false)) {
    return [
      plainMlp(width, activationOf(config, 'gelu'), true),
      { up: 'mlp.fc1.weight', down: 'mlp.fc2.weight' },
    ];
  }
  const gated = 8 * Math.floor((Math.floor((width * 2) / 3) + 7) / 8);
  return [
    { ...gatedMlp(gated, 'silu', true), fused: true },
    { gate_up: 'mlp.weights_in.weight', down: 'mlp.weights_out.weight' },
  ];
}

const registers: Variant = {
  ...dinov2,
  base: 'dinov2_with_registers',
  tokens: (config) => 1 + (config.countOrZero('num_register_tokens') ?? 0),
  embeddings: (config, hidden, rows) => [
    ...cls(hidden),
    ...end('embeddings.mask_token', 'embedding', [1, hidden]),
    ...end('embeddings.register_tokens', 'embedding', [
      1,
      config.count('num_register_tokens'),
      hidden,
    ]),
    ...positions(rows + 1, hidden),
    ...patches(config, hidden),
  ],
};

/** InternViT: norms of q and k over the projection, biases of all three or of none. */
const internvl: Variant = {
  ...vit,
  base: '',
  attention: {
    q: 'attention.q_proj.weight',
    k: 'attention.k_proj.weight',
    v: 'attention.v_proj.weight',
    o: 'attention.projection_layer.weight',
    q_norm: 'attention.q_norm.weight',
    k_norm: 'attention.k_norm.weight',
  },
  embeddings: (config, hidden, rows) => [
    ...cls(hidden),
    ...(config.flag('use_mask_token', false)
      ? end('embeddings.mask_token', 'embedding', [1, 1, hidden])
      : []),
    ...(config.flag('use_absolute_position_embeddings', false) ? positions(rows + 1, hidden) : []),
    ...patches(config, hidden),
  ],
  mlp: (config) => [
    plainMlp(config.count('intermediate_size'), activationOf(config, 'gelu'), true),
    { up: 'mlp.fc1.weight', down: 'mlp.fc2.weight' },
  ],
  extra: (_, hidden) => [
    { name: 'lambda_1', shape: [hidden] },
    { name: 'lambda_2', shape: [hidden] },
  ],
  final_norm: (config) => (config.flag('use_mean_pooling', true) ? undefined : 'layernorm.weight'),
  pooler: false,
};

const VARIANTS: ReadonlyMap<string, Variant> = new Map([
  ['vit', vit],
  ['deit', deit],
  ['beit', beit],
  ['dinov2', dinov2],
  ['dinov2_with_registers', registers],
  ['internvl_vision', internvl],
]);

/** Encoders of images as one row of patches. */
export const vision: Family = {
  id: 'vision',
  types: [...VARIANTS.keys()],
  sources: ['transformers@4.57.1:models/*/modeling_*.py of each type'],
  read(config, context) {
    return readVariant(config, context, VARIANTS.get(context.type) ?? vit);
  },
};

function attentionOf(
  config: Fields,
  hidden: number,
  type: string,
  keys: boolean,
): SoftmaxAttention {
  const isIntern = type === 'internvl_vision';
  const bias = isIntern ? config.flag('attention_bias', false) : config.flag('qkv_bias', true);
  const plain = plainAttention(config.count('num_attention_heads'), hidden, bias);
  return {
    ...plain,
    bias: { q: bias, k: bias && keys, v: bias, o: true },
    ...(isIntern && config.flag('use_qk_norm', false) && { qk_norm: 'projection' }),
  };
}

function readVariant(config: Fields, context: Context, variant: Variant): Architecture {
  const hidden = config.count('hidden_size');
  const [[height, width], [patchHeight, patchWidth]] = [
    sides(config, 'image_size'),
    sides(config, 'patch_size'),
  ];
  const grid: Patches = {
    edges: { height: patchHeight, width: patchWidth },
    beside: variant.tokens(config),
    image: { height, width },
  };
  const rows = patchesOf(grid);
  // Image models without a class are classifiers or backbones; the backbone is what is sure.
  const isClassifier = context.head === 'labels';
  const prefix = isClassifier && variant.base !== '' ? `${variant.base}.` : '';
  const attention = attentionOf(config, hidden, context.type, variant.key_bias ?? true);
  const extra = variant.extra?.(config, hidden) ?? [];
  const one = layer({
    mixers: [[attention, variant.attention]],
    mlp: variant.mlp(config, hidden),
    norm: LAYER_NORM,
    norms: variant.norms,
    extra,
  });
  const finalNorm = variant.final_norm(config);
  const inside: readonly End[] = [
    ...variant.embeddings(config, hidden, rows),
    ...(finalNorm === undefined ? [] : normEnd(finalNorm, LAYER_NORM, hidden)),
    ...(variant.pooler === true && context.architecture !== undefined && !isClassifier
      ? end('pooler.dense.weight', 'linear', [hidden, hidden], true)
      : []),
  ];
  const stack: Stack = {
    role: 'vision',
    module: `${prefix}encoder.layer.{i}`,
    hidden,
    ...runOf(config.count('num_hidden_layers'), () => one),
    final_norm: finalNorm !== undefined,
    norm: LAYER_NORM,
    ends: [
      ...inside.map((each) => ({ ...each, name: prefix + each.name })),
      ...(isClassifier
        ? end('classifier.weight', 'head', [context.labels, (variant.features ?? 1) * hidden], true)
        : []),
    ],
    ...tokensOf(grid, grid.image),
    patches: grid,
  };
  return {
    stacks: [stack],
    vocab: 0,
    tied: false,
    head: isClassifier ? 'labels' : 'none',
    ...(isClassifier && { labels: context.labels }),
  };
}
