import type { Fields } from '../../../workload/model/fields.ts';
import type { Storage, Tensor } from '../../rehearsal/rehearsal.ts';
import { attend, attentionLayer, feedForward, replaced, twoLayers } from '../attention.ts';
import { featureOf, type Net } from '../net.ts';
import type { Denoiser } from '../network.ts';

interface Config {
  readonly patch: readonly [time: number, space: number];
  readonly channels: number;
  readonly out: number;
  readonly text: number;
  readonly times: number;
  readonly inner: number;
  readonly layers: number;
  readonly heads: number;
  readonly dim: number;
  readonly normsCross: boolean;
  /** Width of the embedding of an image, where the network starts from one. */
  readonly image: number | undefined;
  readonly added: number | undefined;
  readonly positions: number | undefined;
}

function read(config: Fields): Config {
  const patch =
    config.list('patch_size') === undefined ? [1, 2, 2] : config.counts('patch_size', 3);
  return {
    patch: [patch[0] ?? 1, patch[1] ?? 2],
    channels: config.maybeCount('in_channels') ?? 16,
    out: config.maybeCount('out_channels') ?? 16,
    text: config.maybeCount('text_dim') ?? 4096,
    times: config.maybeCount('freq_dim') ?? 256,
    inner: config.maybeCount('ffn_dim') ?? 13824,
    layers: config.maybeCount('num_layers') ?? 40,
    heads: config.maybeCount('num_attention_heads') ?? 40,
    dim: config.maybeCount('attention_head_dim') ?? 128,
    normsCross: config.flag('cross_attn_norm', true),
    image: config.maybeCount('image_dim'),
    added: config.maybeCount('added_kv_proj_dim'),
    positions: config.maybeCount('pos_embed_seq_len'),
  };
}

/** What all blocks read. */
interface Given {
  readonly c: Config;
  readonly batch: number;
  readonly times: Tensor;
  readonly text: Tensor;
  readonly image: Tensor | undefined;
  /** Cosines and sines, in fp32. */
  readonly tables: Storage;
}

/** Tokens of the image that a video starts from: patches and class of CLIP ViT-H/14. */
const IMAGE_TOKENS = 257;

/** Even and odd halves in fp32, written into a new tensor one after the other. */
function turn(net: Net, x: Tensor, tables: Storage): Tensor {
  const { r } = net;
  const half = x.elements * 2;
  const out = net.tensor(x.elements, x);
  for (let part = 0; part < 2; part += 1) r.drop(...[0, 1, 2].map(() => r.allocate(half)));
  r.record(out, [tables], () => {
    const grad = r.allocate(x.elements * x.width);
    r.drop(...[0, 1, 2].map(() => r.allocate(half)));
    r.accumulate(x, grad);
  });
  return out;
}

/** norm(x) in fp32, scaled and shifted there. */
function adaptedWide(net: Net, x: Tensor, width: number, mods: Tensor): Tensor {
  const wide = net.cast(x, 4);
  const normed = net.layerNorm(undefined, wide, width);
  net.release(wide);
  const scaled = net.multiply(normed, mods);
  net.release(normed);
  const shifted = net.add(scaled, mods);
  net.release(scaled);
  const out = net.cast(shifted, x.width);
  net.release(shifted);
  return out;
}

/** x + gate · y in fp32. @param isCast y is turned to fp32 first */
function gatedWide(net: Net, x: Tensor, mods: Tensor, y: Tensor, isCast: boolean): Tensor {
  const wide = net.cast(x, 4);
  const right = isCast ? net.cast(y, 4) : net.r.view(y);
  const scaled = net.multiply(right, mods);
  net.release(right);
  const sum = net.add(wide, scaled);
  net.release(wide, scaled);
  const out = net.cast(sum, x.width);
  net.release(sum);
  return out;
}

/** Attention to the text, and beside it to an image. */
function crossAttention(net: Net, module: string, x: Tensor, given: Given): Tensor {
  const { c, batch, text, image } = given;
  const width = c.heads * c.dim;
  const shape = { batch, heads: c.heads, dim: c.dim, queries: x.elements / (batch * width) };
  const { added = width } = c;
  const of = (name: string, from: Tensor, inputs: number): Tensor =>
    net.linear(`${module}.${name}`, from, inputs, width);
  const normed = (name: string, one: Tensor): Tensor =>
    replaced(net, one, (from) => net.rmsNorm(`${module}.${name}`, from, width));
  const q0 = of('to_q', x, width);
  const k0 = of('to_k', text, width);
  const v = of('to_v', text, width);
  const q = normed('norm_q', q0);
  const k = normed('norm_k', k0);
  const ofImage = (from: Tensor): Tensor => {
    const [theirK, theirV] = [of('add_k_proj', from, added), of('add_v_proj', from, added)];
    const key = normed('norm_added_k', theirK);
    const seen = attend(net, q, key, theirV, { ...shape, keys: key.elements / (batch * width) });
    net.release(key, theirV);
    return seen;
  };
  const beside = image === undefined ? undefined : ofImage(image);
  let seen = attend(net, q, k, v, { ...shape, keys: k.elements / (batch * width) });
  if (beside !== undefined) {
    seen = replaced(net, seen, (one) => net.add(one, beside));
    net.release(beside);
  }
  const out = net.linear(`${module}.to_out.0`, seen, width, width);
  net.release(seen, q, k, v);
  return out;
}

