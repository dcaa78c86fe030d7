import type { Fields } from '../../../workload/model/fields.ts';
import type { Tensor } from '../../rehearsal/rehearsal.ts';
import { adapted } from '../adaptive.ts';
import { attentionLayer, feedForward, replaced, twoLayers } from '../attention.ts';
import { featureOf, type Net } from '../net.ts';
import type { Denoiser } from '../network.ts';

interface Config {
  readonly channels: number;
  readonly out: number;
  readonly patch: number;
  readonly layers: number;
  readonly heads: number;
  readonly dim: number;
  readonly cross: number;
  readonly caption: number;
  readonly sample: number;
  /** Sizes and aspect ratios are embedded beside the time (PixArt-α at 1024). */
  readonly sized: boolean;
}

const read = (config: Fields): Config => ({
  channels: config.count('in_channels'),
  out: config.maybeCount('out_channels') ?? config.count('in_channels'),
  patch: config.count('patch_size'),
  layers: config.count('num_layers'),
  heads: config.count('num_attention_heads'),
  dim: config.count('attention_head_dim'),
  cross: config.count('cross_attention_dim'),
  caption: config.count('caption_channels'),
  sample: config.count('sample_size'),
  sized: config.flag('use_additional_conditions', config.get('sample_size') === 128),
});

/** BasicTransformerBlock with one table of scales for each block (`ada_norm_single`). */
function block(
  net: Net,
  c: Config,
  module: string,
  batch: number,
  times: Tensor,
  text: Tensor,
  x: Tensor,
): Tensor {
  const width = c.heads * c.dim;
  const table = net.parameter(`${module}.scale_shift_table`, [6, width]);
  const mods = net.add(table, times);
  const normed = net.layerNorm(undefined, x, width);
  let input = net.modulate(normed, mods);
  net.release(normed);
  const attention = {
    batch,
    width,
    heads: c.heads,
    dim: c.dim,
    bias: true,
    outBias: true,
    rescales: true,
  };
  const seen = attentionLayer(net, input, input, { ...attention, module: `${module}.attn1` });
  const scaled = replaced(net, seen, (one) => net.multiply(one, mods));
  let stream = net.add(scaled, x);
  net.release(input);
  // What attention gave keeps its name until the second one returns.
  const read = attentionLayer(net, stream, text, {
    ...attention,
    module: `${module}.attn2`,
    crossWidth: c.cross,
  });
  stream = replaced(net, stream, (one) => net.add(read, one));
  net.release(scaled);
  input = adapted(net, (one) => net.layerNorm(undefined, one, width), stream, mods);
  const fed = replaced(net, feedForward(net, `${module}.ff`, input, width, 4 * width), (one) =>
    net.multiply(one, mods),
  );
  const out = net.add(fed, stream);
  net.release(fed, stream, input, read, mods, table);
  return out;
}

/** PixArt-α and PixArt-Σ. */
export const pixart: Denoiser<Config> = {
  classes: ['PixArtTransformer2DModel', 'Transformer2DModel'],
  sources: [
    'diffusers@0.42.1:models/transformers/pixart_transformer_2d.py, models/attention.py (BasicTransformerBlock)',
  ],
  read,
  textWidth: ({ caption }) => caption,
  run(net, c, { batch, height, width: columns, textTokens }) {
    const { r } = net;
    const width = c.heads * c.dim;
    const activations = net.stage.numerics.width;
    net.buffers = Math.floor(c.sample / c.patch) ** 2 * width * (4 / activations);
    const latent = featureOf(r, activations, {
      batch,
      channels: c.channels,
      frames: 1,
      height,
      width: columns,
    });
    const cut = net.conv('pos_embed.proj', latent, width, c.patch, { stride: c.patch });
    let stream = net.copy(cut.tensor);
    net.release(cut);
    const steps = r.tensor(batch * 256, activations, false);
    let time = twoLayers(net, 'adaln_single.emb.timestep_embedder', steps, 256, width);
    if (c.sized) {
      const parts = ['resolution_embedder', 'aspect_ratio_embedder'].map((name) =>
        twoLayers(net, `adaln_single.emb.${name}`, steps, 256, Math.floor(width / 3)),
      );
      const sum = net.add(time, parts[0] as Tensor);
      net.release(time, ...parts);
      time = sum;
    }
    const active = net.activate(time);
    const times = net.linear('adaln_single.linear', active, width, 6 * width);
    net.release(active);
    const captions = r.tensor(batch * textTokens * c.caption, activations, false);
    const text = twoLayers(net, 'caption_projection', captions, c.caption, width);
    for (let at = 0; at < c.layers; at += 1) {
      const module = `transformer_blocks.${at}`;
      const out = net.block(
        [stream],
        ([one]) => [block(net, c, module, batch, times, text, one as Tensor)],
        [times.storage, text.storage],
      );
      stream = out[0] as Tensor;
    }
    const table = net.parameter('scale_shift_table', [2, width]);
    const normed = net.layerNorm(undefined, stream, width);
    const input = net.modulate(normed, table);
    net.release(normed);
    const flat = net.linear('proj_out', input, width, c.patch ** 2 * c.out);
    const result = net.copy(flat);
    net.release(flat, input, table, stream, text, captions, times, time, steps, latent);
    return result;
  },
};
