/**
 * A step of training a pipeline's denoiser, whole or with adapters. Latents and embeddings come from parts that lie on
 * the card, or were computed before.
 *
 * Sources: diffusers@0.42.1:examples/text_to_image, examples/dreambooth (train_*.py).
 */
import { isTarget, type Job } from '../job.ts';
import { remembered } from '../memo.ts';
import { type ByKind, Rehearsal } from '../rehearsal/rehearsal.ts';
import type { Step } from '../step.ts';
import { Net } from './net.ts';
import { autoencoderPart, type DiffusionJob, encoderPart, widthOf } from './parts.ts';
import { imagesPass, latentsOf, textPass } from './passes.ts';

const making: (job: Job) => Step = remembered((job) => rehearsedStep(job as DiffusionJob, false));
const adding: (job: Job) => Step = remembered((job) => rehearsedStep(job as DiffusionJob, true));

/** The denoiser forward and backward over the batch. `isLater`: gradients are there already. */
export const diffusionStep = (job: DiffusionJob, isLater: boolean): Step =>
  isLater ? adding(job) : making(job);

function rehearsedStep(job: DiffusionJob, isLater: boolean): Step {
  const r = new Rehearsal(true);
  const { adapter, packing } = job;
  const net = new Net(r, {
    numerics: {
      width: job.width,
      ...(job.autocast === undefined ? {} : { autocast: job.autocast }),
      hasGradients: isLater,
    },
    checkpointing: job.checkpointing,
    attention: job.attention === 'eager' ? 'eager' : 'fused',
    workspace: 0,
    use: (module) => ({
      trainable: job.trains === 'all',
      width: job.weightWidth,
      ...(packing?.unpacked === undefined ? {} : { unpacked: packing.unpacked }),
      ...(adapter !== undefined && isTarget(adapter, `${module}.weight`) ? { lora: adapter } : {}),
    }),
  });
  const out = job.pipeline.denoiser.run(net, latentsOf(job, job.batch));
  // Prediction and target in fp32, their difference and its square.
  const loss = [0, 1, 2].map(() => r.allocate(out.elements * 4));
  const forward = r.atPeak.slice();
  r.drop(...loss);
  r.mark();
  out.grad = r.allocate(out.elements * out.width);
  r.backward();
  const backward = r.atPeak.slice();
  r.release(out);
  return { forward, backward, after: r.live.slice(), offloaded: 0 };
}

/** Parts beside the denoiser that lie on the card through the whole run. Bytes. */
export function heldParts({ pipeline, diffusion }: DiffusionJob): number {
  const encoders = diffusion.holdsEncoders
    ? pipeline.encoders.reduce((sum, one) => sum + encoderPart(one, diffusion).bytes, 0)
    : 0;
  const autoencoder = diffusion.holdsAutoencoder
    ? autoencoderPart(pipeline, widthOf(diffusion)).bytes
    : 0;
  return encoders + autoencoder;
}

/** What encoding a batch needs at its highest before the step; nothing where it was computed before. */
export function encodingPass(job: DiffusionJob): ByKind | undefined {
  const { diffusion, pipeline } = job;
  if (!diffusion.holdsEncoders && !diffusion.holdsAutoencoder) return undefined;
  const texts = diffusion.holdsEncoders ? pipeline.encoders.map((one) => textPass(job, one)) : [];
  const images = diffusion.holdsAutoencoder ? imagesPass(job).at(new Map()) : 0;
  const result = new Rehearsal(false).live.slice();
  result[0] = Math.max(images, ...texts);
  return result;
}
