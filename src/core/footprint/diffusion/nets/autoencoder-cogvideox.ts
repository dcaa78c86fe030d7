import type { Fields } from '../../../workload/model/fields.ts';
import type { Tensor } from '../../rehearsal/rehearsal.ts';
import { padded } from '../causal.ts';
import { held, replacedMap } from '../maps.ts';
import { elementsOf, type Feature, type Net } from '../net.ts';
import type { Autoencoder } from '../network.ts';

interface Config {
  readonly latent: number;
  readonly channels: number;
  readonly widths: readonly number[];
  readonly layers: number;
  readonly groups: number;
  /** Blocks from the outside that halve the frames. */
  readonly halvings: number;
  readonly height: number;
  readonly width: number;
}

function read(config: Fields): Config {
  const listed = config.list('block_out_channels');
  const ratio = config.maybeCount('temporal_compression_ratio') ?? 4;
  return {
    latent: config.maybeCount('latent_channels') ?? 16,
    channels: config.maybeCount('in_channels') ?? 3,
    widths:
      listed === undefined
        ? [128, 256, 256, 512]
        : config.counts('block_out_channels', Math.max(1, listed.length)),
    layers: config.maybeCount('layers_per_block') ?? 3,
    groups: config.maybeCount('norm_num_groups') ?? 32,
    halvings: Math.floor(Math.log2(ratio)),
    height: config.maybeCount('sample_height') ?? 480,
    width: config.maybeCount('sample_width') ?? 720,
  };
}

/** A run over a few frames: what convolutions leave for the next one. */
interface Run {
  readonly net: Net;
  readonly c: Config;
  readonly left: Tensor[];
}

/** Convolutions over more elements than that are done in parts (CogVideoXSafeConv3d). */
const PART = 2 ** 30;

function inParts(
  { net }: Run,
  module: string,
  x: Feature,
  channels: number,
  kernel: number,
): Feature {
  const options = { taps: kernel, frames: x.frames - kernel + 1 };
  if (x.tensor.elements <= PART) return net.conv(module, x, channels, kernel, options);
  const parts = Math.floor(x.tensor.elements / PART) + 1;
  const frames = Math.ceil(x.frames / parts);
  const cuts: Feature[] = [];
  for (let at = 0; at < x.frames; at += frames) {
    const size = {
      ...x,
      frames: Math.min(frames, x.frames - at) + (at === 0 ? 0 : kernel - 1),
    };
    cuts.push({ ...size, tensor: net.tensor(at === 0 ? 1 : elementsOf(size), x.tensor) });
  }
  const done = cuts.map((one) =>
    net.conv(module, one, channels, kernel, {
      taps: kernel,
      frames: Math.max(1, one.frames - kernel + 1),
    }),
  );
  const size = { ...x, channels, frames: options.frames };
  const out = { ...size, tensor: net.tensor(elementsOf(size), x.tensor) };
  net.release(...cuts, ...done);
  return out;
}

/** The frames before are put in front; the last ones stay for the next run. The caller holds x. */
function conv(run: Run, module: string, x: Feature, channels: number, kernel = 3): Feature {
  const { net } = run;
  const longer = kernel === 1 ? held(net, x) : padded(net, x, [], kernel - 1).feature;
  const frames = kernel === 1 ? x.frames : kernel - 1;
  run.left.push(net.tensor(elementsOf({ ...x, frames }), x.tensor));
  const out = inParts(run, `${module}.conv`, longer, channels, kernel);
  net.release(longer);
  return out;
}

/** Normed, then scaled and shifted by what a convolution makes of the latents. The caller holds both. */
function spatialNorm(run: Run, module: string, x: Feature, latents: Feature): Feature {
  const { net, c } = run;
  const size = { ...x, channels: latents.channels };
  const isSplit = x.frames > 1 && x.frames % 2 === 1;
  const parts = isSplit
    ? [1, x.frames - 1].map((frames) => net.tensor(elementsOf({ ...size, frames }), latents.tensor))
    : [];
  const grown = { ...size, tensor: net.tensor(elementsOf(size), latents.tensor) };
  const scale = conv(run, `${module}.conv_y`, grown, x.channels, 1);
  const shift = conv(run, `${module}.conv_b`, grown, x.channels, 1);
  const normed = net.groupNorm(`${module}.norm_layer`, x, c.groups);
  const scaled = net.multiply(normed.tensor, scale.tensor);
  const out = net.add(scaled, shift.tensor);
  net.release(...parts, grown, scale, shift, normed, scaled);
  return { ...x, tensor: out };
}

