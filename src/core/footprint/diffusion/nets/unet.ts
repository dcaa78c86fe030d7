import type { Fields } from '../../../workload/model/fields.ts';
import type { Tensor } from '../../rehearsal/rehearsal.ts';
import { attentionLayer, gatedFeedForward, replaced, twoLayers } from '../attention.ts';
import { downsampled, replacedMap, resnet, upsampled } from '../maps.ts';
import { type Feature, featureOf, type Net } from '../net.ts';
import type { Denoiser } from '../network.ts';

interface Level {
  readonly channels: number;
  readonly heads: number;
  /** Transformer blocks behind each residual block; 0 for none. */
  readonly transformers: number;
  readonly resnets: number;
}

interface Config {
  readonly channels: number;
  readonly out: number;
  readonly levels: readonly Level[];
  /** Levels of the way up, as the config gives them: the deepest first. */
  readonly ups: readonly boolean[];
  readonly cross: number;
  readonly groups: number;
  readonly linear: boolean;
  /** Sizes and pooled text beside the time (SDXL): inputs of their embedding. */
  readonly added: number | undefined;
  readonly time: number;
}

/** One value for all levels, or one for each. */
function perLevel(
  config: Fields,
  name: string,
  count: number,
  otherwise: number,
): readonly number[] {
  return config.get(name) === undefined
    ? new Array<number>(count).fill(otherwise)
    : config.counts(name, count);
}

function read(config: Fields): Config {
  const channels = config.list('block_out_channels') ?? [];
  const widths = config.counts('block_out_channels', Math.max(1, channels.length));
  const downs = config.list('down_block_types') ?? [];
  const ups = config.list('up_block_types') ?? [];
  const heads = perLevel(
    config,
    config.get('num_attention_heads') === undefined ? 'attention_head_dim' : 'num_attention_heads',
    widths.length,
    8,
  );
  const layers = perLevel(config, 'transformer_layers_per_block', widths.length, 1);
  const resnets = perLevel(config, 'layers_per_block', widths.length, 2);
  const attends = (type: unknown): boolean =>
    typeof type === 'string' && type.startsWith('CrossAttn');
  return {
    channels: config.count('in_channels'),
    out: config.maybeCount('out_channels') ?? 4,
    levels: widths.map((width, i) => ({
      channels: width,
      heads: heads[i] ?? 8,
      transformers: attends(downs[i]) ? (layers[i] ?? 1) : 0,
      resnets: resnets[i] ?? 2,
    })),
    ups: ups.map(attends),
    cross: config.count('cross_attention_dim'),
    groups: config.maybeCount('norm_num_groups') ?? 32,
    linear: config.flag('use_linear_projection', false),
    added:
      config.text('addition_embed_type') === 'text_time'
        ? config.count('projection_class_embeddings_input_dim')
        : undefined,
    time: config.maybeCount('time_embedding_dim') ?? (widths[0] ?? 320) * 4,
  };
}

/** What all blocks read. */
interface Given {
  readonly c: Config;
  readonly time: { readonly tensor: Tensor; readonly width: number };
  readonly text: Tensor;
}

function basicBlock(
  net: Net,
  given: Given,
  module: string,
  level: Level,
  batch: number,
  x: Tensor,
): Tensor {
  const { c, text } = given;
  const { channels: width, heads } = level;
  const use = {
    batch,
    width,
    heads,
    dim: width / heads,
    bias: false,
    outBias: true,
    rescales: true,
  };
  const normed = (name: string, of: Tensor): Tensor =>
    net.layerNorm(`${module}.${name}`, of, width);
  let input = normed('norm1', x);
  let seen = attentionLayer(net, input, input, { ...use, module: `${module}.attn1` });
  let stream = net.add(seen, x);
  net.release(input);
  input = normed('norm2', stream);
  const read = attentionLayer(net, input, text, {
    ...use,
    module: `${module}.attn2`,
    crossWidth: c.cross,
  });
  net.release(seen);
  seen = read;
  stream = replaced(net, stream, (one) => net.add(seen, one));
  net.release(input);
  input = normed('norm3', stream);
  const fed = gatedFeedForward(net, `${module}.ff`, input, width, 4 * width);
  const out = net.add(fed, stream);
  net.release(fed, stream, input, seen);
  return out;
}

/** Attention over the pixels of a map, with a shortcut around all of it. */
function transformer(net: Net, given: Given, module: string, level: Level, x: Feature): Feature {
  const { c } = given;
  const width = x.channels;
  let hidden = net.groupNorm(`${module}.norm`, x, c.groups);
  const copied = (one: Feature): Feature => ({ ...one, tensor: net.copy(one.tensor) });
  if (c.linear) {
    hidden = replacedMap(net, hidden, copied);
    hidden = replacedMap(net, hidden, (one) => ({
      ...one,
      tensor: net.linear(`${module}.proj_in`, one.tensor, width, width),
    }));
  } else {
    hidden = replacedMap(net, hidden, (one) => net.conv(`${module}.proj_in`, one, width, 1));
    hidden = replacedMap(net, hidden, copied);
  }
  let stream = hidden.tensor;
  for (let at = 0; at < level.transformers; at += 1) {
    const name = `${module}.transformer_blocks.${at}`;
    const out = net.block(
      [stream],
      ([one]) => [basicBlock(net, given, name, level, x.batch, one as Tensor)],
      [given.text.storage],
    );
    stream = out[0] as Tensor;
  }
  hidden = { ...hidden, tensor: stream };
  if (c.linear) {
    hidden = replacedMap(net, hidden, (one) => ({
      ...one,
      tensor: net.linear(`${module}.proj_out`, one.tensor, width, width),
    }));
    hidden = replacedMap(net, hidden, copied);
  } else {
    hidden = replacedMap(net, hidden, copied);
    hidden = replacedMap(net, hidden, (one) => net.conv(`${module}.proj_out`, one, width, 1));
  }
  return replacedMap(net, hidden, (one) => ({ ...one, tensor: net.add(one.tensor, x.tensor) }));
}

