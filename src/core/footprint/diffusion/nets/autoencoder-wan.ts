import type { Fields } from '../../../workload/model/fields.ts';
import type { Tensor } from '../../rehearsal/rehearsal.ts';
import { attend, replaced } from '../attention.ts';
import { flags } from '../causal.ts';
import { held, replacedMap } from '../maps.ts';
import { elementsOf, type Feature, type Net } from '../net.ts';
import type { Autoencoder } from '../network.ts';

interface Config {
  readonly channels: number;
  readonly latent: number;
  readonly width: number;
  readonly decoderWidth: number;
  readonly factors: readonly number[];
  readonly layers: number;
  /** Levels from the outside at which frames are halved too. */
  readonly times: readonly boolean[];
}

function read(config: Fields): Config {
  const listed = config.list('dim_mult');
  const width = config.maybeCount('base_dim') ?? 96;
  // Wan 2.2 5B: blocks with a shortcut across, over patches, which are not written down here.
  if (config.flag('is_residual', false))
    config.faults.push({ field: 'is_residual', fault: 'range' });
  return {
    channels: config.maybeCount('in_channels', 'input_channels') ?? 3,
    latent: config.maybeCount('z_dim') ?? 16,
    width,
    decoderWidth: config.maybeCount('decoder_base_dim') ?? width,
    factors:
      listed === undefined ? [1, 2, 4, 4] : config.counts('dim_mult', Math.max(1, listed.length)),
    layers: config.maybeCount('num_res_blocks') ?? 2,
    times: flags(config, 'temperal_downsample', [false, true, true]),
  };
}

/** What convolutions keep from one run over a few frames to the next, in the order in which they come. */
class Run {
  readonly net: Net;
  readonly #kept: (Feature | undefined)[] = [];
  #at = 0;
  constructor(net: Net) {
    this.net = net;
  }

  restart(): void {
    this.#at = 0;
  }

