import type { Fields } from '../../../workload/model/fields.ts';
import type { Tensor } from '../../rehearsal/rehearsal.ts';
import { twoLayers } from '../attention.ts';
import { flags, padded, shortened } from '../causal.ts';
import { held, replacedMap } from '../maps.ts';
import { elementsOf, type Feature, type Net } from '../net.ts';
import type { Autoencoder } from '../network.ts';

interface Half {
  readonly widths: readonly number[];
  /** By block; the last of the encoder and the first of the decoder is the middle. */
  readonly layers: readonly number[];
  readonly scales: readonly boolean[];
  readonly causal: boolean;
}

interface Config {
  readonly channels: number;
  readonly latent: number;
  readonly patch: number;
  readonly patchTime: number;
  readonly down: Half;
  /** As LTX-Video 0.9.5 has it: `conv`, `spatial`, `temporal`, `spatiotemporal`. */
  readonly ways: readonly string[] | undefined;
  /** From the deepest block on. */
  readonly up: Half;
  readonly noise: readonly boolean[];
  readonly residual: readonly boolean[];
  readonly factors: readonly number[];
  readonly timed: boolean;
  readonly space: number;
  readonly time: number;
}

const WIDTHS = [128, 256, 512, 512];

const countsOr = (config: Fields, name: string, usual: readonly number[]): readonly number[] => {
  const list = config.list(name);
  return list === undefined ? usual : config.counts(name, Math.max(1, list.length));
};

function read(config: Fields): Config {
  const widths = countsOr(config, 'block_out_channels', WIDTHS);
  const ups = countsOr(config, 'decoder_block_out_channels', WIDTHS);
  const isLater = config.list('down_block_types')?.at(-1) === 'LTXVideo095DownBlock3D';
  const scales = flags(config, 'spatio_temporal_scaling', [true, true, true, false]);
  const patch = config.maybeCount('patch_size') ?? 4;
  const patchTime = config.maybeCount('patch_size_t') ?? 1;
  const halvings = 2 ** Math.min(16, scales.filter(Boolean).length);
  const layers = [4, 3, 3, 3, 4];
  const back = <T>(list: readonly T[]): readonly T[] => [...list].reverse();
  return {
    channels: config.maybeCount('in_channels') ?? 3,
    latent: config.maybeCount('latent_channels') ?? 128,
    patch,
    patchTime,
    down: {
      widths,
      layers: countsOr(config, 'layers_per_block', layers),
      scales,
      causal: config.flag('encoder_causal', true),
    },
    ways: isLater ? (config.list('downsample_type') ?? []).map(String) : undefined,
    up: {
      widths: back(ups),
      layers: back(countsOr(config, 'decoder_layers_per_block', layers)),
      scales: back(flags(config, 'decoder_spatio_temporal_scaling', [true, true, true, false])),
      causal: config.flag('decoder_causal', false),
    },
    noise: back(flags(config, 'decoder_inject_noise', [])),
    residual: back(flags(config, 'upsample_residual', [])),
    factors: back(countsOr(config, 'upsample_factor', [])),
    timed: config.flag('timestep_conditioning', false),
    space: config.maybeCount('spatial_compression_ratio') ?? patch * halvings,
    time: config.maybeCount('temporal_compression_ratio') ?? patchTime * halvings,
  };
}

/** Frames are added before, or on both sides, and then it is a convolution over space and time. The caller holds x. */
function conv(
  net: Net,
  module: string,
  x: Feature,
  channels: number,
  { kernel = 3, stride = 1, causal }: { kernel?: number; stride?: number; causal: boolean },
): Feature {
  const added = padded(net, x, causal ? [kernel - 1] : [(kernel - 1) / 2, (kernel - 1) / 2]);
  const out = net.conv(`${module}.conv`, added.feature, channels, kernel, {
    taps: kernel,
    stride,
    timeStride: stride,
    frames: Math.ceil(x.frames / stride),
  });
  net.release(added.feature, ...added.pads);
  return out;
}

interface ResnetUse {
  readonly channels: number;
  readonly causal: boolean;
  readonly noise?: boolean | undefined;
  /** Embedding of the time: four numbers a channel. */
  readonly time?: Tensor | undefined;
}

