import type { Family } from '../family.ts';
import type { Fields } from '../fields.ts';
import type { PartNames, StateSpace } from '../model.ts';
import { commonParts, decoder, layer, RMS } from '../parts.ts';

const NAMES: PartNames = {
  in: 'mixer.in_proj.weight',
  conv: 'mixer.conv1d.weight',
  x: 'mixer.x_proj.weight',
  dt: 'mixer.dt_proj.weight',
  dt_bias: 'mixer.dt_bias',
  a: 'mixer.A_log',
  d: 'mixer.D',
  norm: 'mixer.norm.weight',
  out: 'mixer.out_proj.weight',
};

function mixerOf(config: Fields, isSecond: boolean): StateSpace {
  const hidden = config.count('hidden_size', 'd_model');
  const inner =
    (isSecond ? undefined : config.maybeCount('intermediate_size', 'd_inner')) ??
    Math.round(config.number('expand', 2) * hidden);
  return {
    kind: isSecond ? 'mamba2' : 'mamba1',
    inner,
    state: config.count('state_size'),
    conv: config.count('conv_kernel'),
    heads: isSecond ? config.count('num_heads') : 1,
    groups: isSecond ? config.count('n_groups') : 1,
    dt_rank: isSecond ? 1 : rankOf(config, hidden),
    conv_bias: config.flag('use_conv_bias', true),
    bias: config.flag('use_bias', false),
    norm: isSecond,
  };
}

/** A sixteenth of the width, unless the config says a number. */
function rankOf(config: Fields, hidden: number): number {
  const rank =
    config.get('time_step_rank') === 'auto' ? undefined : config.maybeCount('time_step_rank');
  return rank ?? Math.ceil(hidden / 16);
}

/** Mamba 1 and 2 without attention; Falcon Mamba norms dt, B and C without weights. */
export const stateSpace: Family = {
  id: 'state-space',
  types: ['mamba', 'falcon_mamba', 'mamba2'],
  sources: [
    'transformers@4.57.1:models/mamba/modeling_mamba.py',
    'transformers@4.57.1:models/mamba2/modeling_mamba2.py',
  ],
  read(config, context) {
    const mixer = mixerOf(config, context.type === 'mamba2');
    return decoder(context, {
      ...commonParts(config),
      norm: RMS,
      base: 'backbone',
      names: {
        embedding: 'embeddings.weight',
        layers: 'layers',
        norm: 'norm_f.weight',
        head: 'lm_head.weight',
      },
      at: () => layer({ mixers: [[mixer, NAMES]], norm: RMS, norms: ['norm.weight'] }),
    });
  },
};
