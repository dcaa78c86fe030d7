import type { Fields } from '../../../workload/model/fields.ts';
import type { Storage, Tensor } from '../../rehearsal/rehearsal.ts';
import { finished, modulation } from '../adaptive.ts';
import { attend, feedForward, replaced, twoLayers } from '../attention.ts';
import type { Net } from '../net.ts';
import type { Denoiser } from '../network.ts';

interface Config {
  readonly channels: number;
  readonly out: number;
  readonly patch: number;
  readonly layers: number;
  readonly heads: number;
  readonly dim: number;
  readonly text: number;
}

const read = (config: Fields): Config => ({
  channels: config.maybeCount('in_channels') ?? 64,
  out: config.maybeCount('out_channels') ?? 16,
  patch: config.maybeCount('patch_size') ?? 2,
  layers: config.maybeCount('num_layers') ?? 60,
  heads: config.maybeCount('num_attention_heads') ?? 24,
  dim: config.maybeCount('attention_head_dim') ?? 128,
  text: config.maybeCount('joint_attention_dim') ?? 3584,
});

/** As complex numbers in fp32, times the tables. */
function turn(net: Net, x: Tensor, tables: Storage): Tensor {
  const { r } = net;
  const wide = r.allocate(x.elements * 4);
  const turned = r.allocate(x.elements * 4);
  const out = net.tensor(x.elements, x);
  r.drop(wide, turned);
  r.record(out, [tables], () => {
    const grad = r.allocate(x.elements * 4);
    const back = r.allocate(x.elements * 4);
    r.drop(grad);
    const mine = r.allocate(x.elements * x.width);
    r.drop(back);
    r.accumulate(x, mine);
  });
  return out;
}

/** What all blocks read. */
interface Given {
  readonly c: Config;
  readonly batch: number;
  readonly time: Tensor;
  /** Complex numbers for the tokens of the image and of the text. */
  readonly tables: Storage;
}

const PARTS = [
  ['to_q', 'to_k', 'to_v'],
  ['add_q_proj', 'add_k_proj', 'add_v_proj'],
] as const;

const NORMS = [
  ['norm_q', 'norm_k'],
  ['norm_added_q', 'norm_added_k'],
] as const;

/** Attention over text and image together; all its parts keep their names to its end. */
function jointAttention(
  net: Net,
  module: string,
  { c, batch, tables }: Given,
  streams: readonly [Tensor, Tensor],
): [Tensor, Tensor] {
  const width = c.heads * c.dim;
  const raw = streams.map((stream, i) =>
    (PARTS[i] ?? []).map((name) => net.linear(`${module}.${name}`, stream, width, width)),
  );
  const changed = (of: (one: Tensor, stream: number, part: number) => Tensor): void => {
    for (const [i, parts] of raw.entries())
      for (const part of [0, 1])
        parts[part] = replaced(net, parts[part] as Tensor, (one) => of(one, i, part));
  };
  changed((one, i, part) => net.writtenNorm(`${module}.${NORMS[i]?.[part]}`, one, c.dim));
  changed((one) => turn(net, one, tables));
  const [image, text] = raw as [Tensor[], Tensor[]];
  const joined = image.map((part, i) => net.concat(text[i] as Tensor, part));
  const [q, k, v] = joined as [Tensor, Tensor, Tensor];
  const tokens = q.elements / (batch * width);
  const all = attend(net, q, k, v, {
    batch,
    heads: c.heads,
    dim: c.dim,
    queries: tokens,
    keys: tokens,
  });
  const shares = net.split(all, streams[0].elements, streams[1].elements);
  const out = shares.map((share, i) => {
    const whole = batch > 1 ? net.copy(share) : share;
    const name = i === 0 ? 'to_out.0' : 'to_add_out';
    const result = net.linear(`${module}.${name}`, whole, width, width);
    if (whole !== share) net.release(whole);
    return result;
  });
  net.release(all, ...shares, ...joined, ...image, ...text);
  return out as [Tensor, Tensor];
}

function block(
  net: Net,
  module: string,
  given: Given,
  streams: readonly Tensor[],
): readonly Tensor[] {
  const { c, time } = given;
  const width = c.heads * c.dim;
  const names = ['img', 'txt'] as const;
  const mods = names.map((name) =>
    modulation(net, `${module}.${name}_mod.1`, time, width, 6 * width),
  );
  // Every result has a name of its own, which lasts to the end of the block.
  const named: Tensor[] = [...mods];
  const keep = (one: Tensor): Tensor => {
    named.push(one);
    return one;
  };
  const inputs = streams.map((stream, i) => {
    const normed = keep(net.layerNorm(undefined, stream, width));
    return keep(net.modulate(normed, mods[i] as Tensor));
  });
  const seen = jointAttention(net, `${module}.attn`, given, inputs as [Tensor, Tensor]).map(keep);
  const sums = streams.map((stream, i) => net.gated(stream, mods[i] as Tensor, seen[i] as Tensor));
  const out = sums.map((sum, i) => {
    const mod = mods[i] as Tensor;
    const normed = keep(net.layerNorm(undefined, sum, width));
    const input = keep(net.modulate(normed, mod));
    const fed = keep(feedForward(net, `${module}.${names[i]}_mlp`, input, width, 4 * width));
    const next = net.gated(sum, mod, fed);
    net.release(sum);
    return next;
  });
  net.release(...named);
  return out;
}

const POSITIONS = 4096;

/** Qwen-Image: blocks of two streams. */
export const qwenImage: Denoiser<Config> = {
  classes: ['QwenImageTransformer2DModel'],
  sources: ['diffusers@0.42.1:models/transformers/transformer_qwenimage.py'],
  read,
  textWidth: ({ text }) => text,
  packs: 2,
  run(net, c, { batch, height, width: columns, textTokens }) {
    const { r } = net;
    const width = c.heads * c.dim;
    const activations = net.stage.numerics.width;
    const tokens = height * columns;
    const latents = r.tensor(batch * tokens * c.channels, activations, false);
    const words = r.tensor(batch * textTokens * c.text, activations, false);
    let image = net.linear('img_in', latents, c.channels, width);
    let text = replaced(net, net.writtenNorm('txt_norm', words, c.text), (one) =>
      net.linear('txt_in', one, c.text, width),
    );
    const steps = r.tensor(batch * 256, activations, false);
    const time = twoLayers(net, 'time_text_embed.timestep_embedder', steps, 256, width);
    const tables = r.allocate((tokens + textTokens) * c.dim * 4);
    // Frequencies of 4096 positions in either direction, and those of the image once more, stay cached.
    const cached = r.allocate(2 * POSITIONS * c.dim * 4 + tokens * c.dim * 4);
    const given = { c, batch, time, tables };
    for (let at = 0; at < c.layers; at += 1) {
      const out = net.block(
        [image, text],
        (streams) => block(net, `transformer_blocks.${at}`, given, streams),
        [tables, time.storage],
      );
      [image, text] = out as [Tensor, Tensor];
    }
    const result = finished(net, image, time, width, c.patch ** 2 * c.out);
    net.release(image, text, latents, words, steps, time);
    r.drop(tables, cached);
    return result;
  },
};
