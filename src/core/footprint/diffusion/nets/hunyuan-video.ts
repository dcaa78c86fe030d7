import type { Fields } from '../../../workload/model/fields.ts';
import type { Storage, Tensor } from '../../rehearsal/rehearsal.ts';
import { adaptedPlain, conditioning, finished, modulation } from '../adaptive.ts';
import { attend, attentionLayer, feedForward, replaced, rotate } from '../attention.ts';
import { featureOf, type Net } from '../net.ts';
import type { Denoiser } from '../network.ts';

interface Config {
  readonly channels: number;
  readonly out: number;
  readonly patch: number;
  readonly patchTime: number;
  readonly doubles: number;
  readonly singles: number;
  readonly refiners: number;
  readonly heads: number;
  readonly dim: number;
  readonly inner: number;
  readonly text: number;
  readonly pooled: number;
  readonly guided: boolean;
}

function read(config: Fields): Config {
  const [heads, dim] = [config.count('num_attention_heads'), config.count('attention_head_dim')];
  const ratio = config.get('mlp_ratio');
  return {
    channels: config.count('in_channels'),
    out: config.maybeCount('out_channels') ?? config.count('in_channels'),
    patch: config.count('patch_size'),
    patchTime: config.maybeCount('patch_size_t') ?? 1,
    doubles: config.count('num_layers'),
    singles: config.count('num_single_layers'),
    refiners: config.count('num_refiner_layers'),
    heads,
    dim,
    inner: Math.floor(heads * dim * (typeof ratio === 'number' ? ratio : 4)),
    text: config.count('text_embed_dim'),
    pooled: config.count('pooled_projection_dim'),
    guided: config.flag('guidance_embeds', true),
  };
}

/** What all blocks read. */
interface Given {
  readonly c: Config;
  readonly batch: number;
  readonly time: Tensor;
  /** Cosines and sines of the video's tokens. */
  readonly tables: Storage;
}

const QKV = ['to_q', 'to_k', 'to_v'] as const;

/** Queries, keys and values of one stream; queries and keys normed over each head. */
function projected(
  net: Net,
  { c }: Given,
  module: string,
  x: Tensor,
  names: readonly string[],
  norms: readonly string[],
): Tensor[] {
  const width = c.heads * c.dim;
  const parts = names.map((name) => net.linear(`${module}.${name}`, x, width, width));
  return parts.map((part, i) => {
    const name = norms[i];
    return name === undefined
      ? part
      : replaced(net, part, (one) => net.writtenNorm(`${module}.${name}`, one, c.dim));
  });
}

function attended(net: Net, { c, batch }: Given, [q, k, v]: readonly Tensor[]): Tensor {
  if (q === undefined || k === undefined || v === undefined) throw new Error('three parts');
  const tokens = q.elements / (batch * c.heads * c.dim);
  return attend(net, q, k, v, { batch, heads: c.heads, dim: c.dim, queries: tokens, keys: tokens });
}

function doubleBlock(
  net: Net,
  given: Given,
  module: string,
  [image, text]: readonly Tensor[],
): readonly Tensor[] {
  if (image === undefined || text === undefined) throw new Error('two streams');
  const { c, time, tables, batch } = given;
  const width = c.heads * c.dim;
  const mods = ['norm1', 'norm1_context'].map((name) =>
    modulation(net, `${module}.${name}.linear`, time, width, 6 * width),
  );
  const [mod, theirMod] = mods as [Tensor, Tensor];
  const x = adaptedPlain(net, image, width, mod);
  const y = adaptedPlain(net, text, width, theirMod);
  const own = projected(net, given, `${module}.attn`, x, QKV, ['norm_q', 'norm_k']);
  const turned = own.map((part, i) =>
    i < 2 ? replaced(net, part, (one) => rotate(net, one, tables)) : part,
  );
  const added = ['add_q_proj', 'add_k_proj', 'add_v_proj'];
  const others = projected(net, given, `${module}.attn`, y, added, [
    'norm_added_q',
    'norm_added_k',
  ]);
  const joined = turned.map((part, i) =>
    replaced(net, part, (one) => net.concat(one, others[i] as Tensor)),
  );
  const all = attended(net, given, joined);
  const [ofImage, ofText] = net.split(all, image.elements, text.elements) as [Tensor, Tensor];
  const project = (part: Tensor, name: string): Tensor => {
    const whole = batch > 1 ? net.copy(part) : part;
    const out = net.linear(`${module}.attn.${name}`, whole, width, width);
    if (whole !== part) net.release(whole);
    return out;
  };
  const seen = project(ofImage, 'to_out.0');
  const read = project(ofText, 'to_add_out');
  net.release(all, ofImage, ofText, ...joined, ...others);
  const [stream, words] = [net.gated(image, mod, seen), net.gated(text, theirMod, read)];
  net.release(x, y);
  const inputs = [stream, words].map((one, i) => {
    const normed = net.layerNorm(undefined, one, width);
    const out = net.modulate(normed, mods[i] as Tensor);
    net.release(normed);
    return out;
  });
  const fed = feedForward(net, `${module}.ff`, inputs[0] as Tensor, width, c.inner);
  const fedText = feedForward(net, `${module}.ff_context`, inputs[1] as Tensor, width, c.inner);
  const newImage = net.gated(stream, mod, fed);
  const newText = net.gated(words, theirMod, fedText);
  net.release(fed, fedText, ...inputs, stream, words, seen, read, ...mods);
  return [newImage, newText];
}

