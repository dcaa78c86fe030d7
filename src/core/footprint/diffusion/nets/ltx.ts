import type { Fields } from '../../../workload/model/fields.ts';
import type { Storage, Tensor } from '../../rehearsal/rehearsal.ts';
import { attentionLayer, feedForward, replaced, rotate, twoLayers } from '../attention.ts';
import type { Net } from '../net.ts';
import type { Denoiser } from '../network.ts';

interface Config {
  readonly channels: number;
  readonly out: number;
  readonly layers: number;
  readonly heads: number;
  readonly dim: number;
  readonly cross: number;
  readonly caption: number;
}

const read = (config: Fields): Config => ({
  channels: config.count('in_channels'),
  out: config.maybeCount('out_channels') ?? config.count('in_channels'),
  layers: config.count('num_layers'),
  heads: config.count('num_attention_heads'),
  dim: config.count('attention_head_dim'),
  cross: config.count('cross_attention_dim'),
  caption: config.count('caption_channels'),
});

/** What all blocks read. */
interface Given {
  readonly times: Tensor;
  readonly text: Tensor;
  /** Cosines and sines. */
  readonly tables: Storage;
}

function block(
  net: Net,
  c: Config,
  module: string,
  batch: number,
  given: Given,
  x: Tensor,
): Tensor {
  const width = c.heads * c.dim;
  const { times, text, tables } = given;
  const table = net.parameter(`${module}.scale_shift_table`, [6, width]);
  const mods = net.add(table, times);
  const normed = net.writtenNorm(undefined, x, width);
  let input = net.modulate(normed, mods);
  net.release(normed);
  const norm = (_: Net, name: string, of: Tensor): Tensor => net.rmsNorm(name, of, width);
  const attention = {
    batch,
    width,
    heads: c.heads,
    dim: c.dim,
    bias: true,
    outBias: true,
    norm,
    rescales: false,
  };
  let seen = attentionLayer(net, input, input, {
    ...attention,
    module: `${module}.attn1`,
    rotary: (one: Tensor) => rotate(net, one, tables),
  });
  let stream = net.gated(x, mods, seen);
  net.release(seen);
  seen = attentionLayer(net, stream, text, {
    ...attention,
    module: `${module}.attn2`,
    crossWidth: c.cross,
  });
  stream = replaced(net, stream, (one) => net.add(one, seen));
  const again = net.writtenNorm(undefined, stream, width);
  const scaled = net.modulate(again, mods);
  net.release(again, input);
  input = scaled;
  const fed = feedForward(net, `${module}.ff`, input, width, 4 * width);
  const out = net.gated(stream, mods, fed);
  net.release(fed, stream, input, seen, mods, table);
  return out;
}

/** LTX-Video: one stream of video tokens with cross attention to the text. */
export const ltx: Denoiser<Config> = {
  classes: ['LTXVideoTransformer3DModel'],
  sources: ['diffusers@0.42.1:models/transformers/transformer_ltx.py'],
  read,
  textWidth: ({ caption }) => caption,
  run(net, c, { batch, frames, height, width: columns, textTokens }) {
    const { r } = net;
    const width = c.heads * c.dim;
    const activations = net.stage.numerics.width;
    const tokens = frames * height * columns;
    const patches = r.tensor(batch * tokens * c.channels, activations, false);
    // Cosines and sines for each sample and channel, in fp32.
    const tables = r.allocate(2 * 4 * batch * tokens * width);
    let stream = net.linear('proj_in', patches, c.channels, width);
    const steps = r.tensor(batch * 256, activations, false);
    const time = twoLayers(net, 'time_embed.emb.timestep_embedder', steps, 256, width);
    const active = net.activate(time);
    const times = net.linear('time_embed.linear', active, width, 6 * width);
    net.release(active);
    const captions = r.tensor(batch * textTokens * c.caption, activations, false);
    const text = twoLayers(net, 'caption_projection', captions, c.caption, width);
    for (let at = 0; at < c.layers; at += 1) {
      const module = `transformer_blocks.${at}`;
      const out = net.block(
        [stream],
        ([one]) => [block(net, c, module, batch, { times, text, tables }, one as Tensor)],
        [tables, times.storage, text.storage],
      );
      stream = out[0] as Tensor;
    }
    const table = net.parameter('scale_shift_table', [2, width]);
    const normed = net.layerNorm(undefined, stream, width);
    const input = net.modulate(normed, table);
    net.release(normed, stream);
    const result = net.linear('proj_out', input, width, c.out);
    net.release(input, table, text, captions, times, time, steps, patches);
    r.drop(tables);
    return result;
  },
};