  end(): void {
    for (const one of this.#kept) if (one !== undefined) this.net.release(one);
  }

  /** What was kept, and a place for what will be. */
  next(): { readonly before: Feature | undefined; keep(x: Feature): void } {
    const at = this.#at;
    this.#at += 1;
    const before = this.#kept[at];
    return {
      before,
      keep: (x) => {
        if (before !== undefined) this.net.release(before);
        this.#kept[at] = x;
      },
    };
  }
}

/** A map of its own. */
const fresh = (net: Net, like: Feature, size: Partial<Omit<Feature, 'tensor'>>): Feature => {
  const whole = { ...like, ...size };
  return { ...whole, tensor: net.tensor(elementsOf(whole), like.tensor) };
};

/** Frames before and pixels around are added, then it is a convolution over both. The caller holds x and `before`. */
function causal(
  net: Net,
  module: string,
  x: Feature,
  use: { channels: number; kernel: number; taps: number; before: Feature | undefined },
): Feature {
  const { channels, kernel, taps, before } = use;
  const joined =
    before === undefined ? held(net, x) : fresh(net, x, { frames: x.frames + before.frames });
  const around = kernel - 1;
  const padded = fresh(net, x, {
    frames: x.frames + taps - 1,
    height: x.height + around,
    width: x.width + around,
  });
  net.release(joined);
  const { frames, height, width } = x;
  const out = net.conv(module, padded, channels, kernel, { taps, frames, height, width });
  net.release(padded);
  return out;
}

const pointwise = (net: Net, module: string, x: Feature, channels: number): Feature =>
  causal(net, module, x, { channels, kernel: 1, taps: 1, before: undefined });

/** The last two frames stay for the next run. The caller holds x. */
function remembering(run: Run, module: string, x: Feature, channels: number): Feature {
  const { net } = run;
  const { before, keep } = run.next();
  let last = fresh(net, x, { frames: Math.min(2, x.frames) });
  if (x.frames < 2 && before !== undefined)
    last = replacedMap(net, last, (one) => fresh(net, one, { frames: 2 }));
  const out = causal(net, module, x, { channels, kernel: 3, taps: 3, before });
  keep(last);
  return out;
}

/** Divided by its length in fp32, then scaled. The caller holds x. */
function rms(net: Net, module: string, x: Feature, dimensions: readonly number[]): Feature {
  net.weigh(`${module}.gamma`, 'norm', [x.channels, ...dimensions]);
  const wide = net.cast(x.tensor, 4);
  const divided = net.tensor(wide.elements, wide);
  net.release(wide);
  let hidden = replaced(net, divided, (one) => net.cast(one, x.tensor.width));
  const normalized = net.r.view(hidden);
  for (let part = 0; part < 3; part += 1) hidden = replaced(net, hidden, (one) => net.copy(one));
  net.release(normalized);
  return { ...x, tensor: hidden };
}

/** Frames as images of a batch: a view where there is one video or one frame. */
const byImage = (net: Net, x: Feature): Feature =>
  x.frames > 1 && x.batch > 1 ? { ...x, tensor: net.copy(x.tensor) } : held(net, x);

const VIDEO = [1, 1, 1];

function resnet(run: Run, module: string, x: Feature, channels: number): Feature {
  const { net } = run;
  const side =
    x.channels === channels ? held(net, x) : pointwise(net, `${module}.conv_shortcut`, x, channels);
  let hidden = rms(net, `${module}.norm1`, x, VIDEO);
  hidden = replacedMap(net, hidden, net.activateMap);
  hidden = replacedMap(net, hidden, (one) => remembering(run, `${module}.conv1`, one, channels));
  hidden = replacedMap(net, hidden, (one) => rms(net, `${module}.norm2`, one, VIDEO));
  hidden = replacedMap(net, hidden, net.activateMap);
  hidden = replacedMap(net, hidden, (one) => remembering(run, `${module}.conv2`, one, channels));
  const sum = net.add(hidden.tensor, side.tensor);
  net.release(hidden, side);
  return { ...hidden, tensor: sum };
}

/** One head over the pixels of each frame. */
function attention(net: Net, module: string, x: Feature): Feature {
  const { channels } = x;
  const flat = byImage(net, x);
  const normed = replacedMap(net, flat, (one) => rms(net, `${module}.norm`, one, [1, 1]));
  const qkv = net.conv(`${module}.to_qkv`, normed, 3 * channels, 1);
  const turned = replaced(net, qkv.tensor, (one) => net.copy(one));
  const parts = net.split(turned, x.tensor.elements, x.tensor.elements, x.tensor.elements);
  const [q, k, v] = parts as [Tensor, Tensor, Tensor];
  const tokens = x.height * x.width;
  const seen = attend(net, q, k, v, {
    batch: x.batch * x.frames,
    heads: 1,
    dim: channels,
    queries: tokens,
    keys: tokens,
  });
  net.release(normed);
  const back = { ...x, tensor: replaced(net, seen, (one) => net.copy(one)) };
  const out = replacedMap(net, back, (one) => net.conv(`${module}.proj`, one, channels, 1));
  const sum = net.add(out.tensor, x.tensor);
  net.release(out, turned, ...parts);
  return { ...x, tensor: sum };
}

function middle(run: Run, module: string, x: Feature): Feature {
  const { net } = run;
  const entered = held(net, x);
  let hidden = replacedMap(net, x, (one) => resnet(run, `${module}.resnets.0`, one, one.channels));
  hidden = replacedMap(net, hidden, (one) => attention(net, `${module}.attentions.0`, one));
  hidden = replacedMap(net, hidden, (one) => resnet(run, `${module}.resnets.1`, one, one.channels));
  net.release(entered);
  return hidden;
}

const OVER_TIME = { kernel: 1, taps: 3 };

/** Twice the frames but the first ones. x is let go. */
function longer(run: Run, module: string, x: Feature): Feature {
  const { net } = run;
  const { before, keep } = run.next();
  // The first run leaves a mark, the second starts with nothing before it.
  if (before === undefined) {
    keep(fresh(net, x, { channels: 1, frames: 0, height: 1, width: 1 }));
    return x;
  }
  let last = fresh(net, x, { frames: Math.min(2, x.frames) });
  if (x.frames < 2) last = replacedMap(net, last, (one) => fresh(net, one, { frames: 2 }));
  const known = before.frames === 0 ? undefined : before;
  const wide = replacedMap(net, x, (one) =>
    causal(net, `${module}.time_conv`, one, {
      ...OVER_TIME,
      channels: 2 * one.channels,
      before: known,
    }),
  );
  keep(last);
  return replacedMap(net, wide, (one) =>
    fresh(net, one, { channels: x.channels, frames: 2 * x.frames }),
  );
}

/** Twice the edge. The caller holds x. */
function upsampled(
  run: Run,
  module: string,
  x: Feature,
  { isLonger, channels }: { isLonger: boolean; channels: number },
): Feature {
  const { net } = run;
  let hidden = held(net, x);
  if (isLonger) {
    net.weigh(`${module}.time_conv.weight`, 'conv', [2 * x.channels, x.channels, 3, 1, 1]);
    net.weigh(`${module}.time_conv.bias`, 'bias', [2 * x.channels]);
    hidden = longer(run, module, hidden);
  }
  hidden = replacedMap(net, hidden, (one) => byImage(net, one));
  const wide = { ...hidden, tensor: net.cast(hidden.tensor, 4) };
  const grown = fresh(net, wide, { height: 2 * x.height, width: 2 * x.width });
  net.release(wide);
  const narrow = { ...grown, tensor: net.cast(grown.tensor, x.tensor.width) };
  net.release(grown);
  const out = net.conv(`${module}.resample.1`, narrow, channels, 3);
  net.release(narrow, hidden);
  return out;
}

/** Half the edge, and of the frames after the first. The caller holds x. */
function downsampled(run: Run, module: string, x: Feature, isShorter: boolean): Feature {
  const { net } = run;
  const flat = byImage(net, x);
  const padded = fresh(net, x, { height: x.height + 1, width: x.width + 1 });
  const halved = net.conv(`${module}.resample.1`, padded, x.channels, 3, {
    stride: 2,
    height: Math.floor(x.height / 2),
    width: Math.floor(x.width / 2),
  });
  net.release(padded, flat);
  if (!isShorter) return halved;
  net.weigh(`${module}.time_conv.weight`, 'conv', [x.channels, x.channels, 3, 1, 1]);
  net.weigh(`${module}.time_conv.bias`, 'bias', [x.channels]);
  const { before, keep } = run.next();
  if (before === undefined) {
    keep(fresh(net, halved, {}));
    return halved;
  }
  const last = fresh(net, halved, { frames: 1 });
  const joined = fresh(net, halved, { frames: halved.frames + 1 });
  const copied = fresh(net, joined, {});
  const out = net.conv(`${module}.time_conv`, copied, x.channels, 1, {
    taps: 3,
    frames: Math.max(1, Math.floor((joined.frames - 3) / 2) + 1),
  });
  net.release(copied, joined, halved);
  keep(last);
  return out;
}

function ended(run: Run, half: string, x: Feature, channels: number): Feature {
  const { net } = run;
  let hidden = replacedMap(net, x, (one) => rms(net, `${half}.norm_out`, one, VIDEO));
  hidden = replacedMap(net, hidden, net.activateMap);
  return replacedMap(net, hidden, (one) => remembering(run, `${half}.conv_out`, one, channels));
}

function decoder(run: Run, c: Config, latents: Feature): Feature {
  const { net } = run;
  const widths = [...c.factors].reverse().map((factor) => c.decoderWidth * factor);
  const times = [...c.times].reverse();
  let x = remembering(run, 'decoder.conv_in', latents, widths[0] ?? 1);
  x = middle(run, 'decoder.mid_block', x);
  widths.forEach((width, i) => {
    const module = `decoder.up_blocks.${i}`;
    const entered = held(net, x);
    for (let at = 0; at <= c.layers; at += 1)
      x = replacedMap(net, x, (one) => resnet(run, `${module}.resnets.${at}`, one, width));
    if (i < widths.length - 1)
      x = replacedMap(net, x, (one) =>
        upsampled(run, `${module}.upsamplers.0`, one, {
          isLonger: times[i] === true,
          channels: Math.max(1, Math.floor(width / 2)),
        }),
      );
    net.release(entered);
  });
  return ended(run, 'decoder', x, c.channels);
}

function encoder(run: Run, c: Config, image: Feature): Feature {
  const { net } = run;
  let x = remembering(run, 'encoder.conv_in', image, c.width);
  let number = 0;
  const next = (): string => {
    number += 1;
    return `encoder.down_blocks.${number - 1}`;
  };
  c.factors.forEach((factor, i) => {
    for (let at = 0; at < c.layers; at += 1) {
      const module = next();
      x = replacedMap(net, x, (one) => resnet(run, module, one, c.width * factor));
    }
    if (i === c.factors.length - 1) return;
    const module = next();
    x = replacedMap(net, x, (one) => downsampled(run, module, one, c.times[i] === true));
  });
  x = middle(run, 'encoder.mid_block', x);
  return ended(run, 'encoder', x, 2 * c.latent);
}

/** The first frame, then a few at a time; each result is joined to those before. */
function byFrames(
  net: Net,
  x: Feature,
  { count, of }: { readonly count: number; readonly of: (run: Run, x: Feature) => Feature },
): Feature {
  const run = new Run(net);
  let done: Feature | undefined;
  // The name of the last result stays.
  let last: Feature | undefined;
  for (let at = 0; at < x.frames; at += at === 0 ? 1 : count) {
    run.restart();
    const size = { ...x, frames: at === 0 ? 1 : Math.min(count, x.frames - at) };
    const [tensor] = net.split(x.tensor, elementsOf(size));
    if (tensor === undefined) throw new Error('one share gives one part');
    const result = of(run, { ...size, tensor });
    net.release(tensor);
    if (done === undefined) {
      done = result;
      continue;
    }
    if (last !== undefined) net.release(last);
    last = result;
    done = replacedMap(net, done, (one) => fresh(net, one, { frames: one.frames + result.frames }));
  }
  if (last !== undefined) net.release(last);
  if (done === undefined) throw new Error('there is one frame at least');
  const whole = replacedMap(net, done, (one) => ({ ...one, tensor: net.copy(one.tensor) }));
  run.end();
  return whole;
}

/** The autoencoder of Wan 2.1, and that of Qwen-Image, which was made from it. */
export const autoencoderWan: Autoencoder<Config> = {
  classes: ['AutoencoderKLWan', 'AutoencoderKLQwenImage'],
  sources: [
    'diffusers@0.42.1:models/autoencoders/autoencoder_kl_wan.py, autoencoder_kl_qwenimage.py',
  ],
  read,
  scale: ({ factors, times }) => ({
    space: 2 ** (factors.length - 1),
    time: 2 ** times.filter(Boolean).length,
  }),
  latentChannels: ({ latent }) => latent,
  asksForWide: () => false,
  // A quarter of each edge overlaps.
  tile: () => ({ height: 256, width: 256, share: (192 / 256) ** 2 }),
  decode(net, c, latents) {
    const x = pointwise(net, 'post_quant_conv', latents, c.latent);
    const out = byFrames(net, x, { count: 1, of: (run, part) => decoder(run, c, part) });
    net.release(x);
    return out;
  },
  encode(net, c, image) {
    const out = byFrames(net, image, { count: 4, of: (run, part) => encoder(run, c, part) });
    return replacedMap(net, out, (one) => pointwise(net, 'quant_conv', one, 2 * c.latent));
  },
};
