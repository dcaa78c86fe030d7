import type { Fields } from '../../../workload/model/fields.ts';
import { attentionLayer } from '../attention.ts';
import { downsampled, held, replacedMap, resnet, upsampled } from '../maps.ts';
import type { Feature, Net } from '../net.ts';
import type { Autoencoder } from '../network.ts';

interface Config {
  readonly channels: number;
  readonly latent: number;
  readonly widths: readonly number[];
  readonly ups: readonly number[];
  readonly layers: number;
  readonly groups: number;
  readonly attends: boolean;
  readonly quant: boolean;
  readonly postQuant: boolean;
  readonly sample: number;
  readonly wide: boolean;
}

function read(config: Fields): Config {
  const listed = config.list('block_out_channels') ?? [];
  const widths = config.counts('block_out_channels', Math.max(1, listed.length));
  const own =
    config.get('decoder_block_out_channels') === undefined
      ? widths
      : config.counts('decoder_block_out_channels', widths.length);
  return {
    channels: config.maybeCount('in_channels') ?? 3,
    latent: config.count('latent_channels'),
    widths,
    ups: own,
    layers: config.count('layers_per_block'),
    groups: config.maybeCount('norm_num_groups') ?? 32,
    attends: config.flag('mid_block_add_attention', true),
    quant: config.flag('use_quant_conv', true),
    postQuant: config.flag('use_post_quant_conv', true),
    sample: config.count('sample_size'),
    wide: config.flag('force_upcast', true),
  };
}

/** One head over all pixels of the deepest map. The caller holds x. */
function attention(net: Net, c: Config, module: string, x: Feature): Feature {
  const width = x.channels;
  const normed = net.groupNorm(`${module}.group_norm`, x, c.groups);
  const use = {
    module,
    batch: x.batch,
    width,
    heads: 1,
    dim: width,
    bias: true,
    outBias: true,
    rescales: false,
  };
  // Pixels first, channels last: a copy.
  const tokens = net.copy(normed.tensor);
  const seen = attentionLayer(net, tokens, tokens, use);
  const back = net.copy(seen);
  const sum = net.add(back, x.tensor);
  const out = net.copy(sum);
  net.release(normed, tokens, seen, back, sum);
  return { ...x, tensor: out };
}

/** The middle of either half; x is let go. */
function middle(net: Net, c: Config, module: string, x: Feature): Feature {
  const use = { channels: x.channels, groups: c.groups };
  let hidden = replacedMap(net, x, (one) => resnet(net, `${module}.resnets.0`, one, use));
  if (c.attends)
    hidden = replacedMap(net, hidden, (one) => attention(net, c, `${module}.attentions.0`, one));
  return replacedMap(net, hidden, (one) => resnet(net, `${module}.resnets.1`, one, use));
}

function ended(net: Net, c: Config, half: string, x: Feature, channels: number): Feature {
  let hidden = replacedMap(net, x, (one) => net.groupNorm(`${half}.conv_norm_out`, one, c.groups));
  hidden = replacedMap(net, hidden, net.activateMap);
  return replacedMap(net, hidden, (one) => net.conv(`${half}.conv_out`, one, channels, 3));
}

/** AutoencoderKL of Stable Diffusion and Flux. */
export const autoencoderKl: Autoencoder<Config> = {
  classes: ['AutoencoderKL', 'FlaxAutoencoderKL', 'AutoencoderKLFlux2'],
  sources: [
    'diffusers@0.42.1:models/autoencoders/autoencoder_kl.py, vae.py, models/unets/unet_2d_blocks.py',
    'diffusers@0.42.1:models/autoencoders/autoencoder_kl_flux2.py',
  ],
  read,
  scale: ({ widths }) => ({ space: 2 ** (widths.length - 1), time: 1 }),
  latentChannels: ({ latent }) => latent,
  asksForWide: ({ wide }) => wide,
  // A quarter of each edge overlaps.
  tile: ({ sample }) => ({ height: sample, width: sample, share: 0.75 ** 2 }),
  decode(net, c, latents) {
    const deepest = c.ups.at(-1) ?? 1;
    let x = c.postQuant
      ? net.conv('post_quant_conv', latents, c.latent, 1)
      : { ...latents, tensor: net.r.view(latents.tensor) };
    x = replacedMap(net, x, (one) => net.conv('decoder.conv_in', one, deepest, 3));
    x = middle(net, c, 'decoder.mid_block', x);
    [...c.ups].reverse().forEach((channels, i) => {
      const module = `decoder.up_blocks.${i}`;
      const entered = held(net, x);
      for (let at = 0; at <= c.layers; at += 1) {
        x = replacedMap(net, x, (one) =>
          resnet(net, `${module}.resnets.${at}`, one, { channels, groups: c.groups }),
        );
      }
      if (i < c.ups.length - 1)
        x = replacedMap(net, x, (one) => upsampled(net, `${module}.upsamplers.0`, one));
      net.release(entered);
    });
    return ended(net, c, 'decoder', x, c.channels);
  },
  encode(net, c, image) {
    let x = net.conv('encoder.conv_in', image, c.widths[0] ?? 1, 3);
    c.widths.forEach((channels, i) => {
      const module = `encoder.down_blocks.${i}`;
      const entered = held(net, x);
      for (let at = 0; at < c.layers; at += 1) {
        x = replacedMap(net, x, (one) =>
          resnet(net, `${module}.resnets.${at}`, one, { channels, groups: c.groups }),
        );
      }
      if (i < c.widths.length - 1)
        x = replacedMap(net, x, (one) => downsampled(net, `${module}.downsamplers.0`, one, true));
      net.release(entered);
    });
    x = middle(net, c, 'encoder.mid_block', x);
    x = ended(net, c, 'encoder', x, 2 * c.latent);
    return c.quant ? replacedMap(net, x, (one) => net.conv('quant_conv', one, 2 * c.latent, 1)) : x;
  },
};
