import type { Fields } from '../../../workload/model/fields.ts';
import type { Storage, Tensor } from '../../rehearsal/rehearsal.ts';
import { adapted, modulation } from '../adaptive.ts';
import { attend, feedForward, replaced, rotate, twoLayers } from '../attention.ts';
import { featureOf, type Net } from '../net.ts';
import type { Denoiser } from '../network.ts';

interface Config {
  readonly channels: number;
  readonly out: number;
  readonly patch: number;
  /** Frames of a patch (1.5); absent where each latent frame is cut by itself. */
  readonly patchTime: number | undefined;
  readonly layers: number;
  readonly heads: number;
  readonly dim: number;
  readonly text: number;
  readonly time: number;
  readonly rotary: boolean;
  /** Tokens of the table of positions where there is one. */
  readonly positions: number;
  readonly biased: boolean;
}

const read = (config: Fields): Config => {
  const patch = config.count('patch_size');
  const rotary = config.flag('use_rotary_positional_embeddings', false);
  const side = (name: string): number => Math.floor(config.count(name) / patch);
  const frames =
    (config.count('sample_frames') - 1) / (config.maybeCount('temporal_compression_ratio') ?? 4) +
    1;
  const patches = side('sample_height') * side('sample_width') * Math.floor(frames);
  return {
    channels: config.count('in_channels'),
    out: config.maybeCount('out_channels') ?? 16,
    patch,
    patchTime: config.maybeCount('patch_size_t'),
    layers: config.count('num_layers'),
    heads: config.count('num_attention_heads'),
    dim: config.count('attention_head_dim'),
    text: config.count('text_embed_dim'),
    time: config.count('time_embed_dim'),
    rotary,
    positions: rotary ? 0 : patches + (config.maybeCount('max_text_seq_length') ?? 226),
    biased: config.flag('attention_bias', true),
  };
};

function attention(
  net: Net,
  c: Config,
  module: string,
  batch: number,
  tables: Storage,
  x: Tensor,
  y: Tensor,
): [Tensor, Tensor] {
  const width = c.heads * c.dim;
  const joined = net.concat(y, x);
  const project = (name: string): Tensor =>
    net.linear(`${module}.${name}`, joined, width, width, c.biased);
  let [q, k] = [project('to_q'), project('to_k')];
  const v = project('to_v');
  q = replaced(net, q, (one) => net.layerNorm(`${module}.norm_q`, one, c.dim));
  k = replaced(net, k, (one) => net.layerNorm(`${module}.norm_k`, one, c.dim));
  if (c.rotary) {
    // The image's part is rotated and written back in place.
    for (const part of [q, k]) {
      const [image] = net.split(part, x.elements) as [Tensor];
      const turned = rotate(net, image, tables);
      net.release(image, turned);
    }
  }
  const tokens = joined.elements / (batch * width);
  const seen = attend(net, q, k, v, {
    batch,
    heads: c.heads,
    dim: c.dim,
    queries: tokens,
    keys: tokens,
  });
  const out = net.linear(`${module}.to_out.0`, seen, width, width);
  net.release(seen, q, k, v, joined);
  const [text, image] = net.split(out, y.elements, x.elements) as [Tensor, Tensor];
  net.release(out);
  return [image, text];
}

function block(
  net: Net,
  c: Config,
  module: string,
  batch: number,
  time: Tensor,
  tables: Storage,
  [image, text]: readonly Tensor[],
): readonly Tensor[] {
  if (image === undefined || text === undefined) throw new Error('two streams');
  const width = c.heads * c.dim;
  const normed = (name: string, mod: Tensor, of: Tensor): Tensor =>
    adapted(net, (one) => net.layerNorm(`${module}.${name}.norm`, one, width), of, mod);
  const first = modulation(net, `${module}.norm1.linear`, time, c.time, 6 * width);
  let [x, y] = [normed('norm1', first, image), normed('norm1', first, text)];
  const [ofImage, ofText] = attention(net, c, `${module}.attn1`, batch, tables, x, y);
  const newImage = net.gated(image, first, ofImage);
  const newText = net.gated(text, first, ofText);
  const second = modulation(net, `${module}.norm2.linear`, time, c.time, 6 * width);
  x = replaced(net, x, () => normed('norm2', second, newImage));
  y = replaced(net, y, () => normed('norm2', second, newText));
  const joined = net.concat(y, x);
  net.release(x);
  const fed = feedForward(net, `${module}.ff`, joined, width, 4 * width);
  const [fedText, fedImage] = net.split(fed, text.elements, image.elements) as [Tensor, Tensor];
  const result = net.gated(newImage, second, fedImage);
  const resultText = net.gated(newText, second, fedText);
  net.release(fed, fedText, fedImage, joined, y, newImage, newText, first, second, ofImage, ofText);
  return [result, resultText];
}

/** CogVideoX: text and video as one sequence. */
export const cogvideox: Denoiser<Config> = {
  classes: ['CogVideoXTransformer3DModel'],
  sources: [
    'diffusers@0.42.1:models/transformers/cogvideox_transformer_3d.py, models/attention_processor.py (CogVideoXAttnProcessor2_0)',
  ],
  read,
  textWidth: ({ text }) => text,
  run(net, c, { batch, frames, height, width: columns, textTokens }) {
    const { r } = net;
    const width = c.heads * c.dim;
    const activations = net.stage.numerics.width;
    net.buffers = c.positions * width;
    const steps = r.tensor(batch * width, activations, false);
    const time = twoLayers(net, 'time_embedding', steps, width, c.time);
    const texts = r.tensor(batch * textTokens * c.text, activations, false);
    const words = net.linear('patch_embed.text_proj', texts, c.text, width);
    const size = { batch: batch * frames, channels: c.channels, frames: 1, height, width: columns };
    const latent = featureOf(r, activations, size);
    let cut: Tensor;
    if (c.patchTime === undefined) {
      cut = net.conv('patch_embed.proj', latent, width, c.patch, { stride: c.patch }).tensor;
    } else {
      const inputs = c.channels * c.patch ** 2 * c.patchTime;
      cut = net.linear('patch_embed.proj', net.copy(latent.tensor), inputs, width);
    }
    const joined = net.concat(words, cut);
    const tables = r.allocate(2 * 4 * (cut.elements / (batch * width)) * c.dim);
    let [text, image] = net.split(joined, words.elements, cut.elements) as [Tensor, Tensor];
    net.release(words, cut, joined);
    for (let at = 0; at < c.layers; at += 1) {
      const module = `transformer_blocks.${at}`;
      const out = net.block(
        [image, text],
        (streams) => block(net, c, module, batch, time, tables, streams),
        [tables, time.storage],
      );
      [image, text] = out as [Tensor, Tensor];
    }
    const normed = net.layerNorm('norm_final', image, width);
    net.release(image);
    const mod = modulation(net, 'norm_out.linear', time, c.time, 2 * width);
    const input = adapted(net, (one) => net.layerNorm('norm_out.norm', one, width), normed, mod);
    const flat = net.linear('proj_out', input, width, c.patch ** 2 * (c.patchTime ?? 1) * c.out);
    const result = net.copy(flat);
    net.release(flat, input, mod, normed, text, latent, texts, time, steps);
    r.drop(tables);
    return result;
  },
};
