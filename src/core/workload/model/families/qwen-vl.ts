import type { Family } from '../family.ts';
import type { End, PartNames } from '../model.ts';
import {
  end,
  gatedMlp,
  LAYER_NORM,
  layer,
  MLP,
  normEnd,
  plainAttention,
  plainMlp,
  RMS,
  runOf,
} from '../parts.ts';
import { type Frame, framed, type TowerReader, widthOf } from '../tower.ts';

const VISUAL_ATTENTION: PartNames = { qkv: 'attn.qkv.weight', o: 'attn.proj.weight' };

/** Qwen's own towers: patches of two frames, merged two by two. */
const towerOfQwen2: TowerReader = (config, context, text) => {
  const vision = config.inside('vision_config');
  const isSecond = context.type === 'qwen2_5_vl';
  const hidden = vision.maybeCount(isSecond ? 'hidden_size' : 'embed_dim') ?? 1280;
  const out = isSecond
    ? (vision.maybeCount('out_hidden_size') ?? widthOf(text))
    : (vision.maybeCount('hidden_size') ?? widthOf(text));
  const merge = vision.maybeCount('spatial_merge_size') ?? 2;
  const patch = vision.maybeCount('patch_size', 'spatial_patch_size') ?? 14;
  const frames = vision.maybeCount('temporal_patch_size') ?? 2;
  const channels = vision.maybeCount('in_channels', 'in_chans') ?? 3;
  const norm = isSecond ? RMS : LAYER_NORM;
  const heads = vision.maybeCount('num_heads') ?? 16;
  const mlp = isSecond
    ? ([gatedMlp(vision.maybeCount('intermediate_size') ?? 3420, 'silu', true), MLP] as const)
    : ([
        plainMlp(Math.floor(vision.number('mlp_ratio', 4) * hidden), 'quick_gelu', true),
        { up: 'mlp.fc1.weight', down: 'mlp.fc2.weight' },
      ] as const);
  const one = layer({
    mixers: [[{ ...plainAttention(heads, hidden, true), fused_qkv: true }, VISUAL_ATTENTION]],
    mlp,
    norm,
    norms: ['norm1.weight', 'norm2.weight'],
  });
  const wide = hidden * merge * merge;
  return {
    stacks: [
      {
        role: 'vision',
        module: 'model.visual.blocks.{i}',
        hidden,
        ...runOf(vision.maybeCount('depth') ?? 32, () => one),
        final_norm: false,
        norm,
        ends: end('model.visual.patch_embed.proj.weight', 'conv', [
          hidden,
          channels,
          frames,
          patch,
          patch,
        ]),
      },
    ],
    projector: [
      ...normEnd('model.visual.merger.ln_q.weight', norm, hidden),
      ...end('model.visual.merger.mlp.0.weight', 'linear', [wide, wide], true),
      ...end('model.visual.merger.mlp.2.weight', 'linear', [out, wide], true),
    ],
  };
};

/**
 * Qwen3-VL: LayerNorm, learned positions, and mergers that hand tokens of some layers to the first layers of the
 * decoder (`deepstack_visual_indexes`). Qwen 3.5 has the same tower without those.
 */
const towerOfQwen3 =
  (deep: boolean): TowerReader =>
  (config, _, text) => {
    const vision = config.inside('vision_config');
    const hidden = vision.maybeCount('hidden_size') ?? 1152;
    const out = vision.maybeCount('out_hidden_size') ?? widthOf(text);
    const merge = vision.maybeCount('spatial_merge_size') ?? 2;
    const patch = vision.maybeCount('patch_size') ?? 16;
    const wide = hidden * merge * merge;
    const indexes = vision.list('deepstack_visual_indexes')?.length ?? (deep ? 3 : 0);
    const one = layer({
      mixers: [
        [
          {
            ...plainAttention(vision.maybeCount('num_heads') ?? 16, hidden, true),
            fused_qkv: true,
          },
          VISUAL_ATTENTION,
        ],
      ],
      mlp: [
        plainMlp(vision.maybeCount('intermediate_size') ?? 4304, 'gelu_pytorch_tanh', true),
        { up: 'mlp.linear_fc1.weight', down: 'mlp.linear_fc2.weight' },
      ],
      norm: LAYER_NORM,
      norms: ['norm1.weight', 'norm2.weight'],
    });
    const merger = (name: string, normed: number): readonly End[] => [
      ...normEnd(`${name}.norm.weight`, LAYER_NORM, normed),
      ...end(`${name}.linear_fc1.weight`, 'linear', [wide, wide], true),
      ...end(`${name}.linear_fc2.weight`, 'linear', [out, wide], true),
    ];
    return {
      stacks: [
        {
          role: 'vision',
          module: 'model.visual.blocks.{i}',
          hidden,
          ...runOf(vision.maybeCount('depth') ?? 27, () => one),
          final_norm: false,
          norm: LAYER_NORM,
          ends: [
            ...end(
              'model.visual.patch_embed.proj.weight',
              'conv',
              [
                hidden,
                vision.maybeCount('in_channels') ?? 3,
                vision.maybeCount('temporal_patch_size') ?? 2,
                patch,
                patch,
              ],
              true,
            ),
            ...end('model.visual.pos_embed.weight', 'embedding', [
              vision.maybeCount('num_position_embeddings') ?? 2304,
              hidden,
            ]),
          ],
        },
      ],
      projector: [
        ...merger('model.visual.merger', hidden),
        ...Array.from({ length: Math.min(indexes, 64) }, (__, i) =>
          merger(`model.visual.deepstack_merger_list.${i}`, wide),
        ).flat(),
      ],
    };
  };

const FRAMES: ReadonlyMap<string, Frame> = new Map<string, Frame>([
  ['qwen2_vl', { read: towerOfQwen2, text: 'qwen2_vl_text' }],
  ['qwen2_5_vl', { read: towerOfQwen2, text: 'qwen2_5_vl_text' }],
  ['qwen3_vl', { read: towerOfQwen3(true), text: 'qwen3_vl_text' }],
  ['qwen3_vl_moe', { read: towerOfQwen3(true), text: 'qwen3_vl_moe_text' }],
  ['qwen3_5', { read: towerOfQwen3(false), text: 'qwen3_5_text' }],
  ['qwen3_5_moe', { read: towerOfQwen3(false), text: 'qwen3_5_moe_text' }],
]);

/** Qwen's models of images and text. */
export const qwenVl: Family = {
  id: 'qwen-vl',
  types: [...FRAMES.keys()],
  sources: [
    'transformers@4.57.1:models/qwen2_vl, qwen2_5_vl, qwen3_vl, qwen3_vl_moe: modeling_*.py',
    'transformers@5.24.0:models/qwen3_5/modeling_qwen3_5.py',
  ],
  read(config, context) {
    const frame = FRAMES.get(context.type);
    return frame === undefined ? context.itself('qwen2') : framed(config, context, frame);
  },
};
