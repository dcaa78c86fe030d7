/** What a job with a pipeline of diffusers decides beyond what all jobs do. */
import type { Packing } from '../job.ts';

export interface Diffusion {
  /** Edges of the images in pixels, and frames of a video (1 for images). */
  readonly height: number;
  readonly width: number;
  readonly frames: number;
  /** Prompt and negative prompt are one batch of twice the size. */
  readonly guided: boolean;
  /** Tokens of the text that the denoiser attends to. */
  readonly textTokens: number;
  /** Format of weights that are not packed: fp16 and bf16 differ in what stays in fp32. */
  readonly format: 'fp32' | 'fp16' | 'bf16';
  /** What waits in the host's memory: nothing, parts that are not at work, layers that are not. */
  readonly offload: 'none' | 'parts' | 'layers';
  /** Images are decoded tile by tile, or one after another. */
  readonly tiles: boolean;
  readonly slices: boolean;
  /** Half of the heads at once, where scores are tensors. */
  readonly slicesAttention: boolean;
  /** Latents are the result: nothing is decoded. */
  readonly latentsOnly: boolean;
  /** The autoencoder is cast to fp32 to decode. */
  readonly upcasts: boolean;
  /** By the name of the part: `text_encoder_2`. */
  readonly encoderPackings: Readonly<Record<string, Packing>>;
  /** Training: parts that lie on the card all the time, by kind. */
  readonly holdsEncoders: boolean;
  readonly holdsAutoencoder: boolean;
}