function singleBlock(
  net: Net,
  given: Given,
  module: string,
  [image, text]: readonly Tensor[],
): readonly Tensor[] {
  if (image === undefined || text === undefined) throw new Error('two streams');
  const { c, time, tables } = given;
  const width = c.heads * c.dim;
  const stream = net.concat(image, text);
  const mod = modulation(net, `${module}.norm.linear`, time, width, 3 * width);
  const x = adaptedPlain(net, stream, width, mod);
  const active = replaced(net, net.linear(`${module}.proj_mlp`, x, width, c.inner), (one) =>
    net.activate(one),
  );
  // The processor joins the two parts again.
  const both = net.copy(x);
  const [q, k, v] = projected(net, given, `${module}.attn`, both, QKV, ['norm_q', 'norm_k']) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const turned = [q, k].map((part) =>
    replaced(net, part, (one) => {
      const [head, tail] = net.split(one, image.elements, text.elements) as [Tensor, Tensor];
      const moved = rotate(net, head, tables);
      const out = net.concat(moved, tail);
      net.release(moved, head, tail);
      return out;
    }),
  );
  net.release(both);
  const seen = attended(net, given, [...turned, v]);
  net.release(...turned, v);
  const again = replaced(net, seen, (one) => net.copy(one));
  const wide = net.concat(again, active);
  const projectedOut = net.linear(`${module}.proj_out`, wide, width + c.inner, width);
  const scaled = net.multiply(projectedOut, mod);
  net.release(wide, projectedOut);
  const out = net.add(scaled, stream);
  net.release(scaled, again, active, x, mod, stream);
  const parts = net.split(out, image.elements, text.elements);
  net.release(out);
  return parts;
}

/** A few layers over the text alone, gated by the time. */
function refined(net: Net, c: Config, batch: number, texts: Tensor): Tensor {
  const width = c.heads * c.dim;
  const module = 'context_embedder';
  const time = conditioning(net, `${module}.time_text_embed`, {
    batch,
    width,
    pooled: c.text,
    guided: false,
  });
  let stream = net.linear(`${module}.proj_in`, texts, c.text, width);
  for (let at = 0; at < c.refiners; at += 1) {
    const block = `${module}.token_refiner.refiner_blocks.${at}`;
    const x = net.layerNorm(`${block}.norm1`, stream, width);
    const seen = attentionLayer(net, x, x, {
      module: `${block}.attn`,
      batch,
      width,
      heads: c.heads,
      dim: c.dim,
      bias: true,
      outBias: true,
      rescales: true,
    });
    const mod = modulation(net, `${block}.norm_out.linear`, time, width, 2 * width);
    const sum = net.gated(stream, mod, seen);
    const y = net.layerNorm(`${block}.norm2`, sum, width);
    const fed = feedForward(net, `${block}.ff`, y, width, 4 * width);
    const out = net.gated(sum, mod, fed);
    net.release(stream, x, seen, mod, sum, y, fed);
    stream = out;
  }
  net.release(time);
  return stream;
}

/** HunyuanVideo: double and single blocks over video and text. */
export const hunyuanVideo: Denoiser<Config> = {
  classes: ['HunyuanVideoTransformer3DModel'],
  sources: ['diffusers@0.42.1:models/transformers/transformer_hunyuan_video.py'],
  read,
  textWidth: ({ text }) => text,
  run(net, c, { batch, frames, height, width: columns, textTokens }) {
    const { r } = net;
    const width = c.heads * c.dim;
    const activations = net.stage.numerics.width;
    const time = conditioning(net, 'time_text_embed', {
      batch,
      width,
      pooled: c.pooled,
      guided: c.guided,
    });
    const latent = featureOf(r, activations, {
      batch,
      channels: c.channels,
      frames,
      height,
      width: columns,
    });
    const cut = net.conv('x_embedder.proj', latent, width, c.patch, {
      taps: c.patchTime,
      stride: c.patch,
      timeStride: c.patchTime,
    });
    const tokens = cut.tensor.elements / (batch * width);
    const tables = r.allocate(2 * 4 * tokens * c.dim);
    const texts = r.tensor(batch * textTokens * c.text, activations, false);
    let text = refined(net, c, batch, texts);
    let image = cut.tensor;
    const given = { c, batch, time, tables };
    const blocks = [
      ...Array.from(
        { length: c.doubles },
        (_, at) => [doubleBlock, `transformer_blocks.${at}`] as const,
      ),
      ...Array.from(
        { length: c.singles },
        (_, at) => [singleBlock, `single_transformer_blocks.${at}`] as const,
      ),
    ];
    for (const [run, module] of blocks) {
      const out = net.block([image, text], (streams) => run(net, given, module, streams), [
        tables,
        time.storage,
      ]);
      [image, text] = out as [Tensor, Tensor];
    }
    const flat = finished(net, image, time, width, c.patch ** 2 * c.patchTime * c.out);
    const result = net.copy(flat);
    net.release(flat, image, text, texts, latent, time);
    r.drop(tables);
    return result;
  },
};
