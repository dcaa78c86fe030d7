/** Passes of a pipeline without gradients: text encoding, a step of denoising, decoding, encoding of images. */
import type { Factor, Modelled } from '../../base/factor.ts';
import { passAt } from '../inference.ts';
import { PLAIN_JOB } from '../job.ts';
import { Rehearsal } from '../rehearsal/rehearsal.ts';
import { featureOf, Net, type Stage } from './net.ts';
import type { Latents } from './network.ts';
import { type DiffusionJob, widthOf } from './parts.ts';
import type { TextEncoder } from './pipeline.ts';

/** Assumed: layouts differ with card, kernel and format. */
const WORKSPACE: Factor = {
  name: 'conv_workspace',
  low: 0,
  mid: 0.4,
  high: 1,
  unit: 'ratio',
  source:
    'assumed: cuDNN copies input and output of a convolution to channels last, where its kernel wants them so',
};

/** The same run with and without workspaces of convolutions; between them it is a line. */
function between(of: (workspace: number) => number): Modelled {
  const [least, most] = [of(0), of(1)];
  if (most === least) return { factors: [], at: () => least };
  return {
    factors: [WORKSPACE],
    at: (values) => least + (most - least) * (values.get(WORKSPACE.name) ?? WORKSPACE.mid),
  };
}

const stageOf = (job: DiffusionJob, width: number, workspace: number): Stage => ({
  numerics: { width, hasGradients: false },
  checkpointing: false,
  attention: job.attention === 'eager' ? 'eager' : 'fused',
  ...(job.diffusion.slicesAttention ? { slices: 0.5 } : {}),
  workspace,
  use: () => ({
    trainable: false,
    width,
    ...(job.packing?.unpacked === undefined ? {} : { unpacked: job.packing.unpacked }),
  }),
});

/** Size of what the denoiser works on. @param batch images */
export function latentsOf({ pipeline, diffusion }: DiffusionJob, batch: number): Latents {
  const { denoiser, latent } = pipeline;
  const { space, time } = latent;
  const edge = (pixels: number): number =>
    Math.max(1, Math.floor(pixels / (space * denoiser.packs)));
  return {
    batch,
    frames: Math.floor((diffusion.frames - 1) / time) + 1,
    height: edge(diffusion.height),
    width: edge(diffusion.width),
    textTokens: diffusion.textTokens,
  };
}

/** One pass of the denoiser over the whole batch, with its inputs. */
export function denoisePass(job: DiffusionJob): Modelled {
  const { pipeline, diffusion, batch } = job;
  const width = widthOf(diffusion);
  return between((workspace) => {
    const r = new Rehearsal(false);
    const net = new Net(r, stageOf(job, width, workspace));
    const size = latentsOf(job, batch * (diffusion.guided ? 2 : 1));
    net.release(pipeline.denoiser.run(net, size));
    return r.peak;
  });
}

/** What the pipeline holds between its passes: latents, embeddings of prompts (of both, and joined, with guidance). */
export function heldBetween({ pipeline, diffusion, batch }: DiffusionJob): number {
  const width = widthOf(diffusion);
  const { denoiser, latent } = pipeline;
  const { space, time } = latent;
  const pixels = (diffusion.height / space) * (diffusion.width / space);
  const frames = Math.floor((diffusion.frames - 1) / time) + 1;
  const latents = batch * latent.channels * frames * pixels;
  const texts = batch * diffusion.textTokens * denoiser.textWidth * (diffusion.guided ? 4 : 1);
  // The latents themselves, those of the next step, and the prediction.
  return (3 * latents + texts) * width;
}

/** The decoder at its highest, with what it gives. */
export function decodePass(job: DiffusionJob): Modelled {
  const { pipeline, diffusion, batch } = job;
  const { autoencoder } = pipeline;
  if (autoencoder === undefined) return { factors: [], at: () => 0 };
  const width = diffusion.upcasts ? 4 : widthOf(diffusion);
  const { space, time } = autoencoder.scale;
  const whole = { height: diffusion.height / space, width: diffusion.width / space };
  const { tile } = autoencoder;
  const most = { height: tile.height / space, width: tile.width / space };
  const isTiled = diffusion.tiles && (whole.height > most.height || whole.width > most.width);
  const size = isTiled
    ? {
        height: Math.min(most.height, whole.height),
        width: Math.min(most.width, whole.width),
      }
    : whole;
  const images = batch * 3 * diffusion.frames * diffusion.height * diffusion.width * width;
  // All tiles are held until they are joined, row by row and then whole.
  const kept = isTiled ? images * (1 / tile.share + 1) : diffusion.slices ? 2 * images : 0;
  return between((workspace) => {
    const r = new Rehearsal(false);
    const net = new Net(r, stageOf({ ...job, attention: 'flash' }, width, workspace));
    const latents = featureOf(r, width, {
      batch: diffusion.slices ? 1 : batch,
      channels: autoencoder.latentChannels,
      frames: Math.floor((diffusion.frames - 1) / time) + 1,
      ...size,
    });
    net.release(autoencoder.decode(net, latents), latents);
    return r.peak + kept;
  });
}

/** Images on their way to latents. */
export function imagesPass(job: DiffusionJob): Modelled {
  const { pipeline, diffusion, batch } = job;
  const { autoencoder } = pipeline;
  if (autoencoder === undefined) return { factors: [], at: () => 0 };
  const width = widthOf(diffusion);
  return between((workspace) => {
    const r = new Rehearsal(false);
    const net = new Net(r, stageOf({ ...job, attention: 'flash' }, width, workspace));
    const { frames, height, width: columns } = diffusion;
    const image = featureOf(r, width, { batch, channels: 3, frames, height, width: columns });
    net.release(autoencoder.encode(net, image), image);
    return r.peak;
  });
}

/** A text encoder over the prompts of the batch. */
export function textPass(job: DiffusionJob, encoder: TextEncoder): number {
  const { diffusion, batch } = job;
  const { model, weights } = encoder;
  const width = widthOf(diffusion);
  const packing = diffusion.encoderPackings[encoder.part];
  const pass = passAt(
    {
      ...PLAIN_JOB,
      model,
      weights,
      width,
      weightWidth: width,
      wholeWidth: width,
      batch,
      sequence: Math.min(model.max_positions ?? diffusion.textTokens, diffusion.textTokens),
      // T5 adds relative positions to its scores, which fused kernels did not take.
      attention: /t5/.test(model.family) ? 'eager' : 'flash',
      prefillLogits: 'all',
      ...(packing === undefined ? {} : { packing }),
    },
    { point: 'prefill', turn: 'once' },
  );
  return pass === undefined ? 0 : pass.reduce((sum, bytes) => sum + bytes, 0);
}
