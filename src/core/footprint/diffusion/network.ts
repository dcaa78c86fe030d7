/** The contracts of the networks of a pipeline. */
import type { Fields } from '../../workload/model/fields.ts';
import type { Tensor } from '../rehearsal/rehearsal.ts';
import type { Feature, Net } from './net.ts';

/** What one pass of a denoiser works on. */
export interface Latents {
  readonly batch: number;
  /** Of latents, before they are cut into patches. */
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  /** Tokens of the text that it attends to. */
  readonly textTokens: number;
}

/** A network that takes noise away. `C`: its dimensions. */
export interface Denoiser<C> {
  /** Classes of diffusers whose configs it reads. */
  readonly classes: readonly string[];
  /** Files that were read for it: package@version:path. */
  readonly sources: readonly string[];
  /** Faults of fields are noted in `config`; what it gives then is not used. */
  read(config: Fields): C;
  /** Width of the text that it takes. */
  textWidth(config: C): number;
  /** Latents of an edge that go into one of its inputs, beyond the patches that it cuts itself (Flux: 2). */
  readonly packs?: number;
  /** The program: from latents to the prediction, which the caller releases. */
  run(net: Net, config: C, latents: Latents): Tensor;
}

/** Part of an image, in pixels. */
export interface Tile {
  readonly height: number;
  readonly width: number;
  /** Of its area that comes into the image; the rest overlaps others. */
  readonly share: number;
}

/** A network between images and latents. */
export interface Autoencoder<C> {
  readonly classes: readonly string[];
  readonly sources: readonly string[];
  read(config: Fields): C;
  /** Pixels of an edge for one of a latent, and frames of a video for one of it. */
  scale(config: C): { readonly space: number; readonly time: number };
  latentChannels(config: C): number;
  /** The config asks for fp32 where the rest is fp16. */
  asksForWide(config: C): boolean;
  /** What it decodes at once, where it decodes tile by tile. */
  tile(config: C): Tile;
  decode(net: Net, config: C, latents: Feature): Feature;
  encode(net: Net, config: C, image: Feature): Feature;
}
