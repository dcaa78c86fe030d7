/** Bytes of the parts of a pipeline: denoiser, text encoders, autoencoder. */
import type { Weight } from '../../workload/model/model.ts';
import { elementsOf } from '../../workload/model/weights.ts';
import { freshBlock } from '../blocks.ts';
import type { Job, Packing } from '../job.ts';
import type { Pipeline, TextEncoder } from './pipeline.ts';
import type { Diffusion } from './use.ts';

/** A job that works with a pipeline. */
export interface DiffusionJob extends Job {
  readonly pipeline: Pipeline;
  readonly diffusion: Diffusion;
}

export const isDiffusion = (job: Job): job is DiffusionJob =>
  job.pipeline !== undefined && job.diffusion !== undefined;

/** What a part takes on the card when it is there. */
export interface Part {
  /** Bytes of the weights, with the blocks that they take. */
  readonly bytes: number;
  /** Of its largest single weight. */
  readonly largest: number;
}

const WIDTHS = { fp32: 4, fp16: 2, bf16: 2 } as const;

export const widthOf = ({ format }: Diffusion): number => WIDTHS[format];

/** @param widthOf bytes of an element of a weight that is not packed */
function partOf(
  weights: readonly Weight[],
  packing: Packing | undefined,
  width: (weight: Weight) => number,
): Part {
  let bytes = 0;
  let largest = 0;
  for (const weight of weights) {
    const isPacked =
      packing !== undefined &&
      weight.role === 'linear' &&
      weight.layer !== undefined &&
      !packing.skipped.some((name) => weight.name.includes(name));
    const one = elementsOf(weight) * (isPacked ? packing.bits / 8 : width(weight));
    bytes += freshBlock(one) * weight.count;
    largest = Math.max(largest, one);
  }
  return { bytes, largest };
}

export function denoiserPart({ pipeline, diffusion, packing, weightWidth }: DiffusionJob): Part {
  const { weights, buffers } = pipeline.denoiser;
  const part = partOf(weights, packing, () => weightWidth);
  return { ...part, bytes: part.bytes + buffers * widthOf(diffusion) };
}

/** Of T5 the last product of each layer stays in fp32 when the rest is loaded in fp16 (`_keep_in_fp32_modules`). */
const isKeptWide = ({ model }: TextEncoder, { format }: Diffusion, { name }: Weight): boolean =>
  format === 'fp16' && /^(?:t5|umt5|mt5)$/.test(model.family) && /\.wo\.weight$/.test(name);

export function encoderPart(encoder: TextEncoder, diffusion: Diffusion): Part {
  const width = widthOf(diffusion);
  return partOf(encoder.weights, diffusion.encoderPackings[encoder.part], (weight) =>
    isKeptWide(encoder, diffusion, weight) ? 4 : width,
  );
}

/** @param width bytes of an element */
export function autoencoderPart({ autoencoder }: Pipeline, width: number): Part {
  return autoencoder === undefined
    ? { bytes: 0, largest: 0 }
    : partOf(autoencoder.weights, undefined, () => width);
}