function block(net: Net, module: string, given: Given, x: Tensor): Tensor {
  const { c, batch, times, tables } = given;
  const width = c.heads * c.dim;
  const table = net.parameter(`${module}.scale_shift_table`, [6, width]);
  const wideTimes = net.cast(times, 4);
  const mods = net.add(table, wideTimes);
  net.release(wideTimes);
  let input = adaptedWide(net, x, width, mods);
  let seen = attentionLayer(net, input, input, {
    module: `${module}.attn1`,
    batch,
    width,
    heads: c.heads,
    dim: c.dim,
    bias: true,
    outBias: true,
    norm: (_, name, of) => net.rmsNorm(name, of, width),
    rotary: (one) => turn(net, one, tables),
    rescales: false,
  });
  const first = gatedWide(net, x, mods, seen, false);
  input = replaced(net, input, () =>
    c.normsCross ? normedWide(net, `${module}.norm2`, first, width) : net.copy(first),
  );
  seen = replaced(net, seen, () => crossAttention(net, `${module}.attn2`, input, given));
  const second = net.add(first, seen);
  net.release(first);
  input = replaced(net, input, () => adaptedWide(net, second, width, mods));
  const fed = feedForward(net, `${module}.ffn`, input, width, c.inner);
  const out = gatedWide(net, second, mods, fed, true);
  net.release(fed, second, input, seen, mods, table);
  return out;
}

/** A norm with weights in fp32, and back. */
function normedWide(net: Net, module: string, x: Tensor, width: number): Tensor {
  const wide = net.cast(x, 4);
  const normed = net.layerNorm(module, wide, width);
  net.release(wide);
  const out = net.cast(normed, x.width);
  net.release(normed);
  return out;
}

/** The image that a video starts from, as tokens. */
function imageOf(net: Net, c: Config, batch: number): Tensor | undefined {
  if (c.image === undefined) return undefined;
  const module = 'condition_embedder.image_embedder';
  const width = c.heads * c.dim;
  const image = net.r.tensor(batch * IMAGE_TOKENS * c.image, net.stage.numerics.width, false);
  if (c.positions !== undefined)
    net.release(net.parameter(`${module}.pos_embed`, [1, c.positions, c.image]));
  const normed = normedWide(net, `${module}.norm1`, image, c.image);
  const up = net.linear(`${module}.ff.net.0.proj`, normed, c.image, c.image);
  const active = net.activate(up);
  net.release(up);
  const down = net.linear(`${module}.ff.net.2`, active, c.image, width);
  net.release(active, normed);
  return replaced(net, down, (one) => normedWide(net, `${module}.norm2`, one, width));
}

/** Text, and the image before it in the same tensor; the image keeps its name. */
function contextOf(
  net: Net,
  c: Config,
  batch: number,
  words: Tensor,
): Pick<Given, 'text' | 'image'> & { readonly named: Tensor | undefined } {
  const width = c.heads * c.dim;
  const text = twoLayers(net, 'condition_embedder.text_embedder', words, c.text, width);
  const image = imageOf(net, c, batch);
  if (image === undefined) return { text, image, named: undefined };
  const both = net.concat(image, text);
  const [first, second] = net.split(both, image.elements, text.elements) as [Tensor, Tensor];
  net.release(both, text);
  return { text: second, image: first, named: image };
}

/** Wan 2.1 and 2.2: one stream of video tokens with cross attention to the text. */
export const wan: Denoiser<Config> = {
  classes: ['WanTransformer3DModel'],
  sources: ['diffusers@0.42.1:models/transformers/transformer_wan.py'],
  read,
  textWidth: ({ text }) => text,
  run(net, c, { batch, frames, height, width: columns, textTokens }) {
    const { r } = net;
    const width = c.heads * c.dim;
    const activations = net.stage.numerics.width;
    const [patchTime, patch] = c.patch;
    const size = { batch, channels: c.channels, frames, height, width: columns };
    const latent = featureOf(r, activations, size);
    const cut = net.conv('patch_embedding', latent, width, patch, {
      taps: patchTime,
      stride: patch,
      timeStride: patchTime,
    });
    const tables = r.allocate((2 * 4 * cut.tensor.elements * c.dim) / (batch * width));
    let stream = net.copy(cut.tensor);
    net.release(cut);
    const steps = r.tensor(batch * c.times, activations, false);
    const time = twoLayers(net, 'condition_embedder.time_embedder', steps, c.times, width);
    const active = net.activate(time);
    const times = net.linear('condition_embedder.time_proj', active, width, 6 * width);
    net.release(active, steps);
    const words = r.tensor(batch * textTokens * c.text, activations, false);
    const { text, image, named } = contextOf(net, c, batch, words);
    const given = { c, batch, times, text, image, tables };
    for (let at = 0; at < c.layers; at += 1) {
      const out = net.block(
        [stream],
        ([one]) => [block(net, `blocks.${at}`, given, one as Tensor)],
        [tables, times.storage, text.storage, ...(image === undefined ? [] : [image.storage])],
      );
      stream = out[0] as Tensor;
    }
    const table = net.parameter('scale_shift_table', [2, width]);
    const mods = net.add(table, time);
    const ended = replaced(net, stream, (one) => adaptedWide(net, one, width, mods));
    const flat = replaced(net, ended, (one) =>
      net.linear('proj_out', one, width, c.out * patchTime * patch ** 2),
    );
    const result = net.copy(flat);
    net.release(flat, mods, table, text, words, times, time, latent);
    for (const one of [image, named]) if (one !== undefined) net.release(one);
    r.drop(tables);
    return result;
  },
};