/** A residual block, computed again in the backward pass where the job does so; x is let go. */
function residual(net: Net, given: Given, module: string, channels: number, x: Feature): Feature {
  const { c, time } = given;
  const [tensor] = net.block(
    [x.tensor],
    ([one]) => [
      resnet(net, module, { ...x, tensor: one as Tensor }, { channels, groups: c.groups, time })
        .tensor,
    ],
    [time.tensor.storage],
  );
  return { ...x, channels, tensor: tensor as Tensor };
}

/** The way down: each map that the way up will need is held once more. */
function down(net: Net, given: Given, from: Feature): { x: Feature; skips: Feature[] } {
  const { levels } = given.c;
  const skips: Feature[] = [];
  const keep = (one: Feature): void => {
    net.r.view(one.tensor);
    skips.push(one);
  };
  let x = from;
  keep(x);
  levels.forEach((level, i) => {
    for (let at = 0; at < level.resnets; at += 1) {
      const module = `down_blocks.${i}`;
      x = residual(net, given, `${module}.resnets.${at}`, level.channels, x);
      if (level.transformers > 0) {
        x = replacedMap(net, x, (one) =>
          transformer(net, given, `${module}.attentions.${at}`, level, one),
        );
      }
      keep(x);
    }
    if (i === levels.length - 1) return;
    x = replacedMap(net, x, (one) =>
      downsampled(net, `down_blocks.${i}.downsamplers.0`, one, false),
    );
    keep(x);
  });
  return { x, skips };
}

function up(net: Net, given: Given, from: Feature, skips: Feature[]): Feature {
  const { levels, ups } = given.c;
  const deepestFirst = [...levels].reverse();
  let x = from;
  deepestFirst.forEach((level, i) => {
    const module = `up_blocks.${i}`;
    const count = level.resnets + 1;
    // The names of a block's maps, and of what it was given, last as long as the block.
    const mine = skips.splice(-count);
    const entered = { ...x, tensor: net.r.view(x.tensor) };
    for (let at = 0; at < count; at += 1) {
      const skip = mine[count - 1 - at] as Feature;
      const channels = x.channels + skip.channels;
      const joined = net.concat(x.tensor, skip.tensor);
      net.release(x);
      x = residual(net, given, `${module}.resnets.${at}`, level.channels, {
        ...x,
        channels,
        tensor: joined,
      });
      if (ups[i] === true) {
        const use = { ...level, transformers: Math.max(1, level.transformers) };
        x = replacedMap(net, x, (one) =>
          transformer(net, given, `${module}.attentions.${at}`, use, one),
        );
      }
    }
    if (i < levels.length - 1) {
      x = replacedMap(net, x, (one) => upsampled(net, `${module}.upsamplers.0`, one));
    }
    net.release(...mine, entered);
  });
  return x;
}

/** The U-Net of Stable Diffusion 1, 2 and XL. */
export const unet: Denoiser<Config> = {
  classes: ['UNet2DConditionModel', 'FlaxUNet2DConditionModel'],
  sources: [
    'diffusers@0.42.1:models/unets/unet_2d_condition.py, models/unets/unet_2d_blocks.py, models/resnet.py',
    'diffusers@0.42.1:models/transformers/transformer_2d.py, models/attention.py (BasicTransformerBlock)',
  ],
  read,
  textWidth: ({ cross }) => cross,
  run(net, c, { batch, height, width, textTokens }) {
    const { r } = net;
    const activations = net.stage.numerics.width;
    const first = c.levels[0]?.channels ?? 1;
    const last = c.levels.at(-1) as Level;
    const input = (elements: number): Tensor => r.tensor(elements, activations, false);
    const steps = input(batch * first);
    let time = twoLayers(net, 'time_embedding', steps, first, c.time);
    if (c.added !== undefined) {
      const more = input(batch * c.added);
      const added = twoLayers(net, 'add_embedding', more, c.added, c.time);
      time = replaced(net, time, (one) => net.add(one, added));
      net.release(more, added);
    }
    const text = input(batch * textTokens * c.cross);
    const given = { c, time: { tensor: time, width: c.time }, text };
    const latent = featureOf(r, activations, {
      batch,
      channels: c.channels,
      frames: 1,
      height,
      width,
    });
    const entry = net.conv('conv_in', latent, first, 3);
    const { x: deep, skips } = down(net, given, entry);
    let x = residual(net, given, 'mid_block.resnets.0', last.channels, deep);
    const middle = { ...last, transformers: Math.max(1, last.transformers) };
    x = replacedMap(net, x, (one) =>
      transformer(net, given, 'mid_block.attentions.0', middle, one),
    );
    x = residual(net, given, 'mid_block.resnets.1', last.channels, x);
    x = up(net, given, x, skips);
    x = replacedMap(net, x, (one) => net.groupNorm('conv_norm_out', one, c.groups));
    x = replacedMap(net, x, net.activateMap);
    x = replacedMap(net, x, (one) => net.conv('conv_out', one, c.out, 3));
    net.release(latent, text, time, steps);
    return x.tensor;
  },
};
