/** The networks that are known, by the class of diffusers. */
import type { Fields } from '../../workload/model/fields.ts';
import type { Weight } from '../../workload/model/model.ts';
import { Rehearsal, type Tensor } from '../rehearsal/rehearsal.ts';
import { type Feature, featureOf, Net, type Stage } from './net.ts';
import { autoencoderCogvideox } from './nets/autoencoder-cogvideox.ts';
import { autoencoderKl } from './nets/autoencoder-kl.ts';
import { autoencoderLtx } from './nets/autoencoder-ltx.ts';
import { autoencoderWan } from './nets/autoencoder-wan.ts';
import { cogvideox } from './nets/cogvideox.ts';
import { flux } from './nets/flux.ts';
import { flux2 } from './nets/flux-2.ts';
import { hunyuanVideo } from './nets/hunyuan-video.ts';
import { ltx } from './nets/ltx.ts';
import { pixart } from './nets/pixart.ts';
import { qwenImage } from './nets/qwen-image.ts';
import { sd3 } from './nets/sd-3.ts';
import { unet } from './nets/unet.ts';
import { wan } from './nets/wan.ts';
import type { Autoencoder, Denoiser, Latents, Tile } from './network.ts';

/** A network with its dimensions. */
interface Bound {
  readonly class: string;
  readonly weights: readonly Weight[];
  /** Elements that lie beside the weights and are not trained. */
  readonly buffers: number;
}

export interface KnownDenoiser extends Bound {
  readonly textWidth: number;
  readonly packs: number;
  run(net: Net, latents: Latents): Tensor;
}

export interface KnownAutoencoder extends Bound {
  readonly scale: { readonly space: number; readonly time: number };
  readonly latentChannels: number;
  /** The config asks for fp32 where the rest is fp16. */
  readonly asksForWide: boolean;
  readonly tile: Tile;
  decode(net: Net, latents: Feature): Feature;
  encode(net: Net, image: Feature): Feature;
}

/** A run that is made for its list of weights: small, without gradients. */
const LISTING: Stage = {
  numerics: { width: 2, hasGradients: false },
  checkpointing: false,
  attention: 'fused',
  workspace: 0,
  use: () => ({ trainable: false, width: 2 }),
};

/** Divisible by what networks divide edges by. */
const SMALL = 64;

function denoiserOf<C>(
  one: Denoiser<C>,
): (config: Fields, name: string) => KnownDenoiser | undefined {
  return (config, name) => {
    const c = one.read(config);
    if (config.faults.length > 0) return undefined;
    const net = new Net(new Rehearsal(false), LISTING);
    const size = { batch: 1, frames: 2, height: SMALL, width: SMALL, textTokens: 8 };
    one.run(net, c, size);
    return {
      class: name,
      weights: net.weights,
      buffers: net.buffers,
      textWidth: one.textWidth(c),
      packs: one.packs ?? 1,
      run: (on, latents) => one.run(on, c, latents),
    };
  };
}

function autoencoderOf<C>(
  one: Autoencoder<C>,
): (config: Fields, name: string) => KnownAutoencoder | undefined {
  return (config, name) => {
    const c = one.read(config);
    if (config.faults.length > 0) return undefined;
    const r = new Rehearsal(false);
    const net = new Net(r, LISTING);
    const scale = one.scale(c);
    const size = { batch: 1, frames: 1, height: SMALL, width: SMALL };
    one.encode(net, c, featureOf(r, 2, { ...size, channels: 3 }));
    one.decode(net, c, featureOf(r, 2, { ...size, channels: one.latentChannels(c) }));
    return {
      class: name,
      weights: net.weights,
      buffers: net.buffers,
      scale,
      latentChannels: one.latentChannels(c),
      asksForWide: one.asksForWide(c),
      tile: one.tile(c),
      decode: (on, latents) => one.decode(on, c, latents),
      encode: (on, image) => one.encode(on, c, image),
    };
  };
}

type Reader<T> = (config: Fields, name: string) => T | undefined;

const byClass = <T>(
  rows: readonly (readonly [readonly string[], Reader<T>])[],
): ReadonlyMap<string, Reader<T>> =>
  new Map(rows.flatMap(([classes, reader]) => classes.map((name) => [name, reader] as const)));

export const DENOISERS: ReadonlyMap<string, Reader<KnownDenoiser>> = byClass([
  [unet.classes, denoiserOf(unet)],
  [flux.classes, denoiserOf(flux)],
  [flux2.classes, denoiserOf(flux2)],
  [sd3.classes, denoiserOf(sd3)],
  [pixart.classes, denoiserOf(pixart)],
  [ltx.classes, denoiserOf(ltx)],
  [cogvideox.classes, denoiserOf(cogvideox)],
  [hunyuanVideo.classes, denoiserOf(hunyuanVideo)],
  [wan.classes, denoiserOf(wan)],
  [qwenImage.classes, denoiserOf(qwenImage)],
]);

export const AUTOENCODERS: ReadonlyMap<string, Reader<KnownAutoencoder>> = byClass([
  [autoencoderKl.classes, autoencoderOf(autoencoderKl)],
  [autoencoderLtx.classes, autoencoderOf(autoencoderLtx)],
  [autoencoderWan.classes, autoencoderOf(autoencoderWan)],
  [autoencoderCogvideox.classes, autoencoderOf(autoencoderCogvideox)],
]);