/** @param latents absent in the encoder */
function resnet(
  run: Run,
  module: string,
  x: Feature,
  channels: number,
  latents: Feature | undefined,
): Feature {
  const { net, c } = run;
  const norm = (name: string, one: Feature): Feature =>
    latents === undefined
      ? net.groupNorm(`${module}.${name}`, one, c.groups)
      : spatialNorm(run, `${module}.${name}`, one, latents);
  let hidden = norm('norm1', x);
  hidden = replacedMap(net, hidden, net.activateMap);
  hidden = replacedMap(net, hidden, (one) => conv(run, `${module}.conv1`, one, channels));
  hidden = replacedMap(net, hidden, (one) => norm('norm2', one));
  hidden = replacedMap(net, hidden, net.activateMap);
  hidden = replacedMap(net, hidden, (one) => conv(run, `${module}.conv2`, one, channels));
  const side =
    x.channels === channels
      ? held(net, x)
      : inParts(run, `${module}.conv_shortcut`, x, channels, 1);
  const sum = net.add(hidden.tensor, side.tensor);
  net.release(hidden, side);
  return { ...hidden, tensor: sum };
}

function layersOf(
  run: Run,
  module: string,
  x: Feature,
  use: { readonly count: number; readonly channels: number; readonly latents?: Feature },
): Feature {
  let hidden = x;
  for (let at = 0; at < use.count; at += 1) {
    hidden = replacedMap(run.net, hidden, (one) =>
      resnet(run, `${module}.resnets.${at}`, one, use.channels, use.latents),
    );
  }
  return hidden;
}

/** Twice each edge, and twice the frames but the first where they are odd. The caller holds x. */
function upsampled({ net }: Run, module: string, x: Feature, isLonger: boolean): Feature {
  const isSplit = isLonger && x.frames > 1 && x.frames % 2 === 1;
  const frames = isLonger && x.frames > 1 ? 2 * x.frames - (isSplit ? 1 : 0) : x.frames;
  const size = { ...x, frames, height: 2 * x.height, width: 2 * x.width };
  const parts = isSplit
    ? [1, frames - 1].map((count) => net.tensor(elementsOf({ ...size, frames: count }), x.tensor))
    : [];
  const small = isLonger ? net.r.view(x.tensor) : net.copy(x.tensor);
  const wide = { ...size, tensor: net.tensor(elementsOf(size), x.tensor) };
  net.release(small);
  // Frame by frame.
  const turned = isLonger ? { ...size, tensor: net.copy(wide.tensor) } : held(net, wide);
  net.release(wide);
  const out = net.conv(`${module}.conv`, turned, x.channels, 3);
  net.release(turned, ...parts);
  return out;
}

/** Half of each edge, and of the frames after the first. The caller holds x. */
function downsampled({ net }: Run, module: string, x: Feature, isShorter: boolean): Feature {
  const frames = isShorter ? Math.floor((x.frames + 1) / 2) : x.frames;
  const size = { ...x, frames, height: x.height + 1, width: x.width + 1 };
  let hidden = held(net, x);
  if (isShorter) {
    const turned = { ...x, tensor: net.copy(x.tensor) };
    const half = { ...x, frames };
    hidden = replacedMap(net, hidden, () => ({
      ...half,
      tensor: net.tensor(elementsOf(half), x.tensor),
    }));
    net.release(turned);
  }
  const wide = replacedMap(net, hidden, (one) => ({
    ...size,
    tensor: net.tensor(elementsOf(size), one.tensor),
  }));
  const byFrame = replacedMap(net, wide, (one) => ({ ...one, tensor: net.copy(one.tensor) }));
  return replacedMap(net, byFrame, (one) =>
    net.conv(`${module}.conv`, one, x.channels, 3, {
      stride: 2,
      height: Math.floor(x.height / 2),
      width: Math.floor(x.width / 2),
    }),
  );
}

