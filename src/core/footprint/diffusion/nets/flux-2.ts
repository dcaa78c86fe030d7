import type { Fields } from '../../../workload/model/fields.ts';
import type { Storage, Tensor } from '../../rehearsal/rehearsal.ts';
import { attend, replaced, rotate, twoLayers } from '../attention.ts';
import type { Net } from '../net.ts';
import type { Denoiser, Latents } from '../network.ts';

interface Config {
  readonly channels: number;
  readonly out: number;
  readonly doubles: number;
  readonly singles: number;
  readonly heads: number;
  readonly dim: number;
  readonly text: number;
  readonly times: number;
  readonly inner: number;
  readonly guided: boolean;
}

const read = (config: Fields): Config => {
  const heads = config.count('num_attention_heads');
  const dim = config.count('attention_head_dim');
  const ratio = config.get('mlp_ratio');
  return {
    channels: config.count('in_channels'),
    out: config.maybeCount('out_channels') ?? config.count('in_channels'),
    doubles: config.count('num_layers'),
    singles: config.count('num_single_layers'),
    heads,
    dim,
    text: config.count('joint_attention_dim'),
    times: config.maybeCount('timestep_guidance_channels') ?? 256,
    inner: Math.floor(heads * dim * (typeof ratio === 'number' ? ratio : 3)),
    guided: config.flag('guidance_embeds', true),
  };
};

/** Norm, then one scale and shift for all blocks. */
function modulated(net: Net, x: Tensor, width: number, mod: Tensor): Tensor {
  const normed = net.layerNorm(undefined, x, width);
  const out = net.modulate(normed, mod);
  net.release(normed);
  return out;
}

/** Both halves of one projection, the first through SiLU. */
function swiglu(net: Net, both: Tensor): Tensor {
  const half = both.elements / 2;
  const [gate, value] = net.split(both, half, half) as [Tensor, Tensor];
  const active = net.activate(gate);
  const out = net.multiply(active, value);
  net.release(gate, value, active);
  return out;
}

function feedForward(net: Net, module: string, x: Tensor, width: number, inner: number): Tensor {
  const both = net.linear(`${module}.linear_in`, x, width, 2 * inner, false);
  const active = replaced(net, both, (one) => swiglu(net, one));
  const out = net.linear(`${module}.linear_out`, active, inner, width, false);
  net.release(active);
  return out;
}

interface Mods {
  readonly image: Tensor;
  readonly text: Tensor;
  readonly single: Tensor;
  /** Cosines and sines. */
  readonly tables: Storage;
}

function doubleBlock(
  net: Net,
  c: Config,
  at: number,
  batch: number,
  mods: Mods,
  [image, text]: readonly Tensor[],
): Tensor[] {
  if (image === undefined || text === undefined) throw new Error('two streams');
  const width = c.heads * c.dim;
  const module = `transformer_blocks.${at}`;
  const x = modulated(net, image, width, mods.image);
  const y = modulated(net, text, width, mods.text);
  const project = (names: readonly string[], from: Tensor): Tensor[] =>
    names.map((name) => net.linear(`${module}.attn.${name}`, from, width, width, false));
  const mine = project(['to_q', 'to_k', 'to_v'], x);
  const theirs = project(['add_q_proj', 'add_k_proj', 'add_v_proj'], y);
  const normed = (parts: readonly Tensor[], names: readonly string[]): Tensor[] =>
    parts.map((part, i) =>
      names[i] === undefined
        ? part
        : replaced(net, part, (one) => net.rmsNorm(`${module}.attn.${names[i]}`, one, c.dim)),
    );
  const own = normed(mine, ['norm_q', 'norm_k']);
  const others = normed(theirs, ['norm_added_q', 'norm_added_k']);
  const joined = own.map((part, i) => {
    const other = others[i] as Tensor;
    const whole = net.concat(other, part);
    net.release(part);
    return whole;
  });
  const [q, k, v] = joined as [Tensor, Tensor, Tensor];
  const turnedQ = replaced(net, q, (one) => rotate(net, one, mods.tables));
  const turnedK = replaced(net, k, (one) => rotate(net, one, mods.tables));
  const tokens = turnedQ.elements / (batch * width);
  const all = attend(net, turnedQ, turnedK, v, {
    batch,
    heads: c.heads,
    dim: c.dim,
    queries: tokens,
    keys: tokens,
  });
  const [ofText, ofImage] = net.split(all, text.elements, image.elements) as [Tensor, Tensor];
  const textOut = net.linear(`${module}.attn.to_add_out`, ofText, width, width, false);
  const imageOut = net.linear(`${module}.attn.to_out.0`, ofImage, width, width, false);
  net.release(all, ofText, ofImage, turnedQ, turnedK, v, ...others);
  // The normed streams keep their names until later ones take them.
  const finish = (stream: Tensor, out: Tensor, mod: Tensor, ff: string, before: Tensor): Tensor => {
    const scaled = replaced(net, out, (one) => net.multiply(one, mod));
    const sum = net.add(stream, scaled);
    const input = modulated(net, sum, width, mod);
    net.release(before);
    const fed = feedForward(net, `${module}.${ff}`, input, width, c.inner);
    const result = net.gated(sum, mod, fed);
    net.release(scaled, input, fed, sum);
    return result;
  };
  const newImage = finish(image, imageOut, mods.image, 'ff', x);
  const newText = finish(text, textOut, mods.text, 'ff_context', y);
  return [newImage, newText];
}

