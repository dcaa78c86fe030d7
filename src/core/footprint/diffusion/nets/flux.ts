import type { Fields } from '../../../workload/model/fields.ts';
import type { Storage, Tensor } from '../../rehearsal/rehearsal.ts';
import { adaptedPlain, conditioning, finished, modulation } from '../adaptive.ts';
import { attend, replaced, rotate } from '../attention.ts';
import { jointBlock } from '../joint.ts';
import type { Net } from '../net.ts';
import type { Denoiser } from '../network.ts';

interface Config {
  readonly channels: number;
  readonly out: number;
  readonly doubles: number;
  readonly singles: number;
  readonly heads: number;
  readonly dim: number;
  readonly text: number;
  readonly pooled: number;
  readonly guided: boolean;
}

const read = (config: Fields): Config => ({
  channels: config.count('in_channels'),
  out: config.maybeCount('out_channels') ?? config.count('in_channels'),
  doubles: config.count('num_layers'),
  singles: config.count('num_single_layers'),
  heads: config.count('num_attention_heads'),
  dim: config.count('attention_head_dim'),
  text: config.count('joint_attention_dim'),
  pooled: config.count('pooled_projection_dim'),
  guided: config.flag('guidance_embeds', false),
});

const normOf =
  (dim: number) =>
  (net: Net, name: string, x: Tensor): Tensor =>
    net.rmsNorm(name, x, dim);

function singleBlock(
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
  const norm = normOf(c.dim);
  const stream = net.concat(text, image);
  const mod = modulation(net, `${module}.norm.linear`, time, width, 3 * width);
  const x = adaptedPlain(net, stream, width, mod);
  const active = replaced(net, net.linear(`${module}.proj_mlp`, x, width, 4 * width), (one) =>
    net.activate(one),
  );
  const project = (name: string): Tensor => net.linear(`${module}.attn.${name}`, x, width, width);
  let [q, k] = [project('to_q'), project('to_k')];
  const v = project('to_v');
  q = replaced(net, q, (one) => norm(net, `${module}.attn.norm_q`, one));
  k = replaced(net, k, (one) => norm(net, `${module}.attn.norm_k`, one));
  q = replaced(net, q, (one) => rotate(net, one, tables));
  k = replaced(net, k, (one) => rotate(net, one, tables));
  const tokens = q.elements / (batch * width);
  const seen = attend(net, q, k, v, {
    batch,
    heads: c.heads,
    dim: c.dim,
    queries: tokens,
    keys: tokens,
  });
  net.release(q, k, v);
  const both = net.concat(seen, active);
  const projected = net.linear(`${module}.proj_out`, both, 5 * width, width);
  const scaled = net.multiply(projected, mod);
  net.release(both, projected);
  const out = net.add(stream, scaled);
  net.release(scaled, seen, active, x, mod, stream);
  const [newText, newImage] = net.split(out, text.elements, image.elements) as [Tensor, Tensor];
  net.release(out);
  return [newImage, newText];
}

/** FLUX.1. */
export const flux: Denoiser<Config> = {
  classes: ['FluxTransformer2DModel'],
  sources: ['diffusers@0.42.1:models/transformers/transformer_flux.py, models/normalization.py'],
  read,
  textWidth: ({ text }) => text,
  packs: 2,
  run(net, c, { batch, height, width: columns, textTokens }) {
    const { r } = net;
    const width = c.heads * c.dim;
    const activations = net.stage.numerics.width;
    const patches = r.tensor(batch * height * columns * c.channels, activations, false);
    let image = net.linear('x_embedder', patches, c.channels, width);
    const time = conditioning(net, 'time_text_embed', {
      batch,
      width,
      pooled: c.pooled,
      guided: c.guided,
    });
    const texts = r.tensor(batch * textTokens * c.text, activations, false);
    let text = net.linear('context_embedder', texts, c.text, width);
    const tables = r.allocate(2 * 4 * (textTokens + height * columns) * c.dim);
    const use = {
      batch,
      width,
      heads: c.heads,
      dim: c.dim,
      norm: normOf(c.dim),
      rotary: tables,
      textEnds: false,
    };
    for (let at = 0; at < c.doubles; at += 1) {
      const module = `transformer_blocks.${at}`;
      const out = net.block(
        [image, text],
        (streams) => jointBlock(net, { ...use, module }, time, streams),
        [tables, time.storage],
      );
      [image, text] = out as [Tensor, Tensor];
    }
    for (let at = 0; at < c.singles; at += 1) {
      const module = `single_transformer_blocks.${at}`;
      const out = net.block(
        [image, text],
        (streams) => singleBlock(net, c, module, batch, time, tables, streams),
        [tables, time.storage],
      );
      [image, text] = out as [Tensor, Tensor];
    }
    const result = finished(net, image, time, width, c.out);
    net.release(image, text, time, patches, texts);
    r.drop(tables);
    return result;
  },
};