function decoder(run: Run, latents: Feature): Feature {
  const { net, c } = run;
  const widths = [...c.widths].reverse();
  let x = conv(run, 'decoder.conv_in', latents, widths[0] ?? 1);
  const within = (one: Feature, of: (x: Feature) => Feature): Feature => {
    const entered = held(net, one);
    const out = of(one);
    net.release(entered);
    return out;
  };
  x = within(x, (one) =>
    layersOf(run, 'decoder.mid_block', one, { count: 2, channels: one.channels, latents }),
  );
  widths.forEach((channels, i) => {
    const module = `decoder.up_blocks.${i}`;
    x = within(x, (one) => {
      const hidden = layersOf(run, module, one, { count: c.layers + 1, channels, latents });
      if (i === widths.length - 1) return hidden;
      return replacedMap(net, hidden, (given) =>
        upsampled(run, `${module}.upsamplers.0`, given, i < c.halvings),
      );
    });
  });
  x = replacedMap(net, x, (one) => spatialNorm(run, 'decoder.norm_out', one, latents));
  x = replacedMap(net, x, net.activateMap);
  return replacedMap(net, x, (one) => conv(run, 'decoder.conv_out', one, c.channels));
}

function encoder(run: Run, image: Feature): Feature {
  const { net, c } = run;
  let x = conv(run, 'encoder.conv_in', image, c.widths[0] ?? 1);
  c.widths.forEach((channels, i) => {
    const module = `encoder.down_blocks.${i}`;
    const entered = held(net, x);
    x = layersOf(run, module, x, { count: c.layers, channels });
    if (i < c.widths.length - 1)
      x = replacedMap(net, x, (one) =>
        downsampled(run, `${module}.downsamplers.0`, one, i < c.halvings),
      );
    net.release(entered);
  });
  const entered = held(net, x);
  x = layersOf(run, 'encoder.mid_block', x, { count: 2, channels: x.channels });
  net.release(entered);
  x = replacedMap(net, x, (one) => net.groupNorm('encoder.norm_out', one, c.groups));
  x = replacedMap(net, x, net.activateMap);
  return replacedMap(net, x, (one) => conv(run, 'encoder.conv_out', one, 2 * c.latent));
}

/** A few frames at a time; what is over goes with the first. Results are held and then joined. */
function byFrames(
  net: Net,
  c: Config,
  x: Feature,
  { count, of }: { readonly count: number; readonly of: (run: Run, x: Feature) => Feature },
): Feature {
  const runs = Math.max(1, Math.floor(x.frames / count));
  const first = runs === 1 ? x.frames : count + (x.frames % count);
  const done: Feature[] = [];
  let before: readonly Tensor[] = [];
  for (let at = 0; at < runs; at += 1) {
    const size = { ...x, frames: at === 0 ? first : count };
    const [tensor] = net.split(x.tensor, elementsOf(size));
    if (tensor === undefined) throw new Error('one share gives one part');
    const run: Run = { net, c, left: [] };
    done.push(of(run, { ...size, tensor }));
    net.release(tensor, ...before);
    before = run.left;
  }
  const frames = done.reduce((sum, one) => sum + one.frames, 0);
  const [some] = done;
  if (some === undefined) throw new Error('there is one run at least');
  const joined = { ...some, frames, tensor: net.concat(...done.map(({ tensor }) => tensor)) };
  net.release(...done, ...before);
  return joined;
}

/** The autoencoder of CogVideoX. */
export const autoencoderCogvideox: Autoencoder<Config> = {
  classes: ['AutoencoderKLCogVideoX'],
  sources: ['diffusers@0.42.1:models/autoencoders/autoencoder_kl_cogvideox.py'],
  read,
  scale: ({ widths, halvings }) => ({ space: 2 ** (widths.length - 1), time: 2 ** halvings }),
  latentChannels: ({ latent }) => latent,
  asksForWide: () => false,
  // A sixth and a fifth of the edges overlap.
  tile: ({ height, width }) => ({
    height: Math.floor(height / 2),
    width: Math.floor(width / 2),
    share: (5 / 6) * (4 / 5),
  }),
  decode: (net, c, latents) => byFrames(net, c, latents, { count: 2, of: decoder }),
  encode: (net, c, image) => byFrames(net, c, image, { count: 8, of: encoder }),
};