function singleBlock(
  net: Net,
  c: Config,
  at: number,
  batch: number,
  mods: Mods,
  stream: Tensor,
): Tensor {
  const width = c.heads * c.dim;
  const mod = mods.single;
  const module = `single_transformer_blocks.${at}.attn`;
  const x = modulated(net, stream, width, mod);
  const all = net.linear(`${module}.to_qkv_mlp_proj`, x, width, 3 * width + 2 * c.inner, false);
  const rows = x.elements;
  const [q, k, v, mlp] = net.split(all, rows, rows, rows, (rows / width) * 2 * c.inner) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  let query = replaced(net, q, (one) => net.rmsNorm(`${module}.norm_q`, one, c.dim));
  let key = replaced(net, k, (one) => net.rmsNorm(`${module}.norm_k`, one, c.dim));
  query = replaced(net, query, (one) => rotate(net, one, mods.tables));
  key = replaced(net, key, (one) => rotate(net, one, mods.tables));
  const tokens = rows / (batch * width);
  const seen = attend(net, query, key, v, {
    batch,
    heads: c.heads,
    dim: c.dim,
    queries: tokens,
    keys: tokens,
  });
  // `qkv` names the whole projection to the end.
  const active = replaced(net, mlp, (one) => swiglu(net, one));
  const both = net.concat(seen, active);
  net.release(seen);
  const out = net.linear(`${module}.to_out`, both, width + c.inner, width, false);
  net.release(both, active, query, key, v, all);
  const result = net.gated(stream, mod, out);
  net.release(out, x);
  return result;
}

/** FLUX.2: double and single blocks with modulations that all blocks share. */
export const flux2: Denoiser<Config> = {
  classes: ['Flux2Transformer2DModel'],
  sources: ['diffusers@0.42.1:models/transformers/transformer_flux2.py'],
  read,
  textWidth: ({ text }) => text,
  packs: 2,
  run(net: Net, c: Config, { batch, height, width: columns, textTokens }: Latents): Tensor {
    const { r } = net;
    const width = c.heads * c.dim;
    const activations = net.stage.numerics.width;
    const input = (elements: number): Tensor => r.tensor(elements, activations, false);
    const times = input(batch * c.times);
    let time = twoLayers(
      net,
      'time_guidance_embed.timestep_embedder',
      times,
      c.times,
      width,
      false,
    );
    if (c.guided) {
      const guidance = twoLayers(
        net,
        'time_guidance_embed.guidance_embedder',
        times,
        c.times,
        width,
        false,
      );
      const sum = net.add(time, guidance);
      net.release(time, guidance);
      time = sum;
    }
    const modulation = (module: string, sets: number): Tensor => {
      const active = net.activate(time);
      const out = net.linear(`${module}.linear`, active, width, 3 * sets * width, false);
      net.release(active);
      return out;
    };
    const mods: Mods = {
      image: modulation('double_stream_modulation_img', 2),
      text: modulation('double_stream_modulation_txt', 2),
      single: modulation('single_stream_modulation', 1),
      // In fp32, for text and image.
      tables: r.allocate(2 * 4 * (textTokens + height * columns) * c.dim),
    };
    const patches = input(batch * height * columns * c.channels);
    let image = net.linear('x_embedder', patches, c.channels, width, false);
    const texts = input(batch * textTokens * c.text);
    let text = net.linear('context_embedder', texts, c.text, width, false);
    for (let at = 0; at < c.doubles; at += 1) {
      const out = net.block(
        [image, text],
        (streams) => doubleBlock(net, c, at, batch, mods, streams),
        [mods.tables, mods.image.storage, mods.text.storage, mods.single.storage],
      );
      [image, text] = out as [Tensor, Tensor];
    }
    let stream = net.concat(text, image);
    net.release(image);
    for (let at = 0; at < c.singles; at += 1) {
      const out = net.block(
        [stream],
        ([one]) => [singleBlock(net, c, at, batch, mods, one as Tensor)],
        [mods.tables, mods.image.storage, mods.text.storage, mods.single.storage],
      );
      stream = out[0] as Tensor;
    }
    const [last] = net.split(stream, batch * height * columns * width) as [Tensor];
    const active = net.activate(time);
    const mod = net.linear('norm_out.linear', active, width, 2 * width, false);
    const normed = modulated(net, last, width, mod);
    const result = net.linear('proj_out', normed, width, c.out, false);
    net.release(
      normed,
      mod,
      active,
      last,
      stream,
      text,
      texts,
      patches,
      times,
      time,
      mods.image,
      mods.text,
      mods.single,
    );
    r.drop(mods.tables);
    return result;
  },
};