function resnet(net: Net, module: string, x: Feature, use: ResnetUse): Feature {
  const { channels, causal, noise, time } = use;
  const table =
    time === undefined ? undefined : net.parameter(`${module}.scale_shift_table`, [4, x.channels]);
  const mods = time === undefined || table === undefined ? undefined : net.add(time, table);
  let hidden = x;
  for (const [i, width] of [
    [1, x.channels],
    [2, channels],
  ] as const) {
    const normed = net.writtenNorm(undefined, hidden.tensor, width);
    if (hidden !== x) net.release(hidden);
    hidden = { ...hidden, tensor: normed };
    if (mods !== undefined)
      hidden = replacedMap(net, hidden, (one) => ({
        ...one,
        tensor: net.modulate(one.tensor, mods),
      }));
    hidden = replacedMap(net, hidden, net.activateMap);
    hidden = replacedMap(net, hidden, (one) =>
      conv(net, `${module}.conv${i}`, one, channels, { causal }),
    );
    if (noise === true) {
      const scale = net.parameter(`${module}.per_channel_scale${i}`, [x.channels, 1, 1]);
      hidden = replacedMap(net, hidden, (one) => ({
        ...one,
        tensor: net.add(one.tensor, scale),
      }));
      net.release(scale);
    }
  }
  let side = x;
  if (x.channels !== channels) {
    const normed = { ...x, tensor: net.layerNorm(`${module}.norm3`, x.tensor, x.channels) };
    side = conv(net, `${module}.conv_shortcut`, normed, channels, { kernel: 1, causal });
    net.release(normed);
  }
  const sum = net.add(hidden.tensor, side.tensor);
  net.release(hidden);
  if (side !== x) net.release(side);
  if (mods !== undefined && table !== undefined) net.release(mods, table);
  return { ...hidden, tensor: sum };
}

/** Embedding of the time for the layers of a block. */
const timeOf = (net: Net, module: string, x: Feature, width: number): Tensor => {
  const steps = net.tensor(x.batch * 256, x.tensor);
  const out = twoLayers(net, `${module}.time_embedder.timestep_embedder`, steps, 256, width);
  net.release(steps);
  return out;
};

function layersOf(
  net: Net,
  module: string,
  x: Feature,
  { count, ...use }: Omit<ResnetUse, 'channels'> & { readonly count: number },
): Feature {
  let hidden = x;
  for (let at = 0; at < count; at += 1) {
    hidden = replacedMap(net, hidden, (one) =>
      resnet(net, `${module}.resnets.${at}`, one, { ...use, channels: one.channels }),
    );
  }
  return hidden;
}

/** Channels to frames and pixels: twice each edge. The caller holds x. */
function upsampled(
  net: Net,
  module: string,
  x: Feature,
  { factor, residual, causal }: { factor: number; residual: boolean; causal: boolean },
): Feature {
  const size = {
    ...x,
    channels: Math.max(1, Math.floor(x.channels / factor)),
    frames: 2 * x.frames,
    height: 2 * x.height,
    width: 2 * x.width,
  };
  const side = residual
    ? shortened(net, { ...size, tensor: net.tensor(elementsOf(size), x.tensor) }, 1)
    : undefined;
  if (side !== undefined) net.r.touch(x.tensor.elements * x.tensor.width);
  const wide = conv(net, `${module}.conv`, x, 8 * size.channels, { causal });
  // Copied into its place; the first frame is one too many.
  const moved = { ...size, tensor: net.copy(wide.tensor) };
  net.release(wide);
  const cut = shortened(net, moved, 1);
  if (side === undefined) return cut;
  const sum = { ...cut, tensor: net.add(cut.tensor, side.tensor) };
  net.release(cut, side);
  return sum;
}

const FOLDS: Readonly<Record<string, readonly [time: number, space: number]>> = {
  spatial: [1, 2],
  temporal: [2, 1],
  spatiotemporal: [2, 2],
};

/** Frames and pixels to channels, beside a mean. The caller holds x. */
function folded(
  net: Net,
  module: string,
  x: Feature,
  use: { channels: number; way: string; causal: boolean },
): Feature {
  const [time, space] = FOLDS[use.way] ?? [1, 1];
  const frames = x.frames + time - 1;
  const longer = { ...x, frames };
  const whole = { ...longer, tensor: net.tensor(elementsOf(longer), x.tensor) };
  const size = {
    ...x,
    channels: use.channels,
    frames: Math.ceil(frames / time),
    height: Math.ceil(x.height / space),
    width: Math.ceil(x.width / space),
  };
  const moved = net.copy(whole.tensor);
  const side = net.tensor(elementsOf(size), x.tensor);
  net.release(moved);
  const channels = Math.max(1, Math.floor(use.channels / (time * space ** 2)));
  const out = conv(net, `${module}.conv`, whole, channels, { causal: use.causal });
  const turned = net.copy(out.tensor);
  const sum = net.add(turned, side);
  net.release(turned, out, side, whole);
  return { ...size, tensor: sum };
}

