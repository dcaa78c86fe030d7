import type { Fields } from '../../../workload/model/fields.ts';
import type { Tensor } from '../../rehearsal/rehearsal.ts';
import { conditioning, finished } from '../adaptive.ts';
import { jointBlock } from '../joint.ts';
import { featureOf, type Net } from '../net.ts';
import type { Denoiser } from '../network.ts';

interface Config {
  readonly channels: number;
  readonly out: number;
  readonly patch: number;
  readonly layers: number;
  readonly heads: number;
  readonly dim: number;
  readonly text: number;
  readonly caption: number;
  readonly pooled: number;
  /** Positions of an edge in the table that lies beside the weights. */
  readonly positions: number;
  readonly normed: boolean;
  readonly duals: readonly number[];
}

const read = (config: Fields): Config => ({
  channels: config.count('in_channels'),
  out: config.maybeCount('out_channels') ?? config.count('in_channels'),
  patch: config.count('patch_size'),
  layers: config.count('num_layers'),
  heads: config.count('num_attention_heads'),
  dim: config.count('attention_head_dim'),
  text: config.count('joint_attention_dim'),
  caption: config.count('caption_projection_dim'),
  pooled: config.count('pooled_projection_dim'),
  positions: config.count('pos_embed_max_size'),
  normed: config.text('qk_norm') === 'rms_norm',
  duals: (config.list('dual_attention_layers') ?? []).filter((at) => typeof at === 'number'),
});

const normOf =
  (dim: number) =>
  (net: Net, name: string, x: Tensor): Tensor =>
    net.writtenNorm(name, x, dim);

/** Stable Diffusion 3 and 3.5. */
export const sd3: Denoiser<Config> = {
  classes: ['SD3Transformer2DModel'],
  sources: [
    'diffusers@0.42.1:models/transformers/transformer_sd3.py, models/attention.py (JointTransformerBlock)',
  ],
  read,
  textWidth: ({ text }) => text,
  run(net, c, { batch, height, width: columns, textTokens }) {
    const { r } = net;
    const width = c.heads * c.dim;
    const activations = net.stage.numerics.width;
    net.buffers = c.positions ** 2 * width;
    const input = { batch, channels: c.channels, frames: 1, height, width: columns };
    const latent = featureOf(r, activations, input);
    const cut = net.conv('pos_embed.proj', latent, width, c.patch, { stride: c.patch });
    let image = net.copy(cut.tensor);
    net.release(cut);
    const time = conditioning(net, 'time_text_embed', {
      batch,
      width,
      pooled: c.pooled,
      guided: false,
    });
    const texts = r.tensor(batch * textTokens * c.text, activations, false);
    let text = net.linear('context_embedder', texts, c.text, c.caption);
    for (let at = 0; at < c.layers; at += 1) {
      const use = {
        module: `transformer_blocks.${at}`,
        batch,
        width,
        heads: c.heads,
        dim: c.dim,
        ...(c.normed ? { norm: normOf(c.dim) } : {}),
        textEnds: at === c.layers - 1,
        dual: c.duals.includes(at),
      };
      const out = net.block([image, text], (streams) => jointBlock(net, use, time, streams), [
        time.storage,
      ]);
      image = out[0] as Tensor;
      if (!use.textEnds) text = out[1] as Tensor;
    }
    const flat = finished(net, image, time, width, c.patch ** 2 * c.out);
    // Patches back to a map: einsum and reshape copy.
    const result = net.copy(flat);
    net.release(flat, image, time, texts, latent);
    return result;
  },
};