function encode(net: Net, c: Config, image: Feature): Feature {
  const { causal, layers, scales } = c.down;
  const { ways } = c;
  const cut = {
    ...image,
    channels: c.channels * c.patch ** 2,
    height: Math.max(1, Math.floor(image.height / c.patch)),
    width: Math.max(1, Math.floor(image.width / c.patch)),
    tensor: net.copy(image.tensor),
  };
  const widths = c.down.widths;
  let x = conv(net, 'encoder.conv_in', cut, widths[0] ?? 1, { causal });
  net.release(cut);
  const blocks = ways === undefined ? widths.length : widths.length - 1;
  for (let i = 0; i < blocks; i += 1) {
    const module = `encoder.down_blocks.${i}`;
    const next = widths[i + 1] ?? x.channels;
    const entered = held(net, x);
    x = layersOf(net, module, x, { count: layers[i] ?? 1, causal });
    if (scales[i] === true) {
      const way = ways?.[i] ?? 'conv';
      const down = `${module}.downsamplers.0`;
      x = replacedMap(net, x, (one) =>
        way === 'conv'
          ? conv(net, down, one, one.channels, { stride: 2, causal })
          : folded(net, down, one, { channels: next, way, causal }),
      );
    }
    if (ways === undefined && next !== x.channels)
      x = replacedMap(net, x, (one) =>
        resnet(net, `${module}.conv_out`, one, { channels: next, causal }),
      );
    net.release(entered);
  }
  const last = held(net, x);
  x = layersOf(net, 'encoder.mid_block', x, { count: layers.at(-1) ?? 1, causal });
  net.release(last);
  x = ended(net, 'encoder', x, c.latent + 1, causal);
  const sizes = { ...x, channels: 2 * c.latent };
  const joined = { ...sizes, tensor: net.tensor(elementsOf(sizes), x.tensor) };
  net.release(x);
  return joined;
}

function ended(
  net: Net,
  half: string,
  x: Feature,
  channels: number,
  causal: boolean,
  mods?: Tensor,
): Feature {
  let hidden = replacedMap(net, x, (one) => ({
    ...one,
    tensor: net.writtenNorm(undefined, one.tensor, one.channels),
  }));
  if (mods !== undefined)
    hidden = replacedMap(net, hidden, (one) => ({
      ...one,
      tensor: net.modulate(one.tensor, mods),
    }));
  hidden = replacedMap(net, hidden, net.activateMap);
  return replacedMap(net, hidden, (one) =>
    conv(net, `${half}.conv_out`, one, channels, { causal }),
  );
}

function decode(net: Net, c: Config, latents: Feature): Feature {
  const { causal, widths, layers, scales } = c.up;
  if (c.timed) net.release(net.parameter('decoder.timestep_scale_multiplier', []));
  let x = conv(net, 'decoder.conv_in', latents, widths[0] ?? 1, { causal });
  const block = (module: string, of: Feature, at: number, count: number): Feature => {
    const time = c.timed ? timeOf(net, module, of, 4 * of.channels) : undefined;
    const out = layersOf(net, module, of, { count, causal, noise: c.noise[at], time });
    if (time !== undefined) net.release(time);
    return out;
  };
  const first = held(net, x);
  x = block('decoder.mid_block', x, 0, layers[0] ?? 1);
  net.release(first);
  let before = widths[0] ?? 1;
  widths.forEach((width, i) => {
    const factor = c.factors[i] ?? 1;
    const module = `decoder.up_blocks.${i}`;
    const [input, output] = [before, width].map((one) => Math.max(1, Math.floor(one / factor)));
    const channels = output ?? 1;
    const entered = held(net, x);
    if (input !== channels)
      x = replacedMap(net, x, (one) =>
        resnet(net, `${module}.conv_in`, one, { channels, causal, noise: c.noise[i + 1] }),
      );
    if (scales[i] === true)
      x = replacedMap(net, x, (one) =>
        upsampled(net, `${module}.upsamplers.0`, one, {
          factor,
          residual: c.residual[i] === true,
          causal,
        }),
      );
    x = block(module, x, i + 1, layers[i + 1] ?? 1);
    net.release(entered);
    before = channels;
  });
  const time = c.timed ? timeOf(net, 'decoder', x, 2 * x.channels) : undefined;
  const table = c.timed ? net.parameter('decoder.scale_shift_table', [2, x.channels]) : undefined;
  const flat = ended(net, 'decoder', x, c.channels * c.patch ** 2, causal, time);
  const size = {
    ...flat,
    channels: c.channels,
    height: flat.height * c.patch,
    width: flat.width * c.patch,
  };
  const out = { ...size, tensor: net.copy(flat.tensor) };
  net.release(flat);
  if (time !== undefined && table !== undefined) net.release(time, table);
  return out;
}

/** Half a tile in pixels is kept by its neighbours: an eighth of each edge overlaps. */
const TILE = { height: 512, width: 512, share: (448 / 512) ** 2 };

/** The autoencoder of LTX-Video. */
export const autoencoderLtx: Autoencoder<Config> = {
  classes: ['AutoencoderKLLTXVideo'],
  sources: ['diffusers@0.42.1:models/autoencoders/autoencoder_kl_ltx.py'],
  read,
  scale: ({ space, time }) => ({ space, time }),
  latentChannels: ({ latent }) => latent,
  asksForWide: () => false,
  tile: () => TILE,
  decode,
  encode,
};
